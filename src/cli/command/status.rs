//! `firstlight status`: what a cluster holds of an environment.

use crate::cli::arguments::{GlobalArguments, StatusArguments, TextOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops;

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &StatusArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let revision = arguments.revision.as_deref();
    let repository = super::repository_as_of(global, revision, &fetching)?;
    let status = super::cluster::runtime()?.block_on(async {
        let target = super::cluster::target(
            &repository,
            &arguments.environment,
            &arguments.cluster,
            &fetching,
        )
        .await?;
        let status = ops::status(&target.cluster, target.identity, target.plan).await?;
        Ok::<_, Failure>(status)
    })?;
    let text = match arguments.format {
        TextOrJson::Json => super::json(&status)?,
        TextOrJson::Text => view::status(&status, output.verbosity()),
    };
    output.result(&text);
    Ok(if status.is_well() {
        Exit::Success
    } else {
        Exit::Incomplete
    })
}
