//! Sprig's text functions: takes texts, gives texts, never touches anything else.

use std::borrow::Cow;

use gotemplate::{
    ElementKind, FunctionError, FunctionTable, List, Map, Parameter, Signature, Text, Value,
};

use super::arguments::{
    ANY, INT_TEXT, TEXT, TEXT_TEXT, TEXT_TEXT_TEXT, any, bytes, int, items, strval, text,
};
use super::case::{lower, title_case, upper};

pub(super) fn register(table: &mut FunctionTable) {
    table.register("hello", Signature::fixed(&[]), |_, _| Ok("Hello!".into()));
    table.register("trim", TEXT, |_, a| {
        Ok(text(a, 0).trim_matches(is_space).into())
    });
    table.register("upper", TEXT, |_, a| {
        Ok(text(a, 0).chars().map(upper).collect::<String>().into())
    });
    table.register("lower", TEXT, |_, a| {
        Ok(text(a, 0).chars().map(lower).collect::<String>().into())
    });
    table.register("title", TEXT, |_, a| Ok(title(&text(a, 0)).into()));
    table.register("untitle", TEXT, |_, a| {
        Ok(first_of_words(&text(a, 0), lower).into())
    });
    table.register("repeat", INT_TEXT, |_, a| {
        let count = usize::try_from(int(a, 0))
            .map_err(|_| FunctionError::new("strings: negative Repeat count"))?;
        let text = text(a, 1);
        if text.len().saturating_mul(count) > 256 << 20 {
            return Err("strings: Repeat output length overflow".into());
        }
        Ok(text.repeat(count).into())
    });
    for name in ["trimAll", "trimall"] {
        table.register(name, TEXT_TEXT, |_, a| {
            let set = text(a, 0);
            Ok(text(a, 1).trim_matches(|c| set.contains(c)).into())
        });
    }
    table.register("trimSuffix", TEXT_TEXT, |_, a| {
        let (suffix, text) = (bytes(a, 0), bytes(a, 1));
        Ok(given_part(a, 1, text.strip_suffix(suffix).unwrap_or(text)))
    });
    table.register("trimPrefix", TEXT_TEXT, |_, a| {
        let (prefix, text) = (bytes(a, 0), bytes(a, 1));
        Ok(given_part(a, 1, text.strip_prefix(prefix).unwrap_or(text)))
    });
    table.register(
        "nospace",
        TEXT,
        |_, a| Ok(without_space(&text(a, 0)).into()),
    );
    table.register("initials", TEXT, |_, a| Ok(initials(&text(a, 0)).into()));
    table.register("swapcase", TEXT, |_, a| {
        Ok(super::case::swap(&text(a, 0)).into())
    });
    table.register("snakecase", TEXT, |_, a| {
        Ok(super::case::separated(&text(a, 0), '_').into())
    });
    table.register("kebabcase", TEXT, |_, a| {
        Ok(super::case::separated(&text(a, 0), '-').into())
    });
    table.register("camelcase", TEXT, |_, a| {
        Ok(super::case::pascal(&text(a, 0)).into())
    });
    table.register("wrap", INT_TEXT, |_, a| {
        Ok(wrap(bytes(a, 1), int(a, 0), b"\n", false))
    });
    let signature = Signature::fixed(&[Parameter::Int, Parameter::String, Parameter::String]);
    table.register("wrapWith", signature, |_, a| {
        Ok(wrap(bytes(a, 2), int(a, 0), bytes(a, 1), true))
    });
    table.register("contains", TEXT_TEXT, |_, a| {
        Ok(text(a, 1).contains(&*text(a, 0)).into())
    });
    table.register("hasPrefix", TEXT_TEXT, |_, a| {
        Ok(bytes(a, 1).starts_with(bytes(a, 0)).into())
    });
    table.register("hasSuffix", TEXT_TEXT, |_, a| {
        Ok(bytes(a, 1).ends_with(bytes(a, 0)).into())
    });
    table.register("quote", Signature::ANY, |_, a| {
        Ok(joined(a, |value| {
            let text = Value::String(strval(value));
            gotemplate::format::sprintf("%q", &[text])
                .to_str()
                .into_owned()
        }))
    });
    table.register("squote", Signature::ANY, |_, a| {
        Ok(joined(a, |value| {
            format!("'{}'", gotemplate::format::display(value))
        }))
    });
    table.register("cat", Signature::ANY, |_, a| {
        Ok(joined(a, gotemplate::format::display))
    });
    table.register("indent", INT_TEXT, |_, a| {
        Ok(indent("", int(a, 0), &text(a, 1))?.into())
    });
    table.register("nindent", INT_TEXT, |_, a| {
        Ok(indent("\n", int(a, 0), &text(a, 1))?.into())
    });
    table.register("replace", TEXT_TEXT_TEXT, |_, a| {
        Ok(text(a, 2).replace(&*text(a, 0), &text(a, 1)).into())
    });
    let signature = Signature::fixed(&[Parameter::String, Parameter::String, Parameter::Int]);
    table.register("plural", signature, |_, a| {
        Ok(any(a, usize::from(int(a, 2) != 1)))
    });
    table.register("toString", ANY, |_, a| {
        Ok(Value::String(strval(&any(a, 0))))
    });
    table.register("toStrings", ANY, |_, a| Ok(texts(&any(a, 0)).into()));
    let signature = Signature::fixed(&[Parameter::String, Parameter::Any]);
    table.register("join", signature, |_, a| Ok(join(bytes(a, 0), &any(a, 1))));
    table.register("sortAlpha", ANY, |_, a| {
        let value = any(a, 0);
        if items(&value).is_none() {
            return Ok(Value::List(List::strings([Value::String(strval(&value))])));
        }
        let mut texts: Vec<Text> = texts(&value).iter().map(strval).collect();
        texts.sort();
        Ok(Value::List(List::strings(texts)))
    });
    table.register("trunc", INT_TEXT, move |_, a| {
        let (count, text) = (int(a, 0), bytes(a, 1));
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let part = if count < 0 && length + count > 0 {
            &text[usize::try_from(length + count).unwrap_or_default()..]
        } else if count >= 0 && length > count {
            &text[..usize::try_from(count).unwrap_or_default()]
        } else {
            text
        };
        Ok(Value::String(Text::from_bytes(part.to_vec())))
    });
    let signature = Signature::fixed(&[Parameter::Int, Parameter::Int, Parameter::String]);
    table.register("substr", signature, move |_, a| {
        let (start, end, text) = (int(a, 0), int(a, 1), bytes(a, 2));
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let (range, bounds) = match (start, end) {
            (..0, ..0) => ((start, end), format!("[:{end}]")),
            (..0, _) => ((0, end), format!("[:{end}] with length {length}")),
            _ if end < 0 || end > length => ((start, length), format!("[{start}:{length}]")),
            _ => ((start, end), format!("[{start}:{end}]")),
        };
        let part = usize::try_from(range.0)
            .ok()
            .zip(usize::try_from(range.1).ok())
            .and_then(|(start, end)| text.get(start..end));
        match part {
            Some(part) => Ok(Value::String(Text::from_bytes(part.to_vec()))),
            None => Err(FunctionError::new(format!(
                "runtime error: slice bounds out of range {bounds}"
            ))),
        }
    });
    table.register("abbrev", INT_TEXT, |_, a| {
        let (width, text) = (int(a, 0), bytes(a, 1));
        if width < 4 {
            return Ok(any(a, 1));
        }
        Ok(Value::String(Text::from_bytes(abbreviate(text, 0, width))))
    });
    let signature = Signature::fixed(&[Parameter::Int, Parameter::Int, Parameter::String]);
    table.register("abbrevboth", signature, |_, a| {
        let (left, right, text) = (int(a, 0), int(a, 1), bytes(a, 2));
        if right < 4 || left > 0 && right < 7 {
            return Ok(any(a, 2));
        }
        let short = abbreviate(text, left, right);
        Ok(Value::String(Text::from_bytes(short)))
    });
    table.register("split", TEXT_TEXT, |_, a| {
        Ok(numbered(split_all(&text(a, 1), &text(a, 0)).into_iter()))
    });
    table.register("splitList", TEXT_TEXT, |_, a| {
        Ok(Value::List(List::strings(split_all(
            &text(a, 1),
            &text(a, 0),
        ))))
    });
    let signature = Signature::fixed(&[Parameter::String, Parameter::Int, Parameter::String]);
    table.register("splitn", signature, |_, a| {
        let (separator, count, text) = (text(a, 0), int(a, 1), text(a, 2));
        Ok(match usize::try_from(count) {
            Err(_) => numbered(split_all(&text, &separator).into_iter()),
            Ok(0) => numbered(std::iter::empty::<&str>()),
            Ok(count) if separator.is_empty() => {
                let mut ends: Vec<usize> = text.char_indices().map(|(at, _)| at).skip(1).collect();
                ends.truncate(count - 1);
                let mut start = 0;
                let mut parts = Vec::new();
                for end in ends {
                    parts.push(&text[start..end]);
                    start = end;
                }
                parts.push(&text[start..]);
                numbered(parts.into_iter())
            }
            Ok(count) => numbered(text.splitn(count, &*separator)),
        })
    });
}

