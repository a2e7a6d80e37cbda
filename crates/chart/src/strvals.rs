//! The grammar of `--set` and its kin: takes one argument such as `a.b[0]=x,c={d,e}`, changes a
//! tree of values, never reads files itself.

use std::borrow::Cow;
use std::num::IntErrorKind;

use serde_json::{Map, Value};

/// Indices above this are refused.
const MAX_INDEX: i64 = 65_536;
/// Names nested deeper than this are refused.
const MAX_DEPTH: usize = 30;

/// An argument that cannot be used, worded as Helm words it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SetError(pub(crate) String);

/// What becomes of the text behind the equals sign.
pub(crate) enum Mode<'a> {
    /// `--set`: booleans, integers, null and strings.
    Typed,
    /// `--set-string`: always a string.
    Text,
    /// `--set-json`: JSON.
    Json,
    /// `--set-literal`: the rest of the argument as it stands.
    Literal,
    /// `--set-file`: the content of the file that the text names.
    File(&'a dyn Fn(&str) -> Result<String, String>),
}

/// Applies one argument to the values.
pub(crate) fn apply(
    argument: &str,
    mode: &Mode<'_>,
    values: &mut Map<String, Value>,
) -> Result<(), SetError> {
    let mut parser = Parser {
        rest: argument,
        mode,
    };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Failed(text)) => return Err(SetError(text)),
        }
    }
}

/// Why parsing does not go on.
enum Stop {
    End,
    Failed(String),
}

type Step<T> = Result<T, Stop>;

fn failed<T>(text: impl Into<String>) -> Step<T> {
    Err(Stop::Failed(text.into()))
}

