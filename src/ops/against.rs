//! A plan against a cluster: takes an offline plan and a connected cluster, gives the plan with
//! actions that fit what is there, never writes.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};

use crate::cluster::{AccessRule, ApiError, Apply, Cluster, Denied, FIELD_MANAGER, SnapshotError};
use crate::handover;
use crate::plan::{self, Action, Certainty, Doubt, Plan, Reason, Snapshot, Step};
use crate::render::ObjectId;

/// How many dry runs are under way at once.
const WIDTH: usize = 16;

/// A plan that knows what the cluster holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The plan with its actions.
    pub plan: Plan,
    /// What the cluster holds.
    pub snapshot: Snapshot,
    /// The objects of the handover that are not as wanted.
    pub handover: Vec<ObjectId>,
    /// The writes that the API server would refuse.
    pub refused: Vec<RefusedWrite>,
}

/// A write that the API server's dry run refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedWrite {
    /// The service.
    pub service: String,
    /// The object.
    pub object: ObjectId,
    /// Why: the owner and the fields of a conflict, or what is not valid.
    pub reason: String,
}

impl std::fmt::Display for RefusedWrite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}, {}: {}",
            self.service, self.object, self.reason
        )
    }
}

impl Comparison {
    /// Counts the steps by action.
    pub fn counts(&self) -> BTreeMap<Action, usize> {
        let mut counts = BTreeMap::new();
        for step in self.plan.services.iter().flat_map(|service| &service.steps) {
            *counts.entry(step.action).or_default() += 1;
        }
        counts
    }

    /// Tells whether there is nothing to write.
    pub fn is_settled(&self) -> bool {
        self.handover.is_empty() && self.counts().keys().all(|action| *action == Action::Keep)
    }
}

/// Which writes the API server is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Those that change what is there.
    Changes,
    /// Those that create something, too, where they can be tried.
    Everything,
}

/// Compares a plan with a cluster: one list for each kind, then a dry run for each object that
/// seems to differ.
pub async fn against(cluster: &Cluster, plan: Plan) -> Result<Comparison, SnapshotError> {
    against_with(cluster, plan, Asking::Changes).await
}

/// Compares a plan with a cluster, and asks the API server about as many writes as are meant.
pub async fn against_with(
    cluster: &Cluster,
    plan: Plan,
    asking: Asking,
) -> Result<Comparison, SnapshotError> {
    let snapshot = cluster.snapshot(&kinds(&plan)).await?;
    let mut plan = plan::compare(plan, &snapshot, FIELD_MANAGER);
    let mut open: Vec<(&str, &mut Step)> = Vec::new();
    for service in &mut plan.services {
        let steps = service.steps.iter_mut().filter(|step| match step.action {
            Action::Change | Action::Recreate => true,
            Action::Create => {
                asking == Asking::Everything
                    && step.reason == Reason::Absent
                    && has_namespace(&snapshot, &step.object.id)
            }
            Action::Keep | Action::Run => false,
        });
        open.extend(steps.map(|step| (service.name.as_str(), step)));
    }
    let checks = open
        .into_iter()
        .map(|(service, step)| settle(cluster, &snapshot, service, step));
    let refused: Vec<Option<RefusedWrite>> = stream::iter(checks).buffered(WIDTH).collect().await;
    let refused = refused.into_iter().flatten().collect();
    let handover = handover::pending(&plan.handover, &snapshot);
    Ok(Comparison {
        plan,
        snapshot,
        handover,
        refused,
    })
}

