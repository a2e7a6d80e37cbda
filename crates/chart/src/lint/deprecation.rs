//! Versions of Kubernetes' own kinds that are on their way out: takes a kind, its version and the
//! version of Kubernetes, gives since when and what to use instead, never knows custom resources.

/// One version of some kinds.
struct Deprecation {
    api_version: &'static str,
    kinds: &'static [&'static str],
    /// The minor version of Kubernetes 1 in which it became deprecated.
    since: u32,
    /// The minor version in which it is served no more, where one is foreseen.
    removed: Option<u32>,
    /// The version to use instead, or version and kind.
    instead: Option<&'static str>,
}

const fn row(
    api_version: &'static str,
    kinds: &'static [&'static str],
    (since, removed): (u32, u32),
    instead: Option<&'static str>,
) -> Deprecation {
    Deprecation {
        api_version,
        kinds,
        since,
        removed: Some(removed),
        instead,
    }
}

/// Those that no version of Kubernetes is known to take away.
const LASTING: &[Deprecation] = &[
    Deprecation {
        api_version: "v1",
        kinds: &["ComponentStatus"],
        since: 19,
        removed: None,
        instead: None,
    },
    Deprecation {
        api_version: "v1",
        kinds: &["Endpoints"],
        since: 33,
        removed: None,
        instead: Some("discovery.k8s.io/v1 EndpointSlice"),
    },
];

