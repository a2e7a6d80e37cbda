//! `suppress` in `firstlight.yaml`, findings that somebody lives with: takes the list, gives rules with
//! their reasons or every problem with its place, never a finding.

use crate::finding::{Code, codes};
use crate::source::Source;

use super::document::{Located, Tree};
use super::reader::{Reader, present};
use super::schema;

/// Findings that somebody lives with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Which finding.
    pub code: Code,
    /// Why it may stay.
    pub reason: String,
    /// The service that it is about; any where none is named.
    pub service: Option<String>,
    /// The object that it is about, such as `Secret portal` or `Secret portal/portal`; any where none
    /// is named.
    pub object: Option<String>,
    /// The environments; all where none is named.
    pub environments: Vec<String>,
    /// Where the rule stands.
    pub source: Source,
}

impl Suppression {
    /// Returns whether it is meant for an environment.
    pub fn is_for(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|one| one == environment)
    }
}

/// Reads the list.
pub(super) fn read(reader: &mut Reader, value: Option<&Located>) -> Vec<Suppression> {
    let Some(value) = present(value) else {
        return Vec::new();
    };
    let rules = reader.items(value, "suppress");
    rules.iter().filter_map(|rule| one(reader, rule)).collect()
}

fn one(reader: &mut Reader, rule: &Located) -> Option<Suppression> {
    reader.map(rule, "a suppression", schema::SUPPRESSION);
    for key in ["code", "reason"] {
        if present(rule.at(&[key])).is_none() {
            let help = match key {
                "reason" => "say why the finding may stay: whoever reads it next will ask",
                _ => "`firstlight explain` lists all codes",
            };
            let label = format!("expected the key `{key}` here");
            let message = format!("`{key}` is missing");
            reader.problem(&rule.place, message, label, Some(help.to_owned()));
        }
    }
    let given = rule.at(&["code"]);
    let name = reader.text(given, "code");
    let reason = reader.text(rule.at(&["reason"]), "reason");
    let service = reader.text(rule.at(&["service"]), "service");
    let object = reader.text(rule.at(&["object"]), "object");
    let environments = rule.at(&["environment"]);
    let environments = match environments.map(|given| &given.tree) {
        Some(Tree::List(_)) => (reader.texts(environments, "environment").into_iter())
            .map(|(name, _)| name)
            .collect(),
        _ => reader
            .text(environments, "environment")
            .into_iter()
            .collect(),
    };
    let name = name?;
    let code = Code::named(&name);
    if let (None, Some(given)) = (code, given) {
        reader.unknown(&given.place, "finding", &name, codes::all().map(Code::name));
    }
    Some(Suppression {
        code: code?,
        reason: reason?,
        service,
        object,
        environments,
        source: rule.place.source(),
    })
}
