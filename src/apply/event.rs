//! What a run tells while it runs: takes nothing, gives typed events that every sink consumes
//! alike, never words for the terminal.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::outcome::{Failure, Summary};
use crate::cluster::Identity;
use crate::graph::{Edge, Milestone};
use crate::plan::Action;
use crate::render::ObjectId;

/// Where events go. Stages know no sink.
pub type Emitter = Arc<dyn Fn(Event) + Send + Sync>;

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Event {
    /// The run begins.
    RunStarted {
        /// The environment.
        environment: String,
        /// The cluster.
        cluster: Identity,
        /// The services, in the order of the plan.
        services: Vec<ServiceOutline>,
    },
    /// All edges of a service are met and it begins.
    ServiceStarted {
        /// The service.
        service: String,
    },
    /// A service reached a milestone.
    ServiceReached {
        /// The service.
        service: String,
        /// The milestone.
        milestone: Milestone,
    },
    /// A service is done.
    ServiceReady {
        /// The service.
        service: String,
        /// How long it took since it started.
        #[serde(serialize_with = "seconds")]
        took: Duration,
    },
    /// A service failed; others go on.
    ServiceFailed {
        /// The service.
        service: String,
        /// What failed in it.
        failures: Vec<Failure>,
    },
    /// A service will not start, since one that it waits for failed.
    ServiceBlocked {
        /// The service.
        service: String,
        /// The service that failed.
        blocker: String,
        /// The edge over which it is blocked.
        edge: Edge,
    },
    /// An object was written.
    ObjectApplied {
        /// The service.
        service: String,
        /// The object.
        object: ObjectId,
        /// What was done with it.
        action: Action,
    },
    /// An object is as wanted and was not written.
    ObjectUnchanged {
        /// The service.
        service: String,
        /// The object.
        object: ObjectId,
    },
    /// An object was deleted.
    ObjectDeleted {
        /// The service.
        service: String,
        /// The object.
        object: ObjectId,
    },
    /// An object is waited for, or waited for with a new reason.
    ObjectWaiting {
        /// The service.
        service: String,
        /// The object.
        object: ObjectId,
        /// What it lacks.
        why: String,
    },
    /// An object that was waited for is ready.
    ObjectReady {
        /// The service.
        service: String,
        /// The object.
        object: ObjectId,
    },
    /// A request failed in a way that passes by itself and is tried again.
    Retry {
        /// The service.
        service: String,
        /// The object.
        object: ObjectId,
        /// Why, in a few words.
        why: String,
        /// What the API server said.
        message: String,
        /// The number of the failed attempt, from 1.
        attempt: u32,
        /// How long until the next.
        #[serde(serialize_with = "seconds")]
        wait: Duration,
    },
    /// A hook begins.
    HookStarted {
        /// The service.
        service: String,
        /// The hook's object.
        object: ObjectId,
    },
    /// A hook ended well.
    HookSucceeded {
        /// The service.
        service: String,
        /// The hook's object.
        object: ObjectId,
    },
    /// The handover to Argo CD begins.
    HandoverStarted {
        /// The Applications.
        applications: Vec<String>,
    },
    /// An object of the handover was written.
    HandoverApplied {
        /// The object.
        object: ObjectId,
    },
    /// Argo CD is waited for.
    ApplicationWaiting {
        /// The Application.
        application: String,
        /// What it lacks.
        why: String,
    },
    /// Argo CD finds an Application as it should be.
    ApplicationReady {
        /// The Application.
        application: String,
    },
    /// The handover is over.
    HandoverFinished {
        /// Why it is not complete, where it is not.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The Applications that are not as they should be.
        open: Vec<OpenApplication>,
    },
    /// The user asked to stop: nothing new starts.
    Stopping,
    /// The run is over.
    Finished {
        /// What came of it.
        summary: Summary,
    },
}

/// An Application that Argo CD does not find as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenApplication {
    /// Its name.
    pub application: String,
    /// What it lacks.
    pub why: String,
    /// The objects that differ, one sentence each.
    pub differences: Vec<String>,
}

/// What a sink must know of a service before it starts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceOutline {
    /// Its name.
    pub name: String,
    /// Its topological generation.
    pub wave: u32,
    /// How many objects it has.
    pub objects: usize,
    /// What it waits for.
    pub edges: Vec<Edge>,
}

/// Writes a duration as seconds with fractions.
pub(crate) fn seconds<S: serde::Serializer>(
    duration: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    // Milliseconds suffice and keep the lines short.
    serializer.serialize_f64((duration.as_secs_f64() * 1000.0).round() / 1000.0)
}
