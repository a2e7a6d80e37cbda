//! `toYaml`, `fromYaml` and their kin: takes values or YAML text, gives the other, with Go's
//! rules; errors become texts where Helm makes texts of them.
//!
//! Source: Helm's `pkg/engine/funcs.go`.

use std::borrow::Cow;

use gotemplate::{FunctionError, FunctionTable, List, Map, Value};
use goyaml::{Emit, Kind, Node, Shape};

use super::arguments::{ANY, TEXT, any, text};
use super::json::{base64, check, into_list, into_map, wrong_type};
use super::json_read::Read;
use super::layout::Layout;
use super::moment::time;
use crate::tree;

/// A value as the YAML writer sees it: what JSON would make of it, or what Go's newer YAML library
/// makes of it by itself.
struct Yaml {
    value: Value,
    is_pretty: bool,
}

impl Yaml {
    fn child(&self, value: Value) -> Self {
        Self {
            value,
            is_pretty: self.is_pretty,
        }
    }

    fn entries<'a>(&self, entries: impl Iterator<Item = (String, Value)>) -> Shape<'a, Self> {
        Shape::Mapping(
            entries
                .map(|(key, value)| (Cow::Owned(key), self.child(value)))
                .collect(),
        )
    }

    fn host_shape(&self, host: &dyn gotemplate::Host) -> Shape<'static, Self> {
        if self.is_pretty {
            return self.pretty_shape(host);
        }
        match (host.json(), host.json_members(), host.underlying()) {
            (Some(json), ..) => self.child(tree::from_json(&json)).owned_shape(),
            (None, Some(members), _) => self.entries(
                members
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value)),
            ),
            (None, None, Some(value)) => self.child(value).owned_shape(),
            (None, None, None) => Shape::Mapping(Vec::new()),
        }
    }

    /// The newer library: times as they are, texts of what has some, fields in small letters.
    fn pretty_shape(&self, host: &dyn gotemplate::Host) -> Shape<'static, Self> {
        if let Some(moment) = time(&self.value) {
            let text = Layout("2006-01-02T15:04:05.999999999Z07:00").format(&moment);
            return Shape::Word(Cow::Owned(text));
        }
        let is_text = host.type_name() == "time.Duration";
        if is_text || host.signature("MarshalText").is_some() {
            return Shape::String(Cow::Owned(host.display().unwrap_or_default()));
        }
        if let Some(value) = host.underlying() {
            return self.child(value).owned_shape();
        }
        let fields = host.fields().unwrap_or_default().into_iter();
        let exported = fields.filter(|(name, _)| name.starts_with(char::is_uppercase));
        Shape::Ordered(
            exported
                .map(|(name, value)| (Cow::Owned(name.to_lowercase()), self.child(value)))
                .collect(),
        )
    }

    /// The shape of a temporary value: nothing in it is borrowed.
    fn owned_shape(self) -> Shape<'static, Self> {
        let owned = |entries: Vec<(Cow<'_, str>, Self)>| {
            let entries = entries.into_iter();
            entries
                .map(|(key, value)| (Cow::Owned(key.into_owned()), value))
                .collect()
        };
        match self.shape() {
            Shape::Null => Shape::Null,
            Shape::Bool(flag) => Shape::Bool(flag),
            Shape::Integer(number) => Shape::Integer(number),
            Shape::Unsigned(number) => Shape::Unsigned(number),
            Shape::Float(number) => Shape::Float(number),
            Shape::String(text) => Shape::String(Cow::Owned(text.into_owned())),
            Shape::Sequence(items) => Shape::Sequence(items),
            Shape::Word(text) => Shape::Word(Cow::Owned(text.into_owned())),
            Shape::Mapping(entries) => Shape::Mapping(owned(entries)),
            Shape::Ordered(entries) => Shape::Ordered(owned(entries)),
        }
    }
}

impl Emit for Yaml {
    type Child<'a> = Self;

