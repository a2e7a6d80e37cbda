//! The TOML reader: takes text, gives a map with integers, floats, texts and times, or the
//! complaint with its line and the last key; never reads more than the text.
//!
//! Source: BurntSushi/toml 1.6, `parse.go` and `error.go`.

use std::collections::{BTreeMap, BTreeSet};

use gotemplate::format::quote;
use gotemplate::{ElementKind, List, Map, Value};

use super::super::arguments::parse_int;
use super::super::layout::Layout;
use super::dotted;
use super::lex::Lexer;
use super::token::{Item, Token};

/// Why a text was not read.
pub(super) enum ReadError {
    /// It is no TOML.
    Text(String),
    /// Go's parser panics, which fails the template.
    Panic(String),
}

type Result<T> = std::result::Result<T, ReadError>;

/// How deep arrays and inline tables may nest.
const MAXIMUM_DEPTH: usize = 500;

/// A value that was read. Tables are known by their places, for later lines add to them.
#[derive(Debug, Clone)]
enum Node {
    Plain(Value),
    Array(Vec<Node>),
    Table(usize),
    Tables(Vec<usize>),
}

type Table = BTreeMap<String, Node>;

/// Reads a document.
pub(super) fn parse(text: &str) -> Result<Map> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.as_bytes().iter().take(6);
    if head.clone().any(|&byte| byte == 0) {
        return Err(ReadError::Text(
            "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8"
                .to_owned(),
        ));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text),
        context: Vec::new(),
        current_key: String::new(),
        line: 0,
        tables: vec![Table::new()],
        arrays: BTreeSet::new(),
        implicit: BTreeSet::new(),
        depth: 0,
    };
    loop {
        let item = parser.next()?;
        if item.token == Token::End {
            return Ok(parser.map(0));
        }
        parser.top_level(&item)?;
    }
}

struct Parser<'text> {
    lexer: Lexer<'text>,
    /// The key of the table that is being filled.
    context: Vec<String>,
    /// The last part of the key whose value is being read.
    current_key: String,
    /// The line of the key or table that is being read.
    line: i64,
    tables: Vec<Table>,
    /// Keys whose values are arrays.
    arrays: BTreeSet<String>,
    /// Tables that exist only because a key leads through them.
    implicit: BTreeSet<String>,
    depth: usize,
}

