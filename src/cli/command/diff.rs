//! `firstlight diff`: what a change in Git does to environments.

use crate::cli::arguments::{DiffArguments, DiffFormat, GlobalArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::Severity;
use crate::ops::{self, Change, DiffRequest, Review};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &DiffArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository(global)?;
    let review = ops::diff(&DiffRequest {
        repository: &repository,
        environments: &arguments.environments,
        from: arguments.from.as_deref(),
        to: arguments.to.as_deref(),
        kubernetes_version: &arguments.kubernetes_version,
        fetching: &fetching,
    })
    .map_err(|error| Failure::from(error).in_repository(&repository))?;
    let text = match arguments.format {
        DiffFormat::Json => super::json(&review)?,
        DiffFormat::Text => view::review(&review, output.verbosity()),
        DiffFormat::Markdown => view::review_markdown(&review),
    };
    output.result(&text);
    Ok(exit(&review))
}

/// Returns how the command ends: well, unless the newer state is broken where the older was not.
fn exit(review: &Review) -> Exit {
    let is_new_error = (review.findings.iter())
        .any(|one| one.change == Change::Added && one.severity == Severity::Error);
    if review.problems.iter().any(|problem| problem.side == "to") {
        Exit::Definition
    } else if is_new_error {
        Exit::Findings
    } else {
        Exit::Success
    }
}
