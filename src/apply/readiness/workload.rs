//! Verdicts on what runs pods: Pod, Deployment, `StatefulSet`, `DaemonSet`, `ReplicaSet`, Job.

use serde_json::Value;

use super::{Verdict, condition, is_true, number, words};

fn wanted(live: &Value) -> i64 {
    live.pointer("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1)
}

fn of(have: i64, want: i64, what: &str) -> Verdict {
    Verdict::Progressing(format!("{have} of {want} replicas {what}"))
}

pub(super) fn pod(live: &Value) -> Verdict {
    let phase = live
        .pointer("/status/phase")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match phase {
        "Succeeded" => Verdict::Ready,
        "Failed" => {
            let why = live
                .pointer("/status/message")
                .or_else(|| live.pointer("/status/reason"))
                .and_then(Value::as_str)
                .unwrap_or("a container ended with an error");
            Verdict::Failed(why.to_owned())
        }
        _ if is_true(live, "Ready") => Verdict::Ready,
        "" => Verdict::Progressing("not scheduled yet".to_owned()),
        phase => match condition(live, "Ready").or_else(|| condition(live, "PodScheduled")) {
            Some(condition) => Verdict::Progressing(words(condition)),
            None => Verdict::Progressing(phase.to_owned()),
        },
    }
}

pub(super) fn deployment(live: &Value) -> Verdict {
    if live.pointer("/status/observedGeneration").is_none() {
        return Verdict::Progressing("its controller has not seen it yet".to_owned());
    }
    let progressing = condition(live, "Progressing");
    if progressing.is_some_and(|it| it["reason"] == "ProgressDeadlineExceeded") {
        // Not final: the controller goes on trying, and so does whoever waits, until the stall
        // timeout. The pods tell more.
        let (have, want) = (number(live, "/status/availableReplicas"), wanted(live));
        return of(have, want, "available, past its progress deadline");
    }
    if let Some(failure) = condition(live, "ReplicaFailure").filter(|it| it["status"] == "True") {
        return Verdict::Progressing(words(failure));
    }
    if live.pointer("/spec/paused").and_then(Value::as_bool) == Some(true) {
        return Verdict::Ready;
    }
    let want = wanted(live);
    let updated = number(live, "/status/updatedReplicas");
    let total = number(live, "/status/replicas");
    let available = number(live, "/status/availableReplicas");
    if updated < want {
        return of(updated, want, "updated");
    }
    if available < want {
        return of(available, want, "available");
    }
    if total > updated {
        return Verdict::Progressing(format!("{} old replicas still run", total - updated));
    }
    Verdict::Ready
}

pub(super) fn stateful_set(live: &Value) -> Verdict {
    if live.pointer("/status/observedGeneration").is_none() {
        return Verdict::Progressing("its controller has not seen it yet".to_owned());
    }
    let want = wanted(live);
    let ready = number(live, "/status/readyReplicas");
    if ready < want {
        return of(ready, want, "ready");
    }
    if live
        .pointer("/spec/updateStrategy/type")
        .is_some_and(|kind| kind == "OnDelete")
    {
        return Verdict::Ready;
    }
    let partition = number(live, "/spec/updateStrategy/rollingUpdate/partition");
    let updated = number(live, "/status/updatedReplicas");
    let status = &live["status"];
    if partition > 0 {
        let due = (want - partition).max(0);
        return if updated < due {
            of(updated, due, "updated")
        } else {
            Verdict::Ready
        };
    }
    if status["updateRevision"] != status["currentRevision"] && updated < want {
        return of(updated, want, "updated");
    }
    Verdict::Ready
}

pub(super) fn daemon_set(live: &Value) -> Verdict {
    if live.pointer("/status/observedGeneration").is_none() {
        return Verdict::Progressing("its controller has not seen it yet".to_owned());
    }
    let want = number(live, "/status/desiredNumberScheduled");
    let updated = number(live, "/status/updatedNumberScheduled");
    let available = number(live, "/status/numberAvailable");
    let on_delete = live
        .pointer("/spec/updateStrategy/type")
        .is_some_and(|kind| kind == "OnDelete");
    if !on_delete && updated < want {
        return Verdict::Progressing(format!("updated on {updated} of {want} nodes"));
    }
    if available < want {
        return Verdict::Progressing(format!("available on {available} of {want} nodes"));
    }
    Verdict::Ready
}

pub(super) fn replica_set(live: &Value) -> Verdict {
    if live.pointer("/status/observedGeneration").is_none() {
        return Verdict::Progressing("its controller has not seen it yet".to_owned());
    }
    if let Some(failure) = condition(live, "ReplicaFailure").filter(|it| it["status"] == "True") {
        return Verdict::Progressing(words(failure));
    }
    let want = wanted(live);
    let available = number(live, "/status/availableReplicas");
    if available < want {
        of(available, want, "available")
    } else {
        Verdict::Ready
    }
}

pub(super) fn job(live: &Value) -> Verdict {
    if let Some(failed) = condition(live, "Failed").filter(|it| it["status"] == "True") {
        return Verdict::Failed(words(failed));
    }
    if is_true(live, "Complete") {
        return Verdict::Ready;
    }
    if live.pointer("/spec/suspend").and_then(Value::as_bool) == Some(true) {
        return Verdict::Ready;
    }
    let want = live
        .pointer("/spec/completions")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    let done = number(live, "/status/succeeded");
    let failed = number(live, "/status/failed");
    let mut why = format!("{done} of {want} completions");
    if failed > 0 {
        // Attempts are bounded by the Job's backoff limit: the number may be told.
        use std::fmt::Write as _;
        let _ = write!(why, ", {failed} failed attempts");
    }
    Verdict::Progressing(why)
}
