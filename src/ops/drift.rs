//! Live drift: takes the plan of an environment and its cluster, gives what is there otherwise than
//! Git has it, and what is there that Git does not have any more; never writes.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use serde::Serialize;
use serde_json::Value;

use crate::cluster::{Cluster, Identity, SnapshotError};
use crate::plan::{Action, Certainty, FieldChange, Owner, Plan, Step, application_of};
use crate::render::{ObjectId, TrackingSettings};

use super::against::{Asking, Comparison, RefusedWrite, against_with};

/// How many lists are under way at once.
const WIDTH: usize = 16;

/// Kinds that nobody keeps in Git, or that others make of what is.
const PASSING: &[&str] = &[
    "Event",
    "Lease",
    "Endpoints",
    "EndpointSlice",
    "ControllerRevision",
    "Pod",
    "ReplicaSet",
    "PodMetrics",
    "NodeMetrics",
];

/// What is in a cluster otherwise than in Git.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// The version of this form.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// The cluster.
    pub cluster: Identity,
    /// How many objects are as Git has them.
    pub same: usize,
    /// The objects that are not.
    pub objects: Vec<DriftedObject>,
    /// Objects that Git does not have any more.
    pub left: Vec<LeftObject>,
    /// Writes that the API server would refuse.
    #[serde(skip)]
    pub refused: Vec<RefusedWrite>,
    /// Kinds that could not be looked through for objects that Git does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// An object that is not as Git has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DriftedObject {
    /// The service.
    pub service: String,
    /// The object.
    pub object: ObjectId,
    /// What would bring it back: create, change, recreate, run.
    pub action: Action,
    /// Why.
    pub reason: String,
    /// What of it differs: what is live as the old value, what Git has as the new one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// How sure that is.
    pub certainty: Certainty,
    /// Who else claims it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
}

/// An object that Git does not have any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftObject {
    /// The Application that it is marked as being of.
    pub application: String,
    /// Whether the environment has that Application.
    pub has_application: bool,
    /// The object.
    pub object: ObjectId,
}

impl Drift {
    /// Tells whether the cluster is as Git has it.
    pub fn is_none(&self) -> bool {
        self.objects.is_empty() && self.left.is_empty()
    }
}

/// Compares an environment with its cluster.
pub async fn drift(
    cluster: &Cluster,
    identity: Identity,
    plan: Plan,
) -> Result<Drift, SnapshotError> {
    let comparison = against_with(cluster, plan, Asking::Everything).await?;
    let (live, unread) = everything(cluster, &comparison).await;
    let left = left(&comparison.plan, &live);
    Ok(of(comparison, identity, left, unread))
}

fn of(
    comparison: Comparison,
    identity: Identity,
    left: Vec<LeftObject>,
    unread: Vec<String>,
) -> Drift {
    let drifted = |service: &str, step: &Step| DriftedObject {
        service: service.to_owned(),
        object: step.object.id.clone(),
        action: step.action,
        reason: step.reason.to_string(),
        changes: step.changes.clone(),
        certainty: step.certainty,
        owner: step.owner.clone(),
    };
    let (mut objects, mut same) = (Vec::new(), 0);
    for service in &comparison.plan.services {
        for step in &service.steps {
            // A hook that is to run again is no drift: it is gone when it is done.
            match step.action {
                Action::Keep => same += 1,
                Action::Run => {}
                _ => objects.push(drifted(&service.name, step)),
            }
        }
    }
    Drift {
        version: 1,
        environment: comparison.plan.environment,
        cluster: identity,
        same,
        objects,
        left,
        refused: comparison.refused,
        unread,
    }
}

/// Lists the objects of all kinds that the plan's snapshot does not have, once for each kind.
async fn everything(cluster: &Cluster, comparison: &Comparison) -> (Vec<Value>, Vec<String>) {
    let discovery = cluster.discovery();
    // The preferred version comes last where a kind is served in several: any of them will do.
    let kinds: BTreeMap<(String, String), String> = (discovery.kinds())
        .filter(|resource| resource.watchable && !PASSING.contains(&&*resource.kind))
        .map(|resource| {
            let group = resource
                .api_version
                .split_once('/')
                .map_or("", |(group, _)| group);
            let key = (group.to_owned(), resource.kind.clone());
            (key, resource.api_version.clone())
        })
        .collect();
    let known = comparison.snapshot.kinds();
    let open = kinds.into_iter().filter(|(key, _)| !known.contains(key));
    let lists = open.map(|((_, kind), api_version)| async move {
        let listed = cluster.list(&api_version, &kind).await;
        (kind, listed)
    });
    let mut live: Vec<Value> = comparison.snapshot.all().collect();
    let mut unread = Vec::new();
    let answers: Vec<_> = stream::iter(lists).buffered(WIDTH).collect().await;
    for (kind, answer) in answers {
        match answer {
            Ok(objects) => live.extend(objects),
            Err(_) => unread.push(kind),
        }
    }
    (live, unread)
}

