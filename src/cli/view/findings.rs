//! Findings as text.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::finding::{Finding, Severity, codes};

use super::words::{BAD, FAINT, GOOD, NOTE, WARN, count};

/// What was looked at.
pub(in crate::cli) struct Checked<'c> {
    pub(in crate::cli) environment: &'c str,
    pub(in crate::cli) services: usize,
    pub(in crate::cli) objects: usize,
}

/// Returns findings, or that there are none.
pub(in crate::cli) fn lint(
    checked: &Checked<'_>,
    findings: &[Finding],
    verbosity: Verbosity,
) -> String {
    closed(
        findings,
        verbosity,
        format_args!(
            "{}: {} and {} checked, {}",
            checked.environment,
            count(checked.services, "service", "services"),
            count(checked.objects, "object", "objects"),
            summary(findings)
        ),
    )
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
pub(super) fn summary(findings: &[Finding]) -> String {
    let number = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
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
