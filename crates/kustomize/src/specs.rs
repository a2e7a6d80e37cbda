//! Which fields Kustomize touches by default: takes nothing, gives tables, never looks at a
//! manifest.

use crate::fieldspec::FieldSpec;
use crate::id::Selector;

/// Returns a field of kinds of any group and version.
const fn of_kind<'s>(kind: &'s str, path: &'s str, create: bool) -> FieldSpec<'s> {
    FieldSpec {
        of: Selector {
            group: "",
            version: "",
            kind,
        },
        path,
        create,
    }
}

/// Returns a field of kinds of a group.
const fn of_group<'s>(group: &'s str, kind: &'s str, path: &'s str, create: bool) -> FieldSpec<'s> {
    FieldSpec {
        of: Selector {
            group,
            version: "",
            kind,
        },
        path,
        create,
    }
}

/// Returns a field of a kind of the core group's version.
const fn of_core<'s>(kind: &'s str, path: &'s str, create: bool) -> FieldSpec<'s> {
    FieldSpec {
        of: Selector {
            group: "",
            version: "v1",
            kind,
        },
        path,
        create,
    }
}

/// Labels of objects and of the templates in them.
pub(crate) const METADATA_LABELS: [FieldSpec<'static>; 9] = [
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
pub(crate) const VOLUME_CLAIM_LABELS: [FieldSpec<'static>; 1] = [of_group(
    "apps",
    "StatefulSet",
    "spec/volumeClaimTemplates[]/metadata/labels",
    true,
)];

/// Selectors.
pub(crate) const SELECTORS: [FieldSpec<'static>; 12] = [
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

/// Returns every field that common labels go to.
pub(crate) fn common_labels() -> Vec<FieldSpec<'static>> {
    let pods = ["Deployment", "StatefulSet"]
        .into_iter()
        .flat_map(|kind| POD_SELECTORS.map(|path| of_group("apps", kind, path, false)));
    SELECTORS
        .into_iter()
        .chain(pods)
        .chain(METADATA_LABELS)
        .chain(VOLUME_CLAIM_LABELS)
        .collect()
}

/// Annotations of objects and of the templates in them.
pub(crate) const ANNOTATIONS: [FieldSpec<'static>; 9] = [
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
pub(crate) const IMAGES: [FieldSpec<'static>; 7] = [
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
pub(crate) const REPLICAS: [FieldSpec<'static>; 4] = [
    of_kind("Deployment", "spec/replicas", true),
    of_kind("ReplicationController", "spec/replicas", true),
    of_kind("ReplicaSet", "spec/replicas", true),
    of_kind("StatefulSet", "spec/replicas", true),
];

/// Fields other than `metadata/namespace` that hold a namespace.
pub(crate) const NAMESPACES: [FieldSpec<'static>; 2] = [
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
