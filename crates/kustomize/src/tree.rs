//! Manifests while they are worked on: takes what the YAML reader gave, gives JSON in the end,
//! never keeps comments or order.
//!
//! It differs from JSON in one thing: a value that was left out (`emptyDir:`) is told from one
//! that was written as null, for a strategic merge drops the former and keeps the latter.

use std::borrow::Cow;
use std::collections::BTreeMap;

use goyaml::{Kind, Node};
use serde_json::{Number, Value};

use crate::folded;

/// A map of a manifest.
pub(crate) type Map = BTreeMap<String, Tree>;

/// A value of a manifest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    /// Nothing was written after the key.
    Blank,
    /// `null` or `~`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A number or truth value that was not spelt as it would be written: as a text, it is what
    /// was spelt (`1.10`, `True`).
    Spelt(Box<Tree>, String),
    /// A text.
    Text(String),
    /// A text that was written folded (`>`): Kustomize writes it folded again, with a fault.
    Folded(String),
    /// A list.
    List(Vec<Tree>),
    /// A map.
    Map(Map),
}

impl Tree {
    /// Returns a value as it was read from `text`.
    pub(crate) fn from_node(node: Node, text: &str) -> Self {
        let offset = node.span.offset;
        match node.kind {
            Kind::Null => {
                let written = text.get(offset..).unwrap_or_default();
                if written.starts_with(['n', 'N', '~', '!', '&']) {
                    Self::Null
                } else {
                    Self::Blank
                }
            }
            Kind::Bool(value) => Self::Bool(value).spelt(offset, text),
            Kind::Integer(value) => Self::Number(value.into()).spelt(offset, text),
            Kind::Unsigned(value) => Self::Number(value.into()).spelt(offset, text),
            Kind::Float(value) => Number::from_f64(value)
                .map_or(Self::Null, Self::Number)
                .spelt(offset, text),
            Kind::String(value) => {
                let folded = text.as_bytes().get(offset) == Some(&b'>');
                if folded && folded::is_touchy(&value) {
                    Self::Folded(value)
                } else {
                    Self::Text(value)
                }
            }
            Kind::Sequence(items) => Self::List(
                items
                    .into_iter()
                    .map(|item| Self::from_node(item, text))
                    .collect(),
            ),
            Kind::Mapping(entries) => Self::Map(
                entries
                    .into_iter()
                    .map(|entry| (entry.key, Self::from_node(entry.value, text)))
                    .collect(),
            ),
        }
    }

    /// Keeps how a number or truth value was spelt where it would be written otherwise.
    fn spelt(self, offset: usize, text: &str) -> Self {
        let written = text.get(offset..).unwrap_or_default();
        let end = written.find([' ', '\t', '\r', '\n', ',', ']', '}']);
        let word = &written[..end.unwrap_or(written.len())];
        let plain = word.starts_with(|first: char| {
            first.is_ascii_alphanumeric() || matches!(first, '-' | '+' | '.')
        });
        if !plain || word == self.spelled() {
            return self;
        }
        Self::Spelt(Box::new(self), word.to_owned())
    }

    /// Returns the value without its spelling.
    pub(crate) fn unspelt(&self) -> &Self {
        match self {
            Self::Spelt(value, _) => value,
            value => value,
        }
    }

    /// Returns a text.
    pub(crate) fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    /// Returns the value as JSON.
    pub(crate) fn into_json(self) -> Value {
        self.json_with(&|text| text)
    }

    /// Returns the value as JSON, as what Kustomize prints is read.
    pub(crate) fn into_output(self) -> Value {
        self.json_with(&folded::refolded)
    }

    fn json_with(self, folded: &dyn Fn(String) -> String) -> Value {
        match self {
            Self::Blank | Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Number(value) => Value::Number(value),
            Self::Spelt(value, _) => value.json_with(folded),
            Self::Text(value) => Value::String(value),
            Self::Folded(value) => Value::String(folded(value)),
            Self::List(items) => Value::Array(
                items
                    .into_iter()
                    .map(|item| item.json_with(folded))
                    .collect(),
            ),
            Self::Map(map) => Value::Object(
                map.into_iter()
                    .map(|(key, value)| (key, value.json_with(folded)))
                    .collect(),
            ),
        }
    }

    /// Returns a JSON value.
    pub(crate) fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(value) => Self::Number(value.clone()),
            Value::String(value) => Self::Text(value.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Value::Object(map) => Self::Map(
                map.iter()
                    .map(|(key, value)| (key.clone(), Self::from_json(value)))
                    .collect(),
            ),
        }
    }

    /// Returns true for null, written or not.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Blank | Self::Null)
    }

    /// Returns true for anything but a list or a map.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Returns the value of a key where this is a map that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// Returns the value at a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |tree, key| tree.get(key))
    }

    /// Returns the map where this is one.
    pub(crate) fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the map where this is one.
    pub(crate) fn as_map_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns the items where this is a list.
    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the text where this is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Folded(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a scalar as it would be written; nothing for null, lists and maps.
    pub(crate) fn spelling(&self) -> String {
        self.spelled().into_owned()
    }

    /// Returns a scalar as it would be written; nothing for null, lists and maps.
    pub(crate) fn spelled(&self) -> Cow<'_, str> {
        match self {
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(value) => Cow::Owned(value.to_string()),
            Self::Text(text) | Self::Folded(text) | Self::Spelt(_, text) => Cow::Borrowed(text),
            Self::Blank | Self::Null | Self::List(_) | Self::Map(_) => Cow::Borrowed(""),
        }
    }

    /// Returns the map under a key, which is made where there is none or null; none where there is
    /// something else.
    pub(crate) fn map_under(&mut self, key: &str) -> Option<&mut Map> {
        let child = self
            .as_map_mut()?
            .entry(key.to_owned())
            .or_insert(Self::Null);
        if child.is_null() {
            *child = Self::Map(Map::new());
        }
        child.as_map_mut()
    }

    /// Returns how much there is: values within, and texts by their length.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Self::Map(map) => 1 + map.values().map(Self::weight).sum::<usize>(),
            Self::Text(text) | Self::Folded(text) => 1 + text.len() / 16,
            _ => 1,
        }
    }

    /// Returns what kind of value this is, in words for messages.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Blank | Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Spelt(value, _) => value.kind_name(),
            Self::Text(_) | Self::Folded(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}
