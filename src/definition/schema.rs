//! The keys of an environment file and of `firstlight.yaml`. docs/repository-format.md describes each.

pub(super) const TOP: &[&str] = &[
    "name",
    "fqdn",
    "context",
    "repository",
    "vault",
    "syncPolicy",
    "projects",
    "services",
];
pub(super) const REPOSITORY: &[&str] = &["url", "revision"];
pub(super) const VAULT: &[&str] = &["address", "path"];
pub(super) const SYNC_POLICY: &[&str] = &["automated", "retry", "syncOptions"];
pub(super) const AUTOMATED: &[&str] = &["prune", "selfHeal", "allowEmpty", "enabled"];
pub(super) const PROJECT: &[&str] = &["description", "namespaces", "clusterResources"];
pub(super) const CLUSTER_RESOURCE: &[&str] = &["group", "kind"];
pub(super) const SERVICE: &[&str] = &[
    "enabled",
    "namespace",
    "project",
    "type",
    "path",
    "wave",
    "timeout",
    "dependsOn",
    "valueFiles",
    "syncOptions",
    "namespaceLabels",
    // Kept free for rules of readiness; not read yet.
    "readiness",
];
pub(super) const TYPES: &[&str] = &["helm", "kustomize", "directory"];

/// The keys of `firstlight.yaml`.
pub(super) const SUPPLEMENT: &[&str] = &[
    "images",
    "generators",
    "plugins",
    "operators",
    "provides",
    "requires",
    "suppress",
    "layout",
];
pub(super) const LAYOUT: &[&str] = &[
    "environments",
    "roots",
    "valueFiles",
    "parameters",
    "name",
    "namespace",
    "recurse",
    "services",
    "url",
    "revision",
    "clusters",
];
pub(super) const LAYOUT_ROOT: &[&str] = &[
    "path",
    "valueFiles",
    "parameters",
    "name",
    "namespace",
    "recurse",
];
pub(super) const SUPPRESSION: &[&str] = &["code", "reason", "service", "object", "environment"];
pub(super) const PLUGIN: &[&str] = &["name", "command", "timeout"];
pub(super) const GENERATOR_ANSWER: &[&str] =
    &["applicationSet", "generator", "at", "environment", "file"];
pub(super) const IMAGE_RULE: &[&str] = &[
    "apiGroup",
    "kind",
    "paths",
    "podTemplates",
    "operatorChooses",
];
