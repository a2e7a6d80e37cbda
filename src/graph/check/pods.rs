//! Pods that the API server refuses, or that never start: names twice, mounts without a volume, ports
//! out of range, selectors that do not match.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::finding::{Code, Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform, labels_of};
use crate::graph::selector::selects;
use crate::render::pod::{PodTemplate, items, pod_template, text};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.objects() {
        let id = &owned.object.id;
        let mut report = |(code, message): (Code, String)| {
            let message = format!("{id}: {message}");
            findings.push(about(platform, Severity::Error, code, owned, message));
        };
        if id.group_kind() == ("", "Service") {
            service_ports(&owned.object.manifest)
                .into_iter()
                .for_each(&mut report);
        }
        let Some(template) = pod_template(&id.kind, &owned.object.manifest) else {
            continue;
        };
        twice(template).into_iter().for_each(&mut report);
        mounts(owned, template).into_iter().for_each(&mut report);
        for container in template.containers() {
            container_faults(container)
                .into_iter()
                .for_each(&mut report);
        }
        workload(owned, template).into_iter().for_each(&mut report);
    }
    findings
}

type Fault = (Code, String);

/// Returns the first name that appears twice.
fn repeated<'v>(names: impl Iterator<Item = &'v str>) -> Option<&'v str> {
    let mut seen = std::collections::BTreeSet::new();
    let mut names = names;
    names.find(|name| !seen.insert(*name))
}

fn twice(template: PodTemplate<'_>) -> Vec<Fault> {
    let fault = |what: &str, name: &str| {
        let message = format!("two {what} have the name {name}");
        (codes::DUPLICATE_NAME, message)
    };
    let mut faults = Vec::new();
    let names = template
        .containers()
        .filter_map(|container| text(container, "/name"));
    faults.extend(repeated(names).map(|name| fault("containers", name)));
    let volumes = items(template.spec, "volumes").filter_map(|volume| text(volume, "/name"));
    faults.extend(repeated(volumes).map(|name| fault("volumes", name)));
    for container in template.containers() {
        let ports = items(container, "ports").filter_map(|port| text(port, "/name"));
        faults.extend(repeated(ports).map(|name| fault("ports of a container", name)));
        let mounts = items(container, "volumeMounts").filter_map(|mount| text(mount, "/mountPath"));
        if let Some(path) = repeated(mounts) {
            let name = text(container, "/name").unwrap_or_default();
            let message = format!("the container {name} mounts two volumes at {path}");
            faults.push((codes::DUPLICATE_NAME, message));
        }
    }
    faults
}

fn mounts(owned: Owned<'_>, template: PodTemplate<'_>) -> Vec<Fault> {
    let spec = owned.object.manifest.get("spec").unwrap_or(&Value::Null);
    let claims = items(spec, "volumeClaimTemplates")
        .filter(|_| owned.object.id.kind == "StatefulSet")
        .filter_map(|claim| text(claim, "/metadata/name"));
    let volumes: Vec<&str> = items(template.spec, "volumes")
        .filter_map(|volume| text(volume, "/name"))
        .chain(claims)
        .collect();
    let mut faults = Vec::new();
    for container in template.containers() {
        let mounted = items(container, "volumeMounts").chain(items(container, "volumeDevices"));
        for name in mounted.filter_map(|mount| text(mount, "/name")) {
            if volumes.contains(&name) {
                continue;
            }
            let hint = crate::suggest::nearest(name, volumes.iter().copied())
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let container = text(container, "/name").unwrap_or_default();
            let message = format!(
                "the container {container} mounts the volume {name}, which the pods do not have{hint}"
            );
            faults.push((codes::MOUNT_WITHOUT_VOLUME, message));
        }
    }
    faults
}

/// The fields of a container that hold a probe.
const PROBES: &[&str] = &["livenessProbe", "readinessProbe", "startupProbe"];
const HANDLERS: &[&str] = &["exec", "grpc", "httpGet", "tcpSocket"];

fn container_faults(container: &Value) -> Vec<Fault> {
    let name = text(container, "/name").unwrap_or_default();
    let mut faults = Vec::new();
    for port in items(container, "ports") {
        for field in ["containerPort", "hostPort"] {
            faults.extend(wrong_port(
                port.get(field),
                &format!("{field} of the container {name}"),
            ));
        }
        if let Some(port) = text(port, "/name").filter(|port| !is_port_name(port)) {
            let message = format!(
                "the name of the port `{port}` must have at most 15 lower-case letters, digits and \
                 dashes, and a letter among them"
            );
            faults.push((codes::INVALID_PORT, message));
        }
    }
    let port_names: Vec<&str> = items(container, "ports")
        .filter_map(|port| text(port, "/name"))
        .collect();
    for field in PROBES {
        let Some(probe) = container.get(field).filter(|probe| !probe.is_null()) else {
            continue;
        };
        let handlers = HANDLERS
            .iter()
            .filter(|one| probe.get(**one).is_some_and(|one| !one.is_null()));
        let count = handlers.count();
        if count != 1 {
            let message = format!(
                "the {field} of the container {name} has {count} of exec, grpc, httpGet and \
                 tcpSocket, and needs one"
            );
            faults.push((codes::INVALID_PROBE, message));
        }
        for handler in ["httpGet", "tcpSocket"] {
            let port = probe.pointer(&format!("/{handler}/port"));
            let wanted = port
                .and_then(Value::as_str)
                .filter(|port| port.parse::<u16>().is_err());
            if let Some(wanted) = wanted.filter(|wanted| !port_names.contains(wanted)) {
                let message = format!(
                    "the {field} of the container {name} asks the port `{wanted}`, which the \
                     container does not have"
                );
                faults.push((codes::INVALID_PROBE, message));
            }
            faults.extend(wrong_port(
                port,
                &format!("the port of the {field} of {name}"),
            ));
        }
    }
    faults.extend(resources(container, name));
    faults
}

