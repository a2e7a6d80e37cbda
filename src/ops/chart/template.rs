//! The manifests of one chart: takes what `helm template` takes, gives what it prints, never asks a
//! cluster and never reads a configuration.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use chart::{
    Capabilities, Chart, KubeVersion, Part, PrintOptions, PrintedText, ReleaseOptions, RenderError,
    RenderOptions, RenderedFiles, Values, check_release_name, locate, release_name, render_files,
};

use crate::catalog::ChartPlace;

use super::chart_file;
use super::dependency::update_dependencies;
use super::error::ChartError;
use super::reference::{ChartReference, Located};
use super::values::ChartValues;

/// The namespace where nothing is said.
pub const DEFAULT_NAMESPACE: &str = "default";

/// The name where nothing is said.
const DEFAULT_NAME: &str = "release-name";

/// The version of Kubernetes that Helm 4.3 assumes.
pub(in crate::ops) const HELM_KUBERNETES_VERSION: &str = "v1.37.0";

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
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the choices that helm gives"
)]
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
    /// Whether dependencies that are not in `charts/` are put there.
    pub update_dependencies: bool,
    /// Whether values may break `values.schema.json`.
    pub skip_schema_validation: bool,
}

/// What rendering gave.
#[derive(Debug)]
pub struct Template {
    /// The manifests in Helm's order.
    pub texts: Vec<PrintedText>,
    /// The release's name.
    pub name: String,
    /// What to be told about the chart.
    pub warnings: Vec<String>,
    /// What it was made of.
    made_of: MadeOf,
}

/// All that a rendering took. To give its memory back piece by piece takes a tenth of the time that
/// rendering took; whoever ends anyway can leave that to the system, with [`Template::leave`].
#[derive(Debug)]
struct MadeOf {
    _chart: Chart,
    _values: Values,
    _files: RenderedFiles,
}

/// Where manifests are written to.
#[derive(Debug, Clone)]
pub struct WriteOptions<'o> {
    /// The directory.
    pub directory: &'o Path,
    /// Whether all but `crds/` stands below the release's name.
    pub below_release: bool,
    /// What is written.
    pub print: &'o PrintOptions,
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
    let located = request.chart.locate()?;
    let values = request.values.read()?;
    let mut chart = located.load()?;
    let path = located.shown();
    if request.update_dependencies
        && !chart.missing_dependencies().is_empty()
        && let Located::Path(directory) = &located
    {
        update_dependencies(directory, &request.chart.fetching)?;
        chart = located.load()?;
    }
    check_dependencies(&chart, &path)?;
    check_release_name(&name)?;

    let version = request.kubernetes_version.as_deref();
    let version = KubeVersion::parse(version.unwrap_or(HELM_KUBERNETES_VERSION))
        .map_err(|error| ChartError::Argument(error.to_string()))?;
    let versions = request.api_versions.iter().map(String::as_str);
    let capabilities = Capabilities::new(version, versions);
    let namespace = match request.namespace.as_str() {
        "" => DEFAULT_NAMESPACE,
        given => given,
    };
    let release = ReleaseOptions {
        is_upgrade: request.is_upgrade,
        is_install: !request.is_upgrade,
        ..ReleaseOptions::new(&name, namespace)
    };
    let options = RenderOptions {
        include_crds: request.include_crds,
        skip_schema_validation: request.skip_schema_validation,
        ..RenderOptions::default()
    };
    let place = ChartPlace {
        path: &path,
        name: chart.name(),
    };
    let problem = |error: &RenderError| {
        let problem = place.unrenderable(error);
        Box::new(chart_file::place(problem, error, &path))
    };
    let rendered = render_files(&chart, &release, &values, &capabilities, &options)
        .map_err(|error| ChartError::Problem(problem(&error)))?;
    let located = |error| locate(&chart, &release, &values, &capabilities, &options, error);
    let texts = rendered.texts().map_err(|error| ChartError::BrokenOutput {
        problem: problem(&located(error)),
        unparsed: rendered.unparsed_text(),
    })?;
    let mut warnings = chart_file::other_versions(&chart, &path);
    if chart.metadata.deprecated {
        warnings.push(format!("the chart {} is deprecated", chart.name()));
    }
    Ok(Template {
        texts,
        name,
        warnings,
        made_of: MadeOf {
            _chart: chart,
            _values: values,
            _files: rendered,
        },
    })
}

impl Template {
    /// Leaves the memory to the system, which takes it back when the process ends.
    pub fn leave(self) {
        std::mem::forget(self.made_of);
        std::mem::forget(self.texts);
    }

    /// Returns what `helm template` prints of it, in pieces that follow each other.
    pub fn print(&self, options: &PrintOptions) -> Result<Vec<Cow<'_, str>>, ChartError> {
        chart::print(&self.texts, options).map_err(|error| {
            let within = |one: &PrintedText| {
                one.template
                    .split_once('/')
                    .map(|(_, rest)| rest.to_owned())
            };
            let shown = self.texts.iter().filter(|one| options.prints(one.part));
            let known: BTreeSet<String> = shown.filter_map(within).collect();
            ChartError::NoTemplate {
                pattern: error.pattern,
                known: known.into_iter().collect(),
            }
        })
    }

    /// Writes files below a directory, as Helm does with `--output-dir`; returns their paths.
    pub fn write(&self, options: &WriteOptions<'_>) -> Result<Vec<PathBuf>, ChartError> {
        let mut written: Vec<PathBuf> = Vec::new();
        for text in self
            .texts
            .iter()
            .filter(|one| options.print.prints(one.part))
        {
            let mut path = options.directory.to_owned();
            if options.below_release && text.part != Part::Crds {
                path.push(&self.name);
            }
            path.push(&*text.template);
            let again = written.contains(&path);
            write(&path, again, &text.with_source()).map_err(|error| ChartError::Write {
                path: path.clone(),
                cause: error.to_string(),
            })?;
            written.push(path);
        }
        Ok(written)
    }
}

fn write(path: &Path, again: bool, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(!again)
        .append(again)
        .open(path)?
        .write_all(text.as_bytes())
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

/// Refuses a chart that lacks charts it depends on.
pub(super) fn check_dependencies(chart: &Chart, path: &str) -> Result<(), ChartError> {
    let missing = chart.missing_dependencies();
    if missing.is_empty() {
        return Ok(());
    }
    Err(chart_file::missing(path, &missing).into())
}
