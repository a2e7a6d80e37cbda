//! The `selector` of a generator: takes its JSON, gives what a flat set of parameters must have.
//!
//! Source: Argo CD's `applicationset/utils/selector.go`, which knows Kubernetes' rules for keys but
//! none for values.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{Problem, Unknown};

/// What parameters must have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector(Vec<Requirement>);

#[derive(Debug, Clone)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

impl Selector {
    /// Reads a selector.
    pub(crate) fn read(selector: &Value, path: &str) -> Result<Self, Problem> {
        let mut requirements = Vec::new();
        let labels = selector.get("matchLabels").and_then(Value::as_object);
        for (key, value) in labels.into_iter().flatten() {
            check_key(key, &format!("{path}.matchLabels.{key}"))?;
            requirements.push(Requirement {
                key: key.clone(),
                operator: Operator::In,
                values: vec![value.as_str().unwrap_or_default().to_owned()],
            });
        }
        let expressions = selector.get("matchExpressions").and_then(Value::as_array);
        for (at, expression) in expressions.into_iter().flatten().enumerate() {
            let path = format!("{path}.matchExpressions[{at}]");
            requirements.push(requirement(expression, &path)?);
        }
        Ok(Self(requirements))
    }

    /// Returns whether it asks for nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether parameters have what is asked for.
    pub(crate) fn matches(&self, params: &BTreeMap<String, String>) -> bool {
        self.0.iter().all(|one| {
            let value = params.get(&one.key);
            let is_listed = value.is_some_and(|value| one.values.contains(value));
            match one.operator {
                Operator::In => is_listed,
                Operator::NotIn => !is_listed,
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

fn requirement(expression: &Value, path: &str) -> Result<Requirement, Problem> {
    let text = |key: &str| {
        expression
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let key = text("key");
    check_key(key, &format!("{path}.key"))?;
    let operator = match text("operator") {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        other => {
            let message = format!("`{other}` is no operator of a selector");
            let mut problem = Problem::new(format!("{path}.operator"), message)
                .help(format!("there are {}", OPERATORS.join(", ")));
            problem.unknown = Some(Unknown {
                name: other.to_owned(),
                known: OPERATORS.to_vec(),
            });
            return Err(problem);
        }
    };
    let values: Vec<String> = expression
        .get("values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let wants_values = matches!(operator, Operator::In | Operator::NotIn);
    if wants_values == values.is_empty() {
        let message = if wants_values {
            format!("has no values, which {} needs", text("operator"))
        } else {
            format!("has values, which {} does not take", text("operator"))
        };
        return Err(Problem::new(path, message));
    }
    Ok(Requirement {
        key: key.to_owned(),
        operator,
        values,
    })
}

fn check_key(key: &str, path: &str) -> Result<(), Problem> {
    if is_qualified_name(key) {
        return Ok(());
    }
    let help = "a key has letters, digits, `-`, `_` and `.`, at most 63 of them, perhaps after a \
                domain and a slash; nested parameters have dots: `values.stage`";
    Err(Problem::new(path, format!("`{key}` cannot be a key of a selector")).help(help))
}

/// Returns whether a text can be the key of a label.
pub(crate) fn is_qualified_name(key: &str) -> bool {
    let name = match key.split_once('/') {
        Some((prefix, name)) if is_subdomain(prefix) => name,
        Some(_) => return false,
        None => key,
    };
    is_label_value(name) && !name.is_empty()
}

/// Returns whether a text can be the value of a label.
pub(crate) fn is_label_value(value: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    value.len() <= 63
        && value.chars().all(inner)
        && value
            .chars()
            .next()
            .is_none_or(|c| c.is_ascii_alphanumeric())
        && value
            .chars()
            .last()
            .is_none_or(|c| c.is_ascii_alphanumeric())
}

/// Returns whether a text can be the name of most objects.
pub(crate) fn is_subdomain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 253
        && name.split('.').all(|part| {
            part.starts_with(fits)
                && part.ends_with(fits)
                && part.chars().all(|c| fits(c) || c == '-')
        })
}
