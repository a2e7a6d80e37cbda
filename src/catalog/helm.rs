//! A chart of the repository as an Application asks for it: takes its options, gives manifests with
//! their templates, never reaches the network.

use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use super::manifest::Manifest;
use super::service::HelmOptions;

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

/// Renders a chart.
pub fn run(run: &ChartRun<'_>) -> Result<ChartOutput, Problem> {
    Err(Problem::new(format!("{} cannot be rendered", run.path)))
}
