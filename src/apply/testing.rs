//! Short forms for the tests of this stage.

use serde_json::json;

use crate::plan::{Action, Certainty, Doubt, Reason, Step};
use crate::render::{Object, ObjectId, Phase};
use crate::source::Source;

/// Returns an object's identity; an empty namespace is none.
pub(crate) fn id(api_version: &str, kind: &str, namespace: &str, name: &str) -> ObjectId {
    ObjectId {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        name: name.to_owned(),
    }
}

/// Returns a step that creates an empty object.
pub(crate) fn step(api_version: &str, kind: &str, namespace: &str, name: &str) -> Step {
    let id = id(api_version, kind, namespace, name);
    let mut metadata = json!({"name": name});
    if let Some(namespace) = &id.namespace {
        metadata["namespace"] = json!(namespace);
    }
    Step {
        object: Object {
            manifest: json!({"apiVersion": api_version, "kind": kind, "metadata": metadata}),
            id,
            source: Source::file("test.yaml"),
            phase: Phase::Sync,
            hook: false,
            hook_delete_policies: Vec::new(),
            sync_wave: 0,
            tracking: crate::render::Tracking::default(),
        },
        action: Action::Create,
        reason: Reason::NoCluster,
        certainty: Certainty::Computed,
        doubt: Doubt::NoCluster,
        changes: Vec::new(),
        owner: None,
    }
}
