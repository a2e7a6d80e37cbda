//! What can be wrong with a kustomization: takes a place and a sentence, gives an error that names
//! the file and line, never mends anything.

use goyaml::Span;

/// A place in one of the files that were read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the file system's root.
    pub file: String,
    /// The line, counted from 1; 0 where only the file is known.
    pub line: u32,
    /// The column, counted from 1; 0 where only the line is known.
    pub column: u32,
}

impl Place {
    /// Returns a place in a file.
    pub(crate) fn new(file: &str, span: Span) -> Self {
        Self {
            file: file.to_owned(),
            line: span.line,
            column: span.column,
        }
    }

    /// Returns a place that names the file alone.
    pub(crate) fn file(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.file)?;
        for number in [self.line, self.column]
            .into_iter()
            .take_while(|number| *number > 0)
        {
            write!(formatter, ":{number}")?;
        }
        Ok(())
    }
}

/// Why a kustomization could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file could not be read although it should be there.
    #[error("{place}: {path} cannot be read: {reason}")]
    Unreadable {
        /// Where it is asked for.
        place: Place,
        /// The file.
        path: String,
        /// Why not.
        reason: String,
    },
    /// A path leaves the folder that it must stay in.
    #[error("{place}: {path} is outside {limit}")]
    Outside {
        /// Where it is asked for.
        place: Place,
        /// The path as it is written.
        path: String,
        /// What it must stay in, in words.
        limit: String,
    },
    /// A folder has no kustomization file.
    #[error("{directory} has no kustomization.yaml, kustomization.yml or Kustomization")]
    NoKustomization {
        /// The folder.
        directory: String,
    },
    /// A folder has several kustomization files.
    #[error("{directory} has several kustomization files: {}", files.join(", "))]
    SeveralKustomizations {
        /// The folder.
        directory: String,
        /// Their names.
        files: Vec<String>,
    },
    /// A file is no YAML.
    #[error("{place}: {message}")]
    Yaml {
        /// Where it goes wrong.
        place: Place,
        /// In the words of Go's reader.
        message: String,
    },
    /// A field that Kustomize does not know.
    #[error("{place}: unknown field {name}; known here: {}", known.join(", "))]
    UnknownField {
        /// Where it is.
        place: Place,
        /// The field.
        name: String,
        /// The fields that may stand there.
        known: Vec<String>,
    },
    /// A field that Kustomize knows and this crate does not carry out.
    #[error("{place}: {name} is not supported")]
    Unsupported {
        /// Where it is.
        place: Place,
        /// The field, or what of it.
        name: String,
    },
    /// A base or a file elsewhere, which nobody fetches.
    #[error("{place}: the remote resource {url} is not supported")]
    Remote {
        /// Where it is asked for; the URL there may hold credentials.
        place: Place,
        /// The URL without credentials.
        url: String,
    },
    /// A literal of a generator that cannot be used: it may be a secret and is not shown.
    #[error("{place}: {message}")]
    Literal {
        /// Where it is.
        place: Place,
        /// What is wrong with it.
        message: String,
    },
    /// A field that has a value of the wrong kind, or one that contradicts another.
    #[error("{place}: {message}")]
    Invalid {
        /// Where it is.
        place: Place,
        /// What is wrong and what was expected.
        message: String,
    },
    /// A step that could not be carried out on the resources.
    #[error("{place}: {message}")]
    Failed {
        /// What asked for the step.
        place: Place,
        /// Why it could not be carried out.
        message: String,
    },
}

impl Error {
    /// Returns the place that the error is about, where there is one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Unreadable { place, .. }
            | Self::Outside { place, .. }
            | Self::Yaml { place, .. }
            | Self::UnknownField { place, .. }
            | Self::Unsupported { place, .. }
            | Self::Remote { place, .. }
            | Self::Literal { place, .. }
            | Self::Invalid { place, .. }
            | Self::Failed { place, .. } => Some(place),
            Self::NoKustomization { .. } | Self::SeveralKustomizations { .. } => None,
        }
    }

    /// Returns true where the lines at the place may hold secrets, and must not be shown.
    pub fn hides_values(&self) -> bool {
        match self {
            Self::Remote { .. } | Self::Literal { .. } => true,
            Self::Unreadable { path, .. } => path.contains("://"),
            _ => false,
        }
    }

    /// Returns an error of a step.
    pub(crate) fn failed(place: &Place, message: impl Into<String>) -> Self {
        Self::Failed {
            place: place.clone(),
            message: message.into(),
        }
    }

    /// Returns an error of a file that is no YAML.
    pub(crate) fn yaml(file: &str, error: &goyaml::Error) -> Self {
        let place = Place {
            file: file.to_owned(),
            line: error.line,
            column: error.column,
        };
        Self::Yaml {
            place,
            message: error.to_string(),
        }
    }
}
