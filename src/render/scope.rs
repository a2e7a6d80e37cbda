//! Which kinds live in a namespace: takes the platform's CustomResourceDefinitions, gives the scope
//! of every kind that is known, never asks a cluster.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::Manifest;

use super::builtin::builtin_kind;

/// The scopes of built-in kinds and of those that the platform defines.
#[derive(Debug, Clone, Default)]
pub(super) struct Scopes {
    defined: BTreeMap<(String, String), bool>,
}

impl Scopes {
    /// Adds the kinds that manifests define.
    pub(super) fn add<'m>(&mut self, manifests: impl IntoIterator<Item = &'m Manifest>) {
        for manifest in manifests {
            if manifest.kind() != "CustomResourceDefinition" {
                continue;
            }
            let text = |pointer: &str| manifest.value.pointer(pointer).and_then(Value::as_str);
            if let (Some(group), Some(kind)) = (text("/spec/group"), text("/spec/names/kind")) {
                let namespaced = text("/spec/scope") == Some("Namespaced");
                self.defined
                    .insert((group.to_owned(), kind.to_owned()), namespaced);
            }
        }
    }

    /// Tells whether manifests define a kind.
    pub(super) fn defines(&self, group: &str, kind: &str) -> bool {
        self.defined
            .contains_key(&(group.to_owned(), kind.to_owned()))
    }

    /// Returns true where objects of a kind live in a namespace; a kind that nobody knows is taken
    /// for one that does, as Argo CD takes it.
    pub(super) fn is_namespaced(&self, group: &str, kind: &str) -> bool {
        if let Some(builtin) = builtin_kind(group, kind) {
            return builtin.namespaced;
        }
        self.defined
            .get(&(group.to_owned(), kind.to_owned()))
            .copied()
            .unwrap_or(true)
    }
}
