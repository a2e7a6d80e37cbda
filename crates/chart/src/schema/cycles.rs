//! References of a schema that lead back to themselves: takes a schema, gives it with those replaced
//! that Helm's validator never gets to the end of, and therefore always refuses; never follows one
//! out of the schema.
//!
//! Such a reference leads to a schema that holds for the same value and comes to the reference again.
//! Where that depends on what else holds (`anyOf` in several definitions), the reference stays: the
//! validator admits it.

use serde_json::Value as Json;

use super::pointer::{escaped, parts};

/// The keyword that refuses every value; its own value is the address that the cycle is about.
pub(super) const CYCLE: &str = "firstlight-cycle";

/// Keywords that apply schemas to the value itself, with the number of parts of a path that they
/// take.
const IN_PLACE: [(&str, usize); 8] = [
    ("allOf", 2),
    ("anyOf", 2),
    ("oneOf", 2),
    ("dependentSchemas", 2),
    ("not", 1),
    ("if", 1),
    ("then", 1),
    ("else", 1),
];

/// A reference: the path of the schema that has it, and that of the schema it leads to.
struct Reference {
    from: Vec<String>,
    to: Vec<String>,
}

/// Replaces references that lead back to themselves.
pub(super) fn refuse_cycles(schema: &mut Json) {
    let mut references = Vec::new();
    // A schema with a name of its own is where other addresses begin.
    if !collect(schema, &mut Vec::new(), &mut references) {
        return;
    }
    let endless: Vec<Vec<String>> = references
        .iter()
        .filter(|one| encloses(one, &references) || comes_back(one, &references))
        .map(|one| one.from.clone())
        .collect();
    for place in endless {
        let pointer: String = place.iter().map(|part| escaped(part)).collect();
        if let Some(Json::Object(keywords)) = schema.pointer_mut(&pointer) {
            let target = keywords
                .remove("$ref")
                .or_else(|| keywords.remove("$dynamicRef"));
            keywords.insert(CYCLE.to_owned(), target.unwrap_or_default());
        }
    }
}

/// Collects the references within the schema; tells whether all of it has one address.
fn collect(schema: &Json, place: &mut Vec<String>, found: &mut Vec<Reference>) -> bool {
    let mut visit = |part: String, below: &Json| {
        place.push(part);
        let is_one = collect(below, place, found);
        place.pop();
        is_one
    };
    match schema {
        Json::Object(keywords) => {
            if !keywords
                .iter()
                .all(|(keyword, below)| visit(keyword.clone(), below))
            {
                return false;
            }
            let text = |keyword: &str| keywords.get(keyword).and_then(Json::as_str);
            if !place.is_empty() && (text("$id").is_some() || text("id").is_some()) {
                return false;
            }
            let to = text("$ref").or_else(|| text("$dynamicRef")).and_then(local);
            found.extend(to.map(|to| Reference {
                from: place.clone(),
                to,
            }));
            true
        }
        Json::Array(items) => items
            .iter()
            .enumerate()
            .all(|(index, item)| visit(index.to_string(), item)),
        _ => true,
    }
}

/// Reads a reference into the schema by a path.
fn local(reference: &str) -> Option<Vec<String>> {
    let path = reference.strip_prefix('#')?;
    if path.contains('%') || !(path.is_empty() || path.starts_with('/')) {
        return None;
    }
    Some(parts(path))
}

/// Whether the way from one schema to one within it applies to one value, by these keywords.
fn is_in_place(outer: &[String], inner: &[String], keywords: &[(&str, usize)]) -> bool {
    let Some(mut way) = inner.strip_prefix(outer) else {
        return false;
    };
    while let Some(first) = way.first() {
        let step = keywords.iter().find(|(keyword, _)| keyword == first);
        match step.and_then(|(_, parts)| way.get(*parts..)) {
            Some(rest) => way = rest,
            None => return false,
        }
    }
    true
}

/// Whether it leads to a schema that it stands in, and nothing leads between the two.
fn encloses(reference: &Reference, all: &[Reference]) -> bool {
    let (outer, inner) = (&reference.to, &reference.from);
    let between = |place: &[String]| place.len() > outer.len() && inner.starts_with(place);
    is_in_place(outer, inner, &IN_PLACE) && !all.iter().any(|other| between(&other.to))
}

/// Whether what it leads to comes back to it, whatever the value is.
fn comes_back(reference: &Reference, all: &[Reference]) -> bool {
    let mut seen = vec![false; all.len()];
    let mut places = vec![&reference.to];
    while let Some(place) = places.pop() {
        for (index, next) in all.iter().enumerate() {
            if seen[index] || !is_in_place(place, &next.from, &IN_PLACE[..1]) {
                continue;
            }
            if next.from == reference.from {
                return true;
            }
            seen[index] = true;
            places.push(&next.to);
        }
    }
    false
}
