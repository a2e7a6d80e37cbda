//! One kustomization by itself: takes what `kustomize build` would be asked for, gives its
//! resources, never fetches anything and never runs a program.

use std::path::{Path, PathBuf};

use kustomize::{DiskFiles, Options, Printed, Tools};

use crate::problem::Problem;
use crate::render::LocalCharts;

use super::chart::HELM_KUBERNETES_VERSION;

/// What is asked for.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the choices that kustomize gives"
)]
pub struct BuildRequest {
    /// The folder with the kustomization.
    pub directory: PathBuf,
    /// Charts are rendered.
    pub enable_helm: bool,
    /// The version of Kubernetes that charts are told; else the one that Helm assumes.
    pub kubernetes_version: Option<String>,
    /// API versions that charts are told beyond those that Helm assumes.
    pub api_versions: Vec<String>,
    /// Files outside of kustomizations' folders may be read.
    pub unrestricted: bool,
    /// The resources stay in the order of reading.
    pub keep_order: bool,
    /// Every resource gets the label that names Kustomize.
    pub managed_by_label: bool,
}

/// Builds a kustomization, to be printed.
pub fn build(request: &BuildRequest) -> Result<Vec<Printed>, Box<Problem>> {
    let directory = &request.directory;
    let shown = directory.to_string_lossy();
    let cannot = |error: std::io::Error| Problem::new(format!("cannot read {shown}: {error}"));
    let place = directory.canonicalize().map_err(cannot)?;
    let here = std::env::current_dir().map_err(cannot)?;
    // Bases may be anywhere, as for kustomize.
    let root = place.ancestors().last().unwrap_or(&place).to_owned();
    let below = |path: &Path| {
        let parts = path.strip_prefix(&root).unwrap_or(path).components();
        let parts: Vec<String> = parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        parts.join("/")
    };
    let options = Options {
        unrestricted: request.unrestricted,
        keep_order: request.keep_order,
        managed_by_label: request.managed_by_label,
        shown_from: Some(below(&here)),
        ..Options::default()
    };
    let charts = LocalCharts {
        root: root.clone(),
        kubernetes_version: request
            .kubernetes_version
            .clone()
            .unwrap_or_else(|| HELM_KUBERNETES_VERSION.to_owned()),
        api_versions: request.api_versions.clone(),
    };
    let tools = Tools {
        charts: request.enable_helm.then_some(&charts as _),
        remotes: None,
    };
    let files = DiskFiles::new(&root).map_err(cannot)?;
    kustomize::print(&files, &below(&place), &options, tools)
        .map_err(|error| Box::new(crate::render::kustomize::problem(&shown, &error)))
}
