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
    /// Nothing says anything about it, or about what it would stand in.
    Absent {
        /// The name that is missing, the last of the path.
        name: String,
        /// The names beside which it would stand.
        known: Vec<String>,
        /// What it would stand in, and where that comes from.
        nearest: Option<(String, Origin)>,
        /// Where something of the name is given that the chart does not see there.
        elsewhere: Option<Elsewhere>,
    },
}

/// Something of the same name, given for another path than the one that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The path that is given, as `--set` takes it.
    pub path: String,
    /// The path that is looked for.
    pub wanted: String,
    /// Where it is given.
    pub origin: Origin,
}

impl fmt::Display for NamedValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.state {
            ValueState::Given(origin) => write!(formatter, "{path} is given by {origin}"),
            ValueState::TakenAway(origin) => write!(formatter, "{path} is set to null by {origin}"),
            ValueState::Absent { nearest: None, .. } => write!(formatter, "nothing gives {path}"),
            ValueState::Absent {
                nearest: Some((path_above, origin)),
                ..
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
        let (there, around) = depth(values, &keys);
        // Of what is not there, the outermost part is told of.
        let keys = &keys[..keys.len().min(there + 1)];
        let path = written(keys);
        if found.len() >= MOST || found.iter().any(|one| one.path == path) {
            continue;
        }
        let nearest = || {
            let above = &keys[..there];
            origins.of(above).map(|origin| (written(above), origin))
        };
        let name = keys.last().cloned().unwrap_or_default();
        let state = match (there == keys.len(), around, origins.of(keys)) {
            (true, _, Some(origin)) => ValueState::Given(origin),
            // It comes from a place without a name.
            (true, _, None) => continue,
            (false, None, _) => ValueState::Absent {
                name,
                known: Vec::new(),
                nearest: nearest(),
                elsewhere: None,
            },
            (false, Some(_), Some(origin)) => ValueState::TakenAway(origin),
            (false, Some(around), None) => ValueState::Absent {
                name,
                known: around.keys().iter().map(ToString::to_string).collect(),
                nearest: nearest(),
                elsewhere: origins.elsewhere(keys).map(|(path, origin)| Elsewhere {
                    path,
                    wanted: origins.path_from_top(keys),
                    origin,
                }),
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

/// Returns how many of the keys are there, and the map that the next one would stand in, if what
/// there is is one.
fn depth(values: Option<&Map>, keys: &[String]) -> (usize, Option<Map>) {
    let mut here = values.cloned();
    for (at, key) in keys.iter().enumerate() {
        here = match here.as_ref().and_then(|map| map.get(key)) {
            None => return (at, here),
            Some(Value::Map(below)) => Some(below),
            Some(_) => None,
        };
    }
    (keys.len(), here)
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
