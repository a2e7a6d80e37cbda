//! What a stage found out about the platform before any write: takes facts, gives findings that
//! `plan` and `lint` print, never decides whether the run goes on.

use serde::Serialize;

use crate::render::ObjectId;
use crate::source::Source;

/// How bad a finding is. An error stops an installation before its first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The installation would fail or hang.
    Error,
    /// The installation may fail, or Argo CD will report a difference.
    Warning,
    /// Worth knowing.
    Info,
}

/// One thing found out before any write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name in kebab case, such as `missing-crd`.
    pub code: &'static str,
    /// The service that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// One sentence that says what is the matter and how to mend it.
    pub message: String,
    /// Where to look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}
