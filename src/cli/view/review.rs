//! What a change does, as text: first which environments it touches, then for each service what
//! comes, goes and changes, each thing once with the environments that it is the same in.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;
use similar::TextDiff;

use crate::cli::arguments::Verbosity;
use crate::finding::Severity;
use crate::ops::{Change, ObjectChange, Review, ServiceChange, SideProblem, State, Touched};
use crate::plan::{FieldChange, Json};

use super::words::{BAD, FAINT, GOOD, NOTE, STRONG, WARN, count, until};

/// So many names of environments are told where not everything is asked for.
const NAMES: usize = 6;
/// So many characters of a value are shown where not everything is asked for.
const VALUE: usize = 160;
/// So many lines of a text that differs.
const LINES: usize = 40;

/// Returns the review.
pub(in crate::cli) fn review(review: &Review, verbosity: Verbosity) -> String {
    let mut text = format!("{STRONG}{}{STRONG:#}\n", head(review));
    let _ = writeln!(text, "{}", sum(review));
    let all = verbosity == Verbosity::Verbose;
    for (service, part) in parts(review) {
        let _ = write!(text, "\n{STRONG}{service}{STRONG:#}");
        for change in &part.services {
            let word = match change.change {
                Change::Added => format!("{GOOD}comes{GOOD:#}"),
                _ => format!("{BAD}goes{BAD:#}"),
            };
            let _ = write!(text, ", {word} in {}", names(&change.environments, all));
        }
        text.push('\n');
        for (environments, objects) in &part.objects {
            let _ = writeln!(text, "  {FAINT}in {}{FAINT:#}", names(environments, all));
            for object in objects {
                text.push_str(&of_object(object, all));
            }
        }
        for problem in &part.problems {
            let _ = writeln!(text, "  {}", of_problem(problem, all));
        }
    }
    text.push_str(&rest(review, all));
    text
}

/// What is said about one service.
#[derive(Default)]
pub(super) struct Part<'r> {
    pub(super) services: Vec<&'r ServiceChange>,
    /// By the environments that they are the same in.
    pub(super) objects: Vec<(&'r [String], Vec<&'r ObjectChange>)>,
    pub(super) problems: Vec<&'r SideProblem>,
}

/// Returns what is said about each service.
pub(super) fn parts(review: &Review) -> BTreeMap<&str, Part<'_>> {
    let mut parts: BTreeMap<&str, Part<'_>> = BTreeMap::new();
    for change in &review.services {
        parts
            .entry(&change.service)
            .or_default()
            .services
            .push(change);
    }
    for object in &review.objects {
        let part = parts.entry(&object.service).or_default();
        let same = part.objects.iter_mut();
        let mut same = same.filter(|(names, _)| **names == *object.environments);
        match same.next() {
            Some((_, objects)) => objects.push(object),
            None => part.objects.push((&object.environments, vec![object])),
        }
    }
    for problem in &review.problems {
        if let Some(service) = &problem.service {
            parts.entry(service).or_default().problems.push(problem);
        }
    }
    parts
}

fn state(state: &State) -> String {
    let short = |commit: &String| commit.get(..9).unwrap_or(commit).to_owned();
    match (&state.revision, &state.commit) {
        (Some(revision), Some(commit)) if commit.starts_with(revision.as_str()) => short(commit),
        (Some(revision), Some(commit)) => format!("{revision} ({})", short(commit)),
        (Some(revision), None) => revision.clone(),
        (None, Some(commit)) => format!("the working tree (on {})", short(commit)),
        (None, None) => "the working tree".to_owned(),
    }
}

/// Returns which two states are compared.
pub(super) fn head(review: &Review) -> String {
    format!("{} -> {}", state(&review.from), state(&review.to))
}

/// Returns how many environments change.
pub(super) fn sum(review: &Review) -> String {
    let of = |change: Touched| {
        let all = review
            .environments
            .iter()
            .filter(|one| one.change == change);
        all.map(|one| one.name.clone()).collect::<Vec<String>>()
    };
    let all = review.environments.len();
    let paths = count(review.changed_paths, "path differs", "paths differ");
    let mut words = Vec::new();
    for (change, verb) in [
        (Touched::Changed, "changed"),
        (Touched::Added, "new"),
        (Touched::Removed, "gone"),
        (Touched::Unknown, "not comparable"),
    ] {
        let found = of(change);
        if !found.is_empty() {
            words.push(format!(
                "{} of {all} {verb}: {}",
                found.len(),
                names(&found, false)
            ));
        }
    }
    if words.is_empty() {
        let environments = count(all, "environment", "environments");
        return format!("{paths}; nothing changes in {environments}");
    }
    format!("{paths}; environments: {}", words.join("; "))
}

/// Returns the names of environments.
pub(super) fn names(environments: &[String], all: bool) -> String {
    if all || environments.len() <= NAMES {
        return environments.join(", ");
    }
    let first = environments[..NAMES - 1].join(", ");
    format!("{first} and {} more", environments.len() - NAMES + 1)
}

