//! Maps that never change: takes values once, gives any number of maps for templates to read and
//! change, shared between threads; never copies more of them than is looked at.

use std::sync::Arc;

use crate::entries::Entries;
use crate::list::List;
use crate::map::Map;
use crate::text::Text;
use crate::value::Value;

/// A value of a [`FrozenMap`].
#[derive(Debug, Clone)]
pub enum FrozenValue {
    /// `nil`.
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int64`.
    Int64(i64),
    /// `float64`.
    Float64(f64),
    /// `string`.
    String(Text),
    /// `[]interface {}`.
    List(Arc<[FrozenValue]>),
    /// `map[string]interface {}`.
    Map(Arc<FrozenMap>),
}

/// A `map[string]interface {}` of which [`Map::from`] makes maps that can be changed, at no cost
/// for what is not looked at.
#[derive(Debug)]
pub struct FrozenMap {
    /// In key order.
    entries: Vec<(Arc<str>, FrozenValue)>,
    /// How many values there are at all depths, within lists too.
    elements: usize,
    has_nil: bool,
}

impl FrozenMap {
    /// Makes a map of entries with different keys.
    pub fn new(mut entries: Vec<(Arc<str>, FrozenValue)>) -> Self {
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let values = || entries.iter().map(|(_, value)| value);
        Self {
            elements: values().map(FrozenValue::elements).sum(),
            has_nil: values().any(FrozenValue::is_or_has_nil),
            entries,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn elements(&self) -> usize {
        self.elements
    }

    /// Returns whether there is a nil in it or in a map below, lists left out.
    pub(crate) fn has_nil(&self) -> bool {
        self.has_nil
    }

    /// Returns the outermost level, that below still being frozen.
    pub(crate) fn thawed(&self) -> Entries {
        let entries = self.entries.iter();
        entries
            .map(|(key, value)| (Arc::clone(key), value.thawed()))
            .collect()
    }
}

impl FrozenValue {
    fn elements(&self) -> usize {
        1 + match self {
            Self::List(items) => items.iter().map(Self::elements).sum(),
            Self::Map(map) => map.elements,
            _ => 0,
        }
    }

    fn is_or_has_nil(&self) -> bool {
        match self {
            Self::Nil => true,
            Self::Map(map) => map.has_nil,
            _ => false,
        }
    }

    fn thawed(&self) -> Value {
        match self {
            Self::Nil => Value::Nil,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int64(value) => Value::Int64(*value),
            Self::Float64(value) => Value::Float64(*value),
            Self::String(text) => Value::String(text.clone()),
            Self::List(items) => Value::List(items.iter().map(Self::thawed).collect::<List>()),
            Self::Map(map) => Value::Map(Map::from(map)),
        }
    }
}
