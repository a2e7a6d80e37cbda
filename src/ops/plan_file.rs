//! The plan as a file: takes a plan, writes it with what it was made from; reads one and says what
//! is no longer as it was; never writes half a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::catalog::ChartLock;
use crate::catalog::fetch::{Digest, write_whole};
use crate::cluster::Identity;
use crate::definition;
use crate::plan::{FileCluster, MadeFrom, Mismatch, PLAN_FORMAT, PLAN_VERSION, Plan, PlanFile};

use super::against::Comparison;
use super::checkouts::history;
use super::plan::{OpsError, Request};
use super::supply::SupplyError;

/// No plan of a platform is larger.
const MAXIMUM_SIZE: u64 = 256 << 20;

/// So many paths show what was changed.
const SHOWN: usize = 8;

/// Why there is no plan in a file.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// It cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
    /// It cannot be written.
    #[error("{path} cannot be written: {cause}")]
    Unwritable {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
    /// It is no plan.
    #[error("{path} is no plan: {cause}")]
    NoPlan {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// It is a plan of another form.
    #[error(
        "{path} has version {found} of the form of plans, and this firstlight knows {PLAN_VERSION}"
    )]
    Version {
        /// The file.
        path: String,
        /// The version.
        found: u64,
    },
    /// It is the plan of another environment.
    #[error("{path} is the plan of {found}, not of {wanted}")]
    Environment {
        /// The file.
        path: String,
        /// Whose it is.
        found: String,
        /// Whose is wanted.
        wanted: String,
    },
    /// Things are no longer as they were.
    #[error("{path} is no longer the plan of what would be installed:{}", listed(.mismatches))]
    Stale {
        /// The file.
        path: String,
        /// What is different.
        mismatches: Vec<Mismatch>,
    },
}

fn listed(mismatches: &[Mismatch]) -> String {
    /// So many tell what it is about.
    const MOST: usize = 30;
    let mut text = String::new();
    for mismatch in mismatches.iter().take(MOST) {
        text.push_str("\n  ");
        text.push_str(&mismatch.to_string());
    }
    if mismatches.len() > MOST {
        let _ = write!(text, "\n  and {} more", mismatches.len() - MOST);
    }
    text
}

/// Returns what a plan of an environment is made from now.
pub fn made_from(request: &Request<'_>, identity: Option<&Identity>) -> Result<MadeFrom, OpsError> {
    let repository = request.repository;
    let root = repository.root();
    let lock = ChartLock::read(root).map_err(SupplyError::Lock)?;
    let charts = lock.charts.iter();
    let definition = definition::load(repository, request.environment)?;
    let files = definition.files.iter();
    let mut made = MadeFrom {
        commit: repository.checked_out_commit(),
        changed_files: BTreeMap::new(),
        environment_files: files
            .map(|file| {
                (
                    file.path.clone(),
                    Digest::of(file.text.as_bytes()).to_string(),
                )
            })
            .collect(),
        charts: charts
            .map(|(request, chosen)| {
                (
                    request.to_string(),
                    format!("{} {}", chosen.version, chosen.digest),
                )
            })
            .collect(),
        repositories: (lock.repositories.iter())
            .map(|(request, commit)| (request.to_string(), commit.clone()))
            .collect(),
        kubernetes_version: request.kubernetes_version.to_owned(),
        cluster: identity.map(|identity| FileCluster {
            server: identity.server.clone(),
            version: identity.version.clone(),
            uid: identity.uid.clone(),
        }),
    };
    // What is read at a commit is as it is in that commit.
    if let (Some(commit), None) = (&made.commit, repository.commit())
        && let Ok(changed) = history(repository, request.fetching).and_then(|history| {
            let failed =
                |error| super::checkouts::of_history("changed files cannot be read", &error);
            history.since(commit).map_err(failed)
        })
    {
        for path in changed.paths {
            let digest = match fs::read(root.join(&path)) {
                Ok(bytes) => Digest::of(&bytes).to_string(),
                Err(_) => "gone".to_owned(),
            };
            made.changed_files.insert(path, digest);
        }
    }
    Ok(made)
}

