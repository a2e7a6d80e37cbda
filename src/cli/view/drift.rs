//! What is in a cluster otherwise than in Git, as text.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::ops::Drift;
use crate::plan::{Action, Certainty};

use super::review::{Line, lines};
use super::words::{BAD, FAINT, GOOD, STRONG, WARN, count};

/// Returns the drift.
pub(in crate::cli) fn drift(drift: &Drift, verbosity: Verbosity) -> String {
    let all = verbosity == Verbosity::Verbose;
    let mut text = format!(
        "{STRONG}{}{STRONG:#} on {}\n",
        drift.environment, drift.cluster
    );
    let mut service = "";
    for object in &drift.objects {
        if object.service != service {
            service = &object.service;
            let _ = writeln!(text, "\n{STRONG}{service}{STRONG:#}");
        }
        let (mark, word) = match object.action {
            Action::Create => (format!("{BAD}-{BAD:#}"), "is not there"),
            Action::Recreate => (format!("{BAD}!{BAD:#}"), &*object.reason),
            _ => (format!("{WARN}~{WARN:#}"), "differs"),
        };
        let sure = match object.certainty {
            Certainty::Verified => "",
            Certainty::Computed if object.action == Action::Create => "",
            Certainty::Computed => " (computed)",
        };
        let _ = writeln!(
            text,
            "  {mark} {}: {word}{FAINT}{sure}{FAINT:#}",
            object.object
        );
        if let Some(owner) = &object.owner {
            let _ = writeln!(text, "      {WARN}claimed by {owner}{WARN:#}");
        }
        for change in &object.changes {
            for line in lines(change, all) {
                let (style, line) = match line {
                    Line::Old(line) => (BAD, format!("live  {line}")),
                    Line::New(line) => (GOOD, format!("Git   {line}")),
                    Line::Plain(line) => (FAINT, line),
                };
                let _ = writeln!(text, "      {style}{line}{style:#}");
            }
        }
    }
    if !drift.left.is_empty() {
        let _ = writeln!(text, "\n{STRONG}in the cluster, and not in Git{STRONG:#}");
    }
    for left in &drift.left {
        let of = if left.has_application {
            format!("of {}", left.application)
        } else {
            format!(
                "of {}, which the environment does not have",
                left.application
            )
        };
        let _ = writeln!(
            text,
            "  {WARN}+{WARN:#} {} {FAINT}{of}{FAINT:#}",
            left.object
        );
    }
    for refused in &drift.refused {
        let _ = writeln!(text, "  {BAD}refused{BAD:#} {refused}");
    }
    if !drift.unread.is_empty() {
        let _ = writeln!(
            text,
            "\n{WARN}not looked through{WARN:#}: {}",
            drift.unread.join(", ")
        );
    }
    let same = count(drift.same, "object is", "objects are");
    let _ = writeln!(
        text,
        "\n{same} as Git has them; {} not, {} left over",
        drift.objects.len(),
        drift.left.len()
    );
    text
}
