//! The form of a manifest's values: takes JSON and a description of Go's types, gives the JSON that
//! Go would write of it again, never anything that the types do not know.

use serde_json::{Map, Value};

use crate::error::{Problem, Unknown};

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// `string`.
    Text,
    /// `bool`.
    Flag,
    /// An integer.
    Integer,
    /// A number or a text, as `IntOrString`.
    Either,
    /// Any JSON.
    Any,
    /// A slice.
    List(&'static Shape),
    /// A map with keys of one's own choosing.
    Map(&'static Shape),
    /// A structure.
    Struct(&'static [Field]),
}

impl Shape {
    /// Returns the type of what stands below a key.
    pub(crate) fn below(&self, key: &str) -> Self {
        match self {
            Self::Struct(fields) => fields
                .iter()
                .find(|field| field.name == key)
                .map_or(Self::Any, |field| field.shape),
            Self::Map(shape) => **shape,
            _ => Self::Any,
        }
    }
}

/// When a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Unless it is empty, or a structure: `omitempty`.
    Filled,
    /// Always.
    Always,
    /// Where it was given: a pointer.
    Given,
}

/// A field of a structure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) presence: Presence,
}

const fn field(name: &'static str, shape: Shape, presence: Presence) -> Field {
    Field {
        name,
        shape,
        presence,
    }
}

/// A field that is written unless it is empty.
pub(crate) const fn filled(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Presence::Filled)
}

/// A field that is always written.
pub(crate) const fn always(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Presence::Always)
}

/// A field that is written where it was given.
pub(crate) const fn given(name: &'static str, shape: Shape) -> Field {
    field(name, shape, Presence::Given)
}

/// A text that is written unless it is empty.
pub(crate) const fn text(name: &'static str) -> Field {
    filled(name, Shape::Text)
}

/// A truth value that is written where it is true.
pub(crate) const fn flag(name: &'static str) -> Field {
    filled(name, Shape::Flag)
}

pub(crate) const TEXTS: Shape = Shape::List(&Shape::Text);
pub(crate) const TEXT_MAP: Shape = Shape::Map(&Shape::Text);

impl Shape {
    /// Returns the value as Go writes it after having read it.
    pub(crate) fn normal(
        &self,
        value: &Value,
        path: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<Value> {
        if value.is_null() {
            return Some(self.zero());
        }
        let normal = match (self, value) {
            (Self::Text, Value::String(_)) | (Self::Flag, Value::Bool(_)) | (Self::Any, _) => {
                value.clone()
            }
            (Self::Integer, Value::Number(number)) if number.is_i64() => value.clone(),
            (Self::Either, Value::Number(number)) if number.is_i64() => value.clone(),
            (Self::Either, Value::String(_)) => value.clone(),
            (Self::List(shape), Value::Array(items)) => {
                let items = items.iter().enumerate();
                let items =
                    items.map(|(at, item)| shape.normal(item, &format!("{path}[{at}]"), problems));
                Value::Array(
                    items
                        .collect::<Vec<_>>()
                        .into_iter()
                        .collect::<Option<_>>()?,
                )
            }
            (Self::Map(shape), Value::Object(entries)) => {
                let entries = entries.iter().map(|(key, value)| {
                    let value = shape.normal(value, &format!("{path}.{key}"), problems)?;
                    Some((key.clone(), value))
                });
                Value::Object(
                    entries
                        .collect::<Vec<_>>()
                        .into_iter()
                        .collect::<Option<_>>()?,
                )
            }
            (Self::Struct(fields), Value::Object(entries)) => {
                Value::Object(structure(fields, entries, path, problems)?)
            }
            _ => {
                let message = format!("must be {}, but is {}", self.name(), name_of(value));
                let mut problem = Problem::new(path, message);
                if let (Self::Text, Value::Bool(_) | Value::Number(_)) = (self, value) {
                    problem = problem.help(format!("write it in quotes: \"{value}\""));
                }
                problems.push(problem);
                return None;
            }
        };
        Some(normal)
    }

    /// Returns what Go has in place of nothing, as JSON.
    fn zero(&self) -> Value {
        match self {
            Self::Text => Value::String(String::new()),
            Self::Flag => Value::Bool(false),
            Self::Integer | Self::Either => Value::from(0),
            Self::Any | Self::List(_) | Self::Map(_) => Value::Null,
            Self::Struct(fields) => structure(fields, &Map::new(), "", &mut Vec::new())
                .map_or(Value::Null, Value::Object),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Flag => "true or false",
            Self::Integer => "a whole number",
            Self::Either => "a whole number or a text",
            Self::Any => "anything",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Struct(_) => "a map",
        }
    }
}

/// Returns what kind of value it is, in words.
pub(crate) fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

fn structure(
    fields: &'static [Field],
    entries: &Map<String, Value>,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Map<String, Value>> {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    let before = problems.len();
    for key in entries.keys() {
        if !fields.iter().any(|field| field.name == key) {
            let mut problem = Problem::new(below(key), "is an unknown field");
            problem.unknown = Some(Unknown {
                name: key.clone(),
                known: fields.iter().map(|field| field.name).collect(),
            });
            problems.push(problem);
        }
    }
    let mut written = Map::new();
    for field in fields {
        let found = entries.get(field.name).filter(|value| !value.is_null());
        let value = match found {
            Some(value) => field.shape.normal(value, &below(field.name), problems),
            None if field.presence == Presence::Given => continue,
            None => Some(field.shape.zero()),
        };
        let Some(value) = value else { continue };
        if field.presence != Presence::Filled
            || matches!(field.shape, Shape::Struct(_))
            || !is_empty(&value)
        {
            written.insert(field.name.to_owned(), value);
        }
    }
    (problems.len() == before).then_some(written)
}

/// Returns whether Go's JSON leaves the value out under `omitempty`.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
    }
}
