//! The charts below a chart: takes a chart's directory, gives what it asks for and what is there,
//! or puts what is asked for into `charts/`, as `helm dependency` does; the lock file is Helm's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chart::{Chart, Constraint, Dependency, Lock, Version};

use crate::catalog::fetch::ChartRequest;
use crate::catalog::{lock_digest, old_lock_digest};
use crate::ops::supply::Fetching;

use super::error::ChartError;
use super::pull::write;
use super::reference::{self, Located, read_files};

/// One dependency with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyState {
    /// The chart's name.
    pub name: String,
    /// The range that is asked for.
    pub version: String,
    /// Where it comes from.
    pub repository: String,
    /// What is in `charts/`, in Helm's words: `ok`, `unpacked`, `missing` and so on.
    pub status: &'static str,
}

/// The dependencies of a chart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DependencyList {
    /// What `Chart.yaml` asks for.
    pub dependencies: Vec<DependencyState>,
    /// What is in `charts/` and is not asked for, or is no chart.
    pub strangers: Vec<Stranger>,
}

/// Something in `charts/` that nobody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is a chart.
    pub is_chart: bool,
}

/// What became of `charts/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DependencyChange {
    /// The archives that were written.
    pub saved: Vec<PathBuf>,
    /// The archives that nobody asks for any more, which were removed.
    pub removed: Vec<PathBuf>,
    /// The lock file, where it was written.
    pub lock: Option<PathBuf>,
}

/// Lists the dependencies of a chart.
pub fn dependencies(path: &Path) -> Result<DependencyList, ChartError> {
    let chart = load(path)?;
    let wanted = &chart.metadata.dependencies;
    if wanted.is_empty() {
        return Ok(DependencyList::default());
    }
    let archives = archives(path);
    let dependencies = wanted
        .iter()
        .map(|one| DependencyState {
            name: one.name.clone(),
            version: one.version.clone(),
            repository: one.repository.clone(),
            status: status(one, &chart, &archives),
        })
        .collect();
    let mut strangers = Vec::new();
    for entry in entries(&path.join("charts")) {
        let is_archive = entry
            .extension()
            .is_some_and(|extension| extension == "tgz");
        if !entry.is_dir() && !is_archive {
            continue;
        }
        let found = load(&entry).ok();
        let asked_for = |chart: &Chart| wanted.iter().any(|one| one.name == chart.name());
        if !found.as_ref().is_some_and(asked_for) {
            strangers.push(Stranger {
                path: entry,
                is_chart: found.is_some(),
            });
        }
    }
    Ok(DependencyList {
        dependencies,
        strangers,
    })
}

/// Chooses versions anew and puts the charts into `charts/`.
pub fn update_dependencies(
    path: &Path,
    fetching: &Fetching,
) -> Result<DependencyChange, ChartError> {
    let chart = load_directory(path)?;
    let wanted = &chart.metadata.dependencies;
    if wanted.is_empty() {
        return Ok(DependencyChange::default());
    }
    let (locked, mut change) = put(path, wanted, fetching)?;
    let digest = lock_digest(wanted, &locked);
    if chart.lock().is_none_or(|lock| lock.digest != digest) {
        let file = path.join(lock_file(&chart));
        if file.is_symlink() {
            return Err(ChartError::Write {
                path: file,
                cause: "it is a symbolic link".to_owned(),
            });
        }
        let lock = Lock::new(digest, locked, SystemTime::now());
        write(&file, lock.to_yaml().as_bytes())?;
        change.lock = Some(file);
    }
    Ok(change)
}

/// Puts the charts into `charts/` that the lock file names; without one, chooses versions.
pub fn build_dependencies(
    path: &Path,
    fetching: &Fetching,
) -> Result<DependencyChange, ChartError> {
    let chart = load_directory(path)?;
    let Some(lock) = chart.lock() else {
        return update_dependencies(path, fetching);
    };
    let wanted = &chart.metadata.dependencies;
    let fits = lock.digest == lock_digest(wanted, &lock.dependencies)
        || (chart.metadata.api_version == "v1" && lock.digest == old_lock_digest(wanted));
    if !fits {
        return Err(ChartError::StaleLock {
            chart: path.to_string_lossy().into_owned(),
            file: lock_file(&chart),
        });
    }
    put(path, &lock.dependencies, fetching).map(|(_, change)| change)
}

