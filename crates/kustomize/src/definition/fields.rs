//! Reading of fields: takes a map of the kustomization file, gives its values by type, refuses
//! what it does not know by name and place.

use std::collections::BTreeMap;

use goyaml::{Entry, Kind, Node};

use crate::error::{Error, Place};
use crate::tree::Tree;

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it is.
    pub(crate) place: Place,
}

/// How a file is read: Kustomize does it in three ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// The kustomization: no unknown field, and no number where a text is expected.
    Kustomization,
    /// A transformer configuration: no unknown field; a number may stand for a text.
    Configuration,
    /// What configures a plugin: unknown fields do not matter, a number may stand for a text.
    Plugin,
}

/// A file that is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From<'n> {
    /// Its name.
    pub(crate) file: &'n str,
    /// How it is read.
    pub(crate) strictness: Strictness,
}

impl<'n> From<'n> {
    /// Returns a kustomization file.
    pub(crate) fn kustomization(file: &'n str) -> Self {
        Self {
            file,
            strictness: Strictness::Kustomization,
        }
    }
}

/// A map that is being read.
pub(crate) struct Fields<'n> {
    from: From<'n>,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// Returns the fields of a map; `known` may be there, `refused` are known to Kustomize and not
    /// carried out here. As in Kustomize, the case of letters does not count.
    pub(crate) fn new(
        from: From<'n>,
        node: &'n Node,
        known: &[&str],
        refused: &[&str],
    ) -> Result<Self, Error> {
        let file = from.file;
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
            if from.strictness == Strictness::Plugin {
                continue;
            }
            return Err(Error::UnknownField {
                place,
                name: entry.key.clone(),
                known: known.iter().map(|name| (*name).to_owned()).collect(),
            });
        }
        Ok(Self { from, entries })
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
            .map_or_else(|| Place::file(self.from.file), |node| self.place_of(node))
    }

    /// Returns where a value is.
    pub(crate) fn place_of(&self, node: &Node) -> Place {
        Place::new(self.from.file, node.span)
    }

    /// Returns a text with its place; an absent one is empty.
    pub(crate) fn placed(&self, name: &str) -> Result<Placed<String>, Error> {
        Ok(Placed {
            value: self.text(name)?,
            place: self.place(name),
        })
    }

    /// Returns the fields of a map within; none where it is absent.
    pub(crate) fn inner(&self, name: &str, known: &[&str]) -> Result<Option<Self>, Error> {
        self.node(name)
            .map(|node| Self::new(self.from, node, known, &[]))
            .transpose()
    }

    /// Reads every item of a list.
    pub(crate) fn each<T>(
        &self,
        name: &str,
        read: impl Fn(From<'n>, &'n Node) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let items = self.list(name)?.iter();
        items.map(|node| read(self.from, node)).collect()
    }

    /// Returns a text; an absent one is empty.
    pub(crate) fn text(&self, name: &str) -> Result<String, Error> {
        self.node(name)
            .map_or(Ok(String::new()), |node| text(self.from, node))
    }

    /// Returns a truth value; an absent one is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.node(name) {
            None => Ok(false),
            Some(node) => node
                .as_bool()
                .ok_or_else(|| wrong_kind(self.from.file, node, "true or false")),
        }
    }

    /// Returns an integer.
    pub(crate) fn integer(&self, name: &str) -> Result<i64, Error> {
        match self.node(name) {
            None => Ok(0),
            Some(node) => node
                .as_i64()
                .ok_or_else(|| wrong_kind(self.from.file, node, "an integer")),
        }
    }

    /// Returns the items of a list.
    pub(crate) fn list(&self, name: &str) -> Result<&'n [Node], Error> {
        match self.node(name) {
            None => Ok(&[]),
            Some(node) => node
                .as_sequence()
                .ok_or_else(|| wrong_kind(self.from.file, node, "a list")),
        }
    }

    /// Returns the texts of a list with their places.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<Placed<String>>, Error> {
        self.list(name)?
            .iter()
            .map(|node| {
                Ok(Placed {
                    value: text(self.from, node)?,
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
            .ok_or_else(|| wrong_kind(self.from.file, node, "a map of strings"))?;
        entries
            .iter()
            .map(|entry| Ok((entry.key.clone(), text(self.from, &entry.value)?)))
            .collect()
    }
}

fn text(from: From<'_>, node: &Node) -> Result<String, Error> {
    match &node.kind {
        Kind::String(text) => Ok(text.clone()),
        Kind::Null => Ok(String::new()),
        Kind::Bool(_) | Kind::Integer(_) | Kind::Unsigned(_) | Kind::Float(_)
            if from.strictness != Strictness::Kustomization =>
        {
            Ok(Tree::from_json(&node.to_json()).spelling())
        }
        _ => Err(wrong_kind(from.file, node, "a string (put it in quotes)")),
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