/// Asks the API server whether the write would change anything, and whether it would be refused.
/// Where the answer may be another one later, the computed action stays: the write will tell.
async fn settle(
    cluster: &Cluster,
    snapshot: &Snapshot,
    service: &str,
    step: &mut Step,
) -> Option<RefusedWrite> {
    let id = step.object.id.clone();
    let live = snapshot.get(&id);
    let options = Apply {
        dry_run: true,
        ..Apply::default()
    };
    match cluster.apply(&id, &step.object.manifest, options).await {
        Ok(answer) => {
            match live {
                Some(live) => plan::settle(step, live, &answer),
                None => plan::settle_created(step),
            }
            None
        }
        Err(error) if error.code() == Some(422) || !error.field_conflicts().is_empty() => {
            let reason = crate::apply::refusal_words(&error);
            step.certainty = Certainty::Verified;
            let fixed = immutable_fields(&error);
            if live.is_some() && !fixed.is_empty() {
                step.action = Action::Recreate;
                step.reason = Reason::Immutable(fixed);
            }
            Some(RefusedWrite {
                service: service.to_owned(),
                object: id,
                reason,
            })
        }
        Err(error) => {
            let words =
                crate::cluster::mask_secret_values(&step.object.manifest, &error.to_string());
            step.doubt = Doubt::Answer(words);
            None
        }
    }
}

/// Returns the fields that a refusal calls immutable.
fn immutable_fields(error: &ApiError) -> Vec<String> {
    let ApiError::Refused(refusal) = error else {
        return Vec::new();
    };
    let says =
        |text: &str| text.contains("immutable") || text.contains("updates to statefulset spec");
    let causes = refusal.causes.iter().filter(|cause| says(&cause.message));
    let mut fields: Vec<String> = causes.map(|cause| cause.field.clone()).collect();
    if fields.is_empty() && says(&refusal.message) {
        fields.push("a field that the API server names".to_owned());
    }
    fields.sort();
    fields.dedup();
    fields
}

/// Tells whether an object's namespace is there: without it nothing in it can be tried.
fn has_namespace(snapshot: &Snapshot, id: &ObjectId) -> bool {
    let Some(namespace) = &id.namespace else {
        return true;
    };
    snapshot
        .get(&ObjectId {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: namespace.clone(),
        })
        .is_some()
}

/// The kinds that a plan writes, and those that its comparison needs.
fn kinds(plan: &Plan) -> BTreeSet<(String, String)> {
    let mut kinds: BTreeSet<(String, String)> = plan
        .services
        .iter()
        .flat_map(|service| &service.steps)
        .map(|step| {
            (
                step.object.id.api_version.clone(),
                step.object.id.kind.clone(),
            )
        })
        .collect();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    for manifest in plan
        .handover
        .projects
        .iter()
        .chain(&plan.handover.applications)
    {
        kinds.insert((text(&manifest["apiVersion"]), text(&manifest["kind"])));
    }
    for object in &plan.handover.others {
        kinds.insert((object.id.api_version.clone(), object.id.kind.clone()));
    }
    // Where objects can be tried, and the journals of hooks.
    kinds.insert(("v1".to_owned(), "Namespace".to_owned()));
    kinds.insert(("v1".to_owned(), "ConfigMap".to_owned()));
    kinds
}

/// Returns the permissions that the user lacks for the writes of a plan. Kinds that the cluster
/// does not know yet cannot be asked about.
pub async fn denied(cluster: &Cluster, comparison: &Comparison) -> Result<Vec<Denied>, ApiError> {
    let discovery = cluster.discovery();
    let mut rules: BTreeSet<AccessRule> = BTreeSet::new();
    for step in comparison
        .plan
        .services
        .iter()
        .flat_map(|service| &service.steps)
    {
        let id = &step.object.id;
        let Some(resource) = discovery.get(&id.api_version, &id.kind) else {
            continue;
        };
        let rule = |verb| AccessRule {
            group: id.group().to_owned(),
            resource: resource.plural.clone(),
            namespace: id.namespace.clone(),
            verb,
        };
        match step.action {
            Action::Keep => {}
            Action::Change | Action::Recreate => {
                rules.insert(rule("patch"));
            }
            Action::Create | Action::Run => {
                rules.insert(rule("create"));
                rules.insert(rule("patch"));
            }
        }
        if crate::apply::readiness::has_state(id) {
            rules.insert(AccessRule {
                namespace: None,
                ..rule("watch")
            });
        }
    }
    let rules: Vec<AccessRule> = rules.into_iter().collect();
    cluster.denied(&rules).await
}
