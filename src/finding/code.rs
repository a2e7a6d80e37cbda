//! The name of a kind of finding: takes nothing, gives what is known of it, never exists outside
//! the registry in `codes`.

use serde::{Serialize, Serializer};

use super::Severity;

/// What the registry says of one kind of finding.
#[derive(Debug)]
pub struct Entry {
    /// The stable name in kebab case, such as `missing-crd`.
    pub name: &'static str,
    /// How bad it is, the usual first where it depends.
    pub severities: &'static [Severity],
    /// What is found, in a line.
    pub title: &'static str,
    /// What it means, and why it fails.
    pub explanation: &'static str,
    /// A repository that has it, or what is told of it; empty where the explanation needs none.
    pub example: &'static str,
    /// How to mend it.
    pub mend: &'static str,
}

/// A kind of finding. Only the registry makes one, so that every one can be explained.
#[derive(Debug, Clone, Copy)]
pub struct Code(&'static Entry);

impl Code {
    /// Makes the code of an entry: for the registry alone.
    pub(super) const fn of(entry: &'static Entry) -> Self {
        Self(entry)
    }

    /// Returns the code of this name.
    pub fn named(name: &str) -> Option<Self> {
        super::codes::all().find(|code| code.name() == name)
    }

    /// Returns the stable name in kebab case.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Returns all that is known of it.
    pub fn entry(self) -> &'static Entry {
        self.0
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
