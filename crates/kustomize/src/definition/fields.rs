//! Reading of fields: takes a map of the kustomization file, gives its values by type, refuses
//! what it does not know by name and place.

use std::collections::BTreeMap;

use goyaml::{Entry, Kind, Node};

use crate::error::{Error, Place};

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it is.
    pub(crate) place: Place,
}

/// A map that is being read.
pub(crate) struct Fields<'n> {
    file: &'n str,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// Returns the fields of a map; `known` may be there, `refused` are known to Kustomize and not
    /// carried out here. As in Kustomize, the case of letters does not count.
    pub(crate) fn new(
        file: &'n str,
        node: &'n Node,
        known: &[&str],
        refused: &[&str],
    ) -> Result<Self, Error> {
        let entries = match &node.kind {
            Kind::Mapping(entries) => entries.as_slice(),
            Kind::Null => &[],
            _ => return Err(wrong_kind(file, node, "a map")),
        };
        for entry in entries {
            let place = Place::new(file, entry.key_span);
            let is = |name: &&&str| name.eq_ignore_ascii_case(&entry.key);
            if known.iter().any(|name| is(&name)) {
                continue;
            }
            let is_empty = match &entry.value.kind {
                Kind::Null => true,
                Kind::Sequence(items) => items.is_empty(),
                Kind::Mapping(entries) => entries.is_empty(),
                _ => false,
            };
            if let Some(name) = refused.iter().find(is) {
                if is_empty {
                    continue;
                }
                return Err(Error::Unsupported {
                    place,
                    name: (*name).to_owned(),
                });
            }
            return Err(Error::UnknownField {
                place,
                name: entry.key.clone(),
                known: known.iter().map(|name| (*name).to_owned()).collect(),
            });
        }
        Ok(Self { file, entries })
    }

    /// Returns the value of a field where there is one that is not null.
    pub(crate) fn node(&self, name: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(name))
            .map(|entry| &entry.value)
            .filter(|node| !node.is_null())
    }

    /// Returns where a field's value is.
    pub(crate) fn place(&self, name: &str) -> Place {
        self.node(name)
            .map_or_else(|| Place::file(self.file), |node| self.place_of(node))
    }

    /// Returns where a value is.
    pub(crate) fn place_of(&self, node: &Node) -> Place {
        Place::new(self.file, node.span)
    }

    /// Returns a text; an absent one is empty.
    pub(crate) fn text(&self, name: &str) -> Result<String, Error> {
        self.node(name)
            .map_or(Ok(String::new()), |node| text(self.file, node))
    }

    /// Returns a truth value; an absent one is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.node(name) {
            None => Ok(false),
            Some(node) => node
                .as_bool()
                .ok_or_else(|| wrong_kind(self.file, node, "true or false")),
        }
    }

    /// Returns an integer.
    pub(crate) fn integer(&self, name: &str) -> Result<i64, Error> {
        match self.node(name) {
            None => Ok(0),
            Some(node) => node
                .as_i64()
                .ok_or_else(|| wrong_kind(self.file, node, "an integer")),
        }
    }

    /// Returns the items of a list.
    pub(crate) fn list(&self, name: &str) -> Result<&'n [Node], Error> {
        match self.node(name) {
            None => Ok(&[]),
            Some(node) => node
                .as_sequence()
                .ok_or_else(|| wrong_kind(self.file, node, "a list")),
        }
    }

    /// Returns the texts of a list with their places.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<Placed<String>>, Error> {
        self.list(name)?
            .iter()
            .map(|node| {
                Ok(Placed {
                    value: text(self.file, node)?,
                    place: self.place_of(node),
                })
            })
            .collect()
    }

    /// Returns a map of texts.
    pub(crate) fn string_map(&self, name: &str) -> Result<BTreeMap<String, String>, Error> {
        let Some(node) = self.node(name) else {
            return Ok(BTreeMap::new());
        };
        let entries = node
            .as_mapping()
            .ok_or_else(|| wrong_kind(self.file, node, "a map of strings"))?;
        entries
            .iter()
            .map(|entry| Ok((entry.key.clone(), text(self.file, &entry.value)?)))
            .collect()
    }
}

fn text(file: &str, node: &Node) -> Result<String, Error> {
    match &node.kind {
        Kind::String(text) => Ok(text.clone()),
        Kind::Null => Ok(String::new()),
        _ => Err(wrong_kind(file, node, "a string (put it in quotes)")),
    }
}

/// Returns the error of a value of the wrong kind.
pub(crate) fn wrong_kind(file: &str, node: &Node, expected: &str) -> Error {
    let message = format!("{} where {expected} is expected", node.kind_name());
    Error::Invalid {
        place: Place::new(file, node.span),
        message,
    }
}
