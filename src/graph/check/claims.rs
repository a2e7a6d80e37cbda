//! Claims of volumes that pods name and nobody brings, and several defaults of one class.

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::need::described;
use crate::graph::platform::Platform;
use crate::render::pod::{items, pod_template, text};

use super::workload::{Makers, is_brought};

/// The classes that can be the default, with the annotation that makes one.
const DEFAULTS: &[(&str, &str, &str)] = &[
    (
        "networking.k8s.io",
        "IngressClass",
        "ingressclass.kubernetes.io/is-default-class",
    ),
    (
        "storage.k8s.io",
        "StorageClass",
        "storageclass.kubernetes.io/is-default-class",
    ),
];

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let makers = Makers::new(platform);
    let mut findings = Vec::new();
    for owned in platform.objects() {
        let id = &owned.object.id;
        let Some(template) = pod_template(&id.kind, &owned.object.manifest) else {
            continue;
        };
        let namespace = id.namespace.as_deref().unwrap_or_default();
        for volume in items(template.spec, "volumes") {
            let Some(name) = text(volume, "/persistentVolumeClaim/claimName") else {
                continue;
            };
            // A StatefulSet puts its own claims in the place of volumes of the same name.
            let spec = owned.object.manifest.get("spec").unwrap_or(&Value::Null);
            let volume_name = text(volume, "/name");
            let mut own = items(spec, "volumeClaimTemplates");
            if own.any(|claim| text(claim, "/metadata/name") == volume_name) {
                continue;
            }
            let key = ("", "PersistentVolumeClaim", namespace, name);
            if !is_brought(platform, key, owned.service)
                && !makers.may_make(owned, [name])
                && !is_of_a_set(platform, namespace, name)
            {
                let message = format!(
                    "{id} needs the PersistentVolumeClaim {name}, which nothing in this environment \
                     brings: it has to be there beforehand"
                );
                let code = codes::CLAIM_NOT_PRODUCED;
                findings.push(about(platform, Severity::Warning, code, owned, message));
            }
        }
    }
    for (group, kind, annotation) in DEFAULTS {
        let mut defaults = platform.of_kind(group, kind).filter(|class| {
            let annotations = class.object.manifest.pointer("/metadata/annotations");
            let value = annotations.and_then(|all| all.get(annotation)?.as_str());
            value == Some("true")
        });
        let Some(first) = defaults.next() else {
            continue;
        };
        for again in defaults {
            let message = format!(
                "{} is marked as the default, and so is {}",
                again.object.id,
                described(first.object)
            );
            let code = codes::SEVERAL_DEFAULTS;
            findings.push(about(platform, Severity::Error, code, again, message));
        }
    }
    findings
}

/// Returns whether a claim has the form of those that a StatefulSet makes: `data-name-0`.
fn is_of_a_set(platform: &Platform<'_>, namespace: &str, name: &str) -> bool {
    let sets = platform.of_kind("apps", "StatefulSet");
    sets.filter(|set| set.object.id.namespace.as_deref() == Some(namespace))
        .any(|set| {
            let spec = set.object.manifest.get("spec").cloned().unwrap_or_default();
            items(&spec, "volumeClaimTemplates").any(|template| {
                let prefix = text(template, "/metadata/name")
                    .map(|claim| format!("{claim}-{}-", set.object.id.name));
                prefix.is_some_and(|prefix| name.starts_with(&prefix))
            })
        })
}
