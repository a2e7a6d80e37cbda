//! `firstlight values`: which file and line sets each value of a service, and what it went over.

use crate::cli::arguments::{GlobalArguments, TextOrJson, ValuesArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops;

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &ValuesArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository_of(global, &arguments.environment, &fetching)?;
    let request = super::request(&repository, &arguments.environment, &fetching);
    let values = ops::values(&request, &arguments.service, arguments.path.as_deref())
        .map_err(|error| Failure::of_values(error, request.environment))
        .map_err(|failure| failure.in_repository(&repository))?;
    let text = match arguments.format {
        TextOrJson::Json => super::json(&values)?,
        TextOrJson::Text => view::values(&values),
    };
    output.result(&text);
    Ok(Exit::Success)
}
