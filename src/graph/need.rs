//! Why services wait for each other, as collected: takes single observations, gives one need per
//! reason with every object that has it, never decides the order.

use std::collections::BTreeMap;

use crate::render::{Object, RenderedService};
use crate::source::Source;

use super::edge::{Edge, Holds, Milestone};
pub(super) use super::evidence::described;
use super::evidence::{Party, Reason, Rule};
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
    /// How hard it is to give the need up; the order in which needs are given up to break a cycle:
    /// an address, then what a person wrote, then what the API server or a controller insists on.
    pub(super) fn weight(&self) -> u8 {
        match self.reason.rule {
            rule if rule.is_soft() => 0,
            Rule::Declared | Rule::Required => 1,
            _ => 2,
        }
    }

    /// Returns true where a person wrote it, and nothing else asks for it.
    pub(super) fn is_declared(&self) -> bool {
        self.weight() == 1
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
            reason: self.reason,
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
    needing: Party,
    field: Option<String>,
    needed: Option<Party>,
    through: Option<Party>,
    by: Option<String>,
}

impl Observation {
    /// An object needs another, which must be ready.
    pub(super) fn new(rule: Rule, needing: Owned<'_>, needed: Owned<'_>) -> Self {
        Self {
            from: needing.service,
            to: needed.service,
            until: Milestone::Ready,
            rule,
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
