//! The platform repository on disk: takes a directory, gives its files, never a path out of it.

use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::document::SourceFile;
use super::error::DefinitionError;

/// The file that makes a directory a platform repository.
const MARKER: &str = "environments/values.yaml";

/// No file that people write by hand is larger.
const MAXIMUM_FILE_SIZE: u64 = 4 * 1024 * 1024;

/// A directory with the files of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    root: PathBuf,
    /// The commit that it was read at, where it is none that people work in.
    commit: Option<String>,
}

impl Repository {
    /// Finds the repository that contains a directory: the nearest one upwards.
    pub fn discover(start: &Path) -> Result<Self, DefinitionError> {
        start
            .ancestors()
            .find(|directory| directory.join(MARKER).is_file())
            .map(|root| Self {
                root: root.to_owned(),
                commit: None,
            })
            .ok_or_else(|| DefinitionError::NoRepository {
                start: start.to_owned(),
            })
    }

    /// Opens a directory that must itself be a repository.
    pub fn open(root: &Path) -> Result<Self, DefinitionError> {
        if root.join(MARKER).is_file() {
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
        let unreadable = |error: std::io::Error| DefinitionError::Unreadable {
            file: "environments".to_owned(),
            cause: error.to_string(),
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.root.join("environments")).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let name = name.to_str().and_then(|name| name.strip_prefix("values-"));
            if let Some(name) = name.and_then(|name| name.strip_suffix(".yaml")) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Reads one of its files where it is there.
    pub fn read_optional(&self, path: &str) -> Result<Option<Arc<SourceFile>>, DefinitionError> {
        match self.root.join(path).try_exists() {
            Ok(false) => Ok(None),
            _ => self.read(path).map(Some),
        }
    }

    /// Reads one of its files.
    pub fn read(&self, path: &str) -> Result<Arc<SourceFile>, DefinitionError> {
        let unreadable = |cause: String| DefinitionError::Unreadable {
            file: path.to_owned(),
            cause,
        };
        let location = self.root.join(path);
        let leads_out = location.is_symlink()
            && !matches!(
                (location.canonicalize(), self.root.canonicalize()),
                (Ok(found), Ok(root)) if found.starts_with(&root)
            );
        if leads_out {
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
        const DEPTH: usize = 5;
        if self.commit.is_some() {
            return self.commit.clone();
        }
        let text = |path: &Path| Some(std::fs::read_to_string(path).ok()?.trim().to_owned());
        let mut folder = self.root.join(".git");
        if folder.is_file() {
            // A further work tree names its own folder, which names the common one.
            let named = text(&folder)?;
            folder = self.root.join(named.strip_prefix("gitdir: ")?);
        }
        let common = text(&folder.join("commondir"))
            .map_or_else(|| folder.clone(), |common| folder.join(common));
        let is_commit =
            |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut found = text(&folder.join("HEAD"))?;
        for _ in 0..DEPTH {
            if is_commit(&found) {
                return Some(found);
            }
            let name = found.strip_prefix("ref: ")?.to_owned();
            found = (text(&folder.join(&name)))
                .or_else(|| text(&common.join(&name)))
                .or_else(|| {
                    let packed = text(&common.join("packed-refs"))?;
                    let of_it = |line: &str| {
                        let (commit, other) = line.split_once(' ')?;
                        (other == name).then(|| commit.to_owned())
                    };
                    packed.lines().find_map(of_it)
                })?;
        }
        None
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
