//! Whether a live object has become what its manifest asks for: takes the object as JSON, gives a
//! verdict with its reason, never asks the cluster and knows no clock.
//!
//! The rules follow kstatus and Argo CD's health checks; where the two differ, the stricter one
//! counts, for Argo CD must say Healthy before the handover is done.

mod custom;
mod network;
mod platform;
mod pod;
mod workload;

use serde_json::Value;

pub use network::{Endpoints, is_ready_endpoint_of, webhook_services, webhooks};
pub use platform::{binds_late, is_default_storage_class};
pub use pod::{Trouble, is_pod_of, left_behind, trouble};

use crate::render::ObjectId;

/// What an object's state means for those who wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as its manifest asks.
    Ready,
    /// It is not yet; the reason names what it lacks.
    Progressing(String),
    /// It will not become ready by itself.
    Failed(String),
}

/// Tells whether an object of this kind has a state that is worth watching. All others are ready
/// as soon as they are written.
pub fn has_state(id: &ObjectId) -> bool {
    let (group, kind) = id.group_kind();
    match group {
        "" => matches!(
            kind,
            "Namespace" | "Pod" | "Service" | "PersistentVolumeClaim" | "ReplicationController"
        ),
        "apps" => matches!(
            kind,
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"
        ),
        "batch" => kind == "Job",
        "networking.k8s.io" => kind == "Ingress",
        "policy" => kind == "PodDisruptionBudget",
        "autoscaling" => kind == "HorizontalPodAutoscaler",
        "apiextensions.k8s.io" => kind == "CustomResourceDefinition",
        "apiregistration.k8s.io" => kind == "APIService",
        "admissionregistration.k8s.io" => {
            matches!(
                kind,
                "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration"
            )
        }
        // Other built-in groups hold settings; groups with a dot that are not Kubernetes' own
        // are custom resources.
        _ => group.contains('.') && !BUILT_IN.contains(&group),
    }
}

/// Kubernetes' own groups whose objects have no state to wait for.
const BUILT_IN: &[&str] = &[
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// Tells whether an object of this kind runs pods whose troubles explain its own.
pub fn has_pods(id: &ObjectId) -> bool {
    matches!(
        id.group_kind(),
        (
            "apps",
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"
        ) | ("batch", "Job")
    )
}

/// Returns what a live object's state means. `minimum_generation` is that of the last write: an
/// older view says nothing.
pub fn verdict(id: &ObjectId, live: &Value, minimum_generation: i64) -> Verdict {
    if live.pointer("/metadata/deletionTimestamp").is_some() {
        return Verdict::Progressing("it is being deleted".to_owned());
    }
    let generation = live
        .pointer("/metadata/generation")
        .and_then(Value::as_i64)
        .unwrap_or(0);
    if generation < minimum_generation {
        return Verdict::Progressing("the change is not visible yet".to_owned());
    }
    if let Some(observed) = live
        .pointer("/status/observedGeneration")
        .and_then(Value::as_i64)
        && observed < generation
    {
        return Verdict::Progressing("its controller has not seen the change yet".to_owned());
    }
    match id.group_kind() {
        ("", "Pod") => workload::pod(live),
        ("", "Namespace") => platform::namespace(live),
        ("", "Service") => network::service(live),
        ("", "PersistentVolumeClaim") => platform::claim(live),
        ("apps", "Deployment") => workload::deployment(live),
        ("apps", "StatefulSet") => workload::stateful_set(live),
        ("apps", "DaemonSet") => workload::daemon_set(live),
        ("apps", "ReplicaSet") | ("", "ReplicationController") => workload::replica_set(live),
        ("batch", "Job") => workload::job(live),
        ("networking.k8s.io", "Ingress") => network::ingress(live),
        ("policy", "PodDisruptionBudget") => platform::disruption_budget(live),
        ("autoscaling", "HorizontalPodAutoscaler") => platform::autoscaler(live),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => platform::definition(live),
        ("apiregistration.k8s.io", "APIService") => platform::api_service(live),
        // Their endpoints are needed besides: `webhooks` decides.
        ("admissionregistration.k8s.io", _) => Verdict::Ready,
        ("argoproj.io", "Application") => custom::application(live),
        (group, kind) => custom::resource(group, kind, live),
    }
}

/// Returns the condition of a type.
fn condition<'a>(live: &'a Value, name: &str) -> Option<&'a Value> {
    live.pointer("/status/conditions")?
        .as_array()?
        .iter()
        .find(|condition| condition["type"] == name)
}

/// Tells whether a condition is there and true.
fn is_true(live: &Value, name: &str) -> bool {
    condition(live, name).is_some_and(|condition| condition["status"] == "True")
}

/// Words a condition: its message, or its reason where there is none.
fn words(condition: &Value) -> String {
    let text = |key: &str| condition[key].as_str().map(str::trim).unwrap_or_default();
    let (reason, message) = (text("reason"), text("message"));
    match (reason.is_empty(), message.is_empty()) {
        (_, false) => message.to_owned(),
        (false, true) => reason.to_owned(),
        (true, true) => format!("{} is {}", text("type"), text("status")),
    }
}

/// Returns a whole number, 0 where it is absent.
fn number(live: &Value, pointer: &str) -> i64 {
    live.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

#[cfg(test)]
mod tests;
