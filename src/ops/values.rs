//! Where the values of a service come from: takes a service and a path, gives each value with the
//! file and line that set it and what it went over; never shows a value that the service keeps in a
//! Secret.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use crate::catalog::{Catalogue, LayeredValues, ValueOrigin, ValuesRequest};
use crate::definition::{self, Located};
use crate::plan::MASK;
use crate::problem::Problem;
use crate::render::{self, RenderedService};

use super::plan::{OpsError, Request, catalogue_for};

/// A shorter value of a Secret, such as a user's name, is an ordinary word elsewhere.
const SHORTEST: usize = 8;

/// Ends of keys whose texts are taken for secrets.
const SECRET_KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "token",
    "privatekey",
    "secretkey",
    "apikey",
    "accesskey",
    "clientsecret",
    "encryptionkey",
];

/// The values of a service.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceValues {
    /// The version of this form.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// The service.
    pub service: String,
    /// Its charts.
    pub charts: Vec<ChartValues>,
}

/// The values of one chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChartValues {
    /// Its directory, or the name of one that is fetched.
    pub chart: String,
    /// The values, in the order of their paths.
    pub values: Vec<ValueOrigin>,
}

/// Why there are no values to tell of.
#[derive(Debug, thiserror::Error)]
pub enum ValuesError {
    /// The environment cannot be read.
    #[error(transparent)]
    Ops(#[from] OpsError),
    /// The environment has no such service.
    #[error("the environment has no service `{name}`")]
    UnknownService {
        /// What was named.
        name: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// The service has no chart.
    #[error("the service {service} has no values: it is made by {renderer}, not from a chart")]
    NoChart {
        /// The service.
        service: String,
        /// By what.
        renderer: &'static str,
    },
    /// Nothing says anything about a path.
    #[error("nothing says anything about `{path}` for {service}")]
    UnknownPath {
        /// The service.
        service: String,
        /// The path.
        path: String,
        /// Those that something is said about.
        known: Vec<String>,
    },
    /// Its files cannot be read.
    #[error("{}", .0.message)]
    Problem(Problem),
}

/// Returns the layers of a service's charts.
pub fn layers(
    request: &Request<'_>,
    service: &str,
) -> Result<(Catalogue, Vec<LayeredValues>), ValuesError> {
    let catalogue = catalogue_for(request, &BTreeSet::from([service]))?;
    let Some(found) = catalogue.services.iter().find(|one| one.name == service) else {
        let known = catalogue.services.iter().map(|one| one.name.clone());
        return Err(ValuesError::UnknownService {
            name: service.to_owned(),
            known: known.collect(),
        });
    };
    let definition = definition::load(request.repository, request.environment);
    let definition = definition.map_err(OpsError::from)?;
    let root: Vec<Located> = (definition.files.iter())
        .filter_map(|file| Located::read(file).ok())
        .collect();
    let layers = LayeredValues::read(&ValuesRequest {
        repository: request.repository,
        service: found,
        charts: &catalogue.charts,
        root: &root,
    })
    .map_err(ValuesError::Problem)?;
    if layers.is_empty() {
        let renderer = found
            .sources
            .first()
            .map_or("nothing", |one| one.renderer.name());
        return Err(ValuesError::NoChart {
            service: service.to_owned(),
            renderer,
        });
    }
    Ok((catalogue, layers))
}

/// Returns the values of a service at a path and below it; all of them where no path is given.
pub fn values(
    request: &Request<'_>,
    service: &str,
    path: Option<&str>,
) -> Result<ServiceValues, ValuesError> {
    let (catalogue, layers) = layers(request, service)?;
    let mut charts: Vec<ChartValues> = (layers.iter())
        .map(|one| ChartValues {
            chart: one.chart.clone(),
            values: one.values(path),
        })
        .filter(|one| !one.values.is_empty())
        .collect();
    if let (true, Some(path)) = (charts.is_empty(), path) {
        return Err(ValuesError::UnknownPath {
            service: service.to_owned(),
            path: path.to_owned(),
            known: layers.iter().flat_map(LayeredValues::paths).collect(),
        });
    }
    let secrets = secrets(request, &catalogue, service);
    for value in charts.iter_mut().flat_map(|chart| &mut chart.values) {
        hide(value, &secrets);
    }
    Ok(ServiceValues {
        version: 1,
        environment: request.environment.to_owned(),
        service: service.to_owned(),
        charts,
    })
}

/// Returns the values that the service's own Secrets hold, as far as it can be rendered.
fn secrets(request: &Request<'_>, catalogue: &Catalogue, service: &str) -> BTreeSet<String> {
    let rendered = render::Singles {
        repository: request.repository,
        catalogue,
        plugins: &crate::catalog::PluginOutputs::new(),
        capabilities: &render::empty_cluster(request.kubernetes_version),
        tools: &render::Tools::default(),
    };
    let rendered = rendered.render(&BTreeSet::from([service]));
    let services: Vec<RenderedService> = render::together(catalogue, &rendered)
        .map_or_else(|_| Vec::new(), |(_, services)| services);
    let objects = services.iter().flat_map(|service| &service.objects);
    let mut found = BTreeSet::new();
    for object in objects.filter(|object| object.id.kind == "Secret") {
        for (field, encoded) in [("data", true), ("stringData", false)] {
            let entries = object.manifest[field].as_object().into_iter().flatten();
            for text in entries.filter_map(|(_, value)| value.as_str()) {
                let clear = if encoded {
                    let bytes = STANDARD.decode(text).ok();
                    bytes.and_then(|bytes| String::from_utf8(bytes).ok())
                } else {
                    Some(text.to_owned())
                };
                found.extend(clear.filter(|text| !text.trim().is_empty()));
            }
        }
    }
    found
}

fn hide(origin: &mut ValueOrigin, secrets: &BTreeSet<String>) {
    let key = origin.path.last().map_or("", String::as_str).to_owned();
    mask(&key, &mut origin.value, secrets);
    for over in &mut origin.over {
        let key = over.path.last().map_or("", String::as_str).to_owned();
        mask(&key, &mut over.value, secrets);
    }
    for via in &mut origin.via {
        let key = via.path.rsplit('.').next().unwrap_or_default().to_owned();
        mask(&key, &mut via.value, secrets);
    }
}

/// Masks a text that is, or has in it, a value of a Secret, or whose key says that it is one.
fn mask(key: &str, value: &mut Value, secrets: &BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mask(key, item, secrets)),
        Value::Object(map) => map
            .iter_mut()
            .for_each(|(key, value)| mask(key, value, secrets)),
        Value::String(text) => {
            let key = key.to_lowercase().replace(['-', '_'], "");
            let by_key = !text.is_empty() && SECRET_KEYS.iter().any(|it| key.ends_with(it));
            let held = secrets.iter().any(|secret| {
                text == secret
                    || (secret.len() >= SHORTEST && text.contains(secret.as_str()))
                    || (text.len() >= SHORTEST && secret.contains(text.as_str()))
            });
            if by_key || held {
                MASK.clone_into(text);
            }
        }
        Value::Number(number) if secrets.contains(&number.to_string()) => {
            *value = Value::String(MASK.to_owned());
        }
        _ => {}
    }
}
