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
    /// How many characters are meant from there on; 0 where it is not known.
    pub length: u32,
    /// How a template got there, the innermost first.
    pub trace: Vec<String>,
    /// Whether the place is in a file of values, whose values may be secrets and are not shown.
    pub hides_values: bool,
}

impl Problem {
    /// Returns a problem of a file that is no YAML, at the place that its reader tells.
    pub fn of_yaml(file: &str, line: u32, column: u32, error: &goyaml::Error) -> Self {
        // Go's reader repeats the line, which stands in the place already.
        let message = error.message.lines().last().unwrap_or_default().trim();
        let label = match message
            .strip_prefix("line ")
            .and_then(|rest| rest.split_once(": "))
        {
            Some((number, rest)) if number.parse::<u32>().is_ok() => rest,
            _ => message,
        };
        let source = Source {
            file: file.to_owned(),
            line: (line > 0).then_some(line),
            column: (column > 0).then_some(column),
        };
        Self::new(format!("{file} is not valid YAML"))
            .at(source)
            .label(label)
    }

    /// Returns a problem that has nothing but a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            label: None,
            help: None,
            source: None,
            length: 0,
            trace: Vec::new(),
            hides_values: false,
        }
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// Lets values not be shown where the place is.
    #[must_use]
    pub fn hiding_values(mut self) -> Self {
        self.hides_values = true;
        self
    }

    /// Adds how many characters are meant at the place.
    #[must_use]
    pub fn long(mut self, length: u32) -> Self {
        self.length = length;
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