    fn shape(&self) -> Shape<'_, Self> {
        match &self.value {
            Value::Nil => Shape::Null,
            Value::Bool(flag) => Shape::Bool(*flag),
            Value::Int(number) | Value::Int64(number) => Shape::Integer(*number),
            Value::Uint8(number) => Shape::Integer(i64::from(*number)),
            Value::Uint64(number) => Shape::Unsigned(*number),
            Value::Float64(number) => Shape::Float(*number),
            Value::String(text) if self.is_pretty && text.as_utf8().is_none() => {
                Shape::Word(Cow::Owned(format!("!!binary {}", base64(text.as_bytes()))))
            }
            Value::String(text) => Shape::String(text.to_str()),
            Value::Bytes(bytes) if self.is_pretty => {
                let items = bytes.iter().map(|&byte| self.child(Value::Uint8(byte)));
                Shape::Sequence(items.collect())
            }
            Value::Bytes(bytes) => Shape::String(Cow::Owned(base64(bytes))),
            // Through JSON, what is nil is null; without it, merely empty.
            Value::List(list) if list.is_nil() && !self.is_pretty => Shape::Null,
            Value::Map(map) if map.is_nil() && !self.is_pretty => Shape::Null,
            Value::List(list) => {
                Shape::Sequence(list.iter().map(|item| self.child(item.clone())).collect())
            }
            Value::Map(map) => {
                self.entries(map.iter().map(|(key, value)| (key.to_string(), value)))
            }
            Value::Host(host) => self.host_shape(&**host),
        }
    }
}

/// Writes a value as YAML without the last line feed.
pub(crate) fn to_yaml(value: &Value) -> Result<String, FunctionError> {
    check(value)?;
    let yaml = Yaml {
        value: value.clone(),
        is_pretty: false,
    };
    written(goyaml::to_string(&yaml))
}

fn written(text: Result<String, goyaml::Error>) -> Result<String, FunctionError> {
    let mut text = text.map_err(|error| FunctionError::new(error.to_string()))?;
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
    table.register("toYamlPretty", ANY, |_, a| {
        let yaml = Yaml {
            value: any(a, 0),
            is_pretty: true,
        };
        Ok(written(goyaml::to_string_pretty(&yaml))
            .unwrap_or_default()
            .into())
    });
    table.register("fromYaml", TEXT, |_, a| {
        Ok(into_map(parse(&text(a, 0)), Map::new(), wrong_yaml_type))
    });
    table.register("fromYamlArray", TEXT, |_, a| {
        Ok(into_list(
            parse(&text(a, 0)),
            List::new(Vec::new()),
            wrong_yaml_type,
        ))
    });
}

fn parse(text: &str) -> Read {
    match goyaml::parse(text) {
        Ok(node) => Read {
            value: value_of(&node),
            error: None,
            is_number: false,
        },
        Err(error) => Read {
            value: Value::Nil,
            error: Some(format!("error converting YAML to JSON: {error}")),
            is_number: false,
        },
    }
}

/// Gives the value as it comes through JSON, where every number is a float.
fn value_of(node: &Node) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "Go's JSON loses it, too")]
    match &node.kind {
        Kind::Null => Value::Nil,
        Kind::Bool(flag) => Value::Bool(*flag),
        Kind::Integer(number) => Value::Float64(*number as f64),
        Kind::Unsigned(number) => Value::Float64(*number as f64),
        Kind::Float(number) => Value::Float64(*number),
        Kind::String(text) => match crate::encoding::bytes_of(text) {
            None => Value::from(text.as_str()),
            Some(bytes) => Value::String(gotemplate::Text::from_bytes(bytes)),
        },
        Kind::Sequence(items) => Value::List(items.iter().map(value_of).collect::<List>()),
        Kind::Mapping(entries) => Value::Map(
            entries
                .iter()
                .map(|entry| (entry.key.as_str(), value_of(&entry.value)))
                .collect::<Map>(),
        ),
    }
}

fn wrong_yaml_type(found: &str, wanted: &str) -> String {
    let complaint = wrong_type(found, wanted);
    format!("error unmarshaling JSON: while decoding JSON: {complaint}")
}
