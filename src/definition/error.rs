//! What can be wrong with a definition: takes nothing, gives errors with places, never prints.

use std::path::PathBuf;

use crate::problem::Problem;

/// Why there is no definition.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// There is no platform repository here.
    #[error("there is no platform repository in {start} or above it", start = start.display())]
    NoRepository {
        /// Where the search began.
        start: PathBuf,
    },
    /// The directory that was named is no platform repository.
    #[error("{directory} is no platform repository", directory = directory.display())]
    NotARepository {
        /// What was named.
        directory: PathBuf,
    },
    /// There is no such environment.
    #[error("there is no environment `{name}`")]
    UnknownEnvironment {
        /// What was asked for.
        name: String,
        /// The environments that there are.
        known: Vec<String>,
        /// The one that is nearest to it.
        nearest: Option<String>,
    },
    /// A file could not be read.
    #[error("cannot read {file}: {cause}")]
    Unreadable {
        /// The file, relative to the repository.
        file: String,
        /// Why.
        cause: String,
    },
    /// The files have problems; all of them.
    #[error("{}", problem_count(.0.len()))]
    Problems(Vec<Problem>),
}

fn problem_count(count: usize) -> String {
    match count {
        1 => "the definition has a problem".to_owned(),
        count => format!("the definition has {count} problems"),
    }
}
