//! `name.namespace.svc` in what a program is told when it starts (command, arguments, environment,
//! also by way of a `ConfigMap`) -> the service behind that address, until it is ready. Helpful, not
//! needed: such a need never closes a cycle, see `graph::order`. Addresses in mounted files are left
//! out: a monitoring system lists what it watches there, and needs none of it to start.

use serde_json::Value;

use crate::graph::Rule;
use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
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
        for told in configuration(platform, owned) {
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

/// Returns the platform's Services whose cluster address stands in a text, each once.
pub(super) fn services_named_in<'a>(platform: &Platform<'a>, text: &str) -> Vec<Owned<'a>> {
    let mut found: Vec<Owned<'a>> = Vec::new();
    for (position, _) in text.match_indices(".svc") {
        let after = text[position + 4..].chars().next();
        if after.is_some_and(is_label_character) {
            continue;
        }
        let host: &str = {
            let start = text[..position]
                .rfind(|character| !is_label_character(character) && character != '.')
                .map_or(0, |index| index + 1);
            &text[start..position]
        };
        // A pod of a StatefulSet has one label more: `pod.service.namespace.svc`.
        let mut labels = host.rsplit('.');
        let (Some(namespace), Some(name)) = (labels.next(), labels.next()) else {
            continue;
        };
        for service in platform.find(("", "Service", namespace, name)) {
            if !found
                .iter()
                .any(|known| std::ptr::eq(known.object, service.object))
            {
                found.push(*service);
            }
        }
    }
    found
}

fn is_label_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}