/// From the life cycles that Kubernetes 1.37 declares for its types.
const DEPRECATIONS: &[Deprecation] = &[
    row(
        "admission.k8s.io/v1beta1",
        &["AdmissionReview"],
        (19, 22),
        Some("admission.k8s.io/v1"),
    ),
    row(
        "admissionregistration.k8s.io/v1alpha1",
        &[
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        ],
        (29, 32),
        None,
    ),
    row(
        "admissionregistration.k8s.io/v1alpha1",
        &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
        (35, 38),
        None,
    ),
    row(
        "admissionregistration.k8s.io/v1beta1",
        &[
            "MutatingWebhookConfiguration",
            "ValidatingWebhookConfiguration",
        ],
        (16, 22),
        Some("admissionregistration.k8s.io/v1"),
    ),
    row(
        "admissionregistration.k8s.io/v1beta1",
        &[
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        ],
        (31, 34),
        None,
    ),
    row(
        "admissionregistration.k8s.io/v1beta1",
        &["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
        (37, 40),
        Some("admissionregistration.k8s.io/v1"),
    ),
    row(
        "apidiscovery.k8s.io/v2beta1",
        &["APIGroupDiscovery"],
        (32, 35),
        None,
    ),
    row(
        "apps/v1beta1",
        &[
            "ControllerRevision",
            "Deployment",
            "DeploymentRollback",
            "StatefulSet",
        ],
        (8, 16),
        Some("apps/v1"),
    ),
    row("apps/v1beta1", &["Scale"], (8, 16), Some("autoscaling/v1")),
    row(
        "apps/v1beta2",
        &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
        ],
        (9, 16),
        Some("apps/v1"),
    ),
    row("apps/v1beta2", &["Scale"], (9, 16), Some("autoscaling/v1")),
    row(
        "authentication.k8s.io/v1alpha1",
        &["SelfSubjectReview"],
        (29, 32),
        None,
    ),
    row(
        "authentication.k8s.io/v1beta1",
        &["TokenReview"],
        (19, 22),
        Some("authentication.k8s.io/v1"),
    ),
    row(
        "authentication.k8s.io/v1beta1",
        &["SelfSubjectReview"],
        (30, 33),
        None,
    ),
    row(
        "authorization.k8s.io/v1beta1",
        &[
            "LocalSubjectAccessReview",
            "SelfSubjectAccessReview",
            "SelfSubjectRulesReview",
            "SubjectAccessReview",
        ],
        (19, 22),
        Some("authorization.k8s.io/v1"),
    ),
    row("batch/v1beta1", &["CronJob"], (21, 25), Some("batch/v1")),
    row(
        "certificates.k8s.io/v1alpha1",
        &["ClusterTrustBundle"],
        (34, 37),
        None,
    ),
    row(
        "certificates.k8s.io/v1beta1",
        &["CertificateSigningRequest"],
        (19, 22),
        Some("certificates.k8s.io/v1"),
    ),
    row(
        "certificates.k8s.io/v1beta1",
        &["ClusterTrustBundle", "PodCertificateRequest"],
        (37, 40),
        Some("certificates.k8s.io/v1"),
    ),
    row(
        "coordination.k8s.io/v1alpha2",
        &["LeaseCandidate"],
        (35, 38),
        None,
    ),
    row(
        "coordination.k8s.io/v1beta1",
        &["Lease"],
        (19, 22),
        Some("coordination.k8s.io/v1"),
    ),
    row(
        "coordination.k8s.io/v1beta1",
        &["LeaseCandidate"],
        (36, 39),
        None,
    ),
    row(
        "discovery.k8s.io/v1beta1",
        &["EndpointSlice"],
        (21, 25),
        Some("discovery.k8s.io/v1"),
    ),
    row("events.k8s.io/v1beta1", &["Event"], (22, 25), None),
    row("extensions/v1beta1", &["Scale"], (2, 16), None),
    row("extensions/v1beta1", &["DeploymentRollback"], (8, 16), None),
    row(
        "extensions/v1beta1",
        &["DaemonSet", "Deployment", "ReplicaSet"],
        (8, 16),
        Some("apps/v1"),
    ),
    row(
        "extensions/v1beta1",
        &["NetworkPolicy"],
        (9, 16),
        Some("networking.k8s.io/v1"),
    ),
    row(
        "extensions/v1beta1",
        &["Ingress"],
        (14, 22),
        Some("networking.k8s.io/v1"),
    ),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta1",
        &["FlowSchema", "PriorityLevelConfiguration"],
        (23, 26),
        Some("flowcontrol.apiserver.k8s.io/v1beta3"),
    ),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta2",
        &["FlowSchema", "PriorityLevelConfiguration"],
        (26, 29),
        Some("flowcontrol.apiserver.k8s.io/v1beta3"),
    ),
    row(
        "flowcontrol.apiserver.k8s.io/v1beta3",
        &["FlowSchema", "PriorityLevelConfiguration"],
        (29, 32),
        Some("flowcontrol.apiserver.k8s.io/v1"),
    ),
    row(
        "lifecycle.k8s.io/v1alpha1",
        &["Eviction", "EvictionRequest"],
        (40, 43),
        None,
    ),
    row(
        "networking.k8s.io/v1beta1",
        &["Ingress", "IngressClass"],
        (19, 22),
        Some("networking.k8s.io/v1"),
    ),
    row(
        "networking.k8s.io/v1beta1",
        &["IPAddress", "ServiceCIDR"],
        (34, 37),
        None,
    ),
    row("node.k8s.io/v1beta1", &["RuntimeClass"], (22, 25), None),
    row(
        "policy/v1beta1",
        &["PodDisruptionBudget"],
        (21, 25),
        Some("policy/v1"),
    ),
    row("policy/v1beta1", &["Eviction"], (22, 25), None),
    row(
        "rbac.authorization.k8s.io/v1beta1",
        &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        (17, 22),
        Some("rbac.authorization.k8s.io/v1"),
    ),
    row(
        "resource.k8s.io/v1alpha3",
        &["DeviceTaintRule"],
        (36, 39),
        None,
    ),
    row(
        "resource.k8s.io/v1alpha3",
        &["ResourcePoolStatusRequest"],
        (39, 42),
        None,
    ),
    row(
        "resource.k8s.io/v1beta1",
        &[
            "DeviceClass",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourceSlice",
        ],
        (35, 38),
        None,
    ),
    row(
        "resource.k8s.io/v1beta2",
        &[
            "DeviceClass",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourceSlice",
        ],
        (36, 39),
        None,
    ),
    row(
        "resource.k8s.io/v1beta2",
        &["DeviceTaintRule"],
        (39, 42),
        None,
    ),
    row(
        "scheduling.k8s.io/v1beta1",
        &["PriorityClass"],
        (14, 22),
        Some("scheduling.k8s.io/v1"),
    ),
    row(
        "scheduling.k8s.io/v1beta1",
        &["PodGroup", "Workload"],
        (40, 43),
        None,
    ),
    row(
        "storage.k8s.io/v1alpha1",
        &["VolumeAttachment"],
        (21, 24),
        Some("storage.k8s.io/v1"),
    ),
    row(
        "storage.k8s.io/v1alpha1",
        &["CSIStorageCapacity"],
        (21, 24),
        Some("storage.k8s.io/v1beta1"),
    ),
    row(
        "storage.k8s.io/v1alpha1",
        &["VolumeAttributesClass"],
        (32, 35),
        Some("storage.k8s.io/v1"),
    ),
    row(
        "storage.k8s.io/v1beta1",
        &["CSINode"],
        (17, 22),
        Some("storage.k8s.io/v1"),
    ),
    row(
        "storage.k8s.io/v1beta1",
        &["CSIDriver", "StorageClass", "VolumeAttachment"],
        (19, 22),
        Some("storage.k8s.io/v1"),
    ),
    row(
        "storage.k8s.io/v1beta1",
        &["CSIStorageCapacity"],
        (24, 27),
        Some("storage.k8s.io/v1"),
    ),
    row(
        "storage.k8s.io/v1beta1",
        &["VolumeAttributesClass"],
        (34, 37),
        Some("storage.k8s.io/v1"),
    ),
    row(
        "storagemigration.k8s.io/v1beta1",
        &["StorageVersionMigration"],
        (37, 40),
        Some("storagemigration.k8s.io/v1"),
    ),
];

