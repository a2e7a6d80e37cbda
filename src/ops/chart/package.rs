//! A chart's directory as an archive: takes the directory and what is to be said of it, gives the
//! archive's path, never changes the chart unless its dependencies are to be updated.

use std::path::{Path, PathBuf};

use chart::Version;

use crate::ops::supply::Fetching;
use crate::problem::Problem;

use super::dependency::{load_directory, update_dependencies};
use super::error::ChartError;
use super::pull::write;
use super::template::check_dependencies;

/// How a chart is packed.
#[derive(Debug, Clone)]
pub struct PackageOptions {
    /// The version that the packed chart gets.
    pub version: Option<String>,
    /// The version of the application that the packed chart gets.
    pub app_version: Option<String>,
    /// The directory for the archive.
    pub destination: PathBuf,
    /// How charts below are fetched anew, where they are to be.
    pub update: Option<Fetching>,
}

/// Packs a chart; returns the archive's path.
pub fn package(path: &Path, options: &PackageOptions) -> Result<PathBuf, ChartError> {
    let mut chart = load_directory(path)?;
    if let Some(fetching) = &options.update {
        update_dependencies(path, fetching)?;
        chart = load_directory(path)?;
    }
    let shown = path.to_string_lossy();
    check_dependencies(&chart, &shown)?;
    if let Some(version) = &options.version {
        Version::parse(version)
            .map_err(|error| ChartError::Argument(format!("the version {version:?}: {error}")))?;
        chart.metadata.version.clone_from(version);
    }
    if let Some(version) = &options.app_version {
        chart.metadata.app_version.clone_from(version);
    }
    let bytes = chart::package(&chart).map_err(|error| Problem::new(error.to_string()))?;
    let file = format!("{}-{}.tgz", chart.name(), chart.metadata.version);
    let path = options.destination.join(file);
    write(&path, &bytes)?;
    Ok(path)
}
