//! The TOML lexer: takes text, gives tokens one at a time with the line that they end on, never
//! knows keys or values.
//!
//! Source: BurntSushi/toml 1.6, `lex.go`: a machine of states, whose complaints depend on where it
//! stands.

use std::collections::VecDeque;

use gotemplate::format::quote;

use super::token::{END, Item, Token, quote_character, shown};

/// What the lexer does next.
#[derive(Debug, Clone, Copy)]
enum State {
    Top,
    TopEnd,
    TableStart,
    TableEnd,
    ArrayTableEnd,
    TableNameStart,
    TableNameEnd,
    BareName,
    QuotedName,
    KeyStart,
    KeyNameStart,
    KeyEnd,
    Value,
    ArrayValue,
    ArrayValueEnd,
    InlineTableValue,
    InlineTableValueEnd,
    String,
    MultilineString,
    RawString,
    MultilineRawString,
    MultilineEscape,
    NumberOrDateStart,
    NumberOrDate,
    Datetime,
    BaseNumberOrDate,
    Digits(fn(char) -> bool),
    DecimalNumber,
    DecimalNumberStart,
    Float,
    Bool,
    CommentStart,
    Comment,
    Stopped,
}

pub(super) struct Lexer<'text> {
    text: &'text str,
    start: usize,
    position: usize,
    line: i64,
    at_end: bool,
    state: State,
    stack: Vec<State>,
    items: VecDeque<Item>,
    has_escapes: bool,
}

fn is_blank(c: char) -> bool {
    c == '\t' || c == ' '
}

fn is_line_end(c: char) -> bool {
    c == '\n' || c == '\r'
}

impl<'text> Lexer<'text> {
    pub(super) fn new(text: &'text str) -> Self {
        Self {
            text,
            start: 0,
            position: 0,
            line: 1,
            at_end: false,
            state: State::Top,
            stack: Vec::new(),
            items: VecDeque::new(),
            has_escapes: false,
        }
    }

    /// Returns the next token; after an error there is none to ask for.
    pub(super) fn item(&mut self) -> Item {
        loop {
            if let Some(item) = self.items.pop_front() {
                return item;
            }
            self.state = self.step(self.state);
        }
    }

