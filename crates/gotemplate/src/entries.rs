//! The entries of a map: takes keys and values, gives them in key order, a few in one piece of
//! memory and many in a tree; never shares them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use crate::value::Value;

/// Up to so many entries stand in one piece of memory.
const FEW: usize = 256;
/// Up to so many are looked through one by one.
const VERY_FEW: usize = 24;

/// A key with its value. What the key begins with stands beside it, so that most keys are told
/// apart without a look at their texts.
pub(crate) struct Entry {
    beginning: u64,
    key: Arc<str>,
    value: Value,
}

impl Entry {
    fn new(key: Arc<str>, value: Value) -> Self {
        Self {
            beginning: beginning(&key),
            key,
            value,
        }
    }

    fn compare(&self, beginning: u64, key: &str) -> Ordering {
        let by_beginning = self.beginning.cmp(&beginning);
        by_beginning.then_with(|| (*self.key).cmp(key))
    }
}

/// Returns the first eight bytes, which compare as texts do.
fn beginning(key: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

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
            Self::Few(entries) => {
                let beginning = beginning(key);
                if entries.len() <= VERY_FEW {
                    let is_it = |entry: &&Entry| {
                        entry.beginning == beginning
                            && entry.key.len() == key.len()
                            && (key.len() <= 8 || *entry.key == *key)
                    };
                    return entries.iter().find(is_it).map(|entry| &entry.value);
                }
                let at = entries.binary_search_by(|entry| entry.compare(beginning, key));
                at.ok().map(|at| &entries[at].value)
            }
            Self::Many(entries) => entries.get(key),
        }
    }

    pub(crate) fn insert(&mut self, key: Arc<str>, value: Value) -> Option<Value> {
        match self {
            Self::Few(entries) => {
                let entry = Entry::new(key, value);
                let compare = |one: &Entry| one.compare(entry.beginning, &entry.key);
                // Keys often come in order.
                let at = match entries.last() {
                    Some(last) if compare(last) == Ordering::Less => Err(entries.len()),
                    _ => entries.binary_search_by(compare),
                };
                match at {
                    Ok(at) => Some(std::mem::replace(&mut entries[at].value, entry.value)),
                    Err(at) if entries.len() < FEW => {
                        entries.insert(at, entry);
                        None
                    }
                    Err(_) => {
                        let few = std::mem::take(entries).into_iter().chain([entry]);
                        *self = Self::Many(few.map(|one| (one.key, one.value)).collect());
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
                let at = entries.iter().position(|entry| *entry.key == *key)?;
                Some(entries.remove(at).value)
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
                    .map(|entry| Entry {
                        beginning: entry.beginning,
                        key: Arc::clone(&entry.key),
                        value: value(&entry.value),
                    })
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

impl FromIterator<(Arc<str>, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(given: I) -> Self {
        let given = given.into_iter();
        let (least, _) = given.size_hint();
        let mut entries = Self::Few(Vec::with_capacity(least.min(FEW)));
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
            Self::Few(entries) => entries.next().map(|entry| (&entry.key, &entry.value)),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of which many begin alike, in an order that is none.
    fn keys(count: u32) -> Vec<Arc<str>> {
        let key = |number: u32| {
            let number = number.wrapping_mul(2_654_435_761) % 1000;
            match number % 3 {
                0 => format!("{number}"),
                1 => format!("beginning-{number}"),
                _ => "x".repeat(number as usize % 12),
            }
        };
        (0..count).map(|number| key(number).into()).collect()
    }

    #[test]
    fn they_do_what_a_tree_does() {
        for count in [0, 5, 30, 200, 2000] {
            let (mut entries, mut tree) = (Entries::new(), BTreeMap::new());
            for ((index, number), key) in (0..count).zip(0..).zip(keys(count)) {
                let shown = |value: Option<Value>| format!("{value:?}");
                let ours = entries.insert(Arc::clone(&key), Value::Int(number));
                let theirs = tree.insert(Arc::clone(&key), Value::Int(number));
                assert_eq!(shown(ours), shown(theirs));
                if index % 7 == 0 {
                    let gone = keys(count).swap_remove(index as usize / 2);
                    assert_eq!(shown(entries.remove(&gone)), shown(tree.remove(&gone)));
                }
                let found = entries.get(&key).cloned();
                assert_eq!(shown(found), shown(tree.get(&key).cloned()));
            }
            assert_eq!(entries.len(), tree.len());
            assert!(entries.get("absent\0").is_none());
            let ours: Vec<_> = entries.iter().map(|(key, _)| key).collect();
            let theirs: Vec<_> = tree.keys().collect();
            assert_eq!(ours, theirs);
        }
    }
}
