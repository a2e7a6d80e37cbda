//! The plan as a value: what will be written, in which order, and why.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::finding::Finding;
use crate::graph::Edge;
use crate::render::{Object, TrackingSettings};

use super::fields::FieldChange;
use super::owner::Owner;

/// Everything that one installation will do, computed before its first write.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The environment's name.
    pub environment: String,
    /// The environment's services in order of wave, then name.
    pub services: Vec<PlannedService>,
    /// What was found out on the way.
    pub findings: Vec<Finding>,
    /// What makes Argo CD the owner afterwards.
    pub handover: Handover,
}

/// One service of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedService {
    /// The name of its Application.
    pub name: String,
    /// Its topological generation, from 0.
    pub wave: u32,
    /// The namespace that it is installed into.
    pub namespace: String,
    /// The `AppProject`.
    pub project: String,
    /// Its objects in the order of their writing.
    pub steps: Vec<Step>,
    /// Why it waits for others.
    pub edges: Vec<Edge>,
    /// How long it may stand still, without any progress, before the run gives it up.
    pub stall_timeout: Duration,
}

/// One write.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The object, already stamped with Argo CD's tracking annotation.
    pub object: Object,
    /// What will be done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// How sure that is.
    pub certainty: Certainty,
    /// Why it is not surer.
    pub doubt: Doubt,
    /// What a write would change in the live object; secrets are masked.
    pub changes: Vec<FieldChange>,
    /// Who else claims the live object.
    pub owner: Option<Owner>,
}

/// What will be done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It is not there, or the plan was made without a cluster.
    Create,
    /// It is there and differs.
    Change,
    /// It is there, and differs where nothing may change: only one that is deleted and created again
    /// would be as wanted. An installation does not do so by itself.
    Recreate,
    /// It is there and equal.
    Keep,
    /// A hook: it runs unless it already ran with this content.
    Run,
}

/// Why an action was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The plan was made without a cluster: an empty one is assumed.
    NoCluster,
    /// The cluster has no such object.
    Absent,
    /// The cluster has no such kind yet; a service of this plan brings it.
    KindAbsent,
    /// These fields differ, as JSON pointers.
    Differs(Vec<String>),
    /// These fields differ and can never change.
    Immutable(Vec<String>),
    /// A dry run of the write changes nothing.
    Equal,
    /// A hook that did not run with this content.
    HookNew,
    /// A hook that ran to its end with this content.
    HookDone,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCluster => formatter.write_str("no cluster was asked"),
            Self::Absent => formatter.write_str("is not there"),
            Self::KindAbsent => formatter.write_str("its kind is not there yet"),
            Self::Differs(fields) if fields.iter().all(|it| it == "/metadata/managedFields") => {
                formatter.write_str("was written by others")
            }
            Self::Differs(fields) => write!(formatter, "differs at {}", fields.join(", ")),
            Self::Immutable(fields) => {
                write!(
                    formatter,
                    "differs where nothing may change: {}",
                    fields.join(", ")
                )
            }
            Self::Equal => formatter.write_str("is as wanted"),
            Self::HookNew => formatter.write_str("has not run with this content"),
            Self::HookDone => formatter.write_str("has run with this content"),
        }
    }
}

/// Why an action is only computed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Doubt {
    /// No cluster was asked.
    #[default]
    NoCluster,
    /// It was compared with the live object, and needs no write of which the API server could be
    /// asked.
    Compared,
    /// The cluster does not know its kind yet.
    KindAbsent,
    /// Its namespace is not there yet.
    NamespaceAbsent,
    /// Hooks are not tried: what they do is not in their manifests.
    Hook,
    /// The API server gave no answer that settles it.
    Answer(String),
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCluster => formatter.write_str("no cluster was asked"),
            Self::Compared => formatter.write_str("compared with the live object"),
            Self::KindAbsent => formatter.write_str("the cluster does not know its kind yet"),
            Self::NamespaceAbsent => formatter.write_str("its namespace is not there yet"),
            Self::Hook => formatter.write_str("hooks cannot be tried"),
            Self::Answer(answer) => write!(formatter, "the API server answered: {answer}"),
        }
    }
}

/// How sure an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Certainty {
    /// The API server answered a dry run of this write.
    Verified,
    /// Computed here: no cluster was asked, or its kind is not there yet.
    Computed,
}

/// What makes Argo CD the owner.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// The namespace of Argo CD's Applications.
    pub namespace: String,
    /// The root Application: the parent of all others, a JSON manifest.
    pub root: Value,
    /// The AppProjects, JSON manifests as the root renders them.
    pub projects: Vec<Value>,
    /// The Applications, JSON manifests as the root renders them.
    pub applications: Vec<Value>,
    /// Other objects that the root renders.
    pub others: Vec<Object>,
    /// How Argo CD marks objects as an Application's.
    pub tracking: TrackingSettings,
    /// Which Application keeps one of these objects, by `KIND/NAME`, where it is not the root.
    pub parents: BTreeMap<String, String>,
}
