//! Templates with the results that Go 1.26 gave for them: takes the tables in `cases/`, gives
//! every difference at once, never asks Go itself.
//!
//! A case has a template, data as JSON, an option, and either what Go printed or Go's error. The
//! functions of `support` exist under the same names in the program that made the tables.

#![expect(clippy::unwrap_used, reason = "a failed test should panic")]

mod support;

use gotemplate::{MissingKey, Value, from_json};

fn check(table: &str) {
    let cases: serde_json::Value = serde_json::from_str(table).unwrap();
    let functions = support::functions();
    let mut differences = Vec::new();
    let cases = cases.as_array().unwrap();
    for (number, case) in cases.iter().enumerate() {
        let template = case["template"].as_str().unwrap();
        let data = case.get("data").map_or(Value::Nil, from_json);
        let missing_key = match case.get("option").and_then(|option| option.as_str()) {
            None => MissingKey::Default,
            Some("missingkey=zero") => MissingKey::Zero,
            Some("missingkey=error") => MissingKey::Error,
            Some(other) => panic!("unknown option {other}"),
        };
        let expected = match (case.get("expected"), case.get("error")) {
            (Some(text), _) => text.as_str().unwrap().to_owned(),
            (None, Some(error)) => format!("error: {}", error.as_str().unwrap()),
            (None, None) => panic!("case {number} expects nothing"),
        };
        let found = support::render(&functions, template, data, missing_key)
            .unwrap_or_else(|error| format!("error: {error}"));
        if found != expected {
            differences.push(format!(
                "{template:?}\n  Go:   {expected:?}\n  here: {found:?}"
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} differ:\n{}",
        differences.len(),
        cases.len(),
        differences.join("\n")
    );
}

#[test]
fn printing() {
    check(include_str!("cases/printf.json"));
}

#[test]
fn language() {
    check(include_str!("cases/language.json"));
}

#[test]
fn builtins() {
    check(include_str!("cases/builtin.json"));
}

#[test]
fn syntax() {
    check(include_str!("cases/syntax.json"));
}

/// Each verb with flags, widths and precisions, for values of every kind.
#[test]
fn verbs() {
    check(include_str!("cases/verbs.json"));
}

/// Functions and blocks with pairs of values of every kind.
#[test]
fn pairs() {
    check(include_str!("cases/pairs.json"));
}

/// Texts of random tokens, and what Go says is wrong with them.
#[test]
fn random_tokens() {
    check(include_str!("cases/syntax-generated.json"));
}

/// A sample of what a random generator made.
#[test]
fn generated() {
    check(include_str!("cases/generated.json"));
}

/// Further tables, from a folder that the environment names: what a random generator makes is too
/// much to keep.
#[test]
#[ignore = "needs tables in the folder GOTEMPLATE_CASES"]
fn further() {
    let folder = std::env::var("GOTEMPLATE_CASES").unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        check(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
}
