//! The schemas of CustomResourceDefinitions: takes an object and the schema of its version, gives what
//! the API server would refuse or drop, never evaluates rules in CEL.
//!
//! Source: the Kubernetes documentation, "Specifying a structural schema".

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::path::Path;
use super::scalar::{is_integer, kind_name};
use super::{Fault, Violation, Violations};

/// Holds custom resources against schemas; patterns are read once.
#[derive(Debug, Default)]
pub struct Checker {
    patterns: BTreeMap<String, Option<Regex>>,
}

impl Checker {
    /// Returns what the API server would not take of a custom resource by the schema of its version.
    pub fn violations(&mut self, schema: &Value, manifest: &Value) -> Vec<Violation> {
        let mut walk = Walk {
            patterns: &mut self.patterns,
            violations: Violations::default(),
            is_alternative: false,
        };
        walk.resource(schema, manifest, &mut Path::default());
        walk.violations.found
    }
}

#[derive(Debug)]
struct Walk<'c> {
    patterns: &'c mut BTreeMap<String, Option<Regex>>,
    violations: Violations,
    /// Within `anyOf` and the like, which say nothing of what else there may be.
    is_alternative: bool,
}

/// The fields that every object has, whatever its schema says.
const OF_EVERY_OBJECT: &[&str] = &["apiVersion", "kind", "metadata"];

fn is_true(schema: &Value, key: &str) -> bool {
    schema.get(key) == Some(&Value::Bool(true))
}

