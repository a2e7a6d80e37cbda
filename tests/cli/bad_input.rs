//! What people get wrong: each mistake with its whole message and exit code.

use crate::support::{Fixture, assert_output, run_in};

#[test]
fn misspelt_environment() {
    assert_output!("bad_environment", Fixture::new().run(&["plan", "tets"]));
}

#[test]
fn misspelt_service() {
    assert_output!(
        "bad_service",
        Fixture::new().run(&["render", "test", "wbe"])
    );
}

#[test]
fn misspelt_flag_command_and_value() {
    let fixture = Fixture::new();
    assert_output!(
        "bad_flag",
        fixture.run(&["plan", "test", "--fromat", "json"])
    );
    assert_output!("bad_command", fixture.run(&["paln", "test"]));
    assert_output!(
        "bad_format",
        fixture.run(&["plan", "test", "--format", "yaml"])
    );
    assert_output!("bad_missing_argument", fixture.run(&["plan"]));
}

#[test]
fn no_repository() {
    let elsewhere = tempfile::TempDir::new().expect("a temporary directory");
    std::fs::create_dir(elsewhere.path().join("nothing")).expect("a directory");
    assert_output!(
        "bad_repository",
        run_in(elsewhere.path(), &["plan", "x", "--repo", "nothing"])
    );
}

