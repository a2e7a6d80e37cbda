//! The rules about charts below charts: takes a loaded chart, tells what `Chart.yaml` and `charts/`
//! do not agree on, never fetches anything.

use super::Linter;
use crate::chart::Chart;

const FILE: &str = "Chart.yaml";

pub(super) fn check(linter: &mut Linter<'_>, chart: &Chart) {
    let wanted = &chart.metadata.dependencies;
    let undeclared: Vec<&str> = chart
        .subcharts
        .iter()
        .map(Chart::name)
        .filter(|name| !wanted.iter().any(|one| one.name == *name))
        .collect();
    if !undeclared.is_empty() {
        let message = format!(
            "the dependencies do not name these charts of charts/: {}",
            undeclared.join(", ")
        );
        linter.error("undeclared-dependency", FILE, None, message);
    }
    let missing: Vec<&str> = chart
        .missing_dependencies()
        .into_iter()
        .map(|one| one.name.as_str())
        .collect();
    if !missing.is_empty() {
        let message = format!("charts/ lacks these dependencies: {}", missing.join(", "));
        linter.warning("missing-dependency", FILE, None, message);
    }
}
