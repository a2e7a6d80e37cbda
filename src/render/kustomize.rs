//! A kustomization of the repository: takes its directory, gives its manifests, never fetches a
//! remote base.

use crate::catalog::Manifest;
use crate::definition::Repository;
use crate::problem::Problem;

/// Builds a kustomization.
pub(super) fn build(repository: &Repository, path: &str) -> Result<Vec<Manifest>, Problem> {
    let _ = repository;
    Err(Problem::new(format!("{path} cannot be built")))
}
