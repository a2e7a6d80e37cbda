//! From the graph to the page's values: takes the graph and the rendered services, gives what the
//! page shows, never a manifest: no value of an object gets into the page.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::graph::{Edge, Graph, Wait, longest_chain, waits};
use crate::render::{Object, RenderedService};

use super::page::{Page, PageFinding, PageObject, PageReason, PageService, PageWait, place};

impl Page {
    /// Gathers what the page shows of an environment.
    pub fn of(environment: &str, graph: &Graph, services: &[RenderedService]) -> Self {
        let rendered: BTreeMap<&str, &RenderedService> = services
            .iter()
            .map(|service| (service.name.as_str(), service))
            .collect();
        let of_service = |name: Option<&str>| -> Vec<PageFinding> {
            (graph.findings.iter())
                .filter(|finding| finding.service.as_deref() == name)
                .map(page_finding)
                .collect()
        };
        let page_services = graph.services.iter().map(|service| {
            let rendered = rendered.get(service.name.as_str());
            PageService {
                name: service.name.clone(),
                wave: service.wave,
                namespace: rendered.map_or_else(String::new, |one| one.namespace.clone()),
                project: rendered.map_or_else(String::new, |one| one.project.clone()),
                place: rendered.map(|one| place(&one.source)),
                objects: rendered.map_or_else(Vec::new, |one| objects(one)),
                findings: of_service(Some(&service.name)),
            }
        });
        let known = |finding: &&Finding| match &finding.service {
            Some(name) => !graph.services.iter().any(|service| service.name == *name),
            None => true,
        };
        Self {
            environment: environment.to_owned(),
            services: page_services.collect(),
            waits: waits(graph).iter().map(page_wait).collect(),
            chain: longest_chain(graph),
            findings: graph
                .findings
                .iter()
                .filter(known)
                .map(page_finding)
                .collect(),
        }
    }
}

fn objects(service: &RenderedService) -> Vec<PageObject> {
    let all = service.implied_namespace.iter().chain(&service.objects);
    all.map(page_object).collect()
}

fn page_object(object: &Object) -> PageObject {
    PageObject {
        kind: object.id.kind.clone(),
        api: object.id.api_version.clone(),
        namespace: object.id.namespace.clone(),
        name: object.id.name.clone(),
        place: place(&object.source),
        hook: object.hook,
    }
}

fn page_wait(wait: &Wait<'_>) -> PageWait {
    PageWait {
        service: wait.service,
        on: wait.on,
        until: wait.until.name(),
        soft: wait.is_soft(),
        implied: wait.implied,
        reasons: wait.reasons.iter().map(|edge| page_reason(edge)).collect(),
    }
}

fn page_reason(edge: &Edge) -> PageReason {
    PageReason {
        until: edge.until.name(),
        soft: edge.is_soft(),
        rest: !edge.holds.is_service(),
        evidence: edge.evidence.clone(),
    }
}

fn page_finding(finding: &Finding) -> PageFinding {
    PageFinding {
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        },
        code: finding.code.to_string(),
        message: finding.message.clone(),
        place: finding.source.as_ref().map(place),
    }
}
