//! Why services wait for each other, and the sync waves that follow from it, as people ask for them.

use serde_json::Value;

use crate::support::{Fixture, assert_output};

fn json(output: &str) -> Value {
    let text = output.split_once("--- stdout\n").expect("output").1;
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn why_one_waits_for_the_other() {
    let fixture = Fixture::new();
    assert_output!("why_text", fixture.run(&["why", "test", "web", "issuers"]));
    assert_output!(
        "why_object",
        fixture.run(&[
            "why",
            "test",
            "web/Certificate/web",
            "ClusterIssuer/platform"
        ])
    );
    let answer = json(&fixture.run(&["why", "test", "web", "issuers", "--format", "json"]));
    assert_eq!(answer["waits"], true);
    let reason = &answer["chain"][0]["edges"][0]["reason"];
    assert_eq!(reason["needing"]["object"]["kind"], "Certificate");
    assert_eq!(reason["needed"]["object"]["name"], "platform");
    assert_eq!(reason["field"], "spec.issuerRef");
}

#[test]
fn why_one_does_not_wait_for_the_other() {
    let fixture = Fixture::new();
    assert_output!(
        "why_not_back",
        fixture.run(&["why-not", "test", "issuers", "web"])
    );
    assert_output!(
        "why_not_nothing",
        fixture.run(&["why-not", "test", "plain", "issuers"])
    );
    fixture.replace(
        "environments/values-test.yaml",
        "issuers: {enabled: true}",
        "issuers: {enabled: false}",
    );
    fixture.replace(
        "environments/values-test.yaml",
        "web: {enabled: true}",
        "web: {enabled: false}",
    );
    assert_output!(
        "why_not_enabled",
        fixture.run(&["why-not", "test", "plain", "issuers"])
    );
}

#[test]
fn names_that_are_wrong_are_told_with_the_nearest() {
    let fixture = Fixture::new();
    assert_output!(
        "why_unknown_service",
        fixture.run(&["why", "test", "webb", "plain"])
    );
    assert_output!(
        "why_unknown_object",
        fixture.run(&["why", "test", "Certifcate/web", "plain"])
    );
}

/// The small platform, with a root that takes waves over.
fn with_waves() -> Fixture {
    let fixture = Fixture::new();
    fixture.replace(
        "bootstrap/templates/applications.yaml",
        "  annotations:\n",
        "  annotations:\n    {{- if hasKey $service \"wave\" }}\n    \
         argocd.argoproj.io/sync-wave: {{ $service.wave | quote }}\n    {{- end }}\n",
    );
    fixture.replace(
        "environments/values.yaml",
        "    dependsOn: [plain]\n",
        "    dependsOn: [plain] # the files\n\n# nothing below\n",
    );
    fixture
}

#[test]
fn waves_are_compared_and_entered() {
    let fixture = with_waves();
    assert_output!("waves_missing", fixture.run(&["graph", "test", "--waves"]));
    assert_output!(
        "waves_written",
        fixture.run(&["graph", "test", "--write-waves"])
    );
    assert!(
        fixture
            .read("environments/values.yaml")
            .contains("    dependsOn: [plain] # the files\n    wave: 1\n\n# nothing below\n"),
        "{}",
        fixture.read("environments/values.yaml")
    );
    let again = json(&fixture.run(&["graph", "test", "--waves", "--format", "json"]));
    let verdicts = again["syncWaves"].as_array().expect("a list").iter();
    assert!(
        verdicts.clone().all(|wave| wave["verdict"] == "right"),
        "{again}"
    );
    assert!(
        fixture
            .run(&["graph", "test", "--write-waves"])
            .contains("nothing has to change")
    );
}

#[test]
fn waves_that_the_root_does_not_take_over_are_told() {
    let fixture = Fixture::new();
    let told = fixture.run(&["graph", "test", "--write-waves"]);
    assert!(
        told.contains("the Applications do not take them over: web"),
        "{told}"
    );
}

#[test]
fn a_wave_of_one_environment_is_changed_where_it_stands() {
    let fixture = with_waves();
    fixture.replace(
        "environments/values-test.yaml",
        "web: {enabled: true}",
        "web: {enabled: true, wave: 0} # early",
    );
    let before = fixture.read("environments/values.yaml");
    fixture.run(&["graph", "test", "--write-waves"]);
    assert_eq!(before, fixture.read("environments/values.yaml"));
    assert!(
        fixture
            .read("environments/values-test.yaml")
            .contains("web: {enabled: true, wave: 1} # early")
    );
}

#[test]
fn run_time_is_told_by_a_file_whose_mistakes_are_told() {
    let fixture = Fixture::new();
    fixture.write(
        "firstlight.yaml",
        "requires:\n  - {service: web, kind: Namespace, name: plain}\n",
    );
    let answer = fixture.run(&["why", "test", "web", "plain"]);
    assert!(
        answer.contains("web requires Namespace plain (firstlight.yaml:2)"),
        "{answer}"
    );
    fixture.write(
        "firstlight.yaml",
        "operators:\n  - {kind: [A], makes: [{kind: Secret, nam: x}, {name: '{a..b}', kind: B}]}\n\
         provides:\n  - {service: plain}\n  - {servic: plain, kind: A}\n",
    );
    assert_output!("runtime_mistakes", fixture.run(&["plan", "test"]));
}
