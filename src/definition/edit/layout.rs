//! How a file is laid out, and values written that way: takes a file and a value, gives lines, never
//! changes the file.

use std::fmt::Write;

use goyaml::{Kind, Node};
use serde_json::Value;

use super::extent::is_flow;

/// The habits of a file.
pub(super) struct Layout {
    /// How much further in a map stands than its key.
    step: usize,
    /// How much further in a list stands than its key.
    list: usize,
    /// How lines end.
    pub(super) line_feed: &'static str,
}

/// A text of more characters than this is not written into brackets beside others.
const NARROW: usize = 80;

impl Layout {
    /// Looks at a file.
    pub(super) fn of(text: &str, root: &Node) -> Self {
        let mut habits = (None, None);
        look(text, root, &mut habits);
        Self {
            step: habits.0.unwrap_or(2),
            list: habits.1.unwrap_or(2),
            line_feed: if text.contains("\r\n") { "\r\n" } else { "\n" },
        }
    }

    /// Returns the line or lines of a key and its value.
    pub(super) fn entry(&self, column: usize, name: &str, value: &Value) -> String {
        let head = format!("{:column$}{}:", "", key(name));
        if is_block(value) {
            format!("{head}{}{}", self.line_feed, self.below(column, value))
        } else {
            format!("{head} {}{}", inline(value), self.line_feed)
        }
    }

    /// Returns the lines of a map's entries.
    pub(super) fn entries(&self, column: usize, map: &Value) -> String {
        let entries = map.as_object().into_iter().flatten();
        entries.fold(String::new(), |mut text, (key, value)| {
            text.push_str(&self.entry(column, key, value));
            text
        })
    }

    /// Returns the lines of a collection below a key that stands in this column.
    pub(super) fn below(&self, column: usize, value: &Value) -> String {
        match value {
            Value::Array(items) => {
                let column = column + self.list;
                items.iter().map(|item| self.item(column, item)).collect()
            }
            _ => self.entries(column + self.step, value),
        }
    }

    /// Returns the line or lines of an item of a list.
    pub(super) fn item(&self, column: usize, value: &Value) -> String {
        let mut text = String::new();
        let inner = match value {
            Value::Object(map) if !map.is_empty() => self.entries(column + 2, value),
            _ => format!(
                "{:width$}{}{}",
                "",
                flow(value),
                self.line_feed,
                width = column + 2
            ),
        };
        let _ = write!(text, "{:column$}- {}", "", inner.trim_start());
        text
    }
}

/// Returns a single value, or an empty collection.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains(['\n', '\r']) => value.to_string(),
        _ => goyaml::to_string(value)
            .map(|text| text.trim_end().to_owned())
            .ok()
            .filter(|text| !text.contains('\n'))
            .unwrap_or_else(|| value.to_string()),
    }
}

/// Returns a key.
pub(super) fn key(key: &str) -> String {
    scalar(&Value::String(key.to_owned()))
}

/// Returns a value in brackets.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entry =
                |(name, value): (&String, &Value)| format!("{}: {}", key(name), flow(value));
            let entries: Vec<String> = map.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::String(text) if text.contains([',', '[', ']', '{', '}']) => value.to_string(),
        _ => scalar(value),
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(_) | Value::Object(_) => flow(value),
        _ => scalar(value),
    }
}

/// Returns true where a value takes lines of its own. A short list of single values does not.
fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => {
            let is_single = |item: &Value| !item.is_object() && !item.is_array();
            let is_short = value.to_string().len() < NARROW;
            !items.is_empty() && (!is_short || !items.iter().all(is_single))
        }
        _ => false,
    }
}

fn look(text: &str, node: &Node, habits: &mut (Option<usize>, Option<usize>)) {
    match &node.kind {
        Kind::Mapping(entries) if !is_flow(text, node) => {
            for entry in entries {
                let key = entry.key_span.column;
                let value = &entry.value;
                let is_below = value.span.line > entry.key_span.line && !is_flow(text, value);
                let further = value.span.column.checked_sub(key).map(|step| step as usize);
                match &value.kind {
                    Kind::Mapping(inner) if is_below && !inner.is_empty() => {
                        habits.0 = habits.0.or(further.filter(|step| *step > 0));
                    }
                    Kind::Sequence(inner) if is_below && !inner.is_empty() => {
                        habits.1 = habits.1.or(further);
                    }
                    _ => {}
                }
                look(text, value, habits);
            }
        }
        Kind::Sequence(items) => {
            for item in items {
                look(text, item, habits);
            }
        }
        _ => {}
    }
}
