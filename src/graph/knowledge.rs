//! What is known of operators and services besides their manifests: takes the rules of a repository
//! and lays them over those that are built in, gives the rules that hold for an object, never guesses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::definition::{
    EVERY_KIND, NamedObject, OperatorRule, Runtime, ServiceRule, SourceFile, supplement,
};
use crate::render::Object;

/// The rules that are built in; in the form of `firstlight.yaml`.
const KNOWN_TEXT: &str = include_str!("known.yaml");

static KNOWN: LazyLock<Runtime> = LazyLock::new(|| {
    let file = Arc::new(SourceFile {
        path: "known.yaml".to_owned(),
        text: KNOWN_TEXT.to_owned(),
    });
    // A test reads the same file.
    let known = supplement(&file).map(|known| known.runtime);
    known.unwrap_or_default()
});

/// What a graph is built with besides the rendered services.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'k> {
    /// The environment's name.
    pub environment: &'k str,
    /// The names of all services of the repository, enabled or not.
    pub names: &'k BTreeSet<String>,
    /// What the repository says about run time.
    pub runtime: &'k Runtime,
}

/// The rules of a repository and those that are built in.
#[derive(Debug)]
pub(super) struct Rules<'a> {
    by_kind: BTreeMap<(&'a str, &'a str), Vec<&'a OperatorRule>>,
    for_all: Vec<&'a OperatorRule>,
    pub(super) provides: Vec<&'a ServiceRule>,
    pub(super) requires: Vec<&'a ServiceRule>,
}

/// An object by name, as a rule has it for another object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) group: String,
    pub(super) kind: String,
    /// The namespace; empty where there is none, `*` for every one.
    pub(super) namespace: String,
    /// The name; absent where the kind is meant.
    pub(super) name: Option<String>,
}

impl<'a> Rules<'a> {
    /// Lays rules over those that are built in: where both speak of a kind, a user's rule is meant.
    pub(super) fn new(knowledge: &Knowledge<'a>) -> Self {
        let own = knowledge.runtime;
        let of = |rules: &'a [ServiceRule]| {
            let rules = rules.iter();
            rules
                .filter(|rule| rule.is_for(knowledge.environment))
                .collect()
        };
        let mut rules = Self {
            by_kind: BTreeMap::new(),
            for_all: Vec::new(),
            provides: of(&own.provides),
            requires: of(&own.requires),
        };
        rules.add(&own.operators, &BTreeSet::new());
        let told: BTreeSet<(&str, &str)> = rules.by_kind.keys().copied().collect();
        rules.add(&KNOWN.operators, &told);
        rules
    }

    fn add(&mut self, operators: &'a [OperatorRule], told: &BTreeSet<(&str, &str)>) {
        for rule in operators {
            let Some(group) = &rule.api_group else {
                self.for_all.push(rule);
                continue;
            };
            for kind in &rule.kinds {
                let key = (group.as_str(), kind.as_str());
                if !told.contains(&key) {
                    self.by_kind.entry(key).or_default().push(rule);
                }
            }
        }
    }

    /// Returns the rules that hold for an object.
    pub(super) fn of(&self, object: &Object) -> impl Iterator<Item = &'a OperatorRule> {
        let (group, kind) = object.id.group_kind();
        let by_kind: &BTreeMap<(&str, &str), Vec<&'a OperatorRule>> = &self.by_kind;
        let annotations = object.manifest.pointer("/metadata/annotations");
        let mut found: Vec<&'a OperatorRule> = Vec::new();
        let of_kind = by_kind.get(&(group, kind));
        let of_group = || by_kind.get(&(group, EVERY_KIND));
        found.extend(of_kind.or_else(of_group).into_iter().flatten());
        found.extend(&self.for_all);
        found.retain(|rule| match &rule.annotation {
            None => true,
            Some(key) => annotations.is_some_and(|all| all.get(key).is_some()),
        });
        found.into_iter()
    }
}

/// Returns the objects that a rule names for an object.
pub(super) fn expand(named: &NamedObject, object: &Object) -> Vec<Named> {
    let holders: Vec<&Value> = match &named.each {
        None => vec![&object.manifest],
        Some(path) => path
            .find(&object.manifest)
            .into_iter()
            .filter_map(|found| found.value)
            .collect(),
    };
    let mut all = Vec::new();
    for holder in holders {
        let one = |template: Option<&crate::definition::NameTemplate>| match template {
            None => Some(None),
            // A template that finds nothing means that there is no such object.
            Some(template) => template.names(holder).into_iter().next().map(Some),
        };
        let (Some(group), kinds) = (one(named.api_group.as_ref()), named.kind.names(holder)) else {
            continue;
        };
        let own = object.id.namespace.clone().unwrap_or_default();
        let namespaces = match &named.namespace {
            None => vec![own],
            Some(template) => {
                let found = template.names(holder);
                // A field that may be left out stands for the object's own namespace.
                if found.is_empty() { vec![own] } else { found }
            }
        };
        let called: Vec<Option<String>> = match &named.name {
            None => vec![None],
            Some(template) => template.names(holder).into_iter().map(Some).collect(),
        };
        for kind in &kinds {
            for namespace in &namespaces {
                all.extend(called.iter().map(|name| Named {
                    group: group.clone().unwrap_or_default(),
                    kind: kind.clone(),
                    namespace: namespace.clone(),
                    name: name.clone(),
                }));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_are_built_in_are_good() {
        let file = Arc::new(SourceFile {
            path: "known.yaml".to_owned(),
            text: KNOWN_TEXT.to_owned(),
        });
        let read = supplement(&file).expect("good rules");
        assert!(read.runtime.operators.len() > 50);
        assert_eq!(*KNOWN, read.runtime);
        for rule in &read.runtime.operators {
            assert!(
                !rule.makes.is_empty() || !rule.needs.is_empty(),
                "{}: a rule that says nothing",
                rule.source
            );
        }
    }
}
