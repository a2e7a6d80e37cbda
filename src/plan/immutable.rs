//! Fields that the API server never lets change: takes a kind and the places that differ, gives
//! those for which the object would have to be made anew, never asks a cluster.

use serde_json::Value;

/// Kinds with JSON pointers below which nothing may change.
///
/// Source: the validation of updates in Kubernetes (`pkg/apis/*/validation`), 1.34.
const IMMUTABLE: &[(&str, &str, &[&str])] = &[
    ("apps", "Deployment", &["/spec/selector"]),
    ("apps", "DaemonSet", &["/spec/selector"]),
    ("apps", "ReplicaSet", &["/spec/selector"]),
    (
        "batch",
        "Job",
        &[
            "/spec/selector",
            "/spec/template",
            "/spec/completionMode",
            "/spec/podFailurePolicy",
            "/spec/backoffLimitPerIndex",
            "/spec/managedBy",
        ],
    ),
    (
        "storage.k8s.io",
        "StorageClass",
        &[
            "/provisioner",
            "/parameters",
            "/reclaimPolicy",
            "/volumeBindingMode",
        ],
    ),
    ("rbac.authorization.k8s.io", "RoleBinding", &["/roleRef"]),
    (
        "rbac.authorization.k8s.io",
        "ClusterRoleBinding",
        &["/roleRef"],
    ),
    (
        "scheduling.k8s.io",
        "PriorityClass",
        &["/value", "/preemptionPolicy"],
    ),
    ("networking.k8s.io", "IngressClass", &["/spec/controller"]),
    ("node.k8s.io", "RuntimeClass", &["/handler"]),
    ("", "Secret", &["/type"]),
    (
        "",
        "PersistentVolume",
        &[
            "/spec/persistentVolumeSource",
            "/spec/csi",
            "/spec/nfs",
            "/spec/hostPath",
            "/spec/volumeMode",
        ],
    ),
    ("", "PersistentVolumeClaim", &["/spec"]),
    ("apps", "StatefulSet", &["/spec"]),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        &[
            "/spec/group",
            "/spec/scope",
            "/spec/names/kind",
            "/spec/names/plural",
        ],
    ),
];

/// What may change below these all the same.
const MUTABLE: &[(&str, &[&str])] = &[
    (
        "PersistentVolumeClaim",
        &["/spec/resources", "/spec/volumeAttributesClassName"],
    ),
    (
        "StatefulSet",
        &[
            "/spec/replicas",
            "/spec/ordinals",
            "/spec/template",
            "/spec/updateStrategy",
            "/spec/revisionHistoryLimit",
            "/spec/persistentVolumeClaimRetentionPolicy",
            "/spec/minReadySeconds",
        ],
    ),
];

/// Returns the places, of those that differ, that the API server would refuse to change.
pub fn immutable(group: &str, kind: &str, live: &Value, differing: &[String]) -> Vec<String> {
    let table = IMMUTABLE.iter().find(|(g, k, _)| (*g, *k) == (group, kind));
    let fixed = table.map_or(&[][..], |(_, _, fixed)| *fixed);
    let mutable = MUTABLE.iter().find(|(k, _)| *k == kind);
    let mutable = mutable.map_or(&[][..], |(_, mutable)| *mutable);
    // Data that was declared to stay as it is.
    let sealed = matches!((group, kind), ("", "Secret" | "ConfigMap"))
        && live["immutable"] == Value::Bool(true);
    let sealed = if sealed {
        &["/data", "/binaryData", "/stringData", "/immutable"][..]
    } else {
        &[]
    };
    let below = |place: &str, above: &&&str| {
        place
            .strip_prefix(**above)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_fixed = |place: &&String| {
        fixed.iter().chain(sealed).any(|above| below(place, &above))
            && !mutable.iter().any(|above| below(place, &above))
    };
    differing.iter().filter(is_fixed).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_change_is_told_from_what_can() {
        let of = |group: &str, kind: &str, live: Value, places: &[&str]| {
            let places: Vec<String> = places.iter().map(|it| (*it).to_owned()).collect();
            immutable(group, kind, &live, &places)
        };
        let places = [
            "/spec/replicas",
            "/spec/selector/matchLabels/app",
            "/spec/selectors",
        ];
        assert_eq!(of("apps", "Deployment", json!({}), &places), [places[1]]);
        let places = [
            "/spec/replicas",
            "/spec/serviceName",
            "/spec/volumeClaimTemplates/0",
        ];
        assert_eq!(of("apps", "StatefulSet", json!({}), &places), places[1..]);
        let places = ["/spec/resources/requests/storage", "/spec/storageClassName"];
        assert_eq!(
            of("", "PersistentVolumeClaim", json!({}), &places),
            [places[1]]
        );
        assert!(of("", "ConfigMap", json!({}), &["/data/x"]).is_empty());
        assert_eq!(
            of("", "ConfigMap", json!({"immutable": true}), &["/data/x"]),
            ["/data/x"]
        );
    }
}
