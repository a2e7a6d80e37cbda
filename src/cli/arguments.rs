//! The arguments of every command: takes a command line, gives typed arguments, never does
//! anything. No type of this file leaves `cli`.

mod change;
mod chart;
mod deferred;
mod kustomize;
mod new;
mod quick;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(super) use chart::{
    AccessArguments, ChartArguments, ChartCommand, ChartLintArguments, DependencyArguments,
    DependencyChangeArguments, DependencyCommand, DependencyListArguments, PackageArguments, Part,
    PullArguments, ShowArguments, TemplateArguments, flat,
};

pub(super) use kustomize::{
    BuildArguments, KustomizeArguments, KustomizeCommand, LoadRestrictor, Reorder,
};

pub(super) use change::{DiffArguments, DiffFormat, ValuesArguments};
pub(super) use new::{
    NewArguments, NewCommand, NewEnvironmentArguments, NewRepositoryArguments, NewServiceArguments,
    WorkloadKind,
};
pub(super) use quick::parse;

use deferred::Deferred;

/// Installs a whole GitOps platform onto an empty Kubernetes cluster and hands it to Argo CD.
#[derive(Debug, Parser)]
#[command(
    name = "firstlight",
    version,
    max_term_width = 100,
    infer_long_args = true
)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: GlobalArguments,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(super) struct GlobalArguments {
    /// The platform repository; else the one that contains the working directory
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) repo: Option<PathBuf>,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Ask no chart repository: what is not in vendor/charts or in the cache is an error
    #[arg(long, global = true)]
    pub(super) offline: bool,
    /// Say less: only results and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more: all reasons, with the places of both objects
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

impl GlobalArguments {
    /// Returns how much is to be said.
    pub(super) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// In every case.
    Always,
    /// Not at all.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what an installation would write, in which order and why
    Plan(Deferred<PlanArguments>),
    /// Install an environment and hand it to Argo CD
    Install(Deferred<InstallArguments>),
    /// Show what a cluster holds of an environment
    Status(Deferred<StatusArguments>),
    /// Show what a change in Git does to environments
    Diff(Deferred<DiffArguments>),
    /// Show which service waits for which
    Graph(Deferred<GraphArguments>),
    /// Say why a service or an object waits for another
    Why(Deferred<WhyArguments>),
    /// Say why a service or an object does not wait for another
    WhyNot(Deferred<WhyArguments>),
    /// Show the manifests as Argo CD would compute them
    Render(Deferred<RenderArguments>),
    /// Show which file and line sets each value of a service, and what it went over
    Values(Deferred<ValuesArguments>),
    /// List the container images that will be pulled, and what needs them
    Images(Deferred<ImagesArguments>),
    /// Look for what would make an installation fail
    Lint(Deferred<LintArguments>),
    /// Say what a finding means, why it fails and how to mend it
    Explain(Deferred<ExplainArguments>),
    /// Work with one chart as `helm` does, without helm and without a cluster
    Chart(Deferred<ChartArguments>),
    /// Build one kustomization as `kustomize` does, without kustomize and without a cluster
    Kustomize(Deferred<KustomizeArguments>),
    /// Choose a version for every chart that comes from elsewhere, and keep it in firstlight.lock
    Lock(Deferred<LockArguments>),
    /// Put the charts that come from elsewhere into the repository
    Vendor(Deferred<VendorArguments>),
    /// Look at a repository and propose a firstlight.yaml for it
    Init(Deferred<InitArguments>),
    /// Begin a service, an environment or a repository
    New(Deferred<NewArguments>),
    /// Print completions for a shell
    Completions(Deferred<CompletionsArguments>),
}

/// What all commands that render understand.
#[derive(Debug, Args)]
pub(super) struct EnvironmentArguments {
    /// The environment: the name of a file environments/values-ENV.yaml
    #[arg(value_name = "ENV")]
    pub(super) environment: String,
    /// Read the platform's repository at this revision, not as it lies in the working tree
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// The version of Kubernetes that charts are told
    #[arg(long, value_name = "VERSION", default_value = crate::ops::DEFAULT_KUBERNETES_VERSION,
        value_parser = crate::ops::kubernetes_version)]
    pub(super) kubernetes_version: String,
}

