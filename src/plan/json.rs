//! The plan for other programs: takes a plan, gives JSON of a fixed and versioned shape (described
//! in docs/cli.md), never leaves a key out that the shape promises.

use serde::Serialize;

use crate::finding::Finding;
use crate::graph::Edge;
use crate::source::Source;

use super::fields::FieldChange;
use super::owner::Owner;
use super::types::{Action, Certainty, Plan, PlannedService, Reason, Step};

/// The version of the shape; it grows when a key changes its meaning or goes away.
const VERSION: u32 = 1;

/// A plan in the shape of `plan --format json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanDocument<'p> {
    version: u32,
    environment: &'p str,
    services: Vec<ServiceDocument<'p>>,
    findings: &'p [Finding],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceDocument<'p> {
    name: &'p str,
    wave: u32,
    namespace: &'p str,
    project: &'p str,
    objects: Vec<ObjectDocument<'p>>,
    edges: &'p [Edge],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectDocument<'p> {
    api_version: &'p str,
    kind: &'p str,
    /// Null for cluster-scoped kinds.
    namespace: Option<&'p str>,
    name: &'p str,
    source: &'p Source,
    /// What will be done; only where a cluster was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Action>,
    /// Why; only where a cluster was asked, as all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How sure that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    certainty: Option<Certainty>,
    /// Why it is not surer.
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<String>,
    /// What a write changes in the cluster.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    changes: &'p [FieldChange],
    /// Who else claims it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'p Owner>,
}

impl<'p> PlanDocument<'p> {
    /// Returns the document of a plan.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            version: VERSION,
            environment: &plan.environment,
            services: plan.services.iter().map(service).collect(),
            findings: &plan.findings,
        }
    }
}

fn service(service: &PlannedService) -> ServiceDocument<'_> {
    ServiceDocument {
        name: &service.name,
        wave: service.wave,
        namespace: &service.namespace,
        project: &service.project,
        objects: service.steps.iter().map(object).collect(),
        edges: &service.edges,
    }
}

fn object(step: &Step) -> ObjectDocument<'_> {
    let object = &step.object;
    let asked = step.reason != Reason::NoCluster;
    ObjectDocument {
        api_version: &object.id.api_version,
        kind: &object.id.kind,
        namespace: object.id.namespace.as_deref(),
        name: &object.id.name,
        source: &object.source,
        action: asked.then_some(step.action),
        reason: asked.then(|| step.reason.to_string()),
        certainty: asked.then_some(step.certainty),
        doubt: (asked && step.certainty == Certainty::Computed).then(|| step.doubt.to_string()),
        changes: &step.changes,
        owner: step.owner.as_ref(),
    }
}
