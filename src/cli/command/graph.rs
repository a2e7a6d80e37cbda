//! `firstlight graph`: which service waits for which.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, GraphArguments, GraphFormat};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::Finding;
use crate::graph::{GraphService, dot, mermaid};
use crate::ops;

#[derive(Serialize)]
struct Document<'g> {
    version: u32,
    environment: &'g str,
    services: &'g [GraphService],
    findings: &'g [Finding],
}

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &GraphArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository_of(global, &arguments.environment, &fetching)?;
    let request = super::request(&repository, &arguments.environment, &fetching);
    let (evaluated, errors) = ops::graph_of_the_good(&request)
        .map_err(|error| Failure::from(error).in_repository(&repository))?;
    let graph = evaluated.graph;
    let text = match arguments.format {
        GraphFormat::Text => view::graph(request.environment, &graph, output.verbosity()),
        GraphFormat::Dot => dot(request.environment, &graph),
        GraphFormat::Mermaid => mermaid(&graph),
        GraphFormat::Json => super::json(&Document {
            version: 1,
            environment: request.environment,
            services: &graph.services,
            findings: &graph.findings,
        })?,
    };
    output.result(&text);
    let exit = super::exit_of(&graph.findings);
    let is_told = arguments.format != GraphFormat::Json;
    Ok(super::told_at_length(
        errors,
        (&repository, is_told),
        exit,
        output,
    ))
}
