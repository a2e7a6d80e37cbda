//! The suffix of generated names: takes a `ConfigMap` or `Secret`, gives ten letters made of its
//! content, never its metadata.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::resource::Resource;
use crate::tree::Tree;

/// Returns the suffix of a generated resource.
pub(crate) fn suffix(resource: &Resource) -> String {
    let field = |name: &str| match resource.tree.get(name) {
        Some(value @ Tree::Map(_)) => value.clone().into_json(),
        Some(value) => Value::String(value.spelling()),
        None => json!(""),
    };
    let secret = resource.kind() == "Secret";
    let mut content = Map::new();
    content.insert("kind".to_owned(), Value::String(resource.kind()));
    // Kustomize means to put the name here and does not find it.
    content.insert("name".to_owned(), json!(""));
    content.insert("data".to_owned(), field("data"));
    if secret {
        content.insert("type".to_owned(), field("type"));
    }
    let other = if secret { "stringData" } else { "binaryData" };
    if resource
        .tree
        .get(other)
        .is_some_and(|value| value.as_map().is_some())
    {
        content.insert(other.to_owned(), field(other));
    }
    let text = go_json(&Value::Object(content));
    let mut hex = String::new();
    for byte in &Sha256::digest(text.as_bytes())[..5] {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    // Letters that could form words, and digits that look like letters, are replaced.
    hex.chars()
        .map(|digit| match digit {
            '0' => 'g',
            '1' => 'h',
            '3' => 'k',
            'a' => 'm',
            'e' => 't',
            other => other,
        })
        .collect()
}

/// Returns JSON as Go's encoder writes it: what HTML knows is escaped. These characters occur in
/// texts only.
pub(crate) fn go_json(value: &Value) -> String {
    escape(&value.to_string())
}

/// Returns JSON in lines, indented by two spaces, as Go's encoder writes it.
pub(crate) fn go_json_pretty(value: &Value) -> String {
    escape(&format!("{value:#}"))
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string does not fail.
                let _ = write!(escaped, "\\u{:04x}", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
