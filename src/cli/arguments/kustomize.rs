//! The arguments of `firstlight kustomize`: takes a command line as `kustomize` takes it, gives
//! typed arguments, never does anything.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::deferred::Deferred;

/// Arguments of `kustomize`.
#[derive(Debug, Args)]
pub(in crate::cli) struct KustomizeArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: KustomizeCommand,
}

/// What to do with a kustomization.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KustomizeCommand {
    /// Show the resources of a kustomization as `kustomize build` prints them
    Build(Deferred<BuildArguments>),
}

/// Arguments of `kustomize build`.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the options that kustomize has"
)]
pub(in crate::cli) struct BuildArguments {
    /// The folder with the kustomization
    #[arg(value_name = "DIR", default_value = ".")]
    pub(in crate::cli) directory: PathBuf,
    /// The file that the resources are written to, or a folder, which gets a file for each
    #[arg(long, short, value_name = "PATH")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Which files may be read
    #[arg(long, value_name = "WHICH", default_value = "LoadRestrictionsRootOnly")]
    pub(in crate::cli) load_restrictor: LoadRestrictor,
    /// Render charts, from the folder that chartHome names or from their repositories
    #[arg(long)]
    pub(in crate::cli) enable_helm: bool,
    /// The version of Kubernetes that charts are told
    #[arg(long, value_name = "VERSION", value_parser = crate::ops::chart::kubernetes_version)]
    pub(in crate::cli) helm_kube_version: Option<String>,
    /// API versions that charts are told beyond the usual ones
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    pub(in crate::cli) helm_api_versions: Vec<String>,
    /// The order of the resources where the kustomization has no sortOptions
    #[arg(long, value_name = "ORDER", default_value = "legacy")]
    pub(in crate::cli) reorder: Reorder,
    /// Label every resource with app.kubernetes.io/managed-by
    #[arg(long)]
    pub(in crate::cli) enable_managedby_label: bool,
    /// Accepted: charts are rendered here, by no program
    #[arg(long, value_name = "PROGRAM", hide = true)]
    pub(in crate::cli) helm_command: Option<String>,
    /// Accepted: what fails says all there is to say
    #[arg(long, hide = true)]
    pub(in crate::cli) helm_debug: bool,
    /// Refused: plugins run programs
    #[arg(long, hide = true)]
    pub(in crate::cli) enable_alpha_plugins: bool,
    /// Refused: plugins run programs
    #[arg(long, hide = true)]
    pub(in crate::cli) enable_exec: bool,
    /// Refused: plugins run programs
    #[arg(long, hide = true)]
    pub(in crate::cli) enable_star: bool,
    /// Refused: plugins run programs
    #[arg(long, hide = true)]
    pub(in crate::cli) network: bool,
    /// Refused: plugins run programs
    #[arg(long, value_name = "NAME", hide = true)]
    pub(in crate::cli) network_name: Option<String>,
    /// Refused: plugins run programs
    #[arg(long, hide = true)]
    pub(in crate::cli) as_current_user: bool,
    /// Refused: plugins run programs
    #[arg(long, short, value_name = "NAME=VALUE", hide = true)]
    pub(in crate::cli) env: Vec<String>,
    /// Refused: plugins run programs
    #[arg(long, value_name = "MOUNT", hide = true)]
    pub(in crate::cli) mount: Vec<String>,
}

/// Which files may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LoadRestrictor {
    /// Those in or below the folder of the kustomization that names them.
    #[value(name = "LoadRestrictionsRootOnly", alias = "rootOnly")]
    RootOnly,
    /// All.
    #[value(name = "LoadRestrictionsNone", alias = "none")]
    None,
}

/// The order of the resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Reorder {
    /// By kind.
    Legacy,
    /// As they were read.
    None,
}
