//! `firstlight render`: the manifests as Argo CD would compute them, in the order of their writing.

use std::fmt::Write;

use serde_json::Value;

use crate::cli::arguments::{GlobalArguments, RenderArguments, YamlOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::ops;
use crate::render::RenderedService;

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &RenderArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = super::repository(global)?;
    let request = super::request(&repository, &arguments.environment);
    let (_, rendering) = ops::rendering(&request)
        .map_err(|error| Failure::from(error).in_repository(&repository))?;
    let mut services = rendering.services;
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
