//! Actions from a plan and a snapshot.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::plan::Handover;
use crate::render::{HookDeletePolicy, Object, ObjectId};
use crate::source::Source;

fn step(kind: &str, name: &str, hook: bool) -> Step {
    let api_version = if kind == "Job" { "batch/v1" } else { "v1" };
    Step {
        object: Object {
            id: ObjectId {
                api_version: api_version.into(),
                kind: kind.into(),
                namespace: Some("a".into()),
                name: name.into(),
            },
            manifest: json!({"apiVersion": api_version, "kind": kind,
                "metadata": {"name": name, "namespace": "a"}, "data": {"x": "1"}}),
            source: Source::file("x"),
            phase: if hook { Phase::PreSync } else { Phase::Sync },
            hook,
            hook_delete_policies: if hook {
                vec![HookDeletePolicy::HookSucceeded]
            } else {
                vec![]
            },
            sync_wave: 0,
            tracking: crate::render::Tracking::default(),
        },
        action: if hook { Action::Run } else { Action::Create },
        reason: Reason::NoCluster,
        certainty: Certainty::Computed,
        doubt: Doubt::NoCluster,
        changes: Vec::new(),
        owner: None,
    }
}

fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        environment: "test".into(),
        services: vec![PlannedService {
            name: "a".into(),
            wave: 0,
            namespace: "a".into(),
            project: "default".into(),
            steps,
            edges: Vec::new(),
            stall_timeout: Duration::from_secs(1),
        }],
        findings: Vec::new(),
        handover: Handover {
            namespace: "argocd".into(),
            root: Value::Null,
            projects: Vec::new(),
            applications: Vec::new(),
            others: Vec::new(),
            tracking: crate::render::TrackingSettings::default(),
            parents: std::collections::BTreeMap::new(),
        },
    }
}

fn actions(plan: &Plan) -> Vec<(Action, Reason)> {
    let steps = plan.services.iter().flat_map(|service| &service.steps);
    steps
        .map(|step| (step.action, step.reason.clone()))
        .collect()
}

fn live(name: &str, x: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "a", "managedFields": [
        {"manager": "us", "operation": "Apply", "apiVersion": "v1",
         "fieldsV1": {"f:data": {"f:x": {}}}}]}, "data": {"x": x}})
}

#[test]
fn absent_equal_and_different_objects() {
    let mut snapshot = Snapshot::default();
    snapshot.insert("v1", "ConfigMap", live("equal", "1"));
    snapshot.insert("v1", "ConfigMap", live("other", "2"));
    snapshot.without_kind("v1", "Thing");
    let plan = plan(vec![
        step("ConfigMap", "absent", false),
        step("ConfigMap", "equal", false),
        step("ConfigMap", "other", false),
        step("Thing", "unknown", false),
    ]);
    assert_eq!(
        actions(&compare(plan, &snapshot, "us")),
        [
            (Action::Create, Reason::Absent),
            (Action::Keep, Reason::Equal),
            (Action::Change, Reason::Differs(vec!["/data/x".into()])),
            (Action::Create, Reason::KindAbsent),
        ]
    );
}

#[test]
fn a_hook_is_done_by_the_journal_or_by_its_job() {
    let job = step("Job", "migrate", true);
    let account = step("ServiceAccount", "migrate", true);
    let mut snapshot = Snapshot::default();
    snapshot.insert(
        "batch/v1",
        "Job",
        json!({"metadata": {"name": "migrate", "namespace": "a",
            "annotations": {DIGEST_ANNOTATION: digest(&job.object.manifest)}},
            "status": {"conditions": [{"type": "Complete", "status": "True"}]}}),
    );
    let plan = plan(vec![account.clone(), job]);
    // The account's end is not recorded: all hooks of the phase run.
    let run = (Action::Run, Reason::HookNew);
    assert_eq!(
        actions(&compare(plan.clone(), &snapshot, "us")),
        [run.clone(), run]
    );

    let key = journal_key(&account.object);
    let entry = digest(&account.object.manifest);
    snapshot.insert(
        "v1",
        "ConfigMap",
        json!({"metadata": {"name": "firstlight-hooks-a", "namespace": "a"}, "data": {key: entry}}),
    );
    let done = (Action::Keep, Reason::HookDone);
    assert_eq!(
        actions(&compare(plan, &snapshot, "us")),
        [done.clone(), done]
    );
}

#[test]
fn a_dry_run_without_effect_keeps_the_object() {
    let mut step = step("ConfigMap", "a", false);
    step.action = Action::Change;
    let before = live("a", "1");
    let mut answer = before.clone();
    answer["metadata"]["resourceVersion"] = json!("7");
    answer["metadata"]["managedFields"][0]["time"] = json!("2026-01-01T00:00:00Z");
    settle(&mut step, &before, &answer);
    assert_eq!(
        (step.action, step.certainty),
        (Action::Keep, Certainty::Verified)
    );

    answer["data"]["x"] = json!("2");
    step.action = Action::Change;
    settle(&mut step, &before, &answer);
    assert_eq!(step.action, Action::Change);
}
