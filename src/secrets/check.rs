//! What is wrong between the specifications of an environment's services: takes them with their
//! services' values and with what asks Vault, gives findings, never a value.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::finding::{Finding, Severity, codes};
use crate::source::Source;
use crate::suggest::nearest;

use super::specification::{Condition, KeySpecification, Specification};

/// One service with its specification.
#[derive(Debug, Clone)]
pub struct ServiceSecrets {
    /// The service's name.
    pub service: String,
    /// What it needs.
    pub specification: Specification,
    /// Its values in this environment, the chart's own and its overrides.
    pub values: Value,
    /// What any environment gives as values: what a condition may name.
    pub known_values: Vec<Value>,
}

/// An object that becomes a Secret with keys of Vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultRequest {
    /// The service that has it.
    pub service: String,
    /// The object in words.
    pub object: crate::render::ObjectId,
    /// The secret of which service it asks for: the last part of its path.
    pub secret: String,
    /// The keys that it asks for; all where none is named.
    pub keys: Vec<String>,
    /// Where it stands.
    pub source: Source,
}

/// Secrets that no service specifies, but the installation as a whole.
const COMMON: &[&str] = &["pull-secret"];

/// The key of a service.
type KeyName<'a> = (&'a str, &'a str);

/// Checks the specifications of an environment against each other and against what asks for them.
///
/// `services` are all services of the environment by name, with or without a specification; what those
/// specify that are `unknown` cannot be read.
pub fn check(
    secrets: &[ServiceSecrets],
    services: &BTreeSet<String>,
    unknown: &BTreeSet<String>,
    requests: &[VaultRequest],
) -> Vec<Finding> {
    let active: BTreeMap<KeyName<'_>, &KeySpecification> = secrets
        .iter()
        .flat_map(|one| {
            let keys = one.specification.keys.iter();
            keys.filter(|(_, key)| holds(key.condition.as_ref(), &one.values))
                .map(|(name, key)| ((one.service.as_str(), name.as_str()), key))
        })
        .collect();
    let check = Check {
        secrets,
        services,
        unknown,
        active,
    };
    let mut findings = check.conditions();
    findings.extend(check.copies());
    findings.extend(check.cycles());
    findings.extend(check.requests(requests));
    findings
}

struct Check<'a> {
    secrets: &'a [ServiceSecrets],
    services: &'a BTreeSet<String>,
    unknown: &'a BTreeSet<String>,
    active: BTreeMap<KeyName<'a>, &'a KeySpecification>,
}

/// Returns what stands at a path of keys.
fn at<'v>(values: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .try_fold(values, |holder, key| holder.get(key))
}

/// Returns whether a condition holds: what it names is there, and neither empty, zero nor false.
fn holds(condition: Option<&Condition>, values: &Value) -> bool {
    let Some(condition) = condition else {
        return true;
    };
    match at(values, &condition.path) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(entries)) => !entries.is_empty(),
    }
}

