//! Jsonnet in a directory source: what is rendered, and what becomes of files that have no result.

use crate::support::Fixture;

/// A platform whose service `plain` is rendered from Jsonnet.
fn platform(directory: &str, files: &[(&str, &str)]) -> Fixture {
    let fixture = Fixture::new();
    fixture.write(
        "bootstrap/templates/sets.yaml",
        &format!(
            "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: sets, namespace: argocd}}
spec:
  project: default-project
  source:
    repoURL: https://github.com/example/small.git
    targetRevision: main
    path: services/sets
    directory: {directory}
  destination: {{server: https://kubernetes.default.svc, namespace: sets}}
"
        ),
    );
    for (path, text) in files {
        fixture.write(path, text);
    }
    fixture
}

const MAP: &str = "{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'of-the-library'}}";

#[test]
fn files_see_libraries_variables_and_the_build_environment() {
    let fixture = platform(
        "{recurse: true, exclude: 'lib/*', jsonnet: {libs: [vendor], \
         extVars: [{name: app, value: $ARGOCD_APP_NAME}], \
         tlas: [{name: count, value: '2', code: true}]}}",
        &[
            ("vendor/map.libsonnet", MAP),
            ("services/sets/lib/broken.jsonnet", "{"),
            (
                "services/sets/a.jsonnet",
                "function(count) [(import 'map.libsonnet') + {metadata+: {name: std.extVar('app') + \
                 '-%d' % i}} for i in std.range(1, count)] + [null]",
            ),
            ("services/sets/deep/b.jsonnet", "import 'map.libsonnet'"),
            (
                "services/sets/c.yaml",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: of-yaml}}",
            ),
            (
                "services/sets/d.json",
                "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"of-json\"}}",
            ),
        ],
    );
    let text = fixture.run(&["render", "test", "sets"]);
    assert!(text.contains("exit 0"), "{text}");
    for name in ["sets-1", "sets-2", "of-yaml", "of-json", "of-the-library"] {
        assert!(text.contains(&format!("name: {name}\n")), "{name}: {text}");
    }
}

#[test]
fn files_without_a_result_are_told_with_line_and_column() {
    for (program, expected) in [
        ("{\n  a: 1 +\n}", "services/sets/a.jsonnet:3:1"),
        ("{ kind: 'X', a: error 'no port' }", "no port"),
        ("import '../../../x'", "leads out of the repository"),
        ("{ a: 1 }", "no object with a `kind`"),
        (
            "[{ kind: 'X', apiVersion: 'v1' }, 1]",
            "the item 1 of the result",
        ),
        ("local f(x) = f(x) + 1; f(1)", "nested too deeply"),
        // Without an end or a bound: the process that evaluates it is stopped.
        ("std.repeat('x', 1e12)", "cannot be evaluated"),
        (
            "local a = std.makeArray(1e9, function(i) i); a",
            "needs more than 2 GiB of memory",
        ),
    ] {
        let fixture = platform("{}", &[("services/sets/a.jsonnet", program)]);
        let text = fixture.run(&["render", "test", "sets"]);
        assert!(!text.contains("exit 0"), "{program}: {text}");
        assert!(text.contains(expected), "{program}: {text}");
        assert!(
            text.contains("services/sets/a.jsonnet"),
            "{program}: {text}"
        );
    }
}

#[test]
#[ignore = "takes the 30 seconds of processor time that it is about"]
fn a_loop_without_an_end_is_stopped() {
    let program = "local f(x) = if x < 0 then 0 else f(x + 1) tailstrict; f(0)";
    let fixture = platform("{}", &[("services/sets/a.jsonnet", program)]);
    let text = fixture.run(&["render", "test", "sets"]);
    assert!(text.contains("has no end after 30 s"), "{text}");
}
