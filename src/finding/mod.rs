//! What a stage found out about the platform before any write: takes facts, gives findings that
//! `plan` and `lint` print, never decides whether the run goes on.

mod code;
pub mod codes;

use serde::Serialize;

use crate::render::ObjectId;
use crate::source::Source;

pub use code::{Code, Entry};

/// How bad a finding is. An error stops an installation before its first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The installation would fail or hang.
    Error,
    /// The installation may fail, or Argo CD will report a difference.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// Returns its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// A finding that somebody lives with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it may stay.
    pub reason: String,
    /// The rule that says so.
    pub rule: Source,
}

/// One thing found out before any write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Which of the registered findings it is: [`codes`] has them all.
    pub code: Code,
    /// The service that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// One sentence that says what is the matter.
    pub message: String,
    /// How to mend this one, where there is more to say than what holds for every one of its code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
    /// Where to look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl Finding {
    /// Returns a finding that has nothing but its message.
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            service: None,
            object: None,
            message: message.into(),
            mend: None,
            source: None,
        }
    }

    /// Adds the service that it is about.
    #[must_use]
    pub fn of(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Adds the object that it is about.
    #[must_use]
    pub fn about(mut self, object: &ObjectId) -> Self {
        self.object = Some(object.clone());
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }
}
