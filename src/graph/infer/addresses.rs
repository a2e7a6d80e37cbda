//! `name.namespace.svc` in what a program is told when it starts (command, arguments, environment,
//! also by way of a `ConfigMap`), and in the fields of custom resources -> the service behind that address, until it is ready. Helpful, not
//! needed: such a need never closes a cycle, see `graph::order`. Addresses in mounted files are left
//! out: a monitoring system lists what it watches there, and needs none of it to start.

use serde_json::Value;

use crate::definition::Thing;
use crate::graph::Rule;
use crate::graph::evidence::Strength;
use crate::graph::need::Observation;
use crate::graph::platform::{self, Owned, Platform};
use crate::render::pod::{items, pod_template, template_field, text};

use super::Inference;

/// A text in which a program is told where others are.
struct Told<'a> {
    field: String,
    text: &'a str,
    /// The object that it stands in, where that is another.
    through: Option<Owned<'a>>,
}

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        let mut all = configuration(platform, owned);
        all.extend(texts_of_resource(platform, owned));
        for told in all {
            if let Some(provided) = provided_in(platform, told.text) {
                let found = Observation::provided(owned, provided.service, provided.source);
                let found = found.field(told.field.clone()).by("its address");
                inference.needs.add(found.strength(Strength::Soft));
            }
            for service in services_named_in(platform, told.text) {
                let found = Observation::new(Rule::Address, owned, service);
                let found = found.field(told.field.clone());
                inference.needs.add(match told.through {
                    Some(through) => found.through(through.object),
                    None => found,
                });
            }
        }
    }
}

/// Returns who is said to answer at a host that stands in a text.
fn provided_in<'a>(platform: &Platform<'a>, text: &str) -> Option<platform::Told<'a>> {
    platform.told(|thing| match thing {
        Thing::Address(host) => text.match_indices(host.as_str()).any(|(start, _)| {
            let is_part =
                |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
            let before = text[..start].chars().next_back();
            let after = text[start + host.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        }),
        _ => false,
    })
}

/// Returns the texts in which programs are told where others are.
fn configuration<'a>(platform: &Platform<'a>, owned: Owned<'a>) -> Vec<Told<'a>> {
    let object = owned.object;
    let Some(template) = pod_template(&object.id.kind, &object.manifest) else {
        return Vec::new();
    };
    let namespace = object.id.namespace.as_deref().unwrap_or_default();
    let mut told = Vec::new();
    for (list, index, container) in template.indexed_containers() {
        let field =
            |below: &str| template_field(&object.id.kind, &format!("spec.{list}[{index}].{below}"));
        for key in ["command", "args"] {
            for (index, word) in items(container, key).enumerate() {
                told.extend(word.as_str().map(|text| Told {
                    field: field(&format!("{key}[{index}]")),
                    text,
                    through: None,
                }));
            }
        }
        for (index, variable) in items(container, "env").enumerate() {
            let field = |below: &str| field(&format!("env[{index}].{below}"));
            told.extend(text(variable, "/value").map(|text| Told {
                field: field("value"),
                text,
                through: None,
            }));
            if let Some(name) = text(variable, "/valueFrom/configMapKeyRef/name")
                && let Some(key) = text(variable, "/valueFrom/configMapKeyRef/key")
            {
                let data = data(platform, namespace, name).filter(|(other, _, _)| *other == key);
                told.extend(data.map(|(_, text, through)| Told {
                    field: field("valueFrom.configMapKeyRef"),
                    text,
                    through: Some(through),
                }));
            }
        }
        for (index, source) in items(container, "envFrom").enumerate() {
            let Some(name) = text(source, "/configMapRef/name") else {
                continue;
            };
            let data = data(platform, namespace, name);
            told.extend(data.map(|(_, text, through)| Told {
                field: field(&format!("envFrom[{index}].configMapRef")),
                text,
                through: Some(through),
            }));
        }
    }
    told
}

/// Returns the texts of a `ConfigMap` by their keys.
fn data<'a>(
    platform: &Platform<'a>,
    namespace: &str,
    name: &str,
) -> impl Iterator<Item = (&'a str, &'a str, Owned<'a>)> + use<'a> {
    let found = platform.find(("", "ConfigMap", namespace, name));
    let found = found.first().copied();
    found.into_iter().flat_map(|owned| {
        let data = owned.object.manifest.get("data").and_then(Value::as_object);
        let data = data.into_iter().flatten();
        data.filter_map(move |(key, value)| Some((key.as_str(), value.as_str()?, owned)))
    })
}

/// Returns what brings the Services of the platform whose address in the cluster stands in a text: the
/// Services, and what operators make them of; each once.
pub(super) fn services_named_in<'a>(platform: &Platform<'a>, text: &str) -> Vec<Owned<'a>> {
    let mut found: Vec<Owned<'a>> = Vec::new();
    let is_host = |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
    for host in text.split(|character| !is_host(character)) {
        let Some((name, namespace)) = name_and_namespace(host.trim_matches('.')) else {
            continue;
        };
        let key = ("", "Service", namespace, name);
        let services = platform.find(key).iter().copied();
        for service in services.chain(platform.maker(key, usize::MAX)) {
            if !(found.iter()).any(|known| std::ptr::eq(known.object, service.object)) {
                found.push(service);
            }
        }
    }
    found
}

/// Returns name and namespace of a Service's host: `name.namespace.svc`, with or without what comes
/// behind and with the pod of a `StatefulSet` before it, or `name.namespace` alone.
fn name_and_namespace(host: &str) -> Option<(&str, &str)> {
    let mut labels: Vec<&str> = host.split('.').collect();
    if let Some(position) = labels.iter().skip(2).position(|label| *label == "svc") {
        labels.truncate(position + 2);
    } else if labels.len() != 2 {
        return None;
    }
    let namespace = labels.pop()?;
    Some((labels.pop()?, namespace))
}

/// Returns the texts of a custom resource, with their fields. Lists of what a monitoring system
/// watches are left out: it needs none of it.
fn texts_of_resource<'a>(platform: &Platform<'a>, owned: Owned<'a>) -> Vec<Told<'a>> {
    let (group, kind) = owned.object.id.group_kind();
    let is_watched = matches!(
        kind,
        "ScrapeConfig" | "Probe" | "VMStaticScrape" | "VMProbe"
    );
    if platform.defined(group, kind).is_none() || is_watched {
        return Vec::new();
    }
    let mut told = Vec::new();
    for (key, value) in owned.object.manifest.as_object().into_iter().flatten() {
        if !matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "status") {
            collect(key.clone(), value, &mut told);
        }
    }
    told
}

fn collect<'a>(field: String, value: &'a Value, told: &mut Vec<Told<'a>>) {
    match value {
        Value::String(text) if text.contains('.') => told.push(Told {
            field,
            text,
            through: None,
        }),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(format!("{field}[{index}]"), item, told);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                collect(format!("{field}.{key}"), value, told);
            }
        }
        _ => {}
    }
}