/// Which cluster is meant.
#[derive(Debug, Args)]
pub(super) struct ClusterArguments {
    /// The context of the kubeconfig; else the one that the environment pins
    #[arg(long, value_name = "CONTEXT")]
    pub(super) context: Option<String>,
    /// The kubeconfig; else the files of KUBECONFIG, else ~/.kube/config
    #[arg(long, value_name = "FILE")]
    pub(super) kubeconfig: Option<PathBuf>,
}

/// Arguments of `install`.
#[derive(Debug, Args)]
pub(super) struct InstallArguments {
    /// The environment: the name of a file environments/values-ENV.yaml
    #[arg(value_name = "ENV")]
    pub(super) environment: String,
    /// Read the platform's repository at this revision, not as it lies in the working tree
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    #[command(flatten)]
    pub(super) cluster: ClusterArguments,
    /// Install what this file says, and nothing else: refuse where the repository, its charts or the
    /// cluster are no longer what it was made from
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,
    /// Ask no questions
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Stop when all services are ready; Argo CD does not become the owner
    #[arg(long)]
    pub(super) no_handover: bool,
    /// How many services may be under way at once
    #[arg(long, value_name = "NUMBER", default_value_t = 24)]
    pub(super) concurrency: usize,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: RunFormat,
}

/// Arguments of `status`.
#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// The environment: the name of a file environments/values-ENV.yaml
    #[arg(value_name = "ENV")]
    pub(super) environment: String,
    /// Read the platform's repository at this revision, not as it lies in the working tree
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    #[command(flatten)]
    pub(super) cluster: ClusterArguments,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: TextOrJson,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    pub(super) environment: EnvironmentArguments,
    /// Compare with the cluster of this context; without it an empty cluster is assumed
    #[arg(long, value_name = "CONTEXT")]
    pub(super) context: Option<String>,
    /// The kubeconfig; else the files of KUBECONFIG, else ~/.kube/config
    #[arg(long, value_name = "FILE", requires = "context")]
    pub(super) kubeconfig: Option<PathBuf>,
    /// Keep the plan in this file, for `install --plan`
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: TextOrJson,
}

/// Arguments of `lint`.
#[derive(Debug, Args)]
pub(super) struct LintArguments {
    /// The environment: the name of a file environments/values-ENV.yaml
    #[arg(
        value_name = "ENV",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(super) environment: Option<String>,
    /// Look at all environments, and tell what holds for several once
    #[arg(long)]
    pub(super) all: bool,
    /// Read the platform's repository at this revision, not as it lies in the working tree
    #[arg(long, value_name = "REVISION")]
    pub(super) revision: Option<String>,
    /// The version of Kubernetes that charts are told, and whose kinds and fields there are
    #[arg(long, value_name = "VERSION", default_value = crate::ops::DEFAULT_KUBERNETES_VERSION,
        value_parser = crate::ops::kubernetes_version)]
    pub(super) kubernetes_version: String,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: LintFormat,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The finding, such as missing-crd; all are listed where none is named
    #[arg(value_name = "CODE")]
    pub(super) code: Option<String>,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: TextOrJson,
}

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub(super) struct GraphArguments {
    #[command(flatten)]
    pub(super) environment: EnvironmentArguments,
    /// Instead of the graph, show the sync waves that Argo CD needs on Applications: which are missing,
    /// wrong or needless
    #[arg(long, conflicts_with_all = ["full", "output"])]
    pub(super) waves: bool,
    /// Enter these sync waves into the files of the repository
    #[arg(long, conflicts_with_all = ["full", "output", "revision", "waves"])]
    pub(super) write_waves: bool,
    /// In a picture, also the arrows that follow from others
    #[arg(long)]
    pub(super) full: bool,
    /// Write it to this file; one that is there is replaced
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: GraphFormat,
}

