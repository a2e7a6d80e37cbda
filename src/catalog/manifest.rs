//! A Kubernetes manifest as a source yields it: takes nothing, gives the value with its origin,
//! never knows which service it belongs to.

use serde_json::Value;

use crate::source::Source;

/// One manifest with the place that it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The manifest, a JSON object.
    pub value: Value,
    /// The template or file, and the line where the document begins in it where that is known.
    pub source: Source,
}

impl Manifest {
    /// Returns `apiVersion`, empty where it is missing.
    pub fn api_version(&self) -> &str {
        self.value
            .get("apiVersion")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Returns `kind`, empty where it is missing.
    pub fn kind(&self) -> &str {
        self.value
            .get("kind")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Returns `metadata.name`, empty where it is missing.
    pub fn name(&self) -> &str {
        self.value
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Returns `metadata.namespace` where there is one.
    pub fn namespace(&self) -> Option<&str> {
        let namespace = self
            .value
            .pointer("/metadata/namespace")
            .and_then(Value::as_str);
        namespace.filter(|namespace| !namespace.is_empty())
    }

    /// Returns the API group, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version()
            .split_once('/')
            .map_or("", |(group, _)| group)
    }
}