/// Writes a plan, in one piece.
pub fn write_plan_file(path: &Path, file: &PlanFile) -> Result<(), PlanFileError> {
    let failed = |cause: String| PlanFileError::Unwritable {
        path: path.display().to_string(),
        cause,
    };
    let mut text = serde_json::to_string_pretty(file).map_err(|error| failed(error.to_string()))?;
    text.push('\n');
    write_whole(path, text.as_bytes()).map_err(|error| failed(error.to_string()))
}

/// Reads the plan of an environment.
pub fn read_plan_file(path: &Path, environment: &str) -> Result<PlanFile, PlanFileError> {
    let name = || path.display().to_string();
    let unreadable = |cause: String| PlanFileError::Unreadable {
        path: name(),
        cause,
    };
    let no_plan = |cause: String| PlanFileError::NoPlan {
        path: name(),
        cause,
    };
    let opened = fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut text = String::new();
    (opened.take(MAXIMUM_SIZE + 1).read_to_string(&mut text))
        .map_err(|error| unreadable(error.to_string()))?;
    if text.len() as u64 > MAXIMUM_SIZE {
        return Err(unreadable(format!(
            "it is larger than {MAXIMUM_SIZE} bytes"
        )));
    }
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| no_plan(error.to_string()))?;
    if value["format"] != PLAN_FORMAT {
        return Err(no_plan(format!(
            "it does not begin with `\"format\": \"{PLAN_FORMAT}\"`"
        )));
    }
    match value["version"].as_u64() {
        Some(version) if version == u64::from(PLAN_VERSION) => {}
        found => {
            return Err(PlanFileError::Version {
                path: name(),
                found: found.unwrap_or(0),
            });
        }
    }
    // Read again from the text, so that a mistake has a line.
    let file: PlanFile = serde_json::from_str(&text).map_err(|error| no_plan(error.to_string()))?;
    if file.environment != environment {
        return Err(PlanFileError::Environment {
            path: name(),
            found: file.environment,
            wanted: environment.to_owned(),
        });
    }
    Ok(file)
}

/// Fails where the repository, its charts, or what is rendered of them, are no longer what a plan was
/// made from. `plan` is made of what is there now.
pub fn verify_source(
    path: &Path,
    file: &PlanFile,
    plan: &Plan,
    request: &Request<'_>,
) -> Result<(), OpsOrPlanFile> {
    let now = made_from(request, None)?;
    let mut mismatches = Vec::new();
    repository(&file.made_from, &now, request, &mut mismatches);
    locked(
        "the chart",
        &file.made_from.charts,
        &now.charts,
        &mut mismatches,
    );
    let (before, after) = (&file.made_from.repositories, &now.repositories);
    locked("the repository", before, after, &mut mismatches);
    mismatches.extend(file.rendered_differently(&PlanFile::new(plan, now)));
    stale(path, mismatches)
}

