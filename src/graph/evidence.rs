//! Why a service waits for another, as a value: takes what a rule saw, gives both objects with their
//! places, the field that makes the reference, and the sentence; the only place that words it.

use std::fmt::Write as _;

use serde::Serialize;

use crate::render::{Object, ObjectId};
use crate::source::Source;

/// The rule by which one service was found to need another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A person wrote it: `dependsOn`, or an annotation of an Application.
    Declared,
    /// A custom resource and its CustomResourceDefinition.
    Kind,
    /// The same, where a webhook converts between versions.
    ConvertedKind,
    /// An object and the Namespace that it lives in.
    Namespace,
    /// An object and the class that it names.
    Class,
    /// An object that names no class, and the default one.
    DefaultClass,
    /// What asks for a certificate, and the issuer.
    Issuer,
    /// A Secret to be, and the operator that makes it.
    SecretOperator,
    /// A Secret to be, and the store that it is read through.
    SecretStore,
    /// A Secret to be, and the Vault that it is read from.
    Vault,
    /// An object and the webhook that must admit it.
    Webhook,
    /// An object whose pods a webhook must admit.
    PodWebhook,
    /// An object that only works by an aggregated API, and the `APIService`.
    ApiService,
    /// An object that names another by its kind and name.
    Reference,
    /// The parameters of an admission policy.
    Parameters,
    /// An object that a controller fills from another.
    Copy,
    /// What an operator makes of another object while it runs.
    Product,
    /// What `firstlight.yaml` says that a service brings while it runs.
    Provided,
    /// What `firstlight.yaml` says that a service needs.
    Required,
    /// A role binding and the ServiceAccount that it names.
    Subject,
    /// The address of another service in a configuration.
    Address,
}

/// How much depends on a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// Helpful: given up rather than to close a cycle.
    Soft,
    /// A person wrote it.
    Declared,
    /// The service can be written without, but not become ready: given up where it closes a cycle
    /// in which nobody waits until this service is ready.
    Readiness,
    /// The API server refuses the object without.
    Admission,
}

impl Strength {
    /// Returns its name as it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Declared => "declared",
            Self::Readiness => "readiness",
            Self::Admission => "admission",
        }
    }
}

impl Rule {
    /// Returns how much depends on what the rule finds, where nothing else is known.
    pub(super) fn strength(self) -> Strength {
        match self {
            Self::Address | Self::Subject | Self::ApiService | Self::Copy => Strength::Soft,
            Self::Declared | Self::Required => Strength::Declared,
            Self::Class
            | Self::Issuer
            | Self::SecretOperator
            | Self::SecretStore
            | Self::Vault
            | Self::Reference
            | Self::Product
            | Self::Provided => Strength::Readiness,
            Self::Kind
            | Self::ConvertedKind
            | Self::Namespace
            | Self::DefaultClass
            | Self::Webhook
            | Self::PodWebhook
            | Self::Parameters => Strength::Admission,
        }
    }

    /// Returns its name as it stands in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Kind => "kind",
            Self::ConvertedKind => "converted-kind",
            Self::Namespace => "namespace",
            Self::Class => "class",
            Self::DefaultClass => "default-class",
            Self::Issuer => "issuer",
            Self::SecretOperator => "secret-operator",
            Self::SecretStore => "secret-store",
            Self::Vault => "vault",
            Self::Webhook => "webhook",
            Self::PodWebhook => "pod-webhook",
            Self::ApiService => "api-service",
            Self::Reference => "reference",
            Self::Parameters => "parameters",
            Self::Copy => "copy",
            Self::Product => "product",
            Self::Provided => "provided",
            Self::Required => "required",
            Self::Subject => "subject",
            Self::Address => "address",
        }
    }
}

/// One end of a need: an object, or the line of a declaration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Party {
    /// The object; absent where a file says it without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// Where it stands.
    pub source: Source,
}

impl Party {
    /// Returns a line that says something without an object.
    pub fn line(source: Source) -> Self {
        Self {
            object: None,
            source,
        }
    }
}

impl From<&Object> for Party {
    fn from(object: &Object) -> Self {
        Self {
            object: Some(object.id.clone()),
            source: object.source.clone(),
        }
    }
}

impl std::fmt::Display for Party {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.object {
            Some(object) => write!(formatter, "{object} ({})", self.source),
            None => write!(formatter, "({})", self.source),
        }
    }
}

