//! The files that a build reads: takes paths relative to a root, gives their contents, never
//! leaves the root and never writes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// Where a build finds its files. Paths are relative to the root, with forward slashes and
/// without `.` or `..`; the root itself is the empty path.
pub trait FileSystem {
    /// Returns the content of a file, none where there is no file, or why it cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String>;

    /// Returns true where the path is a folder.
    fn is_directory(&self, path: &str) -> bool;

    /// Returns a path without links: where the file or folder truly is, relative to the root. Of
    /// what is not there, and where there are no links, it is the path itself.
    fn real(&self, path: &str) -> Result<String, String> {
        Ok(path.to_owned())
    }

    /// Returns the root on disk, where the files are there.
    fn root(&self) -> Option<&Path> {
        None
    }
}

impl<F: FileSystem + ?Sized> FileSystem for &F {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        (**self).read(path)
    }

    fn is_directory(&self, path: &str) -> bool {
        (**self).is_directory(path)
    }

    fn real(&self, path: &str) -> Result<String, String> {
        (**self).real(path)
    }

    fn root(&self) -> Option<&Path> {
        (**self).root()
    }
}

/// A folder on disk. A link that leads out of it is refused. What was found out about a path is
/// remembered: nothing is expected to change meanwhile.
#[derive(Debug, Clone)]
pub struct DiskFiles {
    root: PathBuf,
    known: RefCell<BTreeMap<String, Result<Option<Found>, String>>>,
    /// Folders to whose paths no link belongs.
    folders: RefCell<BTreeSet<String>>,
}

/// What is at a path.
#[derive(Debug, Clone)]
struct Found {
    /// The path without links, relative to the root.
    real: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A file of this many bytes.
    File(u64),
    Folder,
    Other,
}

impl Kind {
    fn of(metadata: &Metadata) -> Self {
        if metadata.is_file() {
            Self::File(metadata.len())
        } else if metadata.is_dir() {
            Self::Folder
        } else {
            Self::Other
        }
    }
}

impl DiskFiles {
    /// Returns the files below a folder.
    pub fn new(root: impl Into<PathBuf>) -> std::io::Result<Self> {
        Ok(Self {
            root: root.into().canonicalize()?,
            known: RefCell::default(),
            folders: RefCell::default(),
        })
    }

    /// Returns what a path leads to, none where there is nothing, or an error where it is outside.
    fn locate(&self, path: &str) -> Result<Option<Found>, String> {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        let found = self.look(path);
        if let Ok(Some(found)) = &found
            && found.kind == Kind::Folder
        {
            self.folders.borrow_mut().insert(found.real.clone());
        }
        self.known
            .borrow_mut()
            .insert(path.to_owned(), found.clone());
        found
    }

    /// Looks at a path: where its folder is known, at its last part only.
    fn look(&self, path: &str) -> Result<Option<Found>, String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if name.is_empty() || !self.is_real(folder) {
            return self.follow(path);
        }
        match self.root.join(path).symlink_metadata() {
            Err(_) => Ok(None),
            Ok(metadata) if metadata.is_symlink() => self.follow(path),
            Ok(metadata) => Ok(Some(Found {
                real: path.to_owned(),
                kind: Kind::of(&metadata),
            })),
        }
    }

    /// Tells whether there is such a folder and no link belongs to its path.
    fn is_real(&self, folder: &str) -> bool {
        folder.is_empty()
            || self.folders.borrow().contains(folder)
            || matches!(self.locate(folder), Ok(Some(found))
                if found.kind == Kind::Folder && found.real == folder)
    }

    /// Follows all links of a path.
    fn follow(&self, path: &str) -> Result<Option<Found>, String> {
        let Ok(found) = self.root.join(path).canonicalize() else {
            return Ok(None);
        };
        let Ok(below) = found.strip_prefix(&self.root) else {
            return Err("a link leads out of the root".to_owned());
        };
        let parts = below
            .components()
            .map(|part| part.as_os_str().to_string_lossy());
        let real = parts.collect::<Vec<_>>().join("/");
        let metadata = Path::metadata(&found).map_err(|error| error.to_string())?;
        Ok(Some(Found {
            real,
            kind: Kind::of(&metadata),
        }))
    }
}

impl FileSystem for DiskFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let Some(Found {
            real,
            kind: Kind::File(length),
        }) = self.locate(path)?
        else {
            return Ok(None);
        };
        if length > MAX_FILE_BYTES {
            return Err(format!("it is larger than {MAX_FILE_BYTES} bytes"));
        }
        std::fs::read(self.root.join(real))
            .map(Some)
            .map_err(|error| error.to_string())
    }

    fn is_directory(&self, path: &str) -> bool {
        matches!(self.locate(path), Ok(Some(found)) if found.kind == Kind::Folder)
    }

    fn real(&self, path: &str) -> Result<String, String> {
        let found = self.locate(path)?;
        Ok(found.map_or_else(|| path.to_owned(), |found| found.real))
    }

    fn root(&self) -> Option<&Path> {
        Some(&self.root)
    }
}

/// Files in memory, by path.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

impl FileSystem for MemoryFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.get(path).cloned())
    }

    fn is_directory(&self, path: &str) -> bool {
        path.is_empty()
            || self
                .0
                .keys()
                .any(|file| is_below(file, path) && file != path)
    }
}

/// Returns a path written in `directory` as relative to the root; none where it leaves the root
/// or is absolute.
pub(crate) fn resolve(directory: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = directory
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Returns true where a path is `directory` or in it.
pub(crate) fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty()
        || path
            .strip_prefix(directory)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{is_below, resolve};

    #[test]
    fn paths_stay_below_the_root() {
        assert_eq!(resolve("a/b", "../c/./d"), Some("a/c/d".to_owned()));
        assert_eq!(resolve("a", "../.."), None);
        assert_eq!(resolve("a", "/etc/passwd"), None);
        assert_eq!(resolve("", "x"), Some("x".to_owned()));
        assert!(is_below("a/b", "a"));
        assert!(!is_below("ab", "a"));
    }
}
