//! What the registry says of findings, as text.

use std::fmt::Write;

use crate::finding::{Code, codes};

use super::words::{FAINT, STRONG};

/// The longest line that is easy to read.
const WIDTH: usize = 78;

/// Returns all that is known of a code.
pub(in crate::cli) fn explained(code: Code) -> String {
    let entry = code.entry();
    let mut text = format!(
        "{STRONG}{}{STRONG:#} ({})\n{}\n",
        entry.name,
        severities(code),
        wrapped(entry.title, 0)
    );
    let _ = write!(text, "\n{}\n", wrapped(entry.explanation, 0));
    if !entry.example.is_empty() {
        let _ = write!(text, "\nFor example:\n{}\n", wrapped(entry.example, 2));
    }
    let _ = write!(text, "\nTo mend it:\n{}\n", wrapped(entry.mend, 2));
    let _ = write!(
        text,
        "\nTo live with it, give a reason in firstlight.yaml:\n  {FAINT}suppress:\n    - code: \
         {}\n      reason: ...{FAINT:#}\n",
        entry.name
    );
    text
}

/// Returns every code with its title.
pub(in crate::cli) fn code_list() -> String {
    let longest = codes::all().map(|code| code.name().len()).max();
    let width = longest.unwrap_or_default();
    let tables = codes::TABLES.iter().map(|(heading, codes)| {
        let lines = codes.iter().map(|code| {
            let severities = severities(*code);
            format!(
                "  {code:<width$}  {severities:<14}  {}\n",
                code.entry().title
            )
        });
        format!("{STRONG}{heading}{STRONG:#}\n{}", lines.collect::<String>())
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn severities(code: Code) -> String {
    let names = code.entry().severities.iter();
    let names: Vec<&str> = names.map(|severity| severity.name()).collect();
    names.join(", ")
}

/// Breaks a text between words; every line begins with this many spaces.
fn wrapped(text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{margin}{word}")),
        }
    }
    lines.join("\n")
}
