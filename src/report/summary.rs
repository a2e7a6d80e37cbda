//! The end of a run as text: takes outcome and summary, gives a table with times, the slowest path,
//! and each failure with its path, what explains it and what it blocks.

use std::fmt::Write as _;

use super::words::{BAD, FAINT, GOOD, STRONG, WARN, clock, count, one_line};
use crate::apply::{
    Failure, FailureKind, OpenApplication, Outcome, ServiceOutcome, ServiceResult, Summary,
};

/// Returns the end of a run as text with styles.
pub fn summary(outcome: &Outcome, summary: &Summary, open: &[OpenApplication]) -> String {
    let mut text = String::new();
    table(&mut text, &summary.services);
    if summary.slowest_path.len() > 1 {
        let path = summary.slowest_path.join(" → ");
        let _ = writeln!(text, "{FAINT}slowest path:{FAINT:#} {path}");
    }
    for failure in failures(outcome) {
        failure_text(&mut text, outcome, failure);
    }
    for application in open {
        let _ = writeln!(
            text,
            "\n{BAD}✘{BAD:#} {} → Application {STRONG}{}{STRONG:#}: {}",
            outcome.environment,
            application.application,
            one_line(&application.why)
        );
        for difference in &application.differences {
            let _ = writeln!(text, "  {difference}");
        }
    }
    let _ = writeln!(text, "\n{}", sentence(outcome, summary));
    text
}

fn table(text: &mut String, services: &[ServiceOutcome]) {
    let width = services
        .iter()
        .map(|service| service.service.len())
        .max()
        .unwrap_or(0)
        .max(7);
    let _ = writeln!(
        text,
        "\n{FAINT}  {:width$}  {:>8}  {:>9}  {:>8}  {:>8}{FAINT:#}",
        "service", "written", "unchanged", "start", "time"
    );
    for service in services {
        let (style, mark) = match service.result {
            ServiceResult::Ready => (GOOD, "✔"),
            ServiceResult::Failed => (BAD, "✘"),
            ServiceResult::Blocked => (WARN, "⊘"),
            ServiceResult::Stopped => (WARN, "-"),
        };
        let ran = service.took > std::time::Duration::ZERO;
        let (start, took) = if ran {
            (clock(service.started), clock(service.took))
        } else {
            (String::new(), String::new())
        };
        let _ = writeln!(
            text,
            "{style}{mark}{style:#} {:width$}  {:>8}  {:>9}  {start:>8}  {took:>8}",
            service.service, service.written, service.unchanged
        );
    }
}

/// The failures that explain something: what was merely cut short by the user does not.
fn failures(outcome: &Outcome) -> impl Iterator<Item = &Failure> {
    outcome
        .failures
        .iter()
        .filter(|failure| failure.kind != FailureKind::Interrupted)
}

fn failure_text(text: &mut String, outcome: &Outcome, failure: &Failure) {
    let _ = write!(
        text,
        "\n{BAD}✘{BAD:#} {} → {STRONG}{}{STRONG:#}",
        outcome.environment, failure.service
    );
    if let Some(object) = &failure.object {
        let _ = write!(text, " → {STRONG}{object}{STRONG:#}");
    }
    let _ = writeln!(text, "\n  {}", one_line(&failure.reason));
    for detail in &failure.details {
        let _ = writeln!(text, "  {FAINT}{detail}{FAINT:#}");
    }
    for blocked in outcome
        .blocked
        .iter()
        .filter(|blocked| blocked.blocker == failure.service)
    {
        let _ = writeln!(
            text,
            "  {WARN}blocks {}{WARN:#}: {}",
            blocked.service, blocked.edge.evidence
        );
    }
}

fn sentence(outcome: &Outcome, summary: &Summary) -> String {
    let took = clock(summary.took);
    let environment = &summary.environment;
    let ready = summary
        .services
        .iter()
        .filter(|service| service.result == ServiceResult::Ready)
        .count();
    let written = count(summary.written, "object");
    if summary.complete {
        let owner = if summary.handed_over {
            ", and Argo CD owns it"
        } else {
            ""
        };
        return if summary.written == 0 {
            format!(
                "{GOOD}{environment} is as wanted{GOOD:#}{owner}: nothing was written, {} objects checked in {took}",
                summary.unchanged
            )
        } else {
            format!("{GOOD}{environment} is installed{GOOD:#}{owner}: {written} written in {took}")
        };
    }
    let total = summary.services.len();
    let how = if summary.interrupted {
        "stopped"
    } else {
        "incomplete"
    };
    let mut text = format!(
        "{BAD}{environment} is {how}{BAD:#}: {ready} of {total} services are ready; {written} written in {took}"
    );
    if outcome.complete() {
        text.push_str("; Argo CD does not own it yet");
    }
    text.push_str("\nrun the same command again to go on: what is done is not done again");
    text
}
