//! The API versions that Kubernetes has taken away, and when: takes an API version and a kind, gives
//! the versions of Kubernetes that served it, never what is served today.
//!
//! Source: the Kubernetes documentation, "Deprecated API Migration Guide", and the release notes.

/// An API version of some kinds that came, or went, before the oldest version of the table of fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Older {
    api_version: &'static str,
    kinds: &'static [&'static str],
    since: u32,
    removed: u32,
}

impl Older {
    /// Returns whether Kubernetes 1.`minor` served it.
    pub(super) fn serves(self, minor: u32) -> bool {
        minor >= self.since && minor < self.removed
    }

    /// Returns the first version without it.
    pub(super) fn removed(self) -> u32 {
        self.removed
    }
}

const fn gone(
    api_version: &'static str,
    since: u32,
    removed: u32,
    kinds: &'static [&'static str],
) -> Older {
    Older {
        api_version,
        kinds,
        since,
        removed,
    }
}

const REMOVED: &[Older] = &[
    gone("extensions/v1beta1", 1, 22, &["Ingress"]),
    gone(
        "extensions/v1beta1",
        1,
        16,
        &[
            "DaemonSet",
            "Deployment",
            "NetworkPolicy",
            "PodSecurityPolicy",
            "ReplicaSet",
        ],
    ),
    gone(
        "apps/v1beta1",
        5,
        16,
        &["Deployment", "StatefulSet", "ControllerRevision"],
    ),
    gone(
        "apps/v1beta2",
        8,
        16,
        &[
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
            "ControllerRevision",
        ],
    ),
    gone(
        "networking.k8s.io/v1beta1",
        14,
        22,
        &["Ingress", "IngressClass"],
    ),
    gone(
        "rbac.authorization.k8s.io/v1beta1",
        6,
        22,
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    ),
    gone(
        "rbac.authorization.k8s.io/v1alpha1",
        6,
        22,
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    ),
    gone(
        "admissionregistration.k8s.io/v1beta1",
        9,
        22,
        &[
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
        ],
    ),
    gone(
        "apiextensions.k8s.io/v1beta1",
        7,
        22,
        &["CustomResourceDefinition"],
    ),
    gone("apiregistration.k8s.io/v1beta1", 7, 22, &["APIService"]),
    gone(
        "certificates.k8s.io/v1beta1",
        4,
        22,
        &["CertificateSigningRequest"],
    ),
    gone("coordination.k8s.io/v1beta1", 12, 22, &["Lease"]),
    gone("scheduling.k8s.io/v1beta1", 11, 22, &["PriorityClass"]),
    gone("scheduling.k8s.io/v1alpha1", 8, 22, &["PriorityClass"]),
    gone(
        "storage.k8s.io/v1beta1",
        6,
        22,
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
    ),
    gone("batch/v1beta1", 8, 25, &["CronJob"]),
    gone("batch/v2alpha1", 5, 21, &["CronJob"]),
    gone("discovery.k8s.io/v1beta1", 17, 25, &["EndpointSlice"]),
    gone("events.k8s.io/v1beta1", 8, 25, &["Event"]),
    gone("autoscaling/v2beta1", 8, 25, &["HorizontalPodAutoscaler"]),
    gone("autoscaling/v2beta2", 12, 26, &["HorizontalPodAutoscaler"]),
    gone(
        "policy/v1beta1",
        5,
        25,
        &["PodDisruptionBudget", "PodSecurityPolicy"],
    ),
    gone("node.k8s.io/v1beta1", 14, 25, &["RuntimeClass"]),
    gone(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        20,
        26,
        &["FlowSchema", "PriorityLevelConfiguration"],
    ),
];

/// What came after 1.16, and before the oldest version of the table of fields.
const CAME: &[(&str, &str, u32)] = &[
    ("batch/v1", "CronJob", 21),
    ("policy/v1", "PodDisruptionBudget", 21),
    ("discovery.k8s.io/v1", "EndpointSlice", 21),
    ("autoscaling/v2", "HorizontalPodAutoscaler", 23),
    ("networking.k8s.io/v1", "Ingress", 19),
    ("networking.k8s.io/v1", "IngressClass", 19),
    ("certificates.k8s.io/v1", "CertificateSigningRequest", 19),
    ("node.k8s.io/v1", "RuntimeClass", 20),
    ("storage.k8s.io/v1", "CSIDriver", 18),
    ("storage.k8s.io/v1", "CSINode", 17),
    ("storage.k8s.io/v1", "CSIStorageCapacity", 24),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", 23),
    (
        "flowcontrol.apiserver.k8s.io/v1beta2",
        "PriorityLevelConfiguration",
        23,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        16,
    ),
    (
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        16,
    ),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition", 16),
];

/// Kinds that have moved from one group to another.
const MOVED: &[(&str, &str)] = &[("extensions", "apps"), ("extensions", "networking.k8s.io")];

/// Returns what is known of an API version that was taken away.
pub(super) fn find(api_version: &str, kind: &str) -> Option<Older> {
    REMOVED
        .iter()
        .find(|older| older.api_version == api_version && older.kinds.contains(&kind))
        .copied()
}

/// Returns whether there was an API version and kind that satisfies a condition.
pub(super) fn knows(is_it: impl Fn(&str, &str) -> bool) -> bool {
    REMOVED.iter().any(|older| {
        older
            .kinds
            .iter()
            .any(|kind| is_it(older.api_version, kind))
    })
}

/// Returns whether what the oldest version of the table has was there in an older one already.
pub(super) fn is_as_old(api_version: &str, kind: &str, minor: u32) -> bool {
    let came = CAME
        .iter()
        .find(|(api, name, _)| (*api, *name) == (api_version, kind));
    came.is_none_or(|(_, _, since)| minor >= *since)
}

/// Returns whether a kind of one group is found in another today.
pub(super) fn is_same_group(group: &str, _kind: &str, other: &str) -> bool {
    group == other || MOVED.contains(&(group, other))
}
