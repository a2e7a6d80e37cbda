//! What is wrong with an `ApplicationSet` is told with its place and how to mend it, in bounded time.

use applicationset::{Answer, Folder, GeneratorKind, Request, expand};
use serde_json::{Value, json};

fn set(spec: &str) -> Value {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set, namespace: \
         argocd}}\nspec:\n{spec}"
    );
    goyaml::parse(&text).expect("good YAML").into_json()
}

const TEMPLATE: &str = "
  template:
    metadata: {name: '{{name}}'}
    spec: {project: default, source: {repoURL: https://example.com/x, path: x}, destination: {name: in-cluster}}
";

fn request<'a>(set: &'a Value, folder: &'a Folder, answers: &'a [Answer]) -> Request<'a> {
    Request {
        set,
        repositories: folder,
        clusters: None,
        answers,
        projects: None,
    }
}

/// Returns what is wrong with the lines of a spec, to which a template is added.
fn wrong(lines: &str) -> Vec<String> {
    let set = set(&format!("{lines}{TEMPLATE}"));
    let folder = Folder::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
    let problems = match expand(&request(&set, &folder, &[])) {
        Ok(expansion) => expansion.refused,
        Err(problems) => problems,
    };
    problems.iter().map(ToString::to_string).collect()
}

fn one(lines: &str) -> String {
    let mut problems = wrong(lines);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems.remove(0)
}

#[test]
fn places_and_ways_to_mend_are_told() {
    for (lines, expected) in [
        (
            "  generators: [{lst: {}}]",
            "spec.generators[0].lst: is an unknown field",
        ),
        (
            "  generators: [{clusters: null}]",
            "spec.generators[0]: has no generator in it",
        ),
        (
            "  generators: [{list: {elements: [{name: a, size: 3}]}}]",
            "spec.generators[0].list.elements[0].size: must be a text, but is a number; write it in quotes",
        ),
        (
            "  generators: [{list: {elements: [{name: a}, {name: a}]}}]",
            "spec.generators[0].list: there are 2 Applications a; Argo CD writes none of them",
        ),
        (
            "  generators: [{list: {elements: [{name: A_b}]}}]",
            "spec.generators[0].list: the Application A_b has a name that Kubernetes refuses",
        ),
        (
            "  generators: [{list: {elements: [{nam: a}]}}]",
            "spec.generators[0].list: the Application {{name}} has a name that Kubernetes refuses; its template \
             was not filled in",
        ),
        (
            "  generators: [{matrix: {generators: [{list: {elements: [{a: b}]}}]}}]",
            "spec.generators[0].matrix.generators: a matrix has two generators, but here are 1",
        ),
        (
            "  generators: [{merge: {generators: [{list: {}}, {list: {}}]}}]",
            "spec.generators[0].merge.mergeKeys: a merge needs its keys; name the parameters",
        ),
        (
            "  generators: [{matrix: {generators: [{list: {}, git: {repoURL: x, revision: HEAD, directories: [{path: x}]}}, {list: {}}]}}]",
            "spec.generators[0].matrix.generators[0]: has several generators in one: list, git",
        ),
        (
            "  generators: [{matrix: {generators: [{matrix: {generators: [{matrix: {}}]}}]}}]",
            "spec.generators[0].matrix.generators[0].matrix.generators[0].matrix: is an unknown field; a \
             matrix or a merge within another one can have no further one",
        ),
        (
            "  generators: [{git: {repoURL: x, revision: HEAD}}]",
            "spec.generators[0].git: looks for nothing",
        ),
        (
            "  generators: [{git: {repoURL: x, revision: HEAD, directories: [{path: 'a['}]}}]",
            "spec.generators[0].git.directories[0].path: the pattern `a[` has a `[` without its `]`",
        ),
        (
            "  generators: [{git: {repoURL: x, revision: HEAD, files: [{path: ../up}]}}]",
            "spec.generators[0].git.files[0].path: the pattern `../up` leads out of the repository",
        ),
        (
            "  generators: [{git: {repoURL: x, revision: HEAD, files: [{path: mistakes.rs}]}}]",
            "mistakes.rs:",
        ),
        (
            "  goTemplate: true\n  templatePatch: '{{ .a'\n  generators: [{list: {elements: [{name: a}]}}]",
            "spec.template.metadata.name: is no Go template: `{{name}}`",
        ),
        (
            "  goTemplateOptions: [missingkey=no]\n  generators: []",
            "spec.goTemplateOptions[0]: there is no option `missingkey=no`",
        ),
        (
            "  templatePatch: 'spec: {sorce: {}}'\n  generators: [{list: {elements: [{name: a}]}}]",
            "spec.templatePatch.spec.sorce: is an unknown field",
        ),
        (
            "  templatePatch: '- a'\n  generators: [{list: {elements: [{name: a}]}}]",
            "spec.templatePatch: must be a map, but is a list",
        ),
        (
            "  templatePatch: 'spec: {project: 3}'\n  generators: [{list: {elements: [{name: a}]}}]",
            "spec.templatePatch.spec.project: must be a text, but is a number; write it in quotes: \"3\"",
        ),
        (
            "  strategy: {type: Rolling}\n  generators: []",
            "spec.strategy.type: cannot be `Rolling`; it is one of AllAtOnce, RollingSync",
        ),
        (
            "  syncPolicy: {applicationsSync: never}\n  generators: []",
            "spec.syncPolicy.applicationsSync: cannot be `never`",
        ),
    ] {
        let found = one(lines);
        assert!(found.starts_with(expected), "{lines}:\n{found}");
    }
}

