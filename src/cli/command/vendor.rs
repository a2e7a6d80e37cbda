//! `firstlight vendor`: the archives of all charts from elsewhere, in the repository.

use crate::cli::arguments::{GlobalArguments, TextOrJson, VendorArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops;

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &VendorArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = super::repository(global)?;
    let fetching = super::fetching(global, output);
    let request = super::lock::request(&repository, &fetching, &arguments.selection);
    let report =
        ops::vendor(&request).map_err(|error| Failure::from(error).in_repository(&repository))?;
    let text = match arguments.selection.format {
        TextOrJson::Json => super::json(&report)?,
        TextOrJson::Text => view::vendor(&report, output.verbosity()),
    };
    output.result(&text);
    Ok(Exit::Success)
}
