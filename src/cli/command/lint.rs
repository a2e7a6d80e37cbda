//! `firstlight lint`: what would make an installation fail.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, LintArguments, LintFormat};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::definition::Repository;
use crate::finding::{Code, Finding, Suppressed, codes};
use crate::ops::{self, EnvironmentFindings, Fetching, FleetRequest, Found, Linted, Request};

/// The findings of one environment.
#[derive(Serialize)]
struct OneDocument<'l> {
    version: u32,
    environment: &'l str,
    findings: Vec<&'l Finding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed: Vec<&'l Suppressed>,
}

/// The findings of several environments.
#[derive(Serialize)]
struct AllDocument<'l> {
    version: u32,
    #[serde(flatten)]
    linted: &'l Linted,
}

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &LintArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository_as_of(global, arguments.revision.as_deref(), &fetching)?;
    let (linted, exit) = match &arguments.environment {
        Some(environment) => one(environment, arguments, (&repository, &fetching), output)?,
        None => all(arguments, &repository, &fetching)?,
    };
    match arguments.format {
        LintFormat::Text => output.result(&view::lint(&linted, output.verbosity())),
        LintFormat::Json => output.result(&json(arguments, &linted)?),
        LintFormat::Sarif => output.verbatim(super::json(&view::sarif(&linted))?),
        LintFormat::Junit => output.verbatim(view::junit(&linted)),
    }
    Ok(exit)
}

/// Looks at one environment. People see what keeps services from being planned with the lines of
/// their files; a program that reads findings gets everything as findings.
fn one(
    environment: &str,
    arguments: &LintArguments,
    (repository, fetching): (&Repository, &Fetching),
    output: &mut Output,
) -> Result<(Linted, Exit), Failure> {
    let request = Request {
        repository,
        environment,
        kubernetes_version: &arguments.kubernetes_version,
        fetching,
    };
    let is_told = arguments.format == LintFormat::Text;
    let (evaluated, errors) = match ops::graph_of_the_good(&request).map_err(Failure::from) {
        Ok(found) => found,
        Err(failure) if !is_told => {
            let findings = EnvironmentFindings::failed(environment, failure.as_findings());
            return Ok((ops::merged(vec![findings], false), failure.exit()));
        }
        Err(failure) => return Err(failure.in_repository(repository)),
    };
    let found = EnvironmentFindings::of(environment, evaluated);
    let linted = ops::merged(vec![found], false);
    let exit = exit_of(&linted);
    let exit = super::told_at_length(errors, (repository, is_told), exit, output);
    Ok((linted, exit))
}

/// Looks at all environments.
fn all(
    arguments: &LintArguments,
    repository: &Repository,
    fetching: &Fetching,
) -> Result<(Linted, Exit), Failure> {
    let request = FleetRequest {
        repository,
        environments: &[],
        kubernetes_version: &arguments.kubernetes_version,
        fetching,
    };
    let found = ops::graphs(&request, |environment, evaluated| match evaluated {
        Ok(evaluated) => (EnvironmentFindings::of(environment, evaluated), None),
        Err(error) => {
            let failure = Failure::from(error);
            let findings = EnvironmentFindings::failed(environment, failure.as_findings());
            (findings, Some(failure.exit()))
        }
    });
    let found = found.map_err(|error| Failure::from(error).in_repository(repository))?;
    let exit = found.iter().find_map(|(_, exit)| *exit);
    let found = found.into_iter().map(|(findings, _)| findings).collect();
    let linted = ops::merged(found, true);
    let exit = exit.unwrap_or_else(|| exit_of(&linted));
    Ok((linted, exit))
}

/// Returns how the command ends that has these findings: that something cannot be planned outweighs
/// the rest.
fn exit_of(linted: &Linted) -> Exit {
    let has = |code: Code| {
        linted
            .findings
            .iter()
            .any(|found| found.finding.code == code)
    };
    if has(codes::INVALID_SERVICE) {
        Exit::Definition
    } else if has(codes::UNREACHABLE_SOURCE) {
        Exit::Fetch
    } else if linted.has_errors() {
        Exit::Findings
    } else {
        Exit::Success
    }
}

fn json(arguments: &LintArguments, linted: &Linted) -> Result<String, Failure> {
    fn plain<F>(found: &[Found<F>]) -> Vec<&F> {
        found.iter().map(|found| &found.finding).collect()
    }
    let Some(environment) = &arguments.environment else {
        return super::json(&AllDocument { version: 1, linted });
    };
    super::json(&OneDocument {
        version: 1,
        environment,
        findings: plain(&linted.findings),
        suppressed: plain(&linted.suppressed),
    })
}
