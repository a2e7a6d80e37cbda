//! Resources while they are built: takes manifests, gives them with the names that they had, never
//! writes that history into annotations.

use std::borrow::Cow;

use crate::error::{Error, Place};
use crate::id::{Gvk, Id, counted, split_api_version};
use crate::tree::{self, Map, Tree};

/// What becomes of a generated resource whose name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Behavior {
    /// It must not be taken.
    #[default]
    Create,
    /// The generated one takes its place.
    Replace,
    /// The data of both go together.
    Merge,
}

/// A resource with its history.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// The manifest; null once it was deleted.
    pub(crate) tree: Tree,
    /// Where it comes from.
    pub(crate) place: Place,
    /// The identities that it had, the oldest first.
    pub(crate) previous: Vec<Id>,
    /// The prefixes that its name got, the innermost first.
    pub(crate) prefixes: Vec<String>,
    /// The suffixes that its name got, the innermost first.
    pub(crate) suffixes: Vec<String>,
    /// The name will get a suffix made of the content.
    pub(crate) needs_hash: bool,
    /// What becomes of it where the name is taken.
    pub(crate) behavior: Behavior,
    /// It was made by a generator of the kustomization.
    pub(crate) generated: bool,
    /// It was rendered from a chart, whose namespace is its own affair.
    pub(crate) from_chart: bool,
    /// The variables that take their values from it.
    pub(crate) variables: Vec<String>,
}

impl Resource {
    /// Returns a resource without history.
    pub(crate) fn new(tree: Tree, place: Place) -> Self {
        Self {
            tree,
            place,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            needs_hash: false,
            behavior: Behavior::default(),
            generated: false,
            from_chart: false,
            variables: Vec::new(),
        }
    }

    /// Returns a scalar of the manifest's outermost level, or nothing.
    fn scalar(&self, name: &str) -> Cow<'_, str> {
        self.tree.get(name).map(Tree::spelled).unwrap_or_default()
    }

    /// Returns a scalar of the metadata, or nothing.
    fn meta_scalar(&self, name: &str) -> Cow<'_, str> {
        let value = self.tree.at(&["metadata", name]);
        value.map(Tree::spelled).unwrap_or_default()
    }

    fn field(&self, name: &str) -> String {
        self.scalar(name).into_owned()
    }

    fn meta(&self, name: &str) -> String {
        self.meta_scalar(name).into_owned()
    }

    /// Returns the kind.
    pub(crate) fn kind(&self) -> String {
        self.field("kind")
    }

    /// Returns the API version.
    pub(crate) fn api_version(&self) -> String {
        self.field("apiVersion")
    }

    /// Returns the name.
    pub(crate) fn name(&self) -> String {
        self.meta("name")
    }

    /// Returns the namespace as it is written.
    pub(crate) fn namespace(&self) -> String {
        self.meta("namespace")
    }

    /// Returns group, version and kind.
    pub(crate) fn gvk(&self) -> Gvk {
        Gvk::new(&self.scalar("apiVersion"), &self.scalar("kind"))
    }

    /// Returns the identity that it has now.
    pub(crate) fn id(&self) -> Id {
        Id {
            gvk: self.gvk(),
            name: self.name(),
            namespace: self.namespace(),
        }
    }

    /// Returns the identity that it had at first.
    pub(crate) fn original_id(&self) -> Id {
        self.previous_ids().next().unwrap_or_else(|| self.id())
    }

    /// Returns the identities that it had; group and version are always the present ones.
    pub(crate) fn previous_ids(&self) -> impl Iterator<Item = Id> + '_ {
        let gvk = self.gvk();
        self.previous.iter().map(move |id| Id {
            gvk: Gvk {
                kind: id.gvk.kind.clone(),
                ..gvk.clone()
            },
            ..id.clone()
        })
    }

    /// Returns true where this is its identity.
    pub(crate) fn is(&self, id: &Id) -> bool {
        *self.scalar("kind") == id.gvk.kind && self.is_at(id, &self.meta_scalar("name")) && {
            let namespace = self.meta_scalar("namespace");
            id.gvk.is_cluster_scoped() || counted(&namespace) == id.effective_namespace()
        }
    }

    /// Returns true where this is its identity or was one; group and version are always the
    /// present ones.
    pub(crate) fn is_or_was(&self, id: &Id) -> bool {
        let was = |other: &Id| {
            other.name == id.name
                && other.gvk.kind == id.gvk.kind
                && self.is_at(id, &other.name)
                && (id.gvk.is_cluster_scoped()
                    || counted(&other.namespace) == id.effective_namespace())
        };
        self.previous.iter().any(was) || self.is(id)
    }

    /// Returns true where a name, and the group and version that it has now, are those of an
    /// identity.
    fn is_at(&self, id: &Id, name: &str) -> bool {
        name == id.name && {
            let api_version = self.scalar("apiVersion");
            split_api_version(&api_version) == (&id.gvk.group, &id.gvk.version)
        }
    }

    /// Returns true where it has or had an identity that fulfils a condition.
    pub(crate) fn any_id(&self, condition: impl Fn(&Id) -> bool) -> bool {
        self.previous_ids().any(|id| condition(&id)) || condition(&self.id())
    }

    /// Notes the present identity before it changes.
    pub(crate) fn store_id(&mut self) {
        let id = self.id();
        let namespace = id.effective_namespace().to_owned();
        self.previous.push(Id { namespace, ..id });
    }

    /// Sets a field of the metadata; nothing removes it.
    pub(crate) fn set_meta(&mut self, name: &str, value: &str) {
        let Some(metadata) = self.tree.map_under("metadata") else {
            return;
        };
        if value.is_empty() {
            metadata.remove(name);
        } else {
            metadata.insert(name.to_owned(), Tree::text(value));
        }
    }

    /// Sets one label.
    pub(crate) fn set_label(&mut self, name: &str, value: &str) {
        let Some(metadata) = self.tree.map_under("metadata") else {
            return;
        };
        let labels = metadata.entry("labels".to_owned()).or_insert(Tree::Null);
        if labels.is_null() {
            *labels = Tree::Map(Map::new());
        }
        if let Some(labels) = labels.as_map_mut() {
            labels.insert(name.to_owned(), Tree::text(value));
        }
    }

    /// Returns labels or annotations as texts.
    pub(crate) fn string_map(&self, path: &[&str]) -> std::collections::BTreeMap<String, String> {
        let map = self.tree.at(path).and_then(Tree::as_map);
        map.into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.spelling()))
            .collect()
    }

    /// Makes texts of labels or annotations; none at all removes the field.
    pub(crate) fn make_texts(&mut self, name: &str) {
        let texts = match self.tree.get("metadata").map(|it| (it, it.get(name))) {
            Some((Tree::Map(_), None)) => true,
            Some((_, Some(Tree::Map(map)))) => {
                !map.is_empty() && map.values().all(|value| matches!(value, Tree::Text(_)))
            }
            _ => false,
        };
        if !texts {
            let map = self.string_map(&["metadata", name]);
            self.set_string_map(name, map);
        }
    }

    /// Removes an annotation where it is there.
    pub(crate) fn remove_annotation(&mut self, name: &str) {
        let path = ["metadata", "annotations"];
        if self.tree.at(&path).is_some_and(|it| it.get(name).is_some()) {
            let mut annotations = self.string_map(&path);
            annotations.remove(name);
            self.set_string_map("annotations", annotations);
        }
    }

    /// Sets labels or annotations; none at all removes the field.
    pub(crate) fn set_string_map(
        &mut self,
        name: &str,
        map: std::collections::BTreeMap<String, String>,
    ) {
        let Some(metadata) = self.tree.map_under("metadata") else {
            return;
        };
        if map.is_empty() {
            metadata.remove(name);
        } else {
            let map: Map = map
                .into_iter()
                .map(|(key, value)| (key, Tree::Text(value)))
                .collect();
            metadata.insert(name.to_owned(), Tree::Map(map));
        }
    }

    /// Returns true where Kustomize would keep the history in annotations: to a JSON patch, there
    /// are annotations then.
    pub(crate) fn has_history(&self) -> bool {
        !self.previous.is_empty()
            || !self.prefixes.is_empty()
            || !self.suffixes.is_empty()
            || self.needs_hash
            || self.generated
            || self.from_chart
    }

    /// Returns true once it was deleted.
    pub(crate) fn is_empty(&self) -> bool {
        self.tree.is_null() || self.tree.as_map().is_some_and(Map::is_empty)
    }
}

