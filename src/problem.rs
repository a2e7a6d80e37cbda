//! One thing that is wrong in a file: takes nothing, gives the value that every stage before the
//! plan reports, never prints.

use crate::source::Source;

/// One thing that is wrong, with the place where it can be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, as a sentence.
    pub message: String,
    /// What stands at the place, in a few words.
    pub label: Option<String>,
    /// How to mend it.
    pub help: Option<String>,
    /// Where.
    pub source: Option<Source>,
    /// How a template got there, the innermost first.
    pub trace: Vec<String>,
}

impl Problem {
    /// Returns a problem that has nothing but a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            label: None,
            help: None,
            source: None,
            trace: Vec::new(),
        }
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// Adds what stands at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
