//! JSON as Go's `encoding/json` reads it: takes bytes, gives a value with all numbers as floats,
//! with Go's complaints; never recurses, however deep the text nests.
//!
//! Source: Go's `encoding/json` (`scanner.go`, `decode.go`).

use gotemplate::{List, Map, Text, Value};

/// How deep Go lets values nest.
const MAXIMUM_DEPTH: usize = 10_000;

/// What was read. Beside a complaint about one number, the rest of the data is there.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) value: Value,
    pub(super) error: Option<String>,
    /// The complaint is about one number: the kind of the data is known.
    pub(super) is_number: bool,
}

/// Reads one value.
pub(super) fn read(text: &[u8]) -> Read {
    if let Err(message) = validate(text) {
        return Read {
            value: Value::Nil,
            error: Some(message),
            is_number: false,
        };
    }
    Builder::default().build(text)
}

/// What the scanner waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    BeginValue,
    BeginValueOrEmpty,
    BeginKey,
    BeginKeyOrEmpty,
    EndValue,
    EndTop,
    InString,
    Escape,
    /// So many hexadecimal digits are left.
    Hex(u8),
    Minus,
    Zero,
    Digits,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
    /// A word, and how much of it was read.
    Word(&'static str, usize),
}

/// What a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Key,
    Member,
    Array,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Go's complaint about a byte, which it takes for a character by its number.
fn invalid(byte: u8, context: &str) -> String {
    let shown = match byte {
        b'\'' => r"'\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        byte => {
            let quoted = gotemplate::format::quote(&char::from(byte).to_string());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    };
    format!("invalid character {shown} {context}")
}

/// The scanner of the whole text: finds the first mistake.
struct Scanner {
    step: Step,
    inside: Vec<Inside>,
}

fn validate(text: &[u8]) -> Result<(), String> {
    let mut scanner = Scanner {
        step: Step::BeginValue,
        inside: Vec::new(),
    };
    for &byte in text {
        scanner.take(byte)?;
    }
    if scanner.step == Step::EndTop {
        return Ok(());
    }
    // Go's scanner sees a blank at the end, which may be wrong where it stands.
    scanner.take(b' ')?;
    if scanner.step == Step::EndTop {
        Ok(())
    } else {
        Err("unexpected end of JSON input".to_owned())
    }
}

impl Scanner {
    fn enter(&mut self, inside: Inside, step: Step) -> Result<Step, String> {
        self.inside.push(inside);
        if self.inside.len() > MAXIMUM_DEPTH {
            return Err("exceeded max depth".to_owned());
        }
        Ok(step)
    }

    /// A value has ended.
    fn ended(&self) -> Step {
        if self.inside.is_empty() {
            Step::EndTop
        } else {
            Step::EndValue
        }
    }

    fn leave(&mut self) -> Step {
        self.inside.pop();
        self.ended()
    }