impl Walk<'_> {
    /// Looks at a whole object, or at one that is embedded in another.
    fn resource<'v>(&mut self, schema: &Value, value: &'v Value, path: &mut Path<'v>) {
        let Value::Object(given) = value else {
            self.wrong(value, "a map", path);
            return;
        };
        self.alternatives(schema, value, path);
        self.map(schema, given, path, OF_EVERY_OBJECT);
    }

    fn value<'v>(&mut self, schema: &Value, value: &'v Value, path: &mut Path<'v>) {
        // A null is pruned where it is not allowed.
        if value.is_null() {
            return;
        }
        if is_true(schema, "x-kubernetes-int-or-string") {
            if !value.is_string() && !is_integer(value) {
                self.wrong(value, "a whole number or a text", path);
            }
            return;
        }
        let type_name = schema.get("type").and_then(Value::as_str);
        let good = match type_name {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => is_integer(value),
            Some("number") => value.is_number(),
            _ => true,
        };
        if !good {
            let expected = match type_name {
                Some("object") => "a map",
                Some("array") => "a list",
                Some("string") => "a text",
                Some("boolean") => "true or false",
                Some("integer") => "a whole number",
                _ => "a number",
            };
            self.wrong(value, expected, path);
            return;
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            self.not_allowed(value, allowed, path);
        }
        self.alternatives(schema, value, path);
        match value {
            Value::Object(_) if is_true(schema, "x-kubernetes-embedded-resource") => {
                self.resource(schema, value, path);
            }
            Value::Object(given) => self.map(schema, given, path, &[]),
            Value::Array(items) => self.list(schema, items, path),
            Value::String(text) => self.text(schema, text, path),
            Value::Number(number) => self.number(schema, number.as_f64(), path),
            _ => {}
        }
    }

    fn map<'v>(
        &mut self,
        schema: &Value,
        given: &'v Map<String, Value>,
        path: &mut Path<'v>,
        always: &[&str],
    ) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let additional = schema.get("additionalProperties");
        let keeps_unknown = is_true(schema, "x-kubernetes-preserve-unknown-fields")
            || additional == Some(&Value::Bool(true))
            || self.is_alternative;
        for (key, value) in given {
            if always.contains(&key.as_str()) {
                continue;
            }
            let property = properties.and_then(|properties| properties.get(key));
            let schema = property.or(additional.filter(|one| one.is_object()));
            path.key(key, |path| {
                if let Some(schema) = schema {
                    self.value(schema, value, path);
                } else if !keeps_unknown && !value.is_null() {
                    let known = properties
                        .into_iter()
                        .flatten()
                        .map(|(name, _)| name.as_str());
                    self.violations.unknown(path, key, known);
                }
            });
        }
        self.required(schema, given, path);
        self.bounds(
            schema,
            given.len(),
            ("minProperties", "maxProperties"),
            "entries",
            path,
        );
    }

    fn required(&mut self, schema: &Value, given: &Map<String, Value>, path: &mut Path<'_>) {
        let names = schema.get("required").and_then(Value::as_array);
        for name in names.into_iter().flatten().filter_map(Value::as_str) {
            let property = schema.get("properties").and_then(|all| all.get(name));
            let has_default = property.is_some_and(|one| one.get("default").is_some());
            let may_be_null = property.is_some_and(|one| is_true(one, "nullable"));
            let missing = match given.get(name) {
                None => !has_default,
                Some(Value::Null) => !has_default && !may_be_null,
                Some(_) => false,
            };
            if missing {
                let field = match path.to_string() {
                    path if path.is_empty() => name.to_owned(),
                    path => format!("{path}.{name}"),
                };
                self.violations.found.push(Violation {
                    fault: Fault::Missing,
                    field,
                    message: "is required, and missing".to_owned(),
                });
            }
        }
    }

    fn list<'v>(&mut self, schema: &Value, items: &'v [Value], path: &mut Path<'v>) {
        if let Some(of) = schema.get("items") {
            for (index, item) in items.iter().enumerate() {
                path.index(index, |path| self.value(of, item, path));
            }
        }
        self.bounds(schema, items.len(), ("minItems", "maxItems"), "items", path);
        self.duplicates(schema, items, path);
    }

    /// Looks for items of a set or a map that are there twice.
    fn duplicates(&mut self, schema: &Value, items: &[Value], path: &Path<'_>) {
        let keys: Vec<&str> = match schema.get("x-kubernetes-list-type").and_then(Value::as_str) {
            Some("set") => Vec::new(),
            Some("map") => (schema.get("x-kubernetes-list-map-keys"))
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect(),
            _ => return,
        };
        let of = |item: &Value| -> Option<Vec<Value>> {
            if keys.is_empty() {
                return Some(vec![item.clone()]);
            }
            keys.iter().map(|key| item.get(key).cloned()).collect()
        };
        let mut seen = Vec::new();
        for item in items.iter().filter_map(of) {
            if seen.contains(&item) {
                let what = match keys.as_slice() {
                    [] => "the same item".to_owned(),
                    keys => format!("two items with the same {}", keys.join(" and ")),
                };
                self.violations
                    .add(Fault::Value, path, format!("has {what}"));
                return;
            }
            seen.push(item);
        }
    }

    fn text(&mut self, schema: &Value, text: &str, path: &Path<'_>) {
        self.bounds(
            schema,
            text.chars().count(),
            ("minLength", "maxLength"),
            "letters",
            path,
        );
        if let Some(pattern) = schema.get("pattern").and_then(Value::as_str)
            && !self.has_form(pattern, text)
        {
            let message = format!("does not have the form {pattern}");
            self.violations.add(Fault::Value, path, message);
        }
    }

    /// Returns whether a text has the form of a pattern; yes for one that cannot be read here.
    fn has_form(&mut self, pattern: &str, text: &str) -> bool {
        let read = |pattern: &str| Regex::new(pattern).ok();
        if !self.patterns.contains_key(pattern) {
            self.patterns.insert(pattern.to_owned(), read(pattern));
        }
        let expression = self.patterns.get(pattern).and_then(Option::as_ref);
        expression.is_none_or(|expression| expression.is_match(text))
    }

    /// Looks at `allOf`, `anyOf`, `oneOf` and `not`.
    fn alternatives<'v>(&mut self, schema: &Value, value: &'v Value, path: &mut Path<'v>) {
        let list = |key: &str| schema.get(key).and_then(Value::as_array);
        for one in list("allOf").into_iter().flatten() {
            if !self.meets(one, value) {
                self.alternative_failed("allOf", &[], path);
            }
        }
        if let Some(all) = list("anyOf")
            && !all.iter().any(|one| self.meets(one, value))
        {
            self.alternative_failed("anyOf", all, path);
        }
        if let Some(all) = list("oneOf") {
            let met = all.iter().filter(|one| self.meets(one, value)).count();
            if met != 1 {
                self.alternative_failed("oneOf", all, path);
            }
        }
        if let Some(one) = schema.get("not")
            && self.meets(one, value)
        {
            self.alternative_failed("not", &[], path);
        }
    }

    fn alternative_failed(&mut self, key: &str, all: &[Value], path: &Path<'_>) {
        let required: Vec<String> = all
            .iter()
            .filter_map(|one| {
                let names = one
                    .get("required")?
                    .as_array()?
                    .iter()
                    .filter_map(Value::as_str);
                Some(names.collect::<Vec<_>>().join(" and "))
            })
            .collect();
        let message = match (key, required.as_slice()) {
            ("oneOf", [_, ..]) => format!("must have exactly one of {}", required.join(", ")),
            ("anyOf", [_, ..]) => format!("must have at least one of {}", required.join(", ")),
            ("not", _) => "is what the schema forbids (not)".to_owned(),
            _ => format!("does not meet the schema's {key}"),
        };
        self.violations.add(Fault::Value, path, message);
    }

    /// Returns whether a value meets a part of a schema.
    fn meets(&mut self, schema: &Value, value: &Value) -> bool {
        let mut walk = Walk {
            patterns: &mut *self.patterns,
            violations: Violations::default(),
            is_alternative: true,
        };
        walk.value(schema, value, &mut Path::default());
        walk.violations.found.is_empty()
    }

    fn number(&mut self, schema: &Value, number: Option<f64>, path: &Path<'_>) {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let Some(number) = number else {
            return;
        };
        if let Some(minimum) = bound("minimum")
            && (number < minimum || (is_true(schema, "exclusiveMinimum") && number <= minimum))
        {
            self.violations
                .add(Fault::Value, path, format!("is less than {minimum}"));
        }
        if let Some(maximum) = bound("maximum")
            && (number > maximum || (is_true(schema, "exclusiveMaximum") && number >= maximum))
        {
            self.violations
                .add(Fault::Value, path, format!("is more than {maximum}"));
        }
    }

    fn bounds(
        &mut self,
        schema: &Value,
        number: usize,
        (least, most): (&str, &str),
        of: &str,
        path: &Path<'_>,
    ) {
        let bound = |key: &str| {
            let number = schema.get(key).and_then(Value::as_u64)?;
            usize::try_from(number).ok()
        };
        if let Some(least) = bound(least).filter(|least| number < *least) {
            let message = format!("has {number} {of}, and needs {least}");
            self.violations.add(Fault::Value, path, message);
        }
        if let Some(most) = bound(most).filter(|most| number > *most) {
            let message = format!("has {number} {of}, and may have {most}");
            self.violations.add(Fault::Value, path, message);
        }
    }

    fn not_allowed(&mut self, value: &Value, allowed: &[Value], path: &Path<'_>) {
        let names: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
        let message = match value.as_str() {
            Some(text) if names.len() == allowed.len() => {
                let hint = crate::suggest::nearest(text, names.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                format!("is `{text}`, not one of {}{hint}", names.join(", "))
            }
            _ => {
                let all: Vec<String> = allowed.iter().map(ToString::to_string).collect();
                format!("is none of {}", all.join(", "))
            }
        };
        self.violations.add(Fault::Value, path, message);
    }

    fn wrong(&mut self, value: &Value, expected: &str, path: &Path<'_>) {
        let message = format!("must be {expected}, but is {}", kind_name(value));
        self.violations.add(Fault::Type, path, message);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(schema: &Value, spec: &Value) -> Vec<String> {
        let schema = json!({"type": "object", "properties": {"spec": schema}});
        let manifest = json!({"apiVersion": "x/v1", "kind": "X", "metadata": {}, "spec": spec});
        (Checker::default()
            .violations(&schema, &manifest)
            .into_iter())
        .map(|one| format!("{} {}", one.field, one.message))
        .collect()
    }

    #[test]
    fn unknown_fields_are_those_that_would_be_dropped() {
        let schema = json!({"type": "object", "properties": {
            "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
                "properties": {"known": {"type": "string"}}},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
            "object": {"type": "object", "x-kubernetes-embedded-resource": true,
                "properties": {"spec": {"type": "object"}}},
        }});
        let good =
            json!({"open": {"any": 1}, "map": {"a": 1}, "object": {"kind": "Y", "spec": {}}});
        assert_eq!(told(&schema, &good), Vec::<String>::new());
        let bad =
            json!({"open": {"known": 1}, "map": {"a": "x"}, "mapp": {}, "object": {"sepc": {}}});
        assert_eq!(
            told(&schema, &bad),
            [
                "spec.map.a must be a whole number, but is a text",
                "spec.mapp is not a field that this kind has; did you mean `map`?",
                "spec.object.sepc is not a field that this kind has; did you mean `spec`?",
                "spec.open.known must be a text, but is a number",
            ]
        );
    }

    #[test]
    fn alternatives_defaults_and_nulls_are_known() {
        let schema = json!({"type": "object", "required": ["a", "b", "c"], "properties": {
            "a": {"type": "string", "default": "x"}, "b": {"type": "string", "nullable": true},
            "c": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": true},
            "d": {"type": "string"}, "e": {"type": "string"},
        }, "oneOf": [{"required": ["d"]}, {"required": ["e"]}]});
        let good = json!({"b": null, "c": "10%", "d": "x"});
        assert_eq!(told(&schema, &good), Vec::<String>::new());
        assert_eq!(
            told(&schema, &json!({"b": "x", "c": true, "d": "x", "e": "y"})),
            [
                "spec must have exactly one of d, e",
                "spec.c must be a whole number or a text, but is a boolean",
            ]
        );
    }
}
