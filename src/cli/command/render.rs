//! `firstlight render`: the manifests as Argo CD would compute them, in the order of their writing.

use std::fmt::Write;

use serde_json::Value;

use crate::catalog::LayeredValues;
use crate::cli::arguments::{GlobalArguments, RenderArguments, YamlOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops::{self, Request};
use crate::render::RenderedService;

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
    let rendering = match &arguments.service {
        Some(service) => ops::rendering_for(&request, service),
        None => ops::rendering(&request).map(|(_, rendering)| rendering),
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
    let text = match arguments.format {
        YamlOrJson::Json => {
            let manifests: Vec<&Value> = services
                .iter()
                .flat_map(|service| &service.objects)
                .map(|object| &object.manifest)
                .collect();
            super::json(&manifests)?
        }
        YamlOrJson::Yaml => yaml(&services)?,
    };
    output.result(&text);
    Ok(Exit::Success)
}

fn origin(
    request: &Request<'_>,
    service: &str,
    path: &str,
    format: YamlOrJson,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let catalogue = ops::catalogue(request)?;
    let Some(found) = catalogue.services.iter().find(|one| one.name == service) else {
        let known: Vec<&str> = catalogue
            .services
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        return Err(Failure::unknown_service(
            service,
            request.environment,
            &known,
        ));
    };
    let layers = LayeredValues::read(&found.repository(request.repository), found)
        .map_err(Failure::problem)?;
    let origins = layers
        .as_ref()
        .map(|layers| layers.origins(path))
        .unwrap_or_default();
    if origins.is_empty() {
        let paths = layers.map(|layers| layers.paths()).unwrap_or_default();
        return Err(Failure::unknown_value(service, path, &paths));
    }
    match format {
        YamlOrJson::Json => output.result(&super::json(&origins)?),
        YamlOrJson::Yaml => output.result(&view::origins(&origins)),
    }
    Ok(Exit::Success)
}

fn yaml(services: &[RenderedService]) -> Result<String, Failure> {
    let mut text = String::new();
    for service in services {
        for object in &service.objects {
            let manifest = goyaml::to_string(&object.manifest).map_err(|error| {
                Failure::internal(format!("cannot write {} as YAML: {error}", object.id))
            })?;
            let _ = write!(
                text,
                "---\n# {}: {}\n{manifest}",
                service.name, object.source
            );
        }
    }
    Ok(text)
}
