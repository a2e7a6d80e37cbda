//! Why a use case of one chart failed: takes nothing, gives errors as data, never words a hint.

use std::path::PathBuf;

use chart::InvalidReleaseName;

use crate::catalog::fetch::FetchFailures;
use crate::problem::Problem;

/// Why a use case of one chart failed.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// There is nothing at the path.
    #[error("there is no chart at {path}")]
    NotFound {
        /// The path as it was given.
        path: String,
        /// Paths that may have been meant.
        near: Vec<String>,
    },
    /// The address of something is given that is neither an archive nor a registry.
    #[error("{address} is no chart repository: charts are fetched by their names in one")]
    Address {
        /// What was given.
        address: String,
    },
    /// Charts would have to be fetched, and must not be.
    #[error("with --offline nothing is fetched: {}", .charts.join(", "))]
    Offline {
        /// The charts.
        charts: Vec<String>,
    },
    /// Charts could not be had.
    #[error("{failures}")]
    Fetch {
        /// The same as problems.
        problems: Vec<Problem>,
        /// All of them.
        failures: FetchFailures,
    },
    /// A dependency cannot be used.
    #[error("the dependency {name}: {cause}")]
    Dependency {
        /// Its name.
        name: String,
        /// Why.
        cause: String,
    },
    /// A lock file was made for other dependencies.
    #[error("{chart}/{file} was made for other dependencies than the chart has")]
    StaleLock {
        /// Where the chart stands.
        chart: String,
        /// The lock file.
        file: &'static str,
    },
    /// The release cannot have this name.
    #[error(transparent)]
    ReleaseName(#[from] InvalidReleaseName),
    /// An argument cannot be used.
    #[error("{0}")]
    Argument(String),
    /// An argument for a value cannot be used.
    #[error("{}", .0.message)]
    WrongArgument(Box<Problem>),
    /// A file cannot be used, or the chart fails.
    #[error("{}", .0.message)]
    Problem(Box<Problem>),
    /// What the templates gave is no YAML.
    #[error("{}", .problem.message)]
    BrokenOutput {
        /// Where and why.
        problem: Box<Problem>,
        /// All that the templates gave, as Helm prints it.
        unparsed: String,
    },
    /// No template has this name.
    #[error("no template of the chart gives manifests for {pattern}")]
    NoTemplate {
        /// What was asked for.
        pattern: String,
        /// The templates that give manifests.
        known: Vec<String>,
    },
    /// A file could not be written.
    #[error("cannot write {}: {cause}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

impl From<Problem> for ChartError {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}