/// Gives a part of the text at a position; the text itself where the part is all of it.
fn given_part(arguments: &[Value], index: usize, part: &[u8]) -> Value {
    if part.len() == bytes(arguments, index).len() {
        return any(arguments, index);
    }
    Value::String(Text::from_bytes(part.to_vec()))
}

/// Go's `unicode.IsSpace`.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Go's `strings.Title`: words begin after anything that is no letter, digit or underscore.
fn title(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            let letter = c.is_alphanumeric() || c == '_';
            // Apostrophes and the like do separate; beyond ASCII only white space does.
            let separator = if c.is_ascii() { !letter } else { is_space(c) };
            let out = if inside || separator {
                c
            } else {
                title_case(c)
            };
            inside = !separator;
            out
        })
        .collect()
}

fn first_of_words(text: &str, change: impl Fn(char) -> char) -> String {
    let mut first = true;
    text.chars()
        .map(|c| {
            if is_space(c) {
                first = true;
                c
            } else if std::mem::take(&mut first) {
                change(c)
            } else {
                c
            }
        })
        .collect()
}

/// The characters that `goutils` takes a text for: one for each byte.
fn bytes_as_characters(text: &str) -> impl Iterator<Item = char> {
    text.bytes().map(char::from)
}

fn initials(text: &str) -> String {
    let mut after_space = true;
    bytes_as_characters(text)
        .filter(|&c| std::mem::replace(&mut after_space, is_space(c)) && !after_space)
        .collect()
}

