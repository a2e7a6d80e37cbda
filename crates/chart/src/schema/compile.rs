//! A schema made ready: takes the text of `values.schema.json`, gives a validator with the rules
//! of Helm's, never fetches what it refers to.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jsonschema::{
    Draft, Keyword, PatternOptions, ReferencingError, Retrieve, Uri, ValidationError, Validator,
    error::ValidationErrorKind, paths::Location,
};
use serde_json::Value as Json;

use super::{cycles, enums, formats, patterns, report, wording};

/// The address that Helm gives the schema.
const ADDRESS: &str = "file:///values.schema.json";

/// Reads and compiles a schema; the error is worded as Helm words it, as far as it says the same.
pub(super) fn compile(text: &[u8]) -> Result<Validator, String> {
    let text = String::from_utf8_lossy(text);
    let mut schema: Json = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let draft = draft_of(&schema)?;
    if let Some(dialect) = schema.get_mut("$schema")
        && dialect.is_string()
    {
        *dialect = Json::from(address_of(draft));
    }
    patterns::prepare(&mut schema).map_err(|bad| {
        let (place, text) = (wording::quote(&bad.place), wording::quote(&bad.pattern));
        let entry = format!(
            "- at {place}: invalid propertyName {text}\n  - at '': {text} is not valid regex: {}",
            bad.why
        );
        against_metaschema(draft, &entry)
    })?;
    cycles::refuse_cycles(&mut schema);
    let references = Nowhere {
        reached: reached(&schema, draft),
    };
    let mut options = jsonschema::options()
        .with_draft(draft)
        .with_base_uri(ADDRESS)
        .with_retriever(references)
        .with_pattern_options(PatternOptions::regex())
        .without_content_media_type_support("application/json")
        .without_content_encoding_support("base64");
    options = options
        .with_keyword("pattern", pattern)
        .with_keyword(cycles::CYCLE, cycle);
    for (name, check) in formats::FORMATS {
        options = options.with_format(name, move |text: &str| check(text).is_ok());
    }
    for name in formats::UNKNOWN {
        options = options.with_format(name, |_: &str| true);
    }
    let validator = options
        .build(&schema)
        .map_err(|error| word(&error, draft))?;
    match enums::broken(&schema, draft) {
        None => Ok(validator),
        Some((pointer, wrong)) => {
            let place = wording::quote(&pointer);
            Err(against_metaschema(draft, &format!("- at {place}: {wrong}")))
        }
    }
}

fn word(error: &ValidationError<'_>, draft: Draft) -> String {
    match error.kind() {
        ValidationErrorKind::Referencing(error) => match error {
            ReferencingError::Unretrievable { uri, source } => {
                let uri = uri.split('#').next().unwrap_or_default();
                format!("failing loading {uri:?}: {source}")
            }
            ReferencingError::PointerToNowhere { pointer } => {
                format!("json-pointer in \"{ADDRESS}#{pointer}\" not found")
            }
            ReferencingError::NoSuchAnchor { anchor } => {
                format!("anchor in \"{ADDRESS}#{anchor}\" not found in schema {ADDRESS:?}")
            }
            other => other.to_string(),
        },
        ValidationErrorKind::Custom { message, .. } => against_metaschema(draft, message),
        _ => {
            let place = wording::quote(error.instance_path().as_str());
            let entry = format!("- at {place}: {}", report::message(error));
            against_metaschema(draft, &entry)
        }
    }
}

fn against_metaschema(draft: Draft, entry: &str) -> String {
    let dialect = wording::quote(&format!("{}#", address_of(draft)));
    format!(
        "\"{ADDRESS}#\" is not valid against metaschema: jsonschema validation failed with {dialect}\n{entry}"
    )
}

/// A pattern in Go's syntax: that of the validator is ECMAScript's.
struct Pattern {
    text: String,
    regex: regex::bytes::Regex,
}

#[expect(clippy::needless_pass_by_value, reason = "the validator calls it so")]
fn pattern<'s>(
    _: &'s serde_json::Map<String, Json>,
    value: &'s Json,
    place: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'s>> {
    let text = value.as_str().map(patterns::shown).unwrap_or_default();
    let regex = crate::functions::regex::compile(&text).map_err(|error| {
        let place = wording::quote(place.as_str());
        let text = wording::quote(&text);
        ValidationError::custom(format!("- at {place}: {text} is not valid regex: {error}"))
    })?;
    Ok(Box::new(Pattern { text, regex }))
}

impl<'i> Keyword<'i> for Pattern {
    fn validate(&self, instance: &'i Json) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        Err(ValidationError::custom(self.text.clone()))
    }

    fn is_valid(&self, instance: &'i Json) -> bool {
        instance
            .as_str()
            .is_none_or(|text| self.regex.is_match(text.as_bytes()))
    }
}

/// A reference that leads back to itself.
struct Cycle {
    target: String,
}

#[expect(clippy::unnecessary_wraps, reason = "the validator calls it so")]
fn cycle<'s>(
    _: &'s serde_json::Map<String, Json>,
    value: &'s Json,
    _: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'s>> {
    let target = value.as_str().unwrap_or_default().to_owned();
    Ok(Box::new(Cycle { target }))
}

