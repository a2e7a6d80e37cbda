//! Schemas as most charts have them: takes the text of `values.schema.json`, tells whether it
//! certainly admits values, never says why it does not (that is for the validator).
//!
//! The validator reads its own metaschemas before it compiles the first schema, which takes longer
//! than to render most charts. What is looked at here is a small part of the language; whatever
//! else stands in a schema leaves it to the validator, and so does every value that is not clearly
//! right.

use serde_json::{Map, Value as Json};

/// A schema of which every keyword is understood.
#[derive(Debug, Default)]
pub(super) struct Plain {
    /// The types that are admitted; all where there are none.
    types: Vec<Type>,
    properties: Vec<(String, Plain)>,
    required: Vec<String>,
    /// What holds for properties that are not named.
    others: Others,
    items: Option<Box<Plain>>,
    /// The values that are admitted; all where there are none.
    values: Vec<Json>,
    minimum: Option<f64>,
    maximum: Option<f64>,
}

#[derive(Debug, Default)]
enum Others {
    #[default]
    Admitted,
    Refused,
    Like(Box<Plain>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Array,
    Boolean,
    Integer,
    Null,
    Number,
    Object,
    String,
}

impl Type {
    fn find(name: &str) -> Option<Self> {
        Some(match name {
            "array" => Self::Array,
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "null" => Self::Null,
            "number" => Self::Number,
            "object" => Self::Object,
            "string" => Self::String,
            _ => return None,
        })
    }

    fn admits(self, value: &Json) -> bool {
        match (self, value) {
            (Self::Array, Json::Array(_))
            | (Self::Boolean, Json::Bool(_))
            | (Self::Null, Json::Null)
            | (Self::Number, Json::Number(_))
            | (Self::Object, Json::Object(_))
            | (Self::String, Json::String(_)) => true,
            // Dialects differ about floats that are whole.
            (Self::Integer, Json::Number(number)) => number.is_i64() || number.is_u64(),
            _ => false,
        }
    }
}

/// The dialects whose rules are the same in the part that is understood here.
const DIALECTS: [&str; 6] = [
    "schema",
    "draft-04/schema",
    "draft-06/schema",
    "draft-07/schema",
    "draft/2019-09/schema",
    "draft/2020-12/schema",
];

/// Keywords that mean something in one dialect or another, and are not understood here. Those that
/// begin with `$` are neither.
const OTHER_KEYWORDS: [&str; 47] = [
    "additionalItems",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "discriminator",
    "else",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "extends",
    "format",
    "id",
    "if",
    "links",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "media",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "propertyDependencies",
    "propertyNames",
    "readOnly",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "vocabulary",
    "writeOnly",
];

impl Plain {
    /// Reads a schema; none where the validator has to.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let Json::Object(mut schema) = serde_json::from_slice(text).ok()? else {
            return None;
        };
        if let Some(dialect) = schema.remove("$schema") {
            let address = dialect.as_str()?.trim_end_matches('#');
            let path = address
                .strip_prefix("http://json-schema.org/")
                .or_else(|| address.strip_prefix("https://json-schema.org/"))?;
            if !DIALECTS.contains(&path) {
                return None;
            }
        }
        Self::of(&schema)
    }

    fn of(schema: &Map<String, Json>) -> Option<Self> {
        let mut plain = Self::default();
        for (keyword, value) in schema {
            match keyword.as_str() {
                "type" => plain.types = types(value)?,
                "properties" => {
                    for (name, schema) in value.as_object()? {
                        let below = Self::of(schema.as_object()?)?;
                        plain.properties.push((name.clone(), below));
                    }
                }
                "required" => plain.required = names(value)?,
                "additionalProperties" => {
                    plain.others = match value {
                        Json::Bool(true) => Others::Admitted,
                        Json::Bool(false) => Others::Refused,
                        schema => Others::Like(Box::new(Self::of(schema.as_object()?)?)),
                    }
                }
                "items" => plain.items = Some(Box::new(Self::of(value.as_object()?)?)),
                "enum" => plain.values = choices(value)?,
                "minimum" => plain.minimum = Some(value.as_f64()?),
                "maximum" => plain.maximum = Some(value.as_f64()?),
                "title" | "description" => drop(value.as_str()?),
                "default" => {}
                other if other.starts_with('$') || OTHER_KEYWORDS.contains(&other) => return None,
                _ => {}
            }
        }
        Some(plain)
    }

    /// Returns true only where the schema admits the value.
    pub(super) fn admits(&self, value: &Json) -> bool {
        let typed = self.types.is_empty() || self.types.iter().any(|one| one.admits(value));
        if !typed || !(self.values.is_empty() || self.values.contains(value)) {
            return false;
        }
        match value {
            Json::Object(entries) => {
                self.required.iter().all(|name| entries.contains_key(name))
                    && entries.iter().all(|(name, value)| self.has(name, value))
            }
            Json::Array(items) => match &self.items {
                Some(rule) => items.iter().all(|item| rule.admits(item)),
                None => true,
            },
            Json::Number(number) => number.as_f64().is_some_and(|number| {
                self.minimum.is_none_or(|least| number >= least)
                    && self.maximum.is_none_or(|most| number <= most)
            }),
            Json::Null | Json::Bool(_) | Json::String(_) => true,
        }
    }

    fn has(&self, name: &str, value: &Json) -> bool {
        let named = self.properties.iter().find(|(known, _)| known == name);
        match (named, &self.others) {
            (Some((_, rule)), _) => rule.admits(value),
            (None, Others::Admitted) => true,
            (None, Others::Refused) => false,
            (None, Others::Like(rule)) => rule.admits(value),
        }
    }
}

