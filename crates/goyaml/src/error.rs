//! What can be wrong with a YAML text: takes a place and a sentence in Go's words, gives an error
//! that prints as Go's, never names a file.

use crate::node::Span;

/// Why a text could not be read, or a value not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("yaml: {}{message}", line_prefix(*go_line))]
pub struct Error {
    /// The line of the problem, counted from 1; 0 where there is no line (nothing was read).
    pub line: u32,
    /// The column of the problem in characters, counted from 1; 0 where there is none.
    pub column: u32,
    /// The sentence, in the words of Go's reader, without the line.
    pub message: String,
    /// The line that Go's reader prints, which can differ by one from the true line; 0 where it
    /// prints none.
    go_line: u32,
}

impl Error {
    /// Returns an error at a place, which Go's reader would print without a line.
    pub(crate) fn at(span: Span, message: impl Into<String>) -> Self {
        Self { line: span.line, column: span.column, message: message.into(), go_line: 0 }
    }

    /// Returns an error at a place, which Go's reader prints with `go_line`.
    pub(crate) fn with_go_line(span: Span, go_line: u32, message: impl Into<String>) -> Self {
        Self { line: span.line, column: span.column, message: message.into(), go_line }
    }

    /// Returns an error that has no place, as from writing.
    pub(crate) fn nowhere(message: impl Into<String>) -> Self {
        Self { line: 0, column: 0, message: message.into(), go_line: 0 }
    }
}

/// Returns `line 3: `, or nothing for line 0.
fn line_prefix(line: u32) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}
