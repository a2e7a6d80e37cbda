//! Schemas of the user's own (`openapi`): takes an `OpenAPI` document, gives how lists of its kinds
//! are merged, never knows built-in kinds beside those that it describes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Error;
use crate::mergekeys::{is_built_in, merge_keys};

/// The version that Kustomize has built in.
const BUILT_IN: &str = "v1.21.2";
/// Built-in definitions that others refer to, and where they are in a Deployment.
const PODS: [(&str, &str); 2] = [
    ("io.k8s.api.core.v1.PodTemplateSpec", "spec.template"),
    ("io.k8s.api.core.v1.PodSpec", "spec.template.spec"),
];
/// How many references may follow each other.
const MAX_REFERENCES: usize = 32;

/// Schemas by kind.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// The built-in kinds are known too.
    pub(crate) beside_built_in: bool,
    definitions: serde_json::Map<String, Value>,
    /// Names of definitions by API version and kind.
    kinds: BTreeMap<(String, String), String>,
}

impl Schema {
    /// Reads a document, JSON or YAML.
    pub(crate) fn read(file: &str, text: &str) -> Result<Self, Error> {
        let node = goyaml::parse(text).map_err(|error| Error::yaml(file, &error))?;
        let mut document = node.into_json();
        let definitions = match document.get_mut("definitions").map(Value::take) {
            Some(Value::Object(definitions)) => definitions,
            _ => serde_json::Map::new(),
        };
        let mut kinds = BTreeMap::new();
        for (name, definition) in &definitions {
            let types = definition
                .get("x-kubernetes-group-version-kind")
                .and_then(Value::as_array);
            for of in types.into_iter().flatten() {
                let text = |key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default();
                let (group, version) = (text("group"), text("version"));
                let api_version = if group.is_empty() {
                    version.to_owned()
                } else {
                    format!("{group}/{version}")
                };
                kinds.insert((api_version, text("kind").to_owned()), name.clone());
            }
        }
        Ok(Self {
            beside_built_in: false,
            definitions,
            kinds,
        })
    }

    /// Returns the schemas of the version that is built in; the sentence refuses any other.
    pub(crate) fn built_in(version: &str) -> Result<Self, String> {
        if version == BUILT_IN {
            return Ok(Self {
                beside_built_in: true,
                ..Self::default()
            });
        }
        Err(format!(
            "the openapi version {version} is not built in; {BUILT_IN} is"
        ))
    }

    /// Returns true where there is a schema for a kind.
    pub(crate) fn knows(&self, api_version: &str, kind: &str) -> bool {
        self.kinds
            .contains_key(&(api_version.to_owned(), kind.to_owned()))
            || (self.beside_built_in && is_built_in(api_version, kind))
    }

    /// Returns the fields that tell the items of a list apart, the empty name standing for the
    /// item itself; none where the list is replaced. The path has dots between names.
    pub(crate) fn merge_keys(
        &self,
        api_version: &str,
        kind: &str,
        path: &str,
    ) -> Option<Vec<&str>> {
        let built_in = |api_version: &str, kind: &str, path: &str| {
            let keys = merge_keys(api_version, kind, path).filter(|_| self.beside_built_in);
            keys.map(|keys| keys.names().to_vec())
        };
        let of = (api_version.to_owned(), kind.to_owned());
        let Some(name) = self.kinds.get(&of) else {
            return built_in(api_version, kind, path);
        };
        let mut schema = self.definitions.get(name)?;
        let names: Vec<&str> = path.split('.').collect();
        for (at, name) in names.iter().enumerate() {
            loop {
                schema = match self.resolved(schema) {
                    Ok(schema) => schema,
                    Err(reference) => {
                        let (_, prefix) = PODS.iter().find(|(name, _)| *name == reference)?;
                        let path = format!("{prefix}.{}", names[at..].join("."));
                        return built_in("apps/v1", "Deployment", &path);
                    }
                };
                match schema.get("items") {
                    Some(items) => schema = items,
                    None => break,
                }
            }
            schema = match schema.get("properties").and_then(|it| it.get(*name)) {
                Some(field) => field,
                None => schema
                    .get("additionalProperties")
                    .filter(|it| it.is_object())?,
            };
        }
        let schema = self.resolved(schema).ok()?;
        let strategy = schema.get("x-kubernetes-patch-strategy")?.as_str()?;
        if !strategy.split(',').any(|word| word == "merge") {
            return None;
        }
        if let Some(keys) = schema.get("x-kubernetes-list-map-keys") {
            return keys.as_array()?.iter().map(Value::as_str).collect();
        }
        let key = schema.get("x-kubernetes-patch-merge-key");
        Some(vec![key.and_then(Value::as_str).unwrap_or_default()])
    }

    /// Follows references; the error names one that leads nowhere.
    fn resolved<'s>(&'s self, mut schema: &'s Value) -> Result<&'s Value, &'s str> {
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                return Ok(schema);
            };
            let name = reference.strip_prefix("#/definitions/").ok_or(reference)?;
            let found = self
                .definitions
                .get(&name.replace("~1", "/").replace("~0", "~"));
            schema = found.ok_or(name)?;
        }
        Err("")
    }
}
