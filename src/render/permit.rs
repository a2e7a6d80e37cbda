//! What a service's project does not permit: takes the service, its objects and the projects, gives
//! findings about what Argo CD would refuse, never changes an object.

use std::collections::BTreeMap;

use crate::catalog::fetch::git::shown;
use crate::catalog::{Project, Service};
use crate::finding::{Finding, Severity, codes};
use crate::suggest::nearest;

use super::service::RenderedService;

/// Returns a finding for each thing that the project of a service forbids.
pub(super) fn check(
    service: &Service,
    rendered: &RenderedService,
    projects: &BTreeMap<String, Project>,
) -> Vec<Finding> {
    let name = &service.project;
    let about_it = |message: String| Finding {
        severity: Severity::Error,
        code: codes::PROJECT_FORBIDS,
        service: Some(service.name.clone()),
        object: None,
        message,
        mend: None,
        source: Some(service.source.clone()),
    };
    let Some(project) = projects.get(name) else {
        let known = projects.keys().map(String::as_str);
        let help = match nearest(name, known.clone()) {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => format!("known are {}", known.collect::<Vec<_>>().join(", ")),
        };
        return vec![Finding {
            code: codes::MISSING_PROJECT,
            ..about_it(format!(
                "{} is in the project {name}, which nobody brings: {help}",
                service.name
            ))
        }];
    };
    let mut findings = Vec::new();
    if !project.permits_namespace(&service.namespace) {
        findings.push(about_it(format!(
            "{} goes to the namespace {}, which its project {name} does not permit: see its \
             destinations",
            service.name, service.namespace
        )));
    }
    for url in service.urls().filter(|url| !project.permits_source(url)) {
        findings.push(about_it(format!(
            "{} has a source in {}, which its project {name} does not permit: see its \
             sourceRepos",
            service.name,
            shown(url)
        )));
    }
    // Argo CD looks at objects only where it renders any.
    if findings.is_empty() {
        findings.extend(forbidden(rendered, project));
    }
    findings
}

fn forbidden(service: &RenderedService, project: &Project) -> Vec<Finding> {
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
            code: codes::PROJECT_FORBIDS,
            service: Some(service.name.clone()),
            object: Some(object.id.clone()),
            message: format!(
                "{} is not permitted by the project {}, which forbids {why}",
                object.id, project.name
            ),
            mend: None,
            source: Some(object.source.clone()),
        });
    }
    findings
}
