//! JSON merge patches (RFC 7396) as `.argocd-source.yaml` lays them over a source: takes two values,
//! gives the patched one, never reads a file.

use serde_json::{Map, Value};

/// What Argo CD keeps as it is written, and replaces as a whole.
const RAW: &str = "valuesObject";

/// Lays a patch over a source.
///
/// Argo CD patches the source as JSON and reads the result over the source that it has: so what the
/// patch takes away (null) stays, but for what is within `valuesObject`; and items of lists keep what
/// the patch does not mention of the item at the same place.
pub(super) fn overlay(source: &mut Value, patch: &Value) {
    let mut patched = source.clone();
    merge_patch(&mut patched, patch);
    read_over(source, patched);
}

fn read_over(before: &mut Value, after: Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in after {
                match before.get_mut(&key) {
                    Some(before) if key != RAW => read_over(before, value),
                    _ => {
                        before.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            let mut old = std::mem::take(before).into_iter();
            for item in after {
                let mut read = old.next().filter(Value::is_object).unwrap_or(Value::Null);
                read_over(&mut read, item);
                before.push(read);
            }
        }
        (before, after) => *before = after,
    }
}

/// Lays a patch over a value: maps are merged, null takes a key away, anything else replaces.
fn merge_patch(value: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        value.clone_from(patch);
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(fields) = value else { return };
    for (key, change) in changes {
        if change.is_null() {
            fields.remove(key);
        } else {
            merge_patch(fields.entry(key).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sources_are_read_over_as_argo_cd_does_it() {
        let mut source = json!({"helm": {
            "releaseName": "a",
            "valuesObject": {"a": 1, "b": 2},
            "parameters": [{"name": "x", "value": "1", "forceString": true}],
        }});
        let patch = json!({"helm": {
            "releaseName": null,
            "valuesObject": {"a": null},
            "parameters": [{"name": "y", "value": "2"}, {"name": "z", "value": "3"}],
        }});
        overlay(&mut source, &patch);
        let expected = json!({"helm": {
            "releaseName": "a",
            "valuesObject": {"b": 2},
            "parameters": [
                {"name": "y", "value": "2", "forceString": true},
                {"name": "z", "value": "3"},
            ],
        }});
        assert_eq!(source, expected);
    }

    #[test]
    fn patches_follow_the_specification() {
        for (value, patch, expected) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": [{"b": 1}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            let mut patched = value.clone();
            merge_patch(&mut patched, &patch);
            assert_eq!(patched, expected, "{value} {patch}");
        }
    }
}
