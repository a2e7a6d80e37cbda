//! Findings as XML of `JUnit`, as CI systems read results of tests: a suite for each environment, a test
//! for each service, and one for each finding.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::finding::{Finding, Severity};
use crate::ops::{Linted, Looked};

/// Returns findings as a document.
pub(in crate::cli) fn junit(linted: &Linted) -> String {
    let mut names: Vec<Option<&Looked>> = linted.environments.iter().map(Some).collect();
    // What holds for no environment, such as rules that match nothing.
    if linted
        .findings
        .iter()
        .any(|found| found.environments.is_empty())
    {
        names.push(None);
    }
    let suites: Vec<Suite> = names
        .into_iter()
        .map(|environment| suite(linted, environment))
        .collect();
    let total = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(
        text,
        "<testsuites name=\"firstlight lint\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
        total(|suite| suite.tests),
        total(|suite| suite.failures),
        total(|suite| suite.skipped),
    );
    for suite in &suites {
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
            escaped(&suite.name),
            suite.tests,
            suite.failures,
            suite.skipped,
        );
        text.push_str(&suite.cases);
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

struct Suite {
    name: String,
    tests: usize,
    failures: usize,
    skipped: usize,
    cases: String,
}

impl Suite {
    fn case(&mut self, class: &str, name: &str, inside: &str) {
        self.tests += 1;
        let (class, name) = (escaped(class), escaped(name));
        let _ = if inside.is_empty() {
            writeln!(
                self.cases,
                "    <testcase classname=\"{class}\" name=\"{name}\"/>"
            )
        } else {
            writeln!(
                self.cases,
                "    <testcase classname=\"{class}\" name=\"{name}\">\n      {inside}\n    </testcase>"
            )
        };
    }
}

fn suite(linted: &Linted, environment: Option<&Looked>) -> Suite {
    let name = environment.map_or("repository", |environment| environment.name.as_str());
    let mut suite = Suite {
        name: name.to_owned(),
        tests: 0,
        failures: 0,
        skipped: 0,
        cases: String::new(),
    };
    let holds = |names: &[String]| match environment {
        Some(environment) => names.contains(&environment.name),
        None => names.is_empty(),
    };
    let mut used = BTreeSet::new();
    let mut unique = |finding: &Finding| {
        let name = case_name(finding);
        let mut number = 1;
        let mut unique = name.clone();
        while !used.insert((finding.service.clone(), unique.clone())) {
            number += 1;
            unique = format!("{name} ({number})");
        }
        unique
    };
    for found in linted
        .findings
        .iter()
        .filter(|found| holds(&found.environments))
    {
        let finding = &found.finding;
        let name = unique(finding);
        let inside = match finding.severity {
            Severity::Error => {
                suite.failures += 1;
                format!(
                    "<failure type=\"{}\" message=\"{}\">{}</failure>",
                    finding.code,
                    escaped(&finding.message),
                    escaped(&body(finding))
                )
            }
            severity => format!(
                "<system-out>{}: {}</system-out>",
                severity.name(),
                escaped(&body(finding))
            ),
        };
        suite.case(class(finding), &name, &inside);
    }
    for found in linted
        .suppressed
        .iter()
        .filter(|found| holds(&found.environments))
    {
        suite.skipped += 1;
        let name = unique(&found.finding.finding);
        let inside = format!("<skipped message=\"{}\"/>", escaped(&found.finding.reason));
        suite.case(class(&found.finding.finding), &name, &inside);
    }
    if suite.tests == 0 {
        suite.case("lint", "no findings", "");
    }
    suite
}

fn class(finding: &Finding) -> &str {
    finding.service.as_deref().unwrap_or("repository")
}

fn case_name(finding: &Finding) -> String {
    match (&finding.object, &finding.source) {
        (Some(object), _) => format!("{} {object}", finding.code),
        (None, Some(source)) => format!("{} {}", finding.code, source.file),
        (None, None) => finding.code.to_string(),
    }
}

fn body(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    if let Some(mend) = &finding.mend {
        let _ = write!(text, "\nTo mend it: {mend}");
    }
    if let Some(source) = &finding.source {
        let _ = write!(text, "\n{source}");
    }
    text
}

/// Returns a text that can stand in XML; what cannot, however it is written, becomes a question mark.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push('\t'),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('?');
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            escaped("a<b> \"c\" & \u{1b}[1m\n"),
            "a&lt;b&gt; &quot;c&quot; &amp; ?[1m&#10;"
        );
    }
}
