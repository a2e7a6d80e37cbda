//! `firstlight chart`: what `helm` does with one chart, without a cluster.

mod dependency;
mod lint;
mod package;
mod pull;
mod show;
mod template;

use crate::cli::arguments::{AccessArguments, ChartArguments, ChartCommand, GlobalArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::ops::Fetching;

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &ChartArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match &arguments.command {
        ChartCommand::Template(own) => template::run(global, own, output),
        ChartCommand::Lint(own) => lint::run(own, output),
        ChartCommand::Show(own) => show::run(global, own, output),
        ChartCommand::Pull(own) => pull::run(global, own, output),
        ChartCommand::Package(own) => package::run(global, own, output),
        ChartCommand::Dependency(own) => dependency::run(global, own, output),
    }
}

/// Returns how charts are fetched; refuses what firstlight does in another way than helm.
fn fetching(
    global: &GlobalArguments,
    access: &AccessArguments,
    output: &Output,
) -> Result<Fetching, Failure> {
    let refusals = [
        (
            access.username.is_some() || access.password.is_some(),
            "passwords are not taken from the command line, where others can read them",
            "`helm repo add --username`, `helm registry login` and `docker login` keep them in \
             files that firstlight reads",
        ),
        (
            access.cert_file.is_some() || access.key_file.is_some(),
            "certificates of clients are not supported",
            "fetch the chart with another program, and name the packed chart",
        ),
        (
            access.insecure_skip_tls_verify,
            "certificates of servers are always verified",
            "`--ca-file FILE` trusts further ones",
        ),
        (
            access.plain_http,
            "registries are spoken to by https; by http only on this machine itself",
            "leave `--plain-http` out",
        ),
        (
            access.pass_credentials,
            "credentials are never sent to another host",
            "leave `--pass-credentials` out",
        ),
        (
            access.verify,
            "signatures of charts are not verified",
            "firstlight.lock keeps the digests of charts, and what differs from it is refused",
        ),
    ];
    for (is_given, message, hint) in refusals {
        if is_given {
            return Err(Failure::refused(message, hint));
        }
    }
    let mut fetching = super::fetching(global, output);
    if let Some(file) = &access.ca_file {
        fetching.settings.ca_file = Some(file.clone());
    }
    Ok(fetching)
}
