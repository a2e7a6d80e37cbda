//! What came of a run: takes nothing, gives changes made so far, failures with their path and the
//! services that they block, never drops the one for the other.

use std::time::Duration;

use serde::Serialize;

use super::event::seconds;
use super::queue::Blocked;
use crate::plan::Action;
use crate::render::ObjectId;

/// One object that a run changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The service.
    pub service: String,
    /// The object.
    pub object: ObjectId,
    /// What was done.
    pub action: Action,
}

/// One thing that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The service.
    pub service: String,
    /// The object, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// One sentence.
    pub reason: String,
    /// Warnings about the object and the last lines of its log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// The API server refused a write.
    Refused,
    /// Another manager owns a field.
    Conflict,
    /// An object is in a state from which it does not recover.
    Broken,
    /// A hook failed.
    Hook,
    /// Nothing moved for as long as the service may stand still.
    Stalled,
    /// The user stopped the run.
    Interrupted,
    /// A defect of this program.
    Internal,
}

/// What came of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ServiceResult {
    /// All its objects are ready.
    Ready,
    /// Something failed.
    Failed,
    /// A service that it waits for failed.
    Blocked,
    /// The run was stopped before it was done.
    Stopped,
}

/// How one service fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceOutcome {
    /// The service.
    pub service: String,
    /// What came of it.
    pub result: ServiceResult,
    /// When it started, since the beginning of the run.
    #[serde(serialize_with = "seconds")]
    pub started: Duration,
    /// How long it took.
    #[serde(serialize_with = "seconds")]
    pub took: Duration,
    /// How many of its objects were written.
    pub written: usize,
    /// How many were as wanted.
    pub unchanged: usize,
    /// The service whose milestone let this one start, the last of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released_by: Option<String>,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The environment.
    pub environment: String,
    /// Every service of the plan, in its order.
    pub services: Vec<ServiceOutcome>,
    /// What was changed, in the order of writing.
    pub changes: Vec<Change>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// What could not start.
    pub blocked: Vec<Blocked>,
    /// True where the user stopped it.
    pub interrupted: bool,
    /// How long it took.
    pub took: Duration,
}

/// The numbers of an outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The environment.
    pub environment: String,
    /// True where all services are ready, and Argo CD took over where it was asked to.
    pub complete: bool,
    /// True where Argo CD owns the platform now.
    pub handed_over: bool,
    /// True where the user stopped it.
    pub interrupted: bool,
    /// How long it took.
    #[serde(serialize_with = "seconds")]
    pub took: Duration,
    /// How many objects were written.
    pub written: usize,
    /// How many objects were as wanted.
    pub unchanged: usize,
    /// How each service fared.
    pub services: Vec<ServiceOutcome>,
    /// The chain of services that took the longest: each was released by the one before.
    pub slowest_path: Vec<String>,
    /// What failed.
    pub failures: Vec<Failure>,
}

impl Outcome {
    /// Tells whether every service is ready.
    pub fn complete(&self) -> bool {
        self.services
            .iter()
            .all(|service| service.result == ServiceResult::Ready)
    }

    /// Returns the numbers.
    pub fn summary(&self) -> Summary {
        Summary {
            environment: self.environment.clone(),
            complete: self.complete(),
            handed_over: false,
            interrupted: self.interrupted,
            took: self.took,
            written: self.changes.len(),
            unchanged: self.services.iter().map(|service| service.unchanged).sum(),
            services: self.services.clone(),
            slowest_path: slowest_path(&self.services),
            failures: self.failures.clone(),
        }
    }
}

/// Follows the service that ended last back to the one that could start at once.
fn slowest_path(services: &[ServiceOutcome]) -> Vec<String> {
    let mut path = Vec::new();
    let mut current = services
        .iter()
        .max_by_key(|service| service.started + service.took);
    while let Some(service) = current {
        if path.contains(&service.service) {
            break;
        }
        path.push(service.service.clone());
        current = service
            .released_by
            .as_ref()
            .and_then(|name| services.iter().find(|service| service.service == *name));
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, started: u64, took: u64, released_by: Option<&str>) -> ServiceOutcome {
        ServiceOutcome {
            service: name.into(),
            result: ServiceResult::Ready,
            started: Duration::from_secs(started),
            took: Duration::from_secs(took),
            written: 0,
            unchanged: 0,
            released_by: released_by.map(str::to_owned),
        }
    }

    #[test]
    fn the_slowest_path_leads_from_the_start_to_the_last_end() {
        let services = [
            service("a", 0, 5, None),
            service("b", 0, 2, None),
            service("c", 5, 3, Some("a")),
            service("d", 2, 1, Some("b")),
        ];
        assert_eq!(slowest_path(&services), ["a", "c"]);
    }
}
