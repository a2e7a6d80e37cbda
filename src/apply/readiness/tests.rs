//! The verdicts on objects as clusters show them, from `fixtures/`.

use serde_json::{Value, json};

use super::*;

fn read(fixtures: &str) -> Vec<Value> {
    let cases = goyaml::parse(fixtures).unwrap().to_json();
    cases.as_array().unwrap().clone()
}

fn check(fixtures: &str) {
    let cases = read(fixtures);
    assert!(!cases.is_empty());
    for case in cases {
        let live = &case["live"];
        let id = ObjectId {
            api_version: live["apiVersion"].as_str().unwrap().to_owned(),
            kind: live["kind"].as_str().unwrap().to_owned(),
            namespace: None,
            name: "x".to_owned(),
        };
        let expected = match (case["progressing"].as_str(), case["failed"].as_str()) {
            (Some(why), None) => Verdict::Progressing(why.to_owned()),
            (None, Some(why)) => Verdict::Failed(why.to_owned()),
            _ => Verdict::Ready,
        };
        assert_eq!(verdict(&id, live, 0), expected, "{}", case["name"]);
        assert!(has_state(&id), "{}", case["name"]);
    }
}

#[test]
fn workloads() {
    check(include_str!("fixtures/workload.yaml"));
}

#[test]
fn network() {
    check(include_str!("fixtures/network.yaml"));
}

#[test]
fn platform() {
    check(include_str!("fixtures/platform.yaml"));
}

#[test]
fn custom_resources() {
    check(include_str!("fixtures/custom.yaml"));
}

#[test]
fn an_older_view_says_nothing() {
    let id = crate::apply::testing::id("v1", "Service", "a", "a");
    let live = json!({"metadata": {"generation": 1}, "spec": {"type": "ClusterIP"}});
    assert_eq!(verdict(&id, &live, 1), Verdict::Ready);
    assert!(matches!(verdict(&id, &live, 2), Verdict::Progressing(_)));
}

#[test]
fn settings_have_no_state() {
    for (api_version, kind) in [
        ("v1", "ConfigMap"),
        ("v1", "Secret"),
        ("rbac.authorization.k8s.io/v1", "Role"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("batch/v1", "CronJob"),
    ] {
        let id = crate::apply::testing::id(api_version, kind, "a", "a");
        assert!(!has_state(&id), "{kind}");
    }
}

#[test]
fn webhooks_need_a_bundle_and_an_endpoint() {
    let mut configuration = json!({"webhooks": [{"name": "a.b.c",
        "clientConfig": {"service": {"namespace": "ns", "name": "svc"}}}]});
    let verdict = |configuration: &Value, ready: bool| webhooks(configuration, &|_, _| ready);
    assert_eq!(
        verdict(&configuration, true),
        Verdict::Progressing("webhook a.b.c has no CA bundle yet".into())
    );
    configuration["webhooks"][0]["clientConfig"]["caBundle"] = json!("QQ==");
    assert_eq!(
        verdict(&configuration, false),
        Verdict::Progressing("Service ns/svc of a webhook has no ready endpoint yet".into())
    );
    assert_eq!(verdict(&configuration, true), Verdict::Ready);
}

#[test]
fn a_stateful_set_does_not_replace_a_pod_that_was_never_ready() {
    let set = json!({"status": {"updateRevision": "b"}});
    let pod = |revision: &str, ready: &str| {
        json!({"metadata": {"name": "x-0", "labels": {"controller-revision-hash": revision}},
            "status": {"conditions": [{"type": "Ready", "status": ready}]}})
    };
    assert!(left_behind(&set, &[pod("a", "False")]).is_some());
    assert_eq!(left_behind(&set, &[pod("a", "True")]), None);
    assert_eq!(left_behind(&set, &[pod("b", "False")]), None);
}

#[test]
fn troubles_of_pods() {
    let cases = read(include_str!("fixtures/pod.yaml"));
    for case in cases {
        let found = trouble(case["pods"].as_array().unwrap());
        let found = found.map(|found| {
            json!({"why": found.why,
                "finalAfter": found.final_after.map(|after| after.as_secs())})
        });
        assert_eq!(
            found.unwrap_or_default(),
            case["expect"],
            "{}",
            case["name"]
        );
    }
}
