//! Where a thing stands in the repository: takes nothing, gives a place that every stage can point
//! at, never reads a file.

use serde::Serialize;

/// A place in a file of the platform repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Source {
    /// The path relative to the repository's root, with forward slashes.
    pub file: String,
    /// The line, counted from 1; absent where only the file is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in characters, counted from 1; absent where only the line is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
}

impl Source {
    /// Returns a place that names the file alone.
    pub fn file(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
        }
    }

    /// Returns a place with its line.
    pub fn line(file: impl Into<String>, line: u32) -> Self {
        Self {
            file: file.into(),
            line: Some(line),
            column: None,
        }
    }

    /// Returns the place without its column: what a sentence needs.
    #[must_use]
    pub fn without_column(&self) -> Self {
        Self {
            column: None,
            ..self.clone()
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
            if let Some(column) = self.column {
                write!(formatter, ":{column}")?;
            }
        }
        Ok(())
    }
}
