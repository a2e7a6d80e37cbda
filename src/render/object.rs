//! One Kubernetes manifest with its origin and its place in Argo CD's order.

use serde::Serialize;
use serde_json::Value;

use crate::source::Source;

use super::tracking::Tracking;

/// What tells one object from another in a cluster.
///
/// Two identities that differ in the version of the API alone name the same object in the
/// cluster: compare with [`ObjectId::group_kind`] where that matters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectId {
    /// Group and version, such as `apps/v1`; the core group is `v1`.
    pub api_version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The namespace; absent for cluster-scoped kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectId {
    /// Returns the API group, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// Returns group and kind.
    pub fn group_kind(&self) -> (&str, &str) {
        (self.group(), &self.kind)
    }
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(formatter, "{} {namespace}/{}", self.kind, self.name),
            None => write!(formatter, "{} {}", self.kind, self.name),
        }
    }
}

/// When Argo CD applies an object within one synchronisation of its Application.
///
/// Source: Argo CD user guide, "Resource hooks" and "Helm: hooks" (how Helm's map to Argo CD's).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Before everything else: `pre-install`, `pre-upgrade`, `crd-install`, `PreSync`.
    PreSync,
    /// With the ordinary objects; a hook in this phase is `Sync`.
    Sync,
    /// After all objects of `Sync` are healthy: `post-install`, `post-upgrade`, `PostSync`.
    PostSync,
}

/// When Argo CD deletes a hook's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HookDeletePolicy {
    /// Before a new one of the same name is created (the default).
    BeforeHookCreation,
    /// After it succeeded.
    HookSucceeded,
    /// After it failed.
    HookFailed,
}

/// One Kubernetes manifest, as Argo CD would compute it, with its origin.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its identity, with the namespace of the Application filled in for namespaced kinds.
    pub id: ObjectId,
    /// The manifest, a JSON object; `metadata.namespace` is filled in as in `id`.
    pub manifest: Value,
    /// The template or file, and the line where the document begins in it where that is known.
    pub source: Source,
    /// The phase of the synchronisation.
    pub phase: Phase,
    /// True where it is a hook: tracked by no Application, run again at each synchronisation.
    pub hook: bool,
    /// When the hook's object is deleted; empty for objects that are no hooks.
    pub hook_delete_policies: Vec<HookDeletePolicy>,
    /// `argocd.argoproj.io/sync-wave` or Helm's hook weight.
    pub sync_wave: i32,
    /// The marks that make it the Application's; the manifest is without them.
    pub tracking: Tracking,
}
