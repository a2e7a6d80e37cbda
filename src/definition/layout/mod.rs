//! How a repository is laid out: takes its files and what `firstlight.yaml` says, gives where its
//! environments and roots are, never renders and never guesses at a service by a name.
//!
//! All that differs from repository to repository is here. Everything after it works on the
//! Applications that the roots yield.

mod detect;
mod pattern;
mod read;

use crate::source::Source;

pub(super) use detect::{detected, is_marked};
pub use pattern::NamePattern;
pub(super) use read::layout;

/// Where things are in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Whose habits it follows.
    pub kind: LayoutKind,
    /// Where the names of environments are found. None: there is one environment, [`ONLY`].
    pub environments: Vec<NamePattern>,
    /// What yields the Applications, the root of all first.
    pub roots: Vec<Root>,
    /// The directory in which a new service's chart would be made, where the repository has one.
    pub services: Option<String>,
    /// The URL by which Applications call this repository, where that is written down.
    pub url: Option<String>,
    /// The revision of it that the files at hand stand for, where that is written down.
    pub revision: Option<String>,
    /// Which destinations are the environment's own cluster.
    pub clusters: Clusters,
}

/// The name of the only environment of a repository that names none.
pub const ONLY: &str = "default";

/// Whose habits a layout follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutKind {
    /// firstlight's own: `environments/` with a schema, `bootstrap/`, `services/`.
    Own,
    /// Phalanx's: the parent chart has the environments' values beside it.
    Phalanx,
    /// What `firstlight.yaml` describes.
    Described,
}

/// What yields Applications: a chart, a kustomization, a directory of manifests, or one file of them.
///
/// In its texts, `*` stands for the environment's name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Root {
    /// The directory or file, relative to the repository.
    pub path: String,
    /// Files of values over those of the chart, relative to the repository.
    pub value_files: Vec<String>,
    /// What is set over the values; `$environment`, `$url` and `$revision` stand for what is known.
    pub parameters: Vec<(String, String)>,
    /// The name of the root Application, which is the release name too.
    pub name: Option<String>,
    /// The namespace of the release and of Applications that name none.
    pub namespace: Option<String>,
    /// Whether a directory of manifests is read with those below it.
    pub recurse: bool,
    /// Where that is said; nothing where the layout was recognised.
    pub source: Option<Source>,
}

impl Root {
    /// Returns the root as it is for one environment.
    #[must_use]
    pub(super) fn of(&self, environment: &str) -> Self {
        let filled = |text: &String| text.replace('*', environment);
        Self {
            path: filled(&self.path),
            value_files: self.value_files.iter().map(filled).collect(),
            parameters: self.parameters.clone(),
            name: self.name.as_ref().map(filled),
            ..self.clone()
        }
    }
}

/// Which destinations of Applications are the environment's own cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Clusters {
    /// The one that Argo CD runs in, as it calls it.
    #[default]
    Own,
    /// Every one: nobody asks where an Application goes.
    All,
    /// The one that Argo CD runs in, and those of these names or addresses; `*` stands for the
    /// environment's name.
    Named(Vec<String>),
}

impl Clusters {
    /// Returns them as they are for one environment.
    #[must_use]
    pub(super) fn of(&self, environment: &str) -> Self {
        match self {
            Self::Named(names) => Self::Named(
                names
                    .iter()
                    .map(|name| name.replace('*', environment))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}
