//! What generators read: a view of repositories that the caller has, and one of a single directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Repositories as Argo CD checks them out. Nothing here reaches a network: what is not at hand is
/// [`Unavailable`].
pub trait Repositories {
    /// Returns the paths of all files of a repository at a revision, with forward slashes, each
    /// once. Links are files.
    fn files(&self, repository: &str, revision: &str) -> Result<Vec<String>, Unavailable>;

    /// Returns the content of one of these files.
    fn read(&self, repository: &str, revision: &str, path: &str) -> Result<Vec<u8>, Unavailable>;
}

/// A repository, a revision or a file that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Unavailable {
    /// Why, as a fragment of a sentence.
    pub reason: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Unavailable {
    /// Says why something cannot be had.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            help: None,
        }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The largest file that a generator reads, in bytes.
const LARGEST_FILE: u64 = 4 << 20;

/// The most files that a directory may have.
const MOST_FILES: usize = 500_000;

/// One directory that stands for every repository, whatever its revision.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Takes the directory.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl Repositories for Folder {
    fn files(&self, _: &str, _: &str) -> Result<Vec<String>, Unavailable> {
        let mut found = Vec::new();
        let mut open = vec![String::new()];
        while let Some(directory) = open.pop() {
            for (name, is_directory) in entries(&self.root.join(&directory))? {
                let path = if directory.is_empty() {
                    name
                } else {
                    format!("{directory}/{name}")
                };
                if path == ".git" {
                    continue;
                }
                if is_directory {
                    open.push(path);
                } else {
                    found.push(path);
                }
                if found.len() + open.len() > MOST_FILES {
                    let reason = format!("there are more than {MOST_FILES} files");
                    return Err(Unavailable::new(reason));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn read(&self, _: &str, _: &str, path: &str) -> Result<Vec<u8>, Unavailable> {
        let file = self.root.join(path);
        let failed = |error: std::io::Error| Unavailable::new(format!("cannot be read: {error}"));
        let real = file.canonicalize().map_err(failed)?;
        if !real.starts_with(self.root.canonicalize().map_err(failed)?) {
            return Err(Unavailable::new(
                "is a link that leads out of the repository",
            ));
        }
        let size = real.metadata().map_err(failed)?.len();
        if size > LARGEST_FILE {
            return Err(Unavailable::new(format!(
                "is larger than {LARGEST_FILE} bytes"
            )));
        }
        std::fs::read(real).map_err(failed)
    }
}

fn entries(directory: &Path) -> Result<Vec<(String, bool)>, Unavailable> {
    let read = || -> std::io::Result<Vec<(String, bool)>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            // A name that is no text cannot be a parameter either.
            if let Ok(name) = entry.file_name().into_string() {
                entries.push((name, entry.file_type()?.is_dir()));
            }
        }
        Ok(entries)
    };
    read().map_err(|error| Unavailable::new(format!("cannot be listed: {error}")))
}

/// The files of a repository at a revision, with the directories that they stand in.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) files: Vec<String>,
    /// In the order in which Go walks them, without hidden ones and those below.
    pub(crate) directories: Vec<String>,
}

impl Listing {
    pub(crate) fn new(mut files: Vec<String>) -> Self {
        files.sort();
        // Sorted part by part: `a/b` comes before `a-b`.
        let mut directories: BTreeMap<Vec<String>, String> = BTreeMap::new();
        for file in &files {
            let mut parts = Vec::new();
            let mut path = String::new();
            for part in file.split('/') {
                if !parts.is_empty() {
                    directories
                        .entry(parts.clone())
                        .or_insert_with(|| path.clone());
                    path.push('/');
                }
                if part.starts_with('.') {
                    break;
                }
                path.push_str(part);
                parts.push(part.to_owned());
            }
        }
        Self {
            files,
            directories: directories.into_values().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Listing;

    #[test]
    fn directories_are_those_with_files_and_not_hidden() {
        let files = ["a-b/x", "a/b/c/x", "a/.h/d/x", ".git/x", "x"].map(str::to_owned);
        let listing = Listing::new(files.to_vec());
        assert_eq!(listing.directories, ["a", "a/b", "a/b/c", "a-b"]);
    }
}