struct Parser<'a> {
    rest: &'a str,
    mode: &'a Mode<'a>,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Reads until one of the characters, which is taken as well; a backslash makes the next
    /// character an ordinary one, except among literals. `None` stands for the end.
    fn until(&mut self, ends: &str) -> (String, Option<char>) {
        let with_escapes = !matches!(self.mode, Mode::Literal);
        let mut text = String::new();
        while let Some(c) = self.next() {
            if ends.contains(c) {
                return (text, Some(c));
            }
            if c == '\\' && with_escapes {
                match self.next() {
                    Some(next) => text.push(next),
                    None => return (text, None),
                }
            } else {
                text.push(c);
            }
        }
        (text, None)
    }

    fn key(&mut self, data: &mut Map<String, Value>, depth: usize) -> Step<()> {
        let stops = if matches!(self.mode, Mode::Literal) {
            "=[."
        } else {
            "=[,."
        };
        let (key, stop) = self.until(stops);
        match stop {
            None if key.is_empty() => Err(Stop::End),
            None => failed(format!("key {key:?} has no value")),
            Some('[') => self.indexed(data, key, depth),
            Some('=') => self.assignment(data, key),
            Some(',') => {
                let message = format!("key {key:?} has no value (cannot end with ,)");
                put(data, key, Value::String(String::new()));
                failed(message)
            }
            Some(_) => self.nested(data, key, depth + 1),
        }
    }

    fn indexed(&mut self, data: &mut Map<String, Value>, key: String, depth: usize) -> Step<()> {
        let index = self.index()?;
        let mut list = match data.get(&key) {
            None => Vec::new(),
            Some(Value::Array(items)) => items.clone(),
            Some(other) => return failed(not_a("[]interface {}", other)),
        };
        let outcome = self.item(&mut list, index, depth);
        put(data, key, Value::Array(list));
        outcome
    }

    fn nested(&mut self, data: &mut Map<String, Value>, key: String, depth: usize) -> Step<()> {
        if depth > MAX_DEPTH {
            return failed(format!(
                "value name nested level is greater than maximum supported nested level of {MAX_DEPTH}"
            ));
        }
        let mut inner = match data.get(&key) {
            None => Map::new(),
            Some(Value::Object(entries)) => entries.clone(),
            Some(other) => return failed(not_a("map[string]interface {}", other)),
        };
        let outcome = self.key(&mut inner, depth);
        if outcome.is_ok() && inner.is_empty() {
            return failed(format!("key map {key:?} has no value"));
        }
        if !inner.is_empty() {
            put(data, key, Value::Object(inner));
        }
        outcome
    }

    fn assignment(&mut self, data: &mut Map<String, Value>, key: String) -> Step<()> {
        match self.value() {
            Ok((value, end)) => {
                put(data, key, value);
                if end { Err(Stop::End) } else { Ok(()) }
            }
            Err(stop) => Err(stop),
        }
    }

    fn index(&mut self) -> Step<i64> {
        match self.until("]") {
            // Helm takes the end of the argument for its proper end here.
            (_, None) => Err(Stop::End),
            (text, Some(_)) => text.parse().or_else(|error: std::num::ParseIntError| {
                let why = match error.kind() {
                    IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "value out of range",
                    _ => "invalid syntax",
                };
                failed(format!(
                    "error parsing index: strconv.Atoi: parsing {text:?}: {why}"
                ))
            }),
        }
    }

    fn item(&mut self, list: &mut Vec<Value>, index: i64, depth: usize) -> Step<()> {
        if index < 0 {
            return failed(format!("negative {index} index not allowed"));
        }
        let position = usize::try_from(index).unwrap_or(usize::MAX);
        let (text, stop) = self.until("[.=");
        if !text.is_empty() {
            let letters: Vec<String> = text.chars().map(|c| format!("{c:?}")).collect();
            return failed(format!(
                "unexpected data at end of array index: [{}]",
                letters.join(" ")
            ));
        }
        match stop {
            None => Err(Stop::End),
            Some('=') => {
                // An end of the argument behind the value is no error here.
                let (value, _) = self.value()?;
                put_at(list, index, value)
            }
            Some('[') => {
                let next = self.index()?;
                let mut inner = match list.get(position) {
                    None | Some(Value::Null) => Vec::new(),
                    Some(Value::Array(items)) => items.clone(),
                    Some(other) => return failed(not_a("[]interface {}", other)),
                };
                self.item(&mut inner, next, depth)?;
                put_at(list, index, Value::Array(inner))
            }
            Some(_) => {
                let mut inner = match list.get(position) {
                    Some(Value::Object(entries)) => entries.clone(),
                    _ => Map::new(),
                };
                let outcome = self.key(&mut inner, depth);
                // What was there is changed in place, even where the argument ends too early.
                if outcome.is_ok() || position < list.len() {
                    put_at(list, index, Value::Object(inner))?;
                }
                outcome
            }
        }
    }

    /// Reads what follows an equals sign; tells whether the argument ended without any value.
    fn value(&mut self) -> Step<(Value, bool)> {
        match self.mode {
            Mode::Json => return Ok((self.json()?, false)),
            Mode::Literal => {
                let text = std::mem::take(&mut self.rest);
                return Ok((Value::String(text.to_owned()), false));
            }
            _ => {}
        }
        if self.rest.is_empty() {
            return Ok((Value::String(String::new()), true));
        }
        if let Some(rest) = self.rest.strip_prefix('{') {
            self.rest = rest;
            return Ok((Value::Array(self.list()?), false));
        }
        let (text, _) = self.until(",");
        Ok((self.scalar(text)?, false))
    }

    fn list(&mut self) -> Step<Vec<Value>> {
        let mut items = Vec::new();
        loop {
            let (text, stop) = self.until(",}");
            match stop {
                None => return failed("list must terminate with '}'"),
                Some(',') => items.push(self.scalar(text)?),
                Some(_) => {
                    self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
                    items.push(self.scalar(text)?);
                    return Ok(items);
                }
            }
        }
    }

    fn scalar(&self, text: String) -> Step<Value> {
        match self.mode {
            Mode::Typed => Ok(typed(text)),
            Mode::File(read) => match read(&text) {
                Ok(content) => Ok(Value::String(content)),
                Err(message) => failed(message),
            },
            Mode::Text | Mode::Json | Mode::Literal => Ok(Value::String(text)),
        }
    }

    fn json(&mut self) -> Step<Value> {
        if self.blank() {
            return Ok(Value::Null);
        }
        let text = whole_characters(self.rest);
        let mut stream = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        match stream.next() {
            Some(Ok(value)) => {
                self.rest = &self.rest[stream.byte_offset()..];
                self.blank();
                Ok(crate::values::with_floats(value))
            }
            Some(Err(error)) => failed(error.to_string()),
            None => Ok(Value::Null),
        }
    }

    /// Skips blanks and one comma; tells whether a comma or the end was met.
    fn blank(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest;
            return true;
        }
        self.rest.is_empty()
    }
}

