//! `firstlight chart template`, `show` and `pull`: what helm prints, and what is told where it
//! fails.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{Fixture, assert_output};

const FILES: &[(&str, &str)] = &[
    (
        "web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndescription: A page\nappVersion: \"2\"\n",
    ),
    (
        "web/values.yaml",
        "# how many\nreplicas: 1\nimage:\n  tag: v1\n",
    ),
    (
        "web/values.schema.json",
        r#"{"properties": {"replicas": {"type": "integer"}}}"#,
    ),
    ("web/README.md", "# web\n"),
    (
        "web/crds/page.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: pages.example.org}\n",
    ),
    (
        "web/templates/_helpers.tpl",
        "{{- define \"web.image\" -}}\nexample/web:{{ required \"image.tag must be given\" .Values.image.tag }}\n{{- end }}\n",
    ),
    (
        "web/templates/web.yaml",
        r#"apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
spec:
  replicas: {{ .Values.replicas }}
  template: {spec: {containers: [{name: web, image: {{ include "web.image" . }}}]}}
---
# nothing but words
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
"#,
    ),
    (
        "web/templates/told.yaml",
        r#"kind: ConfigMap
metadata: {name: told}
data:
  kubernetes: {{ .Capabilities.KubeVersion.Version }}
  monitoring: {{ .Capabilities.APIVersions.Has "monitoring.coreos.com/v1" | quote }}
  install: {{ .Release.IsInstall | quote }}
"#,
    ),
    (
        "web/templates/migration.yaml",
        "kind: Job\nmetadata: {name: migration, annotations: {helm.sh/hook: pre-install}}\n",
    ),
    (
        "web/templates/tests/ping.yaml",
        "kind: Pod\nmetadata: {name: ping, annotations: {helm.sh/hook: test}}\n",
    ),
    ("production.yaml", "replicas: 3\n"),
    ("note.txt", "v9"),
];

fn fixture() -> Fixture {
    Fixture::of(FILES)
}

#[test]
fn manifests_are_printed_as_helm_prints_them() {
    let fixture = fixture();
    assert_output!(
        "chart_template",
        fixture.run(&[
            "chart",
            "template",
            "page",
            "web",
            "-n",
            "pages",
            "--include-crds"
        ])
    );
    assert_output!(
        "chart_template_without_hooks",
        fixture.run(&[
            "chart",
            "template",
            "web",
            "--no-hooks=true",
            "--kube-version",
            "1.30",
            "-a",
            "monitoring.coreos.com/v1,x/v1",
            "--is-upgrade",
        ])
    );
}

/// The words of `chart template` with arguments.
fn template_words<'a>(first: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [&["chart", "template"], first, more].concat()
}

#[test]
fn parts_of_the_manifests() {
    let fixture = fixture();
    let run = |arguments: &[&str]| fixture.run(&template_words(&["page", "web"], arguments));
    assert_output!(
        "chart_template_one",
        run(&[
            "-s",
            "templates/told.yaml",
            "--show-only",
            "templates/tests/*.yaml"
        ])
    );
    assert_output!("chart_template_no_such", run(&["-s", "templates/tld.yaml"]));
    let without_tests = run(&["--skip-tests"]);
    assert!(without_tests.contains("migration") && !without_tests.contains("ping"));
    assert!(!run(&["--include-crds=false"]).contains("CustomResourceDefinition"));
}

