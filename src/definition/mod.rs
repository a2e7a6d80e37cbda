//! files -> validated definition: takes the environment files of a platform repository, gives one
//! environment with every problem found in one go and the place of every value, never renders and
//! never reads anything outside the repository.

mod document;
mod duration;
mod environment;
mod error;
mod merge;
mod reader;
mod repository;
mod schema;

pub use document::{Field, Located, Place, SourceFile, Tree};
pub use duration::parse_duration;
pub use environment::{
    DeclaredDependency, Definition, Environment, GitReference, ServiceSettings, load,
};
pub use error::DefinitionError;
pub use repository::Repository;
