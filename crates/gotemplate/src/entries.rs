//! The entries of a map: takes keys and values, gives them in key order, a few in one piece of
//! memory and many in a tree; never shares them.

use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use crate::value::Value;

/// Up to so many entries stand in one piece of memory.
const FEW: usize = 24;

type Entry = (Arc<str>, Value);

/// Keys with their values.
pub(crate) enum Entries {
    /// In key order.
    Few(Vec<Entry>),
    Many(BTreeMap<Arc<str>, Value>),
}

impl Entries {
    pub(crate) const fn new() -> Self {
        Self::Few(Vec::new())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        match self {
            // Lengths stand beside each other; most keys differ in them.
            Self::Few(entries) => entries
                .iter()
                .find(|(known, _)| known.len() == key.len() && **known == *key)
                .map(|(_, value)| value),
            Self::Many(entries) => entries.get(key),
        }
    }

    pub(crate) fn insert(&mut self, key: Arc<str>, value: Value) -> Option<Value> {
        match self {
            Self::Few(entries) => {
                // Keys often come in order.
                let at = match entries.last() {
                    Some((last, _)) if **last < *key => Err(entries.len()),
                    _ => entries.binary_search_by(|(known, _)| (**known).cmp(&key)),
                };
                match at {
                    Ok(at) => Some(std::mem::replace(&mut entries[at].1, value)),
                    Err(at) if entries.len() < FEW => {
                        entries.insert(at, (key, value));
                        None
                    }
                    Err(_) => {
                        let mut many: BTreeMap<_, _> =
                            std::mem::take(entries).into_iter().collect();
                        many.insert(key, value);
                        *self = Self::Many(many);
                        None
                    }
                }
            }
            Self::Many(entries) => entries.insert(key, value),
        }
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Value> {
        match self {
            Self::Few(entries) => {
                let at = entries.iter().position(|(known, _)| **known == *key)?;
                Some(entries.remove(at).1)
            }
            Self::Many(entries) => entries.remove(key),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(entries) => entries.len(),
            Self::Many(entries) => entries.len(),
        }
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Few(entries) => Iter::Few(entries.iter()),
            Self::Many(entries) => Iter::Many(entries.iter()),
        }
    }

    /// Returns the same keys with other values.
    pub(crate) fn mapped(&self, mut value: impl FnMut(&Value) -> Value) -> Self {
        match self {
            Self::Few(entries) => Self::Few(
                entries
                    .iter()
                    .map(|(key, old)| (Arc::clone(key), value(old)))
                    .collect(),
            ),
            Self::Many(entries) => Self::Many(
                entries
                    .iter()
                    .map(|(key, old)| (Arc::clone(key), value(old)))
                    .collect(),
            ),
        }
    }
}

impl Default for Entries {
    fn default() -> Self {
        Self::new()
    }
}

impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(given: I) -> Self {
        let given = given.into_iter();
        let (least, _) = given.size_hint();
        let mut entries = if least <= FEW {
            Self::Few(Vec::with_capacity(least))
        } else {
            Self::Many(BTreeMap::new())
        };
        for (key, value) in given {
            entries.insert(key, value);
        }
        entries
    }
}

/// The entries in key order.
pub(crate) enum Iter<'a> {
    Few(std::slice::Iter<'a, Entry>),
    Many(btree_map::Iter<'a, Arc<str>, Value>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Arc<str>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Few(entries) => entries.next().map(|(key, value)| (key, value)),
            Self::Many(entries) => entries.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Few(entries) => entries.size_hint(),
            Self::Many(entries) => entries.size_hint(),
        }
    }
}
