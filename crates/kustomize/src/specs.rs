//! Which fields Kustomize touches by default: takes nothing, gives tables, never looks at a
//! manifest.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::fieldspec::FieldSpec;
use crate::id::Selector;

/// Returns a field of kinds of any group and version.
const fn of_kind(kind: &'static str, path: &'static str, create: bool) -> FieldSpec {
    FieldSpec {
        of: Selector::fixed("", "", kind),
        path: Cow::Borrowed(path),
        create,
    }
}

/// Returns a field of kinds of a group.
const fn of_group(
    group: &'static str,
    kind: &'static str,
    path: &'static str,
    create: bool,
) -> FieldSpec {
    FieldSpec {
        of: Selector::fixed(group, "", kind),
        path: Cow::Borrowed(path),
        create,
    }
}

/// Returns a field of a kind of the core group's version.
const fn of_core(kind: &'static str, path: &'static str, create: bool) -> FieldSpec {
    FieldSpec {
        of: Selector::fixed("", "v1", kind),
        path: Cow::Borrowed(path),
        create,
    }
}

/// Labels of objects and of the templates in them.
pub(crate) static METADATA_LABELS: [FieldSpec; 9] = [
    of_kind("", "metadata/labels", true),
    of_core(
        "ReplicationController",
        "spec/template/metadata/labels",
        true,
    ),
    of_kind("Deployment", "spec/template/metadata/labels", true),
    of_kind("ReplicaSet", "spec/template/metadata/labels", true),
    of_kind("DaemonSet", "spec/template/metadata/labels", true),
    of_group("apps", "StatefulSet", "spec/template/metadata/labels", true),
    of_group("batch", "Job", "spec/template/metadata/labels", true),
    of_group("batch", "CronJob", "spec/jobTemplate/metadata/labels", true),
    of_group(
        "batch",
        "CronJob",
        "spec/jobTemplate/spec/template/metadata/labels",
        true,
    ),
];

/// Labels of templates of volume claims.
pub(crate) static VOLUME_CLAIM_LABELS: [FieldSpec; 1] = [of_group(
    "apps",
    "StatefulSet",
    "spec/volumeClaimTemplates[]/metadata/labels",
    true,
)];

/// Selectors.
pub(crate) static SELECTORS: [FieldSpec; 12] = [
    of_core("Service", "spec/selector", true),
    of_core("ReplicationController", "spec/selector", true),
    of_kind("Deployment", "spec/selector/matchLabels", true),
    of_kind("ReplicaSet", "spec/selector/matchLabels", true),
    of_kind("DaemonSet", "spec/selector/matchLabels", true),
    of_group("apps", "StatefulSet", "spec/selector/matchLabels", true),
    of_group("batch", "Job", "spec/selector/matchLabels", false),
    of_group(
        "batch",
        "CronJob",
        "spec/jobTemplate/spec/selector/matchLabels",
        false,
    ),
    of_group(
        "policy",
        "PodDisruptionBudget",
        "spec/selector/matchLabels",
        false,
    ),
    of_group(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/podSelector/matchLabels",
        false,
    ),
    of_group(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/ingress/from/podSelector/matchLabels",
        false,
    ),
    of_group(
        "networking.k8s.io",
        "NetworkPolicy",
        "spec/egress/to/podSelector/matchLabels",
        false,
    ),
];

/// Selectors within the pods of a `Deployment` or `StatefulSet` of the group `apps`.
pub(crate) const POD_SELECTORS: [&str; 5] = [
    "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
];

/// Every field that common labels go to.
pub(crate) static COMMON_LABELS: LazyLock<Vec<FieldSpec>> = LazyLock::new(|| {
    let pods = ["Deployment", "StatefulSet"]
        .into_iter()
        .flat_map(|kind| POD_SELECTORS.map(|path| of_group("apps", kind, path, false)));
    let selectors = SELECTORS.iter().cloned().chain(pods);
    selectors
        .chain(METADATA_LABELS.iter().cloned())
        .chain(VOLUME_CLAIM_LABELS.iter().cloned())
        .collect()
});

