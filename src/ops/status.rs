//! What a cluster holds of an environment: takes a comparison of its plan with a cluster, gives for
//! each service what is there, what differs and what is not ready; never writes.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::against::{Comparison, against};
use crate::apply::readiness::{self, Verdict};
use crate::cluster::{Cluster, Identity, SnapshotError};
use crate::handover::{ApplicationState, judge};
use crate::plan::{Action, Plan, PlannedService, Reason, Snapshot, Step};
use crate::render::ObjectId;

/// What a cluster holds of an environment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The version of this form.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// The cluster.
    pub cluster: Identity,
    /// The services in the order of the plan.
    pub services: Vec<ServiceStatus>,
    /// What Argo CD says of the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<ApplicationState>,
}

/// What a cluster holds of one service.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceStatus {
    /// Its name.
    pub name: String,
    /// Its wave.
    pub wave: u32,
    /// The sum of it.
    pub state: ServiceState,
    /// How many objects it has, hooks left out.
    pub objects: usize,
    /// The objects that are not there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<ObjectId>,
    /// The objects that differ, with the fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differing: Vec<Differing>,
    /// The objects that are not ready, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unready: Vec<Unready>,
    /// What Argo CD says of its Application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationState>,
}

/// An object that differs from the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Differing {
    /// The object.
    pub object: ObjectId,
    /// The fields, as JSON pointers.
    pub fields: Vec<String>,
}

/// An object that is not ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unready {
    /// The object.
    pub object: ObjectId,
    /// What it lacks.
    pub why: String,
    /// True where it will not become ready by itself.
    pub failed: bool,
}

/// The sum of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ServiceState {
    /// All is there, as planned, and ready.
    Ready,
    /// All is there and ready, but some differ from the plan.
    Differs,
    /// Something is not ready yet.
    Progressing,
    /// Something will not become ready by itself.
    Failed,
    /// Some objects are not there.
    Incomplete,
    /// Nothing of it is there.
    Absent,
}

impl Status {
    /// Tells whether all services are ready, and Argo CD, where it has a word, agrees.
    pub fn is_well(&self) -> bool {
        self.services.iter().all(|service| {
            service.state == ServiceState::Ready
                && service
                    .application
                    .as_ref()
                    .is_none_or(ApplicationState::is_well)
        })
    }
}

/// Looks at a cluster.
pub async fn status(
    cluster: &Cluster,
    identity: Identity,
    plan: Plan,
) -> Result<Status, SnapshotError> {
    let needed: BTreeSet<(String, String)> = [
        ("v1", "Pod"),
        ("discovery.k8s.io/v1", "EndpointSlice"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("argoproj.io/v1alpha1", "Application"),
    ]
    .into_iter()
    .map(|(api_version, kind)| (api_version.to_owned(), kind.to_owned()))
    .collect();
    let (comparison, beside) = tokio::join!(against(cluster, plan), cluster.snapshot(&needed));
    let (comparison, beside) = (comparison?, beside?);
    Ok(sum(&comparison, &beside, identity))
}

fn sum(comparison: &Comparison, beside: &Snapshot, identity: Identity) -> Status {
    let plan = &comparison.plan;
    let application = |name: &str| {
        let id = ObjectId {
            api_version: "argoproj.io/v1alpha1".to_owned(),
            kind: "Application".to_owned(),
            namespace: Some(plan.handover.namespace.clone()),
            name: name.to_owned(),
        };
        beside.get(&id).map(judge)
    };
    let services = plan
        .services
        .iter()
        .map(|service| {
            let mut status = service_status(service, &comparison.snapshot, beside);
            status.application = application(&service.name);
            status
        })
        .collect();
    let root = plan
        .handover
        .root
        .pointer("/metadata/name")
        .and_then(Value::as_str);
    Status {
        version: 1,
        environment: plan.environment.clone(),
        cluster: identity,
        services,
        root: root.and_then(application),
    }
}

fn service_status(
    service: &PlannedService,
    snapshot: &Snapshot,
    beside: &Snapshot,
) -> ServiceStatus {
    let steps: Vec<&Step> = service
        .steps
        .iter()
        .filter(|step| !step.object.hook)
        .collect();
    let mut status = ServiceStatus {
        name: service.name.clone(),
        wave: service.wave,
        state: ServiceState::Ready,
        objects: steps.len(),
        absent: Vec::new(),
        differing: Vec::new(),
        unready: Vec::new(),
        application: None,
    };
    for step in &steps {
        let id = &step.object.id;
        let Some(live) = snapshot.get(id) else {
            status.absent.push(id.clone());
            continue;
        };
        if matches!(step.action, Action::Change | Action::Recreate) {
            let fields = match &step.reason {
                Reason::Differs(fields) | Reason::Immutable(fields) => fields.clone(),
                _ => Vec::new(),
            };
            status.differing.push(Differing {
                object: id.clone(),
                fields,
            });
        }
        if let Some((why, failed)) = lack(id, live, beside) {
            status.unready.push(Unready {
                object: id.clone(),
                why,
                failed,
            });
        }
    }
    status.state = if !steps.is_empty() && status.absent.len() == steps.len() {
        ServiceState::Absent
    } else if !status.absent.is_empty() {
        ServiceState::Incomplete
    } else if status.unready.iter().any(|unready| unready.failed) {
        ServiceState::Failed
    } else if !status.unready.is_empty() {
        ServiceState::Progressing
    } else if !status.differing.is_empty() {
        ServiceState::Differs
    } else {
        ServiceState::Ready
    };
    status
}

/// Returns what an object lacks, and whether that is final.
fn lack(id: &ObjectId, live: &Value, beside: &Snapshot) -> Option<(String, bool)> {
    if !readiness::has_state(id) {
        return None;
    }
    let mut verdict = readiness::verdict(id, live, 0);
    if id.group() == "admissionregistration.k8s.io" {
        verdict = readiness::webhooks(live, &|namespace, name| {
            beside
                .of_kind("discovery.k8s.io", "EndpointSlice")
                .any(|slice| readiness::is_ready_endpoint_of(slice, namespace, name))
        });
    }
    let (why, failed) = match verdict {
        Verdict::Ready => return None,
        Verdict::Progressing(why) => (why, false),
        Verdict::Failed(why) => (why, true),
    };
    if id.group_kind() == ("", "PersistentVolumeClaim") && !failed {
        let mut classes = beside.of_kind("storage.k8s.io", "StorageClass");
        let class = match live
            .pointer("/spec/storageClassName")
            .and_then(Value::as_str)
        {
            Some(name) => classes.find(|class| class["metadata"]["name"] == name),
            None => classes.find(|class| readiness::is_default_storage_class(class)),
        };
        if class.is_some_and(readiness::binds_late) {
            return None;
        }
    }
    if readiness::has_pods(id) {
        let pods = beside
            .of_kind("", "Pod")
            .filter(|pod| readiness::is_pod_of(pod, live));
        if let Some(trouble) = readiness::trouble(pods) {
            return Some((trouble.why, failed || trouble.final_after.is_some()));
        }
    }
    Some((why, failed))
}
