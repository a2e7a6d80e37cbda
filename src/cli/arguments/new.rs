//! The arguments of `firstlight new`: takes a command line, gives typed arguments, never does
//! anything.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::deferred::Deferred;

/// Arguments of `new`.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: NewCommand,
}

/// What is new.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum NewCommand {
    /// Add a service: a chart, its values for each environment, its place in the catalogue
    Service(Deferred<NewServiceArguments>),
    /// Add an environment, like another one or with what all others have
    Environment(Deferred<NewEnvironmentArguments>),
    /// Begin a repository: a small platform that plans at once
    Repository(Deferred<NewRepositoryArguments>),
}

/// Arguments of `new service`.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewServiceArguments {
    /// The service's name
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// What it begins as
    #[arg(long, value_name = "KIND", default_value = "deployment")]
    pub(in crate::cli) kind: WorkloadKind,
    /// Wrap this chart instead
    #[arg(long, help = "Wrap this chart instead: oci://HOST/PATH/CHART or https://HOST/PATH/CHART", value_name = "URL", requires = "version", conflicts_with_all = ["kind", "image"])]
    pub(in crate::cli) chart: Option<String>,
    /// The version of the chart, or a range of versions
    #[arg(long, value_name = "VERSION", requires = "chart")]
    pub(in crate::cli) version: Option<String>,
    /// The container's image
    #[arg(long, value_name = "IMAGE")]
    pub(in crate::cli) image: Option<String>,
    /// The namespace; else that of the service's name
    #[arg(long, value_name = "NAMESPACE")]
    pub(in crate::cli) namespace: Option<String>,
    /// The project; else the only one
    #[arg(long, value_name = "PROJECT")]
    pub(in crate::cli) project: Option<String>,
    /// Switch it on in this environment; may be given several times
    #[arg(long, value_name = "ENV")]
    pub(in crate::cli) enable: Vec<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// What a service begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum WorkloadKind {
    /// A Deployment with its Service.
    Deployment,
    /// A StatefulSet with its Service and a volume.
    Statefulset,
    /// A `CronJob`.
    Cronjob,
    /// A chart without templates.
    Empty,
}

/// Arguments of `new environment`.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewEnvironmentArguments {
    /// The environment's name
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: String,
    /// Begin with the files of this environment
    #[arg(long, value_name = "ENV")]
    pub(in crate::cli) from: Option<String>,
    /// The host name
    #[arg(long, value_name = "HOST")]
    pub(in crate::cli) fqdn: Option<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

/// Arguments of `new repository`.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewRepositoryArguments {
    /// The directory, which must be empty or not there
    #[arg(value_name = "DIR")]
    pub(in crate::cli) directory: PathBuf,
    /// The URL under which Argo CD will read the repository
    #[arg(
        long,
        value_name = "URL",
        default_value = "https://git.example.com/platform.git"
    )]
    pub(in crate::cli) url: String,
    /// The branch that Argo CD will read
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub(in crate::cli) branch: String,
    /// The host name of the first environment
    #[arg(long, value_name = "HOST", default_value = "sandbox.example.org")]
    pub(in crate::cli) fqdn: String,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}
