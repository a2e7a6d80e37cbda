//! New files as text: each with what happens to it, then what to look at and what comes next.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::ops::new::{FileChange, Proposal};

use super::words::{FAINT, GOOD, NOTE, WARN};

/// Returns what was written, or would be.
pub(in crate::cli) fn proposal(proposal: &Proposal, dry_run: bool, verbosity: Verbosity) -> String {
    let mut text = String::new();
    for change in &proposal.changes {
        let (style, word) = match (&change.before, dry_run) {
            (None, false) => (GOOD, "created"),
            (None, true) => (GOOD, "would create"),
            (Some(_), false) => (WARN, "changed"),
            (Some(_), true) => (WARN, "would change"),
        };
        let _ = writeln!(text, "{style}{word}{style:#} {}", change.path);
        if change.before.is_some() || verbosity == Verbosity::Verbose {
            text.push_str(&added(change));
        }
    }
    if verbosity == Verbosity::Quiet {
        return text;
    }
    for note in &proposal.notes {
        let _ = writeln!(text, "{NOTE}note:{NOTE:#} {note}");
    }
    if !proposal.next.is_empty() {
        text.push_str("\nnext:\n");
        for next in &proposal.next {
            let _ = writeln!(text, "  {next}");
        }
    }
    text
}

/// Returns the lines that a change adds, with those that it takes away.
fn added(change: &FileChange) -> String {
    let before: Vec<&str> = change
        .before
        .as_deref()
        .unwrap_or_default()
        .lines()
        .collect();
    let after: Vec<&str> = change.text.lines().collect();
    let start = (before.iter().zip(&after))
        .take_while(|(left, right)| left == right)
        .count();
    let end = (before[start..].iter().rev())
        .zip(after[start..].iter().rev())
        .take_while(|(left, right)| left == right)
        .count();
    let (mut old, mut new) = (
        before[start..before.len() - end].to_vec(),
        after[start..after.len() - end].to_vec(),
    );
    // Where two places changed, what lies between them did not.
    let between: Vec<&str> = new
        .iter()
        .filter(|line| old.contains(line))
        .copied()
        .collect();
    new.retain(|line| !between.contains(line));
    old.retain(|line| !between.contains(line));
    let mut text = String::new();
    for (mark, lines) in [("-", old), ("+", new)] {
        for line in lines.into_iter().filter(|line| !line.trim().is_empty()) {
            let _ = writeln!(text, "  {FAINT}{mark} {line}{FAINT:#}");
        }
    }
    text
}