    fn current(&self) -> &'text str {
        self.text.get(self.start..self.position).unwrap_or_default()
    }

    fn push_item(&mut self, token: Token, text: String, line: i64) {
        self.items.push_back(Item { token, text, line });
    }

    fn emit(&mut self, token: Token) {
        self.push_item(token, self.current().to_owned(), self.line);
        self.start = self.position;
    }

    /// Emits a token and goes on as before it.
    fn finish(&mut self, token: Token) -> State {
        self.emit(token);
        self.pop()
    }

    fn pop(&mut self) -> State {
        self.stack.pop().unwrap_or(State::Stopped)
    }

    fn next(&mut self) -> char {
        let rest = &self.text[self.position..];
        let Some(c) = rest.chars().next() else {
            self.at_end = true;
            return END;
        };
        let is_control = c < ' ' && !matches!(c, '\t' | '\r' | '\n') || c == '\u{7f}';
        if is_control || c == '\r' && !rest.starts_with("\r\n") {
            let code = u32::from(c);
            self.push_item(
                Token::Error,
                format!("TOML files cannot contain control characters: '0x{code:02x}'"),
                self.line,
            );
            return char::REPLACEMENT_CHARACTER;
        }
        if c == '\n' {
            self.line += 1;
        }
        self.position += c.len_utf8();
        c
    }

    fn backup(&mut self) {
        if self.at_end {
            self.at_end = false;
            return;
        }
        // Nothing was taken where the character before is the beginning of the text.
        let Some(last) = self.text[..self.position].chars().next_back() else {
            return;
        };
        self.position -= last.len_utf8();
        if last == '\n' {
            self.line -= 1;
        }
    }

    fn accept(&mut self, wanted: char) -> bool {
        if self.next() == wanted {
            return true;
        }
        self.backup();
        false
    }

    fn peek(&mut self) -> char {
        let c = self.next();
        // A refused character was not taken.
        if self.items.is_empty() || self.at_end {
            self.backup();
        }
        c
    }

    fn skip_blanks(&mut self) {
        while is_blank(self.next()) {}
        self.backup();
        self.start = self.position;
    }

    /// Ignores what was taken and goes on.
    fn skip(&mut self, state: State) -> State {
        self.start = self.position;
        state
    }

    fn fail(&mut self, message: impl Into<String>) -> State {
        let before = self.text[..self.position].ends_with('\n');
        let line = self.line - i64::from(self.at_end && before);
        self.push_item(Token::Error, message.into(), line);
        State::Stopped
    }

    /// Complains of the line before, so that a line's end is not shown as a line of its own.
    fn fail_line_before(&mut self, message: impl Into<String>) -> State {
        self.push_item(Token::Error, message.into(), self.line - 1);
        State::Stopped
    }

    fn step(&mut self, state: State) -> State {
        match state {
            State::Top => self.top(),
            State::TopEnd => self.top_end(),
            State::TableStart => {
                if self.peek() == '[' {
                    self.next();
                    self.emit(Token::ArrayTableStart);
                    self.stack.push(State::ArrayTableEnd);
                } else {
                    self.emit(Token::TableStart);
                    self.stack.push(State::TableEnd);
                }
                State::TableNameStart
            }
            State::TableEnd => {
                self.emit(Token::TableEnd);
                State::TopEnd
            }
            State::ArrayTableEnd => {
                let c = self.next();
                if c != ']' {
                    let found = quote_character(c);
                    return self.fail(format!(
                        "expected end of table array name delimiter ']', but got {found} instead"
                    ));
                }
                self.emit(Token::ArrayTableEnd);
                State::TopEnd
            }
            State::TableNameStart => self.table_name_start(),
            State::TableNameEnd => {
                self.skip_blanks();
                match self.next() {
                    '.' => self.skip(State::TableNameStart),
                    ']' => self.pop(),
                    c => {
                        let found = quote_character(c);
                        self.fail(format!(
                            "expected '.' or ']' to end table name, but got {found} instead"
                        ))
                    }
                }
            }
            State::BareName => {
                let c = self.next();
                if c.is_ascii() && super::is_bare_byte(c as u8) && c != END {
                    return State::BareName;
                }
                self.backup();
                self.finish(Token::Text)
            }
            State::QuotedName => {
                let state = if self.next() == '"' {
                    State::String
                } else {
                    State::RawString
                };
                self.skip(state)
            }
            State::KeyStart => self.key_start(),
            State::KeyNameStart => {
                self.skip_blanks();
                match self.peek() {
                    '=' | END => self.fail("unexpected '='"),
                    '.' => self.fail("unexpected '.'"),
                    '"' | '\'' => {
                        self.stack.push(State::KeyEnd);
                        self.skip(State::QuotedName)
                    }
                    _ => {
                        self.stack.push(State::KeyEnd);
                        State::BareName
                    }
                }
            }
            State::KeyEnd => self.key_end(),
            State::Value => self.value(),
            State::ArrayValue => self.array_value(),
            State::ArrayValueEnd => self.array_value_end(),
            State::InlineTableValue => self.inline_table_value(),
            State::InlineTableValueEnd => self.inline_table_value_end(),
            State::String => self.string(),
            State::MultilineString => self.multiline('"'),
            State::RawString => self.raw_string(),
            State::MultilineRawString => self.multiline('\''),
            State::MultilineEscape => {
                if is_line_end(self.next()) {
                    return State::MultilineString;
                }
                self.backup();
                self.stack.push(State::MultilineString);
                self.escape()
            }
            State::NumberOrDateStart => {
                if self.next() == '0' {
                    State::BaseNumberOrDate
                } else {
                    State::NumberOrDate
                }
            }
            State::NumberOrDate => match self.next() {
                '0'..='9' => State::NumberOrDate,
                '-' | ':' => State::Datetime,
                '_' => State::DecimalNumber,
                '.' | 'e' | 'E' => State::Float,
                _ => self.number_end(Token::Integer),
            },
            State::Datetime => match self.next() {
                '0'..='9' | '-' | ':' | 'T' | 't' | ' ' | '.' | 'Z' | 'z' | '+' => State::Datetime,
                _ => {
                    self.backup();
                    let text = self.current().trim().to_owned();
                    self.push_item(Token::Datetime, text, self.line);
                    self.start = self.position;
                    self.pop()
                }
            },
            State::BaseNumberOrDate => self.base_number(),
            State::Digits(fits) => {
                let c = self.next();
                if fits(c) || c == '_' {
                    return State::Digits(fits);
                }
                self.number_end(Token::Integer)
            }
            State::DecimalNumber => match self.next() {
                '0'..='9' | '_' => State::DecimalNumber,
                '.' | 'e' | 'E' => State::Float,
                _ => self.number_end(Token::Integer),
            },
            State::DecimalNumberStart => self.decimal_number_start(),
            State::Float => match self.next() {
                '0'..='9' | '_' | '.' | '-' | '+' | 'e' | 'E' => State::Float,
                _ => self.number_end(Token::Float),
            },
            State::Bool => self.bool(),
            State::CommentStart => {
                self.start = self.position;
                self.emit(Token::CommentStart);
                State::Comment
            }
            State::Comment => {
                let c = self.next();
                if is_line_end(c) || c == END && self.at_end {
                    self.backup();
                    return self.finish(Token::Text);
                }
                State::Comment
            }
            State::Stopped => {
                // Only an error leads here, and nobody asks for more after one.
                self.push_item(Token::End, String::new(), self.line);
                State::Stopped
            }
        }
    }

    fn number_end(&mut self, token: Token) -> State {
        self.backup();
        self.finish(token)
    }

    fn top(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::Top),
            '#' => {
                self.stack.push(State::Top);
                State::CommentStart
            }
            '[' => State::TableStart,
            END => {
                self.emit(Token::End);
                State::Stopped
            }
            _ => {
                self.backup();
                self.stack.push(State::TopEnd);
                State::KeyStart
            }
        }
    }

    fn top_end(&mut self) -> State {
        match self.next() {
            '#' => {
                self.stack.push(State::Top);
                State::CommentStart
            }
            c if is_blank(c) => State::TopEnd,
            c if is_line_end(c) => self.skip(State::Top),
            END => {
                self.emit(Token::End);
                State::Stopped
            }
            c => {
                let found = quote_character(c);
                self.fail(format!(
                    "expected a top-level item to end with a newline, comment, or EOF, but got {found} instead"
                ))
            }
        }
    }

    fn table_name_start(&mut self) -> State {
        self.skip_blanks();
        match self.peek() {
            ']' | END => self.fail("unexpected end of table name (table names cannot be empty)"),
            '.' => self.fail("unexpected table separator (table names cannot be empty)"),
            '"' | '\'' => {
                self.stack.push(State::TableNameEnd);
                self.skip(State::QuotedName)
            }
            _ => {
                self.stack.push(State::TableNameEnd);
                State::BareName
            }
        }
    }

    fn key_start(&mut self) -> State {
        self.skip_blanks();
        match self.peek() {
            '=' | END => self.fail("unexpected '=': key name appears blank"),
            '.' => self.fail("unexpected '.': keys cannot start with a '.'"),
            _ => {
                self.emit(Token::KeyStart);
                State::KeyNameStart
            }
        }
    }

    fn key_end(&mut self) -> State {
        self.skip_blanks();
        match self.next() {
            END => self.fail("unexpected EOF; expected key separator '='"),
            '.' => self.skip(State::KeyNameStart),
            '=' => {
                self.emit(Token::KeyEnd);
                self.skip(State::Value)
            }
            c => {
                let message = format!(
                    "expected '.' or '=', but got {} instead",
                    quote_character(c)
                );
                if c == '\n' {
                    self.fail_line_before(message)
                } else {
                    self.fail(message)
                }
            }
        }
    }

    fn value(&mut self) -> State {
        let c = self.next();
        match c {
            c if is_blank(c) => return self.skip(State::Value),
            '0'..='9' => {
                self.backup();
                return State::NumberOrDateStart;
            }
            '[' => {
                self.start = self.position;
                self.emit(Token::Array);
                return State::ArrayValue;
            }
            '{' => {
                self.start = self.position;
                self.emit(Token::InlineTableStart);
                return State::InlineTableValue;
            }
            '"' | '\'' => {
                let (one, three) = if c == '"' {
                    (State::String, State::MultilineString)
                } else {
                    (State::RawString, State::MultilineRawString)
                };
                if self.accept(c) {
                    if self.accept(c) {
                        return self.skip(three);
                    }
                    self.backup();
                }
                return self.skip(one);
            }
            '.' => return self.fail("floats must start with a digit, not '.'"),
            'i' | 'n' => {
                let is_float =
                    self.accept('n') && self.accept('f') || self.accept('a') && self.accept('n');
                if is_float {
                    return self.finish(Token::Float);
                }
            }
            '-' | '+' => return State::DecimalNumberStart,
            _ => {}
        }
        if c.is_alphabetic() {
            self.backup();
            return State::Bool;
        }
        if c == END {
            return self.fail("unexpected EOF; expected value");
        }
        let message = format!("expected value but found {} instead", quote_character(c));
        if c == '\n' {
            self.fail_line_before(message)
        } else {
            self.fail(message)
        }
    }

    fn array_value(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::ArrayValue),
            '#' => {
                self.stack.push(State::ArrayValue);
                State::CommentStart
            }
            ',' => self.fail("unexpected comma"),
            ']' => self.end_of(Token::ArrayEnd),
            _ => {
                self.backup();
                self.stack.push(State::ArrayValueEnd);
                State::Value
            }
        }
    }

    fn end_of(&mut self, token: Token) -> State {
        self.start = self.position;
        self.finish(token)
    }

    fn array_value_end(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::ArrayValueEnd),
            '#' => {
                self.stack.push(State::ArrayValueEnd);
                State::CommentStart
            }
            ',' => self.skip(State::ArrayValue),
            ']' => self.end_of(Token::ArrayEnd),
            c => {
                let found = shown(c);
                self.fail(format!(
                    "expected a comma (',') or array terminator (']'), but got {found}"
                ))
            }
        }
    }

    fn inline_table_value(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::InlineTableValue),
            '#' => {
                self.stack.push(State::InlineTableValue);
                State::CommentStart
            }
            ',' => self.fail("unexpected comma"),
            '}' => self.end_of(Token::InlineTableEnd),
            _ => {
                self.backup();
                self.stack.push(State::InlineTableValueEnd);
                State::KeyStart
            }
        }
    }

    fn inline_table_value_end(&mut self) -> State {
        match self.next() {
            c if is_blank(c) || is_line_end(c) => self.skip(State::InlineTableValueEnd),
            '#' => {
                self.stack.push(State::InlineTableValueEnd);
                State::CommentStart
            }
            ',' => {
                self.skip_blanks();
                if self.peek() == '}' {
                    return State::InlineTableValueEnd;
                }
                State::InlineTableValue
            }
            '}' => self.end_of(Token::InlineTableEnd),
            c => {
                let found = shown(c);
                self.fail(format!(
                    "expected a comma or an inline table terminator '}}', but got {found} instead"
                ))
            }
        }
    }

    fn string(&mut self) -> State {
        match self.next() {
            END => self.fail("unexpected EOF; expected '\"'"),
            c if is_line_end(c) => self.fail_line_before("strings cannot contain newlines"),
            '\\' => {
                self.stack.push(State::String);
                self.escape()
            }
            '"' => {
                let has_escapes = std::mem::take(&mut self.has_escapes);
                self.string_end(
                    1,
                    if has_escapes {
                        Token::EscapedString
                    } else {
                        Token::String
                    },
                )
            }
            _ => State::String,
        }
    }

    fn raw_string(&mut self) -> State {
        match self.next() {
            END => self.fail("unexpected EOF; expected \"'\""),
            c if is_line_end(c) => self.fail_line_before("strings cannot contain newlines"),
            '\'' => self.string_end(1, Token::RawString),
            _ => State::RawString,
        }
    }

    /// Emits a string without the quotes that have just been read.
    fn string_end(&mut self, quotes: usize, token: Token) -> State {
        for _ in 0..quotes {
            self.backup();
        }
        self.emit(token);
        for _ in 0..quotes {
            self.next();
        }
        self.start = self.position;
        self.pop()
    }

    /// The inside of a string between three quotes, which may have two of them at its end.
    fn multiline(&mut self, mark: char) -> State {
        let (here, token) = if mark == '"' {
            (State::MultilineString, Token::MultilineString)
        } else {
            (State::MultilineRawString, Token::RawMultilineString)
        };
        match self.next() {
            END if self.at_end => {
                let quotes = if mark == '"' { "'\"\"\"'" } else { "\"'''\"" };
                self.fail(format!("unexpected EOF; expected {quotes}"))
            }
            '\\' if mark == '"' => State::MultilineEscape,
            c if c == mark => {
                if self.accept(mark) {
                    if self.accept(mark) {
                        if self.peek() == mark {
                            return self.more_quotes(mark, here);
                        }
                        self.has_escapes = false;
                        return self.string_end(3, token);
                    }
                    self.backup();
                }
                here
            }
            _ => here,
        }
    }

    /// A fourth quote follows three.
    fn more_quotes(&mut self, mark: char, here: State) -> State {
        let five = mark.to_string().repeat(5);
        let current = self.current();
        let escaped = mark == '"' && current.ends_with(&format!("\\{five}"));
        if current.ends_with(&five) && !escaped {
            return self.fail(if mark == '"' {
                "unexpected '\"\"\"\"\"\"'"
            } else {
                "unexpected \"''''''\""
            });
        }
        self.backup();
        self.backup();
        here
    }

    fn escape(&mut self) -> State {
        self.has_escapes = true;
        let c = self.next();
        let (digits, words) = match c {
            'e' | 'b' | 't' | 'n' | 'f' | 'r' | '"' | ' ' | '\t' | '\\' => return self.pop(),
            'x' => (2, "two hexadecimal digits after '\\x'"),
            'u' => (4, "four hexadecimal digits after '\\u'"),
            'U' => (8, "eight hexadecimal digits after '\\U'"),
            c => {
                let message = format!("invalid escape in string '\\{c}'");
                if self.at_end {
                    return self.fail_line_before(message);
                }
                self.push_item(Token::Error, message, self.line);
                return State::Stopped;
            }
        };
        for _ in 0..digits {
            if !self.next().is_ascii_hexdigit() {
                let found = quote(self.current());
                return self.fail(format!("expected {words}, but got {found} instead"));
            }
        }
        self.pop()
    }

    fn base_number(&mut self) -> State {
        let c = self.next();
        let (fits, words): (fn(char) -> bool, _) = match c {
            '0'..='9' => return State::NumberOrDate,
            '_' => return State::DecimalNumber,
            '.' | 'e' | 'E' => return State::Float,
            'b' => (|c| matches!(c, '0' | '1'), "a binary"),
            'o' => (|c| matches!(c, '0'..='7'), "an octal"),
            'x' => (|c| c.is_ascii_hexdigit(), "a hexadecimal"),
            _ => return self.number_end(Token::Integer),
        };
        let next = self.peek();
        if !fits(next) {
            let current = self.current();
            self.fail(format!("not {words} number: '{current}{next}'"));
        }
        State::Digits(fits)
    }

    fn decimal_number_start(&mut self) -> State {
        let c = self.next();
        match c {
            'i' | 'n' => {
                let (second, third) = if c == 'i' { ('n', 'f') } else { ('a', 'n') };
                if !self.accept(second) || !self.accept(third) {
                    let current = self.current();
                    return self.fail(format!("invalid float: '{current}'"));
                }
                return self.finish(Token::Float);
            }
            '0' => {
                let next = self.peek();
                if matches!(next, 'b' | 'o' | 'x') {
                    let current = self.current();
                    return self.fail(format!(
                        "cannot use sign with non-decimal numbers: '{current}{next}'"
                    ));
                }
            }
            '.' => return self.fail("floats must start with a digit, not '.'"),
            _ => {}
        }
        if c.is_ascii_digit() {
            return State::DecimalNumber;
        }
        let found = quote_character(c);
        self.fail(format!("expected a digit but got {found}"))
    }

    fn bool(&mut self) -> State {
        let mut word = String::new();
        loop {
            let c = self.next();
            if !c.is_alphabetic() {
                self.backup();
                break;
            }
            word.push(c);
        }
        if word == "true" || word == "false" {
            return self.finish(Token::Bool);
        }
        let found = quote(&word);
        self.fail(format!("expected value but found {found} instead"))
    }
}
