//! From rendered services to their graph: takes them and the names that the repository knows, gives
//! waves, edges and findings, never renders.

use crate::finding::{Finding, Suppressed};
use crate::render::RenderedService;

use super::check::check;
use super::cycle::{told, told_split};
use super::edge::Edge;
use super::infer::{Inference, infer};
use super::knowledge::Knowledge;
use super::need::is_foundation;
use super::order::{Dropped, Order, order};
use super::platform::Platform;
use super::sync_waves::{findings as wave_findings, sync_waves};

/// The services of an environment, what each waits for, and what was found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The services, ordered by wave, then by name.
    pub services: Vec<GraphService>,
    /// What would have closed a cycle, and is no reason to wait therefore; with a finding where that
    /// is a mistake.
    pub given_up: Vec<GivenUp>,
    /// What was found out, worst first.
    pub findings: Vec<Finding>,
    /// What was found out and somebody lives with.
    pub suppressed: Vec<Suppressed>,
}

/// A reason to wait that was given up, because the service that is needed waits for the one that
/// needs it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GivenUp {
    /// The service that does not wait.
    pub service: String,
    /// What it would have waited for.
    pub edge: Edge,
    /// The services of the way back, from the one that is needed to the one that needs it: each
    /// waits for the next.
    pub way_back: Vec<String>,
}

/// One service in the graph.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct GraphService {
    /// Its name.
    pub name: String,
    /// Its topological generation, from 0.
    pub wave: u32,
    /// Why it waits for others: ordered by service, the strongest milestone first.
    pub edges: Vec<Edge>,
}

impl Graph {
    /// Adds findings of earlier stages.
    pub fn add_findings(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
        sort_findings(&mut self.findings);
    }
}

/// Builds the graph of an environment's services.
pub fn build(services: &[RenderedService], knowledge: &Knowledge<'_>) -> Graph {
    let platform = Platform::new(services, knowledge);
    let Inference {
        needs,
        mut findings,
    } = infer(&platform, knowledge);
    findings.extend(check(&platform));
    let splittable: Vec<bool> = services.iter().map(is_splittable).collect();
    let Order {
        needs,
        waves,
        cycles,
        splits,
        dropped,
    } = order(&splittable, needs.into_vec());
    findings.extend(cycles.iter().map(|cycle| told(services, cycle)));
    findings.extend(splits.iter().map(|split| told_split(services, split)));
    let given_up = |dropped: Dropped| GivenUp {
        service: services[dropped.need.from].name.clone(),
        way_back: (dropped.way_back.iter())
            .map(|index| services[*index].name.clone())
            .collect(),
        edge: dropped.need.edge(services),
    };
    let given_up = dropped.into_iter().map(given_up).collect();
    let mut nodes: Vec<GraphService> = services
        .iter()
        .zip(waves)
        .map(|(service, wave)| GraphService {
            name: service.name.clone(),
            wave,
            edges: Vec::new(),
        })
        .collect();
    for need in needs {
        nodes[need.from].edges.push(need.edge(services));
    }
    for node in &mut nodes {
        node.edges
            .sort_by(|left, right| (&left.service, right.until).cmp(&(&right.service, left.until)));
    }
    nodes.sort_by(|left, right| (left.wave, &left.name).cmp(&(right.wave, &right.name)));
    let mut graph = Graph {
        services: nodes,
        given_up,
        findings,
        suppressed: Vec::new(),
    };
    let waves = sync_waves(&graph, services);
    graph.add_findings(wave_findings(&waves, services));
    graph
}

/// Returns true where a service has Namespaces or CustomResourceDefinitions that can be written
/// before all else: none of them is a hook.
fn is_splittable(service: &RenderedService) -> bool {
    let objects = || {
        let all = service.objects.iter().chain(&service.implied_namespace);
        all.filter(|object| is_foundation(&object.id))
    };
    objects().next().is_some() && objects().all(|object| !object.hook)
}

/// Sorts findings: worst first, then by service, code and place.
fn sort_findings(findings: &mut Vec<Finding>) {
    findings.sort_by(|left, right| {
        let key = |finding: &Finding| {
            (
                finding.severity,
                finding.service.clone(),
                finding.code,
                finding.source.clone(),
                finding.object.clone(),
                finding.message.clone(),
            )
        };
        key(left).cmp(&key(right))
    });
    findings.dedup();
}
