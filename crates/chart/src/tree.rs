//! Values as templates see them: takes JSON, gives maps that are shared and changed in place, and
//! the ways Helm lays one over another, never reads files.
//!
//! Maps are shared handles here on purpose: Helm's merging lets charts share tables, and what one
//! template sets in `.Values` the next one sees.

use std::sync::Arc;

use gotemplate::{FrozenMap, FrozenValue, List, Map, Value};
use serde_json::Value as Json;

/// Gives the value that templates see; see [`crate::Values`] for the numbers.
pub(crate) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Int64(integer),
            None => Value::Float64(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => match crate::encoding::bytes_of(text) {
            None => Value::from(text.as_str()),
            Some(bytes) => Value::String(gotemplate::Text::from_bytes(bytes)),
        },
        Json::Array(items) => Value::List(items.iter().map(from_json).collect::<List>()),
        Json::Object(entries) => Value::Map(map_from_json(entries)),
    }
}

/// Gives the map that templates see.
pub(crate) fn map_from_json(entries: &serde_json::Map<String, Json>) -> Map {
    entries
        .iter()
        .map(|(key, value)| (key.as_str(), from_json(value)))
        .collect()
}

/// Keeps the entries in the form of which maps for templates are made most cheaply.
pub(crate) fn frozen(entries: &serde_json::Map<String, Json>) -> Arc<FrozenMap> {
    let entries = entries.iter();
    let entries = entries.map(|(key, value)| (key.as_str().into(), frozen_value(value)));
    Arc::new(FrozenMap::new(entries.collect()))
}

fn frozen_value(json: &Json) -> FrozenValue {
    match json {
        Json::Array(items) => FrozenValue::List(items.iter().map(frozen_value).collect()),
        Json::Object(entries) => FrozenValue::Map(frozen(entries)),
        scalar => match from_json(scalar) {
            Value::Bool(flag) => FrozenValue::Bool(flag),
            Value::Int64(integer) => FrozenValue::Int64(integer),
            Value::Float64(float) => FrozenValue::Float64(float),
            Value::String(text) => FrozenValue::String(text),
            _ => FrozenValue::Nil,
        },
    }
}

/// Gives the map as JSON; whole floats become integers, as they are to Go's JSON.
pub(crate) fn map_to_json(map: &Map) -> Json {
    Json::Object(
        map.iter()
            .map(|(key, value)| (key.to_string(), to_json(&value)))
            .collect(),
    )
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) | Value::Int64(number) => Json::from(*number),
        Value::Uint64(number) => Json::from(*number),
        Value::Uint8(number) => Json::from(*number),
        Value::Float64(number) => whole(*number).map_or_else(|| Json::from(*number), Json::from),
        Value::String(text) => Json::from(&*text.to_str()),
        Value::List(list) => Json::Array(list.iter().map(to_json).collect()),
        Value::Map(map) => map_to_json(map),
        Value::Nil | Value::Bytes(_) | Value::Host(_) => Json::Null,
    }
}

/// Gives a float as the integer that it is, where it is one below 2^63.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole numbers within the bounds lose nothing"
)]
fn whole(number: f64) -> Option<i64> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    (number.fract() == 0.0 && number.abs() < BOUND).then_some(number as i64)
}

/// Returns the table at a dotted path.
pub(crate) fn table(values: &Map, path: &str) -> Option<Map> {
    path.split('.')
        .try_fold(values.clone(), |table, name| match table.get(name) {
            Some(Value::Map(inner)) => Some(inner),
            _ => None,
        })
}

/// Returns what stands at a dotted path, unless it is a table.
pub(crate) fn scalar(values: &Map, path: &str) -> Option<Value> {
    let (table, name) = match path.rsplit_once('.') {
        Some((above, name)) => (self::table(values, above)?, name),
        None => (values.clone(), path),
    };
    table
        .get(name)
        .filter(|value| !matches!(value, Value::Map(_)))
}

/// Lays `above` over `below`, in place; `above` wins. When `keep_nulls` is off, a null above takes
/// the key away.
pub(crate) fn lay_tables(above: &Map, below: &Map, keep_nulls: bool) {
    let given: std::collections::BTreeSet<_> = below
        .iter()
        .filter(|(_, value)| !value.is_nil())
        .map(|(key, _)| key)
        .collect();
    for (key, value) in above {
        if value.is_nil() {
            below.set(key, Value::Nil);
        }
    }
    for (key, value) in below {
        match (above.get(&key), &value) {
            (None, _) => above.set(key, value),
            (Some(Value::Nil), _) if !keep_nulls && given.contains(&key) => {
                above.remove(&key);
            }
            (Some(Value::Map(upper)), Value::Map(lower)) => lay_tables(&upper, lower, keep_nulls),
            _ => {}
        }
    }
}

/// Takes null entries out, at every depth, in place.
pub(crate) fn drop_nulls(map: &Map) {
    if map.is_known_without_nil() {
        return;
    }
    for (key, value) in map {
        match value {
            Value::Nil => {
                map.remove(&key);
            }
            Value::Map(inner) => drop_nulls(&inner),
            _ => {}
        }
    }
}
