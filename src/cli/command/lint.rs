//! `firstlight lint`: what would make an installation fail.

use serde::Serialize;

use crate::cli::arguments::{GlobalArguments, LintArguments, LintFormat};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::finding::{Finding, Suppressed};
use crate::ops::{self, EnvironmentFindings, FleetRequest, Found, Linted};

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
    let environments: Vec<String> = arguments.environment.iter().cloned().collect();
    let request = FleetRequest {
        repository: &repository,
        environments: &environments,
        kubernetes_version: &arguments.kubernetes_version,
        fetching: &fetching,
    };
    // For people, one environment that cannot be read is shown with the lines of its files.
    let shows_failure = arguments.format == LintFormat::Text && !arguments.all;
    let found = ops::graphs(&request, |environment, evaluated| match evaluated {
        Ok((evaluated, errors)) => Ok((
            EnvironmentFindings::of(environment, evaluated),
            errors,
            None,
        )),
        Err(error) if shows_failure => Err(Failure::from(error)),
        Err(error) => {
            let failure = Failure::from(error);
            let findings = EnvironmentFindings::failed(environment, failure.as_findings());
            Ok((findings, Vec::new(), Some(failure.exit())))
        }
    });
    let found = match found.map_err(Failure::from) {
        Ok(found) => found,
        // A program that reads findings gets everything as findings.
        Err(failure) if arguments.format == LintFormat::Json => {
            let name = arguments.environment.as_deref().unwrap_or_default();
            let failed = EnvironmentFindings::failed(name, failure.as_findings());
            output.result(&json(arguments, &ops::merged(vec![failed], false))?);
            return Ok(failure.exit());
        }
        Err(failure) => return Err(failure.in_repository(&repository)),
    };
    let found: Result<Vec<_>, Failure> = found.into_iter().collect();
    let found = found.map_err(|failure| failure.in_repository(&repository))?;
    let mut failed = None;
    let (mut findings, mut at_length) = (Vec::new(), Vec::new());
    for (of_one, errors, exit) in found {
        findings.push(of_one);
        at_length.extend(errors);
        failed = failed.or(exit);
    }
    let found = findings;
    let linted = ops::merged(found, arguments.all);
    match arguments.format {
        LintFormat::Text => output.result(&view::lint(&linted, output.verbosity())),
        LintFormat::Json => output.result(&json(arguments, &linted)?),
        LintFormat::Sarif => output.verbatim(super::json(&view::sarif(&linted))?),
        LintFormat::Junit => output.verbatim(view::junit(&linted)),
    }
    let exit = match failed {
        Some(exit) => exit,
        None if linted.has_errors() => Exit::Findings,
        None => Exit::Success,
    };
    Ok(super::told_at_length(
        at_length,
        (&repository, shows_failure),
        exit,
        output,
    ))
}

fn json(arguments: &LintArguments, linted: &Linted) -> Result<String, Failure> {
    let Some(environment) = &arguments.environment else {
        return super::json(&AllDocument { version: 1, linted });
    };
    fn plain<F>(found: &[Found<F>]) -> Vec<&F> {
        found.iter().map(|found| &found.finding).collect()
    }
    super::json(&OneDocument {
        version: 1,
        environment,
        findings: plain(&linted.findings),
        suppressed: plain(&linted.suppressed),
    })
}
