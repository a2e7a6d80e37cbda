//! Whether webhooks answer: takes a service's webhook configurations and the plan, gives the
//! object whose dry run proves it, and runs that dry run; never writes.

use serde_json::Value;

use super::context::{Context, Scope, interrupted};
use super::event::Event;
use super::outcome::{Failure, FailureKind};
use super::retry;
use crate::cluster::{Apply, Discovery};
use crate::plan::{Plan, PlannedService};
use crate::render::Object;

/// An object of another service that a webhook of this service will be asked about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    pub(super) object: Object,
}

/// Returns, for each webhook configuration of a service, the first object of another service that
/// it will be asked about. `plural` tells the name of a kind in paths.
pub(super) fn probes(
    plan: &Plan,
    service: &PlannedService,
    plural: &dyn Fn(&Object) -> Option<String>,
) -> Vec<Probe> {
    let mut probes: Vec<Probe> = Vec::new();
    for step in &service.steps {
        if step.object.id.group() != "admissionregistration.k8s.io" {
            continue;
        }
        let others = plan
            .services
            .iter()
            .filter(|other| other.name != service.name);
        let found = others
            .flat_map(|other| &other.steps)
            .map(|step| &step.object)
            .find(|object| !object.hook && is_asked(&step.object.manifest, object, plural));
        if let Some(object) = found {
            let probe = Probe {
                object: at_home(object, service),
            };
            if !probes.contains(&probe) {
                probes.push(probe);
            }
        }
    }
    probes
}

/// Returns the object as it would be in the service's own namespace. Its own may not be there yet:
/// then the API server refuses it without asking any webhook.
fn at_home(object: &Object, service: &PlannedService) -> Object {
    let mut object = object.clone();
    if object.id.namespace.is_some() {
        object.id.namespace = Some(service.namespace.clone());
        object.manifest["metadata"]["namespace"] = service.namespace.clone().into();
    }
    object
}

