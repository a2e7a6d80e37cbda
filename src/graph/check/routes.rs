//! Ingresses that lead nowhere, or to two places at once.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::need::described;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, text};

use super::workload::{Makers, is_brought};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let makers = Makers::new(platform);
    let mut findings = Vec::new();
    let mut routes: BTreeMap<(String, String, String), Owned<'_>> = BTreeMap::new();
    for owned in platform.of_kind("networking.k8s.io", "Ingress") {
        for backend in backends(&owned.object.manifest) {
            findings.extend(dangling(platform, &makers, owned, backend));
        }
        for (route, canary) in routes_of(&owned.object.manifest) {
            if canary {
                continue;
            }
            if let Some(first) = routes.get(&route) {
                if !std::ptr::eq(first.object, owned.object) {
                    let (_, host, path) = &route;
                    let message = format!(
                        "{} serves {host}{path}, and so does {}: the controller takes one of them, or \
                         refuses the second",
                        owned.object.id,
                        described(first.object)
                    );
                    let code = codes::DUPLICATE_ROUTE;
                    findings.push(about(platform, Severity::Warning, code, owned, message));
                }
            } else {
                routes.insert(route, owned);
            }
        }
    }
    findings
}

/// Returns every backend of an Ingress.
fn backends(manifest: &Value) -> Vec<&Value> {
    let mut found: Vec<&Value> = manifest
        .pointer("/spec/defaultBackend")
        .into_iter()
        .collect();
    if let Some(spec) = manifest.get("spec") {
        for rule in items(spec, "rules") {
            if let Some(http) = rule.get("http") {
                found.extend(items(http, "paths").filter_map(|path| path.get("backend")));
            }
        }
    }
    found
}

/// Returns class, host and path of what an Ingress serves, and whether it is a canary of another.
fn routes_of(manifest: &Value) -> Vec<((String, String, String), bool)> {
    let annotations = manifest.pointer("/metadata/annotations");
    let annotation = |key: &str| annotations.and_then(|all| all.get(key)?.as_str());
    let canary = annotation("nginx.ingress.kubernetes.io/canary") == Some("true");
    let class = text(manifest, "/spec/ingressClassName")
        .or_else(|| annotation("kubernetes.io/ingress.class"))
        .unwrap_or_default();
    let mut found = Vec::new();
    let Some(spec) = manifest.get("spec") else {
        return found;
    };
    for rule in items(spec, "rules") {
        let Some(host) = text(rule, "/host") else {
            continue;
        };
        for path in rule
            .get("http")
            .into_iter()
            .flat_map(|http| items(http, "paths"))
        {
            let kind = text(path, "/pathType").unwrap_or_default();
            let path = text(path, "/path").unwrap_or("/");
            let key = format!("{class} {kind}");
            found.push(((key, host.to_owned(), path.to_owned()), canary));
        }
    }
    found
}

fn dangling(
    platform: &Platform<'_>,
    makers: &Makers<'_>,
    owned: Owned<'_>,
    backend: &Value,
) -> Option<Finding> {
    let name = text(backend, "/service/name")?;
    let namespace = owned.object.id.namespace.as_deref().unwrap_or_default();
    let found = platform.find(("", "Service", namespace, name));
    let Some(service) = found.first() else {
        let key = ("", "Service", namespace, name);
        if is_brought(platform, key, owned.service) || makers.may_make(owned, [name]) {
            return None;
        }
        let known = platform
            .of_kind("", "Service")
            .filter(|one| one.object.id.namespace.as_deref() == Some(namespace))
            .map(|one| one.object.id.name.as_str());
        let hint = crate::suggest::nearest(name, known)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let message = format!(
            "{} leads to the Service {name}, which nobody brings: it answers with an error{hint}",
            owned.object.id
        );
        let code = codes::SERVICE_NOT_FOUND;
        return Some(about(platform, Severity::Warning, code, owned, message));
    };
    let spec = service.object.manifest.get("spec")?;
    if text(spec, "/type") == Some("ExternalName") {
        return None;
    }
    let number = backend
        .pointer("/service/port/number")
        .and_then(Value::as_u64);
    let port_name = text(backend, "/service/port/name");
    let known = items(spec, "ports").any(|port| {
        number.is_some_and(|number| port.get("port").and_then(Value::as_u64) == Some(number))
            || port_name.is_some_and(|name| text(port, "/name") == Some(name))
    });
    let wanted = match (number, port_name) {
        (Some(number), _) => number.to_string(),
        (_, Some(name)) => format!("`{name}`"),
        _ => return None,
    };
    if known {
        return None;
    }
    let message = format!(
        "{} leads to the port {wanted} of {}, which it does not have",
        owned.object.id,
        described(service.object)
    );
    Some(about(
        platform,
        Severity::Warning,
        codes::PORT_NOT_FOUND,
        owned,
        message,
    ))
}
