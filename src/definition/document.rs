//! Values with their places: takes a YAML file, gives a tree in which every value knows its file
//! and line, never interprets a value.

use std::sync::Arc;

use goyaml::{Kind, Node, Span};
use serde_json::{Map, Number, Value};

use crate::problem::Problem;
use crate::source::Source;

/// A file of the repository as it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path relative to the repository's root, with forward slashes.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// A place in a file, with enough to show the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

impl Place {
    fn new(file: &Arc<SourceFile>, span: Span) -> Self {
        Self {
            file: Arc::clone(file),
            line: span.line,
            column: span.column,
        }
    }

    /// Returns the place without the file's text.
    pub fn source(&self) -> Source {
        Source {
            file: self.file.path.clone(),
            line: Some(self.line),
            column: Some(self.column),
        }
    }
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The value.
    pub tree: Tree,
    /// Where it begins.
    pub place: Place,
}

/// A value whose parts have places.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Located>),
    /// A map in the order of its files.
    Map(Vec<Field>),
}

/// One key of a map with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// The value.
    pub value: Located,
}

impl Located {
    /// Reads a file; what is wrong with its YAML is a problem with a place.
    pub fn read(file: &Arc<SourceFile>) -> Result<Self, Problem> {
        let node = goyaml::parse_strict(&file.text)
            .map_err(|error| Problem::of_yaml(&file.path, error.line, error.column, &error))?;
        Ok(Self::from_node(file, &node))
    }

    /// Reads a file as Helm reads values: of a key that is given twice the last one counts.
    pub(super) fn read_leniently(file: &Arc<SourceFile>) -> Result<Self, Problem> {
        let node = goyaml::parse(&file.text)
            .map_err(|error| Problem::of_yaml(&file.path, error.line, error.column, &error))?;
        Ok(Self::from_node(file, &node))
    }

    fn from_node(file: &Arc<SourceFile>, node: &Node) -> Self {
        let tree = match &node.kind {
            Kind::Null => Tree::Null,
            Kind::Bool(value) => Tree::Bool(*value),
            Kind::Integer(value) => Tree::Number((*value).into()),
            Kind::Unsigned(value) => Tree::Number((*value).into()),
            Kind::Float(value) => Number::from_f64(*value).map_or(Tree::Null, Tree::Number),
            Kind::String(text) => Tree::Text(text.clone()),
            Kind::Sequence(items) => Tree::List(
                items
                    .iter()
                    .map(|item| Self::from_node(file, item))
                    .collect(),
            ),
            Kind::Mapping(entries) => Tree::Map(
                entries
                    .iter()
                    .map(|entry| Field {
                        key: entry.key.clone(),
                        key_place: Place::new(file, entry.key_span),
                        value: Self::from_node(file, &entry.value),
                    })
                    .collect(),
            ),
        };
        Self {
            tree,
            place: Place::new(file, node.span),
        }
    }

    /// Returns the field of a map.
    pub fn field(&self, key: &str) -> Option<&Field> {
        match &self.tree {
            Tree::Map(fields) => fields.iter().find(|field| field.key == key),
            _ => None,
        }
    }

    /// Returns the value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter()
            .try_fold(self, |located, key| match &located.tree {
                Tree::List(items) => items.get(key.parse::<usize>().ok()?),
                _ => located.field(key).map(|field| &field.value),
            })
    }

    /// Returns the value without places.
    pub fn to_json(&self) -> Value {
        match &self.tree {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(value) => Value::Number(value.clone()),
            Tree::Text(text) => Value::String(text.clone()),
            Tree::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Tree::Map(fields) => Value::Object(
                fields
                    .iter()
                    .map(|field| (field.key.clone(), field.value.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// Returns what the value is, in words for messages.
    pub fn kind_name(&self) -> &'static str {
        match self.tree {
            Tree::Null => "nothing",
            Tree::Bool(_) => "a truth value",
            Tree::Number(_) => "a number",
            Tree::Text(_) => "a text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }
}
