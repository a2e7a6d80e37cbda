//! `firstlight new`: a new service, environment or repository.

use std::path::Path;

use crate::cli::arguments::{
    GlobalArguments, NewArguments, NewCommand, NewEnvironmentArguments, NewRepositoryArguments,
    NewServiceArguments, WorkloadKind,
};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops::new::{
    self, ChartReference, NewEnvironment, NewRepository, NewService, Proposal, Workload,
};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &NewArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match &arguments.command {
        NewCommand::Service(own) => service(global, own, output),
        NewCommand::Environment(own) => environment(global, own, output),
        NewCommand::Repository(own) => repository(own, output),
    }
}

fn service(
    global: &GlobalArguments,
    own: &NewServiceArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let workload = match (&own.chart, &own.version) {
        (Some(chart), Some(version)) => Workload::Chart(ChartReference::parse(chart, version)?),
        _ => match own.kind {
            WorkloadKind::Deployment => Workload::Deployment,
            WorkloadKind::Statefulset => Workload::StatefulSet,
            WorkloadKind::Cronjob => Workload::CronJob,
            WorkloadKind::Empty => Workload::Empty,
        },
    };
    let asked = NewService {
        name: own.name.clone(),
        workload,
        image: own.image.clone(),
        namespace: own.namespace.clone(),
        project: own.project.clone(),
        enable: own.enable.clone(),
    };
    let repository = super::repository(global)?;
    let proposal = new::service(&repository, &asked)?;
    finish(repository.root(), &proposal, own.dry_run, output)
}

fn environment(
    global: &GlobalArguments,
    own: &NewEnvironmentArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let asked = NewEnvironment {
        name: own.name.clone(),
        from: own.from.clone(),
        host: own.fqdn.clone(),
    };
    let repository = super::repository(global)?;
    let proposal = new::environment(&repository, &asked)?;
    finish(repository.root(), &proposal, own.dry_run, output)
}

fn repository(own: &NewRepositoryArguments, output: &mut Output) -> Result<Exit, Failure> {
    let asked = NewRepository {
        url: own.url.clone(),
        revision: own.branch.clone(),
        host: own.fqdn.clone(),
    };
    let proposal = new::repository(&own.directory, &asked)?;
    finish(&own.directory, &proposal, own.dry_run, output)
}

/// Writes, unless only asked what would be written, and says what.
fn finish(
    root: &Path,
    proposal: &Proposal,
    dry_run: bool,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if !dry_run {
        new::write(root, &proposal.changes)?;
    }
    output.result(&view::proposal(proposal, dry_run, output.verbosity()));
    Ok(Exit::Success)
}
