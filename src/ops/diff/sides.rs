//! The two states that are compared: takes revisions, gives the repository at both and the paths
//! that differ; reads trees out of Git's objects, never touches the working tree.

use std::collections::BTreeMap;

use crate::catalog::fetch::git::{ChangedPaths, GitError, History};
use crate::definition::{self, Repository};
use crate::ops::checkouts::{history, of_history, repository_near};
use crate::ops::plan::OpsError;
use crate::ops::supply::SupplyError;

use super::DiffRequest;
use super::inputs::Known;
use super::review::State;

/// Two states of a repository.
pub(super) struct Sides {
    pub(super) from: Repository,
    pub(super) to: Repository,
    pub(super) from_state: State,
    pub(super) to_state: State,
    /// The paths that differ.
    pub(super) changed: ChangedPaths,
    /// Links in the repository, with the paths that they lead to.
    pub(super) links: BTreeMap<String, String>,
    /// What is known of the older state's files.
    pub(super) from_known: Known,
    /// What is known of the newer state's files.
    pub(super) to_known: Known,
}

impl Sides {
    pub(super) fn new(request: &DiffRequest<'_>) -> Result<Self, OpsError> {
        let history = history(request.repository, request.fetching)?;
        let failed = |what: &str, error: &GitError| OpsError::from(of_history(what, error));
        let commit = |revision: &str| {
            let what = format!("the revision `{revision}` cannot be read");
            history
                .commit(revision)
                .map_err(|error| failed(&what, &error))
        };
        let to_commit = request.to.map(commit).transpose()?;
        let (from_revision, from_commit) = match request.from {
            Some(revision) => (revision.to_owned(), commit(revision)?),
            None => beginning(request, &history, to_commit.as_deref())?,
        };
        let at = |commit: &str, near: Option<&str>| -> Result<Repository, SupplyError> {
            repository_near(request.repository, commit, near, request.fetching)
        };
        let from = at(&from_commit, to_commit.as_deref())?;
        let (to, to_state, changed) =
            if let (Some(commit), Some(revision)) = (&to_commit, request.to) {
                let to = at(commit, Some(&from_commit))?;
                let changed = history.between(&from_commit, commit);
                let state = State {
                    revision: Some(revision.to_owned()),
                    commit: Some(commit.clone()),
                };
                (to, state, changed)
            } else {
                let state = State {
                    revision: None,
                    commit: request.repository.checked_out_commit(),
                };
                let changed = history.since(&from_commit);
                (request.repository.clone(), state, changed)
            };
        let changed =
            changed.map_err(|error| failed("the changed paths cannot be read", &error))?;
        let mut links = BTreeMap::new();
        if !changed.paths.is_empty() {
            for commit in std::iter::once(&from_commit).chain(to_state.commit.as_ref()) {
                let found = history.links(commit);
                let found = found.map_err(|error| failed("links cannot be read", &error))?;
                for (path, target) in found {
                    let base = path.rsplit_once('/').map_or("", |(base, _)| base);
                    if let Some(target) = Repository::resolve(base, &target) {
                        links.insert(path, target);
                    }
                }
            }
        }
        Ok(Self {
            from,
            to,
            from_state: State {
                revision: Some(from_revision),
                commit: Some(from_commit),
            },
            to_state,
            changed,
            links,
            from_known: Known::default(),
            to_known: Known::default(),
        })
    }
}

/// Returns where a change began that nobody says: where it left the revision that its environments
/// follow, else the commit that is checked out.
fn beginning(
    request: &DiffRequest<'_>,
    history: &History,
    to: Option<&str>,
) -> Result<(String, String), OpsError> {
    let head = to.unwrap_or("HEAD");
    let failed = |error: &GitError| OpsError::from(of_history("HEAD cannot be read", error));
    let followed = followed(request);
    for name in followed
        .iter()
        .flat_map(|name| [format!("origin/{name}"), name.clone()])
    {
        // A branch that is not here says nothing.
        if let Ok(Some(base)) = history.merge_base(head, &name) {
            return Ok((name, base));
        }
    }
    let commit = history.commit(head).map_err(|error| failed(&error))?;
    Ok((head.to_owned(), commit))
}

/// Returns the revision that all environments follow.
fn followed(request: &DiffRequest<'_>) -> Option<String> {
    let all = match request.environments {
        [] => request.repository.environments().ok()?,
        named => named.to_vec(),
    };
    let mut found: Option<String> = None;
    for name in all {
        let definition = definition::load(request.repository, &name).ok()?;
        let revision = definition.environment.repository.revision;
        if revision.is_empty() || found.as_ref().is_some_and(|other| *other != revision) {
            return None;
        }
        found = Some(revision);
    }
    found
}
