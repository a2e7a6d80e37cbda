//! What is found in objects of every kind, and what is said of those where nothing can be found.

use serde_json::{Value, json};

use super::*;
use crate::definition::{FieldPath, ImageRule};
use crate::render::{Object, ObjectId, Phase};
use crate::source::Source;

fn object(manifest: Value) -> Object {
    let text = |pointer: &str| {
        let found = manifest.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    };
    Object {
        id: ObjectId {
            api_version: text("/apiVersion"),
            kind: text("/kind"),
            namespace: Some("n".to_owned()),
            name: "x".to_owned(),
        },
        source: Source::line("a.yaml", 1),
        phase: Phase::Sync,
        hook: false,
        hook_delete_policies: Vec::new(),
        sync_wave: 0,
        tracking: crate::render::Tracking::default(),
        manifest,
    }
}

fn found_in(manifests: &[Value], own: Vec<ImageRule>) -> Inventory {
    let objects: Vec<Object> = manifests.iter().cloned().map(object).collect();
    inventory(
        objects.iter().map(|object| ("service", object)),
        &Rules::new(own),
    )
}

fn told(images: &[Image]) -> Vec<String> {
    images
        .iter()
        .flat_map(|image| image.uses.iter().map(move |one| (image, one)))
        .map(|(image, one)| format!("{} {} {}", image.name, one.object.kind, one.field))
        .collect()
}

fn findings(inventory: &Inventory) -> Vec<String> {
    inventory
        .findings
        .iter()
        .map(|finding| {
            format!(
                "{:?} {} {}",
                finding.severity, finding.code, finding.message
            )
        })
        .collect()
}

#[test]
fn every_kind_with_pods_is_looked_into() {
    let pods = json!({"spec": {"containers": [{"image": "a:1"}]}});
    let template = |kind: &str, group: &str| json!({"apiVersion": group, "kind": kind, "spec": {"template": pods}});
    let found = found_in(
        &[
            json!({"apiVersion": "v1", "kind": "Pod", "spec": pods["spec"]}),
            json!({"apiVersion": "v1", "kind": "PodTemplate", "template": pods}),
            template("ReplicationController", "v1"),
            template("Deployment", "apps/v1"),
            template("ReplicaSet", "apps/v1"),
            template("StatefulSet", "apps/v1"),
            template("DaemonSet", "apps/v1"),
            template("Job", "batch/v1"),
            json!({"apiVersion": "batch/v1", "kind": "CronJob",
                "spec": {"jobTemplate": {"spec": {"template": pods}}}}),
            json!({"apiVersion": "v1", "kind": "Service", "spec": {"template": pods}}),
        ],
        Vec::new(),
    );
    assert_eq!(
        told(&found.images),
        [
            "docker.io/library/a:1 Pod spec.containers[0].image",
            "docker.io/library/a:1 PodTemplate template.spec.containers[0].image",
            "docker.io/library/a:1 ReplicationController spec.template.spec.containers[0].image",
            "docker.io/library/a:1 Deployment spec.template.spec.containers[0].image",
            "docker.io/library/a:1 ReplicaSet spec.template.spec.containers[0].image",
            "docker.io/library/a:1 StatefulSet spec.template.spec.containers[0].image",
            "docker.io/library/a:1 DaemonSet spec.template.spec.containers[0].image",
            "docker.io/library/a:1 Job spec.template.spec.containers[0].image",
            "docker.io/library/a:1 CronJob \
             spec.jobTemplate.spec.template.spec.containers[0].image",
        ]
    );
    assert_eq!(findings(&found), Vec::<String>::new());
}

#[test]
fn custom_resources_are_looked_into_by_rules() {
    let found = found_in(
        &[
            json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus",
                "spec": {"image": "quay.io/p/p:v3", "thanos": {"version": "v1"}}}),
            json!({"apiVersion": "operator.victoriametrics.com/v1beta1", "kind": "VMSingle",
                "spec": {"image": {"repository": "v/m", "tag": "v1"}, "configReloaderImage": "r:1"}}),
            json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
                "spec": {"template": {"spec": {"containers": [{"image": "b:1"}]}}}}),
            json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "CronWorkflow",
                "spec": {"workflowSpec": {"templates": [{"script": {"image": "c:1"}}]}}}),
            json!({"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "spec": {}}),
        ],
        Vec::new(),
    );
    assert_eq!(
        told(&found.images),
        [
            "docker.io/library/b:1 Rollout spec.template.spec.containers[0].image",
            "docker.io/library/c:1 CronWorkflow spec.workflowSpec.templates[0].script.image",
            "docker.io/library/r:1 VMSingle spec.configReloaderImage",
            "docker.io/v/m:v1 VMSingle spec.image",
            "quay.io/p/p:v3 Prometheus spec.image",
        ]
    );
    assert_eq!(
        findings(&found),
        [
            "Info image-left-to-operator Prometheus n/x names no image at spec.thanos.image: which \
             one is pulled, if any, is for its operator to choose and cannot be known here"
        ]
    );
}

