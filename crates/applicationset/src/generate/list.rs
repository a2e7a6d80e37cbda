//! The list generator: takes elements as they stand in it, gives each as a set of parameters.
//!
//! Source: `applicationset/generators/list.go`.

use gotemplate::{ElementKind, Map, Value, from_json};
use serde_json::Value as Json;

use super::{Sets, items, text};
use crate::error::Problem;
use crate::shape::name_of;

pub(super) fn sets(generator: &Json, is_go: bool, path: &str) -> Result<Sets, Problem> {
    let mut sets = Vec::new();
    for (at, element) in items(generator, "elements").iter().enumerate() {
        let path = format!("{path}.elements[{at}]");
        let element = map(element, &path)?;
        sets.push(if is_go {
            element
        } else {
            texts(&element, &path)?
        });
    }
    let yaml = text(generator, "elementsYaml");
    if !yaml.is_empty() {
        sets.extend(elements_of_yaml(yaml, &format!("{path}.elementsYaml"))?);
    }
    Ok(sets)
}

fn elements_of_yaml(yaml: &str, path: &str) -> Result<Sets, Problem> {
    let node = goyaml::parse(yaml).map_err(|error| {
        let message = format!("is not valid YAML: {error}");
        Problem::new(path, message).help(
            "where it is a template, what it yields must be the text of a YAML list: `toJson` makes \
             one",
        )
    })?;
    match node.into_json() {
        Json::Null => Ok(Vec::new()),
        Json::Array(elements) => (elements.iter().enumerate())
            .map(|(at, element)| map(element, &format!("{path}[{at}]")))
            .collect(),
        other => {
            let message = format!("must be a list of maps, but is {}", name_of(&other));
            Err(Problem::new(path, message))
        }
    }
}

/// Takes an element; null is a set without parameters.
pub(super) fn map(element: &Json, path: &str) -> Result<Map, Problem> {
    match from_json(element) {
        Value::Map(map) => Ok(map),
        Value::Nil => Ok(Map::nil(ElementKind::Any)),
        _ => {
            let message = format!("must be a map, but is {}", name_of(element));
            Err(Problem::new(path, message))
        }
    }
}

/// Without Go templates parameters are texts, and those of `values` have dots in their names.
fn texts(element: &Map, path: &str) -> Result<Map, Problem> {
    let texts = Map::new();
    for (key, value) in element {
        match value {
            Value::String(_) => texts.set(key, value),
            Value::Map(values) if &*key == "values" => {
                for (name, value) in &values {
                    let Value::String(_) = value else {
                        return Err(no_text(&format!("{path}.values.{name}"), &value));
                    };
                    texts.set(format!("values.{name}"), value);
                }
            }
            other => return Err(no_text(&format!("{path}.{key}"), &other)),
        }
    }
    Ok(texts)
}

fn no_text(path: &str, value: &Value) -> Problem {
    let shown = gotemplate::to_json(value).unwrap_or_default();
    let message = format!("must be a text, but is {}", name_of(&shown));
    Problem::new(path, message)
        .help("write it in quotes, or use Go templates, which take any value: `goTemplate: true`")
}
