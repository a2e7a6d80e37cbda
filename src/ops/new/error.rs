//! Why nothing new was made.

use std::path::PathBuf;

use crate::definition::{DefinitionError, EditError};

/// Why nothing new was made. In no case is anything left behind, unless the error says so.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// A name cannot be one.
    #[error("`{name}` cannot be the name of {what}: {cause}")]
    Name {
        /// Of what.
        what: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        cause: String,
        /// A name like it that could be one.
        near: Option<String>,
    },
    /// It is there already.
    #[error("{what} {name} is there already: {place}")]
    Exists {
        /// What is there.
        what: &'static str,
        /// Its name.
        name: String,
        /// Where.
        place: String,
    },
    /// Something is named that is not there.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What is named.
        what: &'static str,
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// Something has to be said.
    #[error("which {what} is meant? it has to be said with `{argument}`")]
    Unsaid {
        /// What.
        what: &'static str,
        /// How it is said.
        argument: &'static str,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The repository is of a kind that firstlight adds nothing to.
    #[error("{what} cannot be added to a repository of this layout: {found}")]
    Layout {
        /// What was asked for.
        what: &'static str,
        /// What was found.
        found: String,
        /// What to do instead.
        instead: String,
    },
    /// A chart's address is none.
    #[error("`{address}` is no chart: {cause}")]
    Chart {
        /// The address, without credentials.
        address: String,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// A file cannot be changed.
    #[error("cannot change {file}: {cause}")]
    Edit {
        /// The file.
        file: String,
        /// Why.
        cause: EditError,
    },
    /// A file cannot be read.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The directory of a new repository has something in it.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file cannot be written; none was.
    #[error("cannot write {path}: {cause}; nothing was changed")]
    Write {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
    /// A file could not be written, and what had been written could not be taken back.
    #[error("cannot write {path}: {cause}; these could not be put back as they were: {left}")]
    HalfWritten {
        /// The file.
        path: String,
        /// Why.
        cause: String,
        /// The files that are not as they were.
        left: String,
    },
}
