//! JSON as Go's `encoding/json` writes and reads it: takes values or JSON text, gives the other;
//! keys are sorted, and `<`, `>` and `&` are escaped unless told otherwise.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{FunctionError, FunctionTable, List, Map, Value};

use super::arguments::{ANY, TEXT, any, text};
use super::yaml::error_map;
use crate::tree;
use crate::values::with_floats;

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
        Ok(match parse(&text(a, 0)) {
            Ok(Value::Map(map)) => Value::Map(map),
            Ok(Value::Nil) => Value::Map(Map::new()),
            Ok(other) => error_map(wrong_type(&other, "map[string]interface {}")),
            Err(message) => error_map(message),
        })
    });
    table.register("fromJsonArray", TEXT, |_, a| {
        let failed = |message: String| Value::from(vec![Value::from(message)]);
        Ok(match parse(&text(a, 0)) {
            Ok(Value::List(list)) => Value::List(list),
            Ok(Value::Nil) => Value::List(List::new(Vec::new())),
            Ok(other) => failed(wrong_type(&other, "[]interface {}")),
            Err(message) => failed(message),
        })
    });
    table.register("mustFromJson", TEXT, |_, a| Ok(parse(&text(a, 0))?));
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
        Value::Host(host) if host.json().is_none() => match host.underlying() {
            Some(value) => check(&value),
            None => Err(FunctionError::new(format!(
                "json: unsupported type: {}",
                host.type_name()
            ))),
        },
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
        Value::String(text) => push_text(out, &text.to_str(), html),
        Value::Bytes(bytes) => push_text(out, &base64(bytes), html),
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
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_text(out, &key, html);
                out.push(':');
                push(out, &item, html);
            }
            out.push('}');
        }
        Value::Host(host) => match (host.json(), host.underlying()) {
            (Some(json), _) => push(out, &tree::from_json(&json), html),
            (None, Some(value)) => push(out, &value, html),
            (None, None) => out.push_str("null"),
        },
    }
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

fn push_text(out: &mut String, text: &str, html: bool) {
    out.push('"');
    for c in text.chars() {
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
    out.push('"');
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

fn parse(text: &str) -> Result<Value, String> {
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            return "unexpected end of JSON input".to_owned();
        }
        let at = offset(text, error.line(), error.column());
        match text[at..].chars().next() {
            Some(c) => {
                format!(
                    "invalid character '{}' looking for beginning of value",
                    c.escape_default()
                )
            }
            None => "unexpected end of JSON input".to_owned(),
        }
    })?;
    Ok(tree::from_json(&with_floats(json)))
}

fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn wrong_type(value: &Value, wanted: &str) -> String {
    format!(
        "json: cannot unmarshal {} into Go value of type {wanted}",
        json_type(value)
    )
}

/// Returns Go's name for what stands in JSON.
pub(super) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Nil => "null",
        _ => "number",
    }
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
        let value = Value::Map(map);
        assert_eq!(
            write(&value, true).unwrap(),
            r#"{"a":"\u003cx\u003e\u0001","b":2000000,"c":[1e+21,1e-7],"d":{}}"#
        );
        assert_eq!(
            indented(&write(&value, false).unwrap()),
            "{\n  \"a\": \"<x>\\u0001\",\n  \"b\": 2000000,\n  \"c\": [\n    1e+21,\n    1e-7\n  ],\n  \"d\": {}\n}"
        );
    }
}
