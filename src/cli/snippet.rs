//! A place in a file, shown: takes a problem and the file, gives the lines around it with a label,
//! never reads a file outside the repository.

use std::path::Path;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

use crate::problem::Problem;

/// The width of a snippet: the same on every terminal, because errors are copied into tickets.
pub(super) const WIDTH: usize = 100;

#[derive(Debug)]
struct Snippet {
    source: NamedSource<String>,
    label: LabeledSpan,
}

impl std::fmt::Display for Snippet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(".")
    }
}

impl std::error::Error for Snippet {}

impl Diagnostic for Snippet {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

/// Returns the lines around a place with a label; nothing where there is no line to show.
pub(super) fn snippet(root: &Path, problem: &Problem) -> Option<String> {
    let source = problem.source.as_ref()?;
    let line = source.line?;
    let mut text = std::fs::read_to_string(root.join(&source.file)).ok()?;
    if problem.hides_values {
        // Where a key is marked, nothing needs to be seen of its value.
        let line = (problem.length == 0).then_some(line);
        text = without_values(&text, line);
    }
    let column = source.column.unwrap_or(1);
    let mut offset = offset_of(&text, line, column)?;
    let written = text.trim_end().len();
    if offset >= written {
        // Something is missing at the end: the last letter is where it should follow.
        offset = text[..written]
            .char_indices()
            .last()
            .map_or(0, |(index, _)| index);
    }
    let rest = text[offset..].lines().next().unwrap_or_default();
    // Without a column the whole line is meant, from its first letter.
    let (offset, length) = if problem.length > 0 {
        let meant = rest.chars().take(problem.length as usize);
        (offset, meant.map(char::len_utf8).sum::<usize>().max(1))
    } else if source.column.is_some() {
        (offset, word_length(rest))
    } else {
        let indent = rest.len() - rest.trim_start().len();
        (offset + indent, rest.trim().len().max(1))
    };
    let label = LabeledSpan::new(problem.label.clone(), offset, length);
    let snippet = Snippet {
        source: NamedSource::new(&source.file, text),
        label,
    };
    let mut rendered = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode())
        .with_links(false)
        .with_width(WIDTH)
        .with_context_lines(1)
        .render_report(&mut rendered, &snippet)
        .ok()?;
    // The handler's own headline is left out: ours stands above.
    let start = rendered.lines().position(|line| line.contains("─["))?;
    let lines = rendered.lines().skip(start).map(str::trim_end);
    let lines: Vec<String> = lines.map(|line| narrow(line, WIDTH)).collect();
    Some(format!("{}\n", lines.join("\n").trim_end()))
}

/// Puts a label that would leave the page to the left of what it belongs to.
fn narrow(line: &str, width: usize) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    let Some((before, label)) = plain.split_once("╰── ") else {
        return line.to_owned();
    };
    if plain.chars().count() <= width {
        return line.to_owned();
    }
    let gutter = before.len() - before.trim_start_matches([' ', '·']).len();
    let (gutter, anchor) = (before[..gutter].trim_end(), before.chars().count());
    let gutter_width = gutter.chars().count();
    let length = label.chars().count() + " ──╯".chars().count();
    match (anchor + 1).checked_sub(gutter_width + 1 + length) {
        Some(gap) => format!("{gutter} {}{label} ──╯", " ".repeat(gap)),
        None => format!("{gutter} {}", label.trim()),
    }
}

/// Returns a file of values without the values. One line may keep its structure, for what is wrong
/// with that: its letters and digits are dots, and every place in it stays what it was.
fn without_values(text: &str, structured: Option<u32>) -> String {
    let mut shown = String::new();
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let content = line.trim_start().trim_start_matches("- ");
        let indent = line.len() - content.len();
        let key = content
            .find(": ")
            .or_else(|| content.trim_end().strip_suffix(':').map(str::len))
            .filter(|&end| !content[..end].contains(['{', '[', '#']));
        let kept = indent + key.map_or(0, |end| end + 1);
        if content.starts_with('#') {
            shown.push_str(&line[..indent]);
            shown.push_str("# …\n");
            continue;
        }
        shown.push_str(&line[..kept]);
        let value = &line[kept..];
        if structured == Some(number) {
            let hide = |letter: char| {
                if letter.is_alphanumeric() {
                    '•'
                } else {
                    letter
                }
            };
            shown.extend(value.chars().map(hide));
        } else if value.trim().is_empty() {
            shown.push_str(value);
        } else {
            shown.push_str(if kept > indent { " …\n" } else { "…\n" });
        }
    }
    shown
}

fn offset_of(text: &str, line: u32, column: u32) -> Option<usize> {
    let before = line.checked_sub(1)? as usize;
    if text.lines().count() < before {
        return None;
    }
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let rest = text.get(start..)?.lines().next().unwrap_or_default();
    let column = column.saturating_sub(1) as usize;
    let within = rest
        .char_indices()
        .nth(column)
        .map_or(rest.len(), |(index, _)| index);
    Some(start + within)
}

/// Returns how many bytes the word or scalar at the beginning of a text has.
fn word_length(rest: &str) -> usize {
    if let Some(quote) = rest
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))
    {
        return rest[1..].find(quote).map_or(rest.len(), |end| end + 2);
    }
    let end = rest
        .char_indices()
        .find(|(index, character)| {
            let tail = &rest[*index..];
            matches!(character, ',' | ']' | '}')
                || tail.starts_with(": ")
                || tail.starts_with(" #")
                || tail == ":"
        })
        .map_or(rest.len(), |(index, _)| index);
    rest[..end].trim_end().len().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_at_the_right_end_goes_to_the_left() {
        let line = "  ·              ╰── a label";
        assert_eq!(narrow(line, 40), line);
        assert_eq!(narrow(line, 24), "  ·    a label ──╯");
        assert_eq!(narrow("  ·   ╰── a label", 10), "  · a label");
    }

    #[test]
    fn values_are_hidden_and_keys_are_not() {
        assert_eq!(
            without_values(
                "a: {b: c1}\n  - key: \"x y\"\n# b: x\n  - item\nmap:\n\ttext\n",
                Some(1)
            ),
            "a: {•: ••}\n  - key: …\n# …\n  - …\nmap:\n\t…\n"
        );
    }

    #[test]
    fn a_word_ends_where_yaml_ends_it() {
        assert_eq!(word_length("portl: {enabled: true}"), 5);
        assert_eq!(word_length("\"a: b\", c"), 6);
        assert_eq!(word_length("vault, x]"), 5);
        assert_eq!(word_length("services:"), 8);
        assert_eq!(word_length(""), 1);
    }
}
