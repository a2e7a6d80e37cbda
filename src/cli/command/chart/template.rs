//! `firstlight chart template`: the manifests of a chart as `helm template` prints them.

use std::fmt::Write;

use chart::PrintOptions;

use crate::cli::arguments::{GlobalArguments, TemplateArguments, flat};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::ops::Fetching;
use crate::ops::chart::{self as ops, ChartError, ReleaseName, TemplateRequest};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &TemplateArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    check(arguments)?;
    let fetching = super::fetching(global, &arguments.source.access, output)?;
    let rendered = match ops::template(&request(global, arguments, fetching)?) {
        Ok(rendered) => rendered,
        Err(error) => {
            if let (ChartError::BrokenOutput { unparsed, .. }, true) = (&error, arguments.debug) {
                output.verbatim(unparsed.clone());
            }
            return Err(error.into());
        }
    };
    for warning in &rendered.warnings {
        output.warning(warning);
    }
    let print = PrintOptions {
        skip_tests: arguments.skip_tests,
        no_hooks: arguments.no_hooks,
        show_only: arguments.show_only.clone(),
    };
    let Some(directory) = &arguments.output_dir else {
        output.verbatim_now(&rendered.print(&print)?);
        rendered.leave();
        return Ok(Exit::Success);
    };
    let mut text = String::new();
    for path in rendered.write(&ops::WriteOptions {
        directory,
        below_release: arguments.release_name,
        print: &print,
    })? {
        let _ = writeln!(text, "wrote {}", path.display());
    }
    // Helm goes on to print what is left: nothing, and the end of its line.
    text.push('\n');
    output.verbatim(text);
    Ok(Exit::Success)
}

/// Refuses what needs a cluster, a plugin or the network.
fn check(arguments: &TemplateArguments) -> Result<(), Failure> {
    let needs_cluster = "firstlight renders without a cluster: `kubectl apply --dry-run=server -f -` asks the cluster about what it prints";
    if arguments.validate {
        return Err(Failure::refused(
            "--validate needs a cluster",
            needs_cluster,
        ));
    }
    match arguments.dry_run.as_deref() {
        None | Some("client" | "unset" | "true" | "1" | "t" | "T" | "TRUE" | "True") => {}
        Some("server") => {
            let message = "--dry-run=server needs a cluster";
            return Err(Failure::refused(message, needs_cluster));
        }
        Some(other) => {
            return Err(Failure::refused(
                format!("`{other}` is no place for a dry run"),
                "say `--dry-run=client`, or nothing at all",
            ));
        }
    }
    if arguments
        .post_renderer
        .as_ref()
        .is_some_and(|name| !name.is_empty())
    {
        return Err(Failure::refused(
            "--post-renderer names a plugin of helm, and firstlight runs none",
            "pipe what firstlight prints through the program",
        ));
    }
    if arguments.enable_dns {
        return Err(Failure::refused(
            "--enable-dns is not possible: rendering reaches no network",
            "without it, `getHostByName` gives an empty text",
        ));
    }
    Ok(())
}

fn request(
    global: &GlobalArguments,
    arguments: &TemplateArguments,
    fetching: Fetching,
) -> Result<TemplateRequest, Failure> {
    let (name, chart) = match arguments.names.as_slice() {
        [name, chart] => {
            let other = match (arguments.generate_name, &arguments.name_template) {
                (true, _) => Some("--generate-name"),
                (_, Some(_)) => Some("--name-template"),
                _ => None,
            };
            if let Some(option) = other {
                return Err(Failure::refused(
                    format!("the release's name is given twice: `{name}` and {option}"),
                    "leave one of them out",
                ));
            }
            (ReleaseName::Given(name.clone()), chart)
        }
        [chart] => match &arguments.name_template {
            Some(template) if !template.is_empty() => {
                (ReleaseName::Template(template.clone()), chart)
            }
            _ => (ReleaseName::Default, chart),
        },
        _ => return Err(Failure::internal("the command line lost the chart")),
    };
    Ok(TemplateRequest {
        chart: arguments.source.reference(chart, global, fetching),
        name,
        namespace: arguments.namespace.clone(),
        values: arguments.values.to_values(),
        kubernetes_version: arguments.kube_version.clone(),
        api_versions: flat(&arguments.api_versions),
        is_upgrade: arguments.is_upgrade,
        include_crds: arguments.include_crds,
        update_dependencies: arguments.dependency_update,
        skip_schema_validation: arguments.skip_schema_validation,
    })
}
