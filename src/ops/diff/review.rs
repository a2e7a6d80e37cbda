//! What a change does, as a value: takes what came of each environment, gives each change once with
//! the names of all environments that it is the same in.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::finding::Severity;
use crate::graph::Milestone;
use crate::plan::FieldChange;
use crate::render::ObjectId;
use crate::source::Source;

use super::environment::Outcome;
use super::gathered;
use super::sides::Sides;

/// The version of the form; it grows when a key changes its meaning or goes away.
const VERSION: u32 = 1;

/// What a change in Git does to environments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    /// The version of this form.
    pub version: u32,
    /// The older state.
    pub from: State,
    /// The newer state.
    pub to: State,
    /// How many paths differ between the two.
    pub changed_paths: usize,
    /// All environments that were looked at.
    pub environments: Vec<EnvironmentChange>,
    /// Services that come and go.
    pub services: Vec<ServiceChange>,
    /// Objects that come, go or change.
    pub objects: Vec<ObjectChange>,
    /// Reasons to wait that come and go.
    pub edges: Vec<EdgeChange>,
    /// Findings that come and go.
    pub findings: Vec<FindingChange>,
    /// What could not be compared.
    pub problems: Vec<SideProblem>,
}

/// A state of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// The revision as it was asked for; absent for the files as they lie there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The commit; for the files as they lie there, the one that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// What becomes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// It was not there before.
    Added,
    /// It is there no more.
    Removed,
    /// It is another.
    Changed,
}

/// What becomes of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Touched {
    /// Nothing changes.
    Same,
    /// Something changes.
    Changed,
    /// It was not there before.
    Added,
    /// It is there no more.
    Removed,
    /// It cannot be compared.
    Unknown,
}

/// One environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentChange {
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub change: Touched,
    /// The services that were rendered on both sides because they might differ.
    pub compared: Vec<String>,
}

/// A service that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceChange {
    /// Its name.
    pub service: String,
    /// Whether it comes or goes.
    pub change: Change,
    /// The environments.
    pub environments: Vec<String>,
}

/// An object that comes, goes or changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectChange {
    /// The service.
    pub service: String,
    /// The object, in its newer version of the API.
    pub object: ObjectId,
    /// What becomes of it.
    pub change: Change,
    /// The fields that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// True where the chart gives something else each time it is rendered.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub random: bool,
    /// Where it stands, or stood.
    pub source: Source,
    /// The environments.
    pub environments: Vec<String>,
}

/// A reason to wait that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EdgeChange {
    /// The service that waits.
    pub service: String,
    /// The service that is waited for.
    pub needs: String,
    /// How far that must have come.
    pub until: Milestone,
    /// Whether it comes or goes.
    pub change: Change,
    /// One piece of evidence.
    pub evidence: String,
    /// The environments.
    pub environments: Vec<String>,
}

/// A finding that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingChange {
    /// How bad it is.
    pub severity: Severity,
    /// Its code.
    pub code: String,
    /// Whether it comes or goes.
    pub change: Change,
    /// The service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What it says.
    pub message: String,
    /// The environments.
    pub environments: Vec<String>,
}

/// Something that could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SideProblem {
    /// The service; absent where it is the environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The side that cannot be rendered: `from`, `to`, or `both`.
    pub side: &'static str,
    /// Why not.
    pub message: String,
    /// The environments.
    pub environments: Vec<String>,
}

impl Review {
    pub(super) fn new(sides: &Sides, outcomes: Vec<Outcome>) -> Self {
        let mut environments = Vec::new();
        let (mut services, mut objects) = (Vec::new(), Vec::new());
        let (mut edges, mut findings, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for outcome in outcomes {
            let name = outcome.environment.name.clone();
            let of = || name.clone();
            services.extend(outcome.services.into_iter().map(|one| (one, of())));
            objects.extend(outcome.objects.into_iter().map(|one| (one, of())));
            edges.extend(outcome.edges.into_iter().map(|one| (one, of())));
            findings.extend(outcome.findings.into_iter().map(|one| (one, of())));
            problems.extend(outcome.problems.into_iter().map(|one| (one, of())));
            environments.push(outcome.environment);
        }
        Self {
            version: VERSION,
            from: sides.from_state.clone(),
            to: sides.to_state.clone(),
            changed_paths: sides.changed.paths.len(),
            environments,
            services: merged(services, |one, environments| ServiceChange {
                environments,
                ..one
            }),
            objects: merged(objects, |one, environments| ObjectChange {
                environments,
                ..one
            }),
            edges: merged(edges, |one, environments| EdgeChange {
                environments,
                ..one
            }),
            findings: merged(findings, |one, environments| FindingChange {
                environments,
                ..one
            }),
            problems: merged(problems, |one, environments| SideProblem {
                environments,
                ..one
            }),
        }
    }

    /// Tells whether the change does nothing to any environment.
    pub fn is_empty(&self) -> bool {
        self.environments
            .iter()
            .all(|environment| environment.change == Touched::Same)
    }

    /// Returns the services that something is said about, sorted.
    pub fn touched_services(&self) -> BTreeSet<&str> {
        let services = self.services.iter().map(|one| one.service.as_str());
        let objects = self.objects.iter().map(|one| one.service.as_str());
        services.chain(objects).collect()
    }
}

fn merged<T: Ord>(items: Vec<(T, String)>, with: impl Fn(T, Vec<String>) -> T) -> Vec<T> {
    let all = gathered(items).into_iter();
    all.map(|(one, environments)| with(one, environments))
        .collect()
}
