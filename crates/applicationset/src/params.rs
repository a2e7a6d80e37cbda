//! Sets of parameters: takes what generators yield, gives it merged and flattened as Argo CD's
//! libraries do, never fills in a text.
//!
//! Sources: `CombineStringMaps` in Argo CD's `applicationset/utils/map.go`, mergo's `deepMerge` with
//! overriding, jeremywohl/flatten.

use std::collections::BTreeMap;

use gotemplate::{ElementKind, Map, Value};

/// How deep parameters may nest; templates can make them contain themselves.
const MAXIMUM_DEPTH: usize = 200;

const TOO_DEEP: &str = "parameters nest more than 200 deep, or contain themselves";

/// Lays one set over another one, in place: maps key by key, everything else as a whole.
///
/// Maps are shared with the source as Go shares them.
pub(crate) fn merge_over(under: &Map, over: &Map) -> Result<(), String> {
    merge_nested(under, over, 0)
}

fn merge_nested(under: &Map, over: &Map, depth: usize) -> Result<(), String> {
    if depth > MAXIMUM_DEPTH {
        return Err(TOO_DEEP.to_owned());
    }
    if under.pointer_equal(over) {
        return Ok(());
    }
    for (key, value) in over {
        if under.element() == ElementKind::String && over.element() != ElementKind::String {
            return Err(format!(
                "both generators yield `{key}` in a map of values: only one of them may be of a \
                 generator's `values`"
            ));
        }
        if let (Value::Map(over), Some(Value::Map(under))) = (&value, under.get(&key))
            && !over.is_nil()
        {
            let was_empty = under.is_empty();
            if !under.is_nil() {
                merge_nested(&under, over, depth + 1)?;
            }
            if !was_empty {
                continue;
            }
        }
        under.set(key, value);
    }
    Ok(())
}

/// Puts two sets of texts together; they must not say different things of the same name.
pub(crate) fn combined(left: &Map, right: &Map) -> Result<Map, String> {
    let combined = Map::new();
    for (key, value) in left.iter().chain(right.iter()) {
        let text = gotemplate::format::display(&value);
        if let Some(Value::String(there)) = combined.get(&key)
            && there.to_str() != text
        {
            return Err(format!(
                "both generators yield `{key}`, the first `{}` and the second `{text}`",
                there.to_str()
            ));
        }
        combined.set(key, text);
    }
    Ok(combined)
}

/// Gives nested parameters as texts under names with dots.
pub(crate) fn flattened(params: &Map) -> Result<BTreeMap<String, String>, String> {
    let mut flat = BTreeMap::new();
    for (key, value) in params {
        flatten(&mut flat, key.to_string(), &value, 0)?;
    }
    Ok(flat)
}

fn flatten(
    flat: &mut BTreeMap<String, String>,
    name: String,
    value: &Value,
    depth: usize,
) -> Result<(), String> {
    if depth > MAXIMUM_DEPTH {
        return Err(TOO_DEEP.to_owned());
    }
    match value {
        // Maps and lists of other Go types are texts of their own.
        Value::Map(map) if map.element() == ElementKind::Any => {
            for (key, value) in map {
                flatten(flat, format!("{name}.{key}"), &value, depth + 1)?;
            }
        }
        Value::List(list) if list.element() == ElementKind::Any => {
            for (at, value) in list.iter().enumerate() {
                flatten(flat, format!("{name}.{at}"), value, depth + 1)?;
            }
        }
        other => {
            flat.insert(name, gotemplate::format::display(other));
        }
    }
    Ok(())
}

/// Gives flat texts as parameters.
pub(crate) fn of_texts(flat: BTreeMap<String, String>) -> Map {
    flat.into_iter()
        .map(|(key, text)| (key, Value::from(text)))
        .collect()
}

#[cfg(test)]
mod tests {
    use gotemplate::{Map, Value, from_json, to_json};
    use serde_json::json;

    use super::*;

    fn map(json: &serde_json::Value) -> Map {
        match from_json(json) {
            Value::Map(map) => map,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn maps_are_merged_and_everything_else_replaced() {
        let under = map(&json!({"a": {"x": 1, "l": [1]}, "b": "there", "c": {"k": 1}}));
        let over = map(&json!({"a": {"y": 2, "l": []}, "b": "", "c": null}));
        merge_over(&under, &over).unwrap();
        assert_eq!(
            to_json(&Value::Map(under)).unwrap(),
            json!({"a": {"x": 1, "l": [], "y": 2}, "b": "", "c": null})
        );
    }

    #[test]
    fn what_contains_itself_is_refused() {
        let (left, right) = (Map::new(), Map::new());
        left.set("self", left.clone());
        right.set("self", right.clone());
        assert!(merge_over(&left, &right).is_err());
        assert!(flattened(&left).is_err());
    }

    #[test]
    fn nested_parameters_become_flat_texts() {
        let params = map(&json!({"a": {"b": [1_000_000, true]}, "c": {}, "d": null}));
        let flat: Vec<_> = flattened(&params).unwrap().into_iter().collect();
        let expected = [("a.b.0", "1e+06"), ("a.b.1", "true"), ("d", "<nil>")];
        assert_eq!(flat, expected.map(|(key, text)| (key.into(), text.into())));
    }
}
