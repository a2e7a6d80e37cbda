//! Requests that are tried again, at the HTTP seam.

use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::apply::testing::id;
use crate::cluster::Apply;
use crate::cluster::testing::{Answer, cluster, failure};

async fn apply(script: Vec<Answer>) -> (Result<(), Failure>, Vec<Event>) {
    let (cluster, _) = cluster(script);
    let heard: Arc<Mutex<Vec<Event>>> = Arc::default();
    let sink = Arc::clone(&heard);
    let context = Context {
        cluster: cluster.clone(),
        emit: Arc::new(move |event| sink.lock().unwrap().push(event)),
        cancel: CancellationToken::new(),
        requests: Arc::new(Semaphore::new(1)),
    };
    let scope = Scope {
        service: "web".to_owned(),
        stall_timeout: Duration::from_secs(5),
    };
    let id = id("v1", "ConfigMap", "a", "x");
    let manifest = json!({});
    let result = context
        .request(&scope, &id, || {
            cluster.apply(&id, &manifest, Apply::default())
        })
        .await
        .map(|_| ());
    let events = heard.lock().unwrap().clone();
    (result, events)
}

#[tokio::test]
async fn passing_failures_are_tried_again_and_told() {
    let (result, events) = apply(vec![
        failure(429, "TooManyRequests", "slow down"),
        failure(
            500,
            "InternalError",
            "failed calling webhook \"x\": connection refused",
        ),
        (200, json!({})),
    ])
    .await;
    assert_eq!(result, Ok(()));
    let told: Vec<(&str, u32)> = events
        .iter()
        .filter_map(|event| match event {
            Event::Retry { why, attempt, .. } => Some((why.as_str(), *attempt)),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            ("the API server asks to slow down", 1),
            ("a webhook does not answer yet", 2)
        ]
    );
}

#[tokio::test]
async fn what_stays_wrong_fails_at_once() {
    let (result, events) = apply(vec![failure(422, "Invalid", "spec: field is immutable")]).await;
    let failure = result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.details[0].contains("delete ConfigMap a/x"));
    assert!(events.is_empty());
}
