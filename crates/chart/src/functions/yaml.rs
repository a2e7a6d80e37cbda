//! `toYaml`, `fromYaml` and their kin: takes values or YAML text, gives the other, with Go's
//! rules; errors become texts where Helm makes texts of them.

use std::borrow::Cow;

use gotemplate::{FunctionError, FunctionTable, List, Map, Value};
use goyaml::{Emit, Shape};

use super::arguments::{ANY, TEXT, any, text};
use crate::tree;
use crate::values::with_floats;

/// A value as the YAML writer sees it: what JSON would make of it.
struct Yaml(Value);

impl Emit for Yaml {
    type Child<'a> = Yaml;

    fn shape(&self) -> Shape<'_, Yaml> {
        match &self.0 {
            Value::Nil => Shape::Null,
            Value::Bool(flag) => Shape::Bool(*flag),
            Value::Int(number) | Value::Int64(number) => Shape::Integer(*number),
            Value::Uint8(number) => Shape::Integer(i64::from(*number)),
            Value::Uint64(number) => Shape::Unsigned(*number),
            Value::Float64(number) => Shape::Float(*number),
            Value::String(text) => Shape::String(text.to_str()),
            Value::Bytes(bytes) => Shape::String(Cow::Owned(super::json::base64(bytes))),
            Value::List(list) => Shape::Sequence(list.iter().cloned().map(Yaml).collect()),
            Value::Map(map) => Shape::Mapping(
                map.iter()
                    .map(|(key, value)| (Cow::Owned(key.to_string()), Yaml(value)))
                    .collect(),
            ),
            Value::Host(host) => match (host.json(), host.underlying()) {
                (Some(json), _) => Yaml(tree::from_json(&json)).owned_shape(),
                (None, Some(value)) => Yaml(value).owned_shape(),
                (None, None) => Shape::Null,
            },
        }
    }
}

impl Yaml {
    /// The shape of a temporary value: nothing in it is borrowed.
    fn owned_shape(self) -> Shape<'static, Yaml> {
        match self.shape() {
            Shape::Null => Shape::Null,
            Shape::Bool(flag) => Shape::Bool(flag),
            Shape::Integer(number) => Shape::Integer(number),
            Shape::Unsigned(number) => Shape::Unsigned(number),
            Shape::Float(number) => Shape::Float(number),
            Shape::String(text) => Shape::String(Cow::Owned(text.into_owned())),
            Shape::Sequence(items) => Shape::Sequence(items),
            Shape::Mapping(entries) => Shape::Mapping(
                entries
                    .into_iter()
                    .map(|(key, value)| (Cow::Owned(key.into_owned()), value))
                    .collect(),
            ),
        }
    }
}

/// Writes a value as YAML without the last line feed.
pub(crate) fn to_yaml(value: &Value) -> Result<String, FunctionError> {
    super::json::check(value)?;
    let mut text = goyaml::to_string(&Yaml(value.clone()))
        .map_err(|error| FunctionError::new(error.to_string()))?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

pub(super) fn register(table: &mut FunctionTable) {
    table.register("toYaml", ANY, |_, a| {
        Ok(to_yaml(&any(a, 0)).unwrap_or_default().into())
    });
    table.register("mustToYaml", ANY, |_, a| Ok(to_yaml(&any(a, 0))?.into()));
    table.register("fromYaml", TEXT, |_, a| {
        Ok(match parse(&text(a, 0)) {
            Ok(Value::Map(map)) => Value::Map(map),
            Ok(Value::Nil) => Value::Map(Map::new()),
            Ok(other) => error_map(wrong_type(&other, "map[string]interface {}")),
            Err(message) => error_map(message),
        })
    });
    table.register("fromYamlArray", TEXT, |_, a| {
        let failed = |message: String| Value::from(vec![Value::from(message)]);
        Ok(match parse(&text(a, 0)) {
            Ok(Value::List(list)) => Value::List(list),
            Ok(Value::Nil) => Value::List(List::new(Vec::new())),
            Ok(other) => failed(wrong_type(&other, "[]interface {}")),
            Err(message) => failed(message),
        })
    });
}

/// Gives the map that Helm gives in place of what cannot be read.
pub(super) fn error_map(message: String) -> Value {
    let map = Map::new();
    map.set("Error", message);
    Value::Map(map)
}

fn parse(text: &str) -> Result<Value, String> {
    let node =
        goyaml::parse(text).map_err(|error| format!("error converting YAML to JSON: {error}"))?;
    Ok(tree::from_json(&with_floats(node.to_json())))
}

fn wrong_type(value: &Value, wanted: &str) -> String {
    let found = super::json::json_type(value);
    format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type {wanted}"
    )
}