/// Why a plan in a file is not installed.
#[derive(Debug, thiserror::Error)]
pub enum OpsOrPlanFile {
    /// There is no plan to compare with.
    #[error(transparent)]
    Ops(#[from] OpsError),
    /// The file is stale.
    #[error(transparent)]
    File(#[from] PlanFileError),
}

fn stale(path: &Path, mut mismatches: Vec<Mismatch>) -> Result<(), OpsOrPlanFile> {
    let mut seen = BTreeSet::new();
    mismatches.retain(|one| seen.insert(one.clone()));
    if mismatches.is_empty() {
        return Ok(());
    }
    let path = path.display().to_string();
    Err(PlanFileError::Stale { path, mismatches }.into())
}

/// Fails where a cluster is not the one that was asked, or holds something else now: where another
/// thing would be done than the plan says.
pub fn verify_cluster(
    path: &Path,
    file: &PlanFile,
    comparison: &Comparison,
    identity: &Identity,
) -> Result<(), OpsOrPlanFile> {
    let mut mismatches = Vec::new();
    let version = identity.version.trim_start_matches('v');
    if file.made_from.kubernetes_version != version {
        let how = format!(
            "it is {version}, and the plan was made for {}",
            file.made_from.kubernetes_version
        );
        mismatches.push(Mismatch::new("the version of Kubernetes", how));
    }
    let Some(cluster) = &file.made_from.cluster else {
        return stale(path, mismatches);
    };
    let same = match (&cluster.uid, &identity.uid) {
        (Some(before), Some(now)) => before == now,
        _ => cluster.server == identity.server,
    };
    if !same {
        let how = format!("the plan was made for another one, at {}", cluster.server);
        mismatches.push(Mismatch::new(
            format!("the cluster at {}", identity.server),
            how,
        ));
    }
    let now = PlanFile::new(&comparison.plan, file.made_from.clone());
    mismatches.extend(file.acted_differently(&now));
    stale(path, mismatches)
}

fn repository(before: &MadeFrom, now: &MadeFrom, request: &Request<'_>, found: &mut Vec<Mismatch>) {
    if before.commit != now.commit {
        let short = |commit: &Option<String>| match commit {
            Some(commit) => commit.get(..9).unwrap_or(commit).to_owned(),
            None => "no commit".to_owned(),
        };
        let files = differing_files(before, now, request);
        let how = format!(
            "is at {}, and the plan was made at {}{files}",
            short(&now.commit),
            short(&before.commit)
        );
        found.push(Mismatch::new("the repository", how));
    }
    let (old, new) = (&before.changed_files, &now.changed_files);
    for path in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let how = match (old.get(path), new.get(path)) {
            (old, new) if old == new => continue,
            (None, Some(_)) if before.commit == now.commit => {
                "was changed since, and is not committed"
            }
            (Some(_), None) if before.commit == now.commit => "is as committed again",
            (Some(_), Some(_)) => "has another content",
            _ => continue,
        };
        found.push(Mismatch::new(format!("the file {path}"), how));
    }
    let (old, new) = (&before.environment_files, &now.environment_files);
    for path in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let told = found
            .iter()
            .any(|one| one.what == format!("the file {path}"));
        if old.get(path) != new.get(path) && !told {
            found.push(Mismatch::new(
                format!("the file {path}"),
                "has another content",
            ));
        }
    }
}

/// Returns which files differ between the two commits, where that can be known.
fn differing_files(before: &MadeFrom, now: &MadeFrom, request: &Request<'_>) -> String {
    let (Some(before), Some(now)) = (&before.commit, &now.commit) else {
        return String::new();
    };
    let between = history(request.repository, request.fetching)
        .ok()
        .and_then(|history| history.between(before, now).ok());
    let Some(between) = between else {
        return ", which is not a commit of this repository as it is here".to_owned();
    };
    let all: Vec<&str> = between.paths.iter().map(String::as_str).collect();
    let shown = all[..all.len().min(SHOWN)].join(", ");
    match all.len() {
        0 => "; no file differs".to_owned(),
        count if count > SHOWN => {
            format!("; {count} files differ: {shown} and {} more", count - SHOWN)
        }
        _ => format!("; these files differ: {shown}"),
    }
}

fn locked(
    what: &str,
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
    found: &mut Vec<Mismatch>,
) {
    for name in before.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        let how = match (before.get(name), now.get(name)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(old), Some(new)) => format!("is {new} in firstlight.lock, and was {old}"),
            (Some(_), None) => "is no longer in firstlight.lock".to_owned(),
            (None, _) => "is new in firstlight.lock".to_owned(),
        };
        found.push(Mismatch::new(format!("{what} {name}"), how));
    }
}
