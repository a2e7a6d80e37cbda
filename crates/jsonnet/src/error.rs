//! Why a file has no result: takes what the language's library says, gives a sentence with its
//! place in the repository, never prints.

use serde::{Deserialize, Serialize};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to the repository, with forward slashes; in `<` and `>` where it is none,
    /// as `<extvar:name>`.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why a file has no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What is wrong, as a lowercase fragment.
    pub message: String,
    /// Where; absent where it is no single place.
    pub place: Option<Place>,
    /// How the evaluation got there, the innermost first.
    pub trace: Vec<String>,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
            trace: Vec::new(),
        }
    }
}
