//! `firstlight.lock` and `vendor/`: takes environments, gives what they need from elsewhere with
//! what was chosen for each, and writes both; never renders a service.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::plan::{OpsError, Request, read_with};
use super::supply::{Fetching, Mode, Supply, SupplyError};
use crate::catalog::fetch::git::{Checkout, GitRequest, PACKS_DIRECTORY};
use crate::catalog::fetch::{
    ChartRequest, Digest, FILES_DIRECTORY, prune_vendored, prune_vendored_in, write_vendored,
    write_vendored_file,
};
use crate::catalog::{ChartLock, LockedChart};
use crate::definition::Repository;
use crate::problem::Problem;

/// Which charts are locked or vendored.
#[derive(Debug, Clone, Copy)]
pub struct LockRequest<'r> {
    /// The repository.
    pub repository: &'r Repository,
    /// The environments; all where none is named.
    pub environments: &'r [String],
    /// The version of Kubernetes that charts are told.
    pub kubernetes_version: &'r str,
    /// How charts are fetched.
    pub fetching: &'r Fetching,
    /// The charts for which versions are chosen anew; an empty name stands for all.
    pub update: Option<&'r [String]>,
}

/// One chart of the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockedEntry {
    /// What was asked for.
    #[serde(flatten)]
    pub request: ChartRequest,
    /// The version that was chosen.
    pub version: String,
    /// The digest of the archive.
    pub digest: String,
    /// What became of the entry.
    pub change: LockChange,
}

/// One revision of another repository in the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockedRepository {
    /// What was asked for.
    #[serde(flatten)]
    pub request: GitRequest,
    /// The commit that was chosen.
    pub commit: String,
    /// What became of the entry.
    pub change: RepositoryChange,
}

/// What became of a repository's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RepositoryChange {
    /// It is as it was.
    Kept,
    /// It is new.
    Added,
    /// Another commit was chosen before.
    Changed {
        /// The commit before.
        commit: String,
    },
    /// Nothing needs it any more.
    Removed,
}

/// One file that a kustomization names by URL in the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockedFile {
    /// Its address.
    pub url: String,
    /// Its digest.
    pub digest: String,
    /// What became of the entry.
    pub change: FileChange,
}

/// What became of a file's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileChange {
    /// It is as it was.
    Kept,
    /// It is new.
    Added,
    /// Another content was chosen before.
    Changed {
        /// The digest before.
        digest: String,
    },
    /// Nothing needs it any more.
    Removed,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LockChange {
    /// It is as it was.
    Kept,
    /// It is new.
    Added,
    /// Another version, or another content, was chosen before.
    Changed {
        /// The version before.
        version: String,
        /// The digest before.
        digest: String,
    },
    /// Nothing needs it any more.
    Removed,
}

/// What became of the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LockReport {
    /// The charts, sorted.
    pub charts: Vec<LockedEntry>,
    /// The revisions of other repositories, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repositories: Vec<LockedRepository>,
    /// The files that kustomizations name by URL, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<LockedFile>,
    /// Whether the file was written.
    pub written: bool,
}

/// What became of `vendor/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VendorReport {
    /// What became of the lock.
    pub lock: LockReport,
    /// The archives, relative to the repository, sorted.
    pub files: Vec<String>,
    /// Those of them that were written.
    pub added: Vec<String>,
    /// Archives that nothing needs, which were removed.
    pub removed: Vec<String>,
}

/// Chooses a version for every chart that the environments need.
pub fn lock(request: &LockRequest<'_>) -> Result<LockReport, OpsError> {
    let supply = gathered(request)?;
    Ok(kept(request, &supply)?)
}

