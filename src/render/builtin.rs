//! The kinds that Kubernetes 1.34 serves by itself: takes group and kind, gives scope, plural and
//! served versions, never asks a cluster.
//!
//! Source: the API reference of Kubernetes 1.34, stable and beta APIs that are on by default.

/// One kind that Kubernetes has without any `CustomResourceDefinition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltinKind {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// The resource name in URLs and in webhook rules.
    pub plural: &'static str,
    /// True where objects live in a namespace.
    pub namespaced: bool,
    /// The served versions.
    pub versions: &'static [&'static str],
}

/// Returns the built-in kind of this group and name.
pub fn builtin_kind(group: &str, kind: &str) -> Option<&'static BuiltinKind> {
    BUILTIN_KINDS
        .iter()
        .find(|builtin| builtin.group == group && builtin.kind == kind)
}

/// Returns true where Kubernetes itself serves kinds of this group.
pub fn is_builtin_group(group: &str) -> bool {
    BUILTIN_KINDS.iter().any(|builtin| builtin.group == group)
}

const fn namespaced(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    versions: &'static [&'static str],
) -> BuiltinKind {
    BuiltinKind {
        group,
        kind,
        plural,
        namespaced: true,
        versions,
    }
}

const fn cluster(
    group: &'static str,
    kind: &'static str,
    plural: &'static str,
    versions: &'static [&'static str],
) -> BuiltinKind {
    BuiltinKind {
        group,
        kind,
        plural,
        namespaced: false,
        versions,
    }
}

const V1: &[&str] = &["v1"];
const ADMISSION: &str = "admissionregistration.k8s.io";
const FLOW: &str = "flowcontrol.apiserver.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";
const RESOURCE: &str = "resource.k8s.io";
const STORAGE: &str = "storage.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";

