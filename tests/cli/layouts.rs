//! Repositories that were not made for firstlight: each habit in a small form, planned as it is or with
//! a few lines of `firstlight.yaml`, and what is wrong in one service while the others are planned.

use crate::support::{Fixture, assert_output};

const URL: &str = "https://git.example.org/team/platform.git";

/// An Application of a directory of the repository.
fn application(name: &str, path: &str) -> String {
    application_to(
        name,
        path,
        &format!("server: https://kubernetes.default.svc, namespace: {name}"),
    )
}

fn application_to(name: &str, path: &str, destination: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: default
  source: {{repoURL: {URL}, targetRevision: main, path: {path}}}
  destination: {{{destination}}}
  syncPolicy: {{syncOptions: [CreateNamespace=true]}}
"
    )
}

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: b}}\n")
}

/// Three directories with one manifest each, beside the files that are given.
fn fixture(files: &[(&str, &str)]) -> Fixture {
    let fixture = Fixture::of(files);
    for name in ["web", "store", "queue"] {
        fixture.write(&format!("apps/{name}/all.yaml"), &config_map(name));
    }
    fixture
}

/// The parent chart as Phalanx has had it: one flag may yield several Applications, a flag may be
/// called otherwise than its Application, and one has no flag at all.
fn phalanx(parent: &str, services: &str, keys: [&str; 2]) -> Fixture {
    let [url, revision] = keys;
    let one = |name: &str, path: &str, files: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: default
  source:
    repoURL: {{{{ .Values.{url} }}}}
    targetRevision: {{{{ .Values.{revision} | quote }}}}
    path: {services}/{path}
    helm:
      parameters: [{{name: global.host, value: {{{{ .Values.fqdn }}}}}}]
      valueFiles: [{files}]
  destination: {{server: https://kubernetes.default.svc, namespace: {name}}}
  syncPolicy: {{syncOptions: [CreateNamespace=true]}}
"
        )
    };
    let own = "values.yaml, 'values-{{ .Values.name }}.yaml'";
    let fixture = Fixture::of(&[]);
    let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    fixture
        .write(&format!("{parent}/Chart.yaml"), &chart("parent"))
        .write(&format!("{parent}/values.yaml"), "flags: {lab: false}\n")
        .write(
            &format!("{parent}/values-small.yaml"),
            "name: small\nfqdn: small.example.org\nunknown: is no mistake here\n",
        )
        .write(
            &format!("{parent}/values-large.yaml"),
            "name: large\nfqdn: large.example.org\nflags: {lab: true}\nappOfAppsName: everything\n",
        )
        .write(
            &format!("{parent}/templates/web.yaml"),
            &one("web", "web", own),
        )
        .write(
            &format!("{parent}/templates/lab.yaml"),
            &format!(
                "{{{{- if .Values.flags.lab }}}}\n{}---\n{}{{{{- end }}}}\n",
                one("lab", "lab", own),
                one("lab-users", "users", "")
            ),
        );
    for name in ["web", "lab", "users"] {
        let path = |file: &str| format!("{services}/{name}/{file}");
        fixture
            .write(&path("Chart.yaml"), &chart(name))
            .write(&path("values.yaml"), "greeting: hello\n")
            .write(&path("values-small.yaml"), "greeting: hi\n")
            .write(&path("values-large.yaml"), "")
            .write(
                &path("templates/all.yaml"),
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: greeting}\n\
                 data: {text: '{{ .Values.greeting }} from {{ .Values.global.host }}'}\n",
            );
    }
    fixture
}

#[test]
fn phalanx_as_it_is_and_as_it_was() {
    let today = phalanx(
        "environments",
        "applications",
        ["repoUrl", "targetRevision"],
    );
    assert_output!("layout_phalanx", today.run(&["plan", "large"]));
    assert_output!("layout_phalanx_render", today.run(&["render", "small"]));
    assert_output!("layout_phalanx_unknown", today.run(&["plan", "medium"]));
    let old = phalanx("science-platform", "services", ["repoURL", "revision"]);
    assert_output!("layout_phalanx_old", old.run(&["plan", "large"]));
}

#[test]
fn a_missing_values_file_is_told_of_its_service_alone() {
    let fixture = phalanx(
        "environments",
        "applications",
        ["repoUrl", "targetRevision"],
    );
    let missing = fixture.path().join("applications/lab/values-large.yaml");
    std::fs::remove_file(missing).expect("the file was there");
    assert_output!("layout_missing_values", fixture.run(&["lint", "large"]));
    assert_output!(
        "layout_missing_values_json",
        fixture.run(&["lint", "large", "--format", "json"])
    );
}

#[test]
fn a_directory_of_applications() {
    let fixture = fixture(&[("firstlight.yaml", "layout: {roots: clusters/*}\n")]);
    let elsewhere = "server: https://far.example.org, namespace: queue";
    fixture
        .write("clusters/one/web.yaml", &application("web", "apps/web"))
        .write(
            "clusters/two/store.yaml",
            &application("store", "apps/store"),
        )
        .write(
            "clusters/two/queue.yaml",
            &application_to("queue", "apps/queue", elsewhere),
        );
    assert_output!("layout_directory", fixture.run(&["plan", "one"]));
    assert_output!("layout_other_cluster", fixture.run(&["plan", "two"]));
    fixture.write(
        "firstlight.yaml",
        "layout: {roots: clusters/*, clusters: https://far.example.org}\n",
    );
    assert_output!("layout_named_cluster", fixture.run(&["graph", "two"]));
}

