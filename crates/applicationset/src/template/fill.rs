//! Whole values with texts in them: takes a value of a known form and parameters, gives it with every
//! text and every key of a map filled in.
//!
//! Source: `deeplyReplace` in Argo CD's `applicationset/utils/utils.go`.

use gotemplate::{Map, from_json, to_json};
use serde_json::Value;

use super::{Fault, Renderer};
use crate::error::Problem;
use crate::shape::Shape;

impl Renderer {
    /// Fills in all texts of a value, fields of structures in the order of their types: a template
    /// can change the parameters for those that come after it.
    pub(crate) fn fill(
        &self,
        shape: &Shape,
        value: &Value,
        params: &Map,
        path: &str,
    ) -> Result<Value, Problem> {
        Ok(match (shape, value) {
            (_, Value::String(text)) => {
                let filled = self.replace(text, params);
                Value::String(filled.map_err(|fault| at(path, fault))?)
            }
            (Shape::Struct(fields), Value::Object(entries)) => {
                let mut filled = serde_json::Map::new();
                for field in *fields {
                    let name = field.name;
                    if let Some(value) = entries.get(name) {
                        let below = format!("{path}.{name}");
                        let value = self.fill(&field.shape, value, params, &below)?;
                        filled.insert(name.to_owned(), value);
                    }
                }
                Value::Object(filled)
            }
            (Shape::Map(shape), Value::Object(entries)) => {
                self.fill_map(shape, entries, params, path)?
            }
            (_, Value::Object(entries)) => self.fill_map(&Shape::Any, entries, params, path)?,
            (shape, Value::Array(items)) => {
                let shape = match shape {
                    Shape::List(shape) => shape,
                    _ => &Shape::Any,
                };
                let items = items.iter().enumerate();
                let items = items
                    .map(|(at, item)| self.fill(shape, item, params, &format!("{path}[{at}]")));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            // Free JSON passes through Go's float64.
            (Shape::Any, Value::Number(_)) => {
                to_json(&from_json(value)).unwrap_or_else(|_| value.clone())
            }
            (_, other) => other.clone(),
        })
    }

    fn fill_map(
        &self,
        shape: &Shape,
        entries: &serde_json::Map<String, Value>,
        params: &Map,
        path: &str,
    ) -> Result<Value, Problem> {
        let mut filled = serde_json::Map::new();
        for (key, value) in entries {
            // What is null is left out, also in the values of a chart.
            if value.is_null() {
                continue;
            }
            let below = format!("{path}.{key}");
            let value = self.fill(shape, value, params, &below)?;
            let name = self
                .replace(key, params)
                .map_err(|fault| at(&below, fault))?;
            if filled.insert(name.clone(), value).is_some() {
                let message = format!("becomes the key {name}, which is there already");
                let help = "Argo CD would take any of the two: let their keys differ";
                return Err(Problem::new(below, message).help(help));
            }
        }
        Ok(Value::Object(filled))
    }
}

/// Says where a text stands that cannot be filled in.
pub(crate) fn at(path: &str, fault: Fault) -> Problem {
    let mut problem = Problem::new(path, fault.message);
    problem.help = fault.help;
    problem
}
