//! The specifications of secrets of an environment: takes its catalogue and its services, reads
//! `secrets.yaml` beside them, gives findings, never a value of a secret.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::catalog::{Catalogue, Service};
use crate::definition::Repository;
use crate::finding::{Finding, Severity, codes};
use crate::problem::Problem;
use crate::render::RenderedService;
use crate::secrets::{self, ServiceSecrets, Specification, VaultRequest};

/// Returns what is wrong with the secrets of an environment.
pub(super) fn findings(
    repository: &Repository,
    environment: &str,
    catalogue: &Catalogue,
    services: &[RenderedService],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = Vec::new();
    let mut broken: BTreeSet<String> = catalogue.refused.keys().cloned().collect();
    for service in &catalogue.services {
        match of_service(repository, environment, service) {
            Ok(secrets) => found.extend(secrets),
            Err(problems) => {
                broken.insert(service.name.clone());
                findings.extend(problems.iter().map(|problem| told(&service.name, problem)));
            }
        }
    }
    let names: BTreeSet<String> = catalogue
        .services
        .iter()
        .map(|service| service.name.clone())
        .collect();
    // What is asked of a service whose specification cannot be read is not known.
    let requests: Vec<VaultRequest> = requests(services)
        .into_iter()
        .filter(|request| !broken.contains(&request.secret))
        .collect();
    findings.extend(secrets::check(&found, &names, &broken, &requests));
    findings
}

fn told(service: &str, problem: &Problem) -> Finding {
    let message = match &problem.label {
        Some(label) => format!("{}: {label}", problem.message),
        None => problem.message.clone(),
    };
    let code = codes::INVALID_SECRETS_SPECIFICATION;
    let finding = Finding::new(Severity::Error, code, message).of(service);
    match &problem.source {
        Some(source) => finding.at(source.clone()),
        None => finding,
    }
}

/// Reads the specification of a service, where it has one.
fn of_service(
    repository: &Repository,
    environment: &str,
    service: &Service,
) -> Result<Option<ServiceSecrets>, Vec<Problem>> {
    let own = service
        .sources
        .iter()
        .filter(|source| source.chart.is_none() && source.checkout.is_none());
    let own: Vec<&str> = own.map(|source| source.path.trim_matches('/')).collect();
    for path in own.iter().flat_map(|path| with_parents(path)) {
        let mut specification: Option<Specification> = None;
        for file in [
            format!("{path}/secrets.yaml"),
            format!("{path}/secrets-{environment}.yaml"),
        ] {
            let Ok(Some(file)) = repository.read_optional(&file) else {
                continue;
            };
            let read = secrets::read(&file)?;
            specification.get_or_insert_default().overridden_by(read);
        }
        if let Some(specification) = specification {
            let (values, known_values) = if has_conditions(&specification) {
                values(repository, environment, path)
            } else {
                (Value::Null, Vec::new())
            };
            return Ok(Some(ServiceSecrets {
                service: service.name.clone(),
                specification,
                values,
                known_values,
            }));
        }
    }
    Ok(None)
}

/// Returns a directory and those above it, but for the one that all services are in: overlays of
/// Kustomize stand below their service.
fn with_parents(path: &str) -> impl Iterator<Item = &str> {
    let parents = std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(up, _)| up));
    parents.filter(|path| path.contains('/'))
}

fn has_conditions(specification: &Specification) -> bool {
    specification.keys.values().any(|key| {
        key.condition.is_some()
            || key
                .copy
                .as_ref()
                .is_some_and(|copy| copy.condition.is_some())
            || key
                .generate
                .as_ref()
                .is_some_and(|made| made.condition.is_some())
    })
}

/// Returns the values of a service in an environment, and those of all its files.
fn values(repository: &Repository, environment: &str, path: &str) -> (Value, Vec<Value>) {
    let read = |name: &str| -> Option<Value> {
        let file = repository.read_optional(&format!("{path}/{name}")).ok()??;
        Some(goyaml::parse(&file.text).ok()?.to_json())
    };
    let mut values = read("values.yaml").unwrap_or_default();
    if let Some(over) = read(&format!("values-{environment}.yaml")) {
        merge(&mut values, over);
    }
    let mut known = Vec::new();
    let entries = std::fs::read_dir(repository.root().join(path));
    let mut names: Vec<String> = (entries.into_iter().flatten().flatten())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name == "values.yaml" || is_of_an_environment(name))
        .collect();
    names.sort();
    known.extend(names.iter().filter_map(|name| read(name)));
    (values, known)
}

fn is_of_an_environment(name: &str) -> bool {
    let path = std::path::Path::new(name);
    name.starts_with("values-") && path.extension().is_some_and(|one| one == "yaml")
}

fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                merge(below.entry(key).or_insert(Value::Null), value);
            }
        }
        // A file with nothing in it overrides nothing.
        (Value::Object(_), Value::Null) => {}
        (below, above) => *below = above,
    }
}

/// Returns what asks Vault for secrets.
fn requests(services: &[RenderedService]) -> Vec<VaultRequest> {
    let mut requests = Vec::new();
    for service in services {
        for object in &service.objects {
            if object.id.group_kind() != ("ricoberger.de", "VaultSecret") {
                continue;
            }
            let spec = object.manifest.get("spec");
            let path = spec.and_then(|spec| spec.get("path")?.as_str());
            let Some((_, secret)) =
                path.and_then(|path| path.trim_end_matches('/').rsplit_once('/'))
            else {
                continue;
            };
            let keys = spec.and_then(|spec| spec.get("keys")?.as_array());
            let keys = keys.into_iter().flatten().filter_map(Value::as_str);
            requests.push(VaultRequest {
                service: service.name.clone(),
                object: object.id.clone(),
                secret: secret.to_owned(),
                keys: keys.map(str::to_owned).collect(),
                source: object.source.clone(),
            });
        }
    }
    requests
}