#[test]
fn a_kustomization_of_applications() {
    let fixture = fixture(&[(
        "firstlight.yaml",
        "layout:\n  environments: [test, live]\n  roots: overlays/*\n",
    )]);
    fixture
        .write("base/web.yaml", &application("web", "apps/web"))
        .write("base/store.yaml", &application("store", "apps/store"))
        .write(
            "base/kustomization.yaml",
            "resources: [web.yaml, store.yaml]\n",
        )
        .write(
            "overlays/live/kustomization.yaml",
            "resources: [../../base]\n",
        )
        .write(
            "overlays/test/kustomization.yaml",
            "resources: [../../base]\nnamePrefix: test-\n",
        );
    assert_output!("layout_kustomization", fixture.run(&["plan", "test"]));
}

#[test]
fn a_file_with_an_application_set() {
    let fixture = fixture(&[("firstlight.yaml", "layout: {roots: root.yaml}\n")]);
    let set = format!(
        "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: apps, namespace: argocd}}
spec:
  goTemplate: true
  generators: [{{git: {{repoURL: {URL}, revision: main, directories: [{{path: apps/*}}]}}}}]
  template:
    metadata: {{name: '{{{{ .path.basename }}}}'}}
    spec:
      project: default
      source: {{repoURL: {URL}, targetRevision: main, path: '{{{{ .path.path }}}}'}}
      destination: {{name: in-cluster, namespace: '{{{{ .path.basename }}}}'}}
      syncPolicy: {{syncOptions: [CreateNamespace=true]}}
"
    );
    fixture.write("root.yaml", &set);
    assert_output!("layout_set", fixture.run(&["plan", "default"]));
}

#[test]
fn applications_of_applications() {
    let fixture = fixture(&[("firstlight.yaml", "layout: {roots: root.yaml}\n")]);
    fixture
        .write("root.yaml", &application("everything", "levels/first"))
        .write(
            "levels/first/second.yaml",
            &application("second", "levels/second"),
        )
        .write("levels/first/web.yaml", &application("web", "apps/web"))
        .write("levels/second/own.yaml", &config_map("own"))
        // One that keeps itself is no circle.
        .write(
            "levels/second/second.yaml",
            &application("second", "levels/second"),
        )
        .write(
            "levels/second/third.yaml",
            &application("third", "levels/third"),
        )
        .write(
            "levels/third/store.yaml",
            &application("store", "apps/store"),
        );
    assert_output!("layout_nested", fixture.run(&["plan", "default"]));
    fixture.write(
        "levels/third/again.yaml",
        &application("second", "levels/second"),
    );
    assert_output!("layout_circle", fixture.run(&["plan", "default"]));
}

#[test]
fn several_roots_values_and_parameters() {
    let root = "apiVersion: v2\nname: root\nversion: 1.0.0\n";
    let fixture = fixture(&[
        (
            "firstlight.yaml",
            "layout:
  valueFiles: settings/*.yaml
  roots: [{path: root, parameters: {url: $url, cluster: $environment}}, more]
  url: https://git.example.org/team/platform.git
  revision: main
",
        ),
        ("settings/live.yaml", "enabled: true\n"),
        ("settings/test.yaml", "enabled: false\n"),
        ("root/Chart.yaml", root),
    ]);
    let web =
        application("web-{{ .Values.cluster }}", "apps/web").replace(URL, "{{ .Values.url }}");
    fixture
        .write(
            "root/templates/web.yaml",
            &format!("{{{{- if .Values.enabled }}}}\n{web}{{{{- end }}}}\n"),
        )
        .write("more/store.yaml", &application("store", "apps/store"));
    assert_output!("layout_several", fixture.run(&["plan", "live"]));
    assert_output!("layout_several_test", fixture.run(&["graph", "test"]));
}

#[test]
fn what_a_layout_cannot_mean() {
    let fixture = fixture(&[(
        "firstlight.yaml",
        "layout:\n  root: clusters\n  environments: clusters/*/*\n  clusters: {}\n",
    )]);
    assert_output!("layout_mistakes", fixture.run(&["plan", "one"]));
    fixture.write("firstlight.yaml", "layout: {roots: nowhere}\n");
    assert_output!("layout_nowhere", fixture.run(&["plan", "default"]));
}

#[test]
fn what_git_says_of_the_working_tree() {
    let fixture = fixture(&[("firstlight.yaml", "layout: {roots: clusters}\n")]);
    let (old, new) = ("a".repeat(40), "b".repeat(40));
    fixture
        .write("clusters/web.yaml", &application("web", "apps/web"))
        .write(".git/HEAD", "ref: refs/heads/change\n")
        .write(".git/refs/heads/change", &new)
        .write(".git/refs/remotes/origin/main", &old)
        .write(
            ".git/config",
            "[remote \"origin\"]\n\turl = https://me:password@git.example.org/team/platform.git\n",
        );
    assert_output!("layout_unpushed", fixture.run(&["lint", "default"]));
    fixture.write(".git/HEAD", &old);
    assert_output!("layout_detached", fixture.run(&["lint", "default"]));
    std::fs::remove_file(fixture.path().join(".git/refs/remotes/origin/main")).expect("a file");
    assert_output!("layout_not_there", fixture.run(&["lint", "default"]));
}

#[cfg(unix)]
#[test]
fn links_out_of_the_repository() {
    let outside = tempfile::TempDir::new().expect("a directory");
    std::fs::write(outside.path().join("all.yaml"), config_map("outside")).expect("a file");
    let fixture = fixture(&[("firstlight.yaml", "layout: {roots: clusters}\n")]);
    fixture
        .write("clusters/web.yaml", &application("web", "apps/web"))
        .write("clusters/store.yaml", &application("store", "apps/linked"));
    std::os::unix::fs::symlink(outside.path(), fixture.path().join("apps/linked")).expect("a link");
    assert_output!("layout_link", fixture.run(&["plan", "default"]));
}