#[test]
fn values_come_in_helms_order() {
    let fixture = fixture();
    let run = |arguments: &[&str]| {
        let whole: Vec<&str> = ["chart", "template", "web", "-s", "templates/web.yaml"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        fixture.run(&whole)
    };
    assert!(run(&["-f", "production.yaml"]).contains("replicas: 3"));
    assert!(run(&["--set", "replicas=4", "-f", "production.yaml"]).contains("replicas: 4"));
    assert!(run(&["--set-json", r#"{"replicas": 5}"#]).contains("replicas: 5"));
    assert!(run(&["--set-file", "image.tag=note.txt"]).contains("web:v9"));
    assert!(run(&["--set-literal", "image.tag=a,b=c"]).contains("web:a,b=c"));
    assert!(run(&["--set-string", "image.tag=7"]).contains("web:7"));
    assert_output!("chart_template_bad_set", run(&["--set", "replicas"]));
    assert_output!(
        "chart_template_schema",
        run(&["-f", "production.yaml", "--set-string", "replicas=many"])
    );
    fixture.write("production.yaml", "image: {tag: x}\nreplicas: several\n");
    assert_output!(
        "chart_template_schema_file",
        run(&["-f", "production.yaml"])
    );
    assert!(
        run(&["-f", "production.yaml", "--skip-schema-validation"]).contains("replicas: several")
    );
    fixture.write("production.yaml", "replicas: [3\n");
    assert_output!("chart_template_bad_values", run(&["-f", "production.yaml"]));
    assert_output!("chart_template_no_values", run(&["-f", "prod.yaml"]));
}

#[test]
fn values_come_from_standard_input() {
    let fixture = fixture();
    let mut program = Command::new(env!("CARGO_BIN_EXE_firstlight"))
        .current_dir(fixture.path())
        .env_clear()
        .args(["chart", "template", "web", "--values", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = program.stdin.take().expect("a pipe");
    input.write_all(b"replicas: 8\n").expect("it reads");
    drop(input);
    let output = program.wait_with_output().expect("it ends");
    assert!(String::from_utf8_lossy(&output.stdout).contains("replicas: 8"));
}

#[test]
fn files_are_written_instead() {
    let fixture = fixture();
    assert_output!(
        "chart_template_output",
        fixture.run(&[
            "chart",
            "template",
            "page",
            "web",
            "--output-dir",
            "out",
            "--release-name",
            "--include-crds",
        ])
    );
    assert!(
        fixture
            .read("out/web/crds/page.yaml")
            .starts_with("---\n# Source: web/crds/page.yaml\n")
    );
    assert_eq!(
        fixture
            .read("out/page/web/templates/web.yaml")
            .matches("kind: ")
            .count(),
        2
    );
}

#[test]
fn failures_tell_where() {
    let fixture = fixture();
    let template = |arguments: &[&str]| fixture.run(&template_words(&[], arguments));
    assert_output!(
        "chart_template_required",
        template(&["web", "--set", "image.tag=null"])
    );
    fixture.write(
        "web/templates/broken.yaml",
        "kind: A\nx: {{ .Values.image.tag }}: y\n",
    );
    assert_output!("chart_template_broken", template(&["web"]));
    let debug = template(&["web", "--debug"]);
    assert!(
        debug.contains("# Source: web/templates/broken.yaml\nkind: A\nx: v1: y"),
        "{debug}"
    );
    fixture.write("web/templates/broken.yaml", "x: {{ .Values.image.tag\n");
    assert_output!("chart_template_unparsed", template(&["web"]));
    fixture.write(
        "web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: [1]\n",
    );
    assert_output!("chart_template_metadata", template(&["web"]));
    assert_output!("chart_template_missing", template(&["wbe"]));
    assert_output!("chart_template_bad_name", template(&["Web", "web"]));
}

#[test]
fn what_is_not_possible_is_refused() {
    let fixture = fixture();
    let refused = |arguments: &[&str]| {
        let whole: Vec<&str> = ["chart", "template", "web"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let output = fixture.run(&whole);
        assert!(output.contains("exit 2"), "{output}");
        output
    };
    assert_output!("chart_template_validate", refused(&["--validate"]));
    assert_output!("chart_template_flag", refused(&["--valuse", "x"]));
    refused(&["--dry-run=server"]);
    refused(&["--dry-run=none"]);
    refused(&["--post-renderer", "x"]);
    refused(&["--enable-dns"]);
    refused(&["--include-crds=perhaps"]);
    refused(&["web", "--name-template", "x"]);
    let password = refused(&["--username", "ann", "--password", "hunter2"]);
    let told: Vec<&str> = password.lines().skip(1).collect();
    assert!(!told.concat().contains("hunter2"), "{password}");
}

#[test]
fn options_of_helm_without_effect_are_taken() {
    let fixture = fixture();
    let plain = fixture.run(&["chart", "template", "web"]);
    let given = fixture.run(&[
        "chart",
        "template",
        "web",
        "--wait",
        "--wait=legacy",
        "--timeout",
        "5m",
        "--atomic",
        "--create-namespace",
        "-l",
        "a=b",
        "--kube-context",
        "x",
        "--kubeconfig",
        "/none",
        "--dry-run=client",
        "--disable-openapi-validation",
        "--render-subchart-notes",
        "-g",
        "--server-side=false",
        "--description",
        "-x",
    ]);
    assert_eq!(
        plain.lines().skip(1).collect::<Vec<_>>(),
        given.lines().skip(1).collect::<Vec<_>>()
    );
}

#[test]
fn a_chart_says_what_it_is() {
    let fixture = fixture();
    assert_output!("chart_show", fixture.run(&["chart", "show", "all", "web"]));
    assert_output!(
        "chart_show_values",
        fixture.run(&["chart", "show", "values", "web"])
    );
}

#[test]
fn offline_nothing_is_fetched() {
    let fixture = fixture();
    assert_output!(
        "chart_pull_offline",
        fixture.run(&[
            "chart",
            "pull",
            "redis",
            "--repo",
            "https://charts.example.org",
            "--version",
            "^1",
            "--offline",
        ])
    );
    assert_output!(
        "chart_pull_address",
        fixture.run(&["chart", "pull", "https://charts.example.org/redis"])
    );
}
