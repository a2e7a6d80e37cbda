//! JSON: takes and gives `serde_json` values with Go's types for them, never text.

use std::cell::Cell;

use crate::map::Map;
use crate::meter::MAX_ELEMENTS;
use crate::value::Value;

/// Takes a JSON value as Go's `encoding/json` does into an `interface {}`: every number becomes a
/// `float64`.
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => Value::Float64(number.as_f64().unwrap_or(f64::NAN)),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(from_json).collect()),
        serde_json::Value::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| (key.as_str(), from_json(value)))
                .collect::<Map>(),
        ),
    }
}

/// A value that JSON has no form for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// An infinite number or none at all.
    #[error("json: unsupported value: {0}")]
    UnsupportedValue(String),
    /// A function or the like.
    #[error("json: unsupported type: {0}")]
    UnsupportedType(String),
}

/// Gives the JSON value that Go's `encoding/json` would write. A `float64` without a fraction
/// becomes an integer, as Go writes it.
pub fn to_json(value: &Value) -> Result<serde_json::Value, JsonError> {
    nested(value, 0, &Cell::new(0))
}

/// How deep values may nest; only a map that contains itself goes deeper.
const MAXIMUM_DEPTH: usize = 10_000;

fn nested(
    value: &Value,
    depth: usize,
    elements: &Cell<usize>,
) -> Result<serde_json::Value, JsonError> {
    use serde_json::Value as Json;
    if depth > MAXIMUM_DEPTH {
        let message = format!("encountered a cycle via {}", value.type_name());
        return Err(JsonError::UnsupportedValue(message));
    }
    elements.set(elements.get() + 1);
    if elements.get() > MAX_ELEMENTS {
        let message = format!("more than {MAX_ELEMENTS} elements");
        return Err(JsonError::UnsupportedValue(message));
    }
    Ok(match value {
        Value::Nil => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) | Value::Int64(value) => Json::from(*value),
        Value::Uint8(value) => Json::from(*value),
        Value::Uint64(value) => Json::from(*value),
        Value::Float64(value) => number(*value)?,
        Value::String(text) => Json::String(text.to_str().into_owned()),
        Value::Bytes(bytes) => Json::String(base64(bytes)),
        Value::List(list) if list.is_nil() => Json::Null,
        Value::Map(map) if map.is_nil() => Json::Null,
        Value::List(list) => crate::stack::grow(|| {
            list.iter()
                .map(|item| nested(item, depth + 1, elements))
                .collect::<Result<_, _>>()
        })
        .map(Json::Array)?,
        Value::Map(map) => {
            let mut object = serde_json::Map::new();
            crate::stack::grow(|| {
                map.visit(|key, value| {
                    object.insert(key.to_owned(), nested(value, depth + 1, elements)?);
                    Ok(())
                })
            })?;
            Json::Object(object)
        }
        Value::Host(host) => match (host.json(), host.underlying()) {
            (Some(json), _) => json,
            (None, None) if host.json_members().is_some() => {
                let members = host.json_members().unwrap_or_default();
                let members = members
                    .into_iter()
                    .map(|(key, value)| Ok((key.to_owned(), nested(&value, depth + 1, elements)?)));
                Json::Object(members.collect::<Result<_, _>>()?)
            }
            (None, Some(value)) => nested(&value, depth, elements)?,
            (None, None) => {
                return Err(JsonError::UnsupportedType(host.type_name().into_owned()));
            }
        },
    })
}

fn number(value: f64) -> Result<serde_json::Value, JsonError> {
    let is_negative_zero = value == 0.0 && value.is_sign_negative();
    if value.fract() == 0.0 && !is_negative_zero {
        // Go writes the fewest digits and fills up with zeros, which is not the exact integer.
        let digits = crate::format::float(value, 'f', None);
        let signed = digits.parse::<i64>().map(serde_json::Value::from);
        if let Ok(integer) = signed.or_else(|_| digits.parse::<u64>().map(Into::into)) {
            return Ok(integer);
        }
    }
    serde_json::Number::from_f64(value)
        .map(serde_json::Value::Number)
        .ok_or_else(|| JsonError::UnsupportedValue(crate::format::float(value, 'g', None)))
}

/// Go writes `[]byte` in base64.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            if position > chunk.len() {
                text.push('=');
            } else {
                let digit = (group >> (18 - 6 * position)) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            }
        }
    }
    text
}