/// Puts the archives of all charts that the environments need into the repository.
pub fn vendor(request: &LockRequest<'_>) -> Result<VendorReport, OpsError> {
    let supply = gathered(request)?;
    let lock = kept(request, &supply)?;
    let root = request.repository.root();
    let mut files = BTreeSet::new();
    let mut digests = BTreeSet::new();
    let mut added = Vec::new();
    for (chart, archive) in &supply.archives {
        // Two ranges may have chosen the same.
        if !digests.insert((chart.chart_name(), &archive.chosen.digest)) {
            continue;
        }
        let (file, written) = write_vendored(root, chart, &archive.chosen, &files, &archive.bytes)
            .map_err(SupplyError::File)?;
        if written {
            added.push(file.clone());
        }
        files.insert(file);
    }
    vendor_bases(&supply, root, &mut files, &mut added)?;
    let mut removed = Vec::new();
    if request.environments.is_empty() {
        let is_hex = |name: &str| name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let packs = |name: &str| {
            let commit = name.strip_suffix(".pack");
            commit.is_some_and(|commit| commit.len() == 40 && is_hex(commit))
        };
        let digests = |name: &str| name.len() == 64 && is_hex(name);
        for pruned in [
            prune_vendored(root, &files),
            prune_vendored_in(root, PACKS_DIRECTORY, &files, packs),
            prune_vendored_in(root, FILES_DIRECTORY, &files, digests),
        ] {
            removed.extend(pruned.map_err(SupplyError::File)?);
        }
    }
    added.sort();
    removed.sort();
    Ok(VendorReport {
        lock,
        files: files.into_iter().collect(),
        added,
        removed,
    })
}

/// Puts commits of other repositories, and files that kustomizations name by URL, into the repository.
fn vendor_bases(
    supply: &Supply<'_>,
    root: &Path,
    files: &mut BTreeSet<String>,
    added: &mut Vec<String>,
) -> Result<(), OpsError> {
    for (url, bytes) in supply.bases.urls() {
        let Some(digest) = supply.lock.files.get(url) else {
            continue;
        };
        let file = format!("{FILES_DIRECTORY}/{}", digest.hex());
        let written = write_vendored_file(root, FILES_DIRECTORY, &file, bytes);
        if written.map_err(SupplyError::File)? {
            added.push(file.clone());
        }
        files.insert(file);
    }
    let checkouts = supply.checkouts.iter().chain(supply.bases.checkouts());
    let checkouts: Vec<&Checkout> = checkouts.collect();
    if checkouts.is_empty() {
        return Ok(());
    }
    let scratch = supply.fetching().scratch_directory()?;
    let packed = supply
        .git(&supply.logins, &scratch)
        .vendor(&checkouts, root);
    let packed = packed.map_err(|(request, error)| {
        let mut problem = Problem::new(format!("{request} cannot be packed: {error}"));
        problem.help = error.help(&request);
        SupplyError::Repositories(vec![problem])
    })?;
    for (file, written) in packed {
        if written {
            added.push(file.clone());
        }
        files.insert(file);
    }
    Ok(())
}

fn gathered<'r>(request: &LockRequest<'r>) -> Result<Supply<'r>, OpsError> {
    let mode = match request.update {
        // One without a name asks for all, whatever others name.
        Some(names) if names.iter().any(String::is_empty) => Mode::Update(BTreeSet::new()),
        Some(names) => Mode::Update(names.iter().cloned().collect()),
        None => Mode::Rewrite,
    };
    let supply = Supply::new(request.repository, request.fetching, mode);
    let shared = Mutex::new(supply);
    let environments = if request.environments.is_empty() {
        request.repository.environments()?
    } else {
        request.environments.to_vec()
    };
    for environment in &environments {
        let one = Request {
            repository: request.repository,
            environment,
            kubernetes_version: request.kubernetes_version,
            fetching: request.fetching,
        };
        let read = read_with(&one, &shared)?;
        if let Some(error) = read.first_error() {
            return Err(error);
        }
    }
    let supply = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let named = request.update.unwrap_or_default().iter();
    for name in named.filter(|name| !name.is_empty()) {
        let mut charts = supply.archives.keys();
        let named = BTreeSet::from([name.clone()]);
        let of_git = || supply.checkouts.iter().chain(supply.bases.checkouts());
        if !charts.any(|chart| chart.name == *name || chart.chart_name() == name)
            && !of_git().any(|one| one.request.is_called(&named))
            && !supply.bases.urls().any(|(url, _)| url == name)
        {
            let repositories = of_git();
            let known: BTreeSet<String> = supply
                .archives
                .keys()
                .map(|chart| chart.name.clone())
                .chain(repositories.map(|one| one.request.name().to_owned()))
                .collect();
            return Err(OpsError::Supply(SupplyError::UnknownChart {
                name: name.clone(),
                known: known.into_iter().collect(),
            }));
        }
    }
    Ok(supply)
}