/// Every built-in kind, by group.
pub const BUILTIN_KINDS: &[BuiltinKind] = &[
    namespaced("", "Binding", "bindings", V1),
    cluster("", "ComponentStatus", "componentstatuses", V1),
    namespaced("", "ConfigMap", "configmaps", V1),
    namespaced("", "Endpoints", "endpoints", V1),
    namespaced("", "Event", "events", V1),
    namespaced("", "LimitRange", "limitranges", V1),
    cluster("", "Namespace", "namespaces", V1),
    cluster("", "Node", "nodes", V1),
    cluster("", "PersistentVolume", "persistentvolumes", V1),
    namespaced("", "PersistentVolumeClaim", "persistentvolumeclaims", V1),
    namespaced("", "Pod", "pods", V1),
    namespaced("", "PodTemplate", "podtemplates", V1),
    namespaced("", "ReplicationController", "replicationcontrollers", V1),
    namespaced("", "ResourceQuota", "resourcequotas", V1),
    namespaced("", "Secret", "secrets", V1),
    namespaced("", "Service", "services", V1),
    namespaced("", "ServiceAccount", "serviceaccounts", V1),
    cluster(
        ADMISSION,
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        V1,
    ),
    cluster(
        ADMISSION,
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        V1,
    ),
    cluster(
        ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        V1,
    ),
    cluster(
        ADMISSION,
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        V1,
    ),
    cluster(
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        V1,
    ),
    cluster("apiregistration.k8s.io", "APIService", "apiservices", V1),
    namespaced("apps", "ControllerRevision", "controllerrevisions", V1),
    namespaced("apps", "DaemonSet", "daemonsets", V1),
    namespaced("apps", "Deployment", "deployments", V1),
    namespaced("apps", "ReplicaSet", "replicasets", V1),
    namespaced("apps", "StatefulSet", "statefulsets", V1),
    cluster(
        "authentication.k8s.io",
        "SelfSubjectReview",
        "selfsubjectreviews",
        V1,
    ),
    cluster("authentication.k8s.io", "TokenReview", "tokenreviews", V1),
    namespaced(
        AUTHORIZATION,
        "LocalSubjectAccessReview",
        "localsubjectaccessreviews",
        V1,
    ),
    cluster(
        AUTHORIZATION,
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        V1,
    ),
    cluster(
        AUTHORIZATION,
        "SelfSubjectRulesReview",
        "selfsubjectrulesreviews",
        V1,
    ),
    cluster(
        AUTHORIZATION,
        "SubjectAccessReview",
        "subjectaccessreviews",
        V1,
    ),
    namespaced(
        "autoscaling",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        &["v1", "v2"],
    ),
    namespaced("batch", "CronJob", "cronjobs", V1),
    namespaced("batch", "Job", "jobs", V1),
    cluster(
        "certificates.k8s.io",
        "CertificateSigningRequest",
        "certificatesigningrequests",
        V1,
    ),
    namespaced("coordination.k8s.io", "Lease", "leases", V1),
    namespaced("discovery.k8s.io", "EndpointSlice", "endpointslices", V1),
    namespaced("events.k8s.io", "Event", "events", V1),
    cluster(FLOW, "FlowSchema", "flowschemas", V1),
    cluster(
        FLOW,
        "PriorityLevelConfiguration",
        "prioritylevelconfigurations",
        V1,
    ),
    cluster(NETWORKING, "IPAddress", "ipaddresses", V1),
    namespaced(NETWORKING, "Ingress", "ingresses", V1),
    cluster(NETWORKING, "IngressClass", "ingressclasses", V1),
    namespaced(NETWORKING, "NetworkPolicy", "networkpolicies", V1),
    cluster(NETWORKING, "ServiceCIDR", "servicecidrs", V1),
    cluster("node.k8s.io", "RuntimeClass", "runtimeclasses", V1),
    namespaced("policy", "PodDisruptionBudget", "poddisruptionbudgets", V1),
    cluster(RBAC, "ClusterRole", "clusterroles", V1),
    cluster(RBAC, "ClusterRoleBinding", "clusterrolebindings", V1),
    namespaced(RBAC, "Role", "roles", V1),
    namespaced(RBAC, "RoleBinding", "rolebindings", V1),
    cluster(RESOURCE, "DeviceClass", "deviceclasses", V1),
    namespaced(RESOURCE, "ResourceClaim", "resourceclaims", V1),
    namespaced(
        RESOURCE,
        "ResourceClaimTemplate",
        "resourceclaimtemplates",
        V1,
    ),
    cluster(RESOURCE, "ResourceSlice", "resourceslices", V1),
    cluster("scheduling.k8s.io", "PriorityClass", "priorityclasses", V1),
    cluster(STORAGE, "CSIDriver", "csidrivers", V1),
    cluster(STORAGE, "CSINode", "csinodes", V1),
    namespaced(STORAGE, "CSIStorageCapacity", "csistoragecapacities", V1),
    cluster(STORAGE, "StorageClass", "storageclasses", V1),
    cluster(STORAGE, "VolumeAttachment", "volumeattachments", V1),
    cluster(
        STORAGE,
        "VolumeAttributesClass",
        "volumeattributesclasses",
        V1,
    ),
];

/// Returns the API versions that `.Capabilities.APIVersions` holds on an empty cluster: each group
/// and version, and each of its kinds, as Helm and Argo CD list them.
pub fn builtin_api_versions() -> Vec<String> {
    let mut versions = std::collections::BTreeSet::new();
    for builtin in BUILTIN_KINDS {
        for version in builtin.versions {
            let group_version = if builtin.group.is_empty() {
                (*version).to_owned()
            } else {
                format!("{}/{version}", builtin.group)
            };
            versions.insert(format!("{group_version}/{}", builtin.kind));
            versions.insert(group_version);
        }
    }
    versions.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_and_versions_are_known() {
        assert!(
            builtin_kind("apps", "Deployment")
                .expect("Deployment")
                .namespaced
        );
        assert!(
            !builtin_kind(RBAC, "ClusterRole")
                .expect("ClusterRole")
                .namespaced
        );
        assert!(builtin_kind("extensions", "Ingress").is_none());
        assert!(is_builtin_group("") && !is_builtin_group("cert-manager.io"));
    }

    #[test]
    fn api_versions_name_group_version_and_kind() {
        let versions = builtin_api_versions();
        for expected in [
            "v1",
            "v1/ConfigMap",
            "autoscaling/v2",
            "networking.k8s.io/v1/Ingress",
        ] {
            assert!(
                versions.iter().any(|version| version == expected),
                "{expected}"
            );
        }
    }
}
