//! A plan's actions against a cluster as text.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::cluster::Identity;
use crate::ops::Comparison;
use crate::plan::{Action, Certainty, Step};

use super::review::fields;
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
            let all = verbosity == Verbosity::Verbose;
            if step.action == Action::Create && step.owner.is_none() && !all {
                continue;
            }
            let _ = writeln!(
                text,
                "  {} {}: {}{}",
                mark(step),
                step.object.id,
                step.reason,
                certainty(step)
            );
            if let Some(owner) = &step.owner {
                let _ = writeln!(text, "      {WARN}claimed by {owner}{WARN:#}");
            }
            text.push_str(&fields(&step.changes, all));
        }
    }
    let others = claimed(comparison);
    if others > 0 {
        let objects = count(
            others,
            "object that is as wanted is",
            "objects that are as wanted are",
        );
        let _ = writeln!(text, "  {WARN}{objects} claimed by others{WARN:#}");
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
        (Action::Recreate, "to make anew"),
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
        Action::Recreate => format!("{BAD}!{BAD:#}"),
        Action::Run => format!("{WARN}>{WARN:#}"),
        Action::Keep => format!("{FAINT}={FAINT:#}"),
    }
}

/// Returns how sure an action is, where that is not said by the action itself.
fn certainty(step: &Step) -> String {
    match (step.certainty, step.action) {
        (Certainty::Verified, _) => format!(" {FAINT}(verified){FAINT:#}"),
        (Certainty::Computed, Action::Keep) => String::new(),
        (Certainty::Computed, _) => format!(" {FAINT}(computed: {}){FAINT:#}", step.doubt),
    }
}

/// Returns how many objects are as wanted and claimed by others.
fn claimed(comparison: &Comparison) -> usize {
    let services = comparison.plan.services.iter();
    let steps = services.flat_map(|service| &service.steps);
    steps
        .filter(|step| step.action == Action::Keep && step.owner.is_some())
        .count()
}
