//! The commands: takes arguments, makes one call to the library, gives its result to a view and an
//! exit code, never computes.

mod chart;
mod cluster;
mod completions;
mod diff;
mod explain;
mod graph;
mod images;
mod init;
mod install;
mod kustomize;
mod lint;
mod lock;
mod new;
mod plan;
mod render;
mod status;
mod values;
mod vendor;
pub(in crate::cli) mod why;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::catalog::fetch::FetchSettings;
use crate::definition::Repository;
use crate::finding::{Finding, Severity};
use crate::ops::{Fetching, OpsError, Request, repository_at};
use crate::report::{FetchView, fetch_emitter};

use super::arguments::{Arguments, Command, EnvironmentArguments, GlobalArguments, Verbosity};
use super::error::Failure;
use super::exit::Exit;
use super::output::Output;

/// Runs the command that was asked for.
pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Kustomize(own) => kustomize::run(&arguments.global, own, output),
        _ => run_other(arguments, output),
    }
}

/// Runs any command but those that take no longer than to make room for what these need.
#[inline(never)]
fn run_other(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let global = &arguments.global;
    match &arguments.command {
        Command::Plan(own) => plan::run(global, own, output),
        Command::Install(own) => install::run(global, own, output),
        Command::Status(own) => status::run(global, own, output),
        Command::Diff(own) => diff::run(global, own, output),
        Command::Graph(own) => graph::run(global, own, output),
        Command::Why(own) => why::run(global, own, why::Asked::Why, output),
        Command::WhyNot(own) => why::run(global, own, why::Asked::WhyNot, output),
        Command::Render(own) => render::run(global, own, output),
        Command::Images(own) => images::run(global, own, output),
        Command::Lint(own) => lint::run(global, own, output),
        Command::Explain(own) => explain::run(own, output),
        Command::Chart(own) => chart::run(global, own, output),
        Command::Kustomize(own) => kustomize::run(global, own, output),
        Command::Lock(own) => lock::run(global, own, output),
        Command::Values(own) => values::run(global, own, output),
        Command::Vendor(own) => vendor::run(global, own, output),
        Command::Init(own) => init::run(global, own, output),
        Command::New(own) => new::run(global, own, output),
        Command::Completions(own) => Ok(completions::run(own, output)),
    }
}

/// Opens the repository that is meant.
pub(super) fn repository(global: &GlobalArguments) -> Result<Repository, Failure> {
    if let Some(directory) = &global.repo {
        return Ok(Repository::open(directory)?);
    }
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    Ok(Repository::discover(&here)?)
}

/// Opens the repository that is meant, at the revision that is meant.
pub(super) fn repository_of(
    global: &GlobalArguments,
    arguments: &EnvironmentArguments,
    fetching: &Fetching,
) -> Result<Repository, Failure> {
    repository_as_of(global, arguments.revision.as_deref(), fetching)
}

/// Opens the repository that is meant, at a revision where one is given.
fn repository_as_of(
    global: &GlobalArguments,
    revision: Option<&str>,
    fetching: &Fetching,
) -> Result<Repository, Failure> {
    let repository = repository(global)?;
    match revision {
        None => Ok(repository),
        Some(revision) => Ok(repository_at(&repository, revision, fetching)?),
    }
}

/// Returns how charts are fetched for a command, and shown while they are.
pub(super) fn fetching(global: &GlobalArguments, output: &Output) -> Fetching {
    let settings = FetchSettings {
        offline: global.offline,
        ..FetchSettings::from_environment(|name| std::env::var_os(name))
    };
    let view = match output.verbosity() {
        Verbosity::Quiet => FetchView::Nothing,
        Verbosity::Normal if std::io::stderr().is_terminal() => FetchView::Terminal {
            color: output.color_on_error(),
        },
        _ => FetchView::Lines,
    };
    Fetching {
        settings,
        emit: fetch_emitter(view, Box::new(std::io::stderr())),
        scratch: Arc::default(),
    }
}

/// Returns what the library is asked for.
fn request<'r>(
    repository: &'r Repository,
    arguments: &'r EnvironmentArguments,
    fetching: &'r Fetching,
) -> Request<'r> {
    Request {
        fetching,
        repository,
        environment: &arguments.environment,
        kubernetes_version: &arguments.kubernetes_version,
    }
}

/// Tells what keeps services from being planned, with the lines of the files, and returns how the
/// command ends: as the first of them says, else as its findings say. Where a program reads the
/// findings, they are enough.
fn told_at_length(
    errors: Vec<OpsError>,
    (repository, is_told): (&Repository, bool),
    exit: Exit,
    output: &mut Output,
) -> Exit {
    let mut first = None;
    for error in errors {
        let failure = Failure::from(error).in_repository(repository);
        let own = failure.exit();
        if is_told {
            failure.report(output);
        }
        first.get_or_insert(own);
    }
    first.unwrap_or(exit)
}

/// Returns how a command ends that has these findings.
fn exit_of(findings: &[Finding]) -> Exit {
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        Exit::Findings
    } else {
        Exit::Success
    }
}

/// Returns a value as JSON for people's eyes and programs.
fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Failure::internal(format!("cannot write JSON: {error}")))
}
