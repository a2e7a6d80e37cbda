//! The manifests of one chart: takes what `helm template` takes, gives what it prints, never asks a
//! cluster and never reads a configuration.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use chart::{
    Capabilities, Chart, Dependency, KubeVersion, PrintOptions, Printed, ReleaseOptions,
    RenderError, RenderOptions, check_release_name, release_name, render_files,
};

use crate::catalog::ChartPlace;

use super::error::ChartError;
use super::reference::{self, ChartReference};
use super::values::ChartValues;

/// The namespace where nothing is said.
pub const DEFAULT_NAMESPACE: &str = "default";

/// The name where nothing is said.
const DEFAULT_NAME: &str = "release-name";

/// The version of Kubernetes that Helm 4.3 assumes.
const DEFAULT_KUBERNETES_VERSION: &str = "v1.37.0";

/// Where the release's name comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ReleaseName {
    /// Helm's own placeholder.
    #[default]
    Default,
    /// It is given.
    Given(String),
    /// It is made of a template.
    Template(String),
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct TemplateRequest {
    /// The chart.
    pub chart: ChartReference,
    /// The release's name.
    pub name: ReleaseName,
    /// The release's namespace.
    pub namespace: String,
    /// The values.
    pub values: ChartValues,
    /// The version of Kubernetes that the chart is told; else the one that Helm assumes.
    pub kubernetes_version: Option<String>,
    /// API versions beyond those that Helm assumes.
    pub api_versions: Vec<String>,
    /// Whether the chart is told of an upgrade.
    pub is_upgrade: bool,
    /// Whether the files of `crds/` are printed.
    pub include_crds: bool,
    /// What is printed beside the plain manifests.
    pub print: PrintOptions,
    /// Whether values may break `values.schema.json`.
    pub skip_schema_validation: bool,
}

/// What rendering gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The manifests in Helm's order.
    pub printed: Printed,
    /// The release's name.
    pub name: String,
    /// What to be told about the chart.
    pub warnings: Vec<String>,
}

/// Checks a version of Kubernetes; the error says what is wrong with it.
pub fn kubernetes_version(text: &str) -> Result<String, String> {
    KubeVersion::parse(text)
        .map(|_| text.to_owned())
        .map_err(|_| "expected a version such as 1.34.0".to_owned())
}

/// Renders a chart.
pub fn template(request: &TemplateRequest) -> Result<Template, ChartError> {
    let name = request.name.resolve()?;
    let path = request.chart.locate()?;
    let values = request.values.read()?;
    let chart = reference::load(&path)?;
    let path = path.to_string_lossy();
    check_dependencies(&chart, &path)?;
    check_release_name(&name)?;

    let version = request.kubernetes_version.as_deref();
    let version = KubeVersion::parse(version.unwrap_or(DEFAULT_KUBERNETES_VERSION))
        .map_err(|error| ChartError::Argument(error.to_string()))?;
    let versions = request.api_versions.iter().map(String::as_str);
    let capabilities = Capabilities::new(version, versions);
    let release = ReleaseOptions {
        is_upgrade: request.is_upgrade,
        is_install: !request.is_upgrade,
        ..ReleaseOptions::new(&name, &request.namespace)
    };
    let options = RenderOptions {
        include_crds: request.include_crds,
        ..RenderOptions::default()
    };
    let place = ChartPlace {
        path: &path,
        name: chart.name(),
    };
    let problem = |error: &RenderError| Box::new(place.unrenderable(error));
    let rendered = render_files(&chart, &release, &values, &capabilities, &options)
        .map_err(|error| ChartError::Problem(problem(&error)))?;
    let printed = rendered
        .print(request.print)
        .map_err(|error| ChartError::BrokenOutput {
            problem: problem(&error),
            unparsed: rendered.unparsed_text(),
        })?;
    let mut warnings = Vec::new();
    if chart.metadata.deprecated {
        warnings.push(format!("the chart {} is deprecated", chart.name()));
    }
    Ok(Template {
        printed,
        name,
        warnings,
    })
}

/// Returns the text of the templates that patterns such as `templates/*.yaml` name.
pub fn only(printed: &Printed, patterns: &[String]) -> Result<String, ChartError> {
    printed.text_of(patterns).map_err(|pattern| {
        let within = |path: &str| path.split_once('/').map(|(_, rest)| rest.to_owned());
        let known: BTreeSet<String> = printed
            .files()
            .filter_map(|file| within(&file.path))
            .collect();
        ChartError::NoTemplate {
            pattern: pattern.to_owned(),
            known: known.into_iter().collect(),
        }
    })
}

impl ReleaseName {
    fn resolve(&self) -> Result<String, ChartError> {
        match self {
            Self::Default => Ok(DEFAULT_NAME.to_owned()),
            Self::Given(name) => Ok(name.clone()),
            Self::Template(template) => release_name(template).map_err(|error| {
                ChartError::Argument(format!("the template of the name fails: {}", error.message))
            }),
        }
    }
}

fn check_dependencies(chart: &Chart, path: &str) -> Result<(), ChartError> {
    let missing = chart.missing_dependencies();
    if missing.is_empty() {
        return Ok(());
    }
    let name = |one: &Dependency| match (one.version.as_str(), one.repository.as_str()) {
        (version, "") => format!("{} {version}", one.name),
        (version, repository) => format!("{} {version} from {repository}", one.name),
    };
    Err(ChartError::MissingDependencies {
        chart: path.to_owned(),
        missing: missing.into_iter().map(name).collect(),
    })
}

/// Writes manifests to files below a directory, as Helm does with `--output-dir`; returns their
/// paths. With a release's name, all but `crds/` are put below it.
pub fn write_files(
    printed: &Printed,
    directory: &Path,
    release: Option<&str>,
) -> Result<Vec<PathBuf>, ChartError> {
    let below = release.map_or_else(|| directory.to_owned(), |name| directory.join(name));
    let crds = printed.crds.iter().map(|file| (directory, file));
    let others = printed.manifests.iter().chain(&printed.hooks);
    let others = others.map(|file| (below.as_path(), file));
    let mut written: Vec<PathBuf> = Vec::new();
    for (directory, file) in crds.chain(others) {
        let path = directory.join(&file.path);
        let failed = |error: std::io::Error| ChartError::Write {
            path: path.clone(),
            cause: error.to_string(),
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        let again = written.contains(&path);
        let mut open = std::fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(!again)
            .append(again)
            .open(&path)
            .map_err(failed)?;
        open.write_all(file.section().as_bytes()).map_err(failed)?;
        written.push(path);
    }
    Ok(written)
}
