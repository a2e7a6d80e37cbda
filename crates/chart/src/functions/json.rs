//! JSON as Go's `encoding/json` writes it, and the functions on JSON: takes values or JSON text,
//! gives the other; keys are sorted, and `<`, `>` and `&` are escaped unless told otherwise.
//!
//! Sources: Go's `encoding/json` (`encode.go`, `indent.go`), Sprig's `defaults.go`, Helm's
//! `pkg/engine/funcs.go`.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{ElementKind, FunctionError, FunctionTable, List, Map, Text, Value};

use super::arguments::{ANY, TEXT, any, bytes};
use super::json_read::{Read, read};
use crate::tree;

pub(super) fn register(table: &mut FunctionTable) {
    table.register("toJson", ANY, |_, a| {
        Ok(write(&any(a, 0), true).unwrap_or_default().into())
    });
    table.register(
        "mustToJson",
        ANY,
        |_, a| Ok(write(&any(a, 0), true)?.into()),
    );
    table.register(
        "toRawJson",
        ANY,
        |_, a| Ok(write(&any(a, 0), false)?.into()),
    );
    table.alias("mustToRawJson", "toRawJson");
    table.register("toPrettyJson", ANY, |_, a| {
        Ok(write(&any(a, 0), true)
            .map(|text| indented(&text))
            .unwrap_or_default()
            .into())
    });
    table.register("mustToPrettyJson", ANY, |_, a| {
        Ok(indented(&write(&any(a, 0), true)?).into())
    });
    table.register("fromJson", TEXT, |_, a| {
        Ok(into_map(
            read(bytes(a, 0)),
            Map::nil(ElementKind::Any),
            wrong_type,
        ))
    });
    table.register("fromJsonArray", TEXT, |_, a| {
        Ok(into_list(
            read(bytes(a, 0)),
            List::nil(ElementKind::Any),
            wrong_type,
        ))
    });
    table.register("mustFromJson", TEXT, |_, a| {
        let Read { value, error, .. } = read(bytes(a, 0));
        match error {
            Some(message) => Err(message.into()),
            None => Ok(value),
        }
    });
}

/// What Helm makes of data where it wants a map: the map, with the complaint under `Error`. Null
/// becomes what is given for it.
pub(super) fn into_map(found: Read, null: Map, wrong_type: fn(&str, &str) -> String) -> Value {
    let wanted = "map[string]interface {}";
    let Read {
        value,
        error,
        is_number,
    } = found;
    match (value, error) {
        (_, Some(message)) if !is_number => error_map(message),
        (Value::Map(map), error) => {
            if let Some(message) = error {
                map.set("Error", message);
            }
            Value::Map(map)
        }
        (Value::Nil, None) => Value::Map(null),
        (other, _) => error_map(wrong_type(json_type(&other), wanted)),
    }
}

/// What Helm makes of data where it wants a list: the list, or one of the complaint alone.
pub(super) fn into_list(found: Read, null: List, wrong_type: fn(&str, &str) -> String) -> Value {
    let failed = |message: String| Value::from(vec![Value::from(message)]);
    let Read {
        value,
        error,
        is_number,
    } = found;
    match (value, error) {
        (_, Some(message)) if !is_number => failed(message),
        (Value::List(_), Some(message)) => failed(message),
        (Value::List(list), None) => Value::List(list),
        (Value::Nil, None) => Value::List(null),
        (other, _) => failed(wrong_type(json_type(&other), "[]interface {}")),
    }
}

/// Gives the map that Helm gives in place of what cannot be read.
pub(super) fn error_map(message: String) -> Value {
    let map = Map::new();
    map.set("Error", message);
    Value::Map(map)
}

/// Returns what is wrong where a value has no form in JSON.
pub(super) fn check(value: &Value) -> Result<(), FunctionError> {
    check_nested(value, 0)
}

