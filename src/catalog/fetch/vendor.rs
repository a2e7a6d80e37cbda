//! `vendor/charts` of a repository: takes locked charts, gives the files that hold them and what is
//! in them, never a file that is not what the lock says.

use std::collections::BTreeSet;
use std::path::Path;

use super::cache::read_limited;
use super::digest::Digest;
use super::error::FetchError;
use super::request::ChartRequest;
use crate::catalog::LockedChart;

/// Where archives are kept in a repository.
pub const VENDOR_DIRECTORY: &str = "vendor/charts";

/// Returns the files that may hold a chart, relative to the repository: the plain name first, then
/// the one that tells it from a chart of the same name and version of another repository.
pub(super) fn names(request: &ChartRequest, chosen: &LockedChart) -> [String; 2] {
    let (name, version) = (request.chart_name(), &chosen.version);
    let short = &chosen.digest.hex()[..12];
    [
        format!("{VENDOR_DIRECTORY}/{name}-{version}.tgz"),
        format!("{VENDOR_DIRECTORY}/{name}-{version}-{short}.tgz"),
    ]
}

/// Returns the archive of a locked chart; nothing where it is not vendored. A file of its name with
/// another content is an error: somebody changed it, or the lock.
pub(super) fn read(
    root: &Path,
    request: &ChartRequest,
    chosen: &LockedChart,
    limit: u64,
) -> Result<Option<Vec<u8>>, FetchError> {
    let mut other = None;
    for file in names(request, chosen) {
        let Some(bytes) = read_limited(&root.join(&file), limit)? else {
            continue;
        };
        let found = Digest::of(&bytes);
        if found == chosen.digest {
            return Ok(Some(bytes));
        }
        other = other.or(Some(FetchError::Vendored {
            file,
            locked: chosen.digest.clone(),
            found,
        }));
    }
    other.map_or(Ok(None), Err)
}

/// Makes sure that the directory is the repository's own: a link could lead anywhere.
fn own_directory(root: &Path, directory: &str) -> Result<(), FetchError> {
    for directory in ["vendor", directory] {
        if root.join(directory).is_symlink() {
            return Err(FetchError::File {
                path: directory.to_owned(),
                cause: "it is a link, and might lead out of the repository".to_owned(),
            });
        }
    }
    Ok(())
}

/// Puts the archive of a chart into the repository. Returns the file, and whether it was written.
pub fn write_vendored(
    root: &Path,
    request: &ChartRequest,
    chosen: &LockedChart,
    taken: &BTreeSet<String>,
    bytes: &[u8],
) -> Result<(String, bool), FetchError> {
    let [plain, distinct] = names(request, chosen);
    let file = if taken.contains(&plain) {
        distinct
    } else {
        plain
    };
    let written = write_vendored_file(root, VENDOR_DIRECTORY, &file, bytes)?;
    Ok((file, written))
}

/// Puts a file into a directory of the repository. Returns whether it was written.
pub fn write_vendored_file(
    root: &Path,
    directory: &str,
    file: &str,
    bytes: &[u8],
) -> Result<bool, FetchError> {
    own_directory(root, directory)?;
    let path = root.join(file);
    if read_limited(&path, bytes.len() as u64)
        .ok()
        .flatten()
        .is_some_and(|there| there == bytes)
    {
        return Ok(false);
    }
    super::write_whole(&path, bytes)
        .map(|()| true)
        .map_err(|error| FetchError::File {
            path: path.display().to_string(),
            cause: error.to_string(),
        })
}

/// Removes the archives that are not among the kept ones. Returns them.
pub fn prune_vendored(root: &Path, kept: &BTreeSet<String>) -> Result<Vec<String>, FetchError> {
    prune_vendored_in(root, VENDOR_DIRECTORY, kept, |name| {
        Path::new(name).extension().is_some_and(|end| end == "tgz")
    })
}

/// Removes the files of a directory that are ours and not among the kept ones. Returns them.
pub fn prune_vendored_in(
    root: &Path,
    vendored: &str,
    kept: &BTreeSet<String>,
    is_ours: impl Fn(&str) -> bool,
) -> Result<Vec<String>, FetchError> {
    own_directory(root, vendored)?;
    let directory = root.join(vendored);
    let mut removed = Vec::new();
    let Ok(entries) = std::fs::read_dir(&directory) else {
        return Ok(removed);
    };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let file = format!("{vendored}/{name}");
        if !is_ours(&name) || kept.contains(&file) {
            continue;
        }
        std::fs::remove_file(entry.path()).map_err(|error| FetchError::File {
            path: file.clone(),
            cause: error.to_string(),
        })?;
        removed.push(file);
    }
    removed.sort();
    Ok(removed)
}