/// Replaces escapes of halves of characters in JSON, each by one of the same length for the
/// replacement character, as Go reads them.
pub(crate) fn whole_characters(json: &str) -> Cow<'_, str> {
    let unit = |at: usize| {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut changed = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        at += found;
        at += match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                changed.to_mut().replace_range(at..at + 6, "\\ufffd");
                6
            }
            (Some(_), _) => 6,
            // What follows may be a whole character, or nothing.
            (None, _) => 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    changed
}

fn not_a(expected: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "nil",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    };
    format!("unable to parse key: interface conversion: interface {{}} is {found}, not {expected}")
}

/// Sets a key; an empty one is dropped.
fn put(data: &mut Map<String, Value>, key: String, value: Value) {
    if !key.is_empty() {
        data.insert(key, value);
    }
}

fn put_at(list: &mut Vec<Value>, index: i64, value: Value) -> Step<()> {
    if index > MAX_INDEX {
        return failed(format!(
            "index of {index} is greater than maximum supported index of {MAX_INDEX}"
        ));
    }
    let position = usize::try_from(index).unwrap_or_default();
    if list.len() <= position {
        list.resize(position + 1, Value::Null);
    }
    list[position] = value;
    Ok(())
}

fn typed(text: String) -> Value {
    if text.eq_ignore_ascii_case("true") {
        return Value::Bool(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Value::Bool(false);
    }
    if text.eq_ignore_ascii_case("null") {
        return Value::Null;
    }
    if text == "0" {
        return Value::from(0_i64);
    }
    if !text.starts_with('0')
        && let Ok(number) = text.parse::<i64>()
    {
        return Value::from(number);
    }
    Value::String(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(argument: &str, mode: &Mode<'_>) -> Result<Value, String> {
        let mut values = Map::new();
        apply(argument, mode, &mut values).map_err(|error| error.to_string())?;
        Ok(Value::Object(values))
    }

    #[test]
    fn set_reads_types_lists_and_paths() {
        assert_eq!(
            set("a=1,b.c=true,d=null,e=007,f=x y,g=0", &Mode::Typed).unwrap(),
            json!({"a": 1, "b": {"c": true}, "d": null, "e": "007", "f": "x y", "g": 0})
        );
        assert_eq!(
            set("a={1,x},b[1].c=2,d[0][1]=z", &Mode::Typed).unwrap(),
            json!({"a": [1, "x"], "b": [null, {"c": 2}], "d": [[null, "z"]]})
        );
        assert_eq!(
            set(r"a\.b/c=1\,2,d=", &Mode::Typed).unwrap(),
            json!({"a.b/c": "1,2", "d": ""})
        );
        assert_eq!(set("a=1", &Mode::Text).unwrap(), json!({"a": "1"}));
        assert_eq!(
            set("a=x,y=[z", &Mode::Literal).unwrap(),
            json!({"a": "x,y=[z"})
        );
        assert_eq!(
            set(r#"a={"b":[1]},c=null"#, &Mode::Json).unwrap(),
            json!({"a": {"b": [1.0]}, "c": null})
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_in_helms_words() {
        let told = |argument: &str| set(argument, &Mode::Typed).unwrap_err();
        assert_eq!(told("a"), "key \"a\" has no value");
        assert_eq!(told("a,"), "key \"a\" has no value (cannot end with ,)");
        assert_eq!(told("a[-1]=1"), "negative -1 index not allowed");
        assert_eq!(told("a={1"), "list must terminate with '}'");
        assert_eq!(
            told("a=1,a.b=2"),
            "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}"
        );
    }
}
