//! Schemas of the user's own (`openapi`): takes an `OpenAPI` document, gives how lists of its kinds
//! are merged, never knows built-in kinds beside those that it describes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::Error;

/// The version that Kustomize has built in.
const BUILT_IN: &str = "v1.21.2";
/// How many references may follow each other.
const MAX_REFERENCES: usize = 32;

/// Schemas by kind.
#[derive(Debug)]
pub(crate) struct Schema {
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
        Ok(Self { definitions, kinds })
    }

    /// Returns none for the version that is built in; the sentence refuses any other.
    pub(crate) fn built_in(version: &str) -> Result<Option<Self>, String> {
        if matches!(version, "" | BUILT_IN) {
            return Ok(None);
        }
        Err(format!(
            "the openapi version {version} is not built in; {BUILT_IN} is"
        ))
    }

    /// Returns the fields that tell the items of a list apart, the empty name standing for the
    /// item itself; none where the list is replaced. The path has dots between names.
    pub(crate) fn merge_keys(
        &self,
        api_version: &str,
        kind: &str,
        path: &str,
    ) -> Option<Vec<&str>> {
        let kind = (api_version.to_owned(), kind.to_owned());
        let mut schema = self.definitions.get(self.kinds.get(&kind)?)?;
        for name in path.split('.') {
            schema = self.resolved(schema)?;
            while let Some(items) = schema.get("items") {
                schema = self.resolved(items)?;
            }
            schema = match schema.get("properties").and_then(|it| it.get(name)) {
                Some(field) => field,
                None => schema
                    .get("additionalProperties")
                    .filter(|it| it.is_object())?,
            };
        }
        let schema = self.resolved(schema)?;
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

    fn resolved<'s>(&'s self, mut schema: &'s Value) -> Option<&'s Value> {
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                return Some(schema);
            };
            let name = reference.strip_prefix("#/definitions/")?;
            schema = self
                .definitions
                .get(&name.replace("~1", "/").replace("~0", "~"))?;
        }
        None
    }
}
