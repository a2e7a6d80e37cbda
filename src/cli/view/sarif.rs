//! Findings as SARIF 2.1.0, as code hosts show them beside a change.
//!
//! Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS Standard.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::catalog::fetch::Digest;
use crate::finding::{Code, Finding, Severity, codes};
use crate::ops::Linted;
use crate::source::Source;

/// The name for the directory that all paths begin at.
const ROOT: &str = "REPOSITORY";

/// Returns findings as a log of one run.
pub(in crate::cli) fn sarif(linted: &Linted) -> Value {
    let rules: Vec<Code> = codes::all().collect();
    let mut results: Vec<Value> = Vec::new();
    for found in &linted.findings {
        results.push(result(&found.finding, &found.environments, &rules));
    }
    for found in &linted.suppressed {
        let mut result = result(&found.finding.finding, &found.environments, &rules);
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": found.finding.reason,
            "location": location(&found.finding.rule),
        }]);
        results.push(result);
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "firstlight",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": !linted.has_failed()}],
            "originalUriBaseIds": {ROOT: {"description": {"text": "the root of the platform repository"}}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    let entry = code.entry();
    let mut help = format!("{}\n\n", entry.explanation);
    if !entry.example.is_empty() {
        let _ = write!(help, "For example: {}\n\n", entry.example);
    }
    let _ = write!(help, "To mend it: {}", entry.mend);
    json!({
        "id": entry.name,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.explanation},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": level(entry.severities[0])},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(finding: &Finding, environments: &[String], rules: &[Code]) -> Value {
    let mut text = finding.message.clone();
    if let Some(mend) = &finding.mend {
        let _ = write!(text, "\nTo mend it: {mend}");
    }
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": rules.iter().position(|code| *code == finding.code),
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": locations(finding),
        "partialFingerprints": {"firstlight/v1": fingerprint(finding)},
        "properties": {"environments": environments},
    });
    if let Some(service) = &finding.service {
        result["properties"]["service"] = json!(service);
    }
    result
}

fn locations(finding: &Finding) -> Vec<Value> {
    let mut place = finding.source.as_ref().map_or_else(|| json!({}), location);
    let object = finding.object.as_ref().map(ToString::to_string);
    let names = [(object, "object"), (finding.service.clone(), "module")];
    let logical: Vec<Value> = names
        .into_iter()
        .filter_map(|(name, kind)| Some(json!({"fullyQualifiedName": name?, "kind": kind})))
        .collect();
    if !logical.is_empty() {
        place["logicalLocations"] = Value::Array(logical);
    }
    match place.as_object() {
        Some(place) if place.is_empty() => Vec::new(),
        _ => vec![place],
    }
}

fn location(source: &Source) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&source.file), "uriBaseId": ROOT}});
    if let Some(line) = source.line.filter(|line| *line > 0) {
        physical["region"] = json!({"startLine": line});
        if let Some(column) = source.column.filter(|column| *column > 0) {
            physical["region"]["startColumn"] = json!(column);
        }
    }
    json!({"physicalLocation": physical})
}

/// Returns a path as a relative reference of a URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' | b'+' | b'@' | b'=' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// Returns what tells a finding from others, and stays when lines move.
fn fingerprint(finding: &Finding) -> String {
    let object = finding.object.as_ref().map(ToString::to_string);
    let file = finding.source.as_ref().map(|source| source.file.as_str());
    let parts = [
        finding.code.name(),
        finding.service.as_deref().unwrap_or_default(),
        object.as_deref().unwrap_or_default(),
        file.unwrap_or_default(),
        &without_lines(&finding.message),
    ];
    let digest = Digest::of(parts.join("\n").as_bytes());
    digest.hex()[..32].to_owned()
}

/// Returns a message without the numbers of lines and columns in its places: `a.yaml:3`.
fn without_lines(message: &str) -> String {
    let mut text = String::new();
    let mut in_number = false;
    let mut letters = message.chars().peekable();
    while let Some(letter) = letters.next() {
        let starts = letter == ':' && letters.peek().is_some_and(char::is_ascii_digit);
        in_number = starts || (in_number && letter.is_ascii_digit());
        if !in_number {
            text.push(letter);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{uri, without_lines};

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("services/a b/ü.yaml"), "services/a%20b/%C3%BC.yaml");
    }

    #[test]
    fn fingerprints_do_not_depend_on_lines() {
        assert_eq!(
            without_lines("x (a.yaml:12:3): b, 80:TCP"),
            "x (a.yaml): b, 80:TCP"
        );
    }
}