/// Returns what is wrong with a number that is meant to be a port.
fn wrong_port(port: Option<&Value>, what: &str) -> Option<Fault> {
    let number = port?.as_i64()?;
    let good = (1..=65535).contains(&number) || (number == 0 && what.starts_with("hostPort"));
    let message = format!("{what} is {number}, and must be from 1 to 65535");
    (!good).then_some((codes::INVALID_PORT, message))
}

fn is_port_name(name: &str) -> bool {
    name.len() <= 15
        && name
            .chars()
            .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-')
        && name.chars().any(|one| one.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

fn resources(container: &Value, name: &str) -> Vec<Fault> {
    let side = |key: &str| {
        container
            .get("resources")
            .and_then(|one| one.get(key)?.as_object())
    };
    let (Some(requests), Some(limits)) = (side("requests"), side("limits")) else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for (resource, request) in requests {
        let (Some(requested), Some(limit)) =
            (amount(request), limits.get(resource).and_then(amount))
        else {
            continue;
        };
        if requested > limit {
            let message =
                format!("the container {name} requests more {resource} than its limit allows");
            faults.push((codes::REQUEST_OVER_LIMIT, message));
        }
    }
    faults
}

/// The suffixes of quantities, longer ones first.
const SUFFIXES: &[(&str, f64)] = &[
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("m", 1e-3),
    ("u", 1e-6),
    ("n", 1e-9),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
];

/// Returns the amount that a quantity stands for.
fn amount(value: &Value) -> Option<f64> {
    let text = match value {
        Value::Number(number) => return number.as_f64(),
        Value::String(text) => text.as_str(),
        _ => return None,
    };
    let suffixed = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, factor)));
    match suffixed {
        Some((number, factor)) => Some(number.parse::<f64>().ok()? * factor),
        None => text.parse().ok(),
    }
}

fn workload(owned: Owned<'_>, template: PodTemplate<'_>) -> Vec<Fault> {
    let (group, kind) = owned.object.id.group_kind();
    let manifest = &owned.object.manifest;
    let mut faults = Vec::new();
    let restart = text(template.spec, "/restartPolicy");
    let wrong_restart = match (group, kind) {
        ("apps", _) => restart
            .filter(|policy| *policy != "Always")
            .map(|_| "Always"),
        ("batch", "Job" | "CronJob") if !matches!(restart, Some("OnFailure" | "Never")) => {
            Some("OnFailure or Never")
        }
        _ => None,
    };
    if let Some(expected) = wrong_restart {
        let given = restart.map_or_else(|| "missing, so Always".to_owned(), str::to_owned);
        let message = format!("restartPolicy is {given}, and must be {expected}");
        faults.push((codes::INVALID_RESTART_POLICY, message));
    }
    if group == "apps" {
        let selector = manifest.pointer("/spec/selector");
        let labels = labels_of(template.metadata);
        if let Some(selector) = selector {
            let is_empty = selector.as_object().is_some_and(serde_json::Map::is_empty);
            if is_empty || !selects(Some(selector), &labels) {
                let message = format!(
                    "its selector does not match the labels of its own pods{}",
                    shown(&labels)
                );
                faults.push((codes::SELECTOR_MISMATCH, message));
            }
        }
        let strategy = manifest.pointer("/spec/strategy");
        if let Some(strategy) = strategy
            && text(strategy, "/type") == Some("Recreate")
            && strategy
                .get("rollingUpdate")
                .is_some_and(|one| !one.is_null())
        {
            let message = "spec.strategy.rollingUpdate may not be there where the type is Recreate";
            faults.push((codes::INVALID_FIELD_VALUE, message.to_owned()));
        }
    }
    faults
}

fn shown(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return ", which have none".to_owned();
    }
    let labels: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!(", {}", labels.join(", "))
}

fn service_ports(manifest: &Value) -> Vec<Fault> {
    let Some(spec) = manifest.get("spec") else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    for port in items(spec, "ports") {
        faults.extend(wrong_port(port.get("port"), "a port"));
        faults.extend(wrong_port(port.get("targetPort"), "a targetPort"));
        let node_port = port.get("nodePort").filter(|port| port.as_i64() != Some(0));
        faults.extend(wrong_port(node_port, "a nodePort"));
    }
    let names = items(spec, "ports").filter_map(|port| text(port, "/name"));
    if let Some(name) = repeated(names) {
        faults.push((
            codes::DUPLICATE_NAME,
            format!("two ports have the name {name}"),
        ));
    }
    let several = items(spec, "ports").count() > 1;
    if several && items(spec, "ports").any(|port| text(port, "/name").is_none()) {
        let message = "has several ports, and one of them no name".to_owned();
        faults.push((codes::INVALID_PORT, message));
    }
    let keys: Vec<String> = items(spec, "ports")
        .filter_map(|port| {
            let number = port.get("port")?.as_u64()?;
            Some(format!(
                "{number}/{}",
                text(port, "/protocol").unwrap_or("TCP")
            ))
        })
        .collect();
    if let Some(port) = repeated(keys.iter().map(String::as_str)) {
        faults.push((codes::DUPLICATE_NAME, format!("has the port {port} twice")));
    }
    if text(spec, "/type") == Some("ExternalName") && text(spec, "/externalName").is_none() {
        let message = "spec.externalName is required for a Service of the type ExternalName";
        faults.push((codes::MISSING_OBJECT_FIELD, message.to_owned()));
    }
    faults
}
