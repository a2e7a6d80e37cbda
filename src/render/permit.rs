//! What a service's project does not permit: takes its objects and the project, gives findings that
//! Argo CD would refuse to synchronise for, never changes an object.

use crate::catalog::Project;
use crate::finding::{Finding, Severity};

use super::service::RenderedService;

/// Returns a finding for each object of a service that its project forbids.
pub(super) fn check(service: &RenderedService, project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    for object in &service.objects {
        let (group, kind) = object.id.group_kind();
        let namespace = object.id.namespace.as_deref();
        let why = if !project.permits_kind(group, kind, namespace.is_some()) {
            let list = match namespace {
                Some(_) => "namespaceResourceWhitelist or namespaceResourceBlacklist",
                None => "clusterResourceWhitelist or clusterResourceBlacklist",
            };
            let kind = match group {
                "" => kind.to_owned(),
                group => format!("{kind} ({group})"),
            };
            format!("the kind {kind}: see its {list}")
        } else if let Some(namespace) = namespace.filter(|name| !project.permits_namespace(name)) {
            format!("the namespace {namespace}: see its destinations")
        } else {
            continue;
        };
        findings.push(Finding {
            severity: Severity::Error,
            code: "project-forbids",
            service: Some(service.name.clone()),
            object: Some(object.id.clone()),
            message: format!(
                "{} is not permitted by the project {}, which forbids {why}",
                object.id, project.name
            ),
            source: Some(object.source.clone()),
        });
    }
    findings
}
