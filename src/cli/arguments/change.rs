//! Arguments of the commands that compare, and that tell where values come from.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::EnvironmentArguments;
use super::TextOrJson;

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DiffArguments {
    /// The environments: the names of files environments/values-ENV.yaml
    #[arg(
        value_name = "ENV",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(in crate::cli) environments: Vec<String>,
    /// All environments of the repository
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// The older revision; else the commit at which the newer one left the branch that the
    /// environments follow
    #[arg(long, value_name = "REVISION")]
    pub(in crate::cli) from: Option<String>,
    /// The newer revision; else the files as they lie in the working tree
    #[arg(long, value_name = "REVISION")]
    pub(in crate::cli) to: Option<String>,
    /// Instead of two revisions, compare with the cluster of this context: live drift
    #[arg(long, value_name = "CONTEXT", conflicts_with_all = ["from", "to", "all"])]
    pub(in crate::cli) context: Option<String>,
    /// The kubeconfig; else the files of KUBECONFIG, else ~/.kube/config
    #[arg(long, value_name = "FILE", requires = "context")]
    pub(in crate::cli) kubeconfig: Option<PathBuf>,
    /// The version of Kubernetes that charts are told
    #[arg(long, value_name = "VERSION", default_value = crate::ops::DEFAULT_KUBERNETES_VERSION,
        value_parser = crate::ops::kubernetes_version, conflicts_with = "context")]
    pub(in crate::cli) kubernetes_version: String,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: DiffFormat,
}

/// The forms of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DiffFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For a merge request: details that open on a click, and no more than a comment may hold.
    Markdown,
}

/// Arguments of `values`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ValuesArguments {
    #[command(flatten)]
    pub(in crate::cli) environment: EnvironmentArguments,
    /// The service
    #[arg(value_name = "SERVICE")]
    pub(in crate::cli) service: String,
    /// Only the value at this path, such as `image.tag`, and all below it
    #[arg(value_name = "PATH")]
    pub(in crate::cli) path: Option<String>,
    /// The form of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: TextOrJson,
}
