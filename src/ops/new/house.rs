//! How a repository keeps its services and environments: takes a repository, gives where new ones
//! go, never guesses for a layout that it does not know.

use serde_json::Value;

use crate::definition::{DefinitionError, EditError, Repository, YamlEdit};
use crate::suggest::nearest;

use super::FileChange;
use super::error::NewError;

/// The file with the catalogue.
pub(super) const CATALOGUE: &str = "environments/values.yaml";

/// The layouts that something can be added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum House {
    /// `services/`, `bootstrap/` and `services:` in the catalogue.
    Ours,
    /// Phalanx as it is today: `applications/`, `environments/` itself the parent chart.
    Phalanx,
}

impl House {
    /// Finds out which layout a repository has.
    pub(super) fn of(repository: &Repository, what: &'static str) -> Result<Self, NewError> {
        let root = repository.root();
        let catalogue = YamlFile::read(repository, CATALOGUE)?;
        let has = |key: &str| {
            let value = catalogue.edit.get(&[key]);
            value.is_some_and(|value| value.as_mapping().is_some())
        };
        let templates = root.join("environments/templates/applications");
        if has("services") && root.join("bootstrap/Chart.yaml").is_file() {
            Ok(Self::Ours)
        } else if has("applications") && templates.is_dir() {
            Ok(Self::Phalanx)
        } else {
            Err(NewError::Layout {
                what,
                found:
                    "it has neither bootstrap/ with `services` in environments/values.yaml, nor \
                        environments/templates/applications/ with `applications`"
                        .to_owned(),
                instead: "write it where the repository keeps the others, then look at it with \
                          `firstlight plan`"
                    .to_owned(),
            })
        }
    }

    /// Returns the directory of the services.
    pub(super) fn services(self) -> &'static str {
        match self {
            Self::Ours => "services",
            Self::Phalanx => "applications",
        }
    }
}

/// A YAML file of the repository that is being changed.
pub(super) struct YamlFile {
    path: String,
    before: String,
    pub(super) edit: YamlEdit,
}

impl YamlFile {
    /// Reads a file.
    pub(super) fn read(repository: &Repository, path: &str) -> Result<Self, NewError> {
        let file = repository.read(path)?;
        let edit = YamlEdit::new(file.text.clone()).map_err(|cause| cannot(path, cause))?;
        Ok(Self {
            path: path.to_owned(),
            before: file.text.clone(),
            edit,
        })
    }

    /// Makes a change to it.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(&mut YamlEdit) -> Result<(), EditError>,
    ) -> Result<(), NewError> {
        change(&mut self.edit).map_err(|cause| cannot(&self.path, cause))
    }

    /// Returns the value at a path of keys.
    pub(super) fn value(&self, path: &[&str]) -> Option<Value> {
        self.edit.get(path).map(goyaml::Node::to_json)
    }

    /// Returns the keys of the map at a path.
    pub(super) fn keys(&self, path: &[&str]) -> Vec<String> {
        let map = self.edit.get(path).and_then(goyaml::Node::as_mapping);
        let keys = map.unwrap_or_default().iter();
        keys.map(|entry| entry.key.clone()).collect()
    }

    /// Returns the line of a key.
    pub(super) fn line(&self, path: &[&str], key: &str) -> Option<u32> {
        let entry = self.edit.get(path)?.entry(key)?;
        Some(entry.key_span.line)
    }

    /// Returns the change to the file.
    pub(super) fn into_change(self) -> FileChange {
        FileChange {
            path: self.path,
            before: Some(self.before),
            text: self.edit.into_text(),
        }
    }
}

pub(super) fn cannot(path: &str, cause: EditError) -> NewError {
    NewError::Edit {
        file: path.to_owned(),
        cause,
    }
}

/// Checks that an environment is there.
pub(super) fn check_environment(repository: &Repository, name: &str) -> Result<(), NewError> {
    let known = repository.environments()?;
    if known.iter().any(|environment| environment == name) {
        return Ok(());
    }
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    Err(DefinitionError::UnknownEnvironment {
        name: name.to_owned(),
        known,
        nearest,
    }
    .into())
}
