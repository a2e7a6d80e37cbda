//! Object that names a class -> the service that ships the class, until it is applied. Classes:
//! `IngressClass`, `GatewayClass`, `StorageClass`, `PriorityClass`, `RuntimeClass`.

use serde_json::Value;

use crate::finding::{Severity, codes};
use crate::graph::evidence::Strength;
use crate::graph::need::Observation;
use crate::graph::platform::{Owned, Platform};
use crate::graph::{Milestone, Rule};
use crate::render::pod::{items, pod_template, template_field, text};

use super::{Inference, did_you_mean};

/// A kind of class, and what is known of clusters' own classes.
struct Class {
    group: &'static str,
    kind: &'static str,
    /// How bad it is where no service ships the class: some come with the cluster.
    missing: Severity,
}

const INGRESS: Class = Class {
    group: "networking.k8s.io",
    kind: "IngressClass",
    missing: Severity::Error,
};
const GATEWAY: Class = Class {
    group: "gateway.networking.k8s.io",
    kind: "GatewayClass",
    missing: Severity::Info,
};
const STORAGE: Class = Class {
    group: "storage.k8s.io",
    kind: "StorageClass",
    missing: Severity::Info,
};
const PRIORITY: Class = Class {
    group: "scheduling.k8s.io",
    kind: "PriorityClass",
    missing: Severity::Error,
};
const RUNTIME: Class = Class {
    group: "node.k8s.io",
    kind: "RuntimeClass",
    missing: Severity::Info,
};

/// The way of naming a class that is older than the field.
const ANNOTATION: &str = "/metadata/annotations/kubernetes.io~1ingress.class";

pub(super) fn infer(platform: &Platform<'_>, inference: &mut Inference) {
    for owned in platform.objects() {
        let object = owned.object;
        match object.id.group_kind() {
            ("networking.k8s.io", "Ingress") => ingress(platform, owned, inference),
            ("gateway.networking.k8s.io", "Gateway") => {
                if let Some(name) = text(&object.manifest, "/spec/gatewayClassName") {
                    let field = "spec.gatewayClassName".to_owned();
                    need(platform, owned, &GATEWAY, (field, name), inference);
                }
            }
            ("", "PersistentVolumeClaim") => {
                claim(
                    platform,
                    owned,
                    (String::new(), &object.manifest),
                    inference,
                );
            }
            ("apps", "StatefulSet") => {
                let spec = object.manifest.get("spec").unwrap_or(&Value::Null);
                for (index, template) in items(spec, "volumeClaimTemplates").enumerate() {
                    let at = format!("spec.volumeClaimTemplates[{index}].");
                    claim(platform, owned, (at, template), inference);
                }
            }
            _ => {}
        }
        if let Some(template) = pod_template(&object.id.kind, &object.manifest) {
            let field = |name: &str| template_field(&object.id.kind, &format!("spec.{name}"));
            if let Some(name) = text(template.spec, "/priorityClassName")
                && !name.starts_with("system-")
            {
                let field = field("priorityClassName");
                need(platform, owned, &PRIORITY, (field, name), inference);
            }
            if let Some(name) = text(template.spec, "/runtimeClassName") {
                let field = field("runtimeClassName");
                need(platform, owned, &RUNTIME, (field, name), inference);
            }
        }
    }
}

fn ingress(platform: &Platform<'_>, owned: Owned<'_>, inference: &mut Inference) {
    let manifest = &owned.object.manifest;
    if let Some(name) = text(manifest, "/spec/ingressClassName") {
        let field = "spec.ingressClassName".to_owned();
        need(platform, owned, &INGRESS, (field, name), inference);
    } else if let Some(name) = text(manifest, ANNOTATION) {
        // The name may as well be one that only the controller knows.
        let class = platform.find((INGRESS.group, INGRESS.kind, "", name));
        if let Some(class) = class.first() {
            let found = Observation::new(Rule::Class, owned, *class);
            let found = found.field("metadata.annotations[kubernetes.io/ingress.class]");
            inference.needs.add(found.until(Milestone::Applied));
        }
    } else {
        // The API server fills in the default class when the Ingress is written, not later.
        let default = platform.of_kind(INGRESS.group, INGRESS.kind).find(|class| {
            let marker = "/metadata/annotations/ingressclass.kubernetes.io~1is-default-class";
            text(&class.object.manifest, marker) == Some("true")
        });
        if let Some(class) = default {
            let found = Observation::new(Rule::DefaultClass, owned, class);
            inference.needs.add(found.until(Milestone::Applied));
        }
    }
}

fn claim(
    platform: &Platform<'_>,
    owned: Owned<'_>,
    (at, claim): (String, &Value),
    inference: &mut Inference,
) {
    if let Some(name) = text(claim, "/spec/storageClassName") {
        let field = at + "spec.storageClassName";
        need(platform, owned, &STORAGE, (field, name), inference);
    } else if claim.pointer("/spec/storageClassName").is_none() {
        let default = platform.of_kind(STORAGE.group, STORAGE.kind).find(|class| {
            let marker = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";
            text(&class.object.manifest, marker) == Some("true")
        });
        // Since Kubernetes 1.28 a class that comes later is filled in.
        if let Some(class) = default {
            let found = Observation::new(Rule::DefaultClass, owned, class);
            let found = found.field(at + "spec").strength(Strength::Readiness);
            inference.needs.add(found.until(Milestone::Applied));
        }
    }
}

fn need(
    platform: &Platform<'_>,
    owned: Owned<'_>,
    class: &Class,
    (field, name): (String, &str),
    inference: &mut Inference,
) {
    if let Some(provider) = platform.find((class.group, class.kind, "", name)).first() {
        let found = Observation::new(Rule::Class, owned, *provider);
        let found = found.field(field).until(Milestone::Applied);
        inference.needs.add(found);
        return;
    }
    if let Some(told) = platform.told_object((class.group, class.kind, "", name)) {
        let found = Observation::provided(owned, told.service, told.source).field(field);
        inference
            .needs
            .add(found.by(format!("{} {name}", class.kind)));
        return;
    }
    let known = platform
        .of_kind(class.group, class.kind)
        .map(|class| class.object.id.name.as_str());
    let unless = if class.missing == Severity::Error {
        ""
    } else {
        ": the cluster must have it by itself"
    };
    let message = format!(
        "the {} {name} is shipped by no service of this environment{unless}{}",
        class.kind,
        did_you_mean(name, known.collect::<Vec<_>>()),
    );
    inference.report(
        platform,
        class.missing,
        codes::MISSING_CLASS,
        owned,
        message,
    );
}
