//! Patterns of a schema: takes a schema, gives it with patterns that the validator takes for what
//! they are to Go, never matches.
//!
//! The validator's patterns are ECMAScript's. Those of `pattern` are hidden from it, for a keyword of
//! our own compiles them; those of `patternProperties`, which decide about other keywords too, are
//! written anew, in what means the same to all.

use std::fmt::Write as _;

use regex_syntax::hir::{Class, Hir, HirKind, Look};
use serde_json::{Map, Value as Json};

use crate::functions::regex;

/// A pattern of `patternProperties` that is none.
#[derive(Debug)]
pub(super) struct BadPattern {
    /// The JSON pointer of `patternProperties`.
    pub(super) place: String,
    /// The pattern.
    pub(super) pattern: String,
    /// Go's complaint.
    pub(super) why: String,
}

/// Keywords whose value is a map by names that the author of the schema chooses.
const MAPS: [&str; 6] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "dependencies",
    "definitions",
    "$defs",
];

/// Makes the patterns of a schema ready for the validator.
pub(super) fn prepare(schema: &mut Json) -> Result<(), BadPattern> {
    prepare_below(schema, "")
}

fn prepare_below(schema: &mut Json, place: &str) -> Result<(), BadPattern> {
    match schema {
        Json::Object(keywords) => {
            for (keyword, value) in keywords {
                let place = format!("{place}/{keyword}");
                match (keyword.as_str(), value) {
                    ("pattern", Json::String(pattern)) => *pattern = hidden(pattern),
                    ("enum" | "const" | "default" | "examples", _) => {}
                    (name, Json::Object(schemas)) if MAPS.contains(&name) => {
                        if name == "patternProperties" {
                            *schemas = with_portable_keys(std::mem::take(schemas), &place)?;
                        }
                        for (key, schema) in schemas {
                            prepare_below(schema, &format!("{place}/{key}"))?;
                        }
                    }
                    (_, value) => prepare_below(value, &place)?,
                }
            }
            Ok(())
        }
        Json::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, item)| prepare_below(item, &format!("{place}/{index}"))),
        _ => Ok(()),
    }
}

fn with_portable_keys(
    schemas: Map<String, Json>,
    place: &str,
) -> Result<Map<String, Json>, BadPattern> {
    let mut portable_schemas = Map::new();
    for (pattern, schema) in schemas {
        let mut key = portable(&pattern).map_err(|why| BadPattern {
            place: place.to_owned(),
            pattern,
            why,
        })?;
        // Two ways of writing one pattern are two rules.
        while portable_schemas.contains_key(&key) {
            key.push_str("(?:)");
        }
        portable_schemas.insert(key, schema);
    }
    Ok(portable_schemas)
}

/// Writes a pattern with letters and digits alone: the metaschemas would refuse what only Go knows.
fn hidden(pattern: &str) -> String {
    pattern.bytes().fold(String::from("x"), |mut hidden, byte| {
        write!(hidden, "{byte:02x}").expect("writing to a string");
        hidden
    })
}

/// Gives back what was hidden.
pub(super) fn shown(hidden: &str) -> String {
    let digits = hidden.strip_prefix('x').unwrap_or(hidden).as_bytes();
    let bytes = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        u8::from_str_radix(pair, 16).unwrap_or_default()
    });
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

/// Writes a pattern of Go's so that it means the same in ECMAScript and to the `regex` crate.
fn portable(pattern: &str) -> Result<String, String> {
    let translated = regex::translated(pattern)?;
    // References may name a rule by its pattern: what is the same everywhere stays as it is.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "^$_-./:, @*+".contains(c);
    if pattern.chars().all(is_plain) {
        return Ok(pattern.to_owned());
    }
    let hir = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .nest_limit(1_000)
        .build()
        .parse(&translated)
        .map_err(|_| format!("error parsing regexp: expression too large: `{pattern}`"))?;
    let mut out = String::new();
    write_portable(&hir, &mut out);
    Ok(out)
}

fn write_portable(hir: &Hir, out: &mut String) {
    match hir.kind() {
        HirKind::Empty => out.push_str("(?:)"),
        HirKind::Literal(literal) => {
            for c in String::from_utf8_lossy(&literal.0).chars() {
                write_character(out, c);
            }
        }
        HirKind::Class(class) => write_class(class, out),
        HirKind::Look(look) => out.push_str(match look {
            Look::StartLF | Look::StartCRLF => "(?m:^)",
            Look::EndLF | Look::EndCRLF => "(?m:$)",
            Look::Start => "^",
            Look::End => "$",
            Look::WordAsciiNegate | Look::WordUnicodeNegate => "\\B",
            _ => "\\b",
        }),
        HirKind::Repetition(repetition) => {
            out.push_str("(?:");
            write_portable(&repetition.sub, out);
            out.push(')');
            let (low, greedy) = (repetition.min, if repetition.greedy { "" } else { "?" });
            let written = match repetition.max {
                Some(high) => write!(out, "{{{low},{high}}}{greedy}"),
                None => write!(out, "{{{low},}}{greedy}"),
            };
            written.expect("writing to a string");
        }
        HirKind::Capture(capture) => write_portable(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write_portable(part, out)),
        HirKind::Alternation(choices) => {
            for (index, choice) in choices.iter().enumerate() {
                out.push_str(if index == 0 { "(?:" } else { "|" });
                write_portable(choice, out);
            }
            out.push(')');
        }
    }
}

fn write_class(class: &Class, out: &mut String) {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        Class::Bytes(class) => class
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end())))
            .collect(),
    };
    if ranges.is_empty() {
        return out.push_str("[^\\u{0}-\\u{10ffff}]");
    }
    out.push('[');
    for (low, high) in ranges {
        write_character(out, low);
        if high > low {
            out.push('-');
            write_character(out, high);
        }
    }
    out.push(']');
}

fn write_character(out: &mut String, c: char) {
    write!(out, "\\u{{{:x}}}", u32::from(c)).expect("writing to a string");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_written_for_all() {
        for (pattern, written) in [
            ("^app.*$", "^app.*$"),
            (r"^\d$", r"^[\u{30}-\u{39}]$"),
            (r"\Aa\z", r"^\u{61}$"),
            (r"\Q.\E", r"\u{2e}"),
            ("(a|bc){2,}?", r"(?:(?:\u{61}|\u{62}\u{63})){2,}?"),
            (r"[^\x00-\x{10FFFF}]", r"[^\u{0}-\u{10ffff}]"),
        ] {
            assert_eq!(portable(pattern).unwrap(), written, "{pattern}");
        }
        assert!(portable(r"\u0041").is_err());
    }

    #[test]
    fn what_is_hidden_is_shown_again() {
        assert_eq!(shown(&hidden("^é\\d$")), "^é\\d$");
    }
}