#[test]
fn a_rule_of_the_user_comes_first() {
    let rule = |kind: &str, path: &str| ImageRule {
        api_group: "example.org".to_owned(),
        kinds: vec![kind.to_owned()],
        paths: vec![FieldPath::parse(path).expect("a path")],
        pod_templates: Vec::new(),
        operator_chooses: Vec::new(),
        source: Source::file("firstlight.yaml"),
    };
    let runner = |kind: &str| {
        json!({"apiVersion": "example.org/v1", "kind": kind,
            "spec": {"image": "a:1", "other": "b:1"}})
    };
    let found = found_in(
        &[runner("Runner"), runner("Walker")],
        vec![rule("*", "spec.image"), rule("Walker", "spec.other")],
    );
    assert_eq!(
        told(&found.images),
        [
            "docker.io/library/a:1 Runner spec.image",
            "docker.io/library/b:1 Walker spec.other",
        ]
    );
    let mut replaced = rule("Prometheus", "spec.other");
    replaced.api_group = "monitoring.coreos.com".to_owned();
    let prometheus = json!({"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus",
        "spec": {"image": "a:1", "other": "b:1"}});
    assert_eq!(
        told(&found_in(&[prometheus], vec![replaced]).images),
        ["docker.io/library/b:1 Prometheus spec.other"]
    );
}

#[test]
fn what_cannot_be_known_is_said() {
    let unknown = |name: &str| {
        json!({"apiVersion": "example.org/v1", "kind": "Runner",
            "spec": {"pool": {"runnerImage": name}}})
    };
    let gateway = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {
        "metadata": {"labels": {"sidecar.istio.io/inject": "true"}},
        "spec": {"containers": [{"image": "auto"}]}}}});
    let issuer = json!({"apiVersion": "cert-manager.io/v1", "kind": "Issuer",
        "spec": {"acme": {"solvers": [{"dns01": {}}, {"http01": {"ingress": {}}}]}}});
    let manifests = [unknown("x.io/a:1"), unknown("no"), gateway, issuer];
    let found = found_in(&manifests, Vec::new());
    assert_eq!(told(&found.images), Vec::<String>::new());
    assert_eq!(
        told(&found.mentioned),
        ["x.io/a:1 Runner spec.pool.runnerImage"]
    );
    assert_eq!(
        findings(&found),
        [
            "Info image-left-to-operator Deployment n/x leaves the image at \
             spec.template.spec.containers[0].image to Istio's injector: which one is pulled cannot \
             be known here",
            "Info image-left-to-operator Issuer n/x makes its operator start pods \
             (spec.acme.solvers[1].http01), whose images are its choice and cannot be known here",
            "Info images-unknown nothing is known about the images of 2 objects of the kind Runner, \
             such as Runner n/x (example.org): if an operator starts pods for such an object, say \
             under `images` in firstlight.yaml where their images stand",
        ]
    );
}

#[test]
fn images_that_programs_are_told_of_are_kept_apart() {
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {
    "spec": {"containers": [{
        "image": "operator:1",
        "args": [
            "--solver-image=quay.io/j/solver:v1",
            "--reloader=quay.io/p/reloader:v1",
            "--image", "own/thing:2",
            "--image-pull-policy=Always",
            "--listen=0.0.0.0:8080",
            "--url=https://quay.io/x/y:v1",
            "--own-image=operator:1",
        ],
        "env": [
            {"name": "KAFKA_IMAGES", "value": "4.0=quay.io/s/k:4.0\n4.1=quay.io/s/k:4.1\n"},
            {"name": "LOGO_IMAGE", "value": "images/logo.png"},
            {"name": "ADDRESS", "value": "vault.vault.svc/v1:8200"},
            {"name": "TOKEN_IMAGE", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}},
        ],
    }]}}}});
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {
        "agents": "image: \"docker.io/jenkins/agent:3\"\nlabel: app.kubernetes.io/name: x\n"}});
    let found = found_in(&[deployment, map], Vec::new());
    let fields = "Deployment spec.template.spec.containers[0]";
    assert_eq!(
        told(&found.mentioned),
        [
            "docker.io/jenkins/agent:3 ConfigMap data.agents".to_owned(),
            format!("docker.io/own/thing:2 {fields}.args[3]"),
            format!("quay.io/j/solver:v1 {fields}.args[0]"),
            format!("quay.io/p/reloader:v1 {fields}.args[1]"),
            format!("quay.io/s/k:4.0 {fields}.env[0].value"),
            format!("quay.io/s/k:4.1 {fields}.env[0].value"),
        ]
    );
}

#[test]
fn names_that_nobody_can_pull_and_names_without_a_version_are_found() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [
        {"image": "nginx"}, {"image": "x.io/a:latest"}, {"image": "Nginx:1"}, {"name": "without"},
        {"image": 5},
    ]}});
    let custom = json!({"apiVersion": "rabbitmq.com/v1beta1", "kind": "RabbitmqCluster",
        "spec": {"image": {"tag": "1"}}});
    let found = found_in(&[pod, custom], Vec::new());
    assert_eq!(
        findings(&found),
        [
            "Error invalid-image Pod n/x names `Nginx:1` at spec.containers[2].image, but the \
             repository has capital letters",
            "Error invalid-image Pod n/x names no image at spec.containers[3].image",
            "Error invalid-image Pod n/x names no image at spec.containers[4].image: it is no text",
            "Warning image-latest Pod n/x names `nginx` without a tag: what is pulled as `latest` \
             may be another image tomorrow; name a version",
            "Warning image-latest Pod n/x names `x.io/a:latest`: what is pulled as `latest` may be \
             another image tomorrow; name a version",
            "Warning invalid-image RabbitmqCluster n/x names no image at spec.image: it is a map \
             without a repository",
        ]
    );
}
