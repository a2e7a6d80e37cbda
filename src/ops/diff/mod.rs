//! What a change in Git does: takes two states of a repository, gives for each environment what
//! differs object by object, and which edges and findings come and go; never asks a cluster.
//!
//! Only what can differ is rendered ([`inputs`]): where it is not sure whether a path matters to a
//! service, the service is rendered.

mod compare;
mod environment;
mod graphs;
mod inputs;
mod review;
mod sides;

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Repository;

use super::plan::OpsError;
use super::supply::Fetching;

use environment::{Outcome, environment};
pub use review::{
    Change, EdgeChange, EnvironmentChange, FindingChange, ObjectChange, Review, ServiceChange,
    SideProblem, State, Touched,
};
use sides::Sides;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct DiffRequest<'r> {
    /// The repository.
    pub repository: &'r Repository,
    /// The environments; all where none is named.
    pub environments: &'r [String],
    /// The older state; without it, where the change left what the environments follow.
    pub from: Option<&'r str>,
    /// The newer state; without it, the files as they lie there.
    pub to: Option<&'r str>,
    /// The version of Kubernetes that charts are told.
    pub kubernetes_version: &'r str,
    /// How charts are had that do not stand in the repository.
    pub fetching: &'r Fetching,
}

/// Says what a change does to environments.
pub fn diff(request: &DiffRequest<'_>) -> Result<Review, OpsError> {
    let sides = Sides::new(request)?;
    let names = environments(request, &sides)?;
    let outcomes: Vec<Outcome> = if sides.changed.paths.is_empty() {
        names.iter().map(|name| Outcome::same(name)).collect()
    } else {
        chart::in_order(&names, usize::MAX, |name| {
            environment(request, &sides, name)
        })
    };
    Ok(Review::new(&sides, outcomes))
}

/// Returns the environments that are meant; one that is on neither side is an error.
fn environments(request: &DiffRequest<'_>, sides: &Sides) -> Result<Vec<String>, OpsError> {
    let mut known: BTreeSet<String> = sides.to.environments()?.into_iter().collect();
    known.extend(sides.from.environments()?);
    if request.environments.is_empty() {
        return Ok(known.into_iter().collect());
    }
    for name in request.environments {
        if !known.contains(name) {
            // Asked for by name, it is told as it is for every other command.
            crate::definition::load(&sides.to, name)?;
        }
    }
    let unique: BTreeSet<&String> = request.environments.iter().collect();
    Ok(unique.into_iter().cloned().collect())
}

/// Gathers what is the same in several environments.
fn gathered<K: Ord>(items: impl IntoIterator<Item = (K, String)>) -> BTreeMap<K, Vec<String>> {
    let mut all: BTreeMap<K, Vec<String>> = BTreeMap::new();
    for (key, environment) in items {
        let names = all.entry(key).or_default();
        if names.last() != Some(&environment) {
            names.push(environment);
        }
    }
    all
}
