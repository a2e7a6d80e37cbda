//! What a reader makes of a document: takes its scalars, items and entries as they are read, gives
//! a tree with places, plain data, or only what is wanted of it; never looks at the text.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use crate::node::{Entry, Kind, Node, Span};

/// A value that holds no others.
#[derive(Debug)]
pub enum Scalar<'a> {
    /// `null`, `~` or nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Integer(i64),
    /// An integer that only fits 64 bits without a sign.
    Unsigned(u64),
    /// Any other number; finite.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
}

/// Makes values; the reader calls it from the inside out.
pub trait Build<'t> {
    /// What is made.
    type Value;
    /// A list while it is read.
    type List: Default;
    /// A map while it is read.
    type Map: Default;

    /// Makes a scalar.
    fn scalar(&mut self, scalar: Scalar<'t>, span: Span) -> Self::Value;

    /// Adds to a list.
    fn item(&mut self, list: &mut Self::List, item: Self::Value);

    /// Ends a list.
    fn list(&mut self, list: Self::List, span: Span) -> Self::Value;

    /// Tells of a key of the outermost map, before its value is read.
    fn outer_key(&mut self, _key: &str) {}

    /// Adds to a map; the place is that of the key.
    fn entry(&mut self, map: &mut Self::Map, key: Cow<'t, str>, span: Span, value: Self::Value);

    /// Ends a map; none where a key stands twice in it.
    fn map(&mut self, map: Self::Map, span: Span) -> Option<Self::Value>;
}

/// Makes the tree with the place of every value.
pub(super) struct Tree;

impl<'t> Build<'t> for Tree {
    type Value = Node;
    type List = Vec<Node>;
    type Map = Vec<Entry>;

    fn scalar(&mut self, scalar: Scalar<'t>, span: Span) -> Node {
        let kind = match scalar {
            Scalar::Null => Kind::Null,
            Scalar::Bool(value) => Kind::Bool(value),
            Scalar::Integer(value) => Kind::Integer(value),
            Scalar::Unsigned(value) => Kind::Unsigned(value),
            Scalar::Float(value) => Kind::Float(value),
            Scalar::Text(text) => Kind::String(text.into_owned()),
        };
        Node { kind, span }
    }

    fn item(&mut self, list: &mut Vec<Node>, item: Node) {
        list.push(item);
    }

    fn list(&mut self, list: Vec<Node>, span: Span) -> Node {
        let kind = Kind::Sequence(list);
        Node { kind, span }
    }

    fn entry(&mut self, map: &mut Vec<Entry>, key: Cow<'t, str>, span: Span, value: Node) {
        map.push(Entry {
            key: key.into_owned(),
            key_span: span,
            value,
        });
    }

    fn map(&mut self, map: Vec<Entry>, span: Span) -> Option<Node> {
        if has_duplicates(&map, |entry| &entry.key) {
            return None;
        }
        let kind = Kind::Mapping(map);
        Some(Node { kind, span })
    }
}

/// Makes plain data.
pub(super) struct Data;

/// A map with whether a key came twice.
#[derive(Default)]
pub(super) struct DataMap {
    entries: Map<String, Value>,
    repeats: bool,
}

impl<'t> Build<'t> for Data {
    type Value = Value;
    type List = Vec<Value>;
    type Map = DataMap;

    fn scalar(&mut self, scalar: Scalar<'t>, _: Span) -> Value {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Integer(value) => Value::Number(value.into()),
            Scalar::Unsigned(value) => Value::Number(value.into()),
            Scalar::Float(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
            Scalar::Text(text) => Value::String(text.into_owned()),
        }
    }

    fn item(&mut self, list: &mut Vec<Value>, item: Value) {
        list.push(item);
    }

    fn list(&mut self, list: Vec<Value>, _: Span) -> Value {
        Value::Array(list)
    }

    fn entry(&mut self, map: &mut DataMap, key: Cow<'t, str>, _: Span, value: Value) {
        map.repeats |= map.entries.insert(key.into_owned(), value).is_some();
    }

    fn map(&mut self, map: DataMap, _: Span) -> Option<Value> {
        (!map.repeats).then_some(Value::Object(map.entries))
    }
}

/// Makes data of the outermost keys that are wanted, and nothing of the others.
pub(super) struct Outline<'w> {
    wanted: &'w dyn Fn(&str) -> bool,
    keeps: bool,
}

impl<'w> Outline<'w> {
    pub(super) fn new(wanted: &'w dyn Fn(&str) -> bool) -> Self {
        Self {
            wanted,
            keeps: true,
        }
    }
}

/// A map of which only some entries may be kept.
#[derive(Default)]
pub(super) struct OutlineMap<'t> {
    keys: Vec<Cow<'t, str>>,
    kept: DataMap,
}

impl<'t> Build<'t> for Outline<'_> {
    type Value = Value;
    type List = Vec<Value>;
    type Map = OutlineMap<'t>;

    fn scalar(&mut self, scalar: Scalar<'t>, span: Span) -> Value {
        if self.keeps {
            Data.scalar(scalar, span)
        } else {
            Value::Null
        }
    }

    fn item(&mut self, list: &mut Vec<Value>, item: Value) {
        if self.keeps {
            list.push(item);
        }
    }

    fn list(&mut self, list: Vec<Value>, _: Span) -> Value {
        Value::Array(list)
    }

    fn outer_key(&mut self, key: &str) {
        self.keeps = (self.wanted)(key);
    }

    fn entry(&mut self, map: &mut OutlineMap<'t>, key: Cow<'t, str>, span: Span, value: Value) {
        if self.keeps {
            Data.entry(&mut map.kept, key.clone(), span, value);
        }
        map.keys.push(key);
    }

    fn map(&mut self, map: OutlineMap<'t>, span: Span) -> Option<Value> {
        if has_duplicates(&map.keys, |key| key) {
            return None;
        }
        Data.map(map.kept, span)
    }
}

fn has_duplicates<T>(items: &[T], key: impl Fn(&T) -> &str) -> bool {
    const FEW: usize = 8;
    if items.len() <= FEW {
        let stands_before = |at: usize| items[..at].iter().any(|one| key(one) == key(&items[at]));
        return (1..items.len()).any(stands_before);
    }
    let mut keys: Vec<&str> = items.iter().map(key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}