/// Leaves a text as it is where none of its bytes is taken for a space.
fn without_space(text: &str) -> Cow<'_, str> {
    if bytes_as_characters(text).any(is_space) {
        bytes_as_characters(text)
            .filter(|&c| !is_space(c))
            .collect()
    } else {
        text.into()
    }
}

fn wrap(bytes: &[u8], width: i64, new_line: &[u8], break_words: bool) -> Value {
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let new_line = if new_line.is_empty() { b"\n" } else { new_line };
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut offset = 0;
    let mut line = |part: &[u8]| {
        out.extend_from_slice(part);
        out.extend_from_slice(new_line);
    };
    while bytes.len() - offset > width {
        if bytes[offset] == b' ' {
            offset += 1;
            continue;
        }
        let window = &bytes[offset..=offset + width];
        if let Some(blank) = window.iter().rposition(|&b| b == b' ') {
            line(&bytes[offset..offset + blank]);
            offset += blank + 1;
        } else if break_words {
            line(&bytes[offset..offset + width]);
            offset += width;
        } else if let Some(blank) = bytes[offset + width..].iter().position(|&b| b == b' ') {
            line(&bytes[offset..offset + width + blank]);
            offset += width + blank + 1;
        } else {
            break;
        }
    }
    out.extend_from_slice(&bytes[offset..]);
    Value::String(Text::from_bytes(out))
}

/// Prints all that are not nil with blanks between.
fn joined(values: &[Value], print: impl Fn(&Value) -> String) -> Value {
    let texts: Vec<String> = values
        .iter()
        .filter(|value| !value.is_nil())
        .map(print)
        .collect();
    texts.join(" ").into()
}

/// Puts spaces before each line, and something before all.
fn indent(before: &str, width: i64, text: &str) -> Result<String, FunctionError> {
    let width =
        usize::try_from(width).map_err(|_| FunctionError::new("strings: negative Repeat count"))?;
    let pad = " ".repeat(width.min(1 << 20));
    let lines = 1 + text.bytes().filter(|&byte| byte == b'\n').count();
    let mut out = String::with_capacity(before.len() + text.len() + lines * pad.len());
    out.push_str(before);
    for line in text.split_inclusive('\n') {
        out.push_str(&pad);
        out.push_str(line);
    }
    if text.is_empty() || text.ends_with('\n') {
        out.push_str(&pad);
    }
    Ok(out)
}

/// Makes texts of the elements; nil is left out, and what is no list is one element.
pub(super) fn texts(value: &Value) -> List {
    let elements = match (items(value), value) {
        (Some(items), _) => items,
        (None, Value::Nil) => Vec::new(),
        (None, other) => vec![other.clone()],
    };
    List::strings(elements.iter().filter(|item| !item.is_nil()).map(strval))
}

fn join(separator: &[u8], value: &Value) -> Value {
    let parts: Vec<Text> = texts(value).iter().map(strval).collect();
    let parts: Vec<&[u8]> = parts.iter().map(Text::as_bytes).collect();
    Value::String(Text::from_bytes(parts.join(separator)))
}

/// Cuts at bytes, as `goutils` does, also within a character.
fn abbreviate(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    const DOTS: &[u8] = b"...";
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if length <= width {
        return text.to_owned();
    }
    let mut offset = offset.min(length);
    if length - offset < width - 3 {
        offset = length - (width - 3);
    }
    let cut = |from: i64, to: i64| {
        let position = |at: i64| usize::try_from(at.clamp(0, length)).unwrap_or_default();
        text.get(position(from)..position(to)).unwrap_or_default()
    };
    if offset <= 4 {
        return [cut(0, width - 3), DOTS].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + width - 3 < length {
        let rest = abbreviate(cut(offset, length), 0, width - 3);
        return [DOTS, &rest].concat();
    }
    [DOTS, cut(length - (width - 3), length)].concat()
}

/// Go's `strings.Split`: without a separator, one part a character.
pub(super) fn split_all<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    if separator.is_empty() {
        return text
            .char_indices()
            .map(|(at, c)| &text[at..at + c.len_utf8()])
            .collect();
    }
    text.split(separator).collect()
}

fn numbered<'a>(parts: impl Iterator<Item = &'a str>) -> Value {
    let map = Map::with_element(ElementKind::String);
    for (index, part) in parts.enumerate() {
        map.set(format!("_{index}"), part);
    }
    Value::Map(map)
}
