//! The lock and the vendored archives as text.

use std::fmt::Write as _;

use super::words::count;
use crate::catalog::LOCK_FILE;
use crate::catalog::fetch::VENDOR_DIRECTORY;
use crate::cli::arguments::Verbosity;
use crate::ops::{
    LockChange, LockReport, LockedEntry, LockedRepository, RepositoryChange, VendorReport,
};

/// Words what became of the lock: what changed, and everything where more is to be said.
pub(in crate::cli) fn lock(report: &LockReport, verbosity: Verbosity) -> String {
    let mut text = String::new();
    if verbosity == Verbosity::Quiet {
        return text;
    }
    for entry in &report.charts {
        if entry.change != LockChange::Kept || verbosity == Verbosity::Verbose {
            let _ = writeln!(text, "{}", words(entry));
        }
    }
    for entry in &report.repositories {
        if entry.change != RepositoryChange::Kept || verbosity == Verbosity::Verbose {
            let _ = writeln!(text, "{}", repository_words(entry));
        }
    }
    let kept = report
        .charts
        .iter()
        .filter(|entry| entry.change != LockChange::Removed)
        .count();
    let repositories = report
        .repositories
        .iter()
        .filter(|entry| entry.change != RepositoryChange::Removed)
        .count();
    let charts = count(kept, "chart", "charts");
    let all = match (kept, repositories) {
        (_, 0) => charts,
        (0, more) => count(more, "repository", "repositories"),
        (_, more) => format!("{charts}, {}", count(more, "repository", "repositories")),
    };
    let _ = match (kept + repositories, report.written) {
        (0, false) => writeln!(text, "no chart comes from elsewhere"),
        (_, true) => writeln!(text, "{LOCK_FILE}: {all}"),
        (_, false) => writeln!(text, "{LOCK_FILE}: {all}, as before"),
    };
    text
}

fn repository_words(entry: &LockedRepository) -> String {
    let short = |commit: &String| commit.get(..8).unwrap_or(commit).to_owned();
    let (name, commit) = (entry.request.to_string(), short(&entry.commit));
    match &entry.change {
        RepositoryChange::Kept => format!("  {name}: {commit}"),
        RepositoryChange::Added => format!("+ {name}: {commit}"),
        RepositoryChange::Changed { commit: old } => {
            format!("~ {name}: {} -> {commit}", short(old))
        }
        RepositoryChange::Removed => format!("- {name}: {commit}, which nothing needs any more"),
    }
}

fn words(entry: &LockedEntry) -> String {
    let LockedEntry {
        request,
        version,
        change,
        ..
    } = entry;
    let name = format!("{} of {}", request.name, request.repository);
    match change {
        LockChange::Kept => format!("  {name}: {version}"),
        LockChange::Added => format!("+ {name}: {version} (of {:?})", request.range),
        LockChange::Changed { version: old, .. } if old == version => {
            format!("! {name}: {version} has another content than before")
        }
        LockChange::Changed { version: old, .. } => format!("~ {name}: {old} -> {version}"),
        LockChange::Removed => format!("- {name}: {version}, which nothing needs any more"),
    }
}

/// Words what became of the vendored archives.
pub(in crate::cli) fn vendor(report: &VendorReport, verbosity: Verbosity) -> String {
    let mut text = lock(&report.lock, verbosity);
    if verbosity == Verbosity::Quiet || report.files.is_empty() && report.removed.is_empty() {
        return text;
    }
    for file in &report.added {
        let _ = writeln!(text, "+ {file}");
    }
    for file in &report.removed {
        let _ = writeln!(text, "- {file}");
    }
    let _ = writeln!(
        text,
        "{VENDOR_DIRECTORY}: {}",
        count(report.files.len(), "archive", "archives")
    );
    text
}
