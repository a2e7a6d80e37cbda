//! The sync waves that Applications declare, against the order that the needs give: takes services with
//! their waves and edges, gives for each the wave that it should have and why, never edits a file.
//!
//! Argo CD knows no other order than these waves when it synchronises the whole platform at once; an
//! Application without one is in wave 0. Needs that close no cycle and harm nobody (soft ones), and
//! those of a service that comes in two parts, are left out: waves hold whole Applications.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::{Finding, Severity, codes};
use crate::render::{RenderedService, assesses_applications};
use crate::source::Source;

use super::build::Graph;
use super::edge::Edge;
use super::evidence::Strength;

/// How a wave stands to the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is as it should be.
    Right,
    /// There is none, so Argo CD does not know that the service waits for another.
    Missing,
    /// It is not later than that of a service which this one waits for.
    Wrong,
    /// It has to become later, because a wave does that this one waits for.
    Moved,
    /// The order would be the same without it.
    Needless,
}

/// The wave of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncWave {
    /// The service.
    pub service: String,
    /// What its Application declares.
    pub declared: Option<i32>,
    /// What it should be, changed as little as can be.
    pub wanted: i32,
    /// How the two stand to each other.
    pub verdict: Verdict,
    /// The reason why it cannot be earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<Edge>,
    /// Where its Application stands.
    pub source: Source,
}

impl SyncWave {
    /// Returns true where something should be written.
    pub fn is_to_change(&self) -> bool {
        self.declared.unwrap_or(0) != self.wanted
    }
}

/// Compares the waves of all services with the graph; in the graph's order.
pub fn sync_waves(graph: &Graph, services: &[RenderedService]) -> Vec<SyncWave> {
    let rendered: BTreeMap<&str, &RenderedService> = services
        .iter()
        .map(|service| (service.name.as_str(), service))
        .collect();
    let declared = |name: &str| rendered.get(name).and_then(|service| service.sync_wave);
    let wanted = wanted(graph, &declared);
    let mut waves: Vec<SyncWave> = Vec::new();
    for node in &graph.services {
        let Some(service) = rendered.get(node.name.as_str()) else {
            continue;
        };
        let needs = || node.edges.iter().filter(|edge| counts(edge));
        let of = |name: &str| wanted.get(name).copied().unwrap_or(0);
        // Of several that are as late, the first is told.
        let latest = needs().reduce(|best, next| {
            if of(&next.service) > of(&best.service) {
                next
            } else {
                best
            }
        });
        let own = service.sync_wave;
        let wave = of(&node.name);
        let contradicted =
            needs().find(|edge| own.unwrap_or(0) <= declared(&edge.service).unwrap_or(0));
        let verdict = match (own, contradicted) {
            (None, _) if wave != 0 => Verdict::Missing,
            (Some(own), None) if wave != own => Verdict::Moved,
            (Some(own), Some(_)) if wave != own => Verdict::Wrong,
            _ => Verdict::Right,
        };
        waves.push(SyncWave {
            service: node.name.clone(),
            declared: own,
            wanted: wave,
            verdict,
            because: contradicted.or(latest).cloned(),
            source: service.source.clone(),
        });
    }
    mark_needless(&mut waves, graph);
    waves
}

/// Returns the wave that each service should have: what is declared, or later where a need asks for it.
fn wanted<'g>(graph: &'g Graph, declared: &dyn Fn(&str) -> Option<i32>) -> BTreeMap<&'g str, i32> {
    let names = graph.services.iter().map(|node| node.name.as_str());
    let mut wanted: BTreeMap<&str, i32> = names
        .map(|name| (name, declared(name).unwrap_or(0)))
        .collect();
    // At most as many rounds as services: without what is in two parts there is no cycle.
    for _ in 0..graph.services.len() {
        let mut changed = false;
        for node in &graph.services {
            let needs = node.edges.iter().filter(|edge| counts(edge));
            let waves = needs.filter_map(|edge| wanted.get(edge.service.as_str()));
            let least = waves.max().map(|wave| wave.saturating_add(1));
            if let Some(least) = least
                && let Some(own) = wanted.get_mut(node.name.as_str())
                && *own < least
            {
                *own = least;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    wanted
}

/// Whether Argo CD should know of a need.
fn counts(edge: &Edge) -> bool {
    edge.reason.strength != Strength::Soft && edge.holds.is_service()
}

/// Marks waves that could as well be left out: without them all that is needed still comes before.
fn mark_needless(waves: &mut [SyncWave], graph: &Graph) {
    let wanted: BTreeMap<String, i32> = waves
        .iter()
        .map(|wave| (wave.service.clone(), wave.wanted))
        .collect();
    let pairs: Vec<(&str, &str)> = graph
        .services
        .iter()
        .flat_map(|node| {
            let needed = node.edges.iter().filter(|edge| counts(edge));
            needed.map(|edge| (node.name.as_str(), edge.service.as_str()))
        })
        .collect();
    for wave in waves {
        if wave.verdict != Verdict::Right || wave.declared.unwrap_or(0) == 0 {
            continue;
        }
        let without = |name: &str| {
            let is_it = name == wave.service;
            wanted.get(name).filter(|_| !is_it).copied().unwrap_or(0)
        };
        let holds = |(from, to): &&(&str, &str)| without(from) > without(to);
        if pairs.iter().filter(holds).count() == pairs.len() {
            wave.verdict = Verdict::Needless;
        }
    }
}

/// Returns what is to be told of waves that are missing or wrong, and of waves that mean nothing.
pub(super) fn findings(waves: &[SyncWave], services: &[RenderedService]) -> Vec<Finding> {
    // Where there is no wave at all, nobody counts on an order: `graph --waves` tells which it would be.
    let has_waves = waves.iter().any(|wave| wave.declared.is_some());
    if !has_waves {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = waves.iter().filter_map(|wave| told(wave, waves)).collect();
    if assesses_applications(services) == Some(false) {
        let message = "Applications have sync waves, but Argo CD is not told how to assess the \
                       health of an Application: it counts as healthy as soon as it is written, and \
                       the next wave starts at once";
        let finding = Finding::new(Severity::Warning, codes::WAVES_WITHOUT_HEALTH, message);
        findings.push(finding);
    }
    findings
}

fn told(wave: &SyncWave, all: &[SyncWave]) -> Option<Finding> {
    let because = wave.because.as_ref()?;
    let other = all.iter().find(|other| other.service == because.service)?;
    let other_wave = match other.declared {
        Some(wave) => format!("in {wave}"),
        None => "in none, which counts as 0".to_owned(),
    };
    let (code, own) = match (wave.verdict, wave.declared) {
        (Verdict::Missing, _) => (codes::WAVE_MISSING, "in no sync wave".to_owned()),
        (Verdict::Wrong, Some(own)) => (codes::WAVE_TOO_EARLY, format!("in sync wave {own}")),
        _ => return None,
    };
    let message = format!(
        "{} is {own} and {} {other_wave}, but {}: give {} the wave {}, or Argo CD starts both at \
         once when it synchronises the whole platform",
        wave.service, because.service, because.evidence, wave.service, wave.wanted,
    );
    let finding = Finding::new(Severity::Warning, code, message);
    Some(finding.of(&wave.service).at(wave.source.clone()))
}
