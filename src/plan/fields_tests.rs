//! Field by field differences.

use serde_json::{Value, json};

use super::*;

fn lines(old: &Value, new: &Value) -> Vec<String> {
    let side = |side: &Option<Json>| side.as_ref().map_or("-".to_owned(), |it| it.0.to_string());
    changes(old, new)
        .iter()
        .map(|change| {
            format!(
                "{}: {} -> {}",
                change.path,
                side(&change.old),
                side(&change.new)
            )
        })
        .collect()
}

#[test]
fn elements_are_told_apart_by_the_names_that_kubernetes_merges_by() {
    let pod = |containers: Value| json!({"kind": "Pod", "spec": {"containers": containers}});
    let old = pod(json!([
        {"name": "web", "image": "web:1", "ports": [{"containerPort": 80}],
         "volumeMounts": [{"name": "a", "mountPath": "/a"}, {"name": "a", "mountPath": "/b"}]},
        {"name": "old", "image": "old:1"}]));
    let new = pod(json!([
        {"name": "side", "image": "side:1"},
        {"name": "web", "image": "web:2", "ports": [{"containerPort": 80, "name": "http"}],
         "volumeMounts": [{"name": "a", "mountPath": "/b", "readOnly": true}]}]));
    assert_eq!(
        lines(&old, &new),
        [
            r#"spec.containers[old]: {"image":"old:1","name":"old"} -> -"#,
            r#"spec.containers[side]: - -> {"image":"side:1","name":"side"}"#,
            r#"spec.containers[web].image: "web:1" -> "web:2""#,
            r#"spec.containers[web].ports[80].name: - -> "http""#,
            r#"spec.containers[web].volumeMounts[/a]: {"mountPath":"/a","name":"a"} -> -"#,
            r"spec.containers[web].volumeMounts[/b].readOnly: - -> true",
        ]
    );
}

#[test]
fn another_order_is_a_change() {
    let env = |names: &[&str]| -> Value {
        let all: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
        json!({"env": all})
    };
    assert_eq!(
        lines(&env(&["a", "b"]), &env(&["b", "a"])),
        [r#"env[order]: ["a","b"] -> ["b","a"]"#]
    );
}

#[test]
fn lists_without_names_keep_what_is_common() {
    let args = |list: &[&str]| json!({"args": list});
    assert_eq!(
        lines(&args(&["a", "b", "c", "d"]), &args(&["a", "c", "x", "d"])),
        [r#"args[1]: "b" -> -"#, r#"args[2]: - -> "x""#]
    );
    assert_eq!(
        lines(&args(&["a", "b"]), &args(&["a", "c"])),
        [r#"args[1]: "b" -> "c""#]
    );
}

#[test]
fn a_secret_shows_names_and_no_value() {
    let old = json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "c3dvcmRmaXNo"}});
    let new = json!({"apiVersion": "v1", "kind": "Secret", "data": {"a": "aHVudGVyMg=="},
        "stringData": {"b": "swordfish"}});
    assert_eq!(
        lines(&old, &new),
        [r#"data.a: "***" -> "***""#, r#"stringData.b: - -> "***""#]
    );
    assert!(changes(&old, &new).iter().all(|change| change.secret));
    assert!(!masked(&new).to_string().contains("swordfish"));
}

/// There is a change exactly where the two are not equal: each of these values against each.
#[test]
fn nothing_is_left_out() {
    let values = [
        json!(null),
        json!({}),
        json!([]),
        json!({"a": {}}),
        json!({"a": null}),
        json!({"a": []}),
        json!({"a": [{"name": "x"}]}),
        json!({"a": [{"name": "x"}, {"name": "x"}]}),
        json!({"a": [{"name": "x", "y": {}}]}),
        json!({"a": [1, 1]}),
        json!({"a": [1]}),
        json!({"a.b": 1}),
        json!({"a": {"b": 1}}),
        json!({"a": "1"}),
        json!({"a": 1}),
        json!({"kind": "Secret", "apiVersion": "v1", "data": {}}),
        json!({"kind": "Secret", "apiVersion": "v1", "data": null}),
        json!({"kind": "Secret", "apiVersion": "v1"}),
        json!({"kind": "Secret", "apiVersion": "v1", "data": {"a": {}}}),
    ];
    for old in &values {
        for new in &values {
            assert_eq!(changes(old, new).is_empty(), old == new, "{old} {new}");
        }
    }
}
