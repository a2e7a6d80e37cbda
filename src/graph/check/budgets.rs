//! What watches over workloads that are not there: autoscalers, disruption budgets, monitors.

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform, labels_of};
use crate::graph::selector::selects;
use crate::render::pod::{items, text};

use super::workload::{Makers, Workloads, words_of};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let makers = Makers::new(platform);
    let workloads = Workloads::new(platform);
    let mut findings = Vec::new();
    for owned in platform.of_kind("autoscaling", "HorizontalPodAutoscaler") {
        findings.extend(scaled(platform, owned, &makers));
    }
    for owned in platform.of_kind("policy", "PodDisruptionBudget") {
        let selector = owned.object.manifest.pointer("/spec/selector");
        if !makers.may_make(owned, selector.map(words_of).unwrap_or_default()) {
            findings.extend(budget(platform, &workloads, owned));
        }
    }
    for owned in platform.of_kind("monitoring.coreos.com", "ServiceMonitor") {
        let selector = owned.object.manifest.pointer("/spec/selector");
        if !makers.may_make(owned, selector.map(words_of).unwrap_or_default()) {
            findings.extend(monitor(platform, owned));
        }
    }
    findings
}

fn scaled(platform: &Platform<'_>, owned: Owned<'_>, makers: &Makers<'_>) -> Option<Finding> {
    let target = owned.object.manifest.pointer("/spec/scaleTargetRef")?;
    let (kind, name) = (text(target, "/kind")?, text(target, "/name")?);
    let api_version = text(target, "/apiVersion").unwrap_or_default();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
    let is_known = group == "apps" && matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet");
    let has_other_group = matches!(kind, "Deployment" | "StatefulSet") && group != "apps";
    if has_other_group || (is_known && !makers.may_make(owned, [name])) {
        let found = platform.find((group, kind, namespace, name));
        let known = platform
            .of_kind(group, kind)
            .filter(|one| one.object.id.namespace.as_deref() == Some(namespace))
            .map(|one| one.object.id.name.as_str());
        let hint = crate::suggest::nearest(name, known)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        if found.is_empty() {
            let message = format!(
                "{} scales the {kind} {name} in {api_version}, which nobody brings{hint}",
                owned.object.id
            );
            let code = codes::SCALE_TARGET_NOT_FOUND;
            return Some(about(platform, Severity::Warning, code, owned, message));
        }
    }
    let number = |pointer: &str| {
        owned
            .object
            .manifest
            .pointer(pointer)
            .and_then(Value::as_u64)
    };
    let (least, most) = (number("/spec/minReplicas")?, number("/spec/maxReplicas")?);
    (least > most).then(|| {
        let message = format!(
            "{}: minReplicas is {least}, more than maxReplicas, {most}",
            owned.object.id
        );
        about(
            platform,
            Severity::Error,
            codes::INVALID_FIELD_VALUE,
            owned,
            message,
        )
    })
}

fn budget(platform: &Platform<'_>, workloads: &Workloads<'_>, owned: Owned<'_>) -> Option<Finding> {
    let selector = owned.object.manifest.pointer("/spec/selector")?;
    let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
    let selected = workloads
        .of(namespace)
        .iter()
        .any(|pods| selects(Some(selector), &pods.labels));
    (!selected).then(|| {
        let message = format!(
            "{} guards pods that nobody brings: no pods of the namespace have the labels that it \
             selects",
            owned.object.id
        );
        about(
            platform,
            Severity::Warning,
            codes::BUDGET_SELECTS_NOTHING,
            owned,
            message,
        )
    })
}

fn monitor(platform: &Platform<'_>, owned: Owned<'_>) -> Option<Finding> {
    let spec = owned.object.manifest.get("spec")?;
    // Another namespace than its own may be one that somebody else fills.
    if spec.get("namespaceSelector").is_some() {
        return None;
    }
    let namespace = owned.object.id.namespace.as_deref();
    let services: Vec<Owned<'_>> = platform
        .of_kind("", "Service")
        .filter(|service| service.object.id.namespace.as_deref() == namespace)
        .filter(|service| {
            let labels = labels_of(service.object.manifest.get("metadata"));
            selects(spec.get("selector"), &labels)
        })
        .collect();
    let code = codes::MONITOR_SELECTS_NOTHING;
    if services.is_empty() {
        let message = format!(
            "{} watches Services that nobody brings: none of the namespace has the labels that it \
             selects",
            owned.object.id
        );
        return Some(about(platform, Severity::Warning, code, owned, message));
    }
    let ports = |service: &Owned<'_>| {
        let spec = service
            .object
            .manifest
            .get("spec")
            .cloned()
            .unwrap_or_default();
        let names = items(&spec, "ports").filter_map(|port| text(port, "/name"));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let known: Vec<String> = services.iter().flat_map(ports).collect();
    let missing = items(spec, "endpoints")
        .filter_map(|endpoint| text(endpoint, "/port"))
        .find(|port| !known.iter().any(|name| name == port))?;
    let message = format!(
        "{} watches the port `{missing}`, which no Service that it selects has",
        owned.object.id
    );
    Some(about(platform, Severity::Warning, code, owned, message))
}
