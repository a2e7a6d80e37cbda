//! The files of a chart: takes a directory or an archive, gives their names and contents in
//! Helm's order, never looks into them and never writes.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::ignore::{IgnoreError, Rules};

/// One file of a chart; the path is relative to the chart, with forward slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path relative to the chart.
    pub path: String,
    /// The content, without a byte order mark.
    pub data: Vec<u8>,
}

impl File {
    /// Returns the content as text that keeps bytes that are no UTF-8.
    pub(crate) fn raw_text(&self) -> std::borrow::Cow<'_, str> {
        crate::encoding::text_of(&self.data)
    }

    /// Returns the content as text; bytes that are no UTF-8 are replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.data)
    }
}

/// How much is read at the most.
#[derive(Debug, Clone, Copy)]
pub struct LoadLimits {
    /// Bytes of all files of one chart, unpacked.
    pub chart_bytes: u64,
    /// Files of one chart.
    pub files: usize,
    /// Charts below charts.
    pub depth: usize,
}

impl Default for LoadLimits {
    fn default() -> Self {
        Self {
            chart_bytes: 100 * 1024 * 1024,
            files: 20_000,
            depth: 32,
        }
    }
}

/// Why the files of a chart could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A file or directory could not be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A device, a socket or something else that has no content.
    #[error("cannot load irregular file {}", path.display())]
    Irregular {
        /// Which one.
        path: PathBuf,
    },
    /// A symbolic link that leads nowhere.
    #[error("error evaluating symlink {path}: {source}", path = path.display())]
    Dangling {
        /// The link.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A symbolic link that leads out of what may be read.
    #[error("{path} is a link that leads out of {boundary}", path = path.display(), boundary = boundary.display())]
    LinkOut {
        /// The link.
        path: PathBuf,
        /// What it may not leave.
        boundary: PathBuf,
    },
    /// The chart is larger than the limit.
    #[error("decompressed chart is larger than the maximum size {limit}")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The chart has more files than the limit.
    #[error("the chart has more than {limit} files")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// `.helmignore` cannot be used.
    #[error("{path}: {source}", path = path.display())]
    Ignore {
        /// The file.
        path: PathBuf,
        /// Why.
        source: IgnoreError,
    },
    /// The archive is broken or holds what it must not hold.
    #[error("{0}")]
    Archive(String),
}

/// Reads a directory as Helm does: files in the order of a sorted walk, without what
/// `.helmignore` leaves out. Links are followed as long as they stay below `boundary`.
pub(crate) fn read_directory(
    directory: &Path,
    boundary: &Path,
    limits: &LoadLimits,
) -> Result<Vec<File>, FilesError> {
    let ignore_file = directory.join(".helmignore");
    let text = match std::fs::read(&ignore_file) {
        Ok(bytes) => crate::encoding::text_of(&bytes).into_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(source) => {
            return Err(FilesError::Read {
                path: ignore_file,
                source,
            });
        }
    };
    let rules = Rules::parse(&text).map_err(|source| FilesError::Ignore {
        path: ignore_file,
        source,
    })?;
    let boundary = boundary.canonicalize().map_err(|source| FilesError::Read {
        path: boundary.to_owned(),
        source,
    })?;
    let mut walk = Walk {
        rules,
        boundary,
        limits,
        files: Vec::new(),
        bytes: 0,
    };
    walk.directory(directory, "", 0)?;
    Ok(walk.files)
}

struct Walk<'a> {
    rules: Rules,
    boundary: PathBuf,
    limits: &'a LoadLimits,
    files: Vec<File>,
    bytes: u64,
}