fn lock_file(chart: &Chart) -> &'static str {
    if chart.metadata.api_version == "v1" {
        "requirements.lock"
    } else {
        "Chart.lock"
    }
}

fn load(path: &Path) -> Result<Chart, ChartError> {
    Located::Path(path.to_owned()).load()
}

pub(super) fn load_directory(path: &Path) -> Result<Chart, ChartError> {
    if !path.is_dir() {
        return Err(ChartError::Argument(format!(
            "{} is no directory: only unpacked charts can be changed or packed",
            path.display()
        )));
    }
    load(path)
}

/// An archive that is to stand in `charts/`.
struct Archive {
    file: String,
    bytes: Vec<u8>,
}

/// Puts charts into `charts/` and takes out archives that nobody asks for; returns the exact
/// versions. Nothing is changed before all charts are at hand.
fn put(
    path: &Path,
    wanted: &[Dependency],
    fetching: &Fetching,
) -> Result<(Vec<Dependency>, DependencyChange), ChartError> {
    let mut requests = BTreeMap::new();
    for (at, one) in wanted.iter().enumerate() {
        if !one.repository.is_empty() && !one.repository.starts_with("file://") {
            let request = ChartRequest::new(&one.repository, &one.name, &one.version)
                .map_err(|error| wrong(one, &error.to_string()))?;
            requests.insert(at, request);
        }
    }
    let asked: BTreeSet<ChartRequest> = requests.values().cloned().collect();
    let mut fetched = reference::fetch(&asked, fetching)?;
    let mut archives: BTreeMap<String, Archive> = BTreeMap::new();
    let mut locked = Vec::new();
    for (at, one) in wanted.iter().enumerate() {
        let (version, archive) = match requests.get(&at) {
            Some(request) => match fetched.get_mut(request) {
                Some(found) => {
                    let version = found.chosen.version.clone();
                    let file = format!("{}-{version}.tgz", request.chart_name());
                    (
                        version,
                        Some(Archive {
                            file,
                            bytes: std::mem::take(&mut found.bytes),
                        }),
                    )
                }
                None => return Err(wrong(one, "it was not fetched")),
            },
            None if one.repository.is_empty() => (standing(path, one)?, None),
            None => {
                let (version, archive) = local(path, one)?;
                (version, Some(archive))
            }
        };
        // One request may stand for two dependencies: the first has taken its bytes.
        if let Some(archive) = archive.filter(|archive| !archive.bytes.is_empty()) {
            archives.insert(archive.file.clone(), archive);
        }
        locked.push(Dependency {
            name: one.name.clone(),
            repository: one.repository.clone(),
            version,
            ..Dependency::default()
        });
    }
    let mut change = DependencyChange::default();
    let directory = path.join("charts");
    for archive in archives.values() {
        let file = directory.join(&archive.file);
        write(&file, &archive.bytes)?;
        change.saved.push(file);
    }
    change.removed = remove_outdated(&directory, wanted, &archives)?;
    Ok((locked, change))
}

fn wrong(dependency: &Dependency, cause: &str) -> ChartError {
    ChartError::Dependency {
        name: dependency.name.clone(),
        cause: cause.to_owned(),
    }
}

/// Checks a dependency without a repository: it has to stand in `charts/`. Its range is its lock.
fn standing(path: &Path, dependency: &Dependency) -> Result<String, ChartError> {
    let place = path.join("charts").join(&dependency.name);
    if !place.is_dir() {
        let cause = format!("it has no repository, and {} is not there", place.display());
        return Err(wrong(dependency, &cause));
    }
    let found = load(&place)?;
    in_range(dependency, &found.metadata.version)?;
    Ok(dependency.version.clone())
}

