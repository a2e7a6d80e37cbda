//! The lock and the vendored archives as text.

use std::fmt::Write as _;

use super::words::count;
use crate::catalog::LOCK_FILE;
use crate::catalog::fetch::VENDOR_DIRECTORY;
use crate::cli::arguments::Verbosity;
use crate::ops::{LockChange, LockReport, LockedEntry, VendorReport};

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
    let kept = report
        .charts
        .iter()
        .filter(|entry| entry.change != LockChange::Removed)
        .count();
    let _ = match (kept, report.written) {
        (0, false) => writeln!(text, "no chart comes from elsewhere"),
        (kept, true) => writeln!(text, "{LOCK_FILE}: {}", count(kept, "chart", "charts")),
        (kept, false) => writeln!(
            text,
            "{LOCK_FILE}: {}, as before",
            count(kept, "chart", "charts")
        ),
    };
    text
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
