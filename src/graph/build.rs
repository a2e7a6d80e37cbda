//! From rendered services to their graph: takes them and the names that the repository knows, gives
//! waves, edges and findings, never renders.

use std::collections::BTreeSet;

use crate::finding::{Finding, Suppressed};
use crate::render::RenderedService;

use super::check::{check, check_waves};
use super::cycle::told;
use super::edge::Edge;
use super::infer::{Inference, infer};
use super::order::{Order, order};
use super::platform::Platform;

/// The services of an environment, what each waits for, and what was found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The services, ordered by wave, then by name.
    pub services: Vec<GraphService>,
    /// What was found out, worst first.
    pub findings: Vec<Finding>,
    /// What was found out and somebody lives with.
    pub suppressed: Vec<Suppressed>,
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
///
/// `known` are the names of all services of the repository, enabled or not.
pub fn build(services: &[RenderedService], known: &BTreeSet<String>) -> Graph {
    let platform = Platform::new(services);
    let Inference {
        needs,
        mut findings,
    } = infer(&platform, known);
    findings.extend(check(&platform));
    let Order {
        needs,
        waves,
        cycles,
    } = order(services.len(), needs.into_vec());
    findings.extend(check_waves(&platform, &needs));
    findings.extend(cycles.iter().map(|cycle| told(services, cycle)));
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
    sort_findings(&mut findings);
    Graph {
        services: nodes,
        findings,
        suppressed: Vec::new(),
    }
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
