//! Bindings to roles and to `ServiceAccounts` that nobody brings: they give nobody a permission, and
//! the program that counts on it fails.

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::{Owned, Platform};
use crate::render::pod::{items, text};

use super::workload::{Makers, is_brought};

const GROUP: &str = "rbac.authorization.k8s.io";
/// Roles that every cluster has, beside those of `system:`.
const PRESENT: &[&str] = &["admin", "cluster-admin", "edit", "view"];

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let makers = Makers::new(platform);
    let mut findings = Vec::new();
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        for owned in platform.of_kind(GROUP, kind) {
            findings.extend(role(platform, owned));
            for subject in items(&owned.object.manifest, "subjects") {
                findings.extend(account(platform, owned, subject, &makers));
            }
        }
    }
    findings
}

fn role(platform: &Platform<'_>, owned: Owned<'_>) -> Option<Finding> {
    let manifest = &owned.object.manifest;
    let (kind, name) = (
        text(manifest, "/roleRef/kind")?,
        text(manifest, "/roleRef/name")?,
    );
    let namespace = match kind {
        "Role" => owned.object.id.namespace.as_deref()?,
        _ => "",
    };
    // The cluster has roles of its own in these namespaces, for those who answer for the API server.
    let there = matches!(namespace, "kube-system" | "kube-public")
        || kind == "ClusterRole" && (PRESENT.contains(&name) || name.starts_with("system:"));
    if there || !platform.find((GROUP, kind, namespace, name)).is_empty() {
        return None;
    }
    let known = platform
        .of_kind(GROUP, kind)
        .filter(|role| role.object.id.namespace.as_deref().unwrap_or_default() == namespace)
        .map(|role| role.object.id.name.as_str());
    let hint = crate::suggest::nearest(name, known)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let message = format!(
        "{} grants the {kind} {name}, which nobody brings{hint}",
        owned.object.id
    );
    Some(about(
        platform,
        Severity::Warning,
        codes::ROLE_NOT_FOUND,
        owned,
        message,
    ))
}

fn account(
    platform: &Platform<'_>,
    owned: Owned<'_>,
    subject: &Value,
    makers: &Makers<'_>,
) -> Option<Finding> {
    if text(subject, "/kind") != Some("ServiceAccount") {
        return None;
    }
    let name = text(subject, "/name").filter(|name| *name != "default")?;
    let namespace = text(subject, "/namespace").or(owned.object.id.namespace.as_deref());
    let Some(namespace) = namespace else {
        let message = format!(
            "{} grants a role to the ServiceAccount {name} of no namespace",
            owned.object.id
        );
        return Some(about(
            platform,
            Severity::Error,
            codes::SUBJECT_NOT_FOUND,
            owned,
            message,
        ));
    };
    // Who else lives in a namespace that nobody here creates is not known.
    let is_ours = !platform.namespace(namespace).is_empty();
    let key = ("", "ServiceAccount", namespace, name);
    if !is_ours || is_brought(platform, key, owned.service) || makers.has_resource(namespace, name)
    {
        return None;
    }
    let known = platform
        .of_kind("", "ServiceAccount")
        .filter(|one| one.object.id.namespace.as_deref() == Some(namespace))
        .map(|one| one.object.id.name.as_str());
    let hint = crate::suggest::nearest(name, known)
        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let message = format!(
        "{} grants a role to the ServiceAccount {namespace}/{name}, which nobody brings{hint}",
        owned.object.id
    );
    Some(about(
        platform,
        Severity::Warning,
        codes::SUBJECT_NOT_FOUND,
        owned,
        message,
    ))
}
