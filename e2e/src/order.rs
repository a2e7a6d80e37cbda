//! Whether the order of writes respects every edge of the plan: takes the plan and the audit log's
//! events, gives a sentence for each edge that was not respected. Never asks a cluster.
//!
//! Moments are those at which requests arrived, on both sides: a watcher may learn of a status before
//! the audit log notes the end of its writing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::audit::Event;
use crate::plan::{Milestone, Object, Plan, Service};

/// The plural name of each group and kind.
pub(crate) type Resources = BTreeMap<(String, String), String>;

/// What the log tells about the writes of one run.
pub(crate) struct Log<'a> {
    events: &'a [Event],
    resources: &'a Resources,
}

impl<'a> Log<'a> {
    /// Returns a view of these events.
    pub(crate) fn new(events: &'a [Event], resources: &'a Resources) -> Self {
        Self { events, resources }
    }

    /// Returns a sentence for each edge that was not respected and each object that was not written.
    pub(crate) fn faults(&self, plan: &Plan) -> Vec<String> {
        let services = plan.by_name();
        let mut faults = Vec::new();
        for service in &plan.services {
            for object in &service.objects {
                if self.written(object).is_none() {
                    faults.push(format!(
                        "firstlight never wrote {} of {}",
                        object.spoken(),
                        service.name
                    ));
                }
            }
            let Some((first, moment)) = self.first_attempt(service) else {
                continue;
            };
            for edge in &service.edges {
                let Some(awaited) = services.get(edge.service.as_str()) else {
                    faults.push(format!(
                        "{} waits for {}, which is not in the plan",
                        service.name, edge.service
                    ));
                    continue;
                };
                for (object, milestone) in required(awaited, edge.until) {
                    let (reached, word) = match milestone {
                        Milestone::Applied => (self.written(object), "written"),
                        Milestone::Established => (self.status(object, established), "established"),
                        Milestone::Ready => (self.status(object, ready), "ready"),
                    };
                    if reached.is_none_or(|reached| reached > moment) {
                        faults.push(format!(
                            "{} began with {} at {moment}, but {} of {} was {word} {} ({})",
                            service.name,
                            first.spoken(),
                            object.spoken(),
                            awaited.name,
                            reached.map_or("never".to_owned(), |reached| format!("at {reached}")),
                            edge.evidence,
                        ));
                    }
                }
            }
        }
        faults
    }

    /// Returns when firstlight first wrote an object and was granted it.
    fn written(&self, object: &Object) -> Option<&'a str> {
        self.of(object)
            .find(|event| {
                event.by_firstlight()
                    && event.object_ref.subresource.is_empty()
                    && event.succeeded()
            })
            .map(|event| event.request_received_timestamp.as_str())
    }

    /// Returns the first object of a service that firstlight tried to write, and when.
    fn first_attempt(&self, service: &'a Service) -> Option<(&'a Object, &'a str)> {
        service
            .objects
            .iter()
            .filter_map(|object| {
                let event = self.of(object).find(|event| event.by_firstlight())?;
                Some((object, event.request_received_timestamp.as_str()))
            })
            .min_by_key(|(_, moment)| *moment)
    }

    /// Returns when a status was first written that satisfies a rule.
    fn status(&self, object: &Object, rule: fn(&str, &Value) -> bool) -> Option<&'a str> {
        self.of(object)
            .find(|event| {
                event.object_ref.subresource == "status"
                    && event.succeeded()
                    && rule(&object.kind, &event.request_object)
            })
            .map(|event| event.request_received_timestamp.as_str())
    }

    fn of(&self, object: &Object) -> impl Iterator<Item = &'a Event> {
        let resource = self
            .resources
            .get(&(object.group().to_owned(), object.kind.clone()))
            .cloned();
        let (group, name) = (object.group().to_owned(), object.name.clone());
        let namespace = object.namespace.clone().unwrap_or_default();
        self.events.iter().filter(move |event| {
            let reference = &event.object_ref;
            Some(&reference.resource) == resource.as_ref()
                && reference.api_group == group
                // The log says of a Namespace that it lies in itself.
                && (reference.namespace == namespace || reference.resource == "namespaces")
                && reference.name == name
        })
    }
}