/// Arguments of `why` and `why-not`.
#[derive(Debug, Args)]
pub(super) struct WhyArguments {
    #[command(flatten)]
    pub(super) environment: EnvironmentArguments,
    /// What waits: a service, or an object as Kind/name or namespace/Kind/name
    #[arg(value_name = "A")]
    pub(super) from: String,
    /// What is waited for: a service, or an object as Kind/name or namespace/Kind/name
    #[arg(value_name = "B")]
    pub(super) to: String,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: TextOrJson,
}

/// Arguments of `render`.
#[derive(Debug, Args)]
pub(super) struct RenderArguments {
    #[command(flatten)]
    pub(super) environment: EnvironmentArguments,
    /// Only this service
    #[arg(value_name = "SERVICE")]
    pub(super) service: Option<String>,
    /// Instead of manifests, show which files say what about a value of the service
    #[arg(long, value_name = "PATH", requires = "service")]
    pub(super) origin: Option<String>,
    /// Write a file per object below this directory, which must be empty or not there; services that
    /// cannot be rendered do not keep the others from it
    #[arg(short, long, value_name = "DIR", conflicts_with = "origin")]
    pub(super) output: Option<PathBuf>,
    /// Say above each manifest which service it belongs to, and which file it comes from
    #[arg(long, conflicts_with = "origin")]
    pub(super) source_comments: bool,
    /// With the labels and annotations by which Argo CD knows its objects
    #[arg(long, conflicts_with = "origin")]
    pub(super) tracking: bool,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "yaml")]
    pub(super) format: YamlOrJson,
}

/// Arguments of `images`.
#[derive(Debug, Args)]
pub(super) struct ImagesArguments {
    #[command(flatten)]
    pub(super) environment: EnvironmentArguments,
    /// Only these services
    #[arg(value_name = "SERVICE")]
    pub(super) services: Vec<String>,
    /// Only the names, each once and on a line of its own
    #[arg(long, conflicts_with = "format")]
    pub(super) unique: bool,
    /// With --unique or lines: also images that programs are told of and may pull
    #[arg(long)]
    pub(super) mentioned: bool,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: ImagesFormat,
}

/// Which charts are locked.
#[derive(Debug, Args)]
pub(super) struct LockSelection {
    /// The environments; all where none is named
    #[arg(value_name = "ENV")]
    pub(super) environments: Vec<String>,
    /// Choose anew: the newest versions in the ranges, of all charts or of those named
    #[arg(long, value_name = "CHART", num_args = 0..=1, require_equals = true,
        default_missing_value = "", action = clap::ArgAction::Append)]
    pub(super) update: Option<Vec<String>>,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: TextOrJson,
}

/// Arguments of `lock`.
#[derive(Debug, Args)]
pub(super) struct LockArguments {
    #[command(flatten)]
    pub(super) selection: LockSelection,
}

/// Arguments of `vendor`.
#[derive(Debug, Args)]
pub(super) struct VendorArguments {
    #[command(flatten)]
    pub(super) selection: LockSelection,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// Write it, unless there is one
    #[arg(long)]
    pub(super) write: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,
}

/// The forms of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RunFormat {
    /// For people: a live screen on a terminal, lines elsewhere.
    Text,
    /// One value at the end.
    Json,
    /// One value for each event, each on a line.
    Jsonl,
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TextOrJson {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The forms of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LintFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
    /// XML as `JUnit` writes it, for CI systems.
    Junit,
}

/// The forms of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For Graphviz.
    Dot,
    /// For Mermaid, as Git hosts draw it.
    Mermaid,
    /// For a browser: one page that needs nothing else.
    Html,
}

/// The forms of a list of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ImagesFormat {
    /// For people: by image.
    Text,
    /// One line a use, with tabs: image, service, kind, namespace/name, field, place.
    Lines,
    /// For programs.
    Json,
}

/// The forms of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum YamlOrJson {
    /// A stream of documents.
    Yaml,
    /// One list.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// Arguments that clash, in whatever command, are found here, although they are set up late.
    #[test]
    fn the_arguments_of_all_commands_are_consistent() {
        Arguments::command().debug_assert();
    }
}
