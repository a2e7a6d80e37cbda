//! "B needs A until milestone M, because E".

use serde::Serialize;

use super::evidence::Reason;

/// How far a service must have come before one that needs it may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Milestone {
    /// All its objects are written.
    Applied,
    /// Its CustomResourceDefinitions are Established and visible in discovery; where only its
    /// Namespaces and definitions come first, those are there.
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

/// What of a service waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// All of it.
    #[default]
    Service,
    /// All but its Namespaces and CustomResourceDefinitions, which another service waits for that
    /// this one needs: they are written first.
    Rest,
}

impl Holds {
    /// Returns true where the whole service waits.
    pub fn is_service(&self) -> bool {
        *self == Self::Service
    }
}

/// One reason why a service waits for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Edge {
    /// The service that is waited for.
    pub service: String,
    /// How far it must have come.
    pub until: Milestone,
    /// What of the service waits.
    #[serde(skip_serializing_if = "Holds::is_service")]
    pub holds: Holds,
    /// Why, in one sentence that names both objects, or the line of the declaration.
    pub evidence: String,
    /// The same as a value.
    pub reason: Box<Reason>,
}

#[cfg(test)]
impl Edge {
    /// Makes an edge for a test that does not look at the reason.
    pub(crate) fn for_test(service: &str, until: Milestone) -> Self {
        use super::evidence::{Party, Rule, Strength};
        Self {
            service: service.to_owned(),
            until,
            holds: Holds::Service,
            evidence: "test".to_owned(),
            reason: Box::new(Reason {
                rule: Rule::Declared,
                strength: Strength::Declared,
                needing: Party::line(crate::source::Source::file("test.yaml")),
                field: None,
                needed: None,
                through: None,
                by: None,
                also: Vec::new(),
            }),
        }
    }
}

impl Edge {
    /// Returns true where the need is given up rather than to close a cycle.
    pub fn is_soft(&self) -> bool {
        self.reason.strength == super::evidence::Strength::Soft
    }
}