fn of_object(object: &ObjectChange, all: bool) -> String {
    let mark = match object.change {
        Change::Added => format!("{GOOD}+{GOOD:#}"),
        Change::Removed => format!("{BAD}-{BAD:#}"),
        Change::Changed => format!("{WARN}~{WARN:#}"),
    };
    let mut text = format!("    {mark} {}", object.object);
    if object.random {
        text.push_str(" (its chart gives something else each time)");
    }
    if all {
        let _ = write!(text, " {FAINT}{}{FAINT:#}", object.source);
    }
    text.push('\n');
    text.push_str(&fields(&object.fields, all));
    text
}

/// Returns what becomes of fields, a line for each side of each.
pub(super) fn fields(fields: &[FieldChange], all: bool) -> String {
    let mut text = String::new();
    for line in fields.iter().flat_map(|field| lines(field, all)) {
        let (style, line) = match line {
            Line::Old(line) => (BAD, format!("- {line}")),
            Line::New(line) => (GOOD, format!("+ {line}")),
            Line::Plain(line) => (FAINT, line),
        };
        let _ = writeln!(text, "        {style}{line}{style:#}");
    }
    text
}

/// One line about a field.
pub(super) enum Line {
    Old(String),
    New(String),
    Plain(String),
}

/// Returns a field in lines: one for each side, or the lines of a text that differ.
pub(super) fn lines(field: &FieldChange, all: bool) -> Vec<Line> {
    let path = &field.path;
    if field.secret {
        let words = match (&field.old, &field.new) {
            (Some(_), Some(_)) => "another secret value",
            (None, _) => "a new secret value",
            (_, None) => "the secret value is gone",
        };
        return vec![Line::Plain(format!("{path}: {words}"))];
    }
    let long = |side: &Option<Json>| match side {
        Some(Json(Value::String(text))) if text.trim_end().contains('\n') => Some(text.clone()),
        _ => None,
    };
    if let (Some(old), Some(new)) = (long(&field.old), long(&field.new)) {
        let mut found = vec![Line::Plain(format!("{path}:"))];
        let difference = TextDiff::from_lines(&old, &new);
        for hunk in difference.unified_diff().context_radius(1).iter_hunks() {
            found.push(Line::Plain(hunk.header().to_string().trim_end().to_owned()));
            for change in hunk.iter_changes() {
                let line = change.value().trim_end_matches('\n').to_owned();
                found.push(match change.tag() {
                    similar::ChangeTag::Delete => Line::Old(line),
                    similar::ChangeTag::Insert => Line::New(line),
                    similar::ChangeTag::Equal => Line::Plain(format!("  {line}")),
                });
            }
        }
        if !all && found.len() > LINES {
            let more = found.len() - LINES;
            found.truncate(LINES);
            found.push(Line::Plain(format!(
                "... {}",
                count(more, "more line", "more lines")
            )));
        }
        return found;
    }
    let value = |side: &Json| format!("{path}: {}", shown(&side.0, all));
    let old = field.old.as_ref().map(|side| Line::Old(value(side)));
    let new = field.new.as_ref().map(|side| Line::New(value(side)));
    old.into_iter().chain(new).collect()
}

/// Returns a value on one line.
pub(super) fn shown(value: &Value, all: bool) -> String {
    let text = value.to_string();
    if all || text.chars().count() <= VALUE {
        return text;
    }
    let kept: String = text.chars().take(VALUE).collect();
    format!("{kept}...")
}

fn of_problem(problem: &SideProblem, all: bool) -> String {
    format!(
        "{WARN}not compared{WARN:#}{}: {} {FAINT}(in {}){FAINT:#}",
        side(problem.side),
        problem.message,
        names(&problem.environments, all)
    )
}

/// Returns which side is meant.
pub(super) fn side(side: &str) -> &'static str {
    match side {
        "from" => ", the older state",
        "to" => ", the newer state",
        _ => "",
    }
}

/// Returns what is no single service's: environments that fail, edges, findings.
fn rest(review: &Review, all: bool) -> String {
    let mut text = String::new();
    for problem in review.problems.iter().filter(|one| one.service.is_none()) {
        let _ = writeln!(text, "\n{}", of_problem(problem, all));
    }
    let mark = |change: Change| match change {
        Change::Added => format!("{GOOD}+{GOOD:#}"),
        _ => format!("{BAD}-{BAD:#}"),
    };
    if !review.edges.is_empty() {
        let _ = writeln!(text, "\n{STRONG}what waits for what{STRONG:#}");
    }
    for edge in &review.edges {
        let _ = writeln!(
            text,
            "  {} {} waits until {} {} {FAINT}(in {}){FAINT:#}",
            mark(edge.change),
            edge.service,
            edge.needs,
            until(edge.until),
            names(&edge.environments, all)
        );
        if all {
            let _ = writeln!(text, "      {FAINT}{}{FAINT:#}", edge.evidence);
        }
    }
    if !review.findings.is_empty() {
        let _ = writeln!(text, "\n{STRONG}findings{STRONG:#}");
    }
    for finding in &review.findings {
        let (style, word) = match finding.severity {
            Severity::Error => (BAD, "error"),
            Severity::Warning => (WARN, "warning"),
            Severity::Info => (NOTE, "note"),
        };
        let _ = writeln!(
            text,
            "  {} {style}{word}[{}]:{style:#} {} {FAINT}(in {}){FAINT:#}",
            mark(finding.change),
            finding.code,
            finding.message,
            names(&finding.environments, all)
        );
    }
    text
}
