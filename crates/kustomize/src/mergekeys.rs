//! How lists of built-in kinds are merged: takes a kind and the path of a list, gives the keys that
//! tell its items apart, never guesses for kinds that it does not know.
//!
//! The knowledge is that of the Kubernetes 1.21 API, which Kustomize has built in; lists of any
//! other kind are replaced as a whole.

/// How the items of a list are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MergeKeys {
    /// By these fields.
    Fields(&'static [&'static str]),
    /// By themselves: they are scalars.
    Scalars,
}

impl MergeKeys {
    /// Returns the names of the fields; the empty name stands for the item itself.
    pub(crate) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Fields(names) => names,
            Self::Scalars => &[""],
        }
    }
}

/// Where the pods are in a kind that has some.
fn pod_path(api_version: &str, kind: &str) -> Option<&'static str> {
    Some(match (api_version, kind) {
        ("v1", "Pod") => "spec",
        ("v1", "PodTemplate") => "template.spec",
        ("v1", "ReplicationController")
        | ("apps/v1", "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet")
        | ("batch/v1", "Job") => "spec.template.spec",
        ("batch/v1" | "batch/v1beta1", "CronJob") => "spec.jobTemplate.spec.template.spec",
        _ => return None,
    })
}

/// Returns how a list is merged; none where it is replaced. The path has dots between names, and
/// no trace of lists.
pub(crate) fn merge_keys(api_version: &str, kind: &str, path: &str) -> Option<MergeKeys> {
    use MergeKeys::{Fields, Scalars};
    if let Some(pod) = pod_path(api_version, kind)
        && let Some(within) = path
            .strip_prefix(pod)
            .and_then(|rest| rest.strip_prefix('.'))
        && let Some(keys) = pod_keys(within)
    {
        return Some(keys);
    }
    if let Some(keys) = metadata_keys(api_version, kind, path) {
        return Some(keys);
    }
    Some(match (api_version, kind, path) {
        ("v1", "Service", "spec.ports") => Fields(&["port", "protocol"]),
        ("v1", "ServiceAccount", "secrets")
        | (
            "admissionregistration.k8s.io/v1" | "admissionregistration.k8s.io/v1beta1",
            "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
            "webhooks",
        )
        | ("storage.k8s.io/v1" | "storage.k8s.io/v1beta1", "CSINode", "spec.drivers") => {
            Fields(&["name"])
        }
        ("v1", "Node", "spec.podCIDRs") => Scalars,
        ("v1", "Pod", "status.podIPs") => Fields(&["ip"]),
        (_, _, "status.conditions") if has_conditions(api_version, kind) => Fields(&["type"]),
        ("v1", "Node", "status.addresses")
        | ("v1", "ComponentStatus", "conditions")
        | ("apps/v1", "StatefulSet", "spec.volumeClaimTemplates.status.conditions") => {
            Fields(&["type"])
        }
        _ => return None,
    })
}

/// Returns how a list within a pod's specification is merged.
fn pod_keys(path: &str) -> Option<MergeKeys> {
    use MergeKeys::Fields;
    Some(match path {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "imagePullSecrets"
        | "volumes"
        | "containers.env"
        | "initContainers.env"
        | "ephemeralContainers.env" => Fields(&["name"]),
        "containers.ports" | "initContainers.ports" => Fields(&["containerPort", "protocol"]),
        "containers.volumeMounts"
        | "initContainers.volumeMounts"
        | "ephemeralContainers.volumeMounts" => Fields(&["mountPath"]),
        "containers.volumeDevices"
        | "initContainers.volumeDevices"
        | "ephemeralContainers.volumeDevices" => Fields(&["devicePath"]),
        "hostAliases" => Fields(&["ip"]),
        "topologySpreadConstraints" => Fields(&["topologyKey", "whenUnsatisfiable"]),
        _ => return None,
    })
}

/// Returns how finalizers and owners are merged, in the metadata of an object or of a template.
fn metadata_keys(api_version: &str, kind: &str, path: &str) -> Option<MergeKeys> {
    let (owner, keys) = if let Some(owner) = path.strip_suffix("metadata.finalizers") {
        (owner, MergeKeys::Scalars)
    } else {
        (
            path.strip_suffix("metadata.ownerReferences")?,
            MergeKeys::Fields(&["uid"]),
        )
    };
    let in_pod = |owner: &str| {
        pod_path(api_version, kind).is_some_and(|pod| {
            let template = pod.strip_suffix("spec").unwrap_or_default();
            owner == template
                || owner.strip_prefix(pod) == Some(".volumes.ephemeral.volumeClaimTemplate.")
        })
    };
    let holds = match owner {
        "" => is_built_in(api_version, kind),
        "spec.jobTemplate." => kind == "CronJob" && is_built_in(api_version, kind),
        "spec.volumeClaimTemplates." => (api_version, kind) == ("apps/v1", "StatefulSet"),
        owner => in_pod(owner),
    };
    holds.then_some(keys)
}

/// Returns true for kinds whose status has conditions that are merged.
fn has_conditions(api_version: &str, kind: &str) -> bool {
    matches!(
        (api_version, kind),
        (
            "v1",
            "Namespace"
                | "Node"
                | "Pod"
                | "PersistentVolumeClaim"
                | "ReplicationController"
                | "Service"
        ) | (
            "apps/v1",
            "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet"
        ) | ("batch/v1", "Job")
            | ("policy/v1" | "policy/v1beta1", "PodDisruptionBudget")
            | (
                "apiregistration.k8s.io/v1" | "apiregistration.k8s.io/v1beta1",
                "APIService"
            )
    )
}

/// Returns true for the kinds that are built in.
pub(crate) fn is_built_in(api_version: &str, kind: &str) -> bool {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let stable = version == "v1";
    let early = stable || version == "v1beta1";
    match (group, kind) {
        (
            "",
            "Binding"
            | "ComponentStatus"
            | "ConfigMap"
            | "Endpoints"
            | "Event"
            | "LimitRange"
            | "Namespace"
            | "Node"
            | "PersistentVolume"
            | "PersistentVolumeClaim"
            | "Pod"
            | "PodTemplate"
            | "ReplicationController"
            | "ResourceQuota"
            | "Secret"
            | "Service"
            | "ServiceAccount",
        )
        | (
            "apps",
            "ControllerRevision" | "DaemonSet" | "Deployment" | "ReplicaSet" | "StatefulSet",
        )
        | ("batch", "Job")
        | ("networking.k8s.io", "NetworkPolicy") => stable,
        ("autoscaling", "HorizontalPodAutoscaler") => {
            matches!(version, "v1" | "v2beta1" | "v2beta2")
        }
        ("batch", "CronJob")
        | ("coordination.k8s.io", "Lease")
        | ("discovery.k8s.io", "EndpointSlice")
        | ("events.k8s.io", "Event")
        | ("networking.k8s.io", "Ingress" | "IngressClass")
        | ("policy", "PodDisruptionBudget")
        | (
            "rbac.authorization.k8s.io",
            "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding",
        ) => early,
        ("extensions", "Ingress") | ("storage.k8s.io", "CSIStorageCapacity") => {
            version == "v1beta1"
        }
        _ => crate::id::Gvk::new(api_version, kind).is_cluster_scoped(),
    }
}