/// Reads the resources of a text: every document, lists of resources as their items.
pub(crate) fn read_resources(file: &str, text: &str) -> Result<Vec<Resource>, Error> {
    let documents = tree::read(text).map_err(|error| Error::yaml(file, &error))?;
    let mut resources = Vec::new();
    for (tree, span) in documents {
        let place = Place::new(file, span);
        add_resource(&mut resources, tree, &place)?;
    }
    Ok(resources)
}

fn add_resource(resources: &mut Vec<Resource>, tree: Tree, place: &Place) -> Result<(), Error> {
    let resource = Resource::new(tree, place.clone());
    if resource.is_empty() {
        return Ok(());
    }
    if resource.tree.as_map().is_none() {
        let message = format!(
            "a resource must be a map, not {}",
            resource.tree.kind_name()
        );
        return Err(Error::failed(place, message));
    }
    let kind = resource.kind();
    if kind.is_empty() {
        return Err(Error::failed(place, "a resource has no kind"));
    }
    if kind.ends_with("List") {
        match resource.tree.get("items") {
            Some(Tree::List(_)) => {
                let mut tree = resource.tree;
                let items = tree.as_map_mut().and_then(|map| map.remove("items"));
                if let Some(Tree::List(items)) = items {
                    for item in items {
                        add_resource(resources, item, place)?;
                    }
                }
                return Ok(());
            }
            Some(items) if items.is_null() => return Ok(()),
            Some(_) => {
                return Err(Error::failed(
                    place,
                    format!("the items of a {kind} are no list"),
                ));
            }
            None => {}
        }
    } else if resource.name().is_empty() {
        return Err(Error::failed(
            place,
            format!("a {kind} has no metadata.name"),
        ));
    }
    resources.push(resource);
    Ok(())
}
