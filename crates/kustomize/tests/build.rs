//! What a build refuses, where its resources come from, and what options change.

use std::collections::BTreeMap;

use kustomize::{LabelScope, MemoryFiles, Options, build};
use serde_json::{Value, json};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: 'app:1'}]\n";

fn files(list: &[(&str, &str)]) -> MemoryFiles {
    MemoryFiles(
        list.iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect(),
    )
}

fn refusal(list: &[(&str, &str)], folder: &str) -> String {
    match build(&files(list), folder, &Options::default()) {
        Ok(built) => panic!("{list:?} was built as {built:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn fields_are_refused_by_name_and_place() {
    let with = |text: &str| refusal(&[("kustomization.yaml", text), ("pod.yaml", POD)], "");
    for (text, expected) in [
        (
            "resources: [pod.yaml]\nressources: []\n",
            "kustomization.yaml:2:1: unknown field ressources",
        ),
        (
            "resources: [pod.yaml]\nvars:\n- {name: x, objref: {kind: Pod, name: q, apiVersion: v1}}\n",
            "kustomization.yaml:3:3: the variable x is of Pod q, which is no resource here",
        ),
        (
            "images:\n- {name: x, tag: '1'}\n",
            "kustomization.yaml:2:13: unknown field tag; known here: name, newName",
        ),
        (
            "namespace: 5\n",
            "kustomization.yaml:1:12: an integer where a string",
        ),
        (
            "resources: pod.yaml\n",
            "kustomization.yaml:1:12: a string where a list is expected",
        ),
        (
            "kind: Deployment\n",
            "kustomization.yaml:1:7: kind should be Kustomization or Component",
        ),
        (
            "a: b: c\n",
            "mapping values are not allowed in this context",
        ),
        ("", "kustomization.yaml: the kustomization is empty"),
        (
            "resources: [https://example.org/x]\n",
            "the remote resource https://example.org/x is not",
        ),
        (
            "resources: [pod.yaml, pod.yaml]\n",
            "pod.yaml:1:1: Pod p is already there, from pod.yaml:1:1",
        ),
        (
            "resources: [absent.yaml]\n",
            "kustomization.yaml:1:13: absent.yaml cannot be read",
        ),
        (
            "patches: [{target: {kind: Pod}}]\n",
            "a patch must have one of patch and path",
        ),
        (
            "resources: [pod.yaml]\npatches:\n- patch: '{apiVersion: v1, kind: Pod, metadata: {name: q}}'\n",
            "kustomization.yaml:3:3: there is no Pod q to patch",
        ),
        (
            "resources: [pod.yaml]\npatches:\n- patch: '- {op: remove, path: /spec/x}'\n  target: {kind: Pod}\n",
            "kustomization.yaml:3:3: Pod p: remove /spec/x: there is no x",
        ),
        (
            "resources: [pod.yaml]\nreplicas: [{name: p, count: 1}]\n",
            "StatefulSet named p",
        ),
        (
            "configMapGenerator: [{name: c, behavior: merge}]\n",
            "ConfigMap c does not exist; it cannot be merged or replaced",
        ),
        (
            "configMapGenerator: [{name: c, literals: [a=1, a=2]}]\n",
            "c has the key a twice",
        ),
    ] {
        let message = with(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn nothing_outside_is_read() {
    let secret = ("other/secret.yaml", POD);
    let at = |text: &'static str| refusal(&[("app/kustomization.yaml", text), secret], "app");
    assert!(
        at("resources: [../other/secret.yaml]")
            .contains("is outside the kustomization's folder app")
    );
    assert!(at("resources: [../../x.yaml]").contains("../../x.yaml is outside the root"));
    assert!(at("resources: [/etc/passwd]").contains("/etc/passwd is outside the root"));
    assert!(
        at("configMapGenerator: [{name: c, files: [../other/secret.yaml]}]").contains("is outside")
    );
    assert!(at("resources: [..]").contains("a cycle"));
    assert!(at("resources: [../other]").contains("other has no kustomization.yaml"));
    let loops = [
        ("a/kustomization.yaml", "resources: [../b]"),
        ("b/kustomization.yaml", "resources: [../a]"),
    ];
    assert!(refusal(&loops, "a").contains("a cycle"));
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("pod.yaml"), POD).unwrap();
    let root = tempfile::tempdir().unwrap();
    std::fs::write(
        root.path().join("kustomization.yaml"),
        "resources: [pod.yaml]",
    )
    .unwrap();
    let link = root.path().join("pod.yaml");
    std::os::unix::fs::symlink(outside.path().join("pod.yaml"), link).unwrap();
    let files = kustomize::DiskFiles::new(root.path()).unwrap();
    let error = build(&files, "", &Options::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("a link leads out of the root"), "{error}");
}

#[test]
fn resources_know_their_document_and_generator() {
    let list = [
        (
            "over/kustomization.yaml",
            "resources:\n- ../base\nconfigMapGenerator:\n- name: conf\n",
        ),
        ("base/kustomization.yaml", "resources: [two.yaml]\n"),
        (
            "base/two.yaml",
            "# first\napiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n",
        ),
    ];
    let built = build(&files(&list), "over", &Options::default()).unwrap();
    let seen: Vec<String> = built
        .iter()
        .map(|it| format!("{} {}", it.manifest["metadata"]["name"], it.source))
        .collect();
    assert_eq!(
        seen,
        [
            "\"conf-6ct58987ht\" over/kustomization.yaml:4:3",
            "\"a\" base/two.yaml:2:1",
            "\"b\" base/two.yaml:6:1"
        ]
    );
}

#[test]
fn options_change_the_kustomization() {
    let list = [
        (
            "kustomization.yaml",
            "resources: [pod.yaml, d.yaml]\nnamePrefix: file-\nimages: [{name: app, newTag: file}]\ncommonLabels: {a: file}\n",
        ),
        ("pod.yaml", POD),
        (
            "d.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {}\n",
        ),
        (
            "comp/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {comp: '1'}\n",
        ),
    ];
    let map = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    let options = Options {
        name_prefix: Some("opt-".to_owned()),
        name_suffix: Some("-opt".to_owned()),
        namespace: Some("ns".to_owned()),
        images: vec!["app=registry.example.org/app:2".to_owned()],
        replicas: BTreeMap::from([("d".to_owned(), 3)]),
        common_labels: map("b", "opt"),
        label_scope: LabelScope::Templates,
        common_annotations: map("n", "opt"),
        patches: Some(
            "- patch: '- {op: add, path: /spec/x, value: 1}'\n  target: {kind: Pod}".to_owned(),
        ),
        components: vec!["comp".to_owned()],
        ..Options::default()
    };
    let built = build(&files(&list), "", &options).unwrap();
    let manifests: Vec<Value> = built.into_iter().map(|it| it.manifest).collect();
    let labels = json!({"a": "file", "b": "opt"});
    let annotations = json!({"n": "opt", "comp": "1"});
    assert_eq!(
        manifests,
        [
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": "opt-d-opt", "namespace": "ns", "labels": labels, "annotations": annotations},
                "spec": {
                    "replicas": 3,
                    "selector": {"matchLabels": {"a": "file"}},
                    "template": {"metadata": {"labels": labels, "annotations": {"n": "opt", "comp": "1"}}},
                },
            }),
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": "opt-p-opt", "namespace": "ns", "labels": labels, "annotations": annotations},
                "spec": {"x": 1, "containers": [{"name": "c", "image": "registry.example.org/app:2"}]},
            }),
        ]
    );
    let clash = Options {
        common_labels: map("a", "opt"),
        ..Options::default()
    };
    let error = build(&files(&list), "", &clash).unwrap_err().to_string();
    assert_eq!(error, "options: a is already in the kustomization file");
    let forced = Options {
        force_common_labels: true,
        ..clash
    };
    assert!(build(&files(&list), "", &forced).is_ok());
}