impl Walk<'_> {
    fn directory(&mut self, path: &Path, name: &str, depth: usize) -> Result<(), FilesError> {
        let fail = |source| FilesError::Read {
            path: path.to_owned(),
            source,
        };
        if depth > 64 {
            return Err(fail(std::io::Error::other(
                "directories are nested too deeply",
            )));
        }
        let mut entries = std::fs::read_dir(path)
            .and_then(|entries| {
                entries
                    .map(|entry| Ok(entry?.file_name()))
                    .collect::<Result<Vec<_>, _>>()
            })
            .map_err(fail)?;
        entries.sort();
        for entry in entries {
            let child = path.join(&entry);
            let entry = entry.to_string_lossy();
            let child_name = if name.is_empty() {
                entry.into_owned()
            } else {
                format!("{name}/{entry}")
            };
            self.entry(&child, child_name, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, name: String, depth: usize) -> Result<(), FilesError> {
        let fail = |source| FilesError::Read {
            path: path.to_owned(),
            source,
        };
        let link = std::fs::symlink_metadata(path).map_err(fail)?.is_symlink();
        let metadata = std::fs::metadata(path).map_err(|source| {
            if link {
                // Helm follows links before it asks whether they are left out.
                let path = path.to_owned();
                return FilesError::Dangling { path, source };
            }
            fail(source)
        })?;
        if self.rules.ignores(&name, metadata.is_dir()) {
            return Ok(());
        }
        if link
            && !path
                .canonicalize()
                .map_err(fail)?
                .starts_with(&self.boundary)
        {
            return Err(FilesError::LinkOut {
                path: path.to_owned(),
                boundary: self.boundary.clone(),
            });
        }
        if metadata.is_dir() {
            return self.directory(path, &name, depth + 1);
        }
        if !metadata.is_file() {
            return Err(FilesError::Irregular {
                path: path.to_owned(),
            });
        }
        self.bytes += metadata.len();
        if self.bytes > self.limits.chart_bytes {
            return Err(FilesError::TooLarge {
                limit: self.limits.chart_bytes,
            });
        }
        if self.files.len() >= self.limits.files {
            return Err(FilesError::TooMany {
                limit: self.limits.files,
            });
        }
        let data = std::fs::read(path).map_err(fail)?;
        self.files.push(File {
            path: name,
            data: without_mark(data),
        });
        Ok(())
    }
}

/// Reads a file whole.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, FilesError> {
    std::fs::read(path).map_err(|source| FilesError::Read {
        path: path.to_owned(),
        source,
    })
}

/// Reads a packed chart (`.tgz`): the first directory of every path is dropped.
pub(crate) fn read_archive(bytes: &[u8], limits: &LoadLimits) -> Result<Vec<File>, FilesError> {
    let broken = |error: std::io::Error| FilesError::Archive(error.to_string());
    if !bytes.starts_with(&[0x1f, 0x8b, 0x08]) {
        return Err(FilesError::Archive("gzip: invalid header".to_owned()));
    }
    // One byte above the limit tells "too large" from "just fits".
    let budget = limits.chart_bytes.saturating_add(1 << 20);
    let unpacked = flate2::read::MultiGzDecoder::new(bytes).take(budget);
    let mut archive = tar::Archive::new(unpacked);
    let mut files = Vec::new();
    let mut remaining = limits.chart_bytes;
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = path_in_archive(&name)?;
        if entry.size() > remaining {
            return Err(FilesError::TooLarge {
                limit: limits.chart_bytes,
            });
        }
        if files.len() >= limits.files {
            return Err(FilesError::TooMany {
                limit: limits.files,
            });
        }
        let mut data = Vec::new();
        let read = entry.read_to_end(&mut data).map_err(broken)?;
        remaining -= (read as u64).min(remaining);
        files.push(File {
            path,
            data: without_mark(data),
        });
    }
    if files.is_empty() {
        return Err(FilesError::Archive("no files in chart archive".to_owned()));
    }
    Ok(files)
}

fn path_in_archive(name: &str) -> Result<String, FilesError> {
    let refuse = |text: &str| Err(FilesError::Archive(text.to_owned()));
    let name = name.replace('\\', "/");
    let (first, rest) = name.split_once('/').unwrap_or((&name, ""));
    if rest.starts_with('/') {
        return refuse("chart illegally contains absolute paths");
    }
    let clean = crate::go_path::clean(rest);
    if clean == "." {
        return Err(FilesError::Archive(format!(
            "chart illegally contains content outside the base directory: {name:?}"
        )));
    }
    if clean.starts_with("..") {
        return refuse("chart illegally references parent directory");
    }
    let mut letters = clean.bytes();
    let drive = letters.next().is_some_and(|b| b.is_ascii_alphabetic())
        && letters.next() == Some(b':')
        && letters.next() == Some(b'/');
    if drive {
        return refuse("chart contains illegally named files");
    }
    if first == "Chart.yaml" {
        return refuse("chart yaml not in base directory");
    }
    Ok(clean)
}

fn without_mark(mut data: Vec<u8>) -> Vec<u8> {
    if data.starts_with(&[0xef, 0xbb, 0xbf]) {
        data.drain(..3);
    }
    data
}