impl<'i> Keyword<'i> for Cycle {
    fn validate(&self, _: &'i Json) -> Result<(), ValidationError<'i>> {
        let target = self.target.trim_end_matches('#');
        Err(ValidationError::custom(format!(
            "the reference to \"{ADDRESS}{target}\" leads back to itself: reference cycle"
        )))
    }

    fn is_valid(&self, _: &'i Json) -> bool {
        false
    }
}

/// Tells the draft from `$schema`; the newest one where nothing is said.
fn draft_of(schema: &Json) -> Result<Draft, String> {
    let Some(Json::String(dialect)) = schema.get("$schema") else {
        return Ok(Draft::Draft202012);
    };
    let address = dialect.split('#').next().unwrap_or_default();
    let plain = address
        .strip_prefix("http://")
        .or_else(|| address.strip_prefix("https://"))
        .unwrap_or(address);
    Ok(match plain {
        "json-schema.org/schema" | "json-schema.org/draft/2020-12/schema" => Draft::Draft202012,
        "json-schema.org/draft/2019-09/schema" => Draft::Draft201909,
        "json-schema.org/draft-07/schema" => Draft::Draft7,
        "json-schema.org/draft-06/schema" => Draft::Draft6,
        "json-schema.org/draft-04/schema" => Draft::Draft4,
        _ if address.starts_with("urn:") => Draft::Draft202012,
        _ => return Err(format!("failing loading {address:?}: {NotFetched}")),
    })
}

fn address_of(draft: Draft) -> &'static str {
    match draft {
        Draft::Draft4 => "http://json-schema.org/draft-04/schema",
        Draft::Draft6 => "http://json-schema.org/draft-06/schema",
        Draft::Draft7 => "http://json-schema.org/draft-07/schema",
        Draft::Draft201909 => "https://json-schema.org/draft/2019-09/schema",
        _ => "https://json-schema.org/draft/2020-12/schema",
    }
}

#[derive(Debug, thiserror::Error)]
#[error("schemas are not fetched: put the definitions into values.schema.json itself")]
struct NotFetched;

/// Answers references that lead out of the schema.
struct Nowhere {
    /// The references that validation can come to; what no rule leads to is never asked for.
    reached: BTreeSet<String>,
}

impl Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        let uri = uri.as_str();
        let leads_here = |reference: &String| {
            let reference = reference.trim_start_matches("./").trim_start_matches("../");
            uri.ends_with(reference)
        };
        if uri.starts_with("urn:") || !self.reached.iter().any(leads_here) {
            return Ok(Json::Bool(true));
        }
        Err(Box::new(NotFetched))
    }
}

/// Keywords whose value is a map of schemas.
const MAPS: [&str; 4] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "dependencies",
];
/// Keywords whose value is a schema or a list of schemas.
const SCHEMAS: [&str; 16] = [
    "allOf",
    "anyOf",
    "oneOf",
    "prefixItems",
    "items",
    "not",
    "if",
    "then",
    "else",
    "additionalItems",
    "additionalProperties",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Returns the references out of the schema that its rules lead to, without their fragments.
fn reached(schema: &Json, draft: Draft) -> BTreeSet<String> {
    let mut walk = Walk {
        root: schema,
        references_alone: matches!(draft, Draft::Draft4 | Draft::Draft6 | Draft::Draft7),
        seen: BTreeSet::new(),
        found: BTreeSet::new(),
    };
    walk.schema(schema);
    walk.found
}

struct Walk<'s> {
    root: &'s Json,
    /// Whether a reference makes its siblings void.
    references_alone: bool,
    seen: BTreeSet<String>,
    found: BTreeSet<String>,
}

impl<'s> Walk<'s> {
    fn schema(&mut self, schema: &'s Json) {
        let Json::Object(keywords) = schema else {
            return;
        };
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(Json::String(reference)) = keywords.get(keyword) {
                self.reference(reference);
                if self.references_alone {
                    return;
                }
            }
        }
        for keyword in MAPS {
            if let Some(Json::Object(schemas)) = keywords.get(keyword) {
                for schema in schemas.values() {
                    self.schema(schema);
                }
            }
        }
        for keyword in SCHEMAS {
            match keywords.get(keyword) {
                Some(Json::Array(schemas)) => {
                    for schema in schemas {
                        self.schema(schema);
                    }
                }
                Some(schema) => self.schema(schema),
                None => {}
            }
        }
    }

    fn reference(&mut self, reference: &str) {
        if !self.seen.insert(reference.to_owned()) {
            return;
        }
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if address.is_empty() {
            Some(self.root)
        } else {
            named(self.root, address)
        };
        match resource.map(|resource| (resource, pointed(resource, fragment))) {
            Some((_, Some(schema))) => self.schema(schema),
            // An anchor: what it stands for is not searched, all definitions are taken.
            Some((resource, None)) => definitions(resource, &mut |schema| self.schema(schema)),
            None => {
                self.found.insert(address.to_owned());
            }
        }
    }
}

fn pointed<'s>(resource: &'s Json, fragment: &str) -> Option<&'s Json> {
    if !fragment.is_empty() && !fragment.starts_with('/') {
        return None;
    }
    let decoded: Cow<'_, str> = if fragment.contains('%') {
        Cow::Owned(
            fragment
                .replace("%25", "%")
                .replace("%24", "$")
                .replace("%20", " "),
        )
    } else {
        Cow::Borrowed(fragment)
    };
    resource.pointer(&decoded)
}

fn definitions<'s>(schema: &'s Json, visit: &mut dyn FnMut(&'s Json)) {
    for keyword in ["definitions", "$defs"] {
        if let Some(Json::Object(schemas)) = schema.get(keyword) {
            schemas.values().for_each(&mut *visit);
        }
    }
}

/// Finds the schema that names itself by this address.
fn named<'s>(schema: &'s Json, address: &str) -> Option<&'s Json> {
    let own = |keyword: &str| schema.get(keyword).and_then(Json::as_str);
    let id = own("$id").or_else(|| own("id"));
    if id.is_some_and(|id| id.split('#').next() == Some(address)) {
        return Some(schema);
    }
    match schema {
        Json::Object(entries) => entries.values().find_map(|entry| named(entry, address)),
        Json::Array(items) => items.iter().find_map(|item| named(item, address)),
        _ => None,
    }
}
