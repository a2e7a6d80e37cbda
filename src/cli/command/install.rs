//! `firstlight install`: from Git to a platform that Argo CD owns.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use tokio_util::sync::CancellationToken;

use crate::apply::{OpenApplication, RunOptions};
use crate::cli::arguments::{GlobalArguments, InstallArguments, RunFormat, Verbosity};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops::{self, InstallOptions, Installation, Installed, Request};
use crate::report::{JsonLines, PlainLines, Reporter, Sink, Terminal, summary};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &InstallArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let revision = arguments.revision.as_deref();
    let repository = super::repository_as_of(global, revision, &fetching)?;
    let kept = match &arguments.plan {
        Some(path) => Some((path, ops::read_plan_file(path, &arguments.environment)?)),
        None => None,
    };
    if let Some((path, file)) = &kept {
        // What is wrong in the repository is told before any connection is made.
        let request = Request {
            repository: &repository,
            environment: &arguments.environment,
            kubernetes_version: &file.made_from.kubernetes_version,
            fetching: &fetching,
        };
        let in_repository = |error| Failure::from(error).in_repository(&repository);
        let plan = ops::plan(&request).map_err(in_repository)?;
        ops::verify_source(path, file, &plan, &request)?;
    }
    super::cluster::runtime()?.block_on(async {
        let target = super::cluster::target(
            &repository,
            &arguments.environment,
            &arguments.cluster,
            &fetching,
        )
        .await?;
        if !target.plan.findings.is_empty() {
            output.message(&view::findings(&target.plan.findings));
        }
        if super::exit_of(&target.plan.findings) == Exit::Findings {
            return Err(Failure::findings(&arguments.environment));
        }
        let installation =
            Installation::prepare(target.cluster, target.identity, target.plan).await?;
        if let Some((path, file)) = &kept {
            let (comparison, identity) = (&installation.comparison, &installation.identity);
            ops::verify_cluster(path, file, comparison, identity)?;
        }
        confirm(&installation, arguments, output)?;
        let reporter = Reporter::start(sinks(arguments.format, output));
        let cancel = CancellationToken::new();
        let options = InstallOptions {
            run: RunOptions {
                services: arguments.concurrency,
                ..RunOptions::default()
            },
            handover: !arguments.no_handover,
            emit: reporter.emitter(),
            cancel: cancel.clone(),
        };
        let installed = tokio::select! {
            installed = Box::pin(installation.execute(options)) => installed,
            () = twice(cancel) => return Ok(Exit::Interrupted),
        };
        reporter.finish();
        show(&installed, arguments.format, output)?;
        Ok(exit(&installed))
    })
}

/// Shows which cluster it is and what will be done, and asks.
fn confirm(
    installation: &Installation,
    arguments: &InstallArguments,
    output: &mut Output,
) -> Result<(), Failure> {
    if arguments.yes || installation.comparison.is_settled() {
        return Ok(());
    }
    let question = format!(
        "{} goes to {}\n{}",
        arguments.environment,
        installation.identity,
        view::counts(&installation.comparison)
    );
    if !io::stdin().is_terminal() {
        return Err(Failure::nobody_to_ask(&question));
    }
    output.message(&format!("{question}\nGo on? [y/N] "));
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    match (read, answer.trim()) {
        (Ok(_), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Failure::declined()),
    }
}

fn sinks(format: RunFormat, output: &Output) -> Vec<Box<dyn Sink>> {
    if format == RunFormat::Jsonl {
        return vec![Box::new(JsonLines::new(Box::new(io::stdout())))];
    }
    match output.verbosity() {
        Verbosity::Quiet => Vec::new(),
        Verbosity::Verbose => vec![Box::new(PlainLines::new(Box::new(io::stderr()), true))],
        Verbosity::Normal if io::stderr().is_terminal() => {
            vec![Box::new(Terminal::new(output.color_on_error()))]
        }
        Verbosity::Normal => vec![Box::new(PlainLines::new(Box::new(io::stderr()), false))],
    }
}

/// Ends when a person (Ctrl-C) or a supervisor (SIGTERM) asked twice. The first asks for an orderly
/// end.
async fn twice(cancel: CancellationToken) {
    for _ in 0..2 {
        if asked_to_stop().await.is_err() {
            // Without signals there is nothing to wait for.
            std::future::pending::<()>().await;
        }
        cancel.cancel();
    }
    let _ = io::stderr().write_all(b"stopped at once: requests in flight may have been made\n");
}

#[cfg(unix)]
async fn asked_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn show(installed: &Installed, format: RunFormat, output: &mut Output) -> Result<(), Failure> {
    match format {
        RunFormat::Text => {
            let open: Vec<OpenApplication> = installed.open_applications();
            output.result(&summary(&installed.outcome, &installed.summary, &open));
            if let Some(Err(error)) = &installed.handover {
                output.message(&format!("the handover is not complete: {error}\n"));
            }
        }
        RunFormat::Json => output.result(&super::json(&installed.summary)?),
        RunFormat::Jsonl => {}
    }
    Ok(())
}

fn exit(installed: &Installed) -> Exit {
    if installed.summary.interrupted {
        Exit::Interrupted
    } else if !installed.outcome.complete() {
        Exit::Incomplete
    } else if matches!(installed.handover, Some(Err(_))) {
        Exit::Handover
    } else {
        Exit::Success
    }
}
