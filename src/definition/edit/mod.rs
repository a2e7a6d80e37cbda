//! A YAML file that people keep, changed in place: takes its text and single changes, gives the text
//! with nothing else touched (comments, order, quotes, blank lines stay), never reads or writes a
//! file. Each change is checked by reading the result again: it holds exactly what was asked for, or
//! there is an error and the text is as before.

mod extent;
mod layout;

use goyaml::{Entry, Kind, Node};
use serde_json::{Map, Value};

use extent::{Extents, column_of_keys, is_flow};
use layout::{Layout, flow, key as written_key, scalar};

/// Why a file cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It is no YAML.
    #[error("line {line}: {message}")]
    Yaml {
        /// The line, counted from 1.
        line: u32,
        /// What is wrong.
        message: String,
    },
    /// A key is wanted in what is no map, or an item in what is no list.
    #[error("line {line}: `{path}` is {found}, not {expected}")]
    Kind {
        /// Where, as keys with dots.
        path: String,
        /// What stands there.
        found: &'static str,
        /// What was expected.
        expected: &'static str,
        /// The line, counted from 1.
        line: u32,
    },
    /// A key that is to be added is there.
    #[error("line {line}: `{path}` is there already")]
    Exists {
        /// Where, as keys with dots.
        path: String,
        /// The line, counted from 1.
        line: u32,
    },
    /// The change would change more than was asked for: an anchor, a tag or a form that is not known.
    #[error("`{path}` cannot be changed without changing more of the file: change it by hand")]
    Entangled {
        /// Where, as keys with dots.
        path: String,
    },
}

/// Where a new key of a map goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Behind the last key.
    Last,
    /// Where the alphabet has it, if the keys are in its order; else behind the last key.
    Sorted,
}

/// A YAML text that is being changed.
#[derive(Debug, Clone, PartialEq)]
pub struct YamlEdit {
    text: String,
    root: Node,
}

/// One change to the text: bytes that are replaced.
struct Patch {
    start: usize,
    end: usize,
    text: String,
}

impl YamlEdit {
    /// Reads a text; of several documents the first is meant.
    pub fn new(text: impl Into<String>) -> Result<Self, EditError> {
        let text = text.into();
        let root = read(&text)?;
        Ok(Self { text, root })
    }

    /// Returns the text as it is now.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text as it is now.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Returns the value at a path of keys, as it is now.
    pub fn get(&self, path: &[&str]) -> Option<&Node> {
        self.root.pointer(path)
    }

    /// Sets a value; keys on the way that are missing are made. A map or a list that is there is only
    /// replaced where it is empty.
    pub fn set(&mut self, path: &[&str], value: &Value) -> Result<(), EditError> {
        let mut node = &self.root;
        let mut parents: Vec<&Node> = Vec::new();
        let mut entry: Option<&Entry> = None;
        for (depth, key) in path.iter().enumerate() {
            let Some(next) = node.entry(key) else {
                let value = nested(&path[depth + 1..], value);
                let change = self.addition(&parents, entry, node, (path, depth), &value)?;
                return self.apply(path, &change, &value_at(&self.root, path, &value, depth));
            };
            parents.push(node);
            entry = Some(next);
            node = &next.value;
        }
        let is_collection = |node: &Node| matches!(node.kind, Kind::Mapping(_) | Kind::Sequence(_));
        let (Some(entry), false) = (entry, is_collection(node) && !is_empty(node)) else {
            return Err(kind(path, node, "a single value"));
        };
        let is_in_flow = parents
            .last()
            .is_some_and(|parent| is_flow(&self.text, parent));
        let change = self.replacement(entry, is_in_flow, &parents, value);
        let depth = path.len().saturating_sub(1);
        self.apply(path, &change, &value_at(&self.root, path, value, depth))
    }

