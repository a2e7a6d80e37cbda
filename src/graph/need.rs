//! Why services wait for each other, as collected: takes single observations, gives one need per
//! reason with every object that has it, never decides the order.

use std::collections::BTreeMap;

use crate::render::{Object, ObjectId, RenderedService};
use crate::source::Source;

use super::edge::{Edge, Holds, Milestone};
pub(super) use super::evidence::described;
use super::evidence::{Party, Reason, Rule, Strength};
use super::platform::Owned;

/// One reason why a service waits for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// The index of the service that waits.
    pub(super) from: usize,
    /// The index of the service that is waited for.
    pub(super) to: usize,
    /// How far that one must have come.
    pub(super) until: Milestone,
    /// What of the service waits.
    pub(super) holds: Holds,
    /// Why.
    pub(super) reason: Reason,
}

impl Need {
    /// Returns true where a person wrote it, and nothing else asks for it.
    pub(super) fn is_declared(&self) -> bool {
        self.reason.strength == Strength::Declared
    }

    /// Returns true where it is given up rather than to close a cycle.
    pub(super) fn is_soft(&self) -> bool {
        self.reason.strength == Strength::Soft
    }

    /// Returns true where what is needed is a Namespace or a CustomResourceDefinition: these can be
    /// written before all else of their service.
    pub(super) fn is_met_by_foundation(&self) -> bool {
        self.until == Milestone::Established || self.reason.rule == Rule::Namespace
    }

    /// Returns true where a Namespace or a CustomResourceDefinition has the need, or may have it.
    pub(super) fn is_of_foundation(&self) -> bool {
        let mut parties = self.reason.also.iter().chain([&self.reason.needing]);
        parties.any(|party| party.object.as_ref().is_some_and(is_foundation))
    }

    /// Returns why, in one sentence.
    pub(super) fn sentence(&self, services: &[RenderedService]) -> String {
        let name = |index: usize| services[index].name.as_str();
        self.reason.sentence(name(self.from), name(self.to))
    }

    /// Returns the public form.
    pub(super) fn edge(self, services: &[RenderedService]) -> Edge {
        Edge {
            service: services[self.to].name.clone(),
            until: self.until,
            holds: self.holds,
            evidence: self.sentence(services),
            reason: Box::new(self.reason),
        }
    }
}

/// One observation: an object of one service needs something of another.
#[derive(Debug)]
pub(super) struct Observation {
    from: usize,
    to: usize,
    until: Milestone,
    rule: Rule,
    strength: Strength,
    needing: Party,
    field: Option<String>,
    needed: Option<Party>,
    through: Option<Party>,
    by: Option<String>,
}

impl Observation {
    /// An object needs another, which must be ready.
    pub(super) fn new(rule: Rule, needing: Owned<'_>, needed: Owned<'_>) -> Self {
        let strength = match rule.strength() {
            // Nothing of its service comes before a hook has ended.
            Strength::Readiness if needing.object.hook => Strength::Admission,
            strength => strength,
        };
        Self {
            from: needing.service,
            to: needed.service,
            until: Milestone::Ready,
            rule,
            strength,
            needing: needing.object.into(),
            field: None,
            needed: Some(needed.object.into()),
            through: None,
            by: None,
        }
    }

    /// A line of a file says that one service needs another.
    pub(super) fn written(rule: Rule, from: usize, to: usize, source: &Source) -> Self {
        Self {
            from,
            to,
            until: Milestone::Ready,
            rule,
            strength: rule.strength(),
            needing: Party::line(source.clone()),
            field: None,
            needed: None,
            through: None,
            by: None,
        }
    }

    /// An object needs something that a line of a file says another service provides.
    pub(super) fn provided(needing: Owned<'_>, to: usize, source: &Source) -> Self {
        Self {
            needing: needing.object.into(),
            needed: Some(Party::line(source.clone())),
            ..Self::written(Rule::Provided, needing.service, to, source)
        }
    }

    /// Another milestone than ready.
    pub(super) fn until(mut self, until: Milestone) -> Self {
        self.until = until;
        self
    }

    /// More or less depends on it than on most that the rule finds.
    pub(super) fn strength(mut self, strength: Strength) -> Self {
        self.strength = strength;
        self
    }

    /// The field that makes the reference.
    pub(super) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Another service answers for what is needed than the one that ships it.
    pub(super) fn answered_by(mut self, service: usize) -> Self {
        self.to = service;
        self
    }

    /// What is needed, where a line said who needs it.
    pub(super) fn needed(mut self, needed: Party) -> Self {
        self.needed = Some(needed);
        self
    }

    /// What stands between the two.
    pub(super) fn through(mut self, object: &Object) -> Self {
        self.through = Some(object.into());
        self
    }

    /// The name that the two share.
    pub(super) fn by(mut self, name: impl Into<String>) -> Self {
        self.by = Some(name.into());
        self
    }
}

/// Collects needs, equal reasons of many objects as one.
#[derive(Debug, Default)]
pub(super) struct Needs {
    found: BTreeMap<Key, usize>,
    needs: Vec<Need>,
}

/// What makes two observations one reason.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    services: (usize, usize),
    until: Milestone,
    rule: Rule,
    strength: Strength,
    needed: Option<Party>,
    through: Option<Party>,
    by: Option<String>,
}

impl Needs {
    /// Adds an observation. A service's need of itself is no need.
    pub(super) fn add(&mut self, observation: Observation) {
        let Observation {
            from,
            to,
            until,
            rule,
            strength,
            needing,
            field,
            needed,
            through,
            by,
        } = observation;
        if from == to {
            return;
        }
        let key = Key {
            services: (from, to),
            until,
            rule,
            strength,
            needed,
            through,
            by,
        };
        if let Some(index) = self.found.get(&key) {
            let reason = &mut self.needs[*index].reason;
            // One object may have a reason in several fields; they are found one after the other.
            if *reason.also.last().unwrap_or(&reason.needing) != needing {
                reason.also.push(needing);
            }
            return;
        }
        self.needs.push(Need {
            from,
            to,
            until,
            holds: Holds::Service,
            reason: Reason {
                rule,
                strength,
                needing,
                field,
                needed: key.needed.clone(),
                through: key.through.clone(),
                by: key.by.clone(),
                also: Vec::new(),
            },
        });
        self.found.insert(key, self.needs.len() - 1);
    }

    /// Returns the needs in the order in which they were found.
    pub(super) fn into_vec(self) -> Vec<Need> {
        self.needs
    }
}

/// Returns true for what is written before all else of a service where another one needs it that the
/// service itself needs.
pub(crate) fn is_foundation(id: &ObjectId) -> bool {
    matches!(
        id.group_kind(),
        ("", "Namespace") | ("apiextensions.k8s.io", "CustomResourceDefinition")
    )
}
