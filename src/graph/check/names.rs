//! Names, labels, annotations and keys that the API server refuses.
//!
//! Source: the Kubernetes documentation, "Object Names and IDs" and "Labels and Selectors".

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::pod_template;

use super::Target;

/// From this version on, names of Services may begin with a digit.
const DIGIT_FIRST: u32 = 35;
/// What an object may weigh in the cluster's store, and all its annotations together.
const LARGEST_DATA: usize = 1024 * 1024;
const LARGEST_ANNOTATIONS: usize = 256 * 1024;

pub(super) fn check(platform: &Platform<'_>, target: Target) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.objects() {
        let mut report = |code, message: String| {
            findings.push(about(platform, Severity::Error, code, owned, message));
        };
        let id = &owned.object.id;
        if let Some(why) = wrong_name(owned, target) {
            report(codes::INVALID_NAME, format!("{id}: the name {why}"));
        }
        for why in wrong_metadata(owned.object.manifest.get("metadata"), "") {
            report(codes::INVALID_LABEL, format!("{id}: {why}"));
        }
        if let Some(template) = pod_template(&id.kind, &owned.object.manifest)
            && id.kind != "Pod"
        {
            for why in wrong_metadata(template.metadata, " of its pods") {
                report(codes::INVALID_LABEL, format!("{id}: {why}"));
            }
        }
        if matches!(id.group_kind(), ("", "ConfigMap" | "Secret")) {
            for why in wrong_data(&owned.object.manifest) {
                report(codes::INVALID_DATA, format!("{id}: {why}"));
            }
        }
    }
    findings
}

/// Returns what is wrong with the name of an object by the rules of its kind.
fn wrong_name(owned: Owned<'_>, target: Target) -> Option<String> {
    let name = owned.object.id.name.as_str();
    if name.is_empty() {
        return None;
    }
    let (group, kind) = owned.object.id.group_kind();
    match (group, kind) {
        ("rbac.authorization.k8s.io", _) => {
            let bad = name == "." || name == ".." || name.contains(['/', '%']);
            bad.then(|| "must not have a slash or a percent sign".to_owned())
        }
        ("", "Service") if target.minor < DIGIT_FIRST => not_label(name).or_else(|| {
            name.starts_with(|first: char| first.is_ascii_digit())
                .then(|| "of a Service must begin with a letter".to_owned())
        }),
        ("", "Namespace" | "Service") => not_label(name),
        ("apiregistration.k8s.io" | "flowcontrol.apiserver.k8s.io" | "storage.k8s.io", _) => None,
        _ => not_subdomain(name),
    }
}

fn is_plain(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit()
}

fn not_label(name: &str) -> Option<String> {
    if name.len() > 63 {
        return Some(format!("has {} letters, and may have 63", name.len()));
    }
    let good = name.chars().all(|one| is_plain(one) || one == '-')
        && name.starts_with(is_plain)
        && name.ends_with(is_plain);
    (!good).then(|| {
        "must have lower-case letters, digits and dashes only, and a letter or digit at both ends"
            .to_owned()
    })
}

fn not_subdomain(name: &str) -> Option<String> {
    if name.len() > 253 {
        return Some(format!("has {} letters, and may have 253", name.len()));
    }
    let good = name.split('.').all(|part| {
        !part.is_empty()
            && part.chars().all(|one| is_plain(one) || one == '-')
            && part.starts_with(is_plain)
            && part.ends_with(is_plain)
    });
    (!good).then(|| {
        "must have lower-case letters, digits, dashes and dots only, and a letter or digit at both \
         ends of each part"
            .to_owned()
    })
}

/// Returns what is wrong with labels and annotations.
fn wrong_metadata(metadata: Option<&Value>, whose: &str) -> Vec<String> {
    let entries = |key: &str| {
        let found = metadata.and_then(|metadata| metadata.get(key)?.as_object());
        found.into_iter().flatten()
    };
    let mut wrong = Vec::new();
    for (key, value) in entries("labels") {
        if let Some(why) = not_key(key) {
            wrong.push(format!("the label `{key}`{whose} {why}"));
        }
        if let Some(why) = value.as_str().and_then(not_label_value) {
            wrong.push(format!("the value of the label `{key}`{whose} {why}"));
        }
    }
    let mut size = 0;
    for (key, value) in entries("annotations") {
        if let Some(why) = not_key(&key.to_lowercase()) {
            wrong.push(format!("the annotation `{key}`{whose} {why}"));
        }
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > LARGEST_ANNOTATIONS {
        wrong.push(format!(
            "the annotations{whose} have {} KiB, and may have 256",
            size / 1024
        ));
    }
    wrong
}

/// Returns what is wrong with the key of a label or an annotation.
fn not_key(key: &str) -> Option<String> {
    let (prefix, name) = match key.rsplit_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if let Some(prefix) = prefix
        && not_subdomain(prefix).is_some()
    {
        return Some("has no DNS name before its slash".to_owned());
    }
    if name.is_empty() {
        return Some("has no name".to_owned());
    }
    not_label_value(name)
}

fn not_label_value(value: &str) -> Option<String> {
    if value.len() > 63 {
        return Some(format!("has {} letters, and may have 63", value.len()));
    }
    let ends = |one: char| one.is_ascii_alphanumeric();
    let good = value.is_empty()
        || value
            .chars()
            .all(|one| ends(one) || matches!(one, '-' | '_' | '.'))
            && value.starts_with(ends)
            && value.ends_with(ends);
    (!good).then(|| {
        "must have letters, digits, dashes, underscores and dots only, and a letter or digit at \
         both ends"
            .to_owned()
    })
}

/// Returns what is wrong with the keys and the size of a ConfigMap or Secret.
fn wrong_data(manifest: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut size = 0;
    for field in ["data", "binaryData", "stringData"] {
        for (key, value) in manifest
            .get(field)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let good = key.len() <= 253
                && !matches!(key.as_str(), "" | "." | "..")
                && key
                    .chars()
                    .all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.'));
            if !good {
                wrong.push(format!(
                    "the key `{key}` must have letters, digits, dashes, underscores and dots only"
                ));
            }
            size += value.as_str().map_or(0, str::len);
        }
    }
    if size > LARGEST_DATA {
        wrong.push(format!(
            "its data has {} KiB, and may have 1024",
            size / 1024
        ));
    }
    wrong
}
