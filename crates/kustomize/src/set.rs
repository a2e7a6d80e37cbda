//! The resources of a build: takes resources one by one, gives them in order, refuses two with one
//! identity.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::id::{Gvk, Id};
use crate::origin::{ORIGIN, STEPS};
use crate::resource::{Behavior, Resource};
use crate::tree::{Map, Tree};

/// Resources in the order in which they were read or generated.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResourceSet {
    /// The resources.
    pub(crate) items: Vec<Resource>,
    /// How much replacements have copied.
    pub(crate) copied: usize,
    /// Where each identity is, as long as resources are added only.
    places: Option<BTreeMap<Key, usize>>,
}

/// What is the same for two resources with the same identity: group, version, kind, name and the
/// namespace that counts.
type Key = (Gvk, String, String);

fn key(id: Id) -> Key {
    let namespace = id.effective_namespace().to_owned();
    (id.gvk, id.name, namespace)
}

/// How many resources have each identity.
pub(crate) struct Census(BTreeMap<Key, usize>);

impl Census {
    /// Counts the resources.
    pub(crate) fn new(resources: &[Resource]) -> Self {
        let mut counts = BTreeMap::new();
        for resource in resources {
            *counts.entry(key(resource.id())).or_default() += 1;
        }
        Self(counts)
    }

    /// Notes that one resource has another identity, and returns how many have that now.
    pub(crate) fn change(&mut self, old: Id, new: Id) -> usize {
        if let Some(count) = self.0.get_mut(&key(old)) {
            *count -= 1;
        }
        let count = self.0.entry(key(new)).or_default();
        *count += 1;
        *count
    }
}

impl ResourceSet {
    /// Says that until [`Self::end_appending`] resources are added and nothing else happens.
    pub(crate) fn begin_appending(&mut self) {
        let places = self.items.iter().enumerate();
        self.places = Some(places.map(|(at, it)| (key(it.id()), at)).collect());
    }

    /// Says that anything may happen again.
    pub(crate) fn end_appending(&mut self) {
        self.places = None;
    }

    /// Adds a resource whose identity is new.
    pub(crate) fn append(&mut self, resource: Resource) -> Result<(), Error> {
        let other = match &mut self.places {
            None => {
                let id = resource.id();
                self.items.iter().find(|other| other.is(&id))
            }
            Some(places) => places
                .insert(key(resource.id()), self.items.len())
                .map(|at| &self.items[at]),
        };
        if let Some(other) = other {
            let id = resource.id();
            let message = format!("{id} is already there, from {}", other.place);
            return Err(Error::failed(&resource.place, message));
        }
        self.items.push(resource);
        Ok(())
    }

    /// Adds all resources of another set.
    pub(crate) fn append_all(&mut self, others: Self) -> Result<(), Error> {
        self.copied += others.copied;
        others
            .items
            .into_iter()
            .try_for_each(|resource| self.append(resource))
    }

    /// Adds a generated resource, or puts it together with the one that has its identity.
    pub(crate) fn absorb(&mut self, mut resource: Resource) -> Result<(), Error> {
        let id = resource.id();
        let found: Vec<usize> = (0..self.items.len())
            .filter(|at| self.items[*at].is_or_was(&id))
            .collect();
        let fail = |message: String| Err(Error::failed(&resource.place, message));
        match (found.as_slice(), resource.behavior) {
            ([], Behavior::Create) => self.append(resource),
            ([], _) => fail(format!(
                "{id} does not exist; it cannot be merged or replaced"
            )),
            ([_], Behavior::Create) => fail(format!(
                "{id} exists; the behavior must be merge or replace"
            )),
            ([at], behavior) => {
                let old = &self.items[*at];
                if behavior == Behavior::Merge {
                    merge_data(&mut resource, old);
                }
                inherit(&mut resource, old, behavior);
                self.items[*at] = resource;
                Ok(())
            }
            _ => fail(format!("several resources could be merged with {id}")),
        }
    }

    /// Returns the one resource that has or had an identity.
    pub(crate) fn position_of(&self, id: &Id) -> Result<usize, String> {
        let found: Vec<usize> = (0..self.items.len())
            .filter(|at| self.items[*at].is_or_was(id))
            .collect();
        match found.as_slice() {
            [at] => Ok(*at),
            [] => Err(format!("there is no {id} to patch")),
            _ => Err(format!("several resources are or were {id}")),
        }
    }

    /// Removes resources that were deleted.
    pub(crate) fn drop_empties(&mut self) {
        self.items.retain(|resource| !resource.is_empty());
    }
}

/// Takes over labels, annotations, name, namespace and history of a resource.
fn inherit(resource: &mut Resource, old: &Resource, behavior: Behavior) {
    for field in ["labels", "annotations"] {
        let mut merged = old.string_map(&["metadata", field]);
        // What is merged keeps the notes of where it came from first.
        let notes: Vec<_> = [ORIGIN, STEPS]
            .into_iter()
            .filter(|_| behavior == Behavior::Merge)
            .filter_map(|note| merged.get_key_value(note))
            .map(|(note, text)| (note.clone(), text.clone()))
            .collect();
        merged.extend(resource.string_map(&["metadata", field]));
        merged.extend(notes);
        resource.set_string_map(field, merged);
    }
    resource.set_meta("name", &old.name());
    resource.set_meta("namespace", &old.namespace());
    resource.needs_hash &= old.needs_hash;
    resource.behavior = old.behavior;
    resource.generated = true;
    resource.previous.clone_from(&old.previous);
    resource.prefixes.clone_from(&old.prefixes);
    resource.suffixes.clone_from(&old.suffixes);
    resource.variables.clone_from(&old.variables);
}

/// Takes over data that the resource does not have itself.
fn merge_data(resource: &mut Resource, old: &Resource) {
    let mut data = old.string_map(&["data"]);
    if resource.kind() == "Secret" {
        for (key, value) in old.string_map(&["stringData"]) {
            data.insert(key, crate::generate::encode(value.as_bytes()));
        }
    }
    for (field, mut merged) in [
        ("data", data),
        ("binaryData", old.string_map(&["binaryData"])),
    ] {
        merged.extend(resource.string_map(&[field]));
        set_data(resource, field, merged);
    }
}

fn set_data(resource: &mut Resource, field: &str, data: BTreeMap<String, String>) {
    let Some(map) = resource.tree.as_map_mut() else {
        return;
    };
    if data.is_empty() {
        map.remove(field);
        return;
    }
    let data: Map = data
        .into_iter()
        .map(|(key, value)| (key, Tree::Text(value)))
        .collect();
    map.insert(field.to_owned(), Tree::Map(data));
}
