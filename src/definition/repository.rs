//! The platform repository on disk: takes a directory, gives its files, never a path out of it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::document::SourceFile;
use super::error::DefinitionError;
use super::git_folder::GitFolder;
use super::layout::{self, Layout, ONLY};
use super::supplement::{SUPPLEMENT, supplement};

/// No file that people write by hand is larger.
const MAXIMUM_FILE_SIZE: u64 = 4 * 1024 * 1024;

/// Tells whether a directory is a platform repository: it has the files of a known layout, or it says
/// what its layout is.
fn is_repository(directory: &Path) -> bool {
    layout::is_marked(directory) || directory.join(SUPPLEMENT).is_file()
}

/// A directory with the files of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    root: PathBuf,
    /// The commit that it was read at, where it is none that people work in.
    commit: Option<String>,
    /// What stands for its `firstlight.yaml`.
    supplement: Option<String>,
}

impl Repository {
    /// Finds the repository that contains a directory: the nearest one upwards.
    pub fn discover(start: &Path) -> Result<Self, DefinitionError> {
        start
            .ancestors()
            .find(|directory| is_repository(directory))
            .map(|root| Self {
                root: root.to_owned(),
                commit: None,
                supplement: None,
            })
            .ok_or_else(|| DefinitionError::NoRepository {
                start: start.to_owned(),
            })
    }

    /// Opens a directory that must itself be a repository.
    pub fn open(root: &Path) -> Result<Self, DefinitionError> {
        if is_repository(root) {
            Ok(Self::of_files(root))
        } else {
            Err(DefinitionError::NotARepository {
                directory: root.to_owned(),
            })
        }
    }

    /// Returns files that are no platform of their own: those of another repository.
    pub fn of_files(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            commit: None,
            supplement: None,
        }
    }

    /// Lets a text stand for its `firstlight.yaml`, to see what it would be with it.
    #[must_use]
    pub fn with_supplement(self, text: &str) -> Self {
        Self {
            supplement: Some(text.to_owned()),
            ..self
        }
    }

    /// Opens the files of a commit, which nobody changes.
    pub fn at_revision(root: &Path, commit: String) -> Result<Self, DefinitionError> {
        let repository = Self::open(root)?;
        Ok(Self {
            commit: Some(commit),
            ..repository
        })
    }

    /// Returns the commit that it was read at, where it is not what people work in.
    pub fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }

    /// Returns its directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the names of its environments, sorted.
    pub fn environments(&self) -> Result<Vec<String>, DefinitionError> {
        Ok(self.environments_of(&self.layout()?))
    }

    /// Returns the names of the environments that a layout finds, sorted.
    pub(super) fn environments_of(&self, layout: &Layout) -> Vec<String> {
        let mut names = BTreeSet::new();
        for pattern in &layout.environments {
            pattern.names(&self.root, &mut names);
        }
        if layout.environments.is_empty() {
            names.insert(ONLY.to_owned());
        }
        names.into_iter().collect()
    }

    /// Reads one of its files where it is there.
    pub fn read_optional(&self, path: &str) -> Result<Option<Arc<SourceFile>>, DefinitionError> {
        if let Some(text) = self.supplement.as_ref().filter(|_| path == SUPPLEMENT) {
            return Ok(Some(Arc::new(SourceFile {
                path: path.to_owned(),
                text: text.clone(),
            })));
        }
        match self.root.join(path).try_exists() {
            Ok(false) => Ok(None),
            _ => self.read(path).map(Some),
        }
    }

    /// Tells whether a path that is there is one of elsewhere, by a link in it.
    pub fn leads_out(&self, path: &str) -> bool {
        let found = self.root.join(path).canonicalize();
        let root = self.root.canonicalize();
        matches!((found, root), (Ok(found), Ok(root)) if !found.starts_with(&root))
    }

    /// Reads one of its files.
    pub fn read(&self, path: &str) -> Result<Arc<SourceFile>, DefinitionError> {
        let unreadable = |cause: String| DefinitionError::Unreadable {
            file: path.to_owned(),
            cause,
        };
        let location = self.root.join(path);
        if location.is_symlink() && !location.exists() || self.leads_out(path) {
            return Err(unreadable(
                "it is a link that leads out of the repository, or nowhere".to_owned(),
            ));
        }
        let file = std::fs::File::open(location).map_err(|error| unreadable(error.to_string()))?;
        let mut text = String::new();
        file.take(MAXIMUM_FILE_SIZE + 1)
            .read_to_string(&mut text)
            .map_err(|error| unreadable(error.to_string()))?;
        if text.len() as u64 > MAXIMUM_FILE_SIZE {
            return Err(unreadable(format!(
                "it is larger than {MAXIMUM_FILE_SIZE} bytes"
            )));
        }
        Ok(Arc::new(SourceFile {
            path: path.to_owned(),
            text,
        }))
    }

    /// Returns the commit that its files are at, or that is checked out; nothing outside of Git, or
    /// where Git's files are not of the usual form.
    pub fn checked_out_commit(&self) -> Option<String> {
        let head = || Some(self.git()?.head()?.commit);
        self.commit.clone().or_else(head)
    }

    /// Returns what Git keeps of it; nothing outside of Git, or where its files are those of a commit.
    pub fn git(&self) -> Option<GitFolder> {
        match self.commit {
            Some(_) => None,
            None => GitFolder::of(&self.root),
        }
    }

    /// Returns how it is laid out: as `firstlight.yaml` says, else as one of the known layouts.
    pub fn layout(&self) -> Result<Layout, DefinitionError> {
        let file = self.read_optional(SUPPLEMENT)?;
        let said = file.map(|file| supplement(&file)).transpose();
        let said = said.map_err(DefinitionError::Problems)?;
        let said = said.and_then(|supplement| supplement.layout);
        Ok(said.unwrap_or_else(|| layout::detected(&self.root)))
    }

    /// Returns a path relative to the repository that goes from `base` by `path`, both with forward
    /// slashes; nothing where it would lead out. A path that begins with `/` begins at the root.
    pub fn resolve(base: &str, path: &str) -> Option<String> {
        let joined = match path.strip_prefix('/') {
            Some(absolute) => PathBuf::from(absolute),
            None => Path::new(base).join(path),
        };
        let mut parts: Vec<&str> = Vec::new();
        for component in joined.components() {
            match component {
                Component::Normal(part) => parts.push(part.to_str()?),
                Component::CurDir => {}
                Component::ParentDir => {
                    parts.pop()?;
                }
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_never_lead_out() {
        let resolve = |base, path| Repository::resolve(base, path);
        assert_eq!(
            resolve("bootstrap", "../environments/values.yaml").as_deref(),
            Some("environments/values.yaml")
        );
        assert_eq!(
            resolve("services/a", "/shared/x.yaml").as_deref(),
            Some("shared/x.yaml")
        );
        assert_eq!(
            resolve("services/a", "./x.yaml").as_deref(),
            Some("services/a/x.yaml")
        );
        assert_eq!(resolve("services/a", "../../../etc/passwd"), None);
    }
}
