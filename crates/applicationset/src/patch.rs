//! `templatePatch`: takes an Application and the text of a patch, gives the Application patched as
//! Kubernetes' strategic merge does with Argo CD's types, never with another project.
//!
//! Sources: Argo CD's `applicationset/controllers/template/patch.go`, apimachinery's
//! `strategicpatch`. In an Application only finalizers are merged as a list.

use serde_json::{Map, Value};

use crate::application::APPLICATION;
use crate::error::{Problem, excerpt};
use crate::shape::{Shape, name_of};

/// What tells how to treat a map.
const DIRECTIVE: &str = "$patch";

/// Patches an Application; `path` is where the patch stands.
pub(crate) fn apply(application: &Value, text: &str, path: &str) -> Result<Value, Problem> {
    let given = match parse(text, path)? {
        // A template may well come to nothing.
        Value::Null => return Ok(application.clone()),
        map @ Value::Object(_) => map,
        other => {
            let message = format!("must be a map, but is {}", name_of(&other));
            return Err(Problem::new(path, message));
        }
    };
    check(&given, path)?;
    let mut patched = application.clone();
    let project = application.pointer("/spec/project").cloned();
    if let (Value::Object(under), Value::Object(over)) = (&mut patched, given) {
        merge(under, over, Some(&APPLICATION), path)?;
    }
    let mut problems = Vec::new();
    let normal = APPLICATION.normal(&patched, path, &mut problems);
    let Some(mut normal) = normal else {
        return Err(problems.swap_remove(0));
    };
    // A patch must not move an Application into another project.
    if let Some(spec) = normal.get_mut("spec").and_then(Value::as_object_mut) {
        spec.insert("project".to_owned(), project.unwrap_or_else(|| "".into()));
    }
    Ok(normal)
}

fn parse(text: &str, path: &str) -> Result<Value, Problem> {
    let help = "it is a template: look at what it becomes for this Application";
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| {
            let message = format!("is not valid JSON: {error}: `{}`", excerpt(text));
            Problem::new(path, message).help(help)
        });
    }
    let node = goyaml::parse(text).map_err(|error| {
        let message = format!(
            "is not valid YAML: line {} of what it becomes: {}: `{}`",
            error.line,
            error.message,
            excerpt(
                text.lines()
                    .nth(error.line.saturating_sub(1) as usize)
                    .unwrap_or_default()
            )
        );
        Problem::new(path, message).help(help)
    })?;
    Ok(node.into_json())
}

/// Refuses fields that an Application does not have, values of a wrong type, and directives that
/// are not known here.
fn check(given: &Value, path: &str) -> Result<(), Problem> {
    let plain = without_directives(given, path)?;
    let mut problems = Vec::new();
    APPLICATION.normal(&plain, path, &mut problems);
    match problems.into_iter().next() {
        None => Ok(()),
        Some(problem) => Err(problem),
    }
}

fn without_directives(value: &Value, path: &str) -> Result<Value, Problem> {
    Ok(match value {
        Value::Object(entries) => {
            let mut plain = Map::new();
            for (key, value) in entries {
                if key == DIRECTIVE {
                    if !matches!(value.as_str(), Some("replace" | "delete")) {
                        let message = format!("{DIRECTIVE} cannot be {value}");
                        return Err(Problem::new(path, message).help("it can be replace or delete"));
                    }
                    continue;
                }
                let is_directive = key == "$retainKeys"
                    || key.starts_with("$setElementOrder/")
                    || key.starts_with("$deleteFromPrimitiveList/");
                if is_directive {
                    return Err(Problem::new(
                        path,
                        format!("{key} is not supported in a templatePatch"),
                    ));
                }
                plain.insert(
                    key.clone(),
                    without_directives(value, &format!("{path}.{key}"))?,
                );
            }
            Value::Object(plain)
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            let items = items.map(|(at, item)| without_directives(item, &format!("{path}[{at}]")));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

/// Lays a map over another one. Without a shape the types say nothing of the map's fields.
fn merge(
    under: &mut Map<String, Value>,
    mut over: Map<String, Value>,
    shape: Option<&Shape>,
    path: &str,
) -> Result<(), Problem> {
    match over.remove(DIRECTIVE).as_ref().and_then(Value::as_str) {
        Some("replace") => {
            *under = over;
            return Ok(());
        }
        Some(_) => {
            under.clear();
            return Ok(());
        }
        None => {}
    }
    for (key, value) in over {
        let below = format!("{path}.{key}");
        if value.is_null() {
            under.remove(&key);
            continue;
        }
        let field = shape.map(|shape| shape.below(&key));
        if matches!(shape, Some(Shape::Any)) && is_same_type(under.get(&key), &value) {
            let message =
                "is there already, and Argo CD cannot patch what stands within free values";
            return Err(Problem::new(below, message).help(format!(
                "let the template leave it out, or replace the whole: `{DIRECTIVE}: replace`"
            )));
        }
        match (under.get_mut(&key), value) {
            (Some(Value::Object(there)), Value::Object(value)) => {
                merge(there, value, field.as_ref(), &below)?;
            }
            (Some(Value::Array(there)), Value::Array(value)) if key == "finalizers" => {
                *there = merged_finalizers(there, value);
            }
            (_, value) => match cleaned(value) {
                Some(value) => {
                    under.insert(key, value);
                }
                None => {
                    under.remove(&key);
                }
            },
        }
    }
    Ok(())
}

/// Returns whether both are maps, or both are lists.
fn is_same_type(there: Option<&Value>, value: &Value) -> bool {
    matches!(
        (there, value),
        (Some(Value::Object(_)), Value::Object(_)) | (Some(Value::Array(_)), Value::Array(_))
    )
}

/// Takes nulls and what directives stand for out of a value that is new.
fn cleaned(value: Value) -> Option<Value> {
    Some(match value {
        Value::Object(entries) if entries.contains_key(DIRECTIVE) => return None,
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .filter_map(|(key, value)| Some((key, cleaned(value)?)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().filter_map(cleaned).collect()),
        other => other,
    })
}

/// Puts two lists of texts together: the patch's come in its order, those of before that it does not
/// name stand before the first one that came after them.
fn merged_finalizers(there: &[Value], patch: Vec<Value>) -> Vec<Value> {
    let place = |value: &Value| there.iter().position(|one| one == value);
    let mut kept: Vec<Value> = Vec::new();
    for value in there {
        if !patch.contains(value) && !kept.contains(value) {
            kept.push(value.clone());
        }
    }
    let mut kept = kept.into_iter().peekable();
    let mut merged: Vec<Value> = Vec::new();
    for value in patch {
        while let Some(before) = kept.peek() {
            match (place(before), place(&value)) {
                (Some(left), Some(right)) if left < right => merged.extend(kept.next()),
                _ => break,
            }
        }
        if !merged.contains(&value) {
            merged.push(value);
        }
    }
    merged.extend(kept);
    merged
}
