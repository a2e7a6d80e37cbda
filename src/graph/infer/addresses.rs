//! `name.namespace.svc` in a container's environment or arguments, or in a `ConfigMap` -> the
//! service behind that address, until it is ready. Helpful, not needed: such a need never closes a
//! cycle, see `graph::order`.

use serde_json::Value;

use crate::graph::need::described;
use crate::graph::platform::{Owned, Platform};
use crate::graph::pod::{items, pod_template};

use super::Inference;

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        for text in configuration(owned) {
            for service in services_named_in(platform, text) {
                let predicate = format!("names the address of {}", described(service.object));
                inference
                    .needs
                    .add_address(owned, service.service, predicate);
            }
        }
    }
}

/// Returns the texts in which programs are told where others are.
fn configuration(owned: Owned<'_>) -> Vec<&str> {
    let object = owned.object;
    if object.id.group_kind() == ("", "ConfigMap") {
        let data = object.manifest.get("data").and_then(Value::as_object);
        return data
            .into_iter()
            .flatten()
            .filter_map(|(_, value)| value.as_str())
            .collect();
    }
    let Some(template) = pod_template(&object.id.kind, &object.manifest) else {
        return Vec::new();
    };
    let mut texts = Vec::new();
    for container in template.containers() {
        texts.extend(
            items(container, "command")
                .chain(items(container, "args"))
                .filter_map(Value::as_str),
        );
        texts
            .extend(items(container, "env").filter_map(|variable| variable.get("value")?.as_str()));
    }
    texts
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
