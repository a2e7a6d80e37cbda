//! What is wrong with charts by Helm's rules: takes what `helm lint` takes, gives findings, never
//! prints.

use std::path::{Path, PathBuf};

use chart::{KubeVersion, LintMessage, LintOptions, LintSeverity, LoadError, Values};

use crate::finding::{Code, Finding, Severity, codes};
use crate::source::Source;

use super::error::ChartError;
use super::reference::load_options;
use super::template::HELM_KUBERNETES_VERSION;
use super::values::ChartValues;

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct LintRequest {
    /// The charts: directories or archives.
    pub paths: Vec<String>,
    /// The values.
    pub values: ChartValues,
    /// The namespace that the charts are told.
    pub namespace: String,
    /// The version of Kubernetes; else the one that Helm assumes.
    pub kubernetes_version: Option<String>,
    /// Whether charts below the charts are looked at, each by itself.
    pub with_subcharts: bool,
    /// Whether values may break `values.schema.json`.
    pub skip_schema_validation: bool,
}

/// A chart that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintedChart {
    /// Where it stands.
    pub path: String,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// Looks at charts.
pub fn lint(request: &LintRequest) -> Result<Vec<LintedChart>, ChartError> {
    let values = request.values.read()?;
    let version = request.kubernetes_version.as_deref();
    let kube_version = KubeVersion::parse(version.unwrap_or(HELM_KUBERNETES_VERSION))
        .map_err(|error| ChartError::Argument(error.to_string()))?;
    let mut paths: Vec<PathBuf> = request.paths.iter().map(PathBuf::from).collect();
    if request.with_subcharts {
        for path in &request.paths {
            below(&Path::new(path).join("charts"), &mut paths, 0);
        }
    }
    Ok(paths
        .iter()
        .map(|path| one(path, request, &values, &kube_version))
        .collect())
}

fn one(
    path: &Path,
    request: &LintRequest,
    values: &Values,
    kube_version: &KubeVersion,
) -> LintedChart {
    let options = LintOptions {
        namespace: request.namespace.clone(),
        kube_version: kube_version.clone(),
        skip_schema_validation: request.skip_schema_validation,
        load: load_options(path),
    };
    let shown = path.to_string_lossy().into_owned();
    let messages = chart::lint(path, values, &options).unwrap_or_else(|error| {
        vec![LintMessage {
            severity: LintSeverity::Error,
            code: codes::NO_CHART.name(),
            file: String::new(),
            line: None,
            unknown: None,
            message: match error {
                LoadError::NoMetadata => "this is no chart: it has no Chart.yaml".to_owned(),
                LoadError::Files { source, .. } => format!("this is no chart: {source}"),
                error => format!("this is no chart: {error}"),
            },
        }]
    });
    LintedChart {
        findings: messages
            .into_iter()
            .map(|message| finding(&shown, message))
            .collect(),
        path: shown,
    }
}

fn finding(chart: &str, told: LintMessage) -> Finding {
    let LintMessage {
        severity,
        code,
        file,
        line,
        message,
        unknown,
    } = told;
    let file = if file.is_empty() {
        chart.to_owned()
    } else {
        format!("{}/{file}", chart.trim_end_matches('/'))
    };
    let hint = unknown.map(|unknown| {
        let known = unknown.known.iter().copied();
        match crate::suggest::nearest(&unknown.name, known) {
            Some(nearest) => format!("; did you mean `{nearest}`?"),
            None => format!("; it may have {}", unknown.known.join(", ")),
        }
    });
    Finding {
        severity: match severity {
            LintSeverity::Info => Severity::Info,
            LintSeverity::Warning => Severity::Warning,
            LintSeverity::Error => Severity::Error,
        },
        code: Code::named(code).unwrap_or(codes::CHART_FILE),
        service: None,
        object: None,
        message: format!("{message}{}", hint.unwrap_or_default()),
        mend: None,
        source: Some(Source {
            file,
            line,
            column: None,
        }),
    }
}

/// Adds the charts below a directory, in the order of their names.
fn below(directory: &Path, paths: &mut Vec<PathBuf>, depth: usize) {
    const DEEPEST: usize = 64;
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        let name = entry.to_string_lossy();
        if entry.is_dir() && !entry.is_symlink() && depth < DEEPEST {
            below(&entry, paths, depth + 1);
        } else if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
            paths.push(entry.clone());
        } else if entry.ends_with("Chart.yaml") {
            paths.push(directory.to_owned());
        }
    }
}
