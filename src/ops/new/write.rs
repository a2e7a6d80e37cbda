//! All files or none: takes changes, puts them on disk, and puts everything back where one fails;
//! never replaces a file that it was not told of, nor one that changed meanwhile.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::FileChange;
use super::error::NewError;

/// What is added to a name until all files are written.
const TEMPORARY: &str = ".firstlight-new";

/// Writes the files below a directory.
///
/// All are first written beside their places; only when that worked for each do they get their names.
pub fn write(root: &Path, changes: &[FileChange]) -> Result<(), NewError> {
    let mut done = Done::default();
    let result = changes
        .iter()
        .try_for_each(|change| {
            stage(root, change, &mut done).map_err(|error| (change.path.clone(), error))
        })
        .and_then(|()| {
            changes.iter().try_for_each(|change| {
                put(root, change, &mut done).map_err(|error| (change.path.clone(), error))
            })
        });
    let Err((path, error)) = result else {
        return Ok(());
    };
    let left = done.undo(root);
    let cause = error.to_string();
    Err(if left.is_empty() {
        NewError::Write { path, cause }
    } else {
        NewError::HalfWritten {
            path,
            cause,
            left: left.join(", "),
        }
    })
}

/// What has been done so far.
#[derive(Default)]
struct Done {
    directories: Vec<PathBuf>,
    staged: Vec<PathBuf>,
    put: Vec<FileChange>,
}

fn temporary(root: &Path, change: &FileChange) -> PathBuf {
    root.join(format!("{}{TEMPORARY}", change.path))
}

fn stage(root: &Path, change: &FileChange, done: &mut Done) -> io::Result<()> {
    let target = root.join(&change.path);
    let place = temporary(root, change);
    if let Some(parent) = place.parent() {
        make_directories(parent, done)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&place)?;
    done.staged.push(place);
    file.write_all(change.text.as_bytes())?;
    if change.before.is_some() {
        file.set_permissions(fs::metadata(target)?.permissions())?;
    }
    file.sync_all()
}

fn make_directories(directory: &Path, done: &mut Done) -> io::Result<()> {
    if directory.is_dir() || directory.as_os_str().is_empty() {
        return Ok(());
    }
    if let Some(parent) = directory.parent() {
        make_directories(parent, done)?;
    }
    fs::create_dir(directory)?;
    done.directories.push(directory.to_owned());
    Ok(())
}

fn put(root: &Path, change: &FileChange, done: &mut Done) -> io::Result<()> {
    let target = root.join(&change.path);
    let place = temporary(root, change);
    match &change.before {
        // Unlike a rename, a link never replaces what somebody else put there meanwhile.
        None => fs::hard_link(&place, &target)?,
        Some(before) => {
            if fs::read_to_string(&target)? != *before {
                return Err(io::Error::other("it has been changed meanwhile"));
            }
            // A link is kept, and what it leads to is changed.
            fs::rename(&place, target.canonicalize()?)?;
        }
    }
    done.put.push(change.clone());
    if change.before.is_none() {
        fs::remove_file(&place)?;
    }
    done.staged.retain(|staged| *staged != place);
    Ok(())
}

impl Done {
    /// Puts everything back; returns what could not be.
    fn undo(self, root: &Path) -> Vec<String> {
        let mut left = Vec::new();
        for change in self.put.iter().rev() {
            let target = root.join(&change.path);
            let result = match &change.before {
                None => fs::remove_file(&target),
                Some(before) => fs::write(&target, before),
            };
            if result.is_err() {
                left.push(change.path.clone());
            }
        }
        for place in self.staged {
            if fs::remove_file(&place).is_err() {
                left.push(place.display().to_string());
            }
        }
        for directory in self.directories.iter().rev() {
            if fs::remove_dir(directory).is_err() {
                left.push(directory.display().to_string());
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                names.extend(self::names(&path));
            }
            names.push(path.display().to_string());
        }
        names.sort();
        names
    }

    #[test]
    fn all_is_written_or_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let root = directory.path();
        fs::write(root.join("there"), "old\n").expect("a file");
        let edit = |before: &str| FileChange {
            path: "there".to_owned(),
            before: Some(before.to_owned()),
            text: "new\n".to_owned(),
        };
        let fresh = FileChange::new("a/b/c", "c\n");
        let before = names(root);
        // Somebody else's change is met last, after all the others got their names.
        let error = write(root, &[fresh.clone(), edit("old\n"), edit("other\n")]);
        let error = error.expect_err("the same file twice").to_string();
        assert!(error.ends_with("nothing was changed"), "{error}");
        assert_eq!(names(root), before);
        let error = write(
            root,
            &[edit("old\n"), fresh.clone(), FileChange::new("there", "x")],
        );
        let error = error.expect_err("a file that is there").to_string();
        assert!(error.ends_with("nothing was changed"), "{error}");
        assert_eq!(names(root), before);
        assert_eq!(
            fs::read_to_string(root.join("there")).expect("a file"),
            "old\n"
        );
        write(root, &[fresh, edit("old\n")]).expect("all");
        assert_eq!(
            fs::read_to_string(root.join("there")).expect("a file"),
            "new\n"
        );
        assert_eq!(
            fs::read_to_string(root.join("a/b/c")).expect("a file"),
            "c\n"
        );
        assert_eq!(names(root).len(), before.len() + 3);
    }
}
