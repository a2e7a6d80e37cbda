//! New services, environments and repositories: takes names and a repository, gives the files that
//! are written or changed, writes all of them or none, and nothing over a file that is there.

mod copy;
mod environment;
mod error;
mod house;
mod name;
mod repository;
mod service;
mod skeleton;
#[cfg(test)]
mod tests;
mod write;

pub use environment::{NewEnvironment, environment};
pub use error::NewError;
pub use repository::{NewRepository, repository};
pub use service::{ChartReference, NewService, Workload, service};
pub use write::write;

/// A file that is written or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its path relative to the repository, with forward slashes.
    pub path: String,
    /// What stands in it now; absent where the file is new.
    pub before: Option<String>,
    /// What will stand in it.
    pub text: String,
}

impl FileChange {
    /// Returns a file that is new.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            before: None,
            text: text.into(),
        }
    }
}

/// What is to be written, before anything is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The files.
    pub changes: Vec<FileChange>,
    /// What a person has to look at.
    pub notes: Vec<String>,
    /// The commands that come next.
    pub next: Vec<String>,
}
