//! `firstlight why` and `why-not`: the evidence why a service or an object waits for another, or what
//! was looked at where it does not.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, TextOrJson, WhyArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::graph::{Answer, End, Unfound, why};
use crate::ops;
use crate::source::Source;

/// Which of the two was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Asked {
    Why,
    WhyNot,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    environment: &'a str,
    #[serde(flatten)]
    answer: &'a Answer,
}

/// The answer where the other is a service that the environment does not run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct NotEnabled {
    version: u32,
    environment: String,
    pub(in crate::cli) from: End,
    /// The service that is not enabled.
    #[serde(rename = "notEnabled")]
    pub(in crate::cli) disabled: String,
    waits: bool,
    /// Where the dependency on it is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) declared: Option<Source>,
}

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &WhyArguments,
    asked: Asked,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository_of(global, &arguments.environment, &fetching)?;
    let request = super::request(&repository, &arguments.environment, &fetching);
    let (evaluated, errors) = ops::graph_of_the_good(&request)
        .map_err(|error| Failure::from(error).in_repository(&repository))?;
    let (services, graph) = (evaluated.services, evaluated.graph);
    let known = &evaluated.catalogue.environment.services;
    let find = |text: &str| {
        End::find(&services, text).map_err(|unfound| match unfound {
            // A service that is switched off is nearer than any other name.
            Unfound::Unknown(_) if known.contains_key(text) => (text.to_owned(), unfound),
            unfound => (String::new(), unfound),
        })
    };
    let failure =
        |text: &str, unfound: &Unfound| Failure::unknown_end(text, request.environment, unfound);
    let from = find(&arguments.from).map_err(|(_, unfound)| failure(&arguments.from, &unfound))?;
    let to = match find(&arguments.to) {
        Ok(to) => to,
        Err((disabled, _)) if !disabled.is_empty() => {
            let mut services = services.iter();
            let service = services.find(|service| service.name == from.service);
            let mut declared = service.into_iter().flat_map(|service| &service.depends_on);
            let declared = declared.find(|one| one.service == disabled);
            let answer = NotEnabled {
                version: 1,
                environment: request.environment.to_owned(),
                from,
                disabled,
                waits: false,
                declared: declared.map(|one| one.source.clone()),
            };
            let text = match arguments.format {
                TextOrJson::Text => view::not_enabled(request.environment, &answer),
                TextOrJson::Json => super::json(&answer)?,
            };
            output.result(&text);
            return Ok(Exit::Success);
        }
        Err((_, unfound)) => return Err(failure(&arguments.to, &unfound)),
    };
    let answer = why(&graph, &services, from, to);
    let text = match arguments.format {
        TextOrJson::Text => view::why(&answer, asked, output.verbosity()),
        TextOrJson::Json => super::json(&Document {
            version: 1,
            environment: request.environment,
            answer: &answer,
        })?,
    };
    output.result(&text);
    let is_told = arguments.format == TextOrJson::Text;
    let told = (&repository, is_told);
    Ok(super::told_at_length(errors, told, Exit::Success, output))
}
