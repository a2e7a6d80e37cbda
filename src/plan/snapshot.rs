//! What the cluster held when it was asked: takes live objects, gives them by identity whatever
//! version of their API they were read in, never asks the cluster itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::render::ObjectId;

/// Group, kind, namespace, name.
type Key = (String, String, Option<String>, String);

/// The live objects of the kinds that a plan writes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    objects: BTreeMap<Key, Value>,
    absent_kinds: BTreeSet<(String, String)>,
}

fn key(id: &ObjectId) -> Key {
    (
        id.group().to_owned(),
        id.kind.clone(),
        id.namespace.clone(),
        id.name.clone(),
    )
}

impl Snapshot {
    /// Adds a live object.
    pub fn insert(&mut self, api_version: &str, kind: &str, live: Value) {
        let text = |name: &str| live["metadata"][name].as_str().map(str::to_owned);
        let id = ObjectId {
            api_version: api_version.to_owned(),
            kind: kind.to_owned(),
            namespace: text("namespace"),
            name: text("name").unwrap_or_default(),
        };
        self.objects.insert(key(&id), live);
    }

    /// Notes that the cluster does not know a kind.
    pub fn without_kind(&mut self, api_version: &str, kind: &str) {
        self.absent_kinds
            .insert((api_version.to_owned(), kind.to_owned()));
    }

    /// Returns a live object.
    pub fn get(&self, id: &ObjectId) -> Option<&Value> {
        self.objects.get(&key(id))
    }

    /// Returns the live objects of a kind.
    pub fn of_kind<'a>(&'a self, group: &str, kind: &str) -> impl Iterator<Item = &'a Value> {
        let from = (group.to_owned(), kind.to_owned(), None, String::new());
        let (group, kind) = (group.to_owned(), kind.to_owned());
        self.objects
            .range(from..)
            .take_while(move |((of, what, _, _), _)| *of == group && *what == kind)
            .map(|(_, live)| live)
    }

    /// Returns all live objects, with `apiVersion` and `kind` filled in.
    pub fn all(&self) -> impl Iterator<Item = Value> {
        self.objects.iter().map(|((group, kind, _, _), live)| {
            let mut live = live.clone();
            if live["kind"].is_null() {
                live["kind"] = Value::String(kind.clone());
            }
            if live["apiVersion"].is_null() {
                live["apiVersion"] = Value::String(format!("{group}/"));
            }
            live
        })
    }

    /// Returns groups and kinds of the live objects.
    pub fn kinds(&self) -> BTreeSet<(String, String)> {
        let keys = self.objects.keys();
        keys.map(|(group, kind, _, _)| (group.clone(), kind.clone()))
            .collect()
    }

    /// Tells whether the cluster knows a kind.
    pub fn has_kind(&self, id: &ObjectId) -> bool {
        !self
            .absent_kinds
            .contains(&(id.api_version.clone(), id.kind.clone()))
    }
}