impl Parser<'_> {
    fn map(&self, table: usize) -> Map {
        self.tables[table]
            .iter()
            .map(|(key, node)| (key.as_str(), self.value_of(node)))
            .collect()
    }

    fn value_of(&self, node: &Node) -> Value {
        match node {
            Node::Plain(value) => value.clone(),
            Node::Array(items) => {
                Value::List(items.iter().map(|item| self.value_of(item)).collect())
            }
            Node::Table(table) => Value::Map(self.map(*table)),
            Node::Tables(tables) => {
                let maps = tables.iter().map(|&table| Value::Map(self.map(table)));
                Value::List(List::with_element(ElementKind::Map, maps.collect()))
            }
        }
    }

    /// The whole key that is being read.
    fn current(&self) -> String {
        if self.current_key.is_empty() {
            return dotted(&self.context);
        }
        if self.context.is_empty() {
            return self.current_key.clone();
        }
        format!("{}.{}", dotted(&self.context), self.current_key)
    }

    fn fail_at<T>(&self, line: i64, message: &str) -> Result<T> {
        let key = self.current();
        Err(ReadError::Text(if key.is_empty() {
            format!("toml: line {line}: {message}")
        } else {
            format!("toml: line {line} (last key {}): {message}", quote(&key))
        }))
    }

    fn fail<T>(&self, message: &str) -> Result<T> {
        self.fail_at(self.line, message)
    }

    fn next(&mut self) -> Result<Item> {
        let item = self.lexer.item();
        if item.token == Token::Error {
            return self.fail_at(item.line, &item.text);
        }
        Ok(item)
    }

    /// Reads the parts of a key up to its end.
    fn key(&mut self, end: Token) -> Result<Vec<String>> {
        let mut item = self.next()?;
        self.line = item.line;
        let mut key = Vec::new();
        while item.token != end && item.token != Token::End {
            key.push(match item.token {
                Token::Text => item.text.clone(),
                _ => match self.value(&item, false)? {
                    Node::Plain(Value::String(text)) => text.to_str().into_owned(),
                    _ => return Err(ReadError::Panic("BUG: Unexpected key type\n\n".to_owned())),
                },
            });
            item = self.next()?;
        }
        Ok(key)
    }

    fn top_level(&mut self, item: &Item) -> Result<()> {
        match item.token {
            Token::CommentStart => {
                self.next()?;
            }
            Token::TableStart => {
                let key = self.key(Token::TableEnd)?;
                self.add_context(&key, false)?;
                self.arrays.remove(&dotted(&key));
            }
            Token::ArrayTableStart => {
                let key = self.key(Token::ArrayTableEnd)?;
                self.add_context(&key, true)?;
                self.arrays.remove(&dotted(&key));
            }
            _ => {
                let outer = self.context.clone();
                let key = self.key(Token::KeyEnd)?;
                self.enter(&key)?;
                let item = self.next()?;
                let value = self.value(&item, false)?;
                self.set_value(&key[key.len() - 1], value.clone())?;
                self.set_type(&value);
                self.context = outer;
                self.current_key.clear();
            }
        }
        Ok(())
    }

    /// Makes the tables that a key leads through, and takes its last part as the current one.
    fn enter(&mut self, key: &[String]) -> Result<()> {
        let Some((last, parents)) = key.split_last() else {
            return Err(ReadError::Panic("BUG: Expected a key\n\n".to_owned()));
        };
        self.current_key.clone_from(last);
        for parent in parents {
            let mut context = self.context.clone();
            context.push(parent.clone());
            self.implicit.insert(dotted(&context));
            self.add_context(&context, false)?;
        }
        Ok(())
    }

    /// Notes whether the current key's value is an array.
    fn set_type(&mut self, value: &Node) {
        let mut key = self.context.clone();
        if !self.current_key.is_empty() {
            key.push(self.current_key.clone());
        }
        if key.is_empty() {
            key.push(String::new());
        }
        let key = dotted(&key);
        if matches!(value, Node::Array(_)) {
            self.arrays.insert(key);
        } else {
            self.arrays.remove(&key);
        }
    }

    fn new_table(&mut self) -> usize {
        self.tables.push(Table::new());
        self.tables.len() - 1
    }

    /// Opens a table, or one more table of an array; makes its parents.
    fn add_context(&mut self, key: &[String], is_array: bool) -> Result<()> {
        let Some((last, parents)) = key.split_last() else {
            return Err(ReadError::Panic("BUG: Expected a key\n\n".to_owned()));
        };
        let mut here = 0;
        let mut context = Vec::new();
        for parent in parents {
            context.push(parent.clone());
            if !self.tables[here].contains_key(parent) {
                self.implicit.insert(dotted(&context));
                let table = self.new_table();
                self.tables[here].insert(parent.clone(), Node::Table(table));
            }
            here = match &self.tables[here][parent] {
                Node::Tables(tables) => tables.last().copied().unwrap_or_default(),
                Node::Table(table) => *table,
                _ => {
                    let message =
                        format!("Key '{}' was already created as a hash.", dotted(&context));
                    return self.fail(&message);
                }
            };
        }
        self.context = context;
        if is_array {
            let table = self.new_table();
            let slot = self.tables[here]
                .entry(last.clone())
                .or_insert_with(|| Node::Tables(Vec::new()));
            let Node::Tables(tables) = slot else {
                let message = format!(
                    "Key '{}' was already created and cannot be used as an array.",
                    dotted(key)
                );
                return self.fail(&message);
            };
            tables.push(table);
        } else {
            let table = self.new_table();
            self.set_value(last, Node::Table(table))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// Sets a key of the current table, which must not have it but as what its parts imply.
    fn set_value(&mut self, key: &str, value: Node) -> Result<()> {
        let mut here = 0;
        let mut context = Vec::new();
        for part in self.context.clone() {
            context.push(part.clone());
            here = match self.tables[here].get(&part) {
                None => {
                    let shown = dotted(&context);
                    return Err(ReadError::Panic(format!(
                        "BUG: Context for key '{shown}' has not been established.\n\n"
                    )));
                }
                Some(Node::Tables(tables)) => tables.last().copied().unwrap_or_default(),
                Some(Node::Table(table)) => *table,
                Some(_) => {
                    let message = format!("Key '{}' has already been defined.", dotted(&context));
                    return self.fail(&message);
                }
            };
        }
        context.push(key.to_owned());
        let name = dotted(&context);
        if self.tables[here].contains_key(key) {
            let was_implicit = self.implicit.remove(&name);
            if !was_implicit {
                return self.fail(&format!("Key '{name}' has already been defined."));
            }
            if !self.arrays.contains(&name) {
                return Ok(());
            }
        }
        self.tables[here].insert(key.to_owned(), value);
        Ok(())
    }

    fn value(&mut self, item: &Item, parent_is_array: bool) -> Result<Node> {
        let text = &item.text;
        let plain = |value: Value| Ok(Node::Plain(value));
        match item.token {
            Token::String | Token::RawString => plain(text.as_str().into()),
            Token::EscapedString => plain(self.unescaped(item, text)?.into()),
            Token::MultilineString => {
                let joined = without_escaped_line_ends(without_first_line_end(text));
                plain(self.unescaped(item, &joined)?.into())
            }
            Token::RawMultilineString => plain(without_first_line_end(text).into()),
            Token::Integer => self.integer(item).map(Node::Plain),
            Token::Float => self.float(item).map(Node::Plain),
            Token::Bool => plain((text == "true").into()),
            Token::Datetime => self.datetime(item).map(Node::Plain),
            Token::Array | Token::InlineTableStart => {
                if self.depth >= MAXIMUM_DEPTH {
                    let message = format!("values are nested deeper than {MAXIMUM_DEPTH}");
                    return self.fail_at(item.line, &message);
                }
                self.depth += 1;
                let node = if item.token == Token::Array {
                    self.array()
                } else {
                    self.inline_table(parent_is_array)
                };
                self.depth -= 1;
                node
            }
            _ => Err(ReadError::Panic(
                "BUG: Unexpected value type\n\n".to_owned(),
            )),
        }
    }

    fn integer(&self, item: &Item) -> Result<Value> {
        let text = &item.text;
        if !underscores_fit(text) {
            let message = format!(
                "Invalid integer {}: underscores must be surrounded by digits",
                quote(text)
            );
            return self.fail_at(item.line, &message);
        }
        if has_leading_zero(text) {
            let message = format!(
                "Invalid integer {}: cannot have leading zeroes",
                quote(text)
            );
            return self.fail_at(item.line, &message);
        }
        match parse_int(text) {
            Some(number) => Ok(Value::Int64(number)),
            None => self.fail_at(item.line, &format!("{text} is out of range for int64")),
        }
    }

    fn float(&self, item: &Item) -> Result<Value> {
        let text = &item.text;
        let shown = quote(text);
        let parts: Vec<&str> = text
            .split(['.', 'e', 'E'])
            .filter(|part| !part.is_empty())
            .collect();
        if !parts.iter().all(|part| underscores_fit(part)) {
            let message =
                format!("Invalid float {shown}: underscores must be surrounded by digits");
            return self.fail_at(item.line, &message);
        }
        if parts.first().is_some_and(|part| has_leading_zero(part)) {
            let message = format!("Invalid float {shown}: cannot have leading zeroes");
            return self.fail_at(item.line, &message);
        }
        let bytes = text.as_bytes();
        let points_fit = bytes
            .iter()
            .enumerate()
            .all(|(at, &byte)| byte != b'.' || bytes.get(at + 1).is_some_and(u8::is_ascii_digit));
        if !points_fit {
            let message =
                format!("Invalid float {shown}: '.' must be followed by one or more digits");
            return self.fail_at(item.line, &message);
        }
        let plain = text.replace('_', "");
        match plain.as_str() {
            "nan" | "+nan" => return Ok(Value::Float64(f64::NAN)),
            "-nan" => return Ok(Value::Float64(-f64::NAN)),
            _ => {}
        }
        match plain.parse::<f64>() {
            Ok(number) if number.is_infinite() && !plain.ends_with("inf") => {
                self.fail_at(item.line, &format!("{text} is out of range for float64"))
            }
            Ok(number) => Ok(Value::Float64(number)),
            Err(_) => self.fail_at(item.line, &format!("Invalid float value: {shown}")),
        }
    }

    fn datetime(&self, item: &Item) -> Result<Value> {
        const FORMS: [(&str, &str); 7] = [
            ("2006-01-02T15:04:05.999999999Z07:00", ""),
            ("2006-01-02T15:04:05.999999999", "datetime-local"),
            ("2006-01-02", "date-local"),
            ("15:04:05.999999999", "time-local"),
            ("2006-01-02T15:04Z07:00", ""),
            ("2006-01-02T15:04", "datetime-local"),
            ("15:04", "time-local"),
        ];
        let text: String = item
            .text
            .chars()
            .map(|c| match c {
                'z' => 'Z',
                't' | ' ' => 'T',
                c => c,
            })
            .collect();
        let found = FORMS.iter().find_map(|(layout, location)| {
            let moment = Layout(layout).parse(&text).ok()?;
            Some((moment, *layout, *location))
        });
        match found {
            Some((mut moment, layout, location)) if !misses_zero(&text, layout) => {
                if !location.is_empty() {
                    location.clone_into(&mut moment.zone.name);
                    location.clone_into(&mut moment.zone.location);
                }
                Ok(Value::host(moment))
            }
            _ => self.fail_at(item.line, &format!("invalid datetime: {}", quote(&text))),
        }
    }

    fn array(&mut self) -> Result<Node> {
        self.set_type(&Node::Array(Vec::new()));
        let mut items = Vec::new();
        loop {
            let item = self.next()?;
            match item.token {
                Token::ArrayEnd => return Ok(Node::Array(items)),
                Token::CommentStart => {
                    self.next()?;
                }
                _ => items.push(self.value(&item, true)?),
            }
        }
    }

    fn inline_table(&mut self, parent_is_array: bool) -> Result<Node> {
        let top = self.new_table();
        let (outer_context, outer_key) = (self.context.clone(), self.current_key.clone());
        let mut context = outer_context.clone();
        context.push(std::mem::take(&mut self.current_key));
        self.implicit.insert(dotted(&context));
        self.add_context(&context, parent_is_array)?;
        loop {
            let item = self.next()?;
            match item.token {
                Token::InlineTableEnd => break,
                Token::CommentStart => {
                    self.next()?;
                    continue;
                }
                _ => {}
            }
            self.context.clone_from(&context);
            let key = self.key(Token::KeyEnd)?;
            self.enter(&key)?;
            let item = self.next()?;
            let value = self.value(&item, false)?;
            let last = &key[key.len() - 1];
            self.set_value(last, value.clone())?;
            self.set_type(&value);
            let mut here = top;
            for part in &key[..key.len() - 1] {
                let fresh = self.new_table();
                let slot = self.tables[here]
                    .entry(part.clone())
                    .or_insert(Node::Table(fresh));
                let Node::Table(table) = slot else {
                    let shown = dotted(&self.context);
                    return self.fail(&format!("{} is not a table", quote(&shown)));
                };
                here = *table;
            }
            self.tables[here].insert(last.clone(), value);
            self.context.clone_from(&context);
        }
        self.context = outer_context;
        self.current_key = outer_key;
        Ok(Node::Table(top))
    }

    fn unescaped(&self, item: &Item, text: &str) -> Result<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            let Some(kind) = rest.next() else {
                return Err(ReadError::Panic(
                    "BUG: Escape sequence at end of string.\n\n".to_owned(),
                ));
            };
            let digits = match kind {
                'b' => {
                    out.push('\u{8}');
                    continue;
                }
                't' => {
                    out.push('\t');
                    continue;
                }
                'n' => {
                    out.push('\n');
                    continue;
                }
                'f' => {
                    out.push('\u{c}');
                    continue;
                }
                'r' => {
                    out.push('\r');
                    continue;
                }
                'e' => {
                    out.push('\u{1b}');
                    continue;
                }
                '"' | '\\' => {
                    out.push(kind);
                    continue;
                }
                'x' => 2,
                'u' => 4,
                'U' => 8,
                kind => {
                    return self.fail_at(item.line, &format!("invalid escape: '\\{kind}'"));
                }
            };
            let code: String = rest.by_ref().take(digits).collect();
            let character = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
            let Some(character) = character else {
                let message = format!("Escaped character '\\u{code}' is not valid UTF-8.");
                return self.fail_at(item.line, &message);
            };
            out.push(character);
        }
        Ok(out)
    }
}

