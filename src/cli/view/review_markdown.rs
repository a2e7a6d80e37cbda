//! What a change does, as Markdown for a merge request: takes a review, gives a table and a block
//! for each service that opens on a click; never more than a comment may hold.

use std::fmt::Write;

use crate::ops::{Change, ObjectChange, Review};

use super::review::{Line, Part, head, lines, names, parts, side, sum};
use super::words::{count, until};

/// Git hosts take comments of 65,536 characters.
const LARGEST: usize = 60_000;
/// So much may one service say.
const LARGEST_PART: usize = 20_000;

/// Returns the review.
pub(in crate::cli) fn review_markdown(review: &Review) -> String {
    let mut text = format!(
        "### firstlight diff\n\n`{}`: {}\n",
        head(review),
        escaped(&sum(review))
    );
    let waits = waits(review);
    let found = findings(review);
    let mut left_out = Vec::new();
    for problem in review.problems.iter().filter(|one| one.service.is_none()) {
        let _ = writeln!(
            text,
            "\n- not compared{} ({}): {}",
            side(problem.side),
            names(&problem.environments, false),
            escaped(&problem.message)
        );
    }
    let closing = waits.len().min(LARGEST / 4) + found.len().min(LARGEST / 4);
    for (service, part) in parts(review) {
        let block = of_part(service, &part);
        if text.len() + closing + block.len() > LARGEST {
            left_out.push(service);
        } else {
            text.push_str(&block);
        }
    }
    if !left_out.is_empty() {
        let _ = writeln!(
            text,
            "\nToo much for a comment: {}. `firstlight diff` shows all of it.",
            names(
                &left_out
                    .iter()
                    .map(|it| (*it).to_owned())
                    .collect::<Vec<_>>(),
                false
            )
        );
    }
    for block in [waits, found] {
        text.push_str(&cut(block, LARGEST / 4));
    }
    text
}

fn cut(text: String, largest: usize) -> String {
    if text.len() <= largest {
        return text;
    }
    let mut kept = String::new();
    for line in text.lines() {
        if kept.len() + line.len() > largest.saturating_sub(100) {
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept.push_str("- and more: `firstlight diff` shows all of them\n");
    kept
}

fn of_part(service: &str, part: &Part<'_>) -> String {
    let mut summary = Vec::new();
    for change in &part.services {
        let word = match change.change {
            Change::Added => "comes",
            _ => "goes",
        };
        summary.push(format!("{word} in {}", names(&change.environments, false)));
    }
    let all: Vec<&&ObjectChange> = (part.objects.iter())
        .flat_map(|(_, objects)| objects)
        .collect();
    for (change, word) in [
        (Change::Changed, "changed"),
        (Change::Added, "added"),
        (Change::Removed, "removed"),
    ] {
        let number = all.iter().filter(|object| object.change == change).count();
        if number > 0 {
            summary.push(format!("{} {word}", count(number, "object", "objects")));
        }
    }
    if !part.problems.is_empty() {
        summary.push("not compared".to_owned());
    }
    let mut text = format!(
        "\n<details><summary><b>{}</b>: {}</summary>\n",
        escaped(service),
        escaped(&summary.join(", "))
    );
    for (environments, objects) in &part.objects {
        let _ = writeln!(text, "\nin {}\n", escaped(&names(environments, false)));
        let mut block = String::new();
        for object in objects {
            of_object(object, &mut block);
            if text.len() + block.len() > LARGEST_PART {
                block.push_str("  ... and more\n");
                break;
            }
        }
        let fence = fence(&block);
        let _ = writeln!(text, "{fence}diff\n{block}{fence}");
    }
    for problem in &part.problems {
        let _ = writeln!(
            text,
            "\n- not compared{} ({}): {}",
            side(problem.side),
            names(&problem.environments, false),
            escaped(&problem.message)
        );
    }
    text.push_str("\n</details>\n");
    text
}

fn of_object(object: &ObjectChange, text: &mut String) {
    let mark = match object.change {
        Change::Added => "+",
        Change::Removed => "-",
        Change::Changed => "!",
    };
    let _ = writeln!(text, "{mark} {}", object.object);
    for field in &object.fields {
        if text.len() > LARGEST_PART {
            text.push_str("    ... and more fields\n");
            return;
        }
        for line in lines(field, false) {
            let _ = match line {
                Line::Old(line) => writeln!(text, "-   {line}"),
                Line::New(line) => writeln!(text, "+   {line}"),
                Line::Plain(line) => writeln!(text, "    {line}"),
            };
        }
    }
}

/// Returns a fence that nothing in the block closes.
fn fence(block: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for letter in block.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest + 1)
}

fn waits(review: &Review) -> String {
    let mut text = String::new();
    if !review.edges.is_empty() {
        text.push_str("\n**What waits for what**\n\n");
    }
    for edge in &review.edges {
        let _ = writeln!(
            text,
            "- {}: {} waits until {} {} ({})",
            word(edge.change),
            escaped(&edge.service),
            escaped(&edge.needs),
            until(edge.until),
            names(&edge.environments, false)
        );
    }
    text
}

fn findings(review: &Review) -> String {
    let mut text = String::new();
    if !review.findings.is_empty() {
        text.push_str("\n**Findings**\n\n");
    }
    for finding in &review.findings {
        let _ = writeln!(
            text,
            "- {}: `{}` {} ({})",
            word(finding.change),
            finding.code,
            escaped(&finding.message),
            names(&finding.environments, false)
        );
    }
    text
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Added => "new",
        _ => "gone",
    }
}

/// Returns a text in which nothing is markup, and nobody is called by `@`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\n' => out.push(' '),
            '*' | '_' | '`' | '[' | ']' | '|' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    out
}
