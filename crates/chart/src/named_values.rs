//! The values that a failed action names: takes the action's text, gives where each of them comes
//! from or that nothing gives it, never the values themselves, which may be secrets.

use std::fmt;

use gotemplate::{Map, Value};

use crate::origin::{Origin, Origins};

/// So many are told at the most.
const MOST: usize = 4;

/// A value that an action names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedValue {
    /// The path as it is written, such as `.Values.image.tag`.
    pub path: String,
    /// What is known of it.
    pub state: ValueState,
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueState {
    /// It is given.
    Given(Origin),
    /// Something says that there is to be none.
    TakenAway(Origin),
    /// Nothing says anything about it.
    Absent {
        /// The longest part of the path that is there, and where it comes from.
        nearest: Option<(String, Origin)>,
    },
}

impl fmt::Display for NamedValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.state {
            ValueState::Given(origin) => write!(formatter, "{path} is given by {origin}"),
            ValueState::TakenAway(origin) => write!(formatter, "{path} is taken away by {origin}"),
            ValueState::Absent { nearest: None } => write!(formatter, "nothing gives {path}"),
            ValueState::Absent {
                nearest: Some((path_above, origin)),
            } => write!(
                formatter,
                "nothing gives {path}; {path_above} is given by {origin}"
            ),
        }
    }
}

/// Returns what is known of the values that an action names. `values` are those of the chart that
/// is rendered, as are the origins.
pub(crate) fn named_values(
    action: &str,
    values: Option<&Map>,
    origins: &Origins<'_>,
) -> Vec<NamedValue> {
    let mut found: Vec<NamedValue> = Vec::new();
    for keys in paths(action) {
        let path = written(&keys);
        if found.len() >= MOST || found.iter().any(|one| one.path == path) {
            continue;
        }
        let there = depth(values, &keys);
        let state = match (there == keys.len(), origins.of(&keys)) {
            (true, Some(origin)) => ValueState::Given(origin),
            (false, Some(origin)) => ValueState::TakenAway(origin),
            // It comes from a place without a name.
            (true, None) => continue,
            (false, None) => ValueState::Absent {
                nearest: origins
                    .of(&keys[..there])
                    .map(|origin| (written(&keys[..there]), origin)),
            },
        };
        found.push(NamedValue { path, state });
    }
    found
}

fn written(keys: &[String]) -> String {
    format!(".Values.{}", keys.join("."))
}

/// Returns the keys of every `.Values.a.b` in a text.
fn paths(action: &str) -> Vec<Vec<String>> {
    const ROOT: &str = ".Values.";
    let of_name = |c: char| c.is_alphanumeric() || c == '_';
    action
        .match_indices(ROOT)
        .filter(|(at, _)| !action[..*at].ends_with(of_name))
        .map(|(at, _)| {
            let rest = &action[at + ROOT.len()..];
            let end = rest
                .find(|c: char| !of_name(c) && c != '.')
                .unwrap_or(rest.len());
            let keys = rest[..end].split('.').filter(|key| !key.is_empty());
            keys.map(str::to_owned).collect()
        })
        .filter(|keys: &Vec<String>| !keys.is_empty())
        .collect()
}

/// Returns how many of the keys are there.
fn depth(values: Option<&Map>, keys: &[String]) -> usize {
    let mut here = values.cloned();
    for (at, key) in keys.iter().enumerate() {
        here = match here.as_ref().and_then(|map| map.get(key)) {
            None => return at,
            Some(Value::Map(below)) => Some(below),
            Some(_) => None,
        };
    }
    keys.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_actions() {
        assert_eq!(
            paths("required \"x.Values.y\" $.Values.a.b (index .Values.c 0) .Values"),
            [vec!["a", "b"], vec!["c"]]
        );
    }
}
