//! Which chart is meant: takes a path, an address or a name in a repository, gives the chart, never
//! fetches what stands on disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chart::{Chart, File, LoadError, LoadOptions};

use crate::catalog::fetch::{ChartArchive, ChartRequest, FetchError, Fetcher};
use crate::catalog::{ChartLock, Needs, unloadable};
use crate::ops::supply::{Fetching, have, problems};

use super::error::ChartError;
use super::values::neighbour;

/// A chart as the command line names it.
#[derive(Debug, Clone)]
pub struct ChartReference {
    /// A path, an address or a name.
    pub text: String,
    /// The repository that a name is looked up in.
    pub repository: Option<String>,
    /// The version or range that will do.
    pub version: Option<String>,
    /// How it is fetched, where it has to be.
    pub fetching: Fetching,
}

/// Where a chart was found.
#[derive(Debug, Clone)]
pub(super) enum Located {
    /// On disk.
    Path(PathBuf),
    /// Elsewhere; it is here now.
    Fetched(Box<Fetched>),
}

/// A chart from elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Fetched {
    pub(super) request: ChartRequest,
    pub(super) archive: ChartArchive,
}

impl ChartReference {
    /// Finds the chart: on disk, unless a repository is named; else where it comes from.
    pub(super) fn locate(&self) -> Result<Located, ChartError> {
        if self.repository.is_none() {
            let text = self.text.trim();
            let path = Path::new(text);
            if path.exists() {
                return Ok(Located::Path(path.to_owned()));
            }
            let elsewhere = text.contains("://") || text.split('/').count() == 2;
            if path.is_absolute() || text.starts_with('.') || !elsewhere {
                return Err(ChartError::NotFound {
                    path: text.to_owned(),
                    near: neighbour(text).into_iter().collect(),
                });
            }
        }
        self.fetch().map(|found| Located::Fetched(Box::new(found)))
    }

    /// Fetches the chart, even where something of that name stands on disk.
    pub(super) fn fetch(&self) -> Result<Fetched, ChartError> {
        let mut request = self.request()?;
        let one = BTreeSet::from([request.clone()]);
        let not_found = |error: &FetchError| {
            matches!(error, FetchError::UnknownAlias { .. }) && self.repository.is_none()
        };
        let mut archives = match fetch(&one, &self.fetching) {
            Err(ChartError::Fetch { failures, .. })
                if failures.failed.iter().any(|(_, error)| not_found(error)) =>
            {
                return Err(ChartError::NotFound {
                    path: self.text.clone(),
                    near: Vec::new(),
                });
            }
            result => result?,
        };
        match archives.remove(&request) {
            Some(archive) => {
                if request.is_archive() {
                    let chart = Chart::load_archive(&archive.bytes)
                        .map_err(|error| unloadable(&self.text, &error))?;
                    chart.name().clone_into(&mut request.name);
                }
                Ok(Fetched { request, archive })
            }
            None => Err(ChartError::NotFound {
                path: self.text.clone(),
                near: Vec::new(),
            }),
        }
    }

    fn request(&self) -> Result<ChartRequest, ChartError> {
        let text = self.text.trim();
        let version = self.version.as_deref().unwrap_or_default();
        let request = if let Some(repository) = &self.repository {
            ChartRequest::new(repository, text, version)
        } else if text.starts_with("oci://") {
            ChartRequest::of_reference(text, version)
        } else if let Some(request) = ChartRequest::of_archive(text) {
            request
        } else if text.contains("://") {
            return Err(ChartError::Address {
                address: text.to_owned(),
            });
        } else {
            let (alias, name) = text.split_once('/').unwrap_or(("", text));
            ChartRequest::new(format!("@{alias}"), name, version)
        };
        request.map_err(|error| ChartError::Argument(error.to_string()))
    }
}

impl Located {
    /// Loads the chart as it stands.
    pub(super) fn load(&self) -> Result<Chart, ChartError> {
        match self {
            Self::Path(path) => Chart::load(path, &load_options(path)).map_err(|error| {
                let problem = unloadable(&self.shown(), &error);
                match (&error, chart_below(path)) {
                    (LoadError::NoMetadata, Some(below)) => {
                        problem.help(format!("did you mean {below}?")).into()
                    }
                    _ => problem.into(),
                }
            }),
            Self::Fetched(fetched) => Chart::load_archive(&fetched.archive.bytes)
                .map_err(|error| unloadable(&self.shown(), &error).into()),
        }
    }

    /// Returns how messages name the chart.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Path(path) => path.to_string_lossy().into_owned(),
            Self::Fetched(fetched) => format!(
                "{}-{}.tgz",
                fetched.request.chart_name(),
                fetched.archive.chosen.version
            ),
        }
    }
}

/// Returns the first chart that stands in a directory.
fn chart_below(directory: &Path) -> Option<String> {
    let entries = std::fs::read_dir(directory).ok()?.flatten();
    let charts = entries.filter(|entry| entry.path().join("Chart.yaml").is_file());
    let first = charts.map(|entry| entry.path()).min()?;
    Some(first.to_string_lossy().into_owned())
}

/// Fetches charts that no lock file knows.
pub(super) fn fetch(
    requests: &BTreeSet<ChartRequest>,
    fetching: &Fetching,
) -> Result<crate::catalog::fetch::ChartArchives, ChartError> {
    if fetching.settings.offline && !requests.is_empty() {
        let charts = requests.iter().map(ToString::to_string).collect();
        return Err(ChartError::Offline { charts });
    }
    let fetcher = Fetcher::new(
        &fetching.settings,
        ChartLock::default(),
        None,
        std::sync::Arc::clone(&fetching.emit),
    );
    have(&fetcher, requests, fetching.settings.offline).map_err(|failures| ChartError::Fetch {
        problems: problems(&failures, &Needs::new()),
        failures,
    })
}

/// Returns how a chart on disk is loaded: as it stands, and no link leads out.
pub(super) fn load_options(path: &Path) -> LoadOptions {
    LoadOptions {
        boundary: path.is_dir().then(|| boundary(path)),
        bundled_only: true,
        ..LoadOptions::default()
    }
}

/// Reads the files of a chart on disk.
pub(super) fn read_files(path: &Path) -> Result<Vec<File>, ChartError> {
    chart::read_files(path, &load_options(path))
        .map_err(|error| unloadable(&path.to_string_lossy(), &error).into())
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
