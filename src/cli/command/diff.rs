//! `firstlight diff`: what a change in Git does to environments.

use crate::cli::arguments::{ClusterArguments, DiffArguments, DiffFormat, GlobalArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::definition::Repository;
use crate::finding::Severity;
use crate::ops::{self, Change, DiffRequest, Fetching, Review};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &DiffArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository(global)?;
    if let Some(context) = &arguments.context {
        let cluster = ClusterArguments {
            context: Some(context.clone()),
            kubeconfig: arguments.kubeconfig.clone(),
        };
        return live(&repository, arguments, (&cluster, &fetching), output);
    }
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

/// Compares environments with a cluster.
fn live(
    repository: &Repository,
    arguments: &DiffArguments,
    (cluster, fetching): (&ClusterArguments, &Fetching),
    output: &mut Output,
) -> Result<Exit, Failure> {
    let [environment] = arguments.environments.as_slice() else {
        let message = "one cluster is compared with one environment";
        return Err(Failure::refused(message, "name one environment"));
    };
    let drift = super::cluster::runtime()?.block_on(async {
        let target = super::cluster::target(repository, environment, cluster, fetching).await?;
        let drift = ops::drift(&target.cluster, target.identity, target.plan).await?;
        Ok::<_, Failure>(drift)
    })?;
    let text = match arguments.format {
        DiffFormat::Json => super::json(&drift)?,
        DiffFormat::Text => view::drift(&drift, output.verbosity()),
        DiffFormat::Markdown => {
            let hint = "`--format text` and `--format json` tell of it";
            return Err(Failure::refused(
                "live drift has no form for a merge request",
                hint,
            ));
        }
    };
    output.result(&text);
    Ok(Exit::Success)
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