impl<'a> Check<'a> {
    fn values_of(&self, service: &str) -> &'a Value {
        let found = self.secrets.iter().find(|one| one.service == service);
        found.map_or(&Value::Null, |one| &one.values)
    }

    /// Looks for conditions on values that nobody has.
    fn conditions(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for one in self.secrets {
            for (name, key) in &one.specification.keys {
                let conditions = [
                    key.condition.as_ref(),
                    key.copy.as_ref().and_then(|copy| copy.condition.as_ref()),
                    key.generate
                        .as_ref()
                        .and_then(|made| made.condition.as_ref()),
                ];
                for condition in conditions.into_iter().flatten() {
                    let path = condition.path.as_str();
                    if one
                        .known_values
                        .iter()
                        .any(|values| at(values, path).is_some())
                    {
                        continue;
                    }
                    let known: Vec<String> = one.known_values.iter().flat_map(paths).collect();
                    let hint = nearest(path, known.iter().map(String::as_str))
                        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    let message = format!(
                        "the secret `{name}` of {} depends on the value `{path}`, which the service \
                         has in no environment{hint}",
                        one.service
                    );
                    let code = codes::SECRET_CONDITION_UNKNOWN;
                    findings.push(
                        Finding::new(Severity::Warning, code, message)
                            .of(&one.service)
                            .at(condition.source.clone()),
                    );
                }
            }
        }
        findings
    }

    /// Returns what a key takes its value from in this environment, and where that is said.
    fn origin(
        &self,
        service: &'a str,
        key: &'a KeySpecification,
    ) -> Option<(KeyName<'a>, &'a Source)> {
        let values = self.values_of(service);
        if let Some(copy) = &key.copy
            && holds(copy.condition.as_ref(), values)
        {
            return Some(((&copy.service, &copy.key), &copy.source));
        }
        let made = key
            .generate
            .as_ref()
            .filter(|made| holds(made.condition.as_ref(), values))?;
        Some(((service, made.from.as_deref()?), &made.source))
    }

    /// Looks for keys that are copied or made from what is not there.
    fn copies(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (&(service, name), key) in &self.active {
            let Some((from, source)) = self.origin(service, key) else {
                continue;
            };
            if self.active.contains_key(&from) || self.unknown.contains(from.0) {
                continue;
            }
            let (other, wanted) = from;
            let specified = self.secrets.iter().find(|one| one.service == other);
            let why = match specified {
                Some(one) if one.specification.keys.contains_key(wanted) => {
                    format!("which {other} does not have in this environment: its `if` is not true")
                }
                Some(one) => {
                    let known = one.specification.keys.keys().map(String::as_str);
                    let hint = nearest(wanted, known)
                        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    format!("which the specification of {other} does not have{hint}")
                }
                None if self.services.contains(other) => {
                    format!("but {other} has no specification of secrets")
                }
                None => {
                    let hint = nearest(other, self.services.iter().map(String::as_str))
                        .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    format!("but {other} is not enabled in this environment{hint}")
                }
            };
            let message =
                format!("the secret `{name}` of {service} comes from `{wanted}` of {other}, {why}");
            let code = codes::SECRET_COPY_DANGLING;
            findings.push(
                Finding::new(Severity::Error, code, message)
                    .of(service)
                    .at(source.clone()),
            );
        }
        findings
    }

    /// Looks for keys that come from each other in a circle; each circle is told once.
    fn cycles(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut told: BTreeSet<KeyName<'_>> = BTreeSet::new();
        for start in self.active.keys() {
            let mut way = vec![*start];
            let mut at = *start;
            let source = loop {
                let Some(key) = self.active.get(&at) else {
                    break None;
                };
                let Some((from, source)) = self.origin(at.0, key) else {
                    break None;
                };
                if from == *start {
                    break Some(source);
                }
                if way.contains(&from) {
                    break None;
                }
                way.push(from);
                at = from;
            };
            let Some(source) = source.filter(|_| !told.contains(start)) else {
                continue;
            };
            told.extend(way.iter().copied());
            way.push(*start);
            let names: Vec<String> = way
                .iter()
                .map(|(service, key)| format!("`{key}` of {service}"))
                .collect();
            let message = format!("secrets come from each other: {}", names.join(" from "));
            findings.push(
                Finding::new(Severity::Error, codes::SECRET_CYCLE, message)
                    .of(start.0)
                    .at(source.clone()),
            );
        }
        findings
    }

    /// Holds what asks Vault against what is specified, both ways.
    fn requests(&self, requests: &[VaultRequest]) -> Vec<Finding> {
        // A repository without specifications keeps them elsewhere.
        if self.secrets.is_empty() {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for request in requests
            .iter()
            .filter(|one| !COMMON.contains(&one.secret.as_str()))
        {
            findings.extend(self.unspecified(request));
        }
        let sources: BTreeSet<KeyName<'_>> = (self.active.iter())
            .filter_map(|((service, _), key)| Some(self.origin(service, key)?.0))
            .collect();
        for (&(service, name), key) in &self.active {
            let asked = requests.iter().any(|request| {
                request.secret == service
                    && (request.keys.is_empty() || request.keys.iter().any(|one| one == name))
            });
            if asked || sources.contains(&(service, name)) {
                continue;
            }
            let message = format!("nothing asks Vault for the secret `{name}` of {service}");
            findings.push(
                Finding::new(Severity::Info, codes::SECRET_NOT_ASKED_FOR, message)
                    .of(service)
                    .at(key.source.clone()),
            );
        }
        findings
    }

    fn unspecified(&self, request: &VaultRequest) -> Option<Finding> {
        let specified = self
            .secrets
            .iter()
            .find(|one| one.service == request.secret);
        let what = match specified {
            None => format!(
                "the secret of {}, which no specification speaks of",
                request.secret
            ),
            Some(one) => {
                let unknown: Vec<String> = (request.keys.iter())
                    .filter(|key| {
                        !self
                            .active
                            .contains_key(&(one.service.as_str(), key.as_str()))
                    })
                    .map(|key| format!("`{key}`"))
                    .collect();
                if unknown.is_empty() {
                    return None;
                }
                format!(
                    "{} of the secret of {}, which its specification does not have here",
                    unknown.join(", "),
                    request.secret
                )
            }
        };
        let message = format!("{} asks Vault for {what}", request.object);
        Some(
            Finding::new(Severity::Info, codes::SECRET_NOT_SPECIFIED, message)
                .of(&request.service)
                .about(&request.object)
                .at(request.source.clone()),
        )
    }
}

/// Returns all paths of keys in values.
fn paths(values: &Value) -> Vec<String> {
    fn collect(value: &Value, before: &str, found: &mut Vec<String>) {
        const MOST: usize = 2000;
        for (key, value) in value.as_object().into_iter().flatten() {
            let path = if before.is_empty() {
                key.clone()
            } else {
                format!("{before}.{key}")
            };
            if found.len() < MOST {
                collect(value, &path, found);
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(values, "", &mut found);
    found
}