/// Annotations of objects and of the templates in them.
pub(crate) static ANNOTATIONS: [FieldSpec; 9] = [
    of_kind("", "metadata/annotations", true),
    of_core(
        "ReplicationController",
        "spec/template/metadata/annotations",
        true,
    ),
    of_kind("Deployment", "spec/template/metadata/annotations", true),
    of_kind("ReplicaSet", "spec/template/metadata/annotations", true),
    of_kind("DaemonSet", "spec/template/metadata/annotations", true),
    of_kind("StatefulSet", "spec/template/metadata/annotations", true),
    of_group("batch", "Job", "spec/template/metadata/annotations", true),
    of_group(
        "batch",
        "CronJob",
        "spec/jobTemplate/metadata/annotations",
        true,
    ),
    of_group(
        "batch",
        "CronJob",
        "spec/jobTemplate/spec/template/metadata/annotations",
        true,
    ),
];

/// Images in volumes; those of containers are found wherever containers are.
pub(crate) static IMAGES: [FieldSpec; 7] = [
    of_kind("", "spec/containers[]/image", true),
    of_kind("", "spec/initContainers[]/image", true),
    of_kind("", "spec/volumes[]/image/reference", true),
    of_kind("", "spec/template/spec/containers[]/image", true),
    of_kind("", "spec/template/spec/initContainers[]/image", true),
    of_kind("", "spec/template/spec/volumes[]/image/reference", true),
    of_kind(
        "",
        "spec/jobTemplate/spec/template/spec/volumes[]/image/reference",
        true,
    ),
];

/// Numbers of replicas.
pub(crate) static REPLICAS: [FieldSpec; 4] = [
    of_kind("Deployment", "spec/replicas", true),
    of_kind("ReplicationController", "spec/replicas", true),
    of_kind("ReplicaSet", "spec/replicas", true),
    of_kind("StatefulSet", "spec/replicas", true),
];

/// Fields other than `metadata/namespace` that hold a namespace.
pub(crate) static NAMESPACES: [FieldSpec; 3] = [
    of_kind("Namespace", "metadata/name", true),
    of_group(
        "apiregistration.k8s.io",
        "APIService",
        "spec/service/namespace",
        true,
    ),
    of_group(
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        "spec/conversion/webhook/clientConfig/service/namespace",
        false,
    ),
];

/// Names that are extended.
pub(crate) static NAMES: [FieldSpec; 1] = [of_kind("", "metadata/name", false)];

/// Kinds with pods in which variables are replaced, and where their pods are.
const VARIABLE_PODS: [(&str, &str); 7] = [
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("Pod", "spec"),
    ("ReplicaSet", "spec/template/spec"),
    ("StatefulSet", "spec/template/spec"),
];

/// Every field in which variables are replaced.
pub(crate) static VARIABLES: LazyLock<Vec<FieldSpec>> = LazyLock::new(|| {
    let mut specs = Vec::new();
    for (kind, pod) in VARIABLE_PODS {
        for containers in ["containers", "initContainers"] {
            for field in ["args", "command", "env/value", "volumeMounts/mountPath"] {
                specs.push(FieldSpec {
                    of: Selector::fixed("", "", kind),
                    path: Cow::Owned(format!("{pod}/{containers}/{field}")),
                    create: false,
                });
            }
        }
    }
    for (kind, path) in [
        // Without `spec` before the volumes, as Kustomize has it.
        (
            "CronJob",
            "spec/jobTemplate/spec/template/volumes/nfs/server",
        ),
        ("DaemonSet", "spec/template/spec/volumes/nfs/server"),
        ("Deployment", "spec/template/spec/volumes/nfs/server"),
        ("Deployment", "spec/template/metadata/annotations"),
        ("Ingress", "spec/rules/host"),
        ("Ingress", "spec/tls/hosts"),
        ("Ingress", "spec/tls/secretName"),
        ("Job", "spec/template/spec/volumes/nfs/server"),
        ("Pod", "spec/volumes/nfs/server"),
        ("ReplicaSet", "spec/template/spec/volumes/nfs/server"),
        ("Service", "spec/ports/port"),
        ("Service", "spec/ports/targetPort"),
        ("StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
        ("PersistentVolume", "spec/nfs/server"),
        ("", "metadata/labels"),
        ("", "metadata/annotations"),
    ] {
        specs.push(of_kind(kind, path, false));
    }
    specs
});
