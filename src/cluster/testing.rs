//! A cluster at the HTTP seam: takes a script of answers, gives a `Cluster` that sends its requests
//! there, and what was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use kube::client::Body;
use serde_json::{Value, json};

use super::client::Cluster;

/// One answer: a status code and a body.
pub(crate) type Answer = (u16, Value);

/// What was asked: method and path with query.
#[derive(Clone, Default)]
pub(crate) struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    /// Returns all requests so far, those of discovery left out.
    pub(crate) fn requests(&self) -> Vec<String> {
        let asked = self.0.lock().unwrap();
        asked
            .iter()
            .filter(|it| !it.ends_with(" /api") && !it.ends_with(" /apis"))
            .cloned()
            .collect()
    }

    /// Returns how often discovery was asked.
    pub(crate) fn discoveries(&self) -> usize {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|it| it.ends_with(" /apis"))
            .count()
    }
}

/// Returns a cluster that knows ConfigMaps, Secrets and Deployments, and answers by the script.
pub(crate) fn cluster(script: Vec<Answer>) -> (Cluster, Asked) {
    let asked = Asked::default();
    let script = Arc::new(Mutex::new(VecDeque::from(script)));
    let heard = asked.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        let target = request.uri().path_and_query().unwrap().as_str().to_owned();
        heard
            .0
            .lock()
            .unwrap()
            .push(format!("{} {target}", request.method()));
        let (code, body) = match target.as_str() {
            "/api" => (200, core()),
            "/apis" => (200, groups()),
            _ => script
                .lock()
                .unwrap()
                .pop_front()
                .expect("a request that the script foresees"),
        };
        let response = Response::builder()
            .status(code)
            .body(Body::from(serde_json::to_vec(&body).unwrap()));
        std::future::ready(response)
    });
    let client = kube::Client::new(service, "default");
    (
        Cluster::new(client, "test".to_owned(), "http://test".to_owned()),
        asked,
    )
}

/// Returns a status that tells of a failure.
pub(crate) fn failure(code: u16, reason: &str, message: &str) -> Answer {
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure",
        "code": code, "reason": reason, "message": message});
    (code, status)
}

fn resource(plural: &str, kind: &str) -> Value {
    json!({"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced",
        "verbs": ["get", "list", "watch", "patch"]})
}

fn core() -> Value {
    json!({"items": [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [
        resource("configmaps", "ConfigMap"), resource("secrets", "Secret")]}]}]})
}

fn groups() -> Value {
    json!({"items": [{"metadata": {"name": "apps"}, "versions": [{"version": "v1", "resources": [
        resource("deployments", "Deployment")]}]}]})
}
