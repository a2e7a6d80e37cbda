//! References to names: takes resources whose names have changed, gives each field that refers to
//! one of them its new name, never invents a reference.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use crate::fieldspec::{FieldSpec, Leaf, visit};
use crate::id::{Gvk, Id, Selector};
use crate::refspecs::{Reference, References};
use crate::resource::Resource;
use crate::set::ResourceSet;
use crate::tree::Tree;

/// What is known of a resource that others may refer to.
struct Candidate {
    id: Id,
    original: Id,
    previous: Vec<Id>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

impl Candidate {
    fn new(resource: &Resource) -> Self {
        Self {
            id: resource.id(),
            original: resource.original_id(),
            previous: resource.previous_ids().collect(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        }
    }

    /// Returns true where both were extended in the same kustomizations, as far as one goes back.
    fn same_extensions(&self, other: &Self, allow_empty: bool) -> bool {
        let same = |one: &[String], other: &[String]| {
            let either_empty = one.is_empty() || other.is_empty();
            if allow_empty && either_empty {
                return true;
            }
            let (short, long) = if one.len() > other.len() {
                (other, one)
            } else {
                (one, other)
            };
            if short.is_empty() {
                long.is_empty()
            } else {
                long.ends_with(short)
            }
        };
        same(&self.prefixes, &other.prefixes) && same(&self.suffixes, &other.suffixes)
    }
}

/// Gives every reference its new name; the error names the resource that refers.
pub(crate) fn update(
    set: &mut ResourceSet,
    references: &References,
) -> Result<(), (usize, String)> {
    let candidates: Vec<Candidate> = set.items.iter().map(Candidate::new).collect();
    // The kind is matched by the first identity; the field is taken whatever the kind is now.
    let mut by_kind: BTreeMap<&Gvk, Vec<(Selector, FieldSpec)>> = BTreeMap::new();
    for (at, resource) in set.items.iter_mut().enumerate() {
        let original = &candidates[at].original;
        let role = role_of(resource);
        let namespaces = subject_namespaces(resource).map_err(|message| (at, message))?;
        let referrer = Referrer {
            this: &candidates[at],
            visible: LazyCell::new(|| {
                let could = |other: &&Candidate| {
                    could_be_referenced(&candidates[at].id, other, &namespaces)
                };
                candidates.iter().filter(could).collect()
            }),
            role,
        };
        let gvk = resource.gvk();
        let of_any_kind = |Reference { target, field }| {
            let field = FieldSpec {
                of: Selector::default(),
                create: false,
                ..field
            };
            (target, field)
        };
        let references = by_kind.entry(&original.gvk).or_insert_with(|| {
            let references = references.of(&original.gvk);
            references.into_iter().map(of_any_kind).collect()
        });
        for (target, field) in references {
            let is_role = field.path.ends_with("roleRef/name");
            let mut set = |value: &mut Tree| referrer.set(value, target, is_role);
            visit(&mut resource.tree, &gvk, field, Leaf::None, &mut set)
                .map_err(|message| (at, message))?;
        }
    }
    Ok(())
}

/// Returns group and kind of the role that a binding names.
fn role_of(resource: &Resource) -> Option<(String, String)> {
    let field = |name: &str| {
        resource
            .tree
            .at(&["roleRef", name])
            .filter(|it| !it.is_null())
            .map(Tree::spelling)
    };
    Some((field("apiGroup")?, field("kind")?))
}

/// Returns the namespaces of the service accounts that a binding names.
fn subject_namespaces(resource: &Resource) -> Result<Vec<String>, String> {
    let subjects = resource
        .tree
        .get("subjects")
        .and_then(Tree::as_list)
        .filter(|_| resource.kind() == "RoleBinding");
    let mut namespaces = Vec::new();
    for subject in subjects.unwrap_or_default() {
        let account = subject
            .get("kind")
            .is_some_and(|it| it.spelling() == "ServiceAccount");
        let Some(namespace) = subject.get("namespace").filter(|_| account) else {
            continue;
        };
        let text = namespace.as_text();
        let wrong = || format!("the namespace of a subject is {}", namespace.kind_name());
        namespaces.push(text.ok_or_else(wrong)?.to_owned());
    }
    Ok(namespaces)
}

fn could_be_referenced(referrer: &Id, other: &Candidate, namespaces: &[String]) -> bool {
    referrer.gvk.is_cluster_scoped()
        || other.id.gvk.is_cluster_scoped()
        || other.id.effective_namespace() == referrer.effective_namespace()
        || namespaces.contains(&other.id.namespace)
}

/// A resource that refers, with those that it may refer to.
struct Referrer<'c, F: FnOnce() -> Vec<&'c Candidate>> {
    this: &'c Candidate,
    visible: LazyCell<Vec<&'c Candidate>, F>,
    /// Group and kind of the role that it names.
    role: Option<(String, String)>,
}

impl<'c, F: FnOnce() -> Vec<&'c Candidate>> Referrer<'c, F> {
    /// Updates a name, a map with a name, or a list of such.
    fn set(&self, value: &mut Tree, target: &Selector, is_role: bool) -> Result<(), String> {
        match value {
            Tree::Blank | Tree::Null => Ok(()),
            Tree::List(items) => items.iter_mut().try_for_each(|item| match item {
                Tree::List(_) => Err("a name or a map is expected, not a list".to_owned()),
                item => self.set(item, target, is_role),
            }),
            Tree::Map(_) => self.set_map(value, target, is_role),
            _ => {
                let name = value.spelling();
                let found = self.select(&name, self.visible.clone(), target, is_role, false)?;
                if let Some(found) = found.filter(|found| found.id.name != name) {
                    *value = Tree::text(&found.id.name);
                }
                Ok(())
            }
        }
    }

