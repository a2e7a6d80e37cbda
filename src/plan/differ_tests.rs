//! Differences as server-side apply would see them.

use serde_json::{Value, json};

use super::differences;

const US: &str = "us";

fn live(mut object: Value, fields: &Value) -> Value {
    object["metadata"]["managedFields"] = json!([
        {"manager": "kubectl", "operation": "Update", "apiVersion": "apps/v1", "fieldsV1": {}},
        {"manager": US, "operation": "Apply", "apiVersion": "apps/v1", "fieldsV1": fields},
    ]);
    object
}

fn desired() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "web", "labels": {"app": "web"}},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {
                "hostNetwork": false,
                "containers": [{"name": "app", "image": "app:1", "args": ["a", "b"],
                    "ports": [{"containerPort": 80}],
                    "resources": {"limits": {"cpu": "1000m", "memory": "0.5Gi"}}}]}}},
        "status": {}})
}

fn observed() -> Value {
    let object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "web", "uid": "1",
            "labels": {"app": "web", "added": "by-another"}},
        "spec": {
            "replicas": 1, "revisionHistoryLimit": 10,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"spec": {
                "restartPolicy": "Always",
                "containers": [
                    {"name": "sidecar", "image": "sidecar:1"},
                    {"name": "app", "image": "app:1", "args": ["a", "b"],
                        "ports": [{"containerPort": 80, "protocol": "TCP"}],
                        "resources": {"limits": {"cpu": "1", "memory": "512Mi"}}}]}}},
        "status": {"replicas": 1}});
    let fields = json!({
        "f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:template": {"f:spec": {
                "f:hostNetwork": {},
                "f:containers": {"k:{\"name\":\"app\"}": {
                    ".": {}, "f:name": {}, "f:image": {}, "f:args": {},
                    "f:ports": {"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":
                        {".": {}, "f:containerPort": {}}},
                    "f:resources": {"f:limits": {"f:cpu": {}, "f:memory": {}}}}}}}}});
    live(object, &fields)
}

#[test]
fn defaults_additions_of_others_and_quantities_are_no_difference() {
    assert_eq!(
        differences(&desired(), &observed(), US),
        Vec::<String>::new()
    );
}

#[test]
fn a_change_of_each_kind_is_found_at_its_place() {
    let cases: &[(&str, Value, &str)] = &[
        ("/spec/replicas", json!(2), "/spec/replicas"),
        ("/metadata/labels/app", json!("x"), "/metadata/labels/app"),
        (
            "/spec/selector/matchLabels/app",
            json!("x"),
            "/spec/selector",
        ),
        (
            "/spec/template/spec/containers/0/args",
            json!(["b", "a"]),
            "/spec/template/spec/containers/0/args",
        ),
        (
            "/spec/template/spec/containers/0/resources/limits/cpu",
            json!("2"),
            "/spec/template/spec/containers/0/resources/limits/cpu",
        ),
        (
            "/spec/template/spec/hostNetwork",
            json!(true),
            "/spec/template/spec/hostNetwork",
        ),
    ];
    for (place, value, expected) in cases {
        let mut desired = desired();
        *desired.pointer_mut(place).unwrap() = value.clone();
        assert_eq!(
            differences(&desired, &observed(), US),
            [*expected],
            "{place}"
        );
    }
}

#[test]
fn new_and_dropped_fields_and_elements_are_found() {
    let mut new = desired();
    new["metadata"]["labels"]["b/c"] = json!("x");
    assert_eq!(
        differences(&new, &observed(), US),
        ["/metadata/labels/b~1c"]
    );

    let mut dropped = desired();
    dropped["spec"].as_object_mut().unwrap().remove("replicas");
    assert_eq!(differences(&dropped, &observed(), US), ["/spec/replicas"]);

    let mut renamed = desired();
    renamed["spec"]["template"]["spec"]["containers"][0]["name"] = json!("other");
    assert_eq!(
        differences(&renamed, &observed(), US),
        [
            "/spec/template/spec/containers/app",
            "/spec/template/spec/containers/0"
        ]
    );
}

#[test]
fn an_object_of_others_differs_by_its_owner() {
    assert_eq!(
        differences(&desired(), &observed(), "somebody"),
        ["/metadata/managedFields"]
    );
}

#[test]
fn a_manifest_that_says_nothing_has_no_owner() {
    let desired = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}});
    let observed = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a",
        "labels": {"kubernetes.io/metadata.name": "a"}, "managedFields": []},
        "spec": {"finalizers": ["kubernetes"]}});
    assert!(differences(&desired, &observed, US).is_empty());
}

#[test]
fn a_secret_is_compared_in_plain_and_told_by_place_only() {
    let object = json!({"apiVersion": "apps/v1", "kind": "Secret", "metadata": {"name": "s"},
        "data": {"a": "aHVudGVyMg=="}});
    let observed = live(object, &json!({"f:stringData": {"f:a": {}}}));
    let mut desired = json!({"apiVersion": "apps/v1", "kind": "Secret", "metadata": {"name": "s"},
        "stringData": {"a": "hunter2"}});
    assert_eq!(differences(&desired, &observed, US), Vec::<String>::new());
    desired["stringData"]["a"] = json!("swordfish");
    assert_eq!(differences(&desired, &observed, US), ["/stringData/a"]);
}

#[test]
fn sets_hold_what_others_added() {
    let object = json!({"apiVersion": "apps/v1", "kind": "Thing",
        "metadata": {"name": "a", "finalizers": ["ours", "theirs"]}});
    let observed = live(
        object,
        &json!({"f:metadata": {"f:finalizers": {"v:\"ours\"": {}}}}),
    );
    let desired = |finalizers: Value| {
        json!({"apiVersion": "apps/v1", "kind": "Thing",
            "metadata": {"name": "a", "finalizers": finalizers}})
    };
    assert!(differences(&desired(json!(["ours"])), &observed, US).is_empty());
    assert_eq!(
        differences(&desired(json!(["new"])), &observed, US),
        ["/metadata/finalizers"]
    );
}