/// Returns the objects that are marked as an Application's and that the plan does not have.
fn left(plan: &Plan, live: &[Value]) -> Vec<LeftObject> {
    let tracking: &TrackingSettings = &plan.handover.tracking;
    let name_of = |manifest: &Value| manifest["metadata"]["name"].as_str().map(str::to_owned);
    let mut applications: BTreeSet<String> = plan
        .services
        .iter()
        .map(|service| service.name.clone())
        .collect();
    applications.extend(plan.handover.applications.iter().filter_map(name_of));
    applications.extend(name_of(&plan.handover.root));
    let key = |id: &ObjectId| {
        let (group, kind) = id.group_kind();
        (
            group.to_owned(),
            kind.to_owned(),
            id.namespace.clone(),
            id.name.clone(),
        )
    };
    let steps = plan.services.iter().flat_map(|service| &service.steps);
    let mut planned: BTreeSet<_> = steps.map(|step| key(&step.object.id)).collect();
    planned.extend(plan.handover.others.iter().map(|object| key(&object.id)));
    let handover = plan
        .handover
        .projects
        .iter()
        .chain(&plan.handover.applications);
    planned.extend(
        handover
            .chain(std::iter::once(&plan.handover.root))
            .map(|manifest| key(&identity(manifest))),
    );
    let mut left: Vec<LeftObject> = live
        .iter()
        .filter(|live| !is_made_of_another(live))
        .filter_map(|live| {
            let application = application_of(live, tracking)?;
            let object = identity(live);
            (!planned.contains(&key(&object))).then(|| LeftObject {
                application: application.to_owned(),
                has_application: applications.contains(application),
                object,
            })
        })
        .collect();
    left.sort();
    left
}

fn identity(live: &Value) -> ObjectId {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    ObjectId {
        api_version: text(&live["apiVersion"]).unwrap_or_default(),
        kind: text(&live["kind"]).unwrap_or_default(),
        namespace: text(&live["metadata"]["namespace"]),
        name: text(&live["metadata"]["name"]).unwrap_or_default(),
    }
}

/// Tells whether a controller made an object of another one, annotations copied, or a hook left it.
fn is_made_of_another(live: &Value) -> bool {
    let metadata = &live["metadata"];
    let owners = metadata["ownerReferences"].as_array();
    let annotation = |key: &str| metadata["annotations"][key].is_string();
    owners.is_some_and(|owners| !owners.is_empty())
        || annotation("argocd.argoproj.io/hook")
        || annotation("helm.sh/hook")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(kind: &str, name: &str, application: &str) -> Value {
        let id = format!("{application}:/{kind}:a/{name}");
        json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "a",
            "annotations": {"argocd.argoproj.io/tracking-id": id}}})
    }

    fn plan() -> Plan {
        Plan {
            environment: "test".into(),
            services: vec![crate::plan::PlannedService {
                name: "a".into(),
                wave: 0,
                namespace: "a".into(),
                project: "default".into(),
                steps: vec![crate::apply::testing::step("v1", "ConfigMap", "a", "kept")],
                edges: Vec::new(),
                stall_timeout: std::time::Duration::from_secs(1),
            }],
            findings: Vec::new(),
            handover: crate::plan::Handover {
                namespace: "argocd".into(),
                root: Value::Null,
                projects: Vec::new(),
                applications: Vec::new(),
                others: Vec::new(),
                parents: std::collections::BTreeMap::new(),
                tracking: TrackingSettings::default(),
            },
        }
    }

    #[test]
    fn what_git_has_no_more_is_found_by_its_mark() {
        let mut made = live("ConfigMap", "made", "a");
        made["metadata"]["ownerReferences"] = json!([{"kind": "Thing"}]);
        let mut copied = live("ConfigMap", "original", "a");
        copied["metadata"]["name"] = json!("copy");
        let all = [
            live("ConfigMap", "kept", "a"),
            live("ConfigMap", "old", "a"),
            live("Secret", "other", "gone"),
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}),
            made,
            copied,
        ];
        let found = left(&plan(), &all);
        let found: Vec<String> = (found.iter())
            .map(|one| format!("{} {} {}", one.application, one.has_application, one.object))
            .collect();
        assert_eq!(
            found,
            ["a true ConfigMap a/old", "gone false Secret a/other"]
        );
    }
}
