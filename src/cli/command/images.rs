//! `firstlight images`: every container image that an environment will pull.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, ImagesArguments, ImagesFormat, Verbosity};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::Finding;
use crate::images::Image;
use crate::ops;

#[derive(Serialize)]
struct Document<'i> {
    version: u32,
    environment: &'i str,
    images: &'i [Image],
    mentioned: &'i [Image],
    findings: &'i [Finding],
}

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &ImagesArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository_of(global, &arguments.environment, &fetching)?;
    let request = super::request(&repository, &arguments.environment, &fetching);
    let (found, errors) = ops::images(&request, &arguments.services)
        .map_err(|error| Failure::from(error).in_repository(&repository))?;
    if let Some(unknown) = (arguments.services.iter()).find(|name| !found.known.contains(name)) {
        let known: Vec<&str> = found.known.iter().map(String::as_str).collect();
        return Err(Failure::unknown_service(
            unknown,
            request.environment,
            &known,
        ));
    }
    let inventory = &found.inventory;
    let mut listed: Vec<&Image> = inventory.images.iter().collect();
    if arguments.mentioned {
        listed.extend(&inventory.mentioned);
        listed.sort_by(|left, right| left.reference.cmp(&right.reference));
    }
    let text = match arguments.format {
        _ if arguments.unique => view::image_names(&listed),
        ImagesFormat::Lines => view::image_lines(&listed),
        ImagesFormat::Text => view::images(request.environment, &found, output.verbosity()),
        ImagesFormat::Json => super::json(&Document {
            version: 1,
            environment: request.environment,
            images: &inventory.images,
            mentioned: &inventory.mentioned,
            findings: &inventory.findings,
        })?,
    };
    output.result(&text);
    // What is read by programs line by line has no room for findings.
    let is_list = arguments.unique || arguments.format == ImagesFormat::Lines;
    if is_list && output.verbosity() != Verbosity::Quiet && !inventory.findings.is_empty() {
        output.message(&view::findings(&inventory.findings));
    }
    let exit = super::exit_of(&inventory.findings);
    let is_told = arguments.format != ImagesFormat::Json;
    Ok(super::told_at_length(
        errors,
        (&repository, is_told),
        exit,
        output,
    ))
}
