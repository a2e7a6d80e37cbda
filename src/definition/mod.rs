//! files -> validated definition: takes the environment files of a platform repository and its
//! `firstlight.yaml`, gives one environment with every problem found in one go and the place of every value, never renders and
//! never reads anything outside the repository.

mod document;
mod duration;
mod edit;
mod environment;
mod error;
mod field_path;
mod foreign;
mod git_folder;
mod layout;
mod merge;
mod name_template;
mod reader;
mod repository;
mod runtime;
mod schema;
mod supplement;
mod suppression;

pub use document::{Field, Located, Place, SourceFile, Tree};
pub use duration::parse_duration;
pub use edit::{EditError, Position, YamlEdit};
pub use environment::{
    DeclaredDependency, Definition, Environment, GitReference, ServiceSettings, load,
};
pub use error::DefinitionError;
pub use field_path::{FieldPath, FieldValue};
pub use git_folder::{GitFolder, Head};
pub use layout::{Clusters, Layout, LayoutKind, NamePattern, ONLY, Root};
pub use name_template::NameTemplate;
pub use repository::Repository;
pub use runtime::{NamedObject, OperatorRule, Runtime, ServiceRule, Thing};
pub use supplement::{
    EVERY_KIND, GeneratorAnswer, ImageRule, PluginCommand, SUPPLEMENT, Supplement, supplement,
};
pub use suppression::Suppression;
