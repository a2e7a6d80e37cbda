//! Edges and findings of two sides: takes both platforms rendered whole, gives which edges and
//! findings come and go, never compares objects.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Catalogue;
use crate::finding::{Finding, Severity};
use crate::graph::{self, Graph, Knowledge, Milestone};
use crate::ops::plan::{image_rules, wrong_images};
use crate::ops::refused;
use crate::render::{Rendered, together};

use super::review::{Change, EdgeChange, FindingChange};

/// The graph of what can be rendered on one side.
pub(super) fn graph_of(catalogue: &Catalogue, rendered: &Rendered) -> Option<Graph> {
    let (_, mut services) = together(catalogue, rendered).ok()?;
    let failed = rendered.iter().filter(|(_, result)| result.is_err());
    let unplanned: BTreeSet<String> = (catalogue.refused.keys())
        .chain(failed.map(|(name, _)| name))
        .cloned()
        .collect();
    refused::without_dependencies_on(&mut services, &unplanned);
    let known: BTreeSet<String> = (catalogue.environment.services.keys())
        .chain(catalogue.services.iter().map(|service| &service.name))
        .chain(&unplanned)
        .cloned()
        .collect();
    let knowledge = Knowledge {
        environment: &catalogue.environment.name,
        names: &known,
        runtime: &catalogue.environment.supplement.runtime,
    };
    let mut graph = graph::build(&services, &knowledge);
    graph.add_findings(catalogue.findings.clone());
    graph.add_findings(wrong_images(&services, &image_rules(catalogue)));
    if !unplanned.is_empty() {
        refused::soften(&mut graph.findings);
    }
    Some(graph)
}

type EdgeKey = (String, String, Milestone);

fn edges(graph: &Graph) -> BTreeMap<EdgeKey, String> {
    let mut edges = BTreeMap::new();
    for service in &graph.services {
        for edge in &service.edges {
            let key = (service.name.clone(), edge.service.clone(), edge.until);
            edges.entry(key).or_insert_with(|| edge.evidence.clone());
        }
    }
    edges
}

/// Returns the reasons to wait that come and go, one for each pair of services and milestone.
pub(super) fn edge_changes(from: &Graph, to: &Graph) -> Vec<EdgeChange> {
    let (old, new) = (edges(from), edges(to));
    let change = |((service, needs, until), evidence): (&EdgeKey, &String), change| EdgeChange {
        service: service.clone(),
        needs: needs.clone(),
        until: *until,
        change,
        evidence: evidence.clone(),
        environments: Vec::new(),
    };
    let gone = old.iter().filter(|(key, _)| !new.contains_key(*key));
    let come = new.iter().filter(|(key, _)| !old.contains_key(*key));
    gone.map(|edge| change(edge, Change::Removed))
        .chain(come.map(|edge| change(edge, Change::Added)))
        .collect()
}

type FindingKey = (Severity, String, Option<String>, String);

/// A finding that only stands elsewhere now is no other one.
fn key(finding: &Finding) -> FindingKey {
    (
        finding.severity,
        finding.code.name().to_owned(),
        finding.service.clone(),
        without_lines(&finding.message),
    )
}

/// Returns a message without the numbers of lines in it.
fn without_lines(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    let mut letters = message.chars().peekable();
    while let Some(letter) = letters.next() {
        text.push(letter);
        let after_file = ["yaml", "yml", "tpl", "json", "txt"]
            .iter()
            .any(|ending| text.ends_with(&format!("{ending}:")));
        if after_file {
            while letters.next_if(char::is_ascii_digit).is_some() {}
        }
    }
    text
}

/// Returns the findings that come and go.
pub(super) fn finding_changes(from: &[Finding], to: &[Finding]) -> Vec<FindingChange> {
    let keys = |findings: &[Finding]| -> BTreeMap<FindingKey, String> {
        let all = findings.iter();
        all.map(|finding| (key(finding), finding.message.clone()))
            .collect()
    };
    let (old, new) = (keys(from), keys(to));
    let change =
        |((severity, code, service, _), message): (&FindingKey, &String), change| FindingChange {
            severity: *severity,
            code: code.clone(),
            change,
            service: service.clone(),
            message: message.clone(),
            environments: Vec::new(),
        };
    let gone = old.iter().filter(|(key, _)| !new.contains_key(*key));
    let come = new.iter().filter(|(key, _)| !old.contains_key(*key));
    gone.map(|one| change(one, Change::Removed))
        .chain(come.map(|one| change(one, Change::Added)))
        .collect()
}
