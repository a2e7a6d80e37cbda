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
    let fetching = super::fetching(global, output);
    let repository = super::repository_of(global, &arguments.environment, &fetching)?;
    let request = super::request(&repository, &arguments.environment, &fetching);
    let (evaluated, errors) = match ops::graph_of_the_good(&request).map_err(Failure::from) {
        Ok(found) => found,
        // A program that reads findings gets everything as findings.
        Err(failure) if arguments.format == TextOrJson::Json => {
            output.result(&document(request.environment, &failure.as_findings())?);
            return Ok(failure.exit());
        }
        Err(failure) => return Err(failure.in_repository(&repository)),
    };
    let (services, graph) = (evaluated.services, evaluated.graph);
    let objects = services
        .iter()
        .map(|service| service.objects.len() + usize::from(service.implied_namespace.is_some()))
        .sum();
    let text = match arguments.format {
        TextOrJson::Text => {
            let checked = view::Checked {
                environment: request.environment,
                services: services.len(),
                objects,
            };
            view::lint(&checked, &graph.findings, output.verbosity())
        }
        TextOrJson::Json => document(request.environment, &graph.findings)?,
    };
    output.result(&text);
    let exit = super::exit_of(&graph.findings);
    let is_told = arguments.format == TextOrJson::Text;
    Ok(super::told_at_length(
        errors,
        (&repository, is_told),
        exit,
        output,
    ))
}

fn document(environment: &str, findings: &[Finding]) -> Result<String, Failure> {
    super::json(&Document {
        version: 1,
        environment,
        findings,
    })
}
