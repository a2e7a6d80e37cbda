//! What is wrong with an `ApplicationSet`: takes places and causes, gives them as data, never prints.

use std::fmt;

/// One thing that is wrong, with the place where it can be mended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// Where in the manifest, such as `spec.generators[0].git`; empty for the whole.
    pub path: String,
    /// What is wrong, as a sentence without its subject: `has an unknown field`.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// The file of a repository that it is about, where it is about one.
    pub file: Option<FilePlace>,
    /// A name that is not known, and those that are: for a suggestion.
    pub unknown: Option<Unknown>,
}

/// A place in a file that a generator reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// The path in its repository.
    pub path: String,
    /// The line, counted from 1; 0 where it is not known.
    pub line: u32,
    /// The column in characters, counted from 1; 0 where it is not known.
    pub column: u32,
}

/// A name that is not known among those that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// The known names.
    pub known: Vec<&'static str>,
}

impl Problem {
    /// Returns a problem at a place.
    pub(crate) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
            help: None,
            file: None,
            unknown: None,
        }
    }

    /// Adds how to mend it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the file that it is about.
    pub(crate) fn in_file(mut self, path: &str, line: u32, column: u32) -> Self {
        self.file = Some(FilePlace {
            path: path.to_owned(),
            line,
            column,
        });
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(FilePlace { path, line, column }) = &self.file {
            write!(formatter, "{path}")?;
            if *line > 0 {
                write!(formatter, ":{line}:{column}")?;
            }
            formatter.write_str(": ")?;
        }
        if !self.path.is_empty() {
            write!(formatter, "{}: ", self.path)?;
        }
        formatter.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(formatter, "; {help}")?;
        }
        Ok(())
    }
}

/// Shortens a text that a message quotes.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 120;
    let line = text.trim().replace('\n', "\\n");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain("...".chars()).collect()
}
