//! Whether a part of an Application is what Kubernetes takes it for: takes a value and the fields that
//! it may have, gives every field that nobody knows and every one of another type; never reads what
//! the fields say.

use serde_json::Value;

use crate::suggest::nearest;

use super::application::list;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Truth,
    Map,
    Texts,
    Maps,
    /// A map of texts.
    TextMap,
}

/// Something that an Application has and cannot mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// A sentence that goes on after the Application's name.
    pub(super) what: String,
    /// What to do about it.
    pub(super) help: Option<String>,
    /// True for a field that nobody knows.
    pub(super) is_unknown: bool,
}

impl Mistake {
    /// Returns a mistake that says itself what to do.
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            help: None,
            is_unknown: false,
        }
    }

    fn of_type(at: &str, expected: &str) -> Self {
        Self {
            what: format!("has spec{at}, which is not {expected}"),
            help: Some("Kubernetes refuses the Application as it is".to_owned()),
            is_unknown: false,
        }
    }
}

impl Type {
    /// Returns where in a value something else stands, and what is expected there.
    fn mistake(self, value: &Value) -> Option<(String, &'static str)> {
        let (is_right, expected, item) = match self {
            Self::Text => (value.is_string(), "a text", None),
            Self::Truth => (value.is_boolean(), "true or false", None),
            Self::Map => (value.is_object(), "a map", None),
            Self::Texts => (value.is_array(), "a list of texts", Some(Self::Text)),
            Self::Maps => (value.is_array(), "a list of maps", Some(Self::Map)),
            Self::TextMap => (value.is_object(), "a map of texts", None),
        };
        if value.is_null() {
            return None;
        }
        if !is_right {
            return Some((String::new(), expected));
        }
        if let (Self::TextMap, Value::Object(fields)) = (self, value) {
            let wrong = fields.iter().find(|(_, value)| !value.is_string());
            return wrong.map(|(key, _)| (format!(".{key}"), "a text"));
        }
        let item = item?;
        list(Some(value)).iter().enumerate().find_map(|(at, one)| {
            let (below, expected) = item.mistake(one)?;
            Some((format!("[{at}]{below}"), expected))
        })
    }
}

/// Returns what is wrong with the fields of a value at a place in `spec`; nothing of one that is not
/// there.
pub(super) fn mistakes(at: &str, value: &Value, known: &[(&str, Type)]) -> Vec<Mistake> {
    let fields = match value {
        Value::Null => return Vec::new(),
        Value::Object(fields) => fields,
        _ => return vec![Mistake::of_type(at, "a map")],
    };
    let mut mistakes = Vec::new();
    for (key, value) in fields {
        match known.iter().find(|(name, _)| name == key) {
            None => {
                let nearest = nearest(key, known.iter().map(|(name, _)| *name));
                mistakes.push(Mistake {
                    what: format!("has an unknown field spec{at}.{key}"),
                    help: nearest.map(|nearest| format!("did you mean `{nearest}`?")),
                    is_unknown: true,
                });
            }
            Some((_, of)) => {
                let mistake = of.mistake(value);
                mistakes.extend(mistake.map(|(below, expected)| {
                    Mistake::of_type(&format!("{at}.{key}{below}"), expected)
                }));
            }
        }
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_of_another_type_are_found_with_their_places() {
        for (of, value, expected) in [
            (Type::Texts, json!(["a", 5]), Some(("[1]", "a text"))),
            (Type::Texts, json!("a"), Some(("", "a list of texts"))),
            (Type::Maps, json!([{}, []]), Some(("[1]", "a map"))),
            (Type::Truth, json!("yes"), Some(("", "true or false"))),
            (Type::Texts, json!(["a", "b"]), None),
            (Type::Map, json!(null), None),
        ] {
            let found = of.mistake(&value);
            let found = found.as_ref().map(|(place, what)| (place.as_str(), *what));
            assert_eq!(found, expected, "{value}");
        }
    }

    #[test]
    fn every_mistake_has_its_place() {
        let known = [
            ("path", Type::Text),
            ("libs", Type::Texts),
            ("labels", Type::TextMap),
            ("sets", Type::Maps),
        ];
        let whats = |value: Value| -> Vec<String> {
            let found = mistakes(".sources[1].x", &value, &known);
            found.into_iter().map(|mistake| mistake.what).collect()
        };
        assert!(whats(json!({"path": null, "libs": ["a"], "sets": [{}]})).is_empty());
        assert!(whats(Value::Null).is_empty());
        let all = whats(json!({"path": 1, "libs": ["a", 2], "labels": {"a": true}, "lips": []}));
        assert_eq!(
            all,
            [
                "has spec.sources[1].x.labels.a, which is not a text",
                "has spec.sources[1].x.libs[1], which is not a text",
                "has an unknown field spec.sources[1].x.lips",
                "has spec.sources[1].x.path, which is not a text",
            ]
        );
        assert_eq!(
            whats(json!([])),
            ["has spec.sources[1].x, which is not a map"]
        );
    }
}
