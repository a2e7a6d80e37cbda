//! What the page shows, as its script reads it: takes nothing, gives the values, never a position.

use serde::Serialize;

use crate::source::Source;

/// Everything that the page shows of an environment.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The environment's name.
    pub environment: String,
    /// The services, ordered by wave, then by name.
    pub services: Vec<PageService>,
    /// Who waits for whom, each pair once.
    pub waits: Vec<PageWait>,
    /// The longest chain of services, by index.
    pub chain: Vec<usize>,
    /// What was found out that is about no service.
    pub findings: Vec<PageFinding>,
}

/// A service.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageService {
    /// Its name.
    pub name: String,
    /// Its wave, from 0.
    pub wave: u32,
    /// The namespace that it is installed into.
    pub namespace: String,
    /// The `AppProject`.
    pub project: String,
    /// Where its Application stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What it brings.
    pub objects: Vec<PageObject>,
    /// What was found out about it.
    pub findings: Vec<PageFinding>,
}

/// An object of a service.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageObject {
    /// The kind.
    pub kind: String,
    /// The API group and version.
    pub api: String,
    /// The namespace; absent for cluster-scoped kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// File and line.
    pub place: String,
    /// True where it is a hook.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hook: bool,
}

/// One service waits for another.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageWait {
    /// The service that waits, by index.
    pub service: usize,
    /// The one that is waited for, by index.
    pub on: usize,
    /// The strongest milestone.
    pub until: &'static str,
    /// True where nothing of it is more than a guess that gives way to a cycle.
    pub soft: bool,
    /// True where it follows from others.
    pub implied: bool,
    /// Why: one entry for each reason.
    pub reasons: Vec<PageReason>,
}

/// Why a service waits.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageReason {
    /// The milestone.
    pub until: &'static str,
    /// True where it gives way to a cycle.
    pub soft: bool,
    /// True where Namespaces and kinds of the service do not wait.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rest: bool,
    /// A sentence that names both objects with file and line.
    pub evidence: String,
}

/// A finding.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageFinding {
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
    /// Its stable name.
    pub code: String,
    /// What is the matter and how to mend it.
    pub message: String,
    /// File and line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// Returns a place without its column: what people look for.
pub(super) fn place(source: &Source) -> String {
    source.without_column().to_string()
}
