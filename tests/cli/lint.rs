//! `lint` of several environments, what is suppressed, and the forms for other programs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Fixture, run_in};

/// Two environments that share a defect; one has another besides.
fn two_environments() -> Fixture {
    let fixture = Fixture::new();
    let second = fixture
        .read("environments/values-test.yaml")
        .replace("test", "other");
    fixture.write("environments/values-other.yaml", &second);
    fixture.replace("services/web/values.yaml", "example/web:1", "example/web");
    fixture.write("services/web/values-other.yaml", "image: example/web:2\n");
    fixture.write(
        "services/plain/more.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n",
    );
    fixture
}

fn output_of(fixture: &Fixture, arguments: &[&str]) -> String {
    let text = run_in(fixture.path(), arguments);
    let (_, output) = text.split_once("--- stdout\n").expect("an output");
    output
        .split("--- stderr\n")
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn json(fixture: &Fixture, arguments: &[&str]) -> Value {
    serde_json::from_str(&output_of(fixture, arguments)).expect("JSON")
}

#[test]
fn what_holds_for_several_environments_is_told_once() {
    let fixture = two_environments();
    let text = fixture.run(&["lint", "--all"]);
    assert!(text.contains("exit 4"), "{text}");
    assert_eq!(text.matches("Bad_Name").count(), 1, "{text}");
    assert!(text.contains("in all 2 environments"), "{text}");
    assert!(text.contains("  in test\n"), "{text}");
    assert!(text.contains("2 environments: 6 services"), "{text}");
    let document = json(&fixture, &["lint", "--all", "--format", "json"]);
    let found = document["findings"].as_array().expect("findings");
    let of = |code: &str| {
        let found = found.iter().find(|finding| finding["code"] == code);
        found.expect("a finding")["environments"].clone()
    };
    assert_eq!(of("invalid-name"), serde_json::json!(["other", "test"]));
    assert_eq!(of("image-latest"), serde_json::json!(["test"]));
    assert_eq!(document["environments"][0]["name"], "other");
}

#[test]
fn an_environment_that_cannot_be_read_keeps_no_other_from_being_checked() {
    let fixture = two_environments();
    fixture.write("environments/values-other.yaml", "name: other\nfqdn: [\n");
    let document = json(&fixture, &["lint", "--all", "--format", "json"]);
    let codes: BTreeSet<&str> = document["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|finding| finding["code"].as_str())
        .collect();
    assert!(codes.contains("invalid-definition"), "{codes:?}");
    assert!(codes.contains("invalid-name"), "{codes:?}");
    let text = fixture.run(&["lint", "--all"]);
    assert!(text.contains("exit 3"), "{text}");
}

#[test]
fn suppressed_findings_are_counted_and_shown_when_asked_for() {
    let fixture = two_environments();
    fixture.write(
        "firstlight.yaml",
        "suppress:
  - {code: invalid-name, reason: because, service: plain}
  - {code: image-latest, reason: for tests, object: Deployment web/web, environment: [test]}
  - {code: image-latest, reason: forgotten, object: Deployment old}
",
    );
    let text = fixture.run(&["lint", "test"]);
    assert!(text.contains("exit 0"), "{text}");
    assert!(text.contains("2 suppressed"), "{text}");
    assert!(!text.contains("Bad_Name"), "{text}");
    let text = fixture.run(&["lint", "test", "-v"]);
    assert!(
        text.contains("suppressed by firstlight.yaml:2:5: because"),
        "{text}"
    );
    let text = fixture.run(&["lint", "--all"]);
    assert!(text.contains("warning[unused-suppression]"), "{text}");
    assert!(
        text.contains("about Deployment old is found in any environment"),
        "{text}"
    );
    assert_eq!(text.matches("unused-suppression").count(), 1, "{text}");
}

#[test]
fn suppressions_need_a_reason_and_a_known_code() {
    let fixture = two_environments();
    fixture.write(
        "firstlight.yaml",
        "suppress:\n  - {code: invalid-nam, reason: x}\n  - {code: invalid-name}\n",
    );
    let text = fixture.run(&["lint", "test"]);
    assert!(text.contains("exit 3"), "{text}");
    assert!(text.contains("did you mean `invalid-name`?"), "{text}");
    assert!(text.contains("`reason` is missing"), "{text}");
}

#[test]
fn sarif_has_every_rule_and_place() {
    let fixture = two_environments();
    let log = json(&fixture, &["lint", "--all", "--format", "sarif"]);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert!(results.len() >= 2);
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index"));
        let rule = &rules[index.expect("small")];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(!rule["help"]["text"].as_str().expect("a text").is_empty());
        let place = &result["locations"][0]["physicalLocation"]["artifactLocation"];
        let uri = place["uri"].as_str().expect("a path");
        assert!(fixture.path().join(uri).exists(), "{uri}");
        assert!(fingerprints.insert(result["partialFingerprints"]["firstlight/v1"].to_string()));
    }
}

#[test]
fn junit_counts_what_it_has() {
    let fixture = two_environments();
    let text = output_of(&fixture, &["lint", "--all", "--format", "junit"]);
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "),
        "{text}"
    );
    assert_eq!(text.matches("<testsuite ").count(), 2);
    assert_eq!(text.matches("<failure ").count(), 2);
    assert!(text.contains("failures=\"2\""), "{text}");
    assert_eq!(text.matches("<testcase ").count(), 4, "{text}");
}

#[test]
fn every_code_is_explained() {
    let fixture = Fixture::new();
    let text = fixture.run(&["explain", "hook-needs-later-object"]);
    for part in [
        "exit 0",
        "empty cluster",
        "For example:",
        "To mend it:",
        "suppress:",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let all = json(&fixture, &["explain", "--format", "json"]);
    assert!(all["codes"].as_array().expect("codes").len() > 60);
    let text = fixture.run(&["explain", "hook-needs-later-objects"]);
    assert!(text.contains("exit 2"), "{text}");
    assert!(
        text.contains("did you mean `hook-needs-later-object`?"),
        "{text}"
    );
}
