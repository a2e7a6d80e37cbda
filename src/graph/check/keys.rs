//! Keys of ConfigMaps and Secrets that pods ask for, and that are not in them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::need::described;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{PodTemplate, items, pod_template, text};

/// One key that pods cannot start without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted<'a> {
    kind: &'static str,
    name: &'a str,
    key: &'a str,
}

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.objects() {
        let id = &owned.object.id;
        let Some(template) = pod_template(&id.kind, &owned.object.manifest) else {
            continue;
        };
        let namespace = id.namespace.as_deref().unwrap_or_default();
        for wanted in wanted(template) {
            let Some((provider, known)) = provider(platform, namespace, wanted) else {
                continue;
            };
            if known.iter().any(|key| key == wanted.key) {
                continue;
            }
            let names: Vec<&str> = known.iter().map(String::as_str).collect();
            let hint = match crate::suggest::nearest(wanted.key, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", names.join(", ")),
            };
            let message = format!(
                "{id} needs the key `{}` of the {} {}, which {} does not give it; {hint}",
                wanted.key,
                wanted.kind,
                wanted.name,
                described(provider.object)
            );
            // A program may add keys to a Secret that it finds.
            let severity = match (wanted.kind, provider.object.id.kind.as_str()) {
                ("Secret", "Secret") => Severity::Warning,
                _ => Severity::Error,
            };
            findings.push(about(
                platform,
                severity,
                codes::KEY_NOT_FOUND,
                owned,
                message,
            ));
        }
    }
    findings
}

/// Returns who brings a ConfigMap or Secret, and its keys where they are known.
fn provider<'a>(
    platform: &Platform<'a>,
    namespace: &str,
    wanted: Wanted<'_>,
) -> Option<(Owned<'a>, Vec<String>)> {
    let own = platform
        .find(("", wanted.kind, namespace, wanted.name))
        .first();
    if let Some(owned) = own {
        let keys: Vec<String> = ["data", "binaryData", "stringData"]
            .iter()
            .filter_map(|field| owned.object.manifest.get(field)?.as_object())
            .flat_map(|data| data.keys().cloned())
            .collect();
        // One without any is there to be filled.
        return (!keys.is_empty()).then_some((*owned, keys));
    }
    if wanted.kind != "Secret" {
        return None;
    }
    let made = platform
        .find(("ricoberger.de", "VaultSecret", namespace, wanted.name))
        .first()?;
    let spec = made.object.manifest.get("spec")?;
    let listed: Vec<String> = items(spec, "keys")
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let templates = spec.get("templates").and_then(Value::as_object);
    match templates.filter(|templates| !templates.is_empty()) {
        Some(templates) => Some((*made, templates.keys().cloned().collect())),
        None => (!listed.is_empty()).then_some((*made, listed)),
    }
}

fn is_optional(reference: &Value) -> bool {
    reference.get("optional") == Some(&Value::Bool(true))
}

/// Returns every key that pods name and that is not optional.
fn wanted(template: PodTemplate<'_>) -> BTreeSet<Wanted<'_>> {
    let mut found = BTreeSet::new();
    for variable in template
        .containers()
        .flat_map(|container| items(container, "env"))
    {
        for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let reference = variable.get("valueFrom").and_then(|from| from.get(field));
            let Some(reference) = reference.filter(|reference| !is_optional(reference)) else {
                continue;
            };
            if let (Some(name), Some(key)) = (text(reference, "/name"), text(reference, "/key")) {
                found.insert(Wanted { kind, name, key });
            }
        }
    }
    for volume in items(template.spec, "volumes") {
        of_volume(volume, "secretName", &mut found);
        for source in volume
            .get("projected")
            .into_iter()
            .flat_map(|one| items(one, "sources"))
        {
            of_volume(source, "name", &mut found);
        }
    }
    found
}

fn of_volume<'a>(volume: &'a Value, secret_name: &str, found: &mut BTreeSet<Wanted<'a>>) {
    for (field, kind, name) in [
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", secret_name),
    ] {
        let Some(source) = volume.get(field).filter(|source| !is_optional(source)) else {
            continue;
        };
        let Some(name) = source.get(name).and_then(Value::as_str) else {
            continue;
        };
        for item in items(source, "items") {
            if let Some(key) = text(item, "/key") {
                found.insert(Wanted { kind, name, key });
            }
        }
    }
}
