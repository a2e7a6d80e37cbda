//! Manifests while they are worked on: takes what the YAML reader gave, gives JSON in the end,
//! never keeps comments or order.
//!
//! It differs from JSON in one thing: a value that was left out (`emptyDir:`) is told from one
//! that was written as null, for a strategic merge drops the former and keeps the latter.

use std::borrow::Cow;

use goyaml::{Build, Emit, Entry, Flavour, Kind, Node, Scalar, Shape, Span};
use serde_json::{Number, Value};

use crate::folded;
pub(crate) use crate::map::Map;

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
        let scalar = match node.kind {
            Kind::Null => Scalar::Null,
            Kind::Bool(value) => Scalar::Bool(value),
            Kind::Integer(value) => Scalar::Integer(value),
            Kind::Unsigned(value) => Scalar::Unsigned(value),
            Kind::Float(value) => Scalar::Float(value),
            Kind::String(value) => Scalar::Text(Cow::Owned(value)),
            Kind::Sequence(items) => {
                let items = items.into_iter().map(|item| Self::from_node(item, text));
                return Self::List(items.collect());
            }
            Kind::Mapping(entries) => {
                let of_entry = |entry: Entry| (entry.key, Self::from_node(entry.value, text));
                return Self::Map(entries.into_iter().map(of_entry).collect());
            }
        };
        Self::from_scalar(scalar, node.span.offset, text)
    }

    /// Returns a scalar as it was read from `text`, where it begins at the offset.
    fn from_scalar(scalar: Scalar<'_>, offset: usize, text: &str) -> Self {
        let written = || text.get(offset..).unwrap_or_default();
        match scalar {
            Scalar::Null if written().starts_with(['n', 'N', '~', '!', '&']) => Self::Null,
            Scalar::Null => Self::Blank,
            Scalar::Bool(value) => Self::Bool(value).spelt(written()),
            Scalar::Integer(value) => Self::Number(value.into()).spelt(written()),
            Scalar::Unsigned(value) => Self::Number(value.into()).spelt(written()),
            Scalar::Float(value) => Number::from_f64(value)
                .map_or(Self::Null, Self::Number)
                .spelt(written()),
            Scalar::Text(value) if written().starts_with('>') && folded::is_touchy(&value) => {
                Self::Folded(value.into_owned())
            }
            Scalar::Text(value) => Self::Text(value.into_owned()),
        }
    }

    /// Keeps how a number or truth value was spelt where it would be written otherwise.
    fn spelt(self, written: &str) -> Self {
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

/// Reads all documents of a text, each with its place.
pub(crate) fn read(text: &str) -> Result<Vec<(Tree, Span)>, goyaml::Error> {
    let convert = |node| Tree::from_node(node, text);
    goyaml::parse_stream_with(text, Flavour::V3, Reading { text }, convert)
}

/// Makes trees while a text is read.
struct Reading<'t> {
    text: &'t str,
}

impl<'t> Build<'t> for Reading<'t> {
    type Value = Tree;
    type List = Vec<Tree>;
    type Map = Vec<(String, Tree)>;

    fn scalar(&mut self, scalar: Scalar<'t>, span: Span) -> Tree {
        Tree::from_scalar(scalar, span.offset, self.text)
    }

    fn item(&mut self, list: &mut Vec<Tree>, item: Tree) {
        list.push(item);
    }

    fn list(&mut self, list: Vec<Tree>, _: Span) -> Tree {
        Tree::List(list)
    }

    fn entry(&mut self, map: &mut Vec<(String, Tree)>, key: Cow<'t, str>, _: Span, value: Tree) {
        map.push((key.into_owned(), value));
    }

    fn map(&mut self, map: Vec<(String, Tree)>, _: Span) -> Option<Tree> {
        Map::of_different(map).map(Tree::Map)
    }
}

/// Writes what [`Tree::into_output`] gives.
impl Emit for Tree {
    type Child<'a> = &'a Tree;

    fn shape(&self) -> Shape<'_, &Tree> {
        shape(self)
    }
}

impl Emit for &Tree {
    type Child<'a>
        = &'a Tree
    where
        Self: 'a;

    fn shape(&self) -> Shape<'_, &Tree> {
        shape(self)
    }
}

fn shape(tree: &Tree) -> Shape<'_, &Tree> {
    match tree {
        Tree::Blank | Tree::Null => Shape::Null,
        Tree::Bool(value) => Shape::Bool(*value),
        Tree::Number(number) => number
            .as_i64()
            .map(Shape::Integer)
            .or_else(|| number.as_u64().map(Shape::Unsigned))
            .or_else(|| number.as_f64().map(Shape::Float))
            .unwrap_or(Shape::Null),
        Tree::Spelt(value, _) => shape(value),
        Tree::Text(text) => Shape::String(Cow::Borrowed(text)),
        Tree::Folded(text) => Shape::String(Cow::Owned(folded::refolded(text.clone()))),
        Tree::List(items) => Shape::Sequence(items.iter().collect()),
        Tree::Map(map) => Shape::Mapping(
            map.iter()
                .map(|(key, value)| (Cow::Borrowed(key.as_str()), value))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_the_output_is() {
        let text = "a: 1.10\nb: ~\nc:\nd: [True, -1, 18446744073709551615, 1e3]\ne: >\n  x (\n    y\n  )\n";
        let text = format!("{text}---\nf: {{}}\ng: 'x'\n10: x\n").replace("10:", "'10':");
        for (tree, _) in read(&text).unwrap() {
            let written = goyaml::to_string(&tree).unwrap();
            assert_eq!(written, goyaml::to_string(&tree.into_output()).unwrap());
        }
    }

    #[test]
    fn unusual_texts_are_read_as_the_same_trees() {
        let usual = "a: 1.10\nb: [0x1F, ~]\nc:\nd: >\n  x\n  y\ne: 2001-01-01\n";
        let unusual = format!("&x {usual}");
        let unusual = unusual
            .replace("&x a", "? a\n")
            .replace("\n: 1.10", "\n: !!float 1.10");
        let of = |text: &str| read(text).unwrap().remove(0).0;
        let full = goyaml::parse_stream_as(usual, Flavour::V3)
            .unwrap()
            .remove(0);
        assert_eq!(of(usual), Tree::from_node(full, usual));
        assert_eq!(of(&unusual).get("b"), of(usual).get("b"));
    }
}
