//! Where a service's values come from: takes its chart and Application, gives for a path every
//! layer that has a say, never merges (the chart's renderer does).

use serde_json::Value;

use crate::definition::{Located, Repository, Tree};
use crate::problem::Problem;
use crate::source::Source;

use super::service::{Renderer, Service, ValueFile};

/// The layers of a service's values, the weakest first.
#[derive(Debug, Clone)]
pub struct LayeredValues {
    layers: Vec<Layer>,
}

#[derive(Debug, Clone)]
enum Layer {
    File(Located),
    Inline {
        values: Value,
        source: Source,
    },
    Parameter {
        name: String,
        value: String,
        source: Source,
    },
}

/// What one layer says about a path.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Origin {
    /// Where it stands.
    pub source: Source,
    /// What it says.
    pub value: Value,
}

impl LayeredValues {
    /// Reads the layers of a service's first chart; nothing for a service without one.
    pub fn read(repository: &Repository, service: &Service) -> Result<Option<Self>, Problem> {
        let mut charts = service
            .sources
            .iter()
            .filter_map(|one| match &one.renderer {
                Renderer::Helm(options) => Some((one, options)),
                _ => None,
            });
        let Some((chart, options)) = charts.next() else {
            return Ok(None);
        };
        let repository = &chart.repository(repository);
        let own = format!("{}/values.yaml", chart.path);
        let given = options.value_files.iter().filter_map(|file| match file {
            ValueFile::Repository(path) => Some(path),
            ValueFile::Chart(_) | ValueFile::Lent { .. } => None,
        });
        let mut layers = Vec::new();
        for path in std::iter::once(&own).chain(given) {
            if !repository.root().join(path).is_file() {
                continue;
            }
            let file = repository
                .read(path)
                .map_err(|error| Problem::new(error.to_string()))?;
            layers.push(Layer::File(Located::read(&file)?));
        }
        if !options.values.is_empty() {
            layers.push(Layer::Inline {
                values: Value::Object(options.values.clone()),
                source: service.source.clone(),
            });
        }
        for forced in [false, true] {
            for parameter in options
                .parameters
                .iter()
                .filter(|one| one.force_string == forced)
            {
                layers.push(Layer::Parameter {
                    name: parameter.name.clone(),
                    value: parameter.value.clone(),
                    source: service.source.clone(),
                });
            }
        }
        Ok(Some(Self { layers }))
    }

    /// Returns what the layers say about a path such as `image.tag`, the weakest first: the last one
    /// has the last word, and maps are merged.
    pub fn origins(&self, path: &str) -> Vec<Origin> {
        let keys: Vec<&str> = path.split('.').collect();
        self.layers
            .iter()
            .filter_map(|layer| layer.origin(path, &keys))
            .collect()
    }

    /// Returns the paths of all single values, for suggestions.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for layer in &self.layers {
            match layer {
                Layer::File(located) => collect(located, "", &mut paths),
                Layer::Inline { .. } => {}
                Layer::Parameter { name, .. } => paths.push(name.clone()),
            }
        }
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Layer {
    fn origin(&self, path: &str, keys: &[&str]) -> Option<Origin> {
        match self {
            Self::File(located) => {
                let (last, parents) = keys.split_last()?;
                let holder = located.at(parents)?;
                // The key's place, not the value's: that is the line to look at.
                match holder.field(last) {
                    Some(field) => Some(Origin {
                        source: field.key_place.source().without_column(),
                        value: field.value.to_json(),
                    }),
                    None => located.at(keys).map(|value| Origin {
                        source: value.place.source().without_column(),
                        value: value.to_json(),
                    }),
                }
            }
            Self::Inline { values, source } => {
                let value = keys.iter().try_fold(values, |value, key| value.get(key))?;
                Some(Origin {
                    source: source.clone(),
                    value: value.clone(),
                })
            }
            Self::Parameter {
                name,
                value,
                source,
            } => {
                let below = name
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with(['.', '[']));
                (name == path || below).then(|| Origin {
                    source: source.clone(),
                    value: Value::String(value.clone()),
                })
            }
        }
    }
}

fn collect(located: &Located, path: &str, paths: &mut Vec<String>) {
    match &located.tree {
        Tree::Map(fields) if !fields.is_empty() => {
            for field in fields {
                let below = if path.is_empty() {
                    field.key.clone()
                } else {
                    format!("{path}.{}", field.key)
                };
                paths.push(below.clone());
                collect(&field.value, &below, paths);
            }
        }
        _ => {}
    }
}
