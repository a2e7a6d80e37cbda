//! Charts within a kustomization: takes what an entry of `helmCharts` asks for, gives what `helm
//! template` prints for the chart, which is in a folder or was fetched before; never fetches one.

use std::cell::Cell;
use std::path::PathBuf;

use ::chart::{
    Capabilities, Chart, KubeVersion, LoadOptions, PrintOptions, ReleaseOptions, RenderOptions,
    Values, check_release_name, print, release_name, render_files,
};
use ::kustomize::{ChartRequest, Charts};

use crate::catalog::{Charts as Fetched, fetch};

/// The namespace where nothing is said.
const NAMESPACE: &str = "default";

/// Charts in folders on disk, and charts that were fetched.
#[derive(Debug)]
pub struct LocalCharts<'c> {
    root: PathBuf,
    kubernetes_version: String,
    api_versions: Vec<String>,
    fetched: &'c Fetched,
    asked: Cell<bool>,
}

impl<'c> LocalCharts<'c> {
    /// Takes the root that folders of charts are relative to, the version of Kubernetes and the API
    /// versions that charts are told where the kustomization says none, and what was fetched.
    pub fn new(
        root: PathBuf,
        kubernetes_version: String,
        api_versions: Vec<String>,
        fetched: &'c Fetched,
    ) -> Self {
        Self {
            root,
            kubernetes_version,
            api_versions,
            fetched,
            asked: Cell::new(false),
        }
    }

    /// Tells whether any chart was rendered.
    pub(super) fn were_asked(&self) -> bool {
        self.asked.get()
    }

    fn folder(&self, request: &ChartRequest) -> PathBuf {
        let root = request.root.as_ref().unwrap_or(&self.root);
        root.join(&request.home).join(&request.name)
    }

    /// Returns a chart that was fetched.
    fn of_repository(&self, request: &ChartRequest) -> Option<&Chart> {
        if request.repository.is_empty() || self.folder(request).is_dir() {
            return None;
        }
        let ChartRequest {
            repository,
            name,
            version,
            ..
        } = request;
        let asked = fetch::ChartRequest::new(repository, name, version).ok()?;
        self.fetched.get(&asked)
    }

    fn chart(&self, request: &ChartRequest) -> Result<Chart, String> {
        if let Some(chart) = self.of_repository(request) {
            return Ok(chart.clone());
        }
        let path = self.folder(request);
        if !path.is_dir() {
            let shown = format!("{}/{}", request.home, request.name);
            let ChartRequest {
                repository,
                name,
                version,
                ..
            } = request;
            return Err(match fetch::ChartRequest::new(repository, name, version) {
                _ if repository.is_empty() => format!("there is no folder {shown}"),
                Ok(asked) => format!("there is no folder {shown}, and {asked} was not fetched"),
                Err(error) => error.to_string(),
            });
        }
        let load = LoadOptions {
            boundary: Some(request.root.as_ref().unwrap_or(&self.root).clone()),
            bundled_only: true,
            ..LoadOptions::default()
        };
        Chart::load(&path, &load).map_err(|error| error.to_string())
    }
}

impl Charts for LocalCharts<'_> {
    fn own_values(&self, request: &ChartRequest) -> Result<Option<String>, String> {
        let chart = self.of_repository(request);
        Ok(chart.map(|chart| chart.values_text().unwrap_or_default().to_owned()))
    }

    fn render(&self, request: &ChartRequest) -> Result<String, String> {
        self.asked.set(true);
        let chart = self.chart(request)?;
        let name = match (&request.release_name, request.name_template.as_str()) {
            (Some(name), _) => name.clone(),
            (None, "") => {
                return Err(
                    "it has no releaseName; Helm would make up another one each time".into(),
                );
            }
            (None, template) => release_name(template).map_err(|error| error.to_string())?,
        };
        check_release_name(&name).map_err(|error| error.to_string())?;
        let missing: Vec<&str> = chart
            .missing_dependencies()
            .into_iter()
            .map(|dependency| dependency.name.as_str())
            .collect();
        if !missing.is_empty() {
            return Err(format!(
                "charts that it depends on are not in its charts/: {}",
                missing.join(", ")
            ));
        }
        let mut values = Values::new();
        for (file, text) in &request.values {
            values
                .merge_yaml(file, text)
                .map_err(|error| error.to_string())?;
        }
        let version = match request.kube_version.as_str() {
            "" => &self.kubernetes_version,
            version => version,
        };
        let version = KubeVersion::parse(version).map_err(|error| error.to_string())?;
        // What the kustomization says takes the place of the rest.
        let versions = match request.api_versions.as_slice() {
            [] => &self.api_versions,
            own => own,
        };
        let capabilities = Capabilities::new(version, versions.iter().map(String::as_str));
        let namespace = request.namespace.as_deref().unwrap_or(NAMESPACE);
        let release = ReleaseOptions::new(&name, namespace);
        let options = RenderOptions {
            include_crds: request.include_definitions,
            ..RenderOptions::default()
        };
        let files = render_files(&chart, &release, &values, &capabilities, &options)
            .map_err(|error| error.to_string())?;
        let texts = files.texts().map_err(|error| error.to_string())?;
        let choice = PrintOptions {
            skip_tests: request.skip_tests,
            no_hooks: request.skip_hooks,
            show_only: Vec::new(),
        };
        let printed = print(&texts, &choice);
        printed
            .map(|pieces| pieces.concat())
            .map_err(|error| error.to_string())
    }
}
