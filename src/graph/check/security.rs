//! Pods that the namespace's own Pod Security level refuses.
//!
//! Source: the Kubernetes documentation, "Pod Security Standards", level baseline; of the level
//! restricted only what containers must say of root and of privileges.

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::Platform;
use crate::render::pod::{PodTemplate, items, pod_template, text};

const LEVEL: &str = "pod-security.kubernetes.io/enforce";
/// Capabilities that the level baseline lets containers add.
const HARMLESS: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.objects() {
        let id = &owned.object.id;
        let Some(namespace) = id.namespace.as_deref() else {
            continue;
        };
        let Some(template) = pod_template(&id.kind, &owned.object.manifest) else {
            continue;
        };
        let labels = platform.namespace_labels(namespace);
        let why = match labels.get(LEVEL).map(String::as_str) {
            Some("baseline") => against_baseline(template),
            Some("restricted") => {
                against_baseline(template).or_else(|| against_restricted(template))
            }
            _ => None,
        };
        if let Some(why) = why {
            let level = labels.get(LEVEL).map_or("", String::as_str);
            let message = format!(
                "{id} brings pods {why}, which the level {level} of the namespace {namespace} forbids"
            );
            let code = codes::POD_SECURITY_FORBIDS;
            findings.push(about(platform, Severity::Error, code, owned, message));
        }
    }
    findings
}

fn is_true(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer) == Some(&Value::Bool(true))
}

fn against_baseline(template: PodTemplate<'_>) -> Option<String> {
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if is_true(template.spec, &format!("/{field}")) {
            return Some(format!("with {field}"));
        }
    }
    if items(template.spec, "volumes").any(|volume| volume.get("hostPath").is_some()) {
        return Some("with a hostPath volume".to_owned());
    }
    template.containers().find_map(|container| {
        if is_true(container, "/securityContext/privileged") {
            return Some("with a privileged container".to_owned());
        }
        let host_port = |port: &Value| {
            port.get("hostPort")
                .and_then(Value::as_u64)
                .is_some_and(|port| port > 0)
        };
        if items(container, "ports").any(host_port) {
            return Some("with a hostPort".to_owned());
        }
        let added = container.pointer("/securityContext/capabilities")?;
        let capability = items(added, "add").filter_map(Value::as_str);
        capability
            .filter(|one| !HARMLESS.contains(one))
            .map(|one| format!("with the capability {one}"))
            .next()
    })
}

fn against_restricted(template: PodTemplate<'_>) -> Option<String> {
    let pod = |pointer: &str| is_true(template.spec, pointer);
    template.containers().find_map(|container| {
        let name = text(container, "/name").unwrap_or_default();
        let own = container.pointer("/securityContext/runAsNonRoot");
        let without = if own.map_or(!pod("/securityContext/runAsNonRoot"), |own| {
            own != &Value::Bool(true)
        }) {
            "runAsNonRoot: true"
        } else if container.pointer("/securityContext/allowPrivilegeEscalation")
            != Some(&Value::Bool(false))
        {
            "allowPrivilegeEscalation: false"
        } else {
            return None;
        };
        Some(format!("whose container {name} does not say {without}"))
    })
}