fn underscores_fit(text: &str) -> bool {
    if matches!(text, "nan" | "+nan" | "-nan" | "inf" | "-inf" | "+inf") {
        return true;
    }
    let mut is_digit = false;
    for c in text.chars() {
        if c == '_' && !is_digit {
            return false;
        }
        is_digit = c.is_ascii_hexdigit();
    }
    is_digit
}

fn has_leading_zero(text: &str) -> bool {
    match text.as_bytes() {
        [b'0', second, ..] => !matches!(second, b'b' | b'o' | b'x'),
        [b'-' | b'+', b'0', _, ..] => true,
        _ => false,
    }
}

/// Go's parser takes numbers of one digit where the layout has two: then what separates them is
/// elsewhere.
fn misses_zero(text: &str, layout: &str) -> bool {
    layout
        .bytes()
        .take_while(|byte| !matches!(byte, b'.' | b'Z'))
        .enumerate()
        .any(|(at, byte)| !byte.is_ascii_digit() && text.as_bytes().get(at) != Some(&byte))
}

fn without_first_line_end(text: &str) -> &str {
    text.strip_prefix('\n')
        .or_else(|| text.strip_prefix("\r\n"))
        .unwrap_or(text)
}

/// Takes out backslashes at the end of a line with all white space that follows.
fn without_escaped_line_ends(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let after = &rest[at + 1..];
        if let Some(behind) = after.strip_prefix('\\') {
            out.push_str(&rest[..at + 2]);
            rest = behind;
            continue;
        }
        let behind = after.trim_start_matches([' ', '\t', '\r', '\n']);
        let blanks = &after[..after.len() - behind.len()];
        if blanks.contains('\n') {
            out.push_str(&rest[..at]);
            rest = behind;
        } else {
            out.push_str(&rest[..=at]);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}
