//! Values in Go's own syntax: takes a value, gives what Go prints for `%#v`, which some of its
//! error messages quote; never anything that is read again.

use std::fmt::Write;

use crate::node::Kind;
use crate::number::format_float;

/// Returns a value in Go's syntax.
pub(crate) fn go_syntax(kind: &Kind) -> String {
    match kind {
        Kind::Null => "interface {}(nil)".to_owned(),
        Kind::Bool(value) => value.to_string(),
        Kind::Integer(value) => value.to_string(),
        Kind::Unsigned(value) => format!("{value:#x}"),
        Kind::Float(value) => format_float(*value),
        Kind::String(text) => quote(text),
        Kind::Sequence(items) => {
            let items: Vec<_> = items.iter().map(|item| go_syntax(&item.kind)).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Kind::Mapping(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|left, right| left.key.cmp(&right.key));
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| format!("{}:{}", quote(&entry.key), go_syntax(&entry.value.kind)))
                .collect();
            format!(
                "map[interface {{}}]interface {{}}{{{}}}",
                entries.join(", ")
            )
        }
    }
}

/// Returns a text in quotes, as `strconv.Quote` has it for what commonly occurs.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\x{:02x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
