//! Which chart is meant: takes a path, a URL or a name in a repository, gives the chart, never
//! looks for it in Helm's own configuration.

use std::path::{Path, PathBuf};

use chart::{Chart, LoadError, LoadOptions};

use crate::catalog::unloadable;

use super::error::ChartError;

/// A chart as the command line names it.
#[derive(Debug, Clone, Default)]
pub struct ChartReference {
    /// A path, a URL or a name.
    pub text: String,
    /// The repository that a name is looked up in.
    pub repository: Option<String>,
    /// The version or range that will do.
    pub version: Option<String>,
}

impl ChartReference {
    /// Returns where the chart stands on disk.
    pub(super) fn locate(&self) -> Result<PathBuf, ChartError> {
        let text = self.text.trim();
        if self.repository.is_none() {
            let path = Path::new(text);
            if path.exists() {
                return Ok(path.to_owned());
            }
            if path.is_absolute() || text.starts_with('.') || !text.contains(':') {
                return Err(ChartError::NotFound {
                    path: text.to_owned(),
                });
            }
        }
        Err(ChartError::NotFetched {
            reference: text.to_owned(),
        })
    }
}

/// Loads a chart from a directory or an archive, as it stands.
pub(super) fn load(path: &Path) -> Result<Chart, ChartError> {
    let name = path.to_string_lossy();
    let loaded = if path.is_dir() {
        let options = LoadOptions {
            boundary: Some(boundary(path)),
            bundled_only: true,
            ..LoadOptions::default()
        };
        Chart::load_dir_with(path, &options)
    } else {
        let bytes = std::fs::read(path).map_err(|error| {
            ChartError::Argument(format!("cannot read the chart {name}: {error}"))
        })?;
        Chart::load_archive(&bytes)
    };
    loaded.map_err(|error: LoadError| unloadable(&name, &error).into())
}

/// Returns what links may not leave: the Git repository that holds the chart, else the chart.
fn boundary(path: &Path) -> PathBuf {
    path.canonicalize()
        .ok()
        .and_then(|whole| {
            let mut above = whole.ancestors();
            above
                .find(|one| one.join(".git").exists())
                .map(Path::to_owned)
        })
        .unwrap_or_else(|| path.to_owned())
}
