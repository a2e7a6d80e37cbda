//! Files of the servers and caches: finds packed charts and changes them as little as can be.

use std::path::{Path, PathBuf};

use super::error::{ChartsError, read, write};
use crate::scenario::Failure;

/// Returns all files below a folder.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, ChartsError> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(folder).map_err(ChartsError::file(folder))? {
        let path = entry.map_err(ChartsError::file(folder))?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

pub(super) fn first_archive(folder: &Path) -> Result<PathBuf, Failure> {
    files(folder)?
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| Failure::of(format!("there is no packed chart in {}", folder.display())))
}

/// The first bytes of a file that gzip made.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Changes the last bit of a file.
pub(super) fn flip(path: &Path) -> Result<(), ChartsError> {
    let mut content = read(path)?;
    if let Some(last) = content.last_mut() {
        *last ^= 1;
    }
    write(path, content)
}

/// Tells whether a file is a packed chart that [`flip`] changed: its size, which stands at the end, is
/// then an odd one out.
pub(super) fn is_changed(path: &Path) -> bool {
    let Ok(content) = std::fs::read(path) else {
        return false;
    };
    // The size of what is packed is below 16 MiB, so its last byte is 0.
    content.starts_with(&GZIP) && content.last() == Some(&1)
}

/// Changes every packed chart that a registry keeps; returns how many.
pub(super) fn flip_archives(storage: &Path) -> Result<usize, ChartsError> {
    let mut changed = 0;
    for path in files(storage)? {
        if read(&path)?.starts_with(&GZIP) {
            flip(&path)?;
            changed += 1;
        }
    }
    Ok(changed)
}
