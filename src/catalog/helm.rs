//! A chart of the repository as an Application asks for it: takes its options, gives manifests with
//! their templates, never reaches the network.

use std::sync::Arc;

use chart::{
    Capabilities as ChartCapabilities, Chart, KubeVersion, ReleaseOptions, RenderOptions, Values,
    ValuesError,
};

use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use super::chart_problem::{ChartPlace, unloadable, wrong_values};
use super::charts::Charts;
use super::fetch::ChartRequest;
use super::manifest::Manifest;
use super::service::{HelmOptions, Parameter, ValueFile};

/// What charts are told about the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kubernetes_version: String,
    /// What it serves: `v1`, `apps/v1`, `apps/v1/Deployment` and so on.
    pub api_versions: Vec<String>,
}

/// One rendering of one chart.
#[derive(Debug, Clone, Copy)]
pub struct ChartRun<'r> {
    /// The repository.
    pub repository: &'r Repository,
    /// The chart's directory, relative to the repository.
    pub path: &'r str,
    /// The release name, unless the options give one.
    pub name: &'r str,
    /// The namespace of the release, unless the options give one.
    pub namespace: &'r str,
    /// What the Application asks for.
    pub options: &'r HelmOptions,
    /// What the chart is told about the cluster.
    pub capabilities: &'r Capabilities,
    /// Charts from elsewhere.
    pub charts: &'r Charts,
    /// The chart from elsewhere that is rendered, instead of that of the directory.
    pub chart: Option<&'r ChartRequest>,
}

/// What a rendering yields.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChartOutput {
    /// The manifests, those of `crds/` first.
    pub manifests: Vec<Manifest>,
    /// Functions that gave what they would not give again, with the place of their call.
    pub nondeterministic: Vec<(String, Source)>,
    /// True where a template asks which API versions there are.
    pub asks_capabilities: bool,
}

/// Checks that a text is a version of Kubernetes.
pub fn check_kubernetes_version(text: &str) -> Result<(), Problem> {
    KubeVersion::parse(text)
        .map(|_| ())
        .map_err(|error| Problem::new(format!("`{text}` is no version of Kubernetes: {error}")))
}

/// Renders a chart.
pub fn run(run: &ChartRun<'_>) -> Result<ChartOutput, Problem> {
    let chart = run.load()?;
    let values = run.values(&chart)?;
    let options = run.options;
    let told = run.capabilities;
    let version = options.kubernetes_version.as_ref();
    let version = version.unwrap_or(&told.kubernetes_version);
    let version = KubeVersion::parse(version).map_err(|error| {
        Problem::new(format!("`{version}` is no version of Kubernetes: {error}"))
    })?;
    let api_versions = match options.api_versions.as_slice() {
        [] => &told.api_versions,
        given => given,
    };
    let capabilities = ChartCapabilities::new(version, api_versions.iter().map(String::as_str));
    let release = ReleaseOptions::new(
        options.release_name.as_deref().unwrap_or(run.name),
        options.namespace.as_deref().unwrap_or(run.namespace),
    );
    let include = RenderOptions {
        include_crds: !options.skip_crds,
        skip_schema_validation: options.skip_schema_validation,
        ..RenderOptions::default()
    };
    let place = ChartPlace {
        path: run.path,
        name: chart.name(),
    };
    let rendered = chart::render(&chart, &release, &values, &capabilities, &include)
        .map_err(|error| place.unrenderable(&error))?;
    let file = |template: &str| place.file(template);
    Ok(ChartOutput {
        manifests: rendered
            .manifests
            .into_iter()
            .map(|manifest| Manifest {
                source: Source {
                    file: file(&manifest.template),
                    line: manifest
                        .template_line
                        .or(manifest.from_crds.then_some(manifest.line)),
                    column: None,
                },
                value: Arc::unwrap_or_clone(manifest.document),
            })
            .collect(),
        nondeterministic: rendered
            .nondeterministic
            .into_iter()
            .map(|call| {
                (
                    call.function,
                    Source {
                        file: file(&call.file),
                        line: Some(call.line),
                        column: Some(call.column),
                    },
                )
            })
            .collect(),
        asks_capabilities: options.api_versions.is_empty() && asks_capabilities(&chart),
    })
}

fn asks_capabilities(chart: &Chart) -> bool {
    chart
        .templates()
        .iter()
        .any(|file| file.text().contains("APIVersions"))
        || chart.subcharts.iter().any(asks_capabilities)
}

