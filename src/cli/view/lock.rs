//! The lock and the vendored archives as text.

use std::fmt::Write as _;

use super::words::count;
use crate::catalog::LOCK_FILE;
use crate::catalog::fetch::git::PACKS_DIRECTORY;
use crate::catalog::fetch::{FILES_DIRECTORY, VENDOR_DIRECTORY};
use crate::cli::arguments::Verbosity;
use crate::ops::{
    FileChange, LockChange, LockReport, LockedEntry, LockedFile, LockedRepository,
    RepositoryChange, VendorReport,
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
    for entry in &report.files {
        if entry.change != FileChange::Kept || verbosity == Verbosity::Verbose {
            let _ = writeln!(text, "{}", file_words(entry));
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
    let files = report
        .files
        .iter()
        .filter(|entry| entry.change != FileChange::Removed)
        .count();
    let mut all = vec![];
    if kept > 0 || repositories + files == 0 {
        all.push(count(kept, "chart", "charts"));
    }
    if repositories > 0 {
        all.push(count(repositories, "repository", "repositories"));
    }
    if files > 0 {
        all.push(count(files, "file", "files"));
    }
    let all = all.join(", ");
    let _ = match (kept + repositories + files, report.written) {
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

fn file_words(entry: &LockedFile) -> String {
    let LockedFile { url, change, .. } = entry;
    match change {
        FileChange::Kept => format!("  {url}"),
        FileChange::Added => format!("+ {url}"),
        FileChange::Changed { .. } => format!("! {url} has another content than before"),
        FileChange::Removed => format!("- {url}, which nothing needs any more"),
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
    let charts = (report.files.iter()).filter(|file| file.starts_with(VENDOR_DIRECTORY));
    let charts = charts.count();
    if charts > 0 || report.files.is_empty() {
        let archives = count(charts, "archive", "archives");
        let _ = writeln!(text, "{VENDOR_DIRECTORY}: {archives}");
    }
    for (directory, one, several) in [
        (PACKS_DIRECTORY, "commit", "commits"),
        (FILES_DIRECTORY, "file", "files"),
    ] {
        let all = (report.files.iter()).filter(|file| file.starts_with(directory));
        let all = all.count();
        if all > 0 {
            let _ = writeln!(text, "{directory}: {}", count(all, one, several));
        }
    }
    text
}
