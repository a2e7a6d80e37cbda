//! The order of one service's writes: takes its objects in any order, gives Argo CD's (phase, sync
//! wave, kind, name), never looks at another service.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{Object, Phase};

/// Kinds that Argo CD applies in this order; every other kind comes after them.
///
/// Source: Argo CD's user guide, "Sync phases and waves", and the order of kinds of its engine.
const KIND_ORDER: &[&str] = &[
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// Sorts objects into the order of their writing.
///
/// A Namespace or a CRD that would come after the first object that needs it is moved before that
/// object and takes over its phase and wave.
pub(super) fn sort(objects: &mut Vec<Object>) {
    objects.sort_by(|left, right| {
        let key = |object: &Object| (object.phase, object.sync_wave, kind_rank(&object.id.kind));
        key(left)
            .cmp(&key(right))
            .then_with(|| left.id.name.cmp(&right.id.name))
            .then_with(|| {
                // Argo CD leaves the rest to chance; a plan must not.
                (&left.id, &left.source).cmp(&(&right.id, &right.source))
            })
    });
    hoist(objects, created_namespace, |object| {
        object
            .id
            .namespace
            .clone()
            .filter(|namespace| !namespace.is_empty())
    });
    hoist(objects, defined_kind, |object| {
        Some(format!("{}/{}", object.id.group(), object.id.kind))
    });
}

fn kind_rank(kind: &str) -> usize {
    KIND_ORDER
        .iter()
        .position(|known| *known == kind)
        .unwrap_or(KIND_ORDER.len())
}

fn hoist(
    objects: &mut Vec<Object>,
    provides: impl Fn(&Object) -> Option<String>,
    needs: impl Fn(&Object) -> Option<String>,
) {
    let mut first_need: BTreeMap<String, usize> = BTreeMap::new();
    for index in 0..objects.len() {
        if let Some(provided) = provides(&objects[index]) {
            let Some(&target) = first_need.get(&provided) else {
                continue;
            };
            let (phase, wave): (Phase, i32) = (objects[target].phase, objects[target].sync_wave);
            let mut object = objects.remove(index);
            object.phase = phase;
            object.sync_wave = wave;
            objects.insert(target, object);
            for position in first_need
                .values_mut()
                .filter(|position| **position >= target)
            {
                *position += 1;
            }
        } else if let Some(needed) = needs(&objects[index]) {
            first_need.entry(needed).or_insert(index);
        }
    }
}

fn created_namespace(object: &Object) -> Option<String> {
    (object.id.group_kind() == ("", "Namespace")).then(|| object.id.name.clone())
}

fn defined_kind(object: &Object) -> Option<String> {
    if object.id.group_kind() != ("apiextensions.k8s.io", "CustomResourceDefinition") {
        return None;
    }
    let group = object
        .manifest
        .pointer("/spec/group")
        .and_then(Value::as_str)?;
    let kind = object
        .manifest
        .pointer("/spec/names/kind")
        .and_then(Value::as_str)?;
    Some(format!("{group}/{kind}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::render::ObjectId;
    use crate::source::Source;

    fn object(api_version: &str, kind: &str, namespace: Option<&str>, name: &str) -> Object {
        Object {
            id: ObjectId {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                namespace: namespace.map(str::to_owned),
                name: name.to_owned(),
            },
            manifest: json!({}),
            source: Source::file("x.yaml"),
            phase: Phase::Sync,
            hook: false,
            hook_delete_policies: Vec::new(),
            sync_wave: 0,
            tracking: crate::render::Tracking::default(),
        }
    }

    fn names(objects: &[Object]) -> Vec<&str> {
        objects
            .iter()
            .map(|object| object.id.name.as_str())
            .collect()
    }

    #[test]
    fn phase_then_wave_then_kind_then_name() {
        let mut late = object("v1", "ConfigMap", Some("a"), "late");
        late.sync_wave = 1;
        let mut hook = object("batch/v1", "Job", Some("a"), "hook");
        hook.phase = Phase::PreSync;
        let mut objects = vec![
            object(
                "cert-manager.io/v1",
                "Certificate",
                Some("a"),
                "certificate",
            ),
            late,
            object("apps/v1", "Deployment", Some("a"), "web"),
            object("apps/v1", "Deployment", Some("a"), "api"),
            object("v1", "ServiceAccount", Some("a"), "account"),
            hook,
        ];
        sort(&mut objects);
        assert_eq!(
            names(&objects),
            ["hook", "account", "api", "web", "certificate", "late"]
        );
    }

    #[test]
    fn a_namespace_moves_before_the_hook_that_lives_in_it() {
        let mut hook = object("batch/v1", "Job", Some("a"), "hook");
        hook.phase = Phase::PreSync;
        hook.sync_wave = 2;
        let mut objects = vec![
            object("v1", "Namespace", None, "a"),
            object("v1", "Service", Some("a"), "service"),
            hook,
        ];
        sort(&mut objects);
        assert_eq!(names(&objects), ["a", "hook", "service"]);
        assert_eq!(
            (objects[0].phase, objects[0].sync_wave),
            (Phase::PreSync, 2)
        );
    }

    #[test]
    fn a_definition_moves_before_its_first_object() {
        let mut definition = object(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            None,
            "things.x.io",
        );
        definition.manifest = json!({"spec": {"group": "x.io", "names": {"kind": "Thing"}}});
        let mut thing = object("x.io/v1", "Thing", Some("a"), "thing");
        thing.sync_wave = -1;
        let mut objects = vec![
            definition,
            thing,
            object("v1", "Secret", Some("a"), "secret"),
        ];
        sort(&mut objects);
        assert_eq!(names(&objects), ["things.x.io", "thing", "secret"]);
        assert_eq!(objects[0].sync_wave, -1);
    }
}