    fn take(&mut self, byte: u8) -> Result<(), String> {
        self.step = match self.step {
            Step::BeginValueOrEmpty if byte == b']' => self.leave(),
            Step::BeginKeyOrEmpty if byte == b'}' => self.leave(),
            Step::BeginValue
            | Step::BeginValueOrEmpty
            | Step::BeginKey
            | Step::BeginKeyOrEmpty
            | Step::EndTop
                if is_space(byte) =>
            {
                self.step
            }
            Step::BeginValue | Step::BeginValueOrEmpty => self.begin_value(byte)?,
            Step::BeginKey | Step::BeginKeyOrEmpty => match byte {
                b'"' => Step::InString,
                _ => {
                    return Err(invalid(byte, "looking for beginning of object key string"));
                }
            },
            Step::EndTop => return Err(invalid(byte, "after top-level value")),
            Step::EndValue => self.end_value(byte)?,
            Step::InString => match byte {
                b'"' => self.ended(),
                b'\\' => Step::Escape,
                0..0x20 => return Err(invalid(byte, "in string literal")),
                _ => Step::InString,
            },
            Step::Escape => match byte {
                b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"' => Step::InString,
                b'u' => Step::Hex(4),
                _ => return Err(invalid(byte, "in string escape code")),
            },
            Step::Hex(_) if !byte.is_ascii_hexdigit() => {
                return Err(invalid(byte, "in \\u hexadecimal character escape"));
            }
            Step::Hex(1) => Step::InString,
            Step::Hex(left) => Step::Hex(left - 1),
            Step::Minus => match byte {
                b'0' => Step::Zero,
                b'1'..=b'9' => Step::Digits,
                _ => return Err(invalid(byte, "in numeric literal")),
            },
            Step::Digits if byte.is_ascii_digit() => Step::Digits,
            Step::Zero | Step::Digits if byte == b'.' => Step::Point,
            Step::Zero | Step::Digits | Step::Fraction if matches!(byte, b'e' | b'E') => {
                Step::Exponent
            }
            Step::Point | Step::Fraction if byte.is_ascii_digit() => Step::Fraction,
            Step::Point => {
                return Err(invalid(byte, "after decimal point in numeric literal"));
            }
            Step::Exponent if matches!(byte, b'+' | b'-') => Step::ExponentSign,
            Step::Exponent | Step::ExponentSign | Step::ExponentDigits if byte.is_ascii_digit() => {
                Step::ExponentDigits
            }
            Step::Exponent | Step::ExponentSign => {
                return Err(invalid(byte, "in exponent of numeric literal"));
            }
            // A number has ended before this byte.
            Step::Zero | Step::Digits | Step::Fraction | Step::ExponentDigits => {
                self.step = self.ended();
                return self.take(byte);
            }
            Step::Word(word, at) => {
                let wanted = word.as_bytes()[at];
                if byte != wanted {
                    let wanted = char::from(wanted);
                    let context = format!("in literal {word} (expecting '{wanted}')");
                    return Err(invalid(byte, &context));
                }
                if at + 1 == word.len() {
                    self.ended()
                } else {
                    Step::Word(word, at + 1)
                }
            }
        };
        Ok(())
    }

    fn begin_value(&mut self, byte: u8) -> Result<Step, String> {
        Ok(match byte {
            b'{' => self.enter(Inside::Key, Step::BeginKeyOrEmpty)?,
            b'[' => self.enter(Inside::Array, Step::BeginValueOrEmpty)?,
            b'"' => Step::InString,
            b'-' => Step::Minus,
            b'0' => Step::Zero,
            b'1'..=b'9' => Step::Digits,
            b't' => Step::Word("true", 1),
            b'f' => Step::Word("false", 1),
            b'n' => Step::Word("null", 1),
            _ => return Err(invalid(byte, "looking for beginning of value")),
        })
    }

    fn end_value(&mut self, byte: u8) -> Result<Step, String> {
        if is_space(byte) {
            return Ok(Step::EndValue);
        }
        let last = self.inside.last_mut();
        Ok(match (last, byte) {
            (Some(inside @ Inside::Key), b':') => {
                *inside = Inside::Member;
                Step::BeginValue
            }
            (Some(inside @ Inside::Member), b',') => {
                *inside = Inside::Key;
                Step::BeginKey
            }
            (Some(Inside::Member), b'}') | (Some(Inside::Array), b']') => self.leave(),
            (Some(Inside::Array), b',') => Step::BeginValue,
            (Some(Inside::Key), _) => return Err(invalid(byte, "after object key")),
            (Some(Inside::Member), _) => {
                return Err(invalid(byte, "after object key:value pair"));
            }
            (Some(Inside::Array), _) => return Err(invalid(byte, "after array element")),
            (None, _) => return Err(invalid(byte, "after top-level value")),
        })
    }
}

/// A list or map that is being filled.
enum Open {
    List(Vec<Value>),
    Map(Map, Option<Text>),
}

/// Makes values of a text that is known to be valid.
#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    top: Value,
    error: Option<String>,
}