/// Returns what must have happened to which objects of a service for it to have come so far.
fn required(service: &Service, until: Milestone) -> Vec<(&Object, Milestone)> {
    let mut required: Vec<(&Object, Milestone)> = Vec::new();
    for object in &service.objects {
        let definition = object.kind == "CustomResourceDefinition";
        let workload = matches!(
            (object.group(), object.kind.as_str()),
            ("apps", "Deployment" | "StatefulSet" | "DaemonSet") | ("batch", "Job")
        );
        match until {
            Milestone::Applied => required.push((object, Milestone::Applied)),
            Milestone::Established if definition => {
                required.push((object, Milestone::Established));
            }
            Milestone::Established => {}
            Milestone::Ready => {
                required.push((object, Milestone::Applied));
                if definition {
                    required.push((object, Milestone::Established));
                }
                if workload {
                    required.push((object, Milestone::Ready));
                }
            }
        }
    }
    required
}

/// Tells whether an object has a condition that is true.
pub(crate) fn condition(object: &Value, kind: &str) -> bool {
    object["status"]["conditions"]
        .as_array()
        .is_some_and(|conditions| {
            conditions
                .iter()
                .any(|each| each["type"] == kind && each["status"] == "True")
        })
}

fn established(_: &str, object: &Value) -> bool {
    condition(object, "Established")
}

/// Tells whether a workload's status says that all of it is ready, and of this generation.
fn ready(kind: &str, object: &Value) -> bool {
    let status = &object["status"];
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let wanted = object["spec"]["replicas"].as_i64().unwrap_or(1);
    let observed =
        number(&status["observedGeneration"]) >= number(&object["metadata"]["generation"]);
    match kind {
        "Deployment" => {
            observed
                && number(&status["updatedReplicas"]) >= wanted
                && number(&status["availableReplicas"]) >= wanted
        }
        "StatefulSet" => observed && number(&status["readyReplicas"]) >= wanted,
        "DaemonSet" => {
            observed && number(&status["numberReady"]) >= number(&status["desiredNumberScheduled"])
        }
        "Job" => condition(object, "Complete"),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(
        moment: u32,
        agent: &str,
        resource: &str,
        sub: &str,
        name: &str,
        body: &Value,
    ) -> Event {
        serde_json::from_value(json!({
            "verb": "patch", "requestURI": "/", "user": {"username": "admin"}, "userAgent": agent,
            "objectRef": {"resource": resource, "subresource": sub, "namespace": "n", "name": name, "apiGroup": "apps"},
            "responseStatus": {"code": 200}, "requestObject": body,
            "requestReceivedTimestamp": format!("2025-01-01T00:00:{moment:02}.000000Z"),
        }))
        .unwrap()
    }

    fn plan(until: &str) -> Plan {
        let object = |name: &str| json!({"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "n", "name": name});
        serde_json::from_value(json!({"version": 1, "services": [
            {"name": "a", "wave": 0, "namespace": "n", "objects": [object("a")], "edges": []},
            {"name": "b", "wave": 1, "namespace": "n", "objects": [object("b")],
             "edges": [{"service": "a", "until": until, "evidence": "because"}]},
        ]}))
        .unwrap()
    }

    fn faults(until: &str, events: &[Event]) -> Vec<String> {
        let resources = Resources::from([(
            ("apps".to_owned(), "Deployment".to_owned()),
            "deployments".to_owned(),
        )]);
        Log::new(events, &resources).faults(&plan(until))
    }

    fn status(moment: u32, available: u32) -> Event {
        let body = json!({"metadata": {"generation": 1}, "spec": {"replicas": 1}, "status":
            {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": available}});
        event(
            moment,
            "kube-controller-manager",
            "deployments",
            "status",
            "a",
            &body,
        )
    }

    fn write(moment: u32, name: &str) -> Event {
        event(
            moment,
            "firstlight/0.1",
            "deployments",
            "",
            name,
            &Value::Null,
        )
    }

    #[test]
    fn a_good_order_has_no_fault() {
        let events = [write(1, "a"), status(2, 0), status(3, 1), write(4, "b")];
        assert_eq!(faults("ready", &events), Vec::<String>::new());
        assert_eq!(faults("applied", &events), Vec::<String>::new());
    }

    #[test]
    fn a_write_before_the_awaited_is_ready_is_a_fault() {
        let events = [write(1, "a"), status(2, 0), write(3, "b"), status(4, 1)];
        assert_eq!(faults("ready", &events).len(), 1);
        assert_eq!(faults("applied", &events), Vec::<String>::new());
    }

    #[test]
    fn a_workload_that_never_became_ready_is_a_fault() {
        let events = [write(1, "a"), status(2, 0), write(3, "b")];
        assert!(faults("ready", &events)[0].contains("never"));
    }

    #[test]
    fn an_object_that_was_never_written_is_a_fault() {
        assert!(
            faults("applied", &[write(3, "b")])
                .iter()
                .any(|fault| fault.contains("never wrote"))
        );
    }
}
