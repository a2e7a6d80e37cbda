//! What a person would look up after a failure: takes the object, gives warnings about it and its
//! pods and the last lines of a log, never fails itself.

use serde_json::Value;

use super::readiness::{Trouble, has_pods, trouble};
use super::view::pods;
use crate::cluster::{Cluster, PodLog};
use crate::render::ObjectId;

const WARNINGS: usize = 3;
const LINES: u32 = 10;

/// Returns lines that explain an object's state.
pub(crate) async fn explain(
    cluster: &Cluster,
    id: &ObjectId,
    known: Option<&Trouble>,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut warnings = cluster.warnings(id, WARNINGS).await.unwrap_or_default();
    if !has_pods(id) {
        lines.append(&mut warnings);
        return lines;
    }
    let live = cluster.get(id).await.ok().flatten();
    let pods = match &live {
        Some(live) => pods(cluster, live).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let found = known
        .cloned()
        .or_else(|| trouble(pods.iter().map(AsRef::as_ref)));
    let newest = pods.iter().max_by_key(|pod| {
        pod.pointer("/metadata/creationTimestamp")
            .and_then(Value::as_str)
            .map(str::to_owned)
    });
    // A trouble that is known is the reason itself, which stands above these lines.
    if let Some(found) = found.as_ref().filter(|_| known.is_none()) {
        lines.push(found.why.clone());
    }
    lines.append(&mut warnings);
    let name = match (&found, newest) {
        (Some(found), _) if !found.pod.is_empty() => found.pod.clone(),
        (_, Some(pod)) => pod["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        _ => return lines,
    };
    let pod = ObjectId {
        api_version: "v1".to_owned(),
        kind: "Pod".to_owned(),
        namespace: id.namespace.clone(),
        name,
    };
    for warning in cluster.warnings(&pod, WARNINGS).await.unwrap_or_default() {
        if !lines.contains(&warning) {
            lines.push(warning);
        }
    }
    let container = found
        .as_ref()
        .and_then(|found| found.container.clone())
        .or_else(|| {
            let pod = pods.iter().find(|it| it["metadata"]["name"] == *pod.name)?;
            pod.pointer("/spec/containers/0/name")
                .and_then(Value::as_str)
                .map(str::to_owned)
        });
    if let Some(container) = container {
        let log = PodLog {
            namespace: pod.namespace.as_deref().unwrap_or_default(),
            pod: &pod.name,
            container: &container,
            previous: found.as_ref().is_some_and(|found| found.crashed),
            lines: LINES,
        };
        let tail = cluster.log_tail(&log).await.unwrap_or_default();
        if !tail.is_empty() {
            lines.push(format!(
                "last lines of container {container} of pod {}:",
                pod.name
            ));
            lines.extend(tail.into_iter().map(|line| format!("  {line}")));
        }
    }
    lines
}
