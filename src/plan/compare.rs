//! Plan + snapshot -> plan with actions: takes what is wanted and what is there, says for each
//! object what will be done and why, never asks the cluster or a clock.

use serde_json::{Map, Value};

use super::differ::differences;
use super::digest::{DIGEST_ANNOTATION, digest};
use super::fields::{FieldChange, changes};
use super::immutable::immutable;
use super::journal::{journal_id, journal_key};
use super::owner::owner;
use super::snapshot::Snapshot;
use super::types::{Action, Certainty, Doubt, Plan, PlannedService, Reason, Step};
use crate::render::Phase;

/// Returns the plan with the actions that the snapshot calls for.
///
/// `manager` is the field manager that writes. A difference that is found here is certain only
/// after [`settle`] has seen the API server's dry run.
pub fn compare(mut plan: Plan, snapshot: &Snapshot, manager: &str) -> Plan {
    let tracking = plan.handover.tracking.clone();
    for service in &mut plan.services {
        for step in &mut service.steps {
            let live = snapshot.get(&step.object.id);
            step.owner = live.and_then(|live| owner(live, &service.name, &tracking));
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
    step.doubt = Doubt::Compared;
    (step.action, step.reason) = match snapshot.get(id) {
        None if snapshot.has_kind(id) => (Action::Create, Reason::Absent),
        None => (Action::Create, Reason::KindAbsent),
        Some(live) => {
            let found = differences(&step.object.manifest, live, manager);
            let fixed = immutable(id.group(), &id.kind, live, &found);
            step.changes = at_places(&step.object.manifest, live, &found);
            if found.is_empty() {
                (Action::Keep, Reason::Equal)
            } else if fixed.is_empty() {
                (Action::Change, Reason::Differs(found))
            } else {
                (Action::Recreate, Reason::Immutable(fixed))
            }
        }
    };
    if step.action == Action::Create {
        step.doubt = match &step.reason {
            Reason::KindAbsent => Doubt::KindAbsent,
            _ => Doubt::NamespaceAbsent,
        };
    }
}

/// Returns what stands at places of both, one change for each.
fn at_places(desired: &Value, live: &Value, places: &[String]) -> Vec<FieldChange> {
    let mut old = Value::Object(Map::new());
    let mut new = Value::Object(Map::new());
    for side in [&mut old, &mut new] {
        for key in ["apiVersion", "kind"] {
            side[key] = desired[key].clone();
        }
    }
    for place in places.iter().filter(|it| *it != "/metadata/managedFields") {
        let keys: Vec<&str> = place.split('/').skip(1).collect();
        put(&mut old, &keys, live.pointer(place));
        put(&mut new, &keys, desired.pointer(place));
    }
    changes(&old, &new)
}

/// Puts a value at a path of keys; places in lists become keys.
fn put(into: &mut Value, keys: &[&str], value: Option<&Value>) {
    let (Some(value), Some((last, above))) = (value, keys.split_last()) else {
        return;
    };
    let plain = |key: &str| key.replace("~1", "/").replace("~0", "~");
    let mut at = into;
    for key in above {
        if !at.is_object() {
            return;
        }
        at = &mut at[plain(key)];
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
    }
    if at.is_object() {
        at[plain(last)] = value.clone();
    }
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
            step.doubt = Doubt::Hook;
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
    let (before, after) = (content(live), content(answer));
    if before == after {
        step.action = Action::Keep;
        step.reason = Reason::Equal;
        step.changes = Vec::new();
        return;
    }
    // What is to be done is told by what the API server would make of it, defaults included.
    step.changes = changes(&told_apart(before, step), &told_apart(after, step));
}

/// Returns content in which a Secret is known for one, without the managers of its fields.
fn told_apart(mut content: Value, step: &Step) -> Value {
    if let Some(metadata) = content["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    for (key, value) in [
        ("apiVersion", &step.object.id.api_version),
        ("kind", &step.object.id.kind),
    ] {
        content[key] = Value::String(value.clone());
    }
    content
}

/// Notes that the API server took the dry run of a creation.
pub fn settle_created(step: &mut Step) {
    step.certainty = Certainty::Verified;
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
