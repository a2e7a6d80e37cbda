//! `firstlight plan`: what an installation would write, in which order and why.

use crate::cli::arguments::{GlobalArguments, PlanArguments, TextOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops;
use crate::plan::PlanDocument;

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &PlanArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = super::repository(global)?;
    let plan = ops::plan(&super::request(&repository, &arguments.environment))
        .map_err(|error| Failure::from(error).in_repository(&repository))?;
    let text = match arguments.format {
        TextOrJson::Json => super::json(&PlanDocument::new(&plan))?,
        TextOrJson::Text => view::plan(&plan, output.verbosity()),
    };
    output.result(&text);
    Ok(super::exit_of(&plan.findings))
}
