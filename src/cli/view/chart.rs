//! What is found out about single charts, as text.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::finding::Finding;
use crate::ops::chart::{DependencyChange, DependencyList};

use super::findings::{closed, summary};
use super::words::count;

/// What was looked at.
pub(in crate::cli) struct ChartCheck<'c> {
    pub(in crate::cli) charts: usize,
    pub(in crate::cli) failed: usize,
    pub(in crate::cli) findings: &'c [Finding],
}

/// Returns findings about charts, or that there are none.
pub(in crate::cli) fn chart_lint(check: &ChartCheck<'_>, verbosity: Verbosity) -> String {
    closed(
        check.findings,
        verbosity,
        format_args!(
            "{} checked, {} failed: {}",
            count(check.charts, "chart", "charts"),
            check.failed,
            summary(check.findings)
        ),
    )
}

/// Returns the table that `helm dependency list` prints.
pub(in crate::cli) fn dependencies(found: &DependencyList, widest: usize) -> String {
    if found.dependencies.is_empty() {
        return String::new();
    }
    let titles = ["NAME", "VERSION", "REPOSITORY", "STATUS"].map(str::to_owned);
    let rows = found.dependencies.iter().map(|one| {
        [
            cut(&one.name, widest),
            cut(&one.version, widest),
            cut(&one.repository, widest),
            cut(one.status, widest),
        ]
    });
    let rows: Vec<[String; 4]> = std::iter::once(titles).chain(rows).collect();
    let mut text = String::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().map(|row| row[column].chars().count()).max();
            let separator = if column == 0 { "" } else { "\t" };
            let width = width.unwrap_or_default();
            let _ = write!(text, "{separator}{cell:width$}");
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

fn cut(cell: &str, widest: usize) -> String {
    if cell.chars().count() <= widest {
        return cell.to_owned();
    }
    let kept: String = cell.chars().take(widest.saturating_sub(3)).collect();
    format!("{kept}...")
}

/// Returns what became of the charts below a chart.
pub(in crate::cli) fn dependency_change(change: &DependencyChange) -> String {
    let mut text = String::new();
    for (word, paths) in [("saved", &change.saved), ("removed", &change.removed)] {
        for path in paths {
            let _ = writeln!(text, "{word} {}", path.display());
        }
    }
    if let Some(path) = &change.lock {
        let _ = writeln!(text, "wrote {}", path.display());
    }
    text
}
