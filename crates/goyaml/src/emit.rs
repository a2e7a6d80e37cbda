//! What the writer asks of a value: takes any JSON-like type, gives its shape one level deep,
//! never converts a whole tree.

use std::borrow::Cow;

use serde_json::Value;

use crate::node::{Kind, Node};

/// One level of a value, `C` being how its children are handed out.
#[derive(Debug)]
pub enum Shape<'a, C> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer with a sign.
    Integer(i64),
    /// An integer without a sign.
    Unsigned(u64),
    /// A floating point number; one that is an integer is written as an integer.
    Float(f64),
    /// A text.
    String(Cow<'a, str>),
    /// What is written as it is, such as a time.
    Word(Cow<'a, str>),
    /// A list.
    Sequence(Vec<C>),
    /// A map, in any order: the writer sorts.
    Mapping(Vec<(Cow<'a, str>, C)>),
    /// A structure, whose keys keep their order.
    Ordered(Vec<(Cow<'a, str>, C)>),
}

/// A JSON-like value that can be written.
pub trait Emit {
    /// How children are handed out: a reference, or a cheap clone of a shared handle.
    type Child<'a>: Emit
    where
        Self: 'a;

    /// Returns the outermost level of the value.
    fn shape(&self) -> Shape<'_, Self::Child<'_>>;
}

impl Emit for Value {
    type Child<'a> = &'a Value;

    fn shape(&self) -> Shape<'_, &Value> {
        json_shape(self)
    }
}

impl Emit for &Value {
    type Child<'a>
        = &'a Value
    where
        Self: 'a;

    fn shape(&self) -> Shape<'_, &Value> {
        json_shape(self)
    }
}

impl Emit for Node {
    type Child<'a> = &'a Node;

    fn shape(&self) -> Shape<'_, &Node> {
        node_shape(self)
    }
}

impl Emit for &Node {
    type Child<'a>
        = &'a Node
    where
        Self: 'a;

    fn shape(&self) -> Shape<'_, &Node> {
        node_shape(self)
    }
}

fn json_shape(value: &Value) -> Shape<'_, &Value> {
    match value {
        Value::Null => Shape::Null,
        Value::Bool(value) => Shape::Bool(*value),
        Value::Number(number) => number
            .as_i64()
            .map(Shape::Integer)
            .or_else(|| number.as_u64().map(Shape::Unsigned))
            .or_else(|| number.as_f64().map(Shape::Float))
            .unwrap_or(Shape::Null),
        Value::String(text) => Shape::String(Cow::Borrowed(text)),
        Value::Array(items) => Shape::Sequence(items.iter().collect()),
        Value::Object(entries) => Shape::Mapping(
            entries
                .iter()
                .map(|(key, value)| (key.into(), value))
                .collect(),
        ),
    }
}

fn node_shape(node: &Node) -> Shape<'_, &Node> {
    match &node.kind {
        Kind::Null => Shape::Null,
        Kind::Bool(value) => Shape::Bool(*value),
        Kind::Integer(value) => Shape::Integer(*value),
        Kind::Unsigned(value) => Shape::Unsigned(*value),
        Kind::Float(value) => Shape::Float(*value),
        Kind::String(text) => Shape::String(Cow::Borrowed(text)),
        Kind::Sequence(items) => Shape::Sequence(items.iter().collect()),
        Kind::Mapping(entries) => Shape::Mapping(
            entries
                .iter()
                .map(|entry| (Cow::Borrowed(entry.key.as_str()), &entry.value))
                .collect(),
        ),
    }
}
