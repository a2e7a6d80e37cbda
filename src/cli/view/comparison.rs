//! A plan's actions against a cluster as text.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::cluster::Identity;
use crate::ops::Comparison;
use crate::plan::{Action, Reason, Step};

use super::words::{BAD, FAINT, GOOD, STRONG, WARN, count};

/// Returns what differs between plan and cluster.
pub(in crate::cli) fn comparison(
    comparison: &Comparison,
    identity: &Identity,
    verbosity: Verbosity,
) -> String {
    let mut text = format!("\n{STRONG}on{STRONG:#} {identity}\n");
    for service in &comparison.plan.services {
        for step in service
            .steps
            .iter()
            .filter(|step| step.action != Action::Keep)
        {
            // On an empty cluster everything is new: that is told by the number.
            if step.action == Action::Create && verbosity != Verbosity::Verbose {
                continue;
            }
            let _ = writeln!(
                text,
                "  {} {}: {}",
                mark(step),
                step.object.id,
                reason(&step.reason)
            );
        }
    }
    for refused in &comparison.refused {
        let _ = writeln!(text, "  {BAD}refused{BAD:#} {refused}");
    }
    let _ = writeln!(text, "{}", counts(comparison));
    text
}

/// Returns how many objects will be created, changed, run and kept.
pub(in crate::cli) fn counts(comparison: &Comparison) -> String {
    let counts = comparison.counts();
    let mut parts: Vec<String> = [
        (Action::Create, "to create"),
        (Action::Change, "to change"),
        (Action::Run, "to run as hooks"),
        (Action::Keep, "as wanted"),
    ]
    .into_iter()
    .filter_map(|(action, words)| {
        let number = counts.get(&action)?;
        Some(format!("{number} {words}"))
    })
    .collect();
    if !comparison.handover.is_empty() {
        let number = count(comparison.handover.len(), "object", "objects");
        parts.push(format!("{number} of the handover to write"));
    }
    if comparison.is_settled() {
        parts.push(format!("{GOOD}nothing to write{GOOD:#}"));
    }
    parts.join(", ")
}

fn mark(step: &Step) -> String {
    match step.action {
        Action::Create => format!("{GOOD}+{GOOD:#}"),
        Action::Change => format!("{WARN}~{WARN:#}"),
        Action::Run => format!("{WARN}>{WARN:#}"),
        Action::Keep => format!("{FAINT}={FAINT:#}"),
    }
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NoCluster => "no cluster was asked".to_owned(),
        Reason::Absent => "is not there".to_owned(),
        Reason::KindAbsent => "its kind is not there yet".to_owned(),
        Reason::Differs(fields) if fields.iter().all(|it| it == "/metadata/managedFields") => {
            "was written by others".to_owned()
        }
        Reason::Differs(fields) => format!("differs at {}", fields.join(", ")),
        Reason::Equal => "is as wanted".to_owned(),
        Reason::HookNew => "has not run with this content".to_owned(),
        Reason::HookDone => "has run with this content".to_owned(),
    }
}