/// Packs a dependency of the file system.
fn local(path: &Path, dependency: &Dependency) -> Result<(String, Archive), ChartError> {
    let place = dependency
        .repository
        .strip_prefix("file://")
        .unwrap_or_default();
    // A path that begins with a slash stays what it is.
    let place = path.join(place);
    if !place.is_dir() {
        return Err(wrong(
            dependency,
            &format!("{} is not there", place.display()),
        ));
    }
    let found = load(&place)?;
    let version = found.metadata.version.clone();
    in_range(dependency, &version)?;
    let name = found.name();
    let bytes = chart::pack(name, &read_files(&place)?)
        .map_err(|error| wrong(dependency, &error.to_string()))?;
    let file = format!("{name}-{version}.tgz");
    Ok((version, Archive { file, bytes }))
}

fn in_range(dependency: &Dependency, version: &str) -> Result<(), ChartError> {
    let range = Constraint::parse(&dependency.version)
        .map_err(|error| wrong(dependency, &format!("its range of versions: {error}")))?;
    if Version::parse(version).is_ok_and(|version| range.check(&version)) {
        return Ok(());
    }
    let cause = format!("its version {version} is not in {}", dependency.version);
    Err(wrong(dependency, &cause))
}

/// Removes the archives of charts that are not among those that were put there.
fn remove_outdated(
    directory: &Path,
    wanted: &[Dependency],
    archives: &BTreeMap<String, Archive>,
) -> Result<Vec<PathBuf>, ChartError> {
    let mut removed = Vec::new();
    for entry in entries(directory) {
        let name = entry
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let kept = name.is_some_and(|name| archives.contains_key(&name));
        if entry.is_dir() || kept {
            continue;
        }
        // What is no chart has been put there by somebody else.
        let Ok(found) = load(&entry) else {
            continue;
        };
        let standing = |one: &Dependency| one.repository.is_empty() && one.name == found.name();
        if wanted.iter().any(standing) {
            continue;
        }
        std::fs::remove_file(&entry).map_err(|error| ChartError::Write {
            path: entry.clone(),
            cause: error.to_string(),
        })?;
        removed.push(entry);
    }
    Ok(removed)
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    entries.sort();
    entries
}

/// Returns the archives in `charts/`, by file name without its ending.
fn archives(path: &Path) -> BTreeMap<String, PathBuf> {
    entries(&path.join("charts"))
        .into_iter()
        .filter(|entry| {
            entry
                .extension()
                .is_some_and(|extension| extension == "tgz")
        })
        .filter_map(|entry| Some((entry.file_stem()?.to_string_lossy().into_owned(), entry)))
        .collect()
}

/// Returns the state of a dependency in Helm's words.
fn status(
    dependency: &Dependency,
    parent: &Chart,
    archives: &BTreeMap<String, PathBuf>,
) -> &'static str {
    let prefix = format!("{}-", dependency.name);
    let mut found: Vec<(&str, &PathBuf)> = archives
        .iter()
        .filter_map(|(stem, path)| Some((stem.strip_prefix(&prefix)?, path)))
        .collect();
    if found.len() > 1 {
        // Another chart's name may begin with this one's.
        found.retain(|(version, _)| version.starts_with(|c: char| c.is_ascii_digit()));
    }
    match found.as_slice() {
        [] => {}
        [(_, path)] => return status_of_archive(path, dependency),
        _ => return "too many matches",
    }
    let below = parent.subcharts.iter().rev();
    match below
        .into_iter()
        .find(|chart| chart.name() == dependency.name)
    {
        None => "missing",
        Some(chart) => status_of_version(&chart.metadata.version, dependency).unwrap_or("unpacked"),
    }
}

fn status_of_archive(path: &Path, dependency: &Dependency) -> &'static str {
    let Ok(chart) = load(path) else {
        return "corrupt";
    };
    if chart.name() != dependency.name {
        return "misnamed";
    }
    status_of_version(&chart.metadata.version, dependency).unwrap_or("ok")
}

/// Returns what is wrong with a version.
fn status_of_version(version: &str, dependency: &Dependency) -> Option<&'static str> {
    if version == dependency.version {
        return None;
    }
    let range = Constraint::parse(&dependency.version);
    let (Ok(range), Ok(version)) = (range, Version::parse(version)) else {
        return Some("invalid version");
    };
    (!range.check(&version)).then_some("wrong version")
}