#[test]
fn what_grows_without_bound_is_stopped() {
    let hundreds: Vec<Value> = (0..300).map(|n| json!({"x": n.to_string()})).collect();
    let hundreds = serde_json::to_string(&hundreds).unwrap();
    let list = |name: &str| {
        let elements = hundreds.replace("\"x\"", &format!("\"{name}\""));
        format!("{{list: {{elements: {elements}}}}}")
    };
    let inner = format!("{{matrix: {{generators: [{}, {}]}}}}", list("b"), list("c"));
    let told = one(&format!(
        "  generators: [{{matrix: {{generators: [{}, {inner}]}}}}]",
        list("name")
    ));
    assert!(
        told.contains("yields more than 50000 sets of parameters"),
        "{told}"
    );
}

#[test]
fn templates_that_loop_are_stopped() {
    for text in [
        r#"{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}"#,
        "{{ range until 100000 }}{{ range until 100000 }}x{{ end }}{{ end }}",
        "{{ repeat 100000000 .name }}",
    ] {
        let set = set(&format!(
            "  goTemplate: true\n  generators: [{{list: {{elements: [{{name: a}}]}}}}]\n  template:\n    metadata: \
             {{name: a, annotations: {{x: '{text}'}}}}\n    spec: {{project: default, destination: {{}}}}\n"
        ));
        let folder = Folder::new(".");
        let problems = expand(&request(&set, &folder, &[])).unwrap_err();
        let told = problems[0].to_string();
        assert!(
            told.starts_with("spec.template.metadata.annotations.x: cannot be filled in"),
            "{told}"
        );
    }
}

#[test]
fn what_only_a_service_knows_is_named_and_can_be_answered() {
    let set = set(&format!(
        "  generators:
    - pullRequest: {{github: {{owner: example, repo: portal}}, values: {{who: 'pr-{{{{number}}}}'}}}}
    - matrix:
        generators:
          - clusters: {{}}
          - list: {{elements: [{{app: a}}]}}
    - list: {{elements: [{{name: known}}]}}
{TEMPLATE}"
    ));
    let folder = Folder::new(".");
    let expansion = expand(&request(&set, &folder, &[])).unwrap();
    let unknown: Vec<_> = (expansion.unknown.iter())
        .map(|one| (one.path.as_str(), one.kind, one.asks.as_str()))
        .collect();
    assert_eq!(
        unknown,
        [
            (
                "spec.generators[0].pullRequest",
                GeneratorKind::PullRequest,
                "the pull requests of example/portal (github)"
            ),
            (
                "spec.generators[1].matrix.generators[0].clusters",
                GeneratorKind::Clusters,
                "the clusters that are registered with Argo CD"
            ),
        ]
    );
    assert_eq!(expansion.applications.len(), 1);

    let answer = |kind, at: Option<&str>, sets: Value| Answer {
        kind,
        at: at.map(str::to_owned),
        file: "answers.yaml".to_owned(),
        sets: sets.as_array().unwrap().clone(),
    };
    let answers = [
        answer(
            GeneratorKind::PullRequest,
            None,
            json!([{"name": "pr", "number": 7}]),
        ),
        answer(
            GeneratorKind::Clusters,
            Some("spec.generators[1].matrix.generators[0]"),
            json!([]),
        ),
        answer(GeneratorKind::Plugin, None, json!([])),
    ];
    let expansion = expand(&request(&set, &folder, &answers)).unwrap();
    assert_eq!(expansion.unknown, []);
    assert_eq!(expansion.unused_answers, [2]);
    let names: Vec<_> = (expansion.applications.iter())
        .map(|one| one.application["metadata"]["name"].as_str().unwrap())
        .collect();
    // The cluster that Argo CD runs in is always among the clusters.
    assert_eq!(names, ["pr", "in-cluster", "known"]);
}
