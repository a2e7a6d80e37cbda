//! `firstlight chart lint`: each rule once, with its file and line.

use crate::support::{Fixture, assert_output};

const GOOD: &[(&str, &str)] = &[
    (
        "good/Chart.yaml",
        "apiVersion: v2\nname: good\nversion: 1.0.0\nicon: https://example.org/icon.svg\n",
    ),
    ("good/values.yaml", "name: good\n"),
    (
        "good/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ required \"a name\" .Values.name }}}\n",
    ),
];

const BAD: &[(&str, &str)] = &[
    (
        "bad/Chart.yaml",
        "apiVersion: v1
name: bad
version: 1.0
appVersion: 1.2
icon: nope
type: application
verison: 2.0.0
sources:
  - https://example.org
  - here
maintainers:
  - {name: ann, email: nobody}
dependencies:
  - {name: gone, version: 1.0.0, repository: \"https://charts.example.org\"}
",
    ),
    ("bad/values.yaml", "replicas: 1\nport: http\n"),
    (
        "bad/values.schema.json",
        r#"{"properties": {"port": {"type": "integer"}}}"#,
    ),
    (
        "bad/templates/a.yaml",
        "apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {name: A_b}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ required \"never\" .Values.none | default \"x\" }}}
---
apiVersion: v1
kind: List
metadata: {name: list}
items:
  - metadata: {annotations: {helm.sh/resource-policy: keep}}
",
    ),
    ("bad/templates/b.yaml", "  kind: ConfigMap\n"),
    ("bad/templates/c.json", "{}\n"),
    ("bad/templates/z.yaml", "kind: {{ .Values.port }}: x\n"),
    ("bad/crds/a.yaml", "apiVersion: v1\nkind: Page\n"),
    (
        "bad/charts/extra/Chart.yaml",
        "apiVersion: v2\nname: extra\n",
    ),
];

#[test]
fn a_good_chart_has_no_findings() {
    let fixture = Fixture::of(GOOD);
    assert_output!("chart_lint", fixture.run(&["chart", "lint", "good"]));
    assert!(
        fixture
            .run(&["chart", "lint", "good", "--strict", "-q"])
            .ends_with("exit 0\n")
    );
}

#[test]
fn every_rule_tells_where() {
    let fixture = Fixture::of(BAD);
    // A chart that cannot be loaded is not rendered.
    assert_output!(
        "chart_lint_unloadable",
        fixture.run(&["chart", "lint", "bad"])
    );
    fixture.write(
        "bad/charts/extra/Chart.yaml",
        "apiVersion: v2\nname: extra\nversion: 1.0.0\n",
    );
    assert_output!("chart_lint_schema", fixture.run(&["chart", "lint", "bad"]));
    let lint = ["chart", "lint", "bad", "--skip-schema-validation"];
    assert_output!("chart_lint_bad", fixture.run(&lint));
    assert_output!(
        "chart_lint_json",
        fixture.run(&[
            "chart", "lint", "bad", "--set", "port=80", "--quiet", "--format", "json"
        ])
    );
}

#[test]
fn warnings_fail_where_they_are_asked_to() {
    let fixture = Fixture::of(GOOD);
    fixture.replace("good/Chart.yaml", "icon:", "image: x\nicon:");
    assert!(fixture.run(&["chart", "lint", "good"]).contains("exit 0"));
    assert_output!(
        "chart_lint_strict",
        fixture.run(&["chart", "lint", "good", "--strict"])
    );
}

#[test]
fn charts_below_and_charts_that_are_none() {
    let fixture = Fixture::of(GOOD);
    fixture.write(
        "good/charts/below/Chart.yaml",
        "apiVersion: v2\nname: below\n",
    );
    assert_output!(
        "chart_lint_subcharts",
        fixture.run(&["chart", "lint", "good", "nowhere", "--with-subcharts"])
    );
}

#[test]
fn deprecations_depend_on_the_version() {
    let fixture = Fixture::of(GOOD);
    fixture.write(
        "good/templates/b.yaml",
        "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: b}\n",
    );
    let lint = |version| fixture.run(&["chart", "lint", "good", "--kube-version", version]);
    assert!(lint("1.20").contains("no findings"));
    assert!(lint("1.21").contains("use batch/v1 CronJob"));
}
