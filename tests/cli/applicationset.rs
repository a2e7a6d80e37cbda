//! `ApplicationSet`s that the root renders: their Applications are services like all others, what cannot
//! be known is told, and can be answered by a file.

use crate::support::{Fixture, assert_output};

/// A set over the folders of `teams/`, and one over pull requests.
const SETS: &str = r"apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: teams, namespace: argocd}
spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - git:
        repoURL: {{ .Values.repository.url }}
        revision: {{ .Values.repository.revision }}
        directories: [{path: teams/*}, {path: teams/old, exclude: true}]
  template:
    metadata: {name: '{{`team-{{ .path.basename }}`}}'}
    spec:
      project: default-project
      source: {repoURL: {{ .Values.repository.url }}, targetRevision: main, path: '{{`{{ .path.path }}`}}'}
      destination: {server: https://kubernetes.default.svc, namespace: '{{`{{ .path.basename }}`}}'}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: previews, namespace: argocd}
spec:
  generators:
    - pullRequest: {github: {owner: example, repo: small}}
  template:
    metadata: {name: '{{`preview-{{number}}`}}'}
    spec:
      project: default-project
      source: {repoURL: {{ .Values.repository.url }}, path: services/plain}
      destination: {name: in-cluster, namespace: '{{`preview-{{number}}`}}'}
";

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let manifest =
        |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
    for team in ["blue", "red", "old", "ignored"] {
        fixture.write(&format!("teams/{team}/team.yaml"), &manifest(team));
    }
    fixture
        .write(".gitignore", "ignored/\n")
        .write("bootstrap/templates/sets.yaml", SETS);
    fixture
}

#[test]
fn their_applications_are_services() {
    let fixture = fixture();
    assert_output!(
        "applicationset_render",
        fixture.run(&["render", "test", "team-red", "--source-comments"])
    );
    assert_output!("applicationset_lint", fixture.run(&["lint", "test"]));
    let plan = fixture.run(&["plan", "test"]);
    assert!(plan.contains("team-blue"), "{plan}");
    assert!(
        !plan.contains("team-old") && !plan.contains("team-ignored"),
        "{plan}"
    );
}

#[test]
fn generators_are_answered_by_files() {
    let fixture = fixture();
    fixture
        .write(
            "firstlight.yaml",
            "generators:\n  - {applicationSet: previews, generator: pullRequest, file: previews.yaml}\n",
        )
        .write("previews.yaml", "- {number: 7, branch: feature}\n");
    let plan = fixture.run(&["plan", "test"]);
    assert!(plan.contains("preview-7"), "{plan}");
    assert!(!plan.contains("unknown-generator"), "{plan}");
    fixture.write("previews.yaml", "number: 7\n");
    assert_output!(
        "applicationset_answer_wrong",
        fixture.run(&["plan", "test"])
    );
    fixture.write(
        "firstlight.yaml",
        "generators:\n  - {applicationSet: previews, generator: pullrequest, file: previews.yaml}\n",
    );
    assert_output!(
        "applicationset_answer_unknown",
        fixture.run(&["plan", "test"])
    );
}

#[test]
fn mistakes_are_told_with_their_place() {
    let fixture = fixture();
    fixture.replace(
        "bootstrap/templates/sets.yaml",
        "goTemplate: true",
        "goTemplat: true",
    );
    assert_output!("applicationset_mistakes", fixture.run(&["plan", "test"]));
}
