//! Typed reading of trees: takes values, gives Rust values and collects what is wrong, never stops
//! at the first problem.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::problem::Problem;
use crate::suggest::nearest;

use super::document::{Field, Located, Place, Tree};
use super::duration::parse_duration;

/// Reads values and collects problems.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
}

/// Absent and null are the same to Helm's templates, so to us.
pub(super) fn present(value: Option<&Located>) -> Option<&Located> {
    value.filter(|value| value.tree != Tree::Null)
}

impl Reader {
    /// Adds a problem.
    pub(super) fn problem(
        &mut self,
        place: &Place,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        let mut problem = Problem::new(message).label(label).at(place.source());
        problem.help = help;
        self.problems.push(problem);
    }

    /// Reports a name that is not among the known.
    pub(super) fn unknown<'n>(
        &mut self,
        place: &Place,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let known: BTreeSet<&str> = known.into_iter().collect();
        let label = match nearest(name, known.iter().copied()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("not a known {what}"),
        };
        let list: Vec<&str> = known.into_iter().collect();
        let help = if list.is_empty() {
            format!("no {what} is known here")
        } else {
            format!("known here: {}", list.join(", "))
        };
        self.problem(place, format!("unknown {what} `{name}`"), label, Some(help));
    }

    /// Returns the fields of a map and reports keys that are not known.
    pub(super) fn map<'t>(&mut self, value: &'t Located, what: &str, keys: &[&str]) -> &'t [Field] {
        let fields = self.fields(value, what);
        for field in fields {
            if !keys.contains(&field.key.as_str()) {
                self.unknown(&field.key_place, "key", &field.key, keys.iter().copied());
            }
        }
        fields
    }

    /// Returns the fields of a map with any keys.
    pub(super) fn fields<'t>(&mut self, value: &'t Located, what: &str) -> &'t [Field] {
        match &value.tree {
            Tree::Map(fields) => fields,
            Tree::Null => &[],
            _ => {
                self.wrong_type(value, what, "a map");
                &[]
            }
        }
    }

    /// Returns the items of a list.
    pub(super) fn items<'t>(&mut self, value: &'t Located, what: &str) -> &'t [Located] {
        match &value.tree {
            Tree::List(items) => items,
            Tree::Null => &[],
            _ => {
                self.wrong_type(value, what, "a list");
                &[]
            }
        }
    }

    /// Returns a text that is not empty.
    pub(super) fn text(&mut self, value: Option<&Located>, what: &str) -> Option<String> {
        let value = present(value)?;
        match &value.tree {
            Tree::Text(text) if !text.is_empty() => Some(text.clone()),
            Tree::Text(_) => {
                let message = format!("{what} is empty");
                self.problem(&value.place, message, "expected a text", None);
                None
            }
            _ => {
                self.wrong_type(value, what, "a text");
                None
            }
        }
    }

    /// Returns a truth value.
    pub(super) fn truth(&mut self, value: Option<&Located>, what: &str) -> Option<bool> {
        let value = present(value)?;
        if let Tree::Bool(truth) = value.tree {
            return Some(truth);
        }
        self.wrong_type(value, what, "true or false");
        None
    }

    /// Checks that a value is a whole number.
    pub(super) fn integer(&mut self, value: Option<&Located>, what: &str) {
        if let Some(value) = present(value)
            && !matches!(&value.tree, Tree::Number(number) if number.is_i64())
        {
            self.wrong_type(value, what, "a whole number");
        }
    }

    /// Returns a duration.
    pub(super) fn duration(&mut self, value: Option<&Located>, what: &str) -> Option<Duration> {
        let text = self.text(value, what)?;
        let duration = parse_duration(&text);
        if let (None, Some(value)) = (duration, value) {
            self.problem(
                &value.place,
                format!("{what} is no duration"),
                "expected a duration",
                Some("write hours, minutes and seconds, such as 90s, 10m or 1h30m".to_owned()),
            );
        }
        duration
    }

    /// Returns the texts of a list with their places.
    pub(super) fn texts(&mut self, value: Option<&Located>, what: &str) -> Vec<(String, Place)> {
        let Some(value) = present(value) else {
            return Vec::new();
        };
        let items = self.items(value, what);
        items
            .iter()
            .filter_map(|item| Some((self.text(Some(item), what)?, item.place.clone())))
            .collect()
    }

    fn wrong_type(&mut self, value: &Located, what: &str, expected: &str) {
        self.problem(
            &value.place,
            format!("{what} must be {expected}, but is {}", value.kind_name()),
            format!("expected {expected}"),
            None,
        );
    }
}