#[test]
fn all_problems_of_the_environment_at_once() {
    let fixture = Fixture::new();
    fixture.write(
        "environments/values-test.yaml",
        "name: tset
fqdm: test.example.org
context: [kind]
services:
  issuers: {enabled: \"yes\"}
  plain: {enabled: true, projekt: default-project, project: defualt-project}
  web: {enabled: true, timeout: 10 minutes, dependsOn: [plian]}
  wep: {enabled: true}
",
    );
    assert_output!("bad_definition", fixture.run(&["plan", "test"]));
    let json = fixture.run(&["lint", "test", "--format", "json"]);
    assert_output!("bad_definition_json", json);
}

#[test]
fn broken_yaml() {
    let fixture = Fixture::new();
    fixture.replace(
        "environments/values-test.yaml",
        "plain: {enabled: true}",
        "plain: {enabled: true",
    );
    assert_output!("bad_yaml", fixture.run(&["plan", "test"]));
}

#[test]
fn a_key_given_twice() {
    let fixture = Fixture::new();
    fixture.replace(
        "environments/values-test.yaml",
        "  web: {enabled: true}",
        "  web: {enabled: true}\n  plain: {enabled: false}",
    );
    assert_output!("bad_duplicate_key", fixture.run(&["plan", "test"]));
}

#[test]
fn a_chart_that_fails() {
    let fixture = Fixture::new();
    fixture.write("services/web/values-test.yaml", "image: \"\"\n");
    assert_output!("bad_chart_required", fixture.run(&["plan", "test"]));
    fixture.write("services/web/values-test.yaml", "replicas: 2\n");
    fixture.replace(
        "services/web/templates/web.yaml",
        ".Values.replicas",
        ".Values.replicas | foo",
    );
    assert_output!("bad_chart_function", fixture.run(&["plan", "test"]));
    fixture.replace("services/web/templates/web.yaml", " | foo", "");
    fixture.replace(
        "services/web/templates/web.yaml",
        ".Values.global.host",
        ".Values.globl.host",
    );
    assert_output!("bad_chart_nil", fixture.run(&["plan", "test"]));
}

#[test]
fn a_chart_that_gives_broken_yaml() {
    let fixture = Fixture::new();
    fixture.replace(
        "services/web/templates/web.yaml",
        "replicas: {{",
        "replicas: }{{",
    );
    assert_output!("bad_chart_yaml", fixture.run(&["plan", "test"]));
}

#[test]
fn broken_values_of_a_service() {
    let fixture = Fixture::new();
    fixture.write("services/web/values-test.yaml", "replicas: [2\n");
    assert_output!("bad_values", fixture.run(&["plan", "test"]));
}

#[test]
fn broken_plain_manifest() {
    let fixture = Fixture::new();
    fixture.replace("services/plain/configuration.yaml", "data:", "data: {");
    assert_output!("bad_manifest", fixture.run(&["plan", "test"]));
    fixture.replace("services/plain/configuration.yaml", "data: {", "data:");
    fixture.replace(
        "services/plain/configuration.yaml",
        "kind: ConfigMap\n",
        "kind:\n",
    );
    assert_output!("bad_manifest_kind", fixture.run(&["plan", "test"]));
}

#[test]
fn a_root_that_fails() {
    let fixture = Fixture::new();
    fixture.replace(
        "bootstrap/templates/root.yaml",
        "path: bootstrap",
        "path: {{ .Values.x.y }}",
    );
    assert_output!("bad_root", fixture.run(&["plan", "test"]));
    fixture.replace(
        "bootstrap/templates/root.yaml",
        "path: {{ .Values.x.y }}",
        "path: elsewhere",
    );
    assert_output!("bad_root_missing", fixture.run(&["plan", "test"]));
}

#[test]
fn applications_that_cannot_be_installed() {
    let fixture = Fixture::new();
    fixture.replace(
        "bootstrap/templates/applications.yaml",
        "path: services/{{ $name }}\n",
        "path: service/{{ $name }}\n",
    );
    assert_output!("bad_path", fixture.run(&["plan", "test"]));
    let fixture = Fixture::new();
    fixture.replace(
        "bootstrap/templates/applications.yaml",
        "repoURL: {{ $.Values.repository.url }}",
        "repoURL: https://charts.example.org",
    );
    let output = fixture.run(&["plan", "test", "--offline"]);
    assert_output!("bad_repository_url", output);
    let fixture = Fixture::new();
    fixture.replace(
        "bootstrap/templates/applications.yaml",
        "valueFiles:",
        "valuesFiles:",
    );
    assert_output!("bad_application_field", fixture.run(&["plan", "test"]));
    let fixture = Fixture::new();
    fixture.replace(
        "bootstrap/templates/root.yaml",
        "server: https://kubernetes.default.svc",
        "server: https://elsewhere.example.org",
    );
    assert_output!("bad_destination", fixture.run(&["plan", "test"]));
}

#[test]
fn a_dependency_that_is_not_enabled() {
    let fixture = Fixture::new();
    fixture.replace(
        "environments/values-test.yaml",
        "plain: {enabled: true}",
        "plain: {enabled: false}",
    );
    assert_output!("bad_dependency", fixture.run(&["plan", "test"]));
    assert_output!(
        "bad_dependency_lint",
        fixture.run(&["lint", "test", "--format", "json"])
    );
}

#[test]
fn a_cycle() {
    let fixture = Fixture::new();
    fixture.replace(
        "environments/values-test.yaml",
        "issuers: {enabled: true}",
        "issuers: {enabled: true, dependsOn: [web]}",
    );
    assert_output!("bad_cycle", fixture.run(&["plan", "test"]));
}

#[test]
fn what_nobody_provides() {
    let fixture = Fixture::new();
    fixture.replace(
        "environments/values-test.yaml",
        "issuers: {enabled: true}",
        "issuers: {enabled: false}",
    );
    assert_output!("bad_missing_kind", fixture.run(&["lint", "test"]));
}

#[test]
fn a_hook_that_can_never_end() {
    let fixture = Fixture::new();
    fixture.replace(
        "services/web/templates/migration.yaml",
        "restartPolicy: Never",
        "restartPolicy: Never\n      serviceAccountName: web",
    );
    assert_output!("bad_hook", fixture.run(&["lint", "test"]));
}

#[test]
fn something_random() {
    let fixture = Fixture::new();
    fixture.replace(
        "services/web/templates/web.yaml",
        ".Values.replicas",
        "randNumeric 1",
    );
    let output = fixture.run(&["lint", "test"]);
    assert_output!("bad_random", output);
}

#[test]
fn no_version_of_kubernetes() {
    assert_output!(
        "bad_kubernetes_version",
        Fixture::new().run(&["plan", "test", "--kubernetes-version", "latest"])
    );
}

#[test]
fn mistakes_in_the_rules_for_images() {
    let fixture = Fixture::new();
    fixture.write(
        "firstlight.yaml",
        "imagse: []
images:
  - {kind: Runner, apigroup: example.org, paths: [spec.runners.0]}
  - {kind: Walker, apiGroup: example.org/v1, paths: [\"spec.walkers[0].image\"]}
  - {kind: Rider, apiGroup: example.org}
",
    );
    // It is told by every command, not only by those that need it.
    assert_output!("bad_supplement", fixture.run(&["plan", "test"]));
}

#[test]
fn images_that_nobody_can_pull() {
    let fixture = Fixture::new();
    fixture.replace("services/web/values.yaml", "example/web:1", "example/Web:1");
    assert_output!("bad_image", fixture.run(&["images", "test"]));
    assert_output!("bad_image_lint", fixture.run(&["lint", "test"]));
    assert_output!("bad_image_service", fixture.run(&["images", "test", "wbe"]));
}
