//! Names of images in what programs are told: takes containers, `ConfigMap`s and objects without a
//! rule, gives the names that stand in them. Whether such an image is pulled only the program knows,
//! so these are never taken for images of the platform.

use serde_json::Value;

use crate::render::pod::{PodTemplate, items, text};

use super::reference::Reference;

/// A name of an image that a program is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention<'m> {
    /// Where.
    pub(super) field: String,
    /// The name as it stands there.
    pub(super) given: &'m str,
    /// The name with nothing left out.
    pub(super) reference: Reference,
}

/// How much a name has to look like one of an image to be taken for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// What stands there is said to be an image: a registry or a version is enough.
    Named,
    /// Nothing is said: it has to have a registry and a version.
    Shape,
}

/// Returns the images that the containers of pods are told by command, arguments and variables.
pub(super) fn of_pods(template: PodTemplate<'_>) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    for (list, index, container) in template.indexed_containers() {
        let place = format!("spec.{list}[{index}]");
        for key in ["command", "args"] {
            let mut before = "";
            for (number, word) in items(container, key).enumerate() {
                let word = word.as_str().unwrap_or_default();
                let field = format!("{place}.{key}[{number}]");
                // Both `--image=x` and `--image x` are said.
                let flag = match word.split_once('=') {
                    Some((flag, _)) => flag,
                    None => before,
                };
                of_text(&field, word, proof(flag), &mut found);
                before = word;
            }
        }
        for (number, variable) in items(container, "env").enumerate() {
            if let Some(value) = text(variable, "/value") {
                let name = text(variable, "/name").unwrap_or_default();
                let field = format!("{place}.env[{number}].value");
                of_text(&field, value, proof(name), &mut found);
            }
        }
    }
    found
}

/// Returns the images that stand in a `ConfigMap`.
pub(super) fn of_config_map(manifest: &Value) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    let data = manifest.get("data").and_then(Value::as_object);
    for (key, value) in data.into_iter().flatten() {
        let field = format!("data.{key}");
        of_text(
            &field,
            value.as_str().unwrap_or_default(),
            proof(key),
            &mut found,
        );
    }
    found
}

/// Returns what stands in fields that are called after images, anywhere in an object.
pub(super) fn of_object(manifest: &Value) -> Vec<Mention<'_>> {
    let mut found = Vec::new();
    if let Some(spec) = manifest.get("spec") {
        of_value("spec", "", spec, &mut found);
    }
    found
}

fn of_value<'m>(field: &str, key: &str, value: &'m Value, found: &mut Vec<Mention<'m>>) {
    match value {
        Value::String(text) if proof(key) == Proof::Named => {
            mention(field, text, Proof::Named, found);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                of_value(&format!("{field}[{index}]"), key, item, found);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                of_value(&format!("{field}.{key}"), key, value, found);
            }
        }
        _ => {}
    }
}

/// Returns what the name of a flag, variable or field says about its value.
fn proof(name: &str) -> Proof {
    let name = name.to_lowercase();
    let other = ["pull", "policy", "secret", "credential"];
    if name.contains("image") && !other.iter().any(|word| name.contains(word)) {
        Proof::Named
    } else {
        Proof::Shape
    }
}

fn of_text<'m>(field: &str, text: &'m str, proof: Proof, found: &mut Vec<Mention<'m>>) {
    let separators =
        |character: char| character.is_whitespace() || "=,;\"'`()[]{}<>|".contains(character);
    for word in text.split(separators) {
        mention(field, word.trim_end_matches(['.', ':']), proof, found);
    }
}

fn mention<'m>(field: &str, given: &'m str, proof: Proof, found: &mut Vec<Mention<'m>>) {
    let Ok(reference) = Reference::parse(given) else {
        return;
    };
    let names_version = given.contains('@')
        || reference
            .tag
            .as_deref()
            .is_some_and(|tag| given.ends_with(&format!(":{tag}")));
    let names_registry = given
        .split_once('/')
        .is_some_and(|(first, _)| first == reference.registry && is_public_host(first));
    let enough = match proof {
        Proof::Named => names_version || names_registry,
        Proof::Shape => names_version && names_registry,
    };
    if enough {
        found.push(Mention {
            field: field.to_owned(),
            given,
            reference,
        });
    }
}

/// Tells whether a host looks like one of a registry: `quay.io`, not `1.5` or `web.portal.svc`.
fn is_public_host(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((_, top)) => {
            top.len() >= 2
                && !matches!(top, "svc" | "cluster" | "local")
                && top.chars().all(|letter| letter.is_ascii_alphabetic())
        }
        None => false,
    }
}