    /// Adds a key to the map at a path; the map is made where it is missing.
    pub fn add(
        &mut self,
        path: &[&str],
        key: &str,
        value: &Value,
        position: Position,
    ) -> Result<(), EditError> {
        let mut whole = path.to_vec();
        whole.push(key);
        if let Some(there) = self.root.pointer(path).and_then(|map| map.entry(key)) {
            return Err(EditError::Exists {
                path: whole.join("."),
                line: there.key_span.line,
            });
        }
        if let Some(change) = self.sorted(path, key, value, position) {
            let expected = value_at(&self.root, &whole, value, path.len());
            return self.apply(&whole, &change, &expected);
        }
        self.set(&whole, value)
    }

    /// Adds an item at the end of the list at a path; the list is made where it is missing.
    pub fn push(&mut self, path: &[&str], item: &Value) -> Result<(), EditError> {
        let list = self.root.pointer(path).filter(|list| !list.is_null());
        let Some(list) = list.filter(|list| !is_empty(list)) else {
            return self.set(path, &Value::Array(vec![item.clone()]));
        };
        let Some(final_item) = list.as_sequence().and_then(<[Node]>::last) else {
            return Err(kind(path, list, "a list"));
        };
        let extents = Extents::new(&self.text);
        let layout = Layout::of(&self.text, &self.root);
        let change = if is_flow(&self.text, list) {
            let end = extents.end_in_flow(final_item);
            Patch {
                start: end,
                end,
                text: format!(", {}", flow(item)),
            }
        } else {
            let column = list.span.column as usize - 1;
            let end = extents.line_end(extents.end(final_item, column));
            Patch {
                start: end,
                end,
                text: extents.lines_after(end, &layout.item(column, item)),
            }
        };
        let mut expected = self.root.to_json();
        if let Some(Value::Array(items)) = pointer_mut(&mut expected, path) {
            items.push(item.clone());
        }
        self.apply(path, &change, &expected)
    }

    /// Returns how a key that is missing gets into a map.
    fn addition(
        &self,
        parents: &[&Node],
        entry: Option<&Entry>,
        map: &Node,
        (path, depth): (&[&str], usize),
        value: &Value,
    ) -> Result<Patch, EditError> {
        let key = path[depth];
        let layout = Layout::of(&self.text, &self.root);
        let extents = Extents::new(&self.text);
        if is_empty(map) || map.is_null() {
            let mut inner = Map::new();
            inner.insert(key.to_owned(), value.clone());
            let inner = Value::Object(inner);
            let Some(entry) = entry else {
                // A file with nothing, or with comments only.
                let end = self.text.len();
                let start = if map.is_null() { end } else { map.span.offset };
                return Ok(Patch {
                    start,
                    end: if map.is_null() {
                        end
                    } else {
                        extents.end_in_flow(map)
                    },
                    text: if map.is_null() {
                        extents.lines_after(end, &layout.entries(0, &inner))
                    } else {
                        layout.entries(0, &inner).trim_end().to_owned()
                    },
                });
            };
            let is_in_flow = parents
                .last()
                .is_some_and(|parent| is_flow(&self.text, parent));
            return Ok(self.replacement(entry, is_in_flow, parents, &inner));
        }
        let Some(last) = map.as_mapping().and_then(<[Entry]>::last) else {
            return Err(kind(&path[..depth], map, "a map"));
        };
        if is_flow(&self.text, map) {
            let end = extents.end_in_flow_of(last);
            let addition = format!(", {}: {}", written_key(key), flow(value));
            return Ok(Patch {
                start: end,
                end,
                text: addition,
            });
        }
        let column = column_of_keys(map);
        let end = extents.end_with_comments(last, column);
        let mut lines = layout.entry(column, key, value);
        if extents.are_apart(map) {
            lines.insert_str(0, layout.line_feed);
        }
        Ok(Patch {
            start: end,
            end,
            text: extents.lines_after(end, &lines),
        })
    }