    fn set_map(&self, value: &mut Tree, target: &Selector, is_role: bool) -> Result<(), String> {
        let name = value
            .get("name")
            .filter(|name| !name.is_null())
            .map(Tree::spelling);
        let name = name.ok_or("there is no name in it")?;
        let candidates = match value.get("namespace").filter(|it| !it.is_null()) {
            None => self.visible.clone(),
            Some(namespace) => self.in_namespace(&namespace.spelling()),
        };
        let Some(found) = self.select(&name, candidates, target, is_role, true)? else {
            return Ok(());
        };
        let Some(map) = value.as_map_mut() else {
            return Ok(());
        };
        if found.id.name != name {
            map.insert("name".to_owned(), Tree::text(&found.id.name));
        }
        if !found.id.namespace.is_empty() {
            map.insert("namespace".to_owned(), Tree::text(&found.id.namespace));
        }
        Ok(())
    }

    /// Returns the candidates that were in a namespace at first; where there is none, those that
    /// are in it now.
    fn in_namespace(&self, namespace: &str) -> Vec<&'c Candidate> {
        let by = |id: fn(&Candidate) -> &Id| -> Vec<&'c Candidate> {
            let is_there = |other: &&Candidate| {
                !id(other).gvk.is_cluster_scoped() && id(other).effective_namespace() == namespace
            };
            self.visible.iter().copied().filter(is_there).collect()
        };
        let first = by(|candidate| &candidate.original);
        if first.is_empty() {
            by(|candidate| &candidate.id)
        } else {
            first
        }
    }

    /// Returns the one resource that a name refers to, by the names that resources had.
    fn select(
        &self,
        name: &str,
        mut candidates: Vec<&'c Candidate>,
        target: &Selector,
        is_role: bool,
        with_namespace: bool,
    ) -> Result<Option<&'c Candidate>, String> {
        candidates.retain(|other| {
            other.previous.iter().any(|id| id.name == name)
                && other.previous.iter().any(|id| id.gvk.is_selected(target))
        });
        if let (true, Some((group, kind))) = (is_role, &self.role) {
            let role = Selector {
                group: group.clone().into(),
                kind: kind.clone().into(),
                ..Selector::default()
            };
            candidates.retain(|other| other.previous.iter().any(|id| id.gvk.is_selected(&role)));
        }
        if !self.this.id.gvk.is_cluster_scoped() {
            candidates.retain(|other| {
                other.id.gvk.is_cluster_scoped()
                    || other.id.gvk.kind == "ServiceAccount"
                    || other.id.effective_namespace() == self.this.id.effective_namespace()
            });
        }
        if candidates.len() > 1 {
            candidates.retain(|other| other.same_extensions(self.this, true));
            if candidates.len() > 1 {
                candidates.retain(|other| other.same_extensions(self.this, false));
            }
        }
        let Some((first, others)) = candidates.split_first() else {
            return Ok(None);
        };
        let same = |other: &&Candidate| {
            other.id.name == first.id.name
                && (!with_namespace || other.id.namespace == first.id.namespace)
        };
        if others.iter().all(same) {
            return Ok(Some(first));
        }
        let ids: Vec<String> = candidates
            .iter()
            .map(|other| other.id.to_string())
            .collect();
        Err(format!("{name} may refer to any of {}", ids.join(", ")))
    }
}
