//! Who brings what a pod refers to: takes a reference, gives its provider, never judges.

use serde_json::Value;

use super::platform::{Owned, Platform};
use crate::render::pod::{Reference, items, pod_template};

/// Who brings something that a pod refers to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Provider<'a> {
    /// The cluster by itself.
    Cluster,
    /// An object: the thing itself, or one that a controller turns into it.
    Object(Owned<'a>),
    /// A program of another object, which is told the name.
    Program,
    /// Nobody that can be seen.
    Nobody,
}

impl PartialEq for Provider<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Returns who brings what a pod of `needing` refers to.
pub(super) fn provider<'a>(
    platform: &Platform<'a>,
    needing: Owned<'a>,
    reference: Reference<'_>,
) -> Provider<'a> {
    let namespace = needing.object.id.namespace.as_deref().unwrap_or_default();
    let name = reference.name();
    if matches!(
        reference,
        Reference::ServiceAccount("default") | Reference::ConfigMap("kube-root-ca.crt")
    ) {
        return Provider::Cluster;
    }
    // Of several, the service's own counts: it is the one whose order can be wrong.
    let of = |found: &[Owned<'a>]| {
        found
            .iter()
            .find(|owned| owned.service == needing.service)
            .or(found.first())
            .copied()
    };
    if let Some(owned) = of(platform.find(("", reference.kind(), namespace, name))) {
        return Provider::Object(owned);
    }
    let key = ("", reference.kind(), namespace, name);
    if let Some(maker) = platform.maker(key, needing.service) {
        return Provider::Object(maker);
    }
    if platform.told_object(key).is_some() {
        return Provider::Program;
    }
    if let Reference::Secret(_) | Reference::ConfigMap(_) = reference
        && platform
            .objects()
            .filter(|owned| owned.service == needing.service)
            .any(|owned| is_told(owned, needing, name) || may_make(owned, reference, name))
    {
        return Provider::Program;
    }
    Provider::Nobody
}

/// Returns true where a Role of the same service lets a program make things of this kind and names
/// this one: so a program says what it makes that has the name built in.
fn may_make(owned: Owned<'_>, reference: Reference<'_>, name: &str) -> bool {
    let resource = match reference {
        Reference::Secret(_) => "secrets",
        Reference::ConfigMap(_) => "configmaps",
        Reference::ServiceAccount(_) => return false,
    };
    if !matches!(owned.object.id.kind.as_str(), "Role" | "ClusterRole") {
        return false;
    }
    let has = |rule: &Value, key: &str, wanted: &str| {
        items(rule, key)
            .filter_map(Value::as_str)
            .any(|item| item == wanted)
    };
    let rules = || items(&owned.object.manifest, "rules");
    let named =
        rules().any(|rule| has(rule, "resources", resource) && has(rule, "resourceNames", name));
    let creates = rules().any(|rule| {
        has(rule, "resources", resource)
            && (has(rule, "verbs", "create") || has(rule, "verbs", "*"))
    });
    named && creates
}

/// Returns true where a container of another object of the same service is told this name in its
/// command, arguments or environment: such a program makes what it is told, as certificate makers
/// of webhooks do.
fn is_told(owned: Owned<'_>, needing: Owned<'_>, name: &str) -> bool {
    if std::ptr::eq(owned.object, needing.object) {
        return false;
    }
    let Some(template) = pod_template(&owned.object.id.kind, &owned.object.manifest) else {
        return false;
    };
    let is_word = |text: &str| {
        text.split(|character: char| {
            !(character.is_ascii_alphanumeric() || character == '-' || character == '.')
        })
        .any(|word| word == name)
    };
    template.containers().any(|container| {
        items(container, "command")
            .chain(items(container, "args"))
            .chain(items(container, "env").filter_map(|variable| variable.get("value")))
            .filter_map(Value::as_str)
            .any(is_word)
    })
}
