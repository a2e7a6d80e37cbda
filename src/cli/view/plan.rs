//! The plan as text: waves, services with what they bring and whom they wait for, then the findings
//! and the sum.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::plan::{Plan, PlannedService};

use super::findings;
use super::graph::Columns;
use super::words::{FAINT, STRONG, count, count_waves};

/// Returns the plan.
pub(in crate::cli) fn plan(plan: &Plan, verbosity: Verbosity) -> String {
    let mut text = head(plan);
    let name_width = plan
        .services
        .iter()
        .map(|service| service.name.len())
        .max()
        .unwrap_or(0);
    let columns = Columns::of(plan.services.iter().map(|service| service.edges.as_slice()));
    let mut wave = None;
    for service in &plan.services {
        if wave != Some(service.wave) {
            wave = Some(service.wave);
            let _ = writeln!(text, "\n{FAINT}wave {}{FAINT:#}", service.wave);
        }
        let objects = count(service.steps.len(), "object", "objects");
        let _ = writeln!(
            text,
            "  {STRONG}{:name_width$}{STRONG:#}  {objects:>11}  {FAINT}{}{FAINT:#}",
            service.name,
            kinds(service, verbosity),
        );
        text.push_str(&columns.reasons(&service.edges, verbosity));
    }
    if !plan.findings.is_empty() {
        let _ = write!(text, "\n{}", findings::list(&plan.findings));
    }
    let _ = writeln!(
        text,
        "\n{}; nothing was written",
        findings::summary(&plan.findings)
    );
    text
}

fn head(plan: &Plan) -> String {
    let objects: usize = plan
        .services
        .iter()
        .map(|service| service.steps.len())
        .sum();
    let mut text = format!(
        "{STRONG}{}{STRONG:#}: {} in {}, {}\n",
        plan.environment,
        count(plan.services.len(), "service", "services"),
        count_waves(plan.services.iter().map(|service| service.wave)),
        count(objects, "object", "objects"),
    );
    let source = |key: &str| {
        plan.handover
            .root
            .pointer(&format!("/spec/source/{key}"))
            .and_then(|text| text.as_str())
    };
    if let (Some(url), Some(revision)) = (source("repoURL"), source("targetRevision")) {
        // An address may have a login in it.
        let url = crate::catalog::fetch::git::shown(url);
        let _ = writeln!(text, "{FAINT}{url} at {revision}{FAINT:#}");
    }
    text
}

/// Returns the kinds of a service's objects, the most frequent first.
fn kinds(service: &PlannedService, verbosity: Verbosity) -> String {
    /// So many kinds tell what a service is.
    const SHOWN: usize = 4;
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for step in &service.steps {
        *numbers.entry(step.object.id.kind.as_str()).or_default() += 1;
    }
    let mut kinds: Vec<(&str, usize)> = numbers.into_iter().collect();
    kinds.sort_by_key(|(kind, number)| (std::cmp::Reverse(*number), *kind));
    let shown = if verbosity == Verbosity::Verbose {
        kinds.len()
    } else {
        SHOWN
    };
    let mut words: Vec<String> = kinds
        .iter()
        .take(shown)
        .map(|(kind, number)| {
            if *number == 1 {
                (*kind).to_owned()
            } else {
                format!("{number} {kind}")
            }
        })
        .collect();
    if kinds.len() > shown {
        words.push("...".to_owned());
    }
    words.join(", ")
}
