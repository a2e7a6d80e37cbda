//! `firstlight lint`: what would make an installation fail.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, LintArguments, TextOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::Finding;
use crate::ops;

#[derive(Serialize)]
struct Document<'l> {
    version: u32,
    environment: &'l str,
    findings: &'l [Finding],
}

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &LintArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = super::repository(global)?;
    let request = super::request(&repository, &arguments.environment);
    let (_, services, graph) =
        ops::graph(&request).map_err(|error| Failure::from(error).in_repository(&repository))?;
    let objects = services.iter().map(|service| service.objects.len()).sum();
    let text = match arguments.format {
        TextOrJson::Text => {
            let checked = view::Checked {
                environment: request.environment,
                services: services.len(),
                objects,
            };
            view::lint(&checked, &graph.findings, output.verbosity())
        }
        TextOrJson::Json => super::json(&Document {
            version: 1,
            environment: request.environment,
            findings: &graph.findings,
        })?,
    };
    output.result(&text);
    Ok(super::exit_of(&graph.findings))
}
