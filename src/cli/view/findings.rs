//! Findings as text.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::finding::{Finding, Severity, Suppressed, codes};
use crate::ops::{Linted, Looked};

use super::words::{BAD, FAINT, GOOD, NOTE, WARN, count};

/// Returns findings, or that there are none.
pub(in crate::cli) fn lint(linted: &Linted, verbosity: Verbosity) -> String {
    let all = linted.environments.len();
    let mut blocks: Vec<String> = Vec::new();
    for found in &linted.findings {
        let mut text = block(&found.finding);
        if all > 1 {
            text.push_str(&holding(&found.environments, all));
        }
        blocks.push(text);
    }
    if verbosity == Verbosity::Verbose {
        for found in &linted.suppressed {
            let Suppressed {
                finding,
                reason,
                rule,
            } = &found.finding;
            let mut text = block(finding);
            if all > 1 {
                text.push_str(&holding(&found.environments, all));
            }
            let _ = writeln!(text, "  {FAINT}suppressed by {rule}: {reason}{FAINT:#}");
            blocks.push(text);
        }
    }
    let mut text = blocks.join("\n");
    if verbosity == Verbosity::Quiet {
        return text;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let sum = |of: fn(&Looked) -> usize| linted.environments.iter().map(of).sum::<usize>();
    let name = match linted.environments.as_slice() {
        [one] => one.name.clone(),
        several => count(several.len(), "environment", "environments"),
    };
    let findings: Vec<&Finding> = linted.findings.iter().map(|found| &found.finding).collect();
    let suppressed = match linted.suppressed.len() {
        0 => String::new(),
        number => format!(", {number} suppressed"),
    };
    let _ = writeln!(
        text,
        "{name}: {} and {} checked, {}{suppressed}",
        count(sum(|one| one.services), "service", "services"),
        count(sum(|one| one.objects), "object", "objects"),
        summary(findings)
    );
    text
}

/// Returns the line that says where a finding holds, of so many environments.
fn holding(environments: &[String], all: usize) -> String {
    if environments.is_empty() {
        return String::new();
    }
    let where_ = if environments.len() == all {
        format!("in all {all} environments")
    } else {
        format!("in {}", environments.join(", "))
    };
    format!("  {FAINT}{where_}{FAINT:#}\n")
}

/// Returns findings and, unless that is too much to say, what they come to.
pub(super) fn closed(
    findings: &[Finding],
    verbosity: Verbosity,
    sum: std::fmt::Arguments<'_>,
) -> String {
    let mut text = list(findings);
    if verbosity == Verbosity::Quiet {
        return text;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "{sum}");
    text
}

/// Returns each finding with its place, a blank line between two.
pub(in crate::cli) fn list(findings: &[Finding]) -> String {
    let blocks: Vec<String> = findings.iter().map(block).collect();
    blocks.join("\n")
}

fn block(finding: &Finding) -> String {
    let (style, word) = match finding.severity {
        Severity::Error => (BAD, "error"),
        Severity::Warning => (WARN, "warning"),
        Severity::Info => (NOTE, "note"),
    };
    // A cycle is a list of reasons: one a line.
    let message = if finding.code == codes::CYCLE {
        finding.message.replace("; ", "\n  ")
    } else {
        finding.message.clone()
    };
    let mut text = format!("{style}{word}[{}]:{style:#} {message}\n", finding.code);
    if let Some(mend) = &finding.mend {
        let _ = writeln!(text, "  to mend it: {mend}");
    }
    let service = finding
        .service
        .as_ref()
        .map(|service| format!("service {service}"));
    let source = finding.source.as_ref().map(ToString::to_string);
    let place: Vec<String> = service.into_iter().chain(source).collect();
    if !place.is_empty() {
        let _ = writeln!(text, "  {FAINT}{}{FAINT:#}", place.join(", "));
    }
    text
}

/// Returns how many findings of which kind there are.
pub(super) fn summary<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> String {
    let severities: Vec<Severity> = findings.into_iter().map(|one| one.severity).collect();
    let number = |severity: Severity| severities.iter().filter(|one| **one == severity).count();
    let mut parts = Vec::new();
    for (severity, style, one, many) in [
        (Severity::Error, BAD, "error", "errors"),
        (Severity::Warning, WARN, "warning", "warnings"),
        (Severity::Info, NOTE, "note", "notes"),
    ] {
        let number = number(severity);
        if number > 0 {
            parts.push(format!("{style}{}{style:#}", count(number, one, many)));
        }
    }
    if parts.is_empty() {
        format!("{GOOD}no findings{GOOD:#}")
    } else {
        parts.join(", ")
    }
}
