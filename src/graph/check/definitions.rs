//! CustomResourceDefinitions that contradict themselves.

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::Platform;
use crate::render::pod::{items, text};

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.of_kind("apiextensions.k8s.io", "CustomResourceDefinition") {
        // Before version 1 there was one version, in a field of its own.
        if owned.object.id.api_version != "apiextensions.k8s.io/v1" {
            continue;
        }
        for why in wrong(&owned.object.id.name, &owned.object.manifest) {
            let message = format!("{} {why}", owned.object.id);
            let code = codes::INVALID_CRD;
            findings.push(about(platform, Severity::Error, code, owned, message));
        }
    }
    findings
}

fn wrong(name: &str, manifest: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(spec) = manifest.get("spec") else {
        return wrong;
    };
    let (plural, group) = (text(spec, "/names/plural"), text(spec, "/group"));
    if let (Some(plural), Some(group)) = (plural, group)
        && name != format!("{plural}.{group}")
    {
        wrong.push(format!("must have the name {plural}.{group}"));
    }
    let stored = items(spec, "versions")
        .filter(|version| version.get("storage") == Some(&Value::Bool(true)))
        .count();
    if stored != 1 {
        wrong.push(format!(
            "has {stored} versions with `storage: true`, and needs one"
        ));
    }
    let webhook = text(spec, "/conversion/strategy") == Some("Webhook");
    if webhook && spec.pointer("/conversion/webhook/clientConfig").is_none() {
        wrong.push("converts by a webhook, and names none".to_owned());
    }
    wrong
}
