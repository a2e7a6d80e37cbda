//! `firstlight lock`: which version every chart from elsewhere is.

use crate::cli::arguments::{GlobalArguments, LockArguments, LockSelection, TextOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::definition::Repository;
use crate::ops::{self, Fetching, LockRequest};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &LockArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = super::repository(global)?;
    let fetching = super::fetching(global, output);
    let report = ops::lock(&request(&repository, &fetching, &arguments.selection))
        .map_err(|error| Failure::from(error).in_repository(&repository))?;
    let text = match arguments.selection.format {
        TextOrJson::Json => super::json(&report)?,
        TextOrJson::Text => view::lock(&report, output.verbosity()),
    };
    output.result(&text);
    Ok(Exit::Success)
}

/// Returns what the library is asked for.
pub(super) fn request<'r>(
    repository: &'r Repository,
    fetching: &'r Fetching,
    selection: &'r LockSelection,
) -> LockRequest<'r> {
    LockRequest {
        repository,
        environments: &selection.environments,
        kubernetes_version: ops::DEFAULT_KUBERNETES_VERSION,
        fetching,
        update: selection.update.as_deref(),
    }
}
