//! `firstlight kustomize build`: what kustomize v5.8 prints, and what is refused with its place.

use crate::support::{Fixture, assert_output};

const FILES: &[(&str, &str)] = &[
    (
        "overlay/kustomization.yaml",
        "resources: [../base]\nnamePrefix: over-\nhelmGlobals: {chartHome: ../charts}\n",
    ),
    (
        "base/kustomization.yaml",
        "resources: [web.yaml]\nconfigMapGenerator: [{name: conf, literals: [a=b]}]\n",
    ),
    (
        "base/web.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: c, envFrom: [{configMapRef: {name: conf}}]}]}\n",
    ),
    (
        "chart/kustomization.yaml",
        "namespace: there\nhelmCharts:\n- {name: web, releaseName: r, valuesInline: {greeting: hello}}\n",
    ),
    (
        "chart/charts/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    ),
    ("chart/charts/web/values.yaml", "greeting: hi\n"),
    (
        "chart/charts/web/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}', namespace: '{{ .Release.Namespace }}'}\ndata: {greeting: '{{ .Values.greeting }}'}\n",
    ),
    (
        "outside/kustomization.yaml",
        "resources: [../base/web.yaml]\n",
    ),
    (
        "remote/kustomization.yaml",
        "resources:\n- https://user:secret@example.org/team/repo//base?ref=v1\n",
    ),
    (
        "misspelt/kustomization.yaml",
        "resources: []\nreplacments: []\n",
    ),
];

#[test]
fn a_kustomization_is_built_as_kustomize_builds_it() {
    let fixture = Fixture::of(FILES);
    let build = |arguments: &[&str]| fixture.run(&[&["kustomize", "build"], arguments].concat());
    assert_output!("kustomize_build", build(&["overlay"]));
    assert_output!("kustomize_helm", build(&["chart", "--enable-helm"]));
    let unrestricted = ["outside", "--load-restrictor", "LoadRestrictionsNone"];
    assert_output!("kustomize_unrestricted", build(&unrestricted));
}

#[test]
fn what_kustomize_refuses_is_refused_with_its_place() {
    let fixture = Fixture::of(FILES);
    let build = |arguments: &[&str]| fixture.run(&[&["kustomize", "build"], arguments].concat());
    assert_output!("kustomize_bad_helm", build(&["chart"]));
    assert_output!("kustomize_bad_outside", build(&["outside"]));
    assert_output!("kustomize_bad_remote", build(&["remote"]));
    assert_output!("kustomize_bad_field", build(&["misspelt"]));
    assert_output!(
        "kustomize_bad_program",
        build(&["overlay", "--enable-exec"])
    );
    assert_output!("kustomize_bad_folder", build(&["absent"]));
}

#[test]
fn a_folder_gets_a_file_for_each_resource() {
    let fixture = Fixture::of(FILES);
    std::fs::create_dir(fixture.path().join("out")).expect("a folder");
    fixture.run(&["kustomize", "build", "overlay", "-o", "out"]);
    let read = std::fs::read_dir(fixture.path().join("out")).expect("a folder");
    let mut names: Vec<String> = read
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "v1_configmap_over-conf-4h2mbtbbt6.yaml",
            "v1_pod_over-web.yaml"
        ]
    );
}

/// Runs git in a folder.
fn git(folder: &std::path::Path, arguments: &[&str]) {
    let status = std::process::Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
        .args(["-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status();
    assert!(status.expect("git").success(), "{arguments:?}");
}

#[test]
fn remote_bases_are_fetched_at_their_revisions() {
    let fixture = Fixture::of(FILES);
    let served = fixture.path().join("served");
    for folder in ["app", "inner"] {
        std::fs::create_dir_all(served.join(folder)).expect("a folder");
    }
    let write = |path: &str, text: &str| {
        std::fs::write(served.join(path), text).expect("a file");
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n";
    write(
        "app/kustomization.yaml",
        "resources: [../inner, map.yaml]\n",
    );
    write("app/map.yaml", &map.replace("NAME", "first"));
    write("inner/kustomization.yaml", "resources: [map.yaml]\n");
    write("inner/map.yaml", &map.replace("NAME", "inner"));
    git(&served, &["init", "--quiet", "--initial-branch=main"]);
    git(&served, &["add", "--all"]);
    git(&served, &["commit", "--quiet", "--message=one"]);
    git(&served, &["tag", "v1"]);
    // The second revision is built from the first, which is no circle.
    let url = format!("file://{}//app?ref=v1", served.display());
    write(
        "app/kustomization.yaml",
        &format!("resources: ['{url}']\nnamePrefix: second-\n"),
    );
    git(&served, &["commit", "--quiet", "--all", "--message=two"]);
    let build = |reference: &str| {
        let url = url.replace("?ref=v1", reference);
        let folder = fixture.path().join("over");
        std::fs::create_dir_all(&folder).expect("a folder");
        let text = format!("resources: ['{url}']\n");
        std::fs::write(folder.join("kustomization.yaml"), text).expect("a file");
        fixture.run(&["kustomize", "build", "over"])
    };
    let second = build("?ref=main&submodules=false");
    assert!(second.contains("name: second-first"), "{second}");
    assert!(second.contains("name: second-inner"), "{second}");
    let first = build("?version=v1");
    assert!(first.contains("name: first"), "{first}");
    let unknown = build("?ref=mian");
    assert!(
        unknown.contains("it has no revision `mian` (did you mean main?)"),
        "{unknown}"
    );
}
