//! Why a workload's pods do not come up: takes its pods, gives the worst trouble with the time
//! after which it counts as final, never decides how long it has lasted.

use std::time::Duration;

use serde_json::Value;

/// What keeps a pod from running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The pod.
    pub pod: String,
    /// The container, where one is to blame.
    pub container: Option<String>,
    /// One sentence without counters, so that it stays the same while the trouble lasts.
    pub why: String,
    /// How long it may last before it counts as final; absent where it may pass at any time.
    pub final_after: Option<Duration>,
    /// True where the former run of the container has the log that tells why.
    pub crashed: bool,
}

/// How often a container may crash before its crash loop counts as final: what a service needs
/// often comes up only after a few attempts.
const CRASHES: i64 = 5;

/// How long an image may be pulled in vain: registries have hiccups.
const PULL_GRACE: Duration = Duration::from_mins(2);

/// How long a Secret or a ConfigMap may be missing: operators make them while pods start.
const MISSING_GRACE: Duration = Duration::from_mins(3);

/// Tells whether a pod belongs to a live workload, by its selector.
pub fn is_pod_of(pod: &Value, workload: &Value) -> bool {
    let Some(labels) = workload
        .pointer("/spec/selector/matchLabels")
        .and_then(Value::as_object)
    else {
        return false;
    };
    pod["metadata"]["namespace"] == workload["metadata"]["namespace"]
        && labels
            .iter()
            .all(|(key, value)| pod["metadata"]["labels"][key] == *value)
}

/// How long a pod of an older revision may take to become ready after all.
const LEFT_BEHIND_GRACE: Duration = Duration::from_secs(30);

/// Returns the pod of an older revision that keeps a `StatefulSet` from rolling out: one that is not
/// ready is never replaced, whatever the new revision mends.
pub fn left_behind<'a>(
    stateful_set: &Value,
    pods: impl IntoIterator<Item = &'a Value>,
) -> Option<Trouble> {
    let wanted = stateful_set.pointer("/status/updateRevision")?.as_str()?;
    let pod = pods.into_iter().find(|pod| {
        pod["metadata"]["labels"]["controller-revision-hash"] != *wanted
            && pod.pointer("/metadata/deletionTimestamp").is_none()
            && !super::is_true(pod, "Ready")
    })?;
    let name = pod.pointer("/metadata/name")?.as_str()?.to_owned();
    Some(Trouble {
        why: format!(
            "pod {name} of an older revision is not ready, and a StatefulSet never replaces such a pod: \
             delete it, and the new revision comes up"
        ),
        pod: name,
        container: None,
        final_after: Some(LEFT_BEHIND_GRACE),
        crashed: false,
    })
}

/// Returns the worst trouble among the pods of one workload.
pub fn trouble<'a>(pods: impl IntoIterator<Item = &'a Value>) -> Option<Trouble> {
    pods.into_iter()
        .filter(|pod| pod.pointer("/metadata/deletionTimestamp").is_none())
        .filter_map(of_pod)
        .min_by_key(|trouble| {
            (
                trouble.final_after.unwrap_or(Duration::MAX),
                trouble.pod.clone(),
            )
        })
}

fn of_pod(pod: &Value) -> Option<Trouble> {
    let name = pod.pointer("/metadata/name")?.as_str()?.to_owned();
    let status = &pod["status"];
    if matches!(status["phase"].as_str(), Some("Succeeded")) {
        return None;
    }
    for list in ["initContainerStatuses", "containerStatuses"] {
        for container in status[list].as_array().into_iter().flatten() {
            if let Some(trouble) = of_container(&name, container) {
                return Some(trouble);
            }
        }
    }
    let conditions = status["conditions"].as_array();
    let scheduled = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "PodScheduled" && condition["status"] == "False")?;
    let message = scheduled["message"].as_str().unwrap_or("no node fits");
    Some(Trouble {
        why: format!("pod {name} cannot be scheduled: {message}"),
        pod: name,
        container: None,
        // A node may join, a volume may be made, another pod may leave.
        final_after: None,
        crashed: false,
    })
}

fn of_container(pod: &str, container: &Value) -> Option<Trouble> {
    let name = container["name"].as_str()?;
    let waiting = &container["state"]["waiting"];
    let reason = waiting["reason"].as_str().unwrap_or_default();
    let message = waiting["message"].as_str().unwrap_or_default();
    let trouble = |why: String, final_after: Option<Duration>, crashed: bool| {
        let container = Some(name.to_owned());
        Some(Trouble {
            pod: pod.to_owned(),
            container,
            why,
            final_after,
            crashed,
        })
    };
    match reason {
        "InvalidImageName" => {
            let image = container["image"].as_str().unwrap_or("?");
            let why = format!("container {name}: the image name {image} is not valid");
            trouble(why, Some(Duration::ZERO), false)
        }
        "ImagePullBackOff" | "ErrImagePull" | "ErrImageNeverPull" | "RegistryUnavailable" => {
            let image = container["image"].as_str().unwrap_or("?");
            let why = format!("container {name}: the image {image} cannot be pulled");
            trouble(why, Some(PULL_GRACE), false)
        }
        "CreateContainerConfigError" => trouble(
            format!("container {name}: {message}"),
            Some(MISSING_GRACE),
            false,
        ),
        "CreateContainerError" | "RunContainerError" => trouble(
            format!("container {name} cannot start: {message}"),
            Some(PULL_GRACE),
            false,
        ),
        "CrashLoopBackOff" => {
            let crashes = container["restartCount"].as_i64().unwrap_or(0);
            let final_after = (crashes >= CRASHES).then_some(Duration::ZERO);
            trouble(
                format!(
                    "container {name} crashes again and again{}",
                    exit(container)
                ),
                final_after,
                true,
            )
        }
        _ => {
            // Between two attempts of a crash loop the container shows as ended or running.
            let ended = &container["state"]["terminated"];
            let code = ended["exitCode"].as_i64().filter(|code| *code != 0)?;
            let cause = ended["reason"].as_str().unwrap_or("Error");
            let why = format!("container {name} ended with code {code} ({cause})");
            trouble(why, None, false)
        }
    }
}

fn exit(container: &Value) -> String {
    let last = &container["lastState"]["terminated"];
    match (last["exitCode"].as_i64(), last["reason"].as_str()) {
        (_, Some("OOMKilled")) => ": it is killed for want of memory".to_owned(),
        (Some(code), _) => format!(": it ends with code {code}"),
        _ => String::new(),
    }
}
