//! Every command on a small platform without mistakes.

use crate::support::{Fixture, assert_output};

#[test]
fn plan_as_text() {
    let fixture = Fixture::new();
    assert_output!("plan", fixture.run(&["plan", "test"]));
    assert_output!("plan_verbose", fixture.run(&["plan", "test", "-v"]));
}

#[test]
fn plan_as_json() {
    assert_output!(
        "plan_json",
        Fixture::new().run(&["plan", "test", "--format", "json"])
    );
}

#[test]
fn graph_in_every_form() {
    let fixture = Fixture::new();
    assert_output!("graph", fixture.run(&["graph", "test"]));
    assert_output!("graph_quiet", fixture.run(&["graph", "test", "-q"]));
    assert_output!(
        "graph_json",
        fixture.run(&["graph", "test", "--format", "json"])
    );
    assert_output!(
        "graph_dot",
        fixture.run(&["graph", "test", "--format", "dot"])
    );
    assert_output!(
        "graph_mermaid",
        fixture.run(&["graph", "test", "--format", "mermaid"])
    );
}

#[test]
fn render_in_every_form() {
    let fixture = Fixture::new();
    assert_output!(
        "render",
        fixture.run(&["render", "test", "--source-comments"])
    );
    assert_output!(
        "render_json",
        fixture.run(&["render", "test", "plain", "--format", "json"])
    );
}

#[test]
fn charts_are_told_of_the_kinds_that_others_bring() {
    let fixture = Fixture::new();
    fixture.replace(
        "services/web/templates/test.yaml",
        "apiVersion: v1",
        "{{- if .Capabilities.APIVersions.Has \"cert-manager.io/v1/Certificate\" }}\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: told}\n---\n{{- end }}\napiVersion: v1",
    );
    assert_output!("capabilities", fixture.run(&["lint", "test"]));
    assert!(
        fixture
            .run(&["render", "test", "web"])
            .contains("name: told")
    );
}

#[test]
fn one_service_is_rendered_although_another_fails() {
    let fixture = Fixture::new();
    fixture.write(
        "services/plain/configuration.yaml",
        "kind: {apiVersion: metadata: \n",
    );
    assert!(fixture.run(&["render", "test"]).contains("exit 3"));
    assert!(fixture.run(&["render", "test", "web"]).contains("exit 0"));
}

#[test]
fn where_a_value_comes_from() {
    let fixture = Fixture::new();
    assert_output!(
        "origin",
        fixture.run(&["render", "test", "web", "--origin", "replicas"])
    );
    assert_output!(
        "origin_parameter",
        fixture.run(&[
            "render",
            "test",
            "web",
            "--origin",
            "global.host",
            "--format",
            "json"
        ])
    );
    assert_output!(
        "origin_unknown",
        fixture.run(&["render", "test", "web", "--origin", "replica"])
    );
}

#[test]
fn lint_without_findings() {
    let fixture = Fixture::new();
    assert_output!("lint", fixture.run(&["lint", "test"]));
    assert_output!(
        "lint_json",
        fixture.run(&["lint", "test", "--format", "json"])
    );
}

#[test]
fn the_repository_is_found_from_below_and_by_its_name() {
    let fixture = Fixture::new();
    let expected = fixture.run(&["lint", "test"]);
    let below = crate::support::run_in(&fixture.path().join("services/web"), &["lint", "test"]);
    assert_eq!(below, expected);
    let directory = fixture.path().to_str().expect("UTF-8");
    let named = crate::support::run_in(
        std::path::Path::new("/"),
        &["lint", "test", "--repo", directory],
    );
    assert_eq!(
        named.lines().skip(1).collect::<Vec<_>>(),
        expected.lines().skip(1).collect::<Vec<_>>()
    );
}

#[test]
fn colour_only_where_it_is_asked_for() {
    let fixture = Fixture::new();
    assert!(!fixture.run(&["plan", "test"]).contains('\u{1b}'));
    assert!(
        fixture
            .run(&["plan", "test", "--color", "always"])
            .contains('\u{1b}')
    );
    assert!(
        !fixture
            .run(&["plan", "test", "--color", "never"])
            .contains('\u{1b}')
    );
}

#[test]
fn completions_know_the_commands() {
    let fixture = Fixture::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = fixture.run(&["completions", shell]);
        assert!(script.contains("exit 0"), "{script}");
        assert!(
            script.contains("lint") && script.contains("kubernetes-version"),
            "{shell}"
        );
    }
}

/// Adds what images can stand in besides the containers of a Deployment and a Job.
fn with_images() -> Fixture {
    let fixture = Fixture::new();
    fixture.write(
        "services/plain/more.yaml",
        "apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: 0 0 * * *
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          initContainers: [{name: wait, image: busybox}]
          containers:
            - name: report
              image: quay.io/example/report:3@sha256:0000000000000000000000000000000000000000000000000000000000000000
              args: [--renderer-image=quay.io/example/renderer:2]
          volumes: [{name: model, image: {reference: quay.io/example/model:1}}]
---
apiVersion: example.org/v1
kind: Runner
metadata: {name: fast}
spec:
  pools: [{image: quay.io/example/runner:1}, {size: 2}]
---
apiVersion: example.org/v1
kind: Walker
metadata: {name: slow}
spec: {}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: runners.example.org}
spec:
  group: example.org
  names: {kind: Runner, plural: runners}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: walkers.example.org}
spec:
  group: example.org
  names: {kind: Walker, plural: walkers}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true}]
",
    );
    fixture.write(
        "firstlight.yaml",
        "images:
  - apiGroup: example.org
    kind: Runner
    paths: [\"spec.pools[*].image\"]
",
    );
    fixture
}

#[test]
fn images_in_every_form() {
    let fixture = with_images();
    assert_output!("images", fixture.run(&["images", "test"]));
    assert_output!(
        "images_quiet",
        fixture.run(&["images", "test", "web", "-q"])
    );
    assert_output!(
        "images_json",
        fixture.run(&["images", "test", "plain", "--format", "json"])
    );
    assert_output!(
        "images_lines",
        fixture.run(&["images", "test", "--format", "lines", "--mentioned", "-q"])
    );
    assert_output!(
        "images_unique",
        fixture.run(&["images", "test", "--unique"])
    );
}

#[test]
fn images_of_one_service_although_another_fails() {
    let fixture = Fixture::new();
    fixture.write(
        "services/plain/configuration.yaml",
        "kind: {apiVersion: metadata: \n",
    );
    assert!(fixture.run(&["images", "test"]).contains("exit 3"));
    let web = fixture.run(&["images", "test", "web", "issuers", "--unique"]);
    assert!(web.contains("exit 0"), "{web}");
}
