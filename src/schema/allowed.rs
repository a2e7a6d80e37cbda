//! The values that fields of Kubernetes' own kinds may have: takes a type and a field, gives them,
//! never those of a field that later versions extend often.
//!
//! Source: the Kubernetes API reference.

const POD_FAILURE_ACTIONS: &[&str] = &["Ignore", "FailIndex", "FailJob", "Count"];
const PROTOCOLS: &[&str] = &["TCP", "UDP", "SCTP"];

/// Returns the values that a field may have, where they are known.
pub(super) fn allowed(type_name: &str, field: &str) -> Option<&'static [&'static str]> {
    Some(match (type_name, field) {
        ("core.v1.Container" | "core.v1.EphemeralContainer", "imagePullPolicy") => {
            &["Always", "IfNotPresent", "Never"]
        }
        ("core.v1.Container", "terminationMessagePolicy") => &["File", "FallbackToLogsOnError"],
        (
            "core.v1.ContainerPort" | "core.v1.ServicePort" | "networking.v1.NetworkPolicyPort",
            "protocol",
        ) => PROTOCOLS,
        ("core.v1.PodSpec", "restartPolicy") => &["Always", "OnFailure", "Never"],
        ("core.v1.PodSpec", "dnsPolicy") => {
            &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]
        }
        ("core.v1.PodSpec" | "scheduling.v1.PriorityClass", "preemptionPolicy") => {
            &["PreemptLowerPriority", "Never"]
        }
        ("core.v1.ServiceSpec", "type") => {
            &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]
        }
        ("core.v1.ServiceSpec", "sessionAffinity") => &["None", "ClientIP"],
        ("core.v1.ServiceSpec", "externalTrafficPolicy" | "internalTrafficPolicy") => {
            &["Cluster", "Local"]
        }
        ("core.v1.ServiceSpec", "ipFamilyPolicy") => {
            &["SingleStack", "PreferDualStack", "RequireDualStack"]
        }
        ("core.v1.HTTPGetAction", "scheme") => &["HTTP", "HTTPS"],
        ("core.v1.Toleration", "operator") => &["Exists", "Equal", "Lt", "Gt"],
        ("core.v1.Toleration" | "core.v1.Taint", "effect") => {
            &["NoSchedule", "PreferNoSchedule", "NoExecute"]
        }
        ("core.v1.TopologySpreadConstraint", "whenUnsatisfiable") => {
            &["DoNotSchedule", "ScheduleAnyway"]
        }
        ("core.v1.NodeSelectorRequirement", "operator") => {
            &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
        }
        ("meta.v1.LabelSelectorRequirement", "operator") => {
            &["In", "NotIn", "Exists", "DoesNotExist"]
        }
        ("core.v1.PersistentVolumeClaimSpec" | "core.v1.PersistentVolumeSpec", "volumeMode") => {
            &["Filesystem", "Block"]
        }
        ("core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy")
        | ("storage.v1.StorageClass", "reclaimPolicy") => &["Retain", "Delete", "Recycle"],
        ("storage.v1.StorageClass", "volumeBindingMode") => &["Immediate", "WaitForFirstConsumer"],
        ("core.v1.EmptyDirVolumeSource", "medium") => &["Memory"],
        ("apps.v1.DeploymentStrategy", "type") => &["Recreate", "RollingUpdate"],
        ("apps.v1.StatefulSetUpdateStrategy" | "apps.v1.DaemonSetUpdateStrategy", "type") => {
            &["RollingUpdate", "OnDelete"]
        }
        ("apps.v1.StatefulSetSpec", "podManagementPolicy") => &["OrderedReady", "Parallel"],
        ("batch.v1.CronJobSpec", "concurrencyPolicy") => &["Allow", "Forbid", "Replace"],
        ("batch.v1.JobSpec", "completionMode") => &["NonIndexed", "Indexed"],
        ("batch.v1.PodFailurePolicyRule", "action") => POD_FAILURE_ACTIONS,
        ("networking.v1.HTTPIngressPath", "pathType") => {
            &["Exact", "Prefix", "ImplementationSpecific"]
        }
        ("rbac.v1.RoleRef", "kind") => &["Role", "ClusterRole"],
        ("rbac.v1.Subject", "kind") => &["User", "Group", "ServiceAccount"],
        ("policy.v1.PodDisruptionBudgetSpec", "unhealthyPodEvictionPolicy") => {
            &["IfHealthyBudget", "AlwaysAllow"]
        }
        (
            "admissionregistration.v1.MutatingWebhook"
            | "admissionregistration.v1.ValidatingWebhook",
            "failurePolicy",
        ) => &["Ignore", "Fail"],
        (
            "admissionregistration.v1.MutatingWebhook"
            | "admissionregistration.v1.ValidatingWebhook",
            "sideEffects",
        ) => &["None", "NoneOnDryRun"],
        ("apiextensions.v1.CustomResourceDefinitionSpec", "scope") => &["Namespaced", "Cluster"],
        ("apiextensions.v1.CustomResourceConversion", "strategy") => &["None", "Webhook"],
        _ => return None,
    })
}
