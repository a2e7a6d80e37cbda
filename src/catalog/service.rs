//! One service as its Application describes it: takes nothing, gives the value that is rendered,
//! never reads a file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::definition::{DeclaredDependency, Repository};
use crate::source::Source;

use super::fetch::ChartRequest;
use super::fetch::git::Checkout;

/// How long a service may stand still where nothing else is said.
pub const DEFAULT_STALL_TIMEOUT: Duration = Duration::from_mins(5);

/// One unit of installation and of ownership: what one Application describes.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// The name of its Application.
    pub name: String,
    /// The namespace that it is installed into.
    pub namespace: String,
    /// The `AppProject`.
    pub project: String,
    /// What it is rendered from, in the order of the Application; those that only lend files to
    /// others are left out.
    pub sources: Vec<ServiceSource>,
    /// Its `syncOptions`.
    pub sync_options: Vec<String>,
    /// Labels and annotations for the namespace that `CreateNamespace=true` makes.
    pub namespace_metadata: NamespaceMetadata,
    /// The services that it is declared to wait for.
    pub depends_on: Vec<DeclaredDependency>,
    /// How long it may stand still before a run gives it up.
    pub stall_timeout: Duration,
    /// The sync wave of its Application, where it has one.
    pub sync_wave: Option<i32>,
    /// Its Application as the root renders it.
    pub application: Value,
    /// Where the Application stands.
    pub source: Source,
}

impl Service {
    /// Returns the repositories that its Application names.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let spec = self.application.get("spec");
        let several = spec.and_then(|spec| spec.get("sources")?.as_array());
        let one = spec.and_then(|spec| spec.get("source"));
        let several = several.filter(|sources| !sources.is_empty());
        let sources = several.map_or_else(|| one.into_iter().collect(), |all| all.iter().collect());
        let sources: Vec<&Value> = sources;
        (sources.into_iter()).filter_map(|source| source.get("repoURL")?.as_str())
    }

    /// Returns true where its namespace is made for it.
    pub fn creates_namespace(&self) -> bool {
        self.sync_options
            .iter()
            .any(|option| option == "CreateNamespace=true")
    }
}

/// One source of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceSource {
    /// Its directory, relative to the repository; the name of its chart where that is fetched.
    pub path: String,
    /// The chart that has to be fetched, where the source is none of the repository.
    pub chart: Option<ChartRequest>,
    /// Its files, where they are none of the platform's own repository.
    pub checkout: Option<Checkout>,
    /// How it is rendered.
    pub renderer: Renderer,
    /// True where its files told how, and not the Application.
    pub detected: bool,
}

impl ServiceSource {
    /// Returns the files that it stands in; `own` are the platform's.
    pub fn repository(&self, own: &Repository) -> Repository {
        let checkout = self.checkout.as_ref();
        checkout.map_or_else(
            || own.clone(),
            |checkout| Repository::of_files(&checkout.root),
        )
    }

    /// Returns a place in its files, so that nobody takes it for one of the platform's own.
    pub fn place(&self, mut source: Source) -> Source {
        if let Some(checkout) = &self.checkout {
            source.file.insert_str(0, &checkout.label());
        }
        source
    }
}

/// What the namespace of a service is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamespaceMetadata {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// How a source becomes manifests.
#[derive(Debug, Clone, PartialEq)]
pub enum Renderer {
    /// A Helm chart.
    Helm(HelmOptions),
    /// A directory with a kustomization.
    Kustomize(Box<KustomizeOptions>),
    /// Plain manifests.
    Directory(DirectoryOptions),
    /// A config management plugin.
    Plugin(Box<PluginOptions>),
}

impl Renderer {
    /// Returns its name in words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Helm(_) => "helm",
            Self::Kustomize(_) => "kustomize",
            Self::Directory(_) => "directory",
            Self::Plugin(_) => "plugin",
        }
    }
}

/// What an Application says about its chart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HelmOptions {
    /// The release name; the Application's name where absent.
    pub release_name: Option<String>,
    /// The namespace of the release; the destination's where absent.
    pub namespace: Option<String>,
    /// Value files in order.
    pub value_files: Vec<ValueFile>,
    /// Inline values, over the files.
    pub values: Map<String, Value>,
    /// `--set` and `--set-string`, over the inline values.
    pub parameters: Vec<Parameter>,
    /// `--set-file`: name and file.
    pub file_parameters: Vec<(String, ValueFile)>,
    /// True where missing value files are left out.
    pub ignore_missing_value_files: bool,
    /// True where `crds/` is left out.
    pub skip_crds: bool,
    /// True where values are not held to `values.schema.json`.
    pub skip_schema_validation: bool,
    /// The version of Kubernetes that the chart is told, in place of the cluster's.
    pub kubernetes_version: Option<String>,
    /// The API versions that the chart is told, in place of the cluster's; none means the cluster's.
    pub api_versions: Vec<String>,
}

/// A file of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueFile {
    /// A file of the repository that the source stands in, relative to it.
    Repository(String),
    /// A file of a chart that is fetched, relative to the chart.
    Chart(String),
    /// A file of the repository that another source of the Application lends.
    Lent {
        /// Where that repository lies.
        root: PathBuf,
        /// The path, relative to it.
        path: String,
    },
}

impl ValueFile {
    /// Returns its path.
    pub fn path(&self) -> &str {
        match self {
            Self::Repository(path) | Self::Chart(path) | Self::Lent { path, .. } => path,
        }
    }
}

/// One `--set` of an Application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The path of the value.
    pub name: String,
    /// What is set.
    pub value: String,
    /// True where the value stays a text.
    pub force_string: bool,
}

/// What an Application says about its kustomization.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KustomizeOptions {
    /// What is changed in the kustomization file before it is built.
    pub build: kustomize::Options,
    /// True where components that are not there were left out.
    pub ignores_missing_components: bool,
    /// The version of Kustomize that Argo CD is to use, by the name of its settings.
    pub version: Option<String>,
    /// The version of Kubernetes that charts of the kustomization are told.
    pub kubernetes_version: Option<String>,
    /// The API versions that charts of the kustomization are told.
    pub api_versions: Vec<String>,
}

/// What an Application says about its plugin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PluginOptions {
    /// Its name.
    pub name: String,
    /// The variables that it is given, in the order in which Argo CD sets them.
    pub environment: Vec<(String, String)>,
}

/// What an Application says about its directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DirectoryOptions {
    /// True where directories below are read too.
    pub recurse: bool,
    /// Only files that match.
    pub include: Option<String>,
    /// No files that match.
    pub exclude: Option<String>,
    /// What Jsonnet files are given.
    pub jsonnet: JsonnetOptions,
}

/// What an Application gives its Jsonnet files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JsonnetOptions {
    /// Directories that imports are looked for in, relative to the repository.
    pub libraries: Vec<String>,
    /// What `std.extVar` knows.
    pub external_variables: Vec<JsonnetVariable>,
    /// The arguments of files that are functions.
    pub arguments: Vec<JsonnetVariable>,
}

/// One variable for Jsonnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonnetVariable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// True where the value is Jsonnet, false where it is a text.
    pub code: bool,
}
