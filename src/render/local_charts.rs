//! Charts within a kustomization: takes what an entry of `helmCharts` asks for, gives what `helm
//! template` prints for the chart on disk, never fetches one.

use std::path::PathBuf;

use ::chart::{
    Capabilities, Chart, KubeVersion, LoadOptions, PrintOptions, ReleaseOptions, RenderOptions,
    Values, check_release_name, print, release_name, render_files,
};
use ::kustomize::{ChartRequest, Charts};

/// The namespace where nothing is said.
const NAMESPACE: &str = "default";

/// Charts in folders on disk.
#[derive(Debug, Clone)]
pub struct LocalCharts {
    /// The root that folders of charts are relative to.
    pub root: PathBuf,
    /// The version of Kubernetes that charts are told where the kustomization says none.
    pub kubernetes_version: String,
    /// API versions that charts are told beyond those of the kustomization.
    pub api_versions: Vec<String>,
}

impl Charts for LocalCharts {
    fn render(&self, request: &ChartRequest) -> Result<String, String> {
        let path = self.root.join(&request.home).join(&request.name);
        if !path.is_dir() {
            let shown = format!("{}/{}", request.home, request.name);
            return Err(if request.repository.is_empty() {
                format!("there is no folder {shown}")
            } else {
                // The address may hold credentials.
                format!(
                    "there is no folder {shown}; charts are not fetched from repositories here: \
                     `helm pull --untar` puts them there"
                )
            });
        }
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
        let load = LoadOptions {
            boundary: Some(self.root.clone()),
            bundled_only: true,
            ..LoadOptions::default()
        };
        let chart = Chart::load(&path, &load).map_err(|error| error.to_string())?;
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
        let versions = request.api_versions.iter().chain(&self.api_versions);
        let capabilities = Capabilities::new(version, versions.map(String::as_str));
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
