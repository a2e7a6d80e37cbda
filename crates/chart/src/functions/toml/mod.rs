//! `toToml`, `mustToToml` and `fromToml`: takes values or TOML text, gives the other, as
//! BurntSushi/toml 1.6 does, which Helm uses; never loses the order that its encoder has.
//!
//! Source: Helm's `pkg/engine/funcs.go`.

mod encode;
mod lex;
mod parse;
mod token;

use gotemplate::{FunctionTable, Value};

use super::arguments::{ANY, TEXT, any, text};
use super::json::error_map;
use encode::EncodeError;
use parse::ReadError;

pub(super) fn register(table: &mut FunctionTable) {
    table.register("toToml", ANY, |_, a| match encode::encode(&any(a, 0)) {
        Ok(text) => Ok(text.into()),
        Err(EncodeError::Value(message)) => Ok(message.into()),
        Err(EncodeError::Panic(message)) => Err(message.into()),
    });
    table.register("mustToToml", ANY, |_, a| match encode::encode(&any(a, 0)) {
        Ok(text) => Ok(text.into()),
        Err(EncodeError::Value(message) | EncodeError::Panic(message)) => Err(message.into()),
    });
    table.register("fromToml", TEXT, |_, a| match parse::parse(&text(a, 0)) {
        Ok(map) => Ok(Value::Map(map)),
        Err(ReadError::Text(message)) => Ok(error_map(message)),
        Err(ReadError::Panic(message)) => Err(message.into()),
    });
}

/// Whether a key needs no quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(is_bare_byte)
}

fn is_bare_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Writes one part of a key, in quotes where it needs them.
fn key_part(key: &str) -> String {
    if is_bare(key) {
        key.to_owned()
    } else {
        quoted(key.as_bytes())
    }
}

/// Writes a key of several parts.
fn dotted(key: &[String]) -> String {
    let parts: Vec<String> = key.iter().map(|part| key_part(part)).collect();
    parts.join(".")
}

/// Writes a text in quotes.
fn quoted(text: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("\"");
    for c in String::from_utf8_lossy(text).chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' || c == '\u{7f}' => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
