//! What `firstlight plan ENVIRONMENT --format json` prints: takes its text, gives the parts that the
//! scenarios ask about. Reads the documented form only, not firstlight's own types.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A plan.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Plan {
    /// The version of the form.
    pub(crate) version: u32,
    /// The services in order of wave.
    pub(crate) services: Vec<Service>,
}

/// One service of a plan.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: String,
    /// Its wave.
    pub(crate) wave: u32,
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its objects.
    pub(crate) objects: Vec<Object>,
    /// What it waits for.
    pub(crate) edges: Vec<Edge>,
}

/// One object of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    /// Group and version.
    pub(crate) api_version: String,
    /// The kind.
    pub(crate) kind: String,
    /// The namespace, absent for cluster-scoped kinds.
    #[serde(default)]
    pub(crate) namespace: Option<String>,
    /// The name.
    pub(crate) name: String,
}

impl Object {
    /// Returns the API group, empty for the core group.
    pub(crate) fn group(&self) -> &str {
        self.api_version
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// Returns it as people say it.
    pub(crate) fn spoken(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }
}

/// One reason to wait.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Edge {
    /// For which service.
    pub(crate) service: String,
    /// Until when.
    pub(crate) until: Milestone,
    /// Why.
    pub(crate) evidence: String,
}

/// How far a service must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Milestone {
    /// All its objects are written.
    Applied,
    /// Its kinds are served.
    Established,
    /// All its objects are ready.
    Ready,
}

impl Plan {
    /// Returns the services by name.
    pub(crate) fn by_name(&self) -> BTreeMap<&str, &Service> {
        self.services
            .iter()
            .map(|service| (service.name.as_str(), service))
            .collect()
    }
}
