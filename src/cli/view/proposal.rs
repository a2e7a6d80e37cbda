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
            continue;
        }
        // What a new thing changes is little: the two go on alike where the fewest lines are passed.
        let rest = (before.len() - old) + (after.len() - new);
        let meeting = (1..=rest).find_map(|sum| {
            (0..=sum).find_map(|skipped| {
                let (from, to) = (old + skipped, new + sum - skipped);
                let meets = from <= before.len() && to <= after.len();
                (meets && before.get(from) == after.get(to)).then_some((from, to))
            })
        });
        let (from, to) = meeting.unwrap_or((before.len(), after.len()));
        before[old..from].iter().for_each(|gone| line('-', gone));
        after[new..to].iter().for_each(|come| line('+', come));
        (old, new) = (from, to);
    }
    text
}