fn types(value: &Json) -> Option<Vec<Type>> {
    if let Json::String(name) = value {
        return Some(vec![Type::find(name)?]);
    }
    names(value)?.iter().map(|name| Type::find(name)).collect()
}

/// Reads a list of texts that are all different, one at least.
fn names(value: &Json) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter().map(Json::as_str);
    let texts: Vec<&str> = texts.collect::<Option<_>>()?;
    let mut sorted = texts.clone();
    sorted.sort_unstable();
    let is_set = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    (is_set && !texts.is_empty()).then(|| texts.into_iter().map(str::to_owned).collect())
}

/// Reads the values of `enum`, where those are texts.
fn choices(value: &Json) -> Option<Vec<Json>> {
    Some(names(value)?.into_iter().map(Json::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each pair of a keyword's values with each type, in all dialects and at two depths.
    #[test]
    fn what_is_admitted_is_admitted_by_the_validator_too() {
        let keywords = [
            r#""type": "integer""#,
            r#""type": ["string", "null"]"#,
            r#""type": "number", "minimum": 1, "maximum": 2.5"#,
            r#""type": "object", "required": ["a"], "additionalProperties": false"#,
            r#""properties": {"a": {"type": "boolean"}}, "additionalProperties": {"type": "null"}"#,
            r#""items": {"enum": ["x", "y"]}, "form": true, "title": "t", "default": 1"#,
            r#""enum": []"#,
            r#""type": "no""#,
            r#""required": []"#,
            r#""title": 1"#,
        ];
        let values = [
            "1",
            "1.5",
            "3",
            "null",
            "\"x\"",
            "true",
            "[]",
            r#"["x", "z"]"#,
            r#"["x"]"#,
            "{}",
            r#"{"a": true}"#,
            r#"{"a": 1, "b": null}"#,
            r#"{"a": false, "b": null}"#,
        ];
        let mut admitted = 0;
        for dialect in DIALECTS {
            for keyword in keywords {
                let own =
                    format!(r#"{{"$schema": "http://json-schema.org/{dialect}#", {keyword}}}"#);
                let below = format!(r#"{{"properties": {{"p": {{{keyword}}}}}}}"#);
                for (schema, wrap) in [(own, false), (below, true)] {
                    let plain = Plain::read(schema.as_bytes());
                    let full = super::super::compile::compile(schema.as_bytes());
                    for value in values {
                        let value: Json = serde_json::from_str(value).unwrap();
                        let value = if wrap {
                            serde_json::json!({"p": value})
                        } else {
                            value
                        };
                        if plain.as_ref().is_some_and(|plain| plain.admits(&value)) {
                            admitted += 1;
                            let full = full.as_ref().unwrap();
                            assert!(full.is_valid(&value), "{schema} {value}");
                        }
                    }
                }
            }
        }
        assert!(admitted > 200, "{admitted}");
    }
}
