//! Whether Argo CD will read what is at hand: takes what Git says of the working tree and what the
//! environment follows, gives findings where the two may differ, never asks a remote.

use crate::definition::{GitFolder, GitReference, Head, Repository};
use crate::finding::{Finding, Severity, codes};

use super::fetch::git::same_repository;

/// So many letters of a commit are shown.
const SHOWN: usize = 9;
/// What is taken for the beginning of a commit has so many at least.
const SHORTEST: usize = 7;

/// Returns what there is to say of the working tree; nothing outside of Git, or without a remote.
pub(super) fn findings(repository: &Repository, own: &GitReference) -> Vec<Finding> {
    let Some(git) = repository.git() else {
        return Vec::new();
    };
    let (Some(head), Some((remote, url))) = (git.head(), git.remote()) else {
        return Vec::new();
    };
    // A clone of a fork says nothing of the repository that Argo CD reads.
    if !same_repository(&url, &own.url) {
        return Vec::new();
    }
    finding(&git, &head, &remote, &own.revision)
        .into_iter()
        .collect()
}

fn finding(git: &GitFolder, head: &Head, remote: &str, revision: &str) -> Option<Finding> {
    let revision = if revision.is_empty() {
        "HEAD"
    } else {
        revision
    };
    let commit = short(&head.commit);
    let of = |severity, code, message: String| Some(Finding::new(severity, code, message));
    let is_commit = revision.len() >= SHORTEST && head.commit.starts_with(revision);
    if is_commit || git.reference(&format!("refs/tags/{revision}")).is_some() {
        return None;
    }
    let Some(tracked) = git.reference(&format!("refs/remotes/{remote}/{revision}")) else {
        // A clone need not know where the remote's HEAD is.
        if revision == "HEAD" {
            return None;
        }
        let message = format!(
            "the environment follows {revision}, which {remote} does not have as far as is known \
             here: push it, or fetch, before Argo CD is to read it"
        );
        return of(Severity::Warning, codes::UNPUSHED_REVISION, message);
    };
    let here = match &head.branch {
        Some(branch) => format!("the branch {branch} at {commit}"),
        None => format!("the commit {commit}, of no branch"),
    };
    if tracked != head.commit {
        let message = format!(
            "what is planned here is {here}, but Argo CD reads {revision}, which is at {} on \
             {remote} as far as is known here: push, or plan with `--revision {remote}/{revision}`",
            short(&tracked)
        );
        return of(Severity::Warning, codes::UNPUSHED_REVISION, message);
    }
    if head.branch.is_none() {
        let message = format!(
            "HEAD is detached at {commit}, which is what {remote}/{revision} is at as far as is \
             known here"
        );
        return of(Severity::Info, codes::DETACHED_HEAD, message);
    }
    None
}

fn short(commit: &str) -> &str {
    commit.get(..SHOWN).unwrap_or(commit)
}
