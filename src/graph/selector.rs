//! Label selectors: takes a selector and labels, gives whether it selects them, never looks up
//! labels.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::render::pod::{items, text};

/// Returns true where a selector selects labels; an absent or empty selector selects everything.
pub(super) fn selects(selector: Option<&Value>, labels: &BTreeMap<String, String>) -> bool {
    let Some(selector) = selector else {
        return true;
    };
    let equal = selector.get("matchLabels").and_then(Value::as_object);
    equal
        .into_iter()
        .flatten()
        .all(|(key, value)| labels.get(key).map(String::as_str) == value.as_str())
        && items(selector, "matchExpressions").all(|expression| holds(expression, labels))
}

fn holds(expression: &Value, labels: &BTreeMap<String, String>) -> bool {
    let Some(key) = text(expression, "/key") else {
        return true;
    };
    let value = labels.get(key);
    let listed =
        || items(expression, "values").any(|item| item.as_str() == value.map(String::as_str));
    match text(expression, "/operator") {
        Some("In") => value.is_some() && listed(),
        Some("NotIn") => value.is_none() || !listed(),
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_operator_is_decided() {
        let labels = BTreeMap::from([("tier".to_owned(), "web".to_owned())]);
        let expression = |operator: &str, key: &str| json!({"matchExpressions": [{"key": key, "operator": operator, "values": ["web"]}]});
        for (operator, key, expected) in [
            ("In", "tier", true),
            ("In", "other", false),
            ("NotIn", "tier", false),
            ("NotIn", "other", true),
            ("Exists", "tier", true),
            ("DoesNotExist", "tier", false),
        ] {
            assert_eq!(
                selects(Some(&expression(operator, key)), &labels),
                expected,
                "{operator} {key}"
            );
        }
        assert!(selects(None, &labels));
        assert!(!selects(
            Some(&json!({"matchLabels": {"tier": "database"}})),
            &labels
        ));
    }
}
