//! "B needs A until milestone M, because E".

use serde::Serialize;

/// How far a service must have come before one that needs it may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Milestone {
    /// All its objects are written.
    Applied,
    /// Its CustomResourceDefinitions are Established and visible in discovery.
    Established,
    /// All its objects are ready and its webhooks answer.
    Ready,
}

impl Milestone {
    /// Returns its name as it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Established => "established",
            Self::Ready => "ready",
        }
    }
}

/// One reason why a service waits for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The service that is waited for.
    pub service: String,
    /// How far it must have come.
    pub until: Milestone,
    /// Why, in one sentence that names both objects, or the line of the declaration.
    pub evidence: String,
}

impl Edge {
    /// Returns true where the need is given up rather than to close a cycle.
    pub fn is_soft(&self) -> bool {
        false
    }
}
