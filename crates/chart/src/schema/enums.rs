//! `enum` as the metaschemas of drafts 4 to 7 want it: takes a schema, gives the first list that is
//! empty or says a thing twice, never looks at values.
//!
//! The validator's own copies of these metaschemas admit such lists.

use jsonschema::Draft;
use serde_json::Value as Json;

use super::pointer::escaped;

/// Keywords whose value is a map of schemas.
const MAPS: [&str; 4] = [
    "definitions",
    "dependencies",
    "patternProperties",
    "properties",
];
/// Keywords whose value is a schema or a list of schemas, by the draft that brought them.
const SCHEMAS: [(&str, u8); 12] = [
    ("additionalItems", 4),
    ("additionalProperties", 4),
    ("allOf", 4),
    ("anyOf", 4),
    ("contains", 6),
    ("else", 7),
    ("if", 7),
    ("items", 4),
    ("not", 4),
    ("oneOf", 4),
    ("propertyNames", 6),
    ("then", 7),
];

/// Returns the JSON pointer of the list and what is wrong with it.
pub(super) fn broken(schema: &Json, draft: Draft) -> Option<(String, String)> {
    let draft = match draft {
        Draft::Draft4 => 4,
        Draft::Draft6 => 6,
        Draft::Draft7 => 7,
        _ => return None,
    };
    broken_below(schema, draft, &mut String::new())
}

fn broken_below(schema: &Json, draft: u8, pointer: &mut String) -> Option<(String, String)> {
    let keywords = schema.as_object()?;
    if let Some(Json::Array(items)) = keywords.get("enum")
        && let Some(wrong) = wrong(items)
    {
        return Some((format!("{pointer}/enum"), wrong));
    }
    for keyword in MAPS {
        for (name, schema) in keywords
            .get(keyword)
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
        {
            let step = format!("/{keyword}{}", escaped(name));
            let found = at(pointer, &step, schema, draft);
            if found.is_some() {
                return found;
            }
        }
    }
    for (keyword, since) in SCHEMAS {
        let found = match keywords.get(keyword).filter(|_| since <= draft) {
            None => None,
            Some(Json::Array(schemas)) => schemas.iter().enumerate().find_map(|(index, schema)| {
                at(pointer, &format!("/{keyword}/{index}"), schema, draft)
            }),
            Some(schema) => at(pointer, &format!("/{keyword}"), schema, draft),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn at(pointer: &mut String, step: &str, schema: &Json, draft: u8) -> Option<(String, String)> {
    let length = pointer.len();
    pointer.push_str(step);
    let found = broken_below(schema, draft, pointer);
    pointer.truncate(length);
    found
}

fn wrong(items: &[Json]) -> Option<String> {
    if items.is_empty() {
        return Some("minItems: got 0, want 1".to_owned());
    }
    items.iter().enumerate().find_map(|(later, item)| {
        let earlier = items[..later]
            .iter()
            .position(|other| is_same(other, item))?;
        Some(format!("items at {earlier} and {later} are equal"))
    })
}

/// Whether two values are one to JSON Schema, for which 1 and 1.0 are.
fn is_same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| is_same(a, b)))
        }
        _ => a == b,
    }
}