/// Why one service needs another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reason {
    /// The rule that found it.
    pub rule: Rule,
    /// How much depends on it.
    pub strength: Strength,
    /// The first object that needs.
    pub needing: Party,
    /// The field of it that makes the reference, as `spec.ingressClassName`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it needs; absent where a person only named the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<Party>,
    /// What stands between the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<Party>,
    /// The name that the two share: of a webhook, of a Secret, of an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Further objects that need the same for the same reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Party>,
}

impl Reason {
    /// Returns it as one sentence; `from` is the service that waits, `to` the one waited for.
    pub fn sentence(&self, from: &str, to: &str) -> String {
        let place = &self.needing.source;
        let mut sentence = match self.rule {
            Rule::Declared => format!(
                "{from} declares that it depends on {to} ({})",
                place.without_column()
            ),
            Rule::Required if self.needing.object.is_none() => format!(
                "{from} requires {} ({}), which {}",
                self.name(),
                place.without_column(),
                self.bringer(to)
            ),
            _ => format!("{} {}", self.needing, self.predicate(to)),
        };
        match self.also.len() {
            0 => {}
            1 => sentence.push_str("; so does 1 more object"),
            more => {
                // Writing to a text cannot fail.
                let _ = write!(sentence, "; so do {more} more objects");
            }
        }
        sentence
    }

    fn name(&self) -> &str {
        self.by.as_deref().unwrap_or("what is not named")
    }

    fn bringer(&self, to: &str) -> String {
        match &self.needed {
            Some(Party {
                object: Some(_), ..
            }) => format!("{} brings as {}", to, self.other()),
            Some(line) => format!("{to} provides ({})", line.source.without_column()),
            None => format!("{to} provides"),
        }
    }

    fn other(&self) -> String {
        let needed = self.needed.as_ref();
        needed.map_or_else(|| "nothing".to_owned(), ToString::to_string)
    }

    fn predicate(&self, to: &str) -> String {
        let other = self.other();
        match self.rule {
            Rule::Declared => format!("depends on {to}"),
            Rule::Kind => format!("has its kind from {other}"),
            Rule::ConvertedKind => {
                format!("has its kind from {other}, whose objects a webhook converts")
            }
            Rule::Namespace => format!("lives in {other}"),
            Rule::Class => format!("uses {other}"),
            Rule::DefaultClass => format!("gets the default class, {other}"),
            Rule::Issuer => format!("gets its certificate from {other}"),
            Rule::SecretOperator => match &self.through {
                Some(through) => format!(
                    "becomes {} by the operator that {through} gives rights on {other}",
                    self.name()
                ),
                None => format!("becomes {} by the operator that ships {other}", self.name()),
            },
            Rule::SecretStore => format!("is read through {other}"),
            Rule::Vault => match &self.through {
                Some(through) => format!(
                    "is read from Vault behind {other}, which {through} names as its address"
                ),
                None => format!("is read from Vault behind {other}"),
            },
            Rule::Webhook => format!("must pass {} of {other}", self.name()),
            Rule::PodWebhook => {
                format!("brings pods, which must pass {} of {other}", self.name())
            }
            Rule::ApiService => format!("asks {}, which {other} registers", self.name()),
            Rule::Reference => format!("names {other}"),
            Rule::Parameters => format!("takes its parameters from {other}"),
            Rule::Copy => format!("is filled from {other}"),
            Rule::Product => format!("needs {}, which is made of {other}", self.name()),
            Rule::Provided | Rule::Required => {
                format!("needs {}, which {}", self.name(), self.bringer(to))
            }
            Rule::Subject => format!("gives rights to {other}"),
            Rule::Address => match &self.through {
                Some(through) => format!("is told the address of {other} by {through}"),
                None => format!("names the address of {other}"),
            },
        }
    }
}

/// Returns an object with its place, as sentences name it.
pub(super) fn described(object: &Object) -> String {
    format!("{} ({})", object.id, object.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_rule_is_the_one_in_json() {
        for rule in [
            Rule::Declared,
            Rule::ConvertedKind,
            Rule::PodWebhook,
            Rule::ApiService,
            Rule::Address,
        ] {
            let json = serde_json::to_value(rule).expect("a name");
            assert_eq!(json, rule.name());
        }
    }
}
