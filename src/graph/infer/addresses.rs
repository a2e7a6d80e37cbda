//! `name.namespace.svc` in what a program is told when it starts (command, arguments, environment,
//! also by way of a `ConfigMap`) -> the service behind that address, until it is ready. Helpful, not
//! needed: such a need never closes a cycle, see `graph::order`. Addresses in mounted files are left
//! out: a monitoring system lists what it watches there, and needs none of it to start.

use serde_json::Value;

use crate::graph::need::described;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, pod_template, text};

use super::Inference;

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        for text in configuration(platform, owned) {
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
fn configuration<'a>(platform: &Platform<'a>, owned: Owned<'a>) -> Vec<&'a str> {
    let object = owned.object;
    let Some(template) = pod_template(&object.id.kind, &object.manifest) else {
        return Vec::new();
    };
    let namespace = object.id.namespace.as_deref().unwrap_or_default();
    let data = |name: &str| {
        let found = platform
            .find(("", "ConfigMap", namespace, name))
            .first()
            .copied();
        found.and_then(|owned| owned.object.manifest.get("data")?.as_object())
    };
    let mut texts = Vec::new();
    for container in template.containers() {
        let spoken = items(container, "command").chain(items(container, "args"));
        texts.extend(spoken.filter_map(Value::as_str));
        for variable in items(container, "env") {
            texts.extend(text(variable, "/value"));
            if let Some(name) = text(variable, "/valueFrom/configMapKeyRef/name")
                && let Some(key) = text(variable, "/valueFrom/configMapKeyRef/key")
            {
                texts.extend(data(name).and_then(|data| data.get(key)?.as_str()));
            }
        }
        for name in items(container, "envFrom").filter_map(|one| text(one, "/configMapRef/name")) {
            texts.extend(
                data(name)
                    .into_iter()
                    .flatten()
                    .filter_map(|(_, value)| value.as_str()),
            );
        }
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
