//! Object matched by another service's admission webhook with `failurePolicy: Fail` -> the service
//! that answers the webhook, until it is ready: before that the API server refuses the object.
//!
//! Selectors are decided by the labels that the platform itself gives. Conditions in CEL are not
//! evaluated: whether the webhook is asked is then open, so such a need closes no cycle.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::graph::Rule;
use crate::graph::evidence::Strength;
use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform, Resource, labels_of};
use crate::graph::selector::selects;
use crate::render::pod::{items, pod_template, text};

use super::Inference;

const GROUP: &str = "admissionregistration.k8s.io";
const POD: Resource<'static> = Resource {
    group: "",
    plural: "pods",
    namespaced: true,
};

/// An admission webhook that refuses what it cannot answer.
pub(in crate::graph) struct Webhook<'a> {
    pub(in crate::graph) configuration: Owned<'a>,
    /// The service that answers it.
    server: usize,
    pub(in crate::graph) name: &'a str,
    pub(in crate::graph) manifest: &'a Value,
}

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    let webhooks = webhooks(platform);
    if webhooks.is_empty() {
        return;
    }
    for owned in platform.objects() {
        let Some(resource) = platform.resource(owned.object) else {
            continue;
        };
        let manifest = &owned.object.manifest;
        let own_labels = labels_of(manifest.get("metadata"));
        let pods = pod_template(&owned.object.id.kind, manifest)
            .filter(|_| owned.object.id.kind != "Pod")
            .map(|template| labels_of(template.metadata));
        for webhook in &webhooks {
            if webhook.matches(platform, owned, resource, &own_labels) {
                inference.needs.add(webhook.seen(Rule::Webhook, owned));
            } else if let Some(labels) = &pods
                && webhook.matches(platform, owned, POD, labels)
            {
                inference.needs.add(webhook.seen(Rule::PodWebhook, owned));
            }
        }
    }
}

/// Returns the webhooks of a platform that refuse what they cannot answer.
pub(in crate::graph) fn webhooks<'a>(platform: &Platform<'a>) -> Vec<Webhook<'a>> {
    let mut found = Vec::new();
    for kind in [
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
    ] {
        for configuration in platform.of_kind(GROUP, kind) {
            for manifest in items(&configuration.object.manifest, "webhooks") {
                if text(manifest, "/failurePolicy") == Some("Ignore")
                    || text(manifest, "/clientConfig/url").is_some()
                {
                    // Behind a URL there is nothing of this platform.
                    continue;
                }
                let namespace = text(manifest, "/clientConfig/service/namespace");
                let name = text(manifest, "/clientConfig/service/name");
                let server = platform
                    .find((
                        "",
                        "Service",
                        namespace.unwrap_or_default(),
                        name.unwrap_or_default(),
                    ))
                    .first()
                    .map_or(configuration.service, |service| service.service);
                let name = text(manifest, "/name").unwrap_or_default();
                found.push(Webhook {
                    configuration,
                    server,
                    name,
                    manifest,
                });
            }
        }
    }
    found
}

impl Webhook<'_> {
    fn seen(&self, rule: Rule, owned: Owned<'_>) -> Observation {
        let seen = Observation::new(rule, owned, self.configuration);
        let seen = seen.answered_by(self.server).by(self.name);
        if items(self.manifest, "matchConditions").next().is_some() {
            seen.strength(Strength::Soft)
        } else {
            seen
        }
    }

    /// Returns whether it must admit the pods of an object.
    pub(in crate::graph) fn matches_pods(
        &self,
        platform: &Platform<'_>,
        owned: Owned<'_>,
        labels: &BTreeMap<String, String>,
    ) -> bool {
        self.matches(platform, owned, POD, labels)
    }

    fn matches(
        &self,
        platform: &Platform<'_>,
        owned: Owned<'_>,
        resource: Resource<'_>,
        labels: &BTreeMap<String, String>,
    ) -> bool {
        items(self.manifest, "rules").any(|rule| rule_matches(rule, resource))
            && selects(self.manifest.get("objectSelector"), labels)
            && self.namespace_matches(platform, owned, resource)
    }

    fn namespace_matches(
        &self,
        platform: &Platform<'_>,
        owned: Owned<'_>,
        resource: Resource<'_>,
    ) -> bool {
        let namespace = match (&owned.object.id.namespace, resource) {
            (Some(namespace), _) => namespace,
            // For a Namespace the selector looks at its own labels.
            (
                None,
                Resource {
                    group: "",
                    plural: "namespaces",
                    ..
                },
            ) => &owned.object.id.name,
            _ => return true,
        };
        selects(
            self.manifest.get("namespaceSelector"),
            &platform.namespace_labels(namespace),
        )
    }
}

fn rule_matches(rule: &Value, resource: Resource<'_>) -> bool {
    let scope = text(rule, "/scope").unwrap_or("*");
    let has = |key: &str, wanted: &[&str]| {
        items(rule, key)
            .filter_map(Value::as_str)
            .any(|item| wanted.contains(&item))
    };
    // Versions are left out: the default `matchPolicy: Equivalent` takes every version.
    (scope == "*" || (scope == "Namespaced") == resource.namespaced)
        && has("operations", &["CREATE", "*"])
        && has("apiGroups", &[resource.group, "*"])
        && has("resources", &[resource.plural, "*", "*/*"])
}
