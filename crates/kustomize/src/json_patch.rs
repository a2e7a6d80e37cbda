//! JSON patches (RFC 6902): takes a JSON value and operations, gives the value with them applied,
//! never merges.

use serde_json::Value;

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    name: String,
    path: String,
    from: Option<String>,
    value: Option<Value>,
}

/// Reads operations from a list; the sentence says what is wrong with it.
pub(crate) fn read(list: &Value) -> Result<Vec<Operation>, String> {
    let Value::Array(items) = list else {
        return Err("a JSON patch must be a list".to_owned());
    };
    items
        .iter()
        .map(|item| {
            let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
            let name = text("op").ok_or("an operation of a JSON patch has no op")?;
            let path = text("path").ok_or(format!("the operation {name} has no path"))?;
            Ok(Operation {
                name,
                path,
                from: text("from"),
                value: item.get("value").cloned(),
            })
        })
        .collect()
}

/// Applies operations one after the other.
pub(crate) fn apply(value: &mut Value, operations: &[Operation]) -> Result<(), String> {
    operations.iter().try_for_each(|operation| {
        apply_one(value, operation)
            .map_err(|message| format!("{} {}: {message}", operation.name, operation.path))
    })
}

fn apply_one(root: &mut Value, operation: &Operation) -> Result<(), String> {
    let path = split(&operation.path);
    let from = || {
        operation
            .from
            .as_deref()
            .map(split)
            .ok_or("no from is given".to_owned())
    };
    let given = || operation.value.clone().unwrap_or(Value::Null);
    match operation.name.as_str() {
        "add" => add(root, &path, given()),
        "remove" => remove(root, &path).map(drop),
        "replace" => {
            if path.is_empty() {
                *root = given();
                return Ok(());
            }
            let (value, last) = parent(root, &path)?;
            if let Value::Object(map) = value {
                // As in Kustomize, a field that is not there is made.
                map.insert(last.to_owned(), given());
                return Ok(());
            }
            *step(value, last).ok_or_else(|| format!("there is no {last}"))? = given();
            Ok(())
        }
        "move" => {
            let value = remove(root, &from()?)?;
            add(root, &path, value)
        }
        "copy" => {
            let from = from()?;
            let (value, last) = parent(root, &from)?;
            let value = match value {
                Value::Object(map) => map.get(last).cloned().unwrap_or(Value::Null),
                other => step(other, last)
                    .ok_or_else(|| format!("there is no {last}"))?
                    .clone(),
            };
            add(root, &path, value)
        }
        "test" => {
            let found = existing(root, &path).map_or(Value::Null, |found| found.clone());
            if found == given() {
                Ok(())
            } else {
                Err("the value is another".to_owned())
            }
        }
        other => Err(format!("unknown operation {other}")),
    }
}

/// Splits a pointer into its parts.
fn split(pointer: &str) -> Vec<String> {
    let parts = pointer.split('/').skip(1);
    parts
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Returns the value that a path without its last part leads to, and the last part.
fn parent<'v, 'p>(
    root: &'v mut Value,
    path: &'p [String],
) -> Result<(&'v mut Value, &'p str), String> {
    let (last, front) = path.split_last().ok_or("the path is empty")?;
    let mut value = root;
    for part in front {
        value = step(value, part).ok_or_else(|| format!("there is no {part}"))?;
    }
    Ok((value, last))
}

fn step<'v>(value: &'v mut Value, part: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(map) => map.get_mut(part),
        Value::Array(items) => {
            let at = index(part, items.len())?;
            items.get_mut(at)
        }
        _ => None,
    }
}

/// Returns the index that a part names; a negative one counts from the end.
fn index(part: &str, length: usize) -> Option<usize> {
    match part.strip_prefix('-') {
        Some(back) => length.checked_sub(back.parse().ok()?),
        None => part.parse().ok(),
    }
}

fn existing<'v>(root: &'v mut Value, path: &[String]) -> Result<&'v mut Value, String> {
    if path.is_empty() {
        return Ok(root);
    }
    let (value, last) = parent(root, path)?;
    step(value, last).ok_or_else(|| format!("there is no {last}"))
}

fn add(root: &mut Value, path: &[String], given: Value) -> Result<(), String> {
    let (value, last) = parent(root, path)?;
    match value {
        Value::Object(map) => {
            map.insert(last.to_owned(), given);
            Ok(())
        }
        Value::Array(items) if last == "-" => {
            items.push(given);
            Ok(())
        }
        Value::Array(items) => {
            // As many places as there will be items: -1 is the end.
            let at = index(last, items.len() + 1).filter(|at| *at <= items.len());
            items.insert(
                at.ok_or_else(|| format!("there is no place {last}"))?,
                given,
            );
            Ok(())
        }
        _ => Err("there is neither a map nor a list to add to".to_owned()),
    }
}

fn remove(root: &mut Value, path: &[String]) -> Result<Value, String> {
    let (value, last) = parent(root, path)?;
    let removed = match value {
        Value::Object(map) => map.remove(last),
        Value::Array(items) => index(last, items.len())
            .filter(|at| *at < items.len())
            .map(|at| items.remove(at)),
        _ => None,
    };
    removed.ok_or_else(|| format!("there is no {last}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(mut value: Value, operations: &Value) -> Result<Value, String> {
        apply(&mut value, &read(operations)?)?;
        Ok(value)
    }

    #[test]
    fn applies_operations() {
        let value = json!({"a": {"b/c": [1, 2]}, "d": "x"});
        let operations = json!([
            {"op": "test", "path": "/d", "value": "x"},
            {"op": "add", "path": "/a/b~1c/-", "value": 3},
            {"op": "add", "path": "/a/b~1c/0", "value": 0},
            {"op": "replace", "path": "/a/b~1c/-1", "value": 9},
            {"op": "move", "from": "/d", "path": "/e"},
            {"op": "copy", "from": "/e", "path": "/f"},
            {"op": "remove", "path": "/e"},
        ]);
        assert_eq!(
            run(value, &operations).unwrap(),
            json!({"a": {"b/c": [0, 1, 2, 9]}, "f": "x"})
        );
    }

    #[test]
    fn refuses_what_is_not_there() {
        for operation in [
            json!({"op": "remove", "path": "/x"}),
            json!({"op": "replace", "path": "/l/1", "value": 1}),
            json!({"op": "add", "path": "/x/y", "value": 1}),
            json!({"op": "test", "path": "/a", "value": 2}),
            json!({"op": "add", "path": "/l/5", "value": 1}),
            json!({"op": "frob", "path": "/a"}),
        ] {
            let value = json!({"a": 1, "l": [1]});
            assert!(run(value, &json!([operation])).is_err(), "{operation}");
        }
    }
}
