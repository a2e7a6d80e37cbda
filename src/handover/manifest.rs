//! The objects of the handover as they are written: takes manifests as the root renders them,
//! gives them stamped, paused or with the policy that is wanted; pure.

use serde_json::Value;

use crate::catalog::Manifest;
use crate::cluster::FIELD_MANAGER;
use crate::plan::{Handover, Snapshot, differences};
use crate::render::{ObjectId, Tracking};
use crate::source::Source;

/// One object of the handover.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) id: ObjectId,
    /// As Argo CD's root will compare it.
    pub(super) wanted: Value,
}

/// Everything that the handover writes, in its order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Items {
    /// Projects and whatever else the root renders.
    pub(super) first: Vec<Item>,
    /// The Applications of the services.
    pub(super) children: Vec<Item>,
    /// The Application of the root.
    pub(super) root: Item,
}

/// Returns the objects of a handover, stamped with the tracking annotation of the root, or of the
/// Application that renders them: to that one they look as if it had made them.
pub(super) fn items(handover: &Handover) -> Items {
    let root = name(&handover.root).to_owned();
    let item = |manifest: &Value| {
        let mut wanted = manifest.clone();
        if wanted["metadata"]["namespace"].is_null() {
            wanted["metadata"]["namespace"] = Value::String(handover.namespace.clone());
        }
        let id = identity(&wanted);
        let parent = handover.parents.get(&format!("{}/{}", id.kind, id.name));
        let root = parent.unwrap_or(&root);
        let manifest = Manifest {
            value: wanted,
            source: Source::file(root),
        };
        let namespace = id.namespace.as_deref().unwrap_or(&handover.namespace);
        // What cannot be marked is written as it is: the API server tells what is wrong with it.
        let tracking = Tracking::new(&handover.tracking, root, &manifest, namespace);
        let mut wanted = manifest.value;
        tracking.unwrap_or_default().stamp(&mut wanted);
        Item { id, wanted }
    };
    let others = handover.others.iter().map(|object| {
        let mut wanted = object.manifest.clone();
        object.tracking.stamp(&mut wanted);
        Item {
            id: object.id.clone(),
            wanted,
        }
    });
    Items {
        first: handover.projects.iter().map(item).chain(others).collect(),
        children: handover.applications.iter().map(item).collect(),
        root: item(&handover.root),
    }
}

/// Returns the objects of a handover that a cluster does not hold as wanted.
pub fn pending(handover: &Handover, snapshot: &Snapshot) -> Vec<ObjectId> {
    let items = items(handover);
    items
        .first
        .into_iter()
        .chain(items.children)
        .chain([items.root])
        .filter(|item| {
            snapshot
                .get(&item.id)
                .is_none_or(|live| !differences(&item.wanted, live, FIELD_MANAGER).is_empty())
        })
        .map(|item| item.id)
        .collect()
}

/// Returns an Application without automated synchronisation.
pub(super) fn paused(wanted: &Value) -> Value {
    let mut paused = wanted.clone();
    if let Some(policy) = paused
        .pointer_mut("/spec/syncPolicy")
        .and_then(Value::as_object_mut)
    {
        policy.remove("automated");
    }
    paused
}

/// Tells whether an Application asks for automated synchronisation.
pub(super) fn is_automated(manifest: &Value) -> bool {
    manifest
        .pointer("/spec/syncPolicy/automated")
        .is_some_and(|policy| {
            // Argo CD reads `enabled: false` as none.
            !policy.is_null() && policy["enabled"] != false
        })
}

fn name(manifest: &Value) -> &str {
    manifest
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn identity(manifest: &Value) -> ObjectId {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    ObjectId {
        api_version: text(&manifest["apiVersion"]),
        kind: text(&manifest["kind"]),
        namespace: manifest["metadata"]["namespace"]
            .as_str()
            .map(str::to_owned),
        name: name(manifest).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn application(name: &str) -> Value {
        json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application",
            "metadata": {"name": name},
            "spec": {"syncPolicy": {"automated": {"prune": true}, "syncOptions": ["a=b"]}}})
    }

    #[test]
    fn applications_are_stamped_as_the_roots_and_can_be_paused() {
        let handover = Handover {
            namespace: "argocd".into(),
            root: application("platform"),
            projects: Vec::new(),
            applications: vec![application("portal")],
            others: Vec::new(),
            tracking: crate::render::TrackingSettings::default(),
            parents: std::collections::BTreeMap::new(),
        };
        let items = items(&handover);
        let child = &items.children[0];
        assert_eq!(
            child.wanted["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"],
            "platform:argoproj.io/Application:argocd/portal"
        );
        assert_eq!(child.id.namespace.as_deref(), Some("argocd"));
        assert!(is_automated(&child.wanted));
        let paused = paused(&child.wanted);
        assert!(!is_automated(&paused));
        assert_eq!(
            paused["spec"]["syncPolicy"],
            json!({"syncOptions": ["a=b"]})
        );
    }
}
