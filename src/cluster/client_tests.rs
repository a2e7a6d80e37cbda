//! The verbs at the HTTP seam.

use serde_json::json;

use super::*;
use crate::cluster::testing::{cluster, failure};

fn id(kind: &str) -> ObjectId {
    ObjectId {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        namespace: Some("a".to_owned()),
        name: "x".to_owned(),
    }
}

#[tokio::test]
async fn a_write_is_an_apply_as_argo_cd_that_forces_nothing() {
    let (cluster, asked) = cluster(vec![(201, json!({"metadata": {"name": "x"}}))]);
    let manifest = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}});
    cluster
        .apply(&id("ConfigMap"), &manifest, Apply::default())
        .await
        .unwrap();
    assert_eq!(
        asked.requests(),
        ["PATCH /api/v1/namespaces/a/configmaps/x?fieldManager=argocd-controller&force=false"]
    );
}

#[tokio::test]
async fn what_the_server_says_of_a_secret_hides_its_values() {
    let answer = failure(422, "Invalid", "data[a]: Invalid value: \"hunter2\": no");
    let (cluster, _) = cluster(vec![answer]);
    let manifest = json!({"kind": "Secret", "stringData": {"a": "hunter2"}});
    let error = cluster
        .apply(&id("Secret"), &manifest, Apply::default())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "data[a]: Invalid value: \"***\": no");
    assert_eq!(error.code(), Some(422));
}

#[tokio::test]
async fn a_conflict_names_field_and_owner() {
    let (code, mut status) = failure(409, "Conflict", "Apply failed with 1 conflict");
    status["details"] = json!({"causes": [{"reason": "FieldManagerConflict",
        "message": "conflict with \"kubectl\"", "field": ".spec.replicas"}]});
    let (cluster, _) = cluster(vec![(code, status)]);
    let error = cluster
        .apply(&id("ConfigMap"), &json!({}), Apply::default())
        .await
        .unwrap_err();
    let conflicts = error.field_conflicts();
    assert_eq!(conflicts[0].field, ".spec.replicas");
    assert!(conflicts[0].message.contains("kubectl"));
}

#[tokio::test]
async fn lists_are_read_page_by_page_and_items_know_their_kind() {
    let (cluster, asked) = cluster(vec![
        (
            200,
            json!({"metadata": {"continue": "next"}, "items": [{"metadata": {"name": "a"}}]}),
        ),
        (
            200,
            json!({"metadata": {}, "items": [{"metadata": {"name": "b"}}]}),
        ),
    ]);
    let found = cluster.list("v1", "ConfigMap").await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[1]["kind"], "ConfigMap");
    assert_eq!(
        asked.requests(),
        [
            "GET /api/v1/configmaps?limit=500",
            "GET /api/v1/configmaps?limit=500&continue=next"
        ]
    );
}

#[tokio::test]
async fn what_is_not_there_is_no_error() {
    let (cluster, _) = cluster(vec![
        failure(404, "NotFound", "configmaps \"x\" not found"),
        failure(404, "NotFound", "configmaps \"x\" not found"),
    ]);
    assert_eq!(cluster.get(&id("ConfigMap")).await.unwrap(), None);
    assert!(
        !cluster
            .delete(&id("ConfigMap"), Propagation::Background)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn a_kind_that_is_not_known_is_asked_for_once_in_a_while() {
    let (cluster, asked) = cluster(Vec::new());
    for _ in 0..3 {
        let error = cluster
            .resource("example.org/v1", "Thing")
            .await
            .unwrap_err();
        assert!(matches!(error, ApiError::KindUnknown { .. }));
    }
    assert_eq!(asked.discoveries(), 1);
    tokio::time::sleep(REFRESH_INTERVAL).await;
    let _ = cluster.resource("example.org/v1", "Thing").await;
    assert_eq!(asked.discoveries(), 2);
}
