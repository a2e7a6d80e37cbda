//! `firstlight render`: the manifests as Argo CD would compute them, in the order of their writing,
//! as one stream or a file for each.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use crate::catalog::{LayeredValues, Origin};
use crate::cli::arguments::{GlobalArguments, RenderArguments, YamlOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops::{self, Request};
use crate::problem::Problem;
use crate::render::{Object, RenderedService};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &RenderArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository_of(global, &arguments.environment, &fetching)?;
    let request = super::request(&repository, &arguments.environment, &fetching);
    if let (Some(path), Some(service)) = (&arguments.origin, &arguments.service) {
        return origin(&request, service, path, arguments.format, output)
            .map_err(|failure| failure.in_repository(&repository));
    }
    let mut failures = Vec::new();
    let rendering = match (&arguments.service, &arguments.output) {
        (Some(service), _) => ops::rendering_for(&request, service),
        (None, None) => ops::rendering(&request).map(|(_, rendering)| rendering),
        (None, Some(_)) => ops::rendering_of_the_good(&request).map(|(rendering, errors)| {
            failures = errors;
            rendering
        }),
    };
    let mut services = rendering
        .map_err(|error| Failure::from(error).in_repository(&repository))?
        .services;
    if let Some(wanted) = &arguments.service {
        if !services.iter().any(|service| service.name == *wanted) {
            let known: Vec<&str> = services
                .iter()
                .map(|service| service.name.as_str())
                .collect();
            return Err(Failure::unknown_service(
                wanted,
                request.environment,
                &known,
            ));
        }
        services.retain(|service| service.name == *wanted);
    }
    if arguments.tracking {
        for object in services.iter_mut().flat_map(|service| &mut service.objects) {
            object.tracking.stamp(&mut object.manifest);
        }
    }
    if let Some(directory) = &arguments.output {
        write_files(&services, directory, arguments)?;
    } else {
        output.result(&stream(&services, arguments)?);
    }
    let mut exit = Exit::Success;
    for error in failures {
        exit = Failure::from(error)
            .in_repository(&repository)
            .report(output);
    }
    Ok(exit)
}

fn stream(services: &[RenderedService], arguments: &RenderArguments) -> Result<String, Failure> {
    let objects = (services.iter())
        .flat_map(|service| (service.objects.iter()).map(move |object| (service, object)));
    if arguments.format == YamlOrJson::Json {
        let manifests: Vec<&Value> = objects.map(|(_, object)| &object.manifest).collect();
        return super::json(&manifests);
    }
    let mut text = String::new();
    for (service, object) in objects {
        text.push_str("---\n");
        text.push_str(&yaml(service, object, arguments)?);
    }
    Ok(text)
}

/// Writes `SERVICE/NUMBER-KIND-NAME.yaml` for each object; the numbers tell the order of writing.
fn write_files(
    services: &[RenderedService],
    directory: &Path,
    arguments: &RenderArguments,
) -> Result<(), Failure> {
    let unwritable = |path: &Path, error: &std::io::Error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::problem(Problem::new(message))
    };
    let is_used = std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
    if is_used {
        let message = format!("the directory {} is not empty", directory.display());
        let hint = "files of an earlier rendering would stand among the new ones: name another \
                    directory, or delete this one";
        return Err(Failure::refused(message, hint));
    }
    for service in services {
        let folder = directory.join(&service.name);
        std::fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
        let digits = service.objects.len().to_string().len();
        for (index, object) in service.objects.iter().enumerate() {
            let (text, ending) = match arguments.format {
                YamlOrJson::Json => (super::json(&object.manifest)?, "json"),
                YamlOrJson::Yaml => (yaml(service, object, arguments)?, "yaml"),
            };
            let (number, name) = (index + 1, file_name(object));
            let path = folder.join(format!("{number:0digits$}-{name}.{ending}"));
            std::fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
        }
    }
    Ok(())
}

/// Returns kind and name of an object in characters that every file system takes.
fn file_name(object: &Object) -> String {
    const LONGEST: usize = 100;
    let name = format!("{}-{}", object.id.kind, object.id.name).to_lowercase();
    let safe = |character: char| match character {
        'a'..='z' | '0'..='9' | '-' | '.' => character,
        _ => '_',
    };
    name.chars().take(LONGEST).map(safe).collect()
}

fn origin(
    request: &Request<'_>,
    service: &str,
    path: &str,
    format: YamlOrJson,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (_, layers) = ops::layers(request, service)
        .map_err(|error| Failure::of_values(error, request.environment))?;
    let origins: Vec<Origin> = layers.iter().flat_map(|one| one.origins(path)).collect();
    if origins.is_empty() {
        let paths: Vec<String> = layers.iter().flat_map(LayeredValues::paths).collect();
        return Err(Failure::unknown_value(service, path, &paths));
    }
    match format {
        YamlOrJson::Json => output.result(&super::json(&origins)?),
        YamlOrJson::Yaml => output.result(&view::origins(&origins)),
    }
    Ok(Exit::Success)
}

fn yaml(
    service: &RenderedService,
    object: &Object,
    arguments: &RenderArguments,
) -> Result<String, Failure> {
    let manifest = goyaml::to_string(&object.manifest).map_err(|error| {
        Failure::internal(format!("cannot write {} as YAML: {error}", object.id))
    })?;
    let mut text = String::new();
    if arguments.source_comments {
        let _ = writeln!(text, "# {}: {}", service.name, object.source);
    }
    text.push_str(&manifest);
    Ok(text)
}