/// Whether one of the configuration's webhooks is asked about the creation of an object. Those
/// with selectors are left out: whether they match depends on labels in the cluster.
fn is_asked(
    configuration: &Value,
    object: &Object,
    plural: &dyn Fn(&Object) -> Option<String>,
) -> bool {
    let Some(resource) = plural(object) else {
        return false;
    };
    let group = object.id.group();
    let version = object.id.api_version.rsplit('/').next().unwrap_or_default();
    let has = |list: &Value, wanted: &str| {
        list.as_array()
            .into_iter()
            .flatten()
            .any(|item| *item == wanted || *item == "*")
    };
    configuration["webhooks"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|webhook| {
            let blank = |key: &str| {
                webhook[key]
                    .as_object()
                    .is_none_or(serde_json::Map::is_empty)
            };
            // The default policy is Fail; one that is ignored blocks nobody.
            webhook["failurePolicy"] != "Ignore"
                && blank("namespaceSelector")
                && blank("objectSelector")
                && webhook["rules"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .any(|rule| {
                        has(&rule["apiGroups"], group)
                            && has(&rule["apiVersions"], version)
                            && has(&rule["resources"], &resource)
                            && has(&rule["operations"], "CREATE")
                    })
        })
}

/// Returns the plural of an object's kind: as discovery knows it, else as a definition of the plan
/// says.
pub(super) fn plural(plan: &Plan, discovery: &Discovery, object: &Object) -> Option<String> {
    let id = &object.id;
    if let Some(resource) = discovery.get(&id.api_version, &id.kind) {
        return Some(resource.plural.clone());
    }
    plan.services
        .iter()
        .flat_map(|service| &service.steps)
        .map(|step| &step.object.manifest)
        .filter(|manifest| manifest["kind"] == "CustomResourceDefinition")
        .find(|manifest| {
            manifest["spec"]["group"] == id.group() && manifest["spec"]["names"]["kind"] == *id.kind
        })
        .and_then(|manifest| {
            manifest["spec"]["names"]["plural"]
                .as_str()
                .map(str::to_owned)
        })
}

/// Waits until the webhooks answer a dry run of each probe. An answer of any kind will do, a
/// refusal too: only that it is asked for counts here.
pub(super) async fn pass(
    context: &Context,
    scope: &Scope,
    probes: &[Probe],
) -> Result<(), Failure> {
    for probe in probes {
        let id = &probe.object.id;
        let begun = std::time::Instant::now();
        let mut attempt = 0;
        loop {
            let options = Apply {
                dry_run: true,
                ..Apply::default()
            };
            let result = context
                .cluster
                .apply(id, &probe.object.manifest, options)
                .await;
            let Some(why) = result.err().and_then(|error| unanswered(&error)) else {
                break;
            };
            let wait = retry::delay(attempt, 0.5, None);
            if begun.elapsed() + wait > scope.stall_timeout {
                return Err(Failure {
                    service: scope.service.clone(),
                    object: Some(id.clone()),
                    kind: FailureKind::Stalled,
                    reason: format!("the webhook that is asked about it does not answer: {why}"),
                    details: Vec::new(),
                });
            }
            attempt += 1;
            context.send(Event::Retry {
                service: scope.service.clone(),
                object: id.clone(),
                why: "a webhook does not answer yet".to_owned(),
                message: why,
                attempt,
                wait,
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = context.cancel.cancelled() => return Err(interrupted(scope, Some(id))),
            }
        }
    }
    Ok(())
}

/// Returns what the API server says where it could not ask a webhook.
fn unanswered(error: &crate::cluster::ApiError) -> Option<String> {
    let message = error.to_string();
    let lower = message.to_lowercase();
    ["failed calling webhook", "no endpoints available", "x509:"]
        .iter()
        .any(|text| lower.contains(text))
        .then_some(message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::apply::testing::step;
    use crate::plan::Handover;

    fn service(name: &str, steps: Vec<crate::plan::Step>) -> PlannedService {
        PlannedService {
            name: name.to_owned(),
            wave: 0,
            namespace: name.to_owned(),
            project: "default".to_owned(),
            steps,
            edges: Vec::new(),
            stall_timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn the_probe_is_the_first_object_that_the_webhook_is_asked_about() {
        let mut webhook = step(
            "admissionregistration.k8s.io/v1",
            "ValidatingWebhookConfiguration",
            "",
            "w",
        );
        webhook.object.manifest["webhooks"] = json!([{"rules": [{"apiGroups": ["x.io"],
            "apiVersions": ["v1"], "resources": ["things"], "operations": ["CREATE", "UPDATE"]}]}]);
        let mut definition = step(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            "",
            "d",
        );
        definition.object.manifest["spec"] =
            json!({"group": "x.io", "names": {"kind": "Thing", "plural": "things"}});
        let owner = service(
            "owner",
            vec![
                definition,
                webhook,
                step("x.io/v1", "Thing", "owner", "own"),
            ],
        );
        let other = service(
            "other",
            vec![
                step("v1", "ConfigMap", "other", "c"),
                step("x.io/v1", "Thing", "other", "theirs"),
            ],
        );
        let mut plan = Plan {
            environment: "test".to_owned(),
            services: vec![owner, other],
            findings: Vec::new(),
            handover: Handover {
                namespace: "argocd".to_owned(),
                root: Value::Null,
                projects: Vec::new(),
                applications: Vec::new(),
                others: Vec::new(),
                tracking: crate::render::TrackingSettings::default(),
                parents: std::collections::BTreeMap::new(),
            },
        };
        let found = |plan: &Plan| {
            let discovery = Discovery::default();
            let plural = |object: &Object| plural(plan, &discovery, object);
            probes(plan, &plan.services[0], &plural)
                .into_iter()
                .map(|probe| probe.object.id.to_string())
                .collect::<Vec<_>>()
        };
        // In a namespace that is sure to be there.
        assert_eq!(found(&plan), ["Thing owner/theirs"]);
        plan.services[0].steps[1].object.manifest["webhooks"][0]["failurePolicy"] = json!("Ignore");
        assert!(found(&plan).is_empty());
    }
}
