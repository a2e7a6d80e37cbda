//! What can be wrong with a YAML text: takes a place and a sentence in Go's words, gives an error
//! that prints as Go's, never names a file.

use crate::node::Span;
use crate::scan::is_break;

/// Why a text could not be read, or a value not written. It prints as Go's error does, so with
/// Go's line, which for some errors is one less than the true one and for some is left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{message}", stage.prefix(), line_prefix(*go_line))]
pub struct Error {
    /// The line of the problem, counted from 1; 0 where there is none (an error in writing).
    pub line: u32,
    /// The column of the problem in characters, counted from 1; 0 where there is none.
    pub column: u32,
    /// The sentence, in the words of Go's reader, without the line.
    pub message: String,
    /// The line that Go's reader prints; 0 where it prints none.
    go_line: u32,
    /// Which part of Go's reader would have said so.
    stage: Stage,
}

/// The part of Go's reader that finds the error; it decides the beginning of the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The YAML library.
    Yaml,
    /// The conversion of its result to JSON.
    Json,
}

impl Stage {
    fn prefix(self) -> &'static str {
        match self {
            Self::Yaml => "yaml: ",
            Self::Json => "",
        }
    }
}

impl Error {
    /// Returns an error at a place, which Go's reader would print without a line.
    pub(crate) fn at(span: Span, message: impl Into<String>) -> Self {
        Self::with_go_line(span, 0, message)
    }

    /// Returns an error at a place, which Go's reader prints with `go_line`.
    pub(crate) fn with_go_line(span: Span, go_line: u32, message: impl Into<String>) -> Self {
        let Span { line, column, .. } = span;
        Self {
            line,
            column,
            message: message.into(),
            go_line,
            stage: Stage::Yaml,
        }
    }

    /// Returns an error of the conversion to JSON.
    pub(crate) fn in_json(span: Span, message: impl Into<String>) -> Self {
        Self {
            stage: Stage::Json,
            ..Self::at(span, message)
        }
    }

    /// Returns an error of the YAML library that has no place, as from writing.
    pub(crate) fn nowhere(message: impl Into<String>) -> Self {
        Self {
            line: 0,
            column: 0,
            message: message.into(),
            go_line: 0,
            stage: Stage::Yaml,
        }
    }

    /// Moves a place behind the last line, where Go's reader sees the end of the text, to the end
    /// of that line.
    pub(crate) fn within(mut self, text: &str) -> Self {
        let lines = text
            .replace("\r\n", "\n")
            .split(is_break)
            .map(|line| line.chars().count())
            .collect::<Vec<_>>();
        if self.line as usize > lines.len() {
            let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            self.line = count(lines.len());
            self.column = count(lines.last().map_or(1, |length| length + 1));
        }
        self
    }

    /// Returns an error of the conversion to JSON that has no place, as from writing.
    pub(crate) fn json_nowhere(message: impl Into<String>) -> Self {
        Self {
            stage: Stage::Json,
            ..Self::nowhere(message)
        }
    }
}

/// Returns `line 3: `, or nothing for line 0.
fn line_prefix(line: u32) -> String {
    if line == 0 {
        String::new()
    } else {
        format!("line {line}: ")
    }
}
