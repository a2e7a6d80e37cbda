//! `firstlight init`: the proposal must work as it is printed, and nothing is replaced.

use crate::support::{Fixture, assert_output};

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: NAME, namespace: argocd}
spec:
  project: default
  source: {repoURL: https://github.com/example/small.git, targetRevision: main, path: PATH}
  destination: {server: https://kubernetes.default.svc, namespace: NAME}
";

fn application(name: &str, path: &str) -> String {
    APPLICATION.replace("NAME", name).replace("PATH", path)
}

/// A root for each environment that points at a directory of Applications, and examples beside.
fn clusters() -> Fixture {
    let fixture = Fixture::of(&[(
        "manifests/web/configuration.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n",
    )]);
    for cluster in ["staging", "production"] {
        fixture.write(
            &format!("roots/{cluster}.yaml"),
            &application("root", &format!("clusters/{cluster}")),
        );
        for name in ["web", "api"] {
            fixture.write(
                &format!("clusters/{cluster}/{name}.yaml"),
                &application(name, "manifests/web"),
            );
        }
    }
    fixture.write(
        "examples/one/application.yaml",
        &application("guestbook", "guestbook"),
    );
    fixture
}

#[test]
fn a_proposal_works_as_it_is() {
    let fixture = clusters();
    assert_output!("init", fixture.run(&["init"]));
    assert_output!("init_write", fixture.run(&["init", "--write"]));
    assert_output!("init_twice", fixture.run(&["init", "--write"]));
    assert_output!("init_plan", fixture.run(&["graph", "staging"]));
}

#[test]
fn a_chart_with_values_for_environments_is_found() {
    let fixture = Fixture::of(&[
        (
            "argo/Chart.yaml",
            "apiVersion: v2\nname: argo\nversion: 1.0.0\n",
        ),
        ("argo/values.yaml", "apps: {}\n"),
        ("argo/values-one.yaml", "apps: {web: true}\n"),
        ("argo/values-two.yaml", "apps: {web: true, api: true}\n"),
        (
            "services/x.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
        ),
    ]);
    fixture.write(
        "argo/templates/applications.yaml",
        &format!(
            "{{{{- range $name, $on := .Values.apps }}}}\n---\n{}{{{{- end }}}}\n",
            application("{{ $name }}", "services")
        ),
    );
    assert_output!("init_chart", fixture.run(&["init"]));
}

#[test]
fn what_needs_no_file_or_has_none_to_propose_is_told() {
    assert_output!("init_known", Fixture::new().run(&["init"]));
    assert_output!(
        "init_nothing",
        Fixture::of(&[("README.md", "x\n")]).run(&["init", "--repo", "."])
    );
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";
    let fixture = Fixture::of(&[("clusters/a.yaml", flux)]);
    assert_output!("init_flux", fixture.run(&["init", "--repo", "."]));
    // A file without a layout is not replaced either.
    let fixture = clusters();
    fixture.write("firstlight.yaml", "images: []\n");
    assert_output!("init_without_layout", fixture.run(&["init", "--write"]));
    assert_eq!(fixture.read("firstlight.yaml"), "images: []\n");
}