fn kept(request: &LockRequest<'_>, supply: &Supply<'_>) -> Result<LockReport, SupplyError> {
    let root = request.repository.root();
    let before = ChartLock::read(root).map_err(SupplyError::Lock)?;
    let chosen = supply.chosen();
    let whole = request.environments.is_empty();
    let mut charts: Vec<LockedEntry> = chosen
        .iter()
        .map(|(request, chosen)| {
            let change = match before.charts.get(request) {
                None => LockChange::Added,
                Some(old) if old == chosen => LockChange::Kept,
                Some(old) => LockChange::Changed {
                    version: old.version.clone(),
                    digest: old.digest.to_string(),
                },
            };
            entry(request, chosen, change)
        })
        .collect();
    // Only where every environment was looked at is it known what nothing needs.
    let of_git = supply.checkouts.iter().chain(supply.bases.checkouts());
    let needed: BTreeSet<&GitRequest> = of_git.map(|one| &one.request).collect();
    let urls: BTreeSet<&String> = supply.bases.urls().map(|(url, _)| url).collect();
    let after = ChartLock {
        charts: chosen.into_iter().collect(),
        repositories: supply
            .lock
            .repositories
            .iter()
            .filter(|(request, _)| needed.contains(request))
            .map(|(request, commit)| (request.clone(), commit.clone()))
            .collect(),
        files: supply
            .lock
            .files
            .iter()
            .filter(|(url, _)| urls.contains(url))
            .map(|(url, digest)| (url.clone(), digest.clone()))
            .collect(),
    };
    let repositories = repository_changes(&before, &after, whole);
    let files = file_changes(&before, &after, whole);
    let is_empty = |lock: &ChartLock| *lock == ChartLock::default();
    let written = if whole {
        let gone = before
            .charts
            .iter()
            .filter(|(request, _)| !after.charts.contains_key(*request));
        charts.extend(gone.map(|(request, old)| entry(request, old, LockChange::Removed)));
        // A repository without charts from elsewhere has no lock.
        (!is_empty(&after) || !is_empty(&before))
            .then(|| after.write(root, true))
            .transpose()
            .map_err(SupplyError::Lock)?
            .unwrap_or(false)
    } else {
        !is_empty(&after) && after.write(root, false).map_err(SupplyError::Lock)?
    };
    charts.sort_by(|left, right| left.request.cmp(&right.request));
    Ok(LockReport {
        charts,
        repositories,
        files,
        written,
    })
}

fn file_changes(before: &ChartLock, after: &ChartLock, whole: bool) -> Vec<LockedFile> {
    let entry = |(url, digest): (&String, &Digest), change| LockedFile {
        url: url.clone(),
        digest: digest.to_string(),
        change,
    };
    let of_after = after.files.iter().map(|(url, digest)| {
        let change = match before.files.get(url) {
            None => FileChange::Added,
            Some(old) if old == digest => FileChange::Kept,
            Some(old) => FileChange::Changed {
                digest: old.to_string(),
            },
        };
        entry((url, digest), change)
    });
    let gone = before.files.iter();
    let gone = gone.filter(|(url, _)| whole && !after.files.contains_key(*url));
    let mut changes: Vec<LockedFile> = of_after
        .chain(gone.map(|one| entry(one, FileChange::Removed)))
        .collect();
    changes.sort_by(|left, right| left.url.cmp(&right.url));
    changes
}

fn repository_changes(before: &ChartLock, after: &ChartLock, whole: bool) -> Vec<LockedRepository> {
    let entry = |request: &GitRequest, commit: &String, change| LockedRepository {
        request: request.clone(),
        commit: commit.clone(),
        change,
    };
    let mut changes: Vec<LockedRepository> = after
        .repositories
        .iter()
        .map(|(request, commit)| {
            let change = match before.repositories.get(request) {
                None => RepositoryChange::Added,
                Some(old) if old == commit => RepositoryChange::Kept,
                Some(old) => RepositoryChange::Changed {
                    commit: old.clone(),
                },
            };
            entry(request, commit, change)
        })
        .collect();
    if whole {
        let gone = before.repositories.iter();
        changes.extend(
            gone.filter(|(request, _)| !after.repositories.contains_key(*request))
                .map(|(request, commit)| entry(request, commit, RepositoryChange::Removed)),
        );
    }
    changes.sort_by(|left, right| left.request.cmp(&right.request));
    changes
}

fn entry(request: &ChartRequest, chosen: &LockedChart, change: LockChange) -> LockedEntry {
    LockedEntry {
        request: request.clone(),
        version: chosen.version.clone(),
        digest: chosen.digest.to_string(),
        change,
    }
}
