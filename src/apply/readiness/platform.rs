//! Verdicts on what the cluster itself provides: Namespace, claims, definitions, API services,
//! disruption budgets, autoscalers.

use serde_json::Value;

use super::{Verdict, condition, is_true, number, words};

pub(super) fn namespace(live: &Value) -> Verdict {
    match live.pointer("/status/phase").and_then(Value::as_str) {
        Some("Active") | None => Verdict::Ready,
        Some(phase) => Verdict::Progressing(format!("its phase is {phase}")),
    }
}

pub(super) fn claim(live: &Value) -> Verdict {
    match live.pointer("/status/phase").and_then(Value::as_str) {
        Some("Bound") => Verdict::Ready,
        Some("Lost") => Verdict::Failed("its volume is lost".to_owned()),
        _ => Verdict::Progressing("no volume bound yet".to_owned()),
    }
}

/// Tells whether a storage class binds a claim only when a pod uses it: then there is nothing to
/// wait for before that pod.
pub fn binds_late(storage_class: &Value) -> bool {
    storage_class["volumeBindingMode"] == "WaitForFirstConsumer"
}

/// Tells whether a storage class is the one for claims that name none.
pub fn is_default_storage_class(storage_class: &Value) -> bool {
    storage_class["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"]
        == "true"
}

pub(super) fn definition(live: &Value) -> Verdict {
    if let Some(names) = condition(live, "NamesAccepted").filter(|it| it["status"] == "False") {
        return Verdict::Failed(format!("its names are taken: {}", words(names)));
    }
    if let Some(terminating) = condition(live, "Terminating").filter(|it| it["status"] == "True") {
        return Verdict::Progressing(words(terminating));
    }
    if is_true(live, "Established") {
        Verdict::Ready
    } else {
        Verdict::Progressing("not established yet".to_owned())
    }
}

pub(super) fn api_service(live: &Value) -> Verdict {
    match condition(live, "Available") {
        Some(condition) if condition["status"] == "True" => Verdict::Ready,
        Some(condition) => Verdict::Progressing(words(condition)),
        None => Verdict::Progressing("not available yet".to_owned()),
    }
}

pub(super) fn disruption_budget(live: &Value) -> Verdict {
    if live.pointer("/status/observedGeneration").is_none() {
        return Verdict::Progressing("its controller has not seen it yet".to_owned());
    }
    let healthy = number(live, "/status/currentHealthy");
    let wanted = number(live, "/status/desiredHealthy");
    if healthy < wanted {
        return Verdict::Progressing(format!("{healthy} of {wanted} pods healthy"));
    }
    Verdict::Ready
}

/// Metrics that are not there yet keep an autoscaler from scaling, not the platform from working:
/// only a target that cannot be scaled is waited for.
pub(super) fn autoscaler(live: &Value) -> Verdict {
    match condition(live, "AbleToScale") {
        Some(condition) if condition["status"] == "False" => Verdict::Progressing(words(condition)),
        Some(_) => Verdict::Ready,
        None => Verdict::Progressing("its controller has not seen it yet".to_owned()),
    }
}