    /// Returns how a key gets to its place in the alphabet, where the keys of the map are in its
    /// order and it is not the last.
    fn sorted(&self, path: &[&str], key: &str, value: &Value, position: Position) -> Option<Patch> {
        let map = self.root.pointer(path)?;
        let entries = map.as_mapping()?;
        let are_sorted = entries.windows(2).all(|pair| pair[0].key < pair[1].key);
        if position == Position::Last || !are_sorted || is_flow(&self.text, map) {
            return None;
        }
        let index = entries.iter().position(|entry| entry.key.as_str() > key)?;
        let extents = Extents::new(&self.text);
        let layout = Layout::of(&self.text, &self.root);
        let column = column_of_keys(map);
        let after = entries.get(index)?;
        // The first key of a map in a list stands behind the dash.
        let start = extents.start_with_comments(after, column)?;
        let mut lines = layout.entry(column, key, value);
        if extents.are_apart(map) {
            lines.push_str(layout.line_feed);
        }
        Some(Patch {
            start,
            end: start,
            text: lines,
        })
    }

    /// Returns how the value of a key is replaced.
    fn replacement(
        &self,
        entry: &Entry,
        is_in_flow: bool,
        parents: &[&Node],
        value: &Value,
    ) -> Patch {
        let layout = Layout::of(&self.text, &self.root);
        let extents = Extents::new(&self.text);
        let after_colon = extents.after_colon(entry);
        let written = extents.written(entry, is_in_flow);
        let (start, end) = written.unwrap_or((after_colon, after_colon));
        let is_block = matches!(value, Value::Object(map) if !map.is_empty())
            || matches!(value, Value::Array(items) if !items.is_empty());
        let was_flow = self.text[start..].starts_with(['{', '[']);
        if is_block && !is_in_flow && !was_flow {
            let column = parents.last().map_or(0, |map| column_of_keys(map));
            let block = layout.below(column, value);
            // What stands behind the colon on its line, a comment perhaps, stays there.
            if start == end {
                let end = extents.line_end(after_colon);
                return Patch {
                    start: end,
                    end,
                    text: extents.lines_after(end, &block),
                };
            }
            return Patch {
                start: after_colon,
                end,
                text: format!("{}{}", layout.line_feed, block.trim_end()),
            };
        }
        let space = if start == after_colon { " " } else { "" };
        let text = match value {
            Value::Object(_) | Value::Array(_) => flow(value),
            _ if is_in_flow => flow(value),
            _ => scalar(value),
        };
        Patch {
            start,
            end,
            text: format!("{space}{text}"),
        }
    }

    /// Makes a change, if it does what is expected and nothing else.
    fn apply(&mut self, path: &[&str], change: &Patch, expected: &Value) -> Result<(), EditError> {
        let mut text = self.text.clone();
        text.replace_range(change.start..change.end, &change.text);
        let root = read(&text).ok();
        let Some(root) = root.filter(|root| root.to_json() == *expected) else {
            return Err(EditError::Entangled {
                path: path.join("."),
            });
        };
        self.text = text;
        self.root = root;
        Ok(())
    }
}

fn read(text: &str) -> Result<Node, EditError> {
    goyaml::parse_strict(text).map_err(|error| EditError::Yaml {
        line: error.line,
        message: error.message.clone(),
    })
}

fn kind(path: &[&str], node: &Node, expected: &'static str) -> EditError {
    EditError::Kind {
        path: path.join("."),
        found: node.kind_name(),
        expected,
        line: node.span.line,
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.kind {
        Kind::Mapping(entries) => entries.is_empty(),
        Kind::Sequence(items) => items.is_empty(),
        _ => false,
    }
}

/// Returns a value below keys: `a: {b: value}`.
fn nested(keys: &[&str], value: &Value) -> Value {
    keys.iter().rev().fold(value.clone(), |value, key| {
        Value::Object(Map::from_iter([((*key).to_owned(), value)]))
    })
}

/// Returns what the file is to hold: `value` at the first `depth + 1` keys of the path.
fn value_at(root: &Node, path: &[&str], value: &Value, depth: usize) -> Value {
    let mut whole = root.to_json();
    let mut at = &mut whole;
    for key in &path[..=depth] {
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else {
            return Value::Null;
        };
        at = map.entry(*key).or_insert(Value::Null);
    }
    *at = value.clone();
    whole
}

fn pointer_mut<'v>(value: &'v mut Value, path: &[&str]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, key| match value {
        Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        _ => value.get_mut(*key),
    })
}

#[cfg(test)]
mod tests;
