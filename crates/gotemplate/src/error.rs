//! What can go wrong: takes places and causes, gives them as data with Go's one-line wording,
//! never decides what to do about it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A template that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template: {template}:{line}: {message}")]
pub struct ParseError {
    /// The name that the text was parsed under.
    pub template: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// A place in a template, with the name of the definition being executed there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name that the text was parsed under: in Helm a file.
    pub template: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// Go's column: bytes, counted from 0.
    pub byte_column: u32,
    /// The name of the executed definition, which may differ from `template`.
    pub executing: Arc<str>,
    /// The action or operand there, in Go's normal form.
    pub context: String,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            template,
            line,
            byte_column,
            executing,
            context,
            ..
        } = self;
        write!(
            formatter,
            "template: {template}:{line}:{byte_column}: executing "
        )?;
        formatter.write_str(&crate::quote::quote(executing.as_bytes(), b'"', false))?;
        write!(formatter, " at <{context}>: ")
    }
}

/// One step on the way to a failure: the place of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where the call stands.
    pub place: Place,
    /// The function that was called, such as `include`; `None` for a `template` action.
    pub function: Option<Arc<str>>,
    /// What the function added to the error, empty if nothing.
    pub note: String,
}

/// A template that failed while it was executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecError(Box<ExecFailure>);

/// The parts of an [`ExecError`], which derefs to this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecFailure {
    /// Where it failed, innermost; `None` if nothing was being executed yet.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
    /// The function that failed, if one did.
    pub function: Option<Arc<str>>,
    /// Set where a text that a function wanted to execute could not be parsed.
    pub parse_error: Option<ParseError>,
    /// The calls that led there, outermost first.
    pub include_chain: Vec<Frame>,
}

impl ExecError {
    /// Makes an error at a place.
    pub fn new(place: Option<Place>, message: impl Into<String>) -> Self {
        Self(Box::new(ExecFailure {
            place,
            message: shortened(message.into()),
            function: None,
            parse_error: None,
            include_chain: Vec::new(),
        }))
    }
}

/// The longest part of an error, in bytes: longer ones hold data, and hide what is wrong.
const LONGEST: usize = 16 * 1024;

/// Cuts what is longer than a part of an error may be.
pub(crate) fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text.push_str("...");
        text.shrink_to_fit();
    }
    text
}

impl From<ParseError> for ExecError {
    fn from(error: ParseError) -> Self {
        let mut failure = Self::new(None, error.message.clone());
        failure.parse_error = Some(error);
        failure
    }
}

impl Deref for ExecError {
    type Target = ExecFailure;

    fn deref(&self) -> &ExecFailure {
        &self.0
    }
}

impl DerefMut for ExecError {
    fn deref_mut(&mut self) -> &mut ExecFailure {
        &mut self.0
    }
}

impl std::error::Error for ExecError {}

impl fmt::Display for ExecError {
    /// Writes what Go does: one line with the places of all function calls. Go leaves out the
    /// places of `template` actions.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for frame in &self.include_chain {
            if let Some(function) = &frame.function {
                write!(formatter, "{}error calling {function}: ", frame.place)?;
                if !frame.note.is_empty() {
                    write!(formatter, "{}: ", frame.note)?;
                }
            }
        }
        if let Some(error) = &self.parse_error {
            return write!(formatter, "{error}");
        }
        match &self.place {
            Some(place) => write!(formatter, "{place}")?,
            None => formatter.write_str("template: ")?,
        }
        if let Some(function) = &self.function {
            write!(formatter, "error calling {function}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// A function that failed: its own words, or the failure of a template that it executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong; beside a cause, what the function adds to it, possibly nothing.
    pub message: String,
    /// The failure of a template that the function executed.
    pub cause: Option<ExecError>,
}

impl FunctionError {
    /// Makes an error of the function's own.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            cause: None,
        }
    }

    /// Wraps the failure of a template that the function executed: `message: cause`.
    pub fn within(message: impl Into<String>, cause: ExecError) -> Self {
        Self {
            message: message.into(),
            cause: Some(cause),
        }
    }
}

impl std::error::Error for FunctionError {}

impl fmt::Display for FunctionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            None => formatter.write_str(&self.message),
            Some(cause) if self.message.is_empty() => write!(formatter, "{cause}"),
            Some(cause) => write!(formatter, "{}: {cause}", self.message),
        }
    }
}

impl From<ExecError> for FunctionError {
    fn from(cause: ExecError) -> Self {
        Self::within("", cause)
    }
}

impl From<String> for FunctionError {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for FunctionError {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}
