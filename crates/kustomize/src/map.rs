//! Maps of manifests: takes entries in any order, gives them by key; never grows to a tree where
//! there are few, as nearly always.

use std::collections::{BTreeMap, btree_map};

use crate::tree::Tree;

/// The most entries that stand in a list. Beyond it every change would move too much.
const FEW: usize = 48;

type Many = BTreeMap<String, Tree>;

/// A map of a manifest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Map {
    /// The entries by key, as long as they are few.
    few: Vec<(String, Tree)>,
    /// All of them once they are many.
    many: Option<Box<Many>>,
}

/// A key that is to be given a value.
pub(crate) struct Entry<'m> {
    map: &'m mut Map,
    key: String,
}

impl<'m> Entry<'m> {
    /// Returns the value that is there, or puts one there.
    pub(crate) fn or_insert(self, value: Tree) -> &'m mut Tree {
        let Map { few, many } = self.map;
        if many.is_none() {
            match position(few, &self.key) {
                Ok(at) => return &mut few[at].1,
                Err(at) if few.len() < FEW => {
                    few.insert(at, (self.key, value));
                    return &mut few[at].1;
                }
                Err(_) => {}
            }
        }
        grown(few, many).entry(self.key).or_insert(value)
    }
}

/// Makes a tree of the list where it is none yet.
fn grown<'m>(few: &mut Vec<(String, Tree)>, many: &'m mut Option<Box<Many>>) -> &'m mut Many {
    many.get_or_insert_with(|| Box::new(std::mem::take(few).into_iter().collect()))
}

fn position(few: &[(String, Tree)], key: &str) -> Result<usize, usize> {
    few.binary_search_by(|(other, _)| other.as_str().cmp(key))
}

impl Map {
    /// Returns an empty map.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Returns the map of entries in any order; none where a key comes twice.
    pub(crate) fn of_different(mut entries: Vec<(String, Tree)>) -> Option<Self> {
        if !entries.is_sorted_by(|(one, _), (other, _)| one < other) {
            entries.sort_by(|(one, _), (other, _)| one.cmp(other));
            if entries.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                return None;
            }
        }
        if entries.len() > FEW {
            return Some(Self {
                few: Vec::new(),
                many: Some(Box::new(entries.into_iter().collect())),
            });
        }
        Some(Self {
            few: entries,
            many: None,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.few.len() + self.many.as_ref().map_or(0, |many| many.len())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Tree> {
        match &self.many {
            Some(many) => many.get(key),
            None => Some(&self.few[position(&self.few, key).ok()?].1),
        }
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Tree> {
        if let Some(many) = &mut self.many {
            return many.get_mut(key);
        }
        let at = position(&self.few, key).ok()?;
        Some(&mut self.few[at].1)
    }

    pub(crate) fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts a value under a key, and returns the one that was there.
    pub(crate) fn insert(&mut self, key: String, value: Tree) -> Option<Tree> {
        if let Some(many) = &mut self.many {
            return many.insert(key, value);
        }
        match position(&self.few, &key) {
            Ok(at) => Some(std::mem::replace(&mut self.few[at].1, value)),
            Err(at) if self.few.len() < FEW => {
                self.few.insert(at, (key, value));
                None
            }
            Err(_) => grown(&mut self.few, &mut self.many).insert(key, value),
        }
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Tree> {
        if let Some(many) = &mut self.many {
            return many.remove(key);
        }
        let at = position(&self.few, key).ok()?;
        Some(self.few.remove(at).1)
    }

    pub(crate) fn entry(&mut self, key: String) -> Entry<'_> {
        Entry { map: self, key }
    }

    pub(crate) fn iter(&self) -> Iter<'_> {
        Iter {
            few: self.few.iter(),
            many: self.many.as_ref().map(|many| many.iter()),
        }
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Tree)> {
        let few = self.few.iter_mut().map(|(key, value)| (&*key, value));
        few.chain(self.many.iter_mut().flat_map(|many| many.iter_mut()))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Tree> {
        self.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Tree> {
        self.iter_mut().map(|(_, value)| value)
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

/// The entries of a map.
pub(crate) struct Iter<'m> {
    few: std::slice::Iter<'m, (String, Tree)>,
    many: Option<btree_map::Iter<'m, String, Tree>>,
}

impl<'m> Iterator for Iter<'m> {
    type Item = (&'m String, &'m Tree);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.many {
            Some(many) => many.next(),
            None => self.few.next().map(|(key, value)| (key, value)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.many {
            Some(many) => many.size_hint(),
            None => self.few.size_hint(),
        }
    }
}

impl<'m> IntoIterator for &'m Map {
    type Item = (&'m String, &'m Tree);
    type IntoIter = Iter<'m>;

    fn into_iter(self) -> Iter<'m> {
        self.iter()
    }
}

/// The entries of a map that is no longer needed.
pub(crate) struct IntoIter {
    few: std::vec::IntoIter<(String, Tree)>,
    many: Option<btree_map::IntoIter<String, Tree>>,
}

impl Iterator for IntoIter {
    type Item = (String, Tree);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.many {
            Some(many) => many.next(),
            None => self.few.next(),
        }
    }
}

impl IntoIterator for Map {
    type Item = (String, Tree);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter {
            few: self.few.into_iter(),
            many: self.many.map(|many| many.into_iter()),
        }
    }
}

/// Of equal keys the last counts.
impl Extend<(String, Tree)> for Map {
    fn extend<I: IntoIterator<Item = (String, Tree)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl FromIterator<(String, Tree)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Tree)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<const N: usize> From<[(String, Tree); N]> for Map {
    fn from(entries: [(String, Tree); N]) -> Self {
        entries.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is done to a map, it is as a map of the standard library.
    #[test]
    fn few_and_many_entries_are_kept_alike() {
        let (mut map, mut model) = (Map::new(), BTreeMap::new());
        let mut number = 7_usize;
        for round in 0..4000 {
            number = number.wrapping_mul(1_103_515_245).wrapping_add(12_345) % (1 << 31);
            let key = format!("k{}", (number >> 8) % 120);
            let value = Tree::text(round.to_string());
            let shrinks = (round / 500) % 2 == 1;
            match (number >> 16) % 4 {
                0 if !shrinks => {
                    let made = map.entry(key.clone()).or_insert(value.clone());
                    assert_eq!(made, model.entry(key).or_insert(value));
                }
                1 if !shrinks => {
                    assert_eq!(
                        map.insert(key.clone(), value.clone()),
                        model.insert(key, value)
                    );
                }
                2 => assert_eq!(map.get(&key), model.get(&key)),
                _ => assert_eq!(map.remove(&key), model.remove(&key)),
            }
            assert!(map.iter().eq(model.iter()));
            assert_eq!(map.is_empty(), model.is_empty());
        }
        assert!(map.values_mut().eq(model.values_mut()));
        let entries: Vec<_> = map.clone().into_iter().collect();
        assert_eq!(entries, model.into_iter().collect::<Vec<_>>());
        assert_eq!(Map::of_different(entries.clone()), Some(map));
        let twice = [entries.clone(), entries].concat();
        assert_eq!(Map::of_different(twice), None);
    }
}
