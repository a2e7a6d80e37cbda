//! Runs scenarios: takes their names and the way to a cluster, gives an exit code, a line for each
//! step and, where one fails, a folder with the cluster's state. Never starts a cluster: the scripts
//! beside this package do.

mod audit;
mod cluster;
mod command;
mod dump;
mod manifest;
mod order;
mod plan;
mod platform;
mod report;
mod scenario;
mod wait;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::cluster::Access;
use crate::scenario::{Context, Scenario};

/// End-to-end scenarios of firstlight.
#[derive(Debug, Parser)]
#[command(name = "e2e")]
struct Words {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the scenarios, in the order in which they run.
    List,
    /// Exits with 0 where one of these scenarios needs a cluster, with 1 where none does.
    NeedCluster {
        /// The control plane that they are to run on.
        #[arg(long, default_value = "kind")]
        plane: String,
        /// Names of scenarios.
        scenarios: Vec<String>,
    },
    /// Runs scenarios one after the other.
    Run(Run),
}

#[derive(Debug, Args)]
struct Run {
    /// Names of scenarios.
    #[arg(required = true)]
    scenarios: Vec<String>,
    /// The checkout: where the reference platform lies.
    #[arg(long)]
    repository: PathBuf,
    /// The firstlight to test.
    #[arg(long)]
    firstlight: PathBuf,
    /// A folder for everything that the run writes.
    #[arg(long)]
    output: PathBuf,
    /// Write what the real helm makes of our own small charts beside them.
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    access: Access,
}

fn main() -> ExitCode {
    match Words::parse().command {
        Command::List => {
            for scenario in Scenario::ALL {
                report::print(&format!("{:10} {}", scenario.name(), scenario.about()));
            }
            ExitCode::SUCCESS
        }
        Command::NeedCluster { plane, scenarios } => match Scenario::parse_all(&scenarios) {
            Ok(scenarios) if plane == "scale" && scenarios.iter().any(|each| each.needs_pods()) => {
                report::say("a scenario of these needs pods that run, which scale has not");
                ExitCode::from(2)
            }
            Ok(scenarios) if scenarios.iter().any(|each| each.needs_cluster()) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(error) => usage(&error),
        },
        Command::Run(run) => match Scenario::parse_all(&run.scenarios) {
            Ok(scenarios) => run_all(&scenarios, run),
            Err(error) => usage(&error),
        },
    }
}

fn usage(error: &scenario::UnknownScenario) -> ExitCode {
    report::say(&error.to_string());
    ExitCode::from(2)
}

fn run_all(scenarios: &[Scenario], run: Run) -> ExitCode {
    let mut context = Context::new(
        run.repository,
        run.firstlight,
        run.output,
        run.access.into_cluster(),
    );
    context.record = run.record;
    let (mut passed, mut failed) = (0, 0);
    for scenario in scenarios {
        let began = report::Stopwatch::start();
        report::say(&format!("scenario {}", scenario.name()));
        match scenario.run(&mut context) {
            Ok(()) => {
                passed += 1;
                report::say(&format!("scenario {} passed in {began}", scenario.name()));
            }
            Err(error) => {
                failed += 1;
                report::say(&format!(
                    "scenario {} FAILED after {began}",
                    scenario.name()
                ));
                report::error(&error);
                let folder = context.output.join("state");
                if let Some(cluster) = &context.cluster {
                    dump::dump(cluster, &folder);
                }
                // What follows stands on the same cluster: its failures would only repeat this one.
                break;
            }
        }
    }
    let skipped = scenarios.len() - passed - failed;
    report::print(&format!(
        "e2e: {passed} passed, {failed} failed, {skipped} skipped"
    ));
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}