fn check_nested(value: &Value, depth: usize) -> Result<(), FunctionError> {
    if depth > super::limits::MAX_DEPTH {
        return Err(FunctionError::new(format!(
            "json: unsupported value: encountered a cycle via {}",
            value.type_name()
        )));
    }
    let check = |value: &Value| check_nested(value, depth + 1);
    match value {
        Value::Float64(number) if !number.is_finite() => {
            let text = gotemplate::format::display(value);
            Err(FunctionError::new(format!(
                "json: unsupported value: {text}"
            )))
        }
        Value::List(list) => list.iter().try_for_each(check),
        Value::Map(map) => map.visit(|_, value| check(value)),
        Value::Host(host) if host.json().is_none() => {
            match (host.json_members(), host.underlying()) {
                (Some(members), _) => members.iter().try_for_each(|(_, value)| check(value)),
                (None, Some(value)) => check(&value),
                // A structure without exported fields is an empty object.
                (None, None) => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// Writes a value as JSON.
pub(super) fn write(value: &Value, escape_html: bool) -> Result<String, FunctionError> {
    check(value)?;
    let mut out = String::new();
    push(&mut out, value, escape_html);
    Ok(out)
}

fn push(out: &mut String, value: &Value, html: bool) {
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) | Value::Int64(number) => put(out, format_args!("{number}")),
        Value::Uint8(number) => put(out, format_args!("{number}")),
        Value::Uint64(number) => put(out, format_args!("{number}")),
        Value::Float64(number) => push_float(out, *number),
        Value::String(text) => push_text(out, text, html),
        Value::Bytes(bytes) => push_text(out, &Text::from(base64(bytes)), html),
        Value::List(list) if list.is_nil() => out.push_str("null"),
        Value::Map(map) if map.is_nil() => out.push_str("null"),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push(out, item, html);
            }
            out.push(']');
        }
        Value::Map(map) => {
            let entries = map.iter().map(|(key, value)| (Text::from(key), value));
            push_members(out, entries, html);
        }
        Value::Host(host) => match (host.json(), host.json_members(), host.underlying()) {
            (Some(json), ..) => push(out, &tree::from_json(&json), html),
            (None, Some(members), _) => {
                let members = members
                    .into_iter()
                    .map(|(key, value)| (Text::from_static(key), value));
                push_members(out, members, html);
            }
            (None, None, Some(value)) => push(out, &value, html),
            (None, None, None) => out.push_str("{}"),
        },
    }
}

fn push_members(out: &mut String, members: impl Iterator<Item = (Text, Value)>, html: bool) {
    out.push('{');
    for (index, (key, value)) in members.enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_text(out, &key, html);
        out.push(':');
        push(out, &value, html);
    }
    out.push('}');
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string");
}

fn push_float(out: &mut String, number: f64) {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{number:e}");
        match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => {
                put(out, format_args!("{digits}e+{exponent}"));
            }
            _ => out.push_str(&text),
        }
    } else {
        put(out, format_args!("{number}"));
    }
}

fn push_text(out: &mut String, text: &Text, html: bool) {
    out.push('"');
    for chunk in text.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            push_character(out, c, html);
        }
        for _ in chunk.invalid() {
            out.push_str("\\ufffd");
        }
    }
    out.push('"');
}

fn push_character(out: &mut String, c: char, html: bool) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '<' | '>' | '&' if html => put(out, format_args!("\\u{:04x}", u32::from(c))),
        c if c < ' ' || matches!(c, '\u{2028}' | '\u{2029}') => {
            put(out, format_args!("\\u{:04x}", u32::from(c)));
        }
        c => out.push(c),
    }
}

/// Breaks compact JSON into lines, two blanks a level.
fn indented(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 2);
    let (mut level, mut inside, mut escaped) = (0, false, false);
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(level));
    };
    let mut rest = compact.chars().peekable();
    while let Some(c) = rest.next() {
        if inside {
            out.push(c);
            inside = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' => {
                out.push(c);
                let end = if c == '{' { '}' } else { ']' };
                if let Some(end) = rest.next_if_eq(&end) {
                    out.push(end);
                } else {
                    level += 1;
                    line(&mut out, level);
                }
            }
            '}' | ']' => {
                level -= 1;
                line(&mut out, level);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, level);
            }
            ':' => out.push_str(": "),
            '"' => {
                inside = true;
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Go's name for what stands in JSON. Nil is a number that was too large: null is taken.
fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        _ => "number",
    }
}

/// Go's complaint about data of another type than wanted.
pub(super) fn wrong_type(found: &str, wanted: &str) -> String {
    format!("json: cannot unmarshal {found} into Go value of type {wanted}")
}

/// Go writes bytes in base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_as_go_writes_it() {
        let map = Map::new();
        map.set("b", Value::Float64(2_000_000.0));
        map.set("a", "<x>\u{1}");
        map.set(
            "c",
            Value::List(List::new(vec![Value::Float64(1e21), Value::Float64(1e-7)])),
        );
        map.set("d", Map::new());
        map.set("e", Map::nil(ElementKind::Any));
        map.set("f", Text::from_bytes(vec![0xff, b'x']));
        let value = Value::Map(map);
        assert_eq!(
            write(&value, true).unwrap(),
            r#"{"a":"\u003cx\u003e\u0001","b":2000000,"c":[1e+21,1e-7],"d":{},"e":null,"f":"\ufffdx"}"#
        );
        assert_eq!(
            indented(r#"{"a":"<x>","c":[1e+21],"d":{}}"#),
            "{\n  \"a\": \"<x>\",\n  \"c\": [\n    1e+21\n  ],\n  \"d\": {}\n}"
        );
    }

    #[test]
    fn a_map_that_contains_itself_is_refused() {
        let map = Map::new();
        map.set("self", map.clone());
        assert!(write(&Value::Map(map.clone()), true).is_err());
        map.remove("self");
    }
}
