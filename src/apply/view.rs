//! What the cluster shows of one object and of what it depends on: takes an identity, gives the
//! verdict from the shared watches, never waits itself.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::readiness::{self, Trouble, Verdict};
use crate::cluster::{ApiError, Cluster, Watch, WatchHealth};
use crate::render::ObjectId;

/// What is known of an object now.
#[derive(Debug)]
pub(crate) enum View {
    /// The watch has not listed yet, or shows a former object: nothing to tell.
    Unknown,
    /// The watch follows the cluster and the object is not there.
    Absent,
    /// It is there.
    Seen(Verdict, Option<Trouble>),
    /// It is as it should be, but what shows it is not watched: look again soon.
    Soon(String, Duration),
    /// The watch does not work.
    Blind(ApiError),
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question<'a> {
    pub(crate) id: &'a ObjectId,
    /// The generation of the last write.
    pub(crate) generation: i64,
    /// The very object, where a former one of the same name may still be seen.
    pub(crate) uid: Option<&'a str>,
}

/// Looks at one object.
pub(crate) async fn look(cluster: &Cluster, question: &Question<'_>) -> View {
    let id = question.id;
    let watch = match cluster.watch(&id.api_version, &id.kind).await {
        Ok(watch) => watch,
        Err(ApiError::KindUnknown { .. }) => return View::Absent,
        Err(error) => return View::Blind(error),
    };
    let live = match (watch.get(id.namespace.as_deref(), &id.name), watch.health()) {
        (Some(live), _) => live,
        (None, WatchHealth::Starting) => return View::Unknown,
        (None, WatchHealth::Live) => return View::Absent,
        (None, WatchHealth::Failing(error)) => return View::Blind(error),
    };
    if let Some(uid) = question.uid
        && live.pointer("/metadata/uid").and_then(Value::as_str) != Some(uid)
    {
        return View::Unknown;
    }
    judge(cluster, question, &live).await
}

async fn judge(cluster: &Cluster, question: &Question<'_>, live: &Arc<Value>) -> View {
    let id = question.id;
    let verdict = readiness::verdict(id, live, question.generation);
    match (verdict, id.group_kind()) {
        (Verdict::Ready, ("admissionregistration.k8s.io", _)) => webhooks(cluster, live).await,
        (Verdict::Ready, ("apiextensions.k8s.io", "CustomResourceDefinition")) => {
            discovered(cluster, live).await
        }
        (Verdict::Progressing(why), ("", "PersistentVolumeClaim")) => {
            match late(cluster, live).await {
                Ok(true) => View::Seen(Verdict::Ready, None),
                _ => View::Seen(Verdict::Progressing(why), None),
            }
        }
        (verdict, _) if readiness::has_pods(id) && verdict != Verdict::Ready => {
            let pods = pods(cluster, live).await.unwrap_or_default();
            let each = || pods.iter().map(AsRef::as_ref);
            let left_behind = readiness::left_behind(live, each());
            View::Seen(verdict, left_behind.or_else(|| readiness::trouble(each())))
        }
        (verdict, _) => View::Seen(verdict, None),
    }
}

/// Whether the API server knows the kinds of a definition by now.
async fn discovered(cluster: &Cluster, live: &Value) -> View {
    let text = |pointer: &str| {
        live.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (group, kind) = (text("/spec/group"), text("/spec/names/kind"));
    for version in live["spec"]["versions"].as_array().into_iter().flatten() {
        if version["served"] != true {
            continue;
        }
        let api_version = format!("{group}/{}", version["name"].as_str().unwrap_or_default());
        if let Err(error) = cluster.resource(&api_version, kind).await {
            return match error {
                ApiError::KindUnknown { .. } => View::Soon(
                    "not in discovery yet".to_owned(),
                    Duration::from_millis(100),
                ),
                error => View::Soon(error.to_string(), Duration::from_secs(1)),
            };
        }
    }
    View::Seen(Verdict::Ready, None)
}

async fn webhooks(cluster: &Cluster, live: &Value) -> View {
    let slices = match cluster.watch("discovery.k8s.io/v1", "EndpointSlice").await {
        Ok(slices) => slices,
        Err(error) => return View::Blind(error),
    };
    if slices.health() == WatchHealth::Starting {
        return View::Unknown;
    }
    let verdict = readiness::webhooks(live, &|namespace, name| {
        has_endpoint(&slices, namespace, name)
    });
    View::Seen(verdict, None)
}

fn has_endpoint(slices: &Watch, namespace: &str, service: &str) -> bool {
    let fits = |slice: &Value| readiness::is_ready_endpoint_of(slice, namespace, service);
    !slices.select(namespace, fits).is_empty()
}

/// Whether a claim is bound only when a pod uses it.
async fn late(cluster: &Cluster, claim: &Value) -> Result<bool, ApiError> {
    let classes = cluster.watch("storage.k8s.io/v1", "StorageClass").await?;
    let class = match claim
        .pointer("/spec/storageClassName")
        .and_then(Value::as_str)
    {
        Some(name) => classes.get(None, name),
        None => classes
            .all()
            .into_iter()
            .find(|class| readiness::is_default_storage_class(class)),
    };
    Ok(class.is_some_and(|class| readiness::binds_late(&class)))
}

/// Returns the pods of a workload by its selector.
pub(crate) async fn pods(cluster: &Cluster, live: &Value) -> Result<Vec<Arc<Value>>, ApiError> {
    let namespace = live
        .pointer("/metadata/namespace")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let pods = cluster.watch("v1", "Pod").await?;
    Ok(pods.select(namespace, |pod| readiness::is_pod_of(pod, live)))
}
