//! `firstlight kustomize`: what `kustomize` does with one kustomization.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kustomize::Printed;

use crate::cli::arguments::{
    BuildArguments, GlobalArguments, KustomizeArguments, KustomizeCommand, LoadRestrictor, Reorder,
};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::ops::kustomize::{BuildError, BuildRequest, build};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &KustomizeArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match &arguments.command {
        KustomizeCommand::Build(own) => run_build(global, own, output),
    }
}

fn run_build(
    global: &GlobalArguments,
    arguments: &BuildArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    refuse_programs(arguments)?;
    let request = BuildRequest {
        directory: arguments.directory.clone(),
        enable_helm: arguments.enable_helm,
        kubernetes_version: arguments.helm_kube_version.clone(),
        api_versions: arguments.helm_api_versions.clone(),
        unrestricted: arguments.load_restrictor == LoadRestrictor::None,
        keep_order: arguments.reorder == Reorder::None,
        managed_by_label: arguments.enable_managedby_label,
    };
    let fetching = || super::fetching(global, output);
    let resources = build(&request, fetching).map_err(|error| match error {
        BuildError::Wrong(problem) => Failure::problem_here(*problem),
        BuildError::Fetch(error) => error.into(),
    })?;
    match &arguments.output {
        None => output.verbatim(text(&resources)),
        Some(path) if path.is_dir() => write_each(path, &resources)?,
        Some(path) => write(path, &text(&resources))?,
    }
    Ok(Exit::Success)
}

/// Refuses what would run a program.
fn refuse_programs(arguments: &BuildArguments) -> Result<(), Failure> {
    let options = [
        ("--enable-alpha-plugins", arguments.enable_alpha_plugins),
        ("--enable-exec", arguments.enable_exec),
        ("--enable-star", arguments.enable_star),
        (
            "--network",
            arguments.network || arguments.network_name.is_some(),
        ),
        ("--as-current-user", arguments.as_current_user),
        ("--env", !arguments.env.is_empty()),
        ("--mount", !arguments.mount.is_empty()),
    ];
    match options.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::refused(
            format!("{option} is for plugins that run programs, and firstlight runs none"),
            "plugins of the built-in kinds need no option",
        )),
    }
}

fn text(resources: &[Printed]) -> String {
    let texts: Vec<&str> = resources.iter().map(|one| one.text.as_str()).collect();
    texts.join("---\n")
}

/// Writes a file for each resource, named as kustomize names it.
fn write_each(directory: &Path, resources: &[Printed]) -> Result<(), Failure> {
    let namespaces: BTreeSet<&String> = resources
        .iter()
        .filter_map(|resource| resource.namespace.as_ref())
        .collect();
    for resource in resources {
        let [api_version, kind, name] = [
            resource.api_version.replace('/', "_"),
            resource.kind.clone(),
            resource.name.clone(),
        ]
        .map(|text| text.to_lowercase());
        let mut name = format!("{api_version}_{kind}_{name}.yaml");
        if let Some(namespace) = resource.namespace.as_ref().filter(|_| namespaces.len() > 1) {
            name = format!("{}_{name}", namespace.to_lowercase());
        }
        // A name is no path, whatever is in it.
        let path: PathBuf = directory.join(name.replace('/', "_"));
        write(&path, &resource.text)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        Failure::refused(
            format!("cannot write {}: {error}", path.display()),
            "name a file or a folder with --output",
        )
    })
}
