//! `firstlight chart lint`: what is wrong with charts, by the rules of `helm lint`.

use serde::Serialize;

use crate::cli::arguments::{ChartLintArguments, TextOrJson, Verbosity};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::{Finding, Severity};
use crate::ops::chart::{self as ops, LintRequest};

#[derive(Serialize)]
struct Document<'l> {
    version: u32,
    charts: Vec<&'l str>,
    findings: Vec<&'l Finding>,
}

pub(super) fn run(arguments: &ChartLintArguments, output: &mut Output) -> Result<Exit, Failure> {
    let mut charts = ops::lint(&LintRequest {
        paths: arguments.paths.clone(),
        values: arguments.values.to_values(),
        namespace: arguments.namespace.clone(),
        kubernetes_version: arguments.kube_version.clone(),
        with_subcharts: arguments.with_subcharts,
        skip_schema_validation: arguments.skip_schema_validation,
    })?;
    if output.verbosity() == Verbosity::Quiet {
        for chart in &mut charts {
            chart
                .findings
                .retain(|finding| finding.severity != Severity::Info);
        }
    }
    let worst = if arguments.strict {
        Severity::Warning
    } else {
        Severity::Error
    };
    let fails = |finding: &Finding| finding.severity <= worst;
    let failed = charts
        .iter()
        .filter(|chart| chart.findings.iter().any(fails))
        .count();
    let findings = charts.iter().flat_map(|chart| &chart.findings);
    let text = match arguments.format {
        TextOrJson::Json => super::super::json(&Document {
            version: 1,
            charts: charts.iter().map(|chart| chart.path.as_str()).collect(),
            findings: findings.collect(),
        })?,
        TextOrJson::Text => view::chart_lint(
            &view::ChartCheck {
                charts: charts.len(),
                failed,
                findings: &findings.cloned().collect::<Vec<_>>(),
            },
            output.verbosity(),
        ),
    };
    output.result(&text);
    Ok(if failed > 0 {
        Exit::Findings
    } else {
        Exit::Success
    })
}
