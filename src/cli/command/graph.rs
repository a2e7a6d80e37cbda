//! `firstlight graph`: which service waits for which.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, GraphArguments, GraphFormat};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::Finding;
use crate::graph::{Arrows, GivenUp, GraphService, SyncWave, dot, mermaid, sync_waves};
use crate::ops::{self, Request, WaveEdit};
use crate::render::{RenderedService, assesses_applications};
use crate::report::html::{Page, html};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'g> {
    version: u32,
    environment: &'g str,
    services: &'g [GraphService],
    given_up: &'g [GivenUp],
    sync_waves: &'g [SyncWave],
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
    let (services, graph) = (evaluated.services, evaluated.graph);
    if arguments.waves || arguments.write_waves {
        let waves = sync_waves(&graph, &services);
        if arguments.waves {
            return show_waves(arguments, &waves, &services, output);
        }
        // Waves of half a platform would be wrong.
        if let Some(error) = errors.into_iter().next() {
            return Err(Failure::from(error).in_repository(&repository));
        }
        let edits = ops::write_waves(&repository, request.environment, &waves)?;
        return enter_waves(arguments, &edits, &request, output)
            .map_err(|failure| failure.in_repository(&repository));
    }
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
            given_up: &graph.given_up,
            sync_waves: &sync_waves(&graph, &services),
            findings: &graph.findings,
        })?,
    };
    match &arguments.output {
        Some(file) => {
            std::fs::write(file, text).map_err(|error| Failure::unwritten(file, &error))?;
        }
        None if arguments.format == GraphFormat::Text => output.result(&text),
        None => output.verbatim(text),
    }
    let exit = super::exit_of(&graph.findings);
    let is_told = arguments.format != GraphFormat::Json;
    Ok(super::told_at_length(
        errors,
        (&repository, is_told),
        exit,
        output,
    ))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WavesDocument<'g> {
    version: u32,
    environment: &'g str,
    sync_waves: &'g [SyncWave],
    /// Null where the platform does not say what Argo CD is told.
    assesses_applications: Option<bool>,
}

fn show_waves(
    arguments: &GraphArguments,
    waves: &[SyncWave],
    services: &[RenderedService],
    output: &mut Output,
) -> Result<Exit, Failure> {
    let environment = &arguments.environment.environment;
    let assesses_applications = assesses_applications(services);
    let text = match arguments.format {
        GraphFormat::Json => super::json(&WavesDocument {
            version: 1,
            environment,
            sync_waves: waves,
            assesses_applications,
        })?,
        _ => view::waves(environment, waves, assesses_applications),
    };
    output.result(&text);
    Ok(Exit::Success)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EditsDocument<'g> {
    version: u32,
    environment: &'g str,
    edits: &'g [WaveEdit],
    /// Services whose Application does not have the wave that was written.
    not_taken_over: &'g [String],
}

/// Tells what was entered, after looking whether the Applications take it over.
fn enter_waves(
    arguments: &GraphArguments,
    edits: &[WaveEdit],
    request: &Request<'_>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (_, services, _) = ops::graph(request)?;
    let is_taken = |edit: &&WaveEdit| {
        let mut services = services.iter();
        let service = services.find(|service| service.name == edit.service);
        service.and_then(|service| service.sync_wave) == Some(edit.wave)
    };
    let written = edits.iter().filter(|edit| edit.written.is_some());
    let untaken = written.filter(|edit| !is_taken(edit));
    let untaken: Vec<String> = untaken.map(|edit| edit.service.clone()).collect();
    let text = match arguments.format {
        GraphFormat::Json => super::json(&EditsDocument {
            version: 1,
            environment: request.environment,
            edits,
            not_taken_over: &untaken,
        })?,
        _ => view::wave_edits(edits, &untaken, assesses_applications(&services)),
    };
    output.result(&text);
    Ok(Exit::Success)
}
