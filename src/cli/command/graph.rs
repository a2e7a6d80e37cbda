//! `firstlight graph`: which service waits for which.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, GraphArguments, GraphFormat};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::Finding;
use crate::graph::{Arrows, GraphService, dot, mermaid};
use crate::ops;
use crate::report::html::{Page, html};

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
    let (_, services, graph) =
        ops::graph(&request).map_err(|error| Failure::from(error).in_repository(&repository))?;
    let arrows = if arguments.full {
        Arrows::All
    } else {
        Arrows::Reduced
    };
    let text = match arguments.format {
        GraphFormat::Text => view::graph(request.environment, &graph, output.verbosity()),
        GraphFormat::Dot => dot(request.environment, &graph, arrows),
        GraphFormat::Mermaid => mermaid(&graph, arrows),
        GraphFormat::Html => html(&Page::of(request.environment, &graph, &services))
            .map_err(|error| Failure::internal(format!("cannot write JSON: {error}")))?,
        GraphFormat::Json => super::json(&Document {
            version: 1,
            environment: request.environment,
            services: &graph.services,
            findings: &graph.findings,
        })?,
    };
    match &arguments.output {
        Some(file) => {
            std::fs::write(file, text).map_err(|error| Failure::unwritten(file, &error))?
        }
        None if arguments.format == GraphFormat::Text => output.result(&text),
        None => output.verbatim(text),
    }
    Ok(super::exit_of(&graph.findings))
}
