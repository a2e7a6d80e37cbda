//! Why services wait for each other, as collected: takes single observations, gives one need per
//! reason with a sentence, never decides the order.

use std::collections::BTreeMap;

use crate::render::Object;

use super::edge::{Edge, Milestone};
use super::platform::Owned;

/// Where a need comes from; the order is the one in which needs are given up to break a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// An address found in a configuration: helpful, never worth a cycle.
    Address,
    /// Written by a person.
    Declared,
    /// The API server or a controller will insist on it.
    Inferred,
}

/// One reason why a service waits for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Need {
    /// The index of the service that waits.
    pub(super) from: usize,
    /// The index of the service that is waited for.
    pub(super) to: usize,
    /// How far that one must have come.
    pub(super) until: Milestone,
    /// Where the need comes from.
    pub(super) origin: Origin,
    /// Why, in one sentence.
    pub(super) evidence: String,
}

impl Need {
    /// Returns the public form.
    pub(super) fn edge(&self, name_of: impl Fn(usize) -> String) -> Edge {
        Edge {
            service: name_of(self.to),
            until: self.until,
            evidence: self.evidence.clone(),
        }
    }
}

/// Collects needs, equal reasons of many objects as one.
#[derive(Debug, Default)]
pub(super) struct Needs {
    sentences: BTreeMap<Reason, Sentence>,
    order: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reason {
    from: usize,
    to: usize,
    until: Milestone,
    origin: Origin,
    predicate: String,
}

#[derive(Debug)]
struct Sentence {
    order: usize,
    subject: String,
    others: usize,
}

impl Needs {
    /// Adds that an object of one service needs another service.
    ///
    /// `predicate` goes on after the object, such as "uses IngressClass nginx". A service's need of
    /// itself is no need.
    pub(super) fn add(
        &mut self,
        needing: Owned<'_>,
        to: usize,
        until: Milestone,
        predicate: impl Into<String>,
    ) {
        self.push(needing, to, until, Origin::Inferred, predicate.into());
    }

    /// Adds that an object's configuration names an address of another service.
    pub(super) fn add_address(
        &mut self,
        needing: Owned<'_>,
        to: usize,
        predicate: impl Into<String>,
    ) {
        self.push(
            needing,
            to,
            Milestone::Ready,
            Origin::Address,
            predicate.into(),
        );
    }

    /// Adds a declared dependency.
    pub(super) fn add_declared(&mut self, from: usize, to: usize, evidence: String) {
        let reason = Reason {
            from,
            to,
            until: Milestone::Ready,
            origin: Origin::Declared,
            predicate: evidence,
        };
        self.order += 1;
        let sentence = Sentence {
            order: self.order,
            subject: String::new(),
            others: 0,
        };
        self.sentences.entry(reason).or_insert(sentence);
    }

    fn push(
        &mut self,
        needing: Owned<'_>,
        to: usize,
        until: Milestone,
        origin: Origin,
        predicate: String,
    ) {
        if needing.service == to {
            return;
        }
        self.order += 1;
        let order = self.order;
        let reason = Reason {
            from: needing.service,
            to,
            until,
            origin,
            predicate,
        };
        self.sentences
            .entry(reason)
            .and_modify(|sentence| sentence.others += 1)
            .or_insert_with(|| Sentence {
                order,
                subject: described(needing.object),
                others: 0,
            });
    }

    /// Returns the needs in the order in which they were found.
    pub(super) fn into_vec(self) -> Vec<Need> {
        let mut sentences: Vec<(Reason, Sentence)> = self.sentences.into_iter().collect();
        sentences.sort_by_key(|(_, sentence)| sentence.order);
        sentences
            .into_iter()
            .map(|(reason, sentence)| need(reason, &sentence))
            .collect()
    }
}

fn need(reason: Reason, sentence: &Sentence) -> Need {
    let Reason {
        from,
        to,
        until,
        origin,
        predicate,
    } = reason;
    let evidence = match (sentence.subject.as_str(), sentence.others) {
        ("", _) => predicate,
        (subject, 0) => format!("{subject} {predicate}"),
        (subject, others) => format!("{subject} {predicate}; so do {others} more objects")
            .replace("so do 1 more objects", "so does 1 more object"),
    };
    Need {
        from,
        to,
        until,
        origin,
        evidence,
    }
}

/// Returns an object with its place, as evidence names it.
pub(super) fn described(object: &Object) -> String {
    format!("{} ({})", object.id, object.source)
}
