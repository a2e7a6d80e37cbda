//! A place in a file, shown: takes a problem and the file, gives the lines around it with a label,
//! never reads a file outside the repository.

use std::path::Path;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
};

use crate::source::Source;

/// The width of a snippet: the same on every terminal, because errors are copied into tickets.
const WIDTH: usize = 100;

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
pub(super) fn snippet(root: &Path, source: &Source, label: Option<&str>) -> Option<String> {
    let line = source.line?;
    let text = std::fs::read_to_string(root.join(&source.file)).ok()?;
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
    let (offset, length) = if source.column.is_some() {
        (offset, word_length(rest))
    } else {
        let indent = rest.len() - rest.trim_start().len();
        (offset + indent, rest.trim().len().max(1))
    };
    let label = LabeledSpan::new(label.map(str::to_owned), offset, length);
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
    let lines: Vec<&str> = rendered.lines().skip(start).map(str::trim_end).collect();
    Some(format!("{}\n", lines.join("\n").trim_end()))
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
    fn a_word_ends_where_yaml_ends_it() {
        assert_eq!(word_length("portl: {enabled: true}"), 5);
        assert_eq!(word_length("\"a: b\", c"), 6);
        assert_eq!(word_length("vault, x]"), 5);
        assert_eq!(word_length("services:"), 8);
        assert_eq!(word_length(""), 1);
    }
}