impl Builder {
    fn build(mut self, text: &[u8]) -> Read {
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            at += 1;
            match byte {
                b'{' => self.open.push(Open::Map(Map::new(), None)),
                b'[' => self.open.push(Open::List(Vec::new())),
                b'}' | b']' => match self.open.pop() {
                    Some(Open::List(items)) => self.add(Value::List(List::new(items))),
                    Some(Open::Map(map, _)) => self.add(Value::Map(map)),
                    None => {}
                },
                b'"' => {
                    let (text, after) = string(text, at);
                    at = after;
                    match self.open.last_mut() {
                        Some(Open::Map(_, key @ None)) => *key = Some(text),
                        _ => self.add(Value::String(text)),
                    }
                }
                b't' | b'f' | b'n' => {
                    self.add(match byte {
                        b't' => Value::Bool(true),
                        b'f' => Value::Bool(false),
                        _ => Value::Nil,
                    });
                    at += if byte == b'f' { 4 } else { 3 };
                }
                b'-' | b'0'..=b'9' => {
                    let digits = text[at..]
                        .iter()
                        .take_while(|byte| {
                            byte.is_ascii_digit()
                                || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-')
                        })
                        .count();
                    let number = String::from_utf8_lossy(&text[at - 1..at + digits]);
                    let value = self.number(&number);
                    self.add(value);
                    at += digits;
                }
                _ => {}
            }
        }
        Read {
            value: self.top,
            is_number: self.error.is_some(),
            error: self.error,
        }
    }

    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.top = value,
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(map, key)) => {
                let key = key.take().unwrap_or(Text::EMPTY);
                map.set(key.to_key(), value);
            }
        }
    }

    fn number(&mut self, text: &str) -> Value {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float64(number),
            _ => {
                self.error.get_or_insert_with(|| {
                    format!("json: cannot unmarshal number {text} into Go value of type float64")
                });
                Value::Nil
            }
        }
    }
}

/// Reads a string behind its first quote; returns where it ends. What is no character becomes
/// U+FFFD.
fn string(text: &[u8], begin: usize) -> (Text, usize) {
    let mut out = Vec::new();
    let mut at = begin;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => break,
            b'\\' => {
                let kind = text.get(at).copied().unwrap_or(b'"');
                at += 1;
                match kind {
                    b'b' => out.push(8),
                    b'f' => out.push(12),
                    b'n' => out.push(b'\n'),
                    b'r' => out.push(b'\r'),
                    b't' => out.push(b'\t'),
                    b'u' => {
                        let mut code = hexadecimal(text, at).unwrap_or(0);
                        at += 4;
                        if (0xd800..0xdc00).contains(&code)
                            && text.get(at..at + 2) == Some(b"\\u")
                            && let Some(low @ 0xdc00..0xe000) = hexadecimal(text, at + 2)
                        {
                            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                            at += 6;
                        }
                        let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    kind => out.push(kind),
                }
            }
            byte => out.push(byte),
        }
    }
    let mut clean = String::with_capacity(out.len());
    for chunk in out.utf8_chunks() {
        clean.push_str(chunk.valid());
        clean.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    (Text::from(clean), at)
}

fn hexadecimal(text: &[u8], at: usize) -> Option<u32> {
    let digits = std::str::from_utf8(text.get(at..at + 4)?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_as_go_tells_them() {
        let told = |text: &str| read(text.as_bytes()).error.unwrap_or_default();
        for (text, wanted) in [
            ("", "unexpected end of JSON input"),
            ("{", "unexpected end of JSON input"),
            (
                "tr",
                "invalid character ' ' in literal true (expecting 'u')",
            ),
            (
                "{a",
                "invalid character 'a' looking for beginning of object key string",
            ),
            ("[1 2]", "invalid character '2' after array element"),
            ("1 x", "invalid character 'x' after top-level value"),
            ("01", "invalid character '1' after top-level value"),
            ("é", "invalid character 'Ã' looking for beginning of value"),
            (
                "[1e400]",
                "json: cannot unmarshal number 1e400 into Go value of type float64",
            ),
        ] {
            assert_eq!(told(text), wanted, "{text}");
        }
        assert_eq!(told(&"[".repeat(20_000)), "exceeded max depth");
        let value = read(r#"{"a":"\ud83d\ude00\ud800","b":[1,-2.5e1,null]}"#.as_bytes()).value;
        assert_eq!(
            gotemplate::format::display(&value),
            "map[a:😀\u{fffd} b:[1 -25 <nil>]]"
        );
    }
}
