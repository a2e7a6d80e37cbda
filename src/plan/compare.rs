//! Plan + snapshot -> plan with actions: takes what is wanted and what is there, says for each
//! object what will be done and why, never asks the cluster or a clock.

use serde_json::Value;

use super::differ::differences;
use super::digest::{DIGEST_ANNOTATION, digest};
use super::journal::{journal_id, journal_key};
use super::snapshot::Snapshot;
use super::types::{Action, Certainty, Plan, PlannedService, Reason, Step};
use crate::render::Phase;

/// Returns the plan with the actions that the snapshot calls for.
///
/// `manager` is the field manager that writes. A difference that is found here is certain only
/// after [`settle`] has seen the API server's dry run.
pub fn compare(mut plan: Plan, snapshot: &Snapshot, manager: &str) -> Plan {
    for service in &mut plan.services {
        for step in &mut service.steps {
            if !step.object.hook {
                object(step, snapshot, manager);
            }
        }
        hooks(service, snapshot);
    }
    plan
}

fn object(step: &mut Step, snapshot: &Snapshot, manager: &str) {
    let id = &step.object.id;
    step.certainty = Certainty::Computed;
    (step.action, step.reason) = match snapshot.get(id) {
        None if snapshot.has_kind(id) => (Action::Create, Reason::Absent),
        None => (Action::Create, Reason::KindAbsent),
        Some(live) => {
            let found = differences(&step.object.manifest, live, manager);
            if found.is_empty() {
                (Action::Keep, Reason::Equal)
            } else {
                (Action::Change, Reason::Differs(found))
            }
        }
    };
}

/// Hooks of a phase run together, as in Argo CD: one that runs may need the account or the
/// settings that another one made and that were deleted since.
fn hooks(service: &mut PlannedService, snapshot: &Snapshot) {
    let journal = snapshot.get(&journal_id(&service.name, &service.namespace));
    for phase in [Phase::PreSync, Phase::Sync, Phase::PostSync] {
        let mut steps: Vec<&mut Step> = service
            .steps
            .iter_mut()
            .filter(|step| step.object.hook && step.object.phase == phase)
            .collect();
        let done = steps.iter().all(|step| is_done(step, journal, snapshot));
        for step in &mut steps {
            step.certainty = Certainty::Computed;
            (step.action, step.reason) = if done {
                (Action::Keep, Reason::HookDone)
            } else {
                (Action::Run, Reason::HookNew)
            };
        }
    }
}

/// Whether a hook ran to its end with this content: the journal says so, or its Job does.
fn is_done(step: &Step, journal: Option<&Value>, snapshot: &Snapshot) -> bool {
    let content = digest(&step.object.manifest);
    let recorded = journal.is_some_and(|it| it["data"][journal_key(&step.object)] == *content);
    recorded
        || snapshot.get(&step.object.id).is_some_and(|live| {
            live["metadata"]["annotations"][DIGEST_ANNOTATION] == *content && is_complete(live)
        })
}

fn is_complete(live: &Value) -> bool {
    live.pointer("/status/conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == "Complete" && condition["status"] == "True")
}

/// Corrects a step that was found to differ by what a dry run of its write answered.
pub fn settle(step: &mut Step, live: &Value, answer: &Value) {
    step.certainty = Certainty::Verified;
    if content(live) == content(answer) {
        step.action = Action::Keep;
        step.reason = Reason::Equal;
    }
}

/// Returns what a write can change, without what changes by itself.
fn content(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
        map.remove("apiVersion");
        map.remove("kind");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        for name in ["resourceVersion", "generation", "selfLink"] {
            metadata.remove(name);
        }
        let fields = metadata
            .get_mut("managedFields")
            .and_then(Value::as_array_mut);
        for entry in fields.into_iter().flatten() {
            if let Some(entry) = entry.as_object_mut() {
                entry.remove("time");
            }
        }
    }
    object
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