/// Returns since when a kind's version is deprecated, where it is in this version of Kubernetes.
pub(super) fn deprecation(
    api_version: &str,
    kind: &str,
    major: &str,
    minor: &str,
) -> Option<String> {
    let found = DEPRECATIONS
        .iter()
        .chain(LASTING)
        .find(|row| row.api_version == api_version && row.kinds.contains(&kind))?;
    let (major, minor) = (major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?);
    if (major, minor) < (1, found.since) {
        return None;
    }
    let removed = found
        .removed
        .map(|minor| format!(", and not served from 1.{minor} on"));
    let instead = found.instead.map(|other| {
        if other.contains(' ') {
            format!("; use {other}")
        } else {
            format!("; use {other} {kind}")
        }
    });
    Some(format!(
        "{api_version} {kind} is deprecated since Kubernetes 1.{}{}{}",
        found.since,
        removed.unwrap_or_default(),
        instead.unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use super::deprecation;

    #[test]
    fn kinds_are_deprecated_from_a_version_on() {
        let of = |minor| deprecation("policy/v1beta1", "PodDisruptionBudget", "1", minor);
        assert_eq!(of("20"), None);
        assert_eq!(
            of("21").as_deref(),
            Some(
                "policy/v1beta1 PodDisruptionBudget is deprecated since Kubernetes 1.21, \
                 and not served from 1.25 on; use policy/v1 PodDisruptionBudget"
            )
        );
        assert_eq!(
            deprecation("v1", "Endpoints", "1", "33").as_deref(),
            Some(
                "v1 Endpoints is deprecated since Kubernetes 1.33; \
                 use discovery.k8s.io/v1 EndpointSlice"
            )
        );
        assert_eq!(deprecation("apps/v1", "Deployment", "1", "37"), None);
    }
}
