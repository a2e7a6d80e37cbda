//! Services that lead nowhere: selectors that no pod matches, ports that no container has, and what
//! names a Service that is not there.

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, text};

use super::workload::{
    Makers, Pods, Workloads, equality_selects, is_brought, is_set_at_run_time, words_of,
};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let workloads = Workloads::new(platform);
    let makers = Makers::new(platform);
    let mut findings = Vec::new();
    for owned in platform.of_kind("", "Service") {
        findings.extend(service(platform, &workloads, &makers, owned));
    }
    for owned in platform.of_kind("apps", "StatefulSet") {
        let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
        let Some(name) = text(&owned.object.manifest, "/spec/serviceName") else {
            continue;
        };
        let is_there = is_brought(platform, ("", "Service", namespace, name), owned.service);
        if !is_there && !makers.may_make(owned, [name]) {
            let message = format!(
                "{} gives its pods names by the Service {name}, which nobody brings: the names are \
                 never found",
                owned.object.id
            );
            let code = codes::SERVICE_NOT_FOUND;
            findings.push(about(platform, Severity::Warning, code, owned, message));
        }
    }
    findings.extend(api_services(platform));
    findings
}

fn service(
    platform: &Platform<'_>,
    workloads: &Workloads<'_>,
    makers: &Makers<'_>,
    owned: Owned<'_>,
) -> Vec<Finding> {
    let manifest = &owned.object.manifest;
    let selector = manifest.pointer("/spec/selector").filter(|one| {
        one.as_object().is_some_and(|selector| {
            !selector.is_empty() && selector.keys().all(|key| !is_set_at_run_time(key))
        })
    });
    let Some(selector) = selector else {
        return Vec::new();
    };
    let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
    let pods: Vec<&Pods<'_>> = (workloads.of(namespace).iter())
        .filter(|pods| equality_selects(selector, &pods.labels))
        .collect();
    if pods.is_empty() {
        if makers.may_make(owned, words_of(selector)) {
            return Vec::new();
        }
        let selector: Vec<String> = (selector.as_object().into_iter().flatten())
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect();
        let message = format!(
            "{} selects pods with {}, and no pods of the namespace have these labels",
            owned.object.id,
            selector.join(",")
        );
        let code = codes::SERVICE_SELECTS_NOTHING;
        return vec![about(platform, Severity::Warning, code, owned, message)];
    }
    let spec = manifest.get("spec").unwrap_or(&Value::Null);
    let mut findings = Vec::new();
    // One without an address is for names in DNS alone.
    if text(spec, "/clusterIP") == Some("None") {
        return findings;
    }
    for port in items(spec, "ports") {
        let Some(name) = text(port, "/targetPort").filter(|name| name.parse::<u16>().is_err())
        else {
            continue;
        };
        if !pods.iter().any(|pods| has_port(pods, name)) {
            let message = format!(
                "{} leads to the port `{name}`, and no container of the pods that it selects has a \
                 port of that name",
                owned.object.id
            );
            let code = codes::PORT_NOT_FOUND;
            findings.push(about(platform, Severity::Warning, code, owned, message));
        }
    }
    findings
}

fn has_port(pods: &Pods<'_>, name: &str) -> bool {
    pods.template
        .containers()
        .any(|container| items(container, "ports").any(|port| text(port, "/name") == Some(name)))
}

/// Looks for aggregated APIs whose Service is not there: their absence hampers the deletion of every
/// namespace.
fn api_services(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.of_kind("apiregistration.k8s.io", "APIService") {
        let namespace = text(&owned.object.manifest, "/spec/service/namespace");
        let name = text(&owned.object.manifest, "/spec/service/name");
        let (Some(namespace), Some(name)) = (namespace, name) else {
            continue;
        };
        if !is_brought(platform, ("", "Service", namespace, name), owned.service)
            && !platform.namespace(namespace).is_empty()
        {
            let message = format!(
                "{} is answered by the Service {namespace}/{name}, which nobody brings",
                owned.object.id
            );
            let code = codes::SERVICE_NOT_FOUND;
            findings.push(about(platform, Severity::Error, code, owned, message));
        }
    }
    findings
}