impl ChartRun<'_> {
    pub(super) fn load(&self) -> Result<Chart, Problem> {
        let mut chart = if let Some(request) = self.chart {
            let fetched = self.charts.get(request);
            fetched
                .cloned()
                .ok_or_else(|| self.charts.lack_of(request))?
        } else {
            self.charts
                .local(self.repository, self.path)
                .map_err(|error| unloadable(self.path, &error))?
        };
        self.charts.complete(&mut chart, self.path)?;
        Ok(chart)
    }

    /// Adds a value file of a chart that does not stand in the repository.
    fn file_of_chart(&self, chart: &Chart, path: &str, values: &mut Values) -> Result<(), Problem> {
        if path == "values.yaml" {
            values.merge_json(chart.values().clone());
            return Ok(());
        }
        match chart.files().iter().find(|file| file.path == path) {
            Some(file) => values
                .merge_yaml(path, &file.text())
                .map_err(|error| wrong_values(&format!("{}/{path}", self.path), &error)),
            None if self.options.ignore_missing_value_files => Ok(()),
            None => Err(
                Problem::new(format!("the chart {} has no file {path}", self.path))
                    .help("value files of a fetched chart are those that it brings along"),
            ),
        }
    }

    fn values(&self, chart: &Chart) -> Result<Values, Problem> {
        let mut values = Values::new();
        for file in &self.options.value_files {
            let file = match file {
                ValueFile::Chart(path) => {
                    self.file_of_chart(chart, path, &mut values)?;
                    continue;
                }
                ValueFile::Repository(path) => (self.repository.clone(), path),
                ValueFile::Lent { root, path } => (Repository::of_files(root), path),
            };
            let (files, path) = file;
            let exists = files.root().join(path).is_file();
            if !exists && self.options.ignore_missing_value_files {
                continue;
            }
            let file = files.read(path).map_err(|error| {
                Problem::new(error.to_string()).help(
                    "an Application may pass over missing value files with ignoreMissingValueFiles",
                )
            })?;
            values
                .merge_yaml(path, &file.text)
                .map_err(|error| wrong_values(path, &error))?;
        }
        values.merge_json(self.options.values.clone());
        let wrong = |error: ValuesError| Problem::new(error.to_string());
        // Helm applies all of --set before all of --set-string, then --set-file.
        for forced in [false, true] {
            let parameters = &self.options.parameters;
            for parameter in parameters.iter().filter(|one| one.force_string == forced) {
                let argument = argument(parameter);
                let set = if forced {
                    values.set_string(&argument)
                } else {
                    values.set(&argument)
                };
                set.map_err(wrong)?;
            }
        }
        for (name, file) in &self.options.file_parameters {
            let read = |path: &str| {
                if matches!(file, ValueFile::Chart(_)) {
                    let file = chart.files().iter().find(|file| file.path == path);
                    return file
                        .map(|file| file.data.clone())
                        .ok_or_else(|| format!("the chart has no file {path}"));
                }
                let files = match file {
                    ValueFile::Lent { root, .. } => Repository::of_files(root),
                    _ => self.repository.clone(),
                };
                let file = files.read(path).map_err(|error| error.to_string())?;
                Ok(file.text.clone().into_bytes())
            };
            values
                .set_file_bytes(&format!("{name}={}", file.path()), &read)
                .map_err(wrong)?;
        }
        Ok(values)
    }
}

/// Returns `name=value` as Argo CD passes it to Helm: a comma in the value stays a comma, unless
/// the value is a list in braces.
pub(super) fn argument(parameter: &Parameter) -> String {
    let value = &parameter.value;
    if value.starts_with('{') && value.ends_with('}') {
        return format!("{}={value}", parameter.name);
    }
    let mut escaped = String::with_capacity(value.len());
    let mut before = None;
    for character in value.chars() {
        if character == ',' && before != Some('\\') {
            escaped.push('\\');
        }
        escaped.push(character);
        before = Some(character);
    }
    format!("{}={escaped}", parameter.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_parameters_are_kept_as_argo_cd_keeps_them() {
        let of = |value: &str| {
            argument(&Parameter {
                name: "a".to_owned(),
                value: value.to_owned(),
                force_string: false,
            })
        };
        assert_eq!(of("x,y"), "a=x\\,y");
        assert_eq!(of("x\\,y"), "a=x\\,y");
        assert_eq!(of("{x,y}"), "a={x,y}");
    }
}
