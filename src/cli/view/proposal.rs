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

/// Returns the lines that a change adds and takes away, in their order.
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
    let (before, after) = (
        &before[start..before.len() - end],
        &after[start..after.len() - end],
    );
    let common = common(before, after);
    let mut text = String::new();
    let mut line = |mark: char, line: &str| {
        if !line.trim().is_empty() {
            let _ = writeln!(text, "  {FAINT}{mark} {line}{FAINT:#}");
        }
    };
    let (mut old, mut new) = (0, 0);
    while old < before.len() || new < after.len() {
        if old < before.len() && before.get(old) == after.get(new) {
            (old, new) = (old + 1, new + 1);
        } else if new == after.len()
            || old < before.len() && common[old + 1][new] >= common[old][new + 1]
        {
            line('-', before[old]);
            old += 1;
        } else {
            line('+', after[new]);
            new += 1;
        }
    }
    text
}

/// Returns for each pair of places how many lines the rests have in common.
fn common(before: &[&str], after: &[&str]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; after.len() + 1]; before.len() + 1];
    for old in (0..before.len()).rev() {
        for new in (0..after.len()).rev() {
            common[old][new] = if before[old] == after[new] {
                common[old + 1][new + 1] + 1
            } else {
                common[old + 1][new].max(common[old][new + 1])
            };
        }
    }
    common
}
