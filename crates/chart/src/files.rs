//! The files of a chart: takes a directory or an archive, gives their names and contents in
//! Helm's order, never looks into them and never writes.

use std::cell::Cell;
use std::fs::FileType;
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
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all charts that are loaded together, those packed within others included.
    pub total_bytes: u64,
    /// Files of one chart.
    pub files: usize,
    /// Charts below charts.
    pub depth: usize,
}

impl LoadLimits {
    /// The usual limits; those of sizes are Helm's.
    pub const DEFAULT: Self = Self {
        chart_bytes: 100 * 1024 * 1024,
        file_bytes: 5 * 1024 * 1024,
        total_bytes: 256 * 1024 * 1024,
        files: 20_000,
        depth: 32,
    };
}

impl Default for LoadLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The limits, and what is left of them for all charts that are loaded together.
#[derive(Debug)]
pub(crate) struct Budget<'a> {
    pub(crate) limits: &'a LoadLimits,
    remaining: Cell<u64>,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: &'a LoadLimits) -> Self {
        Self {
            limits,
            remaining: Cell::new(limits.total_bytes),
        }
    }

    /// Takes what the files of one packed chart need.
    pub(crate) fn take(&self, files: &[File]) -> Result<(), FilesError> {
        let bytes = files.iter().map(|file| file.data.len() as u64).sum();
        let left = self.remaining.get().checked_sub(bytes);
        let limit = self.limits.total_bytes;
        self.remaining
            .set(left.ok_or(FilesError::AllTooLarge { limit })?);
        Ok(())
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
    /// A packed chart is larger than the limit.
    #[error("decompressed chart is larger than the maximum size {limit}")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The files of a directory are larger than the limit.
    #[error(
        "the files of the chart are larger than {limit} bytes together; leave out in .helmignore what it does not need"
    )]
    DirectoryTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Charts packed within charts unpack to more than the limit.
    #[error("the chart and those packed in it are larger than {limit} bytes together")]
    AllTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A file is larger than the limit.
    #[error("{what} {name:?} is larger than the maximum file size {limit}")]
    FileTooLarge {
        /// Where the file is: Helm's words for it.
        what: &'static str,
        /// The file.
        name: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The chart has more files than the limit.
    #[error(
        "the chart has more than {limit} files; leave out in .helmignore what it does not need"
    )]
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
/// `.helmignore` leaves out. Links are followed as long as they stay below `boundary` or, where that is
/// the chart itself, within charts beside it.
pub(crate) fn read_directory(
    directory: &Path,
    boundary: &Path,
    limits: &LoadLimits,
) -> Result<Vec<File>, FilesError> {
    let mut walk = Walk {
        rules: Rules::default(),
        boundary,
        alone: boundary == directory,
        limits,
        files: Vec::new(),
        bytes: 0,
        entries: 0,
        buffer: Vec::with_capacity(64 * 1024),
    };
    walk.rules = walk.ignore_rules(directory.join(".helmignore"))?;
    walk.directory(directory, "", 0)?;
    Ok(walk.files)
}

struct Walk<'a> {
    rules: Rules,
    boundary: &'a Path,
    /// The boundary is the chart itself.
    alone: bool,
    limits: &'a LoadLimits,
    files: Vec<File>,
    bytes: u64,
    /// What was looked at, directories included: links can make endless trees of these.
    entries: usize,
    /// What files are read into, one after the other: most need no other call than open and read.
    buffer: Vec<u8>,
}

impl Walk<'_> {
    fn ignore_rules(&mut self, path: PathBuf) -> Result<Rules, FilesError> {
        let text = match self.kind(&path) {
            Ok(metadata) => self.read(&path, metadata.file_type())?,
            Err(FilesError::Read { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        Rules::parse(&crate::encoding::text_of(&text))
            .map_err(|source| FilesError::Ignore { path, source })
    }

    /// Finds out what something is, and refuses links that lead out.
    fn kind(&self, path: &Path) -> Result<std::fs::Metadata, FilesError> {
        let fail = |source| FilesError::Read {
            path: path.to_owned(),
            source,
        };
        let is_link = std::fs::symlink_metadata(path).map_err(fail)?.is_symlink();
        let metadata = std::fs::metadata(path).map_err(fail)?;
        if is_link {
            let target = path.canonicalize().map_err(fail)?;
            let boundary = self.boundary.canonicalize();
            let boundary = boundary.map_err(|source| FilesError::Read {
                path: self.boundary.to_owned(),
                source,
            })?;
            let beside = self.alone && is_in_chart_beside(&target, &boundary);
            if !target.starts_with(&boundary) && !beside {
                return Err(FilesError::LinkOut {
                    path: path.to_owned(),
                    boundary,
                });
            }
        }
        Ok(metadata)
    }

    /// Reads a file; one that is none, or is too large, is refused before or while it is read.
    fn read(&mut self, path: &Path, kind: FileType) -> Result<Vec<u8>, FilesError> {
        let fail = |source| FilesError::Read {
            path: path.to_owned(),
            source,
        };
        if !kind.is_file() {
            return Err(FilesError::Irregular {
                path: path.to_owned(),
            });
        }
        let limit = self.limits.file_bytes;
        let buffer = &mut self.buffer;
        buffer.clear();
        std::fs::File::open(path)
            .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(buffer))
            .map_err(fail)?;
        if buffer.len() as u64 > limit {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            return Err(FilesError::FileTooLarge {
                what: "chart file",
                name: name.into_owned(),
                limit,
            });
        }
        Ok(without_mark(buffer).to_vec())
    }

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
                    .map(|entry| {
                        entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?)))
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .map_err(fail)?;
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (entry, kind) in entries {
            let child = path.join(&entry);
            let entry = entry.to_string_lossy();
            let child_name = if name.is_empty() {
                entry.into_owned()
            } else {
                format!("{name}/{entry}")
            };
            self.entry(&child, child_name, kind, depth)?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        path: &Path,
        name: String,
        mut kind: FileType,
        depth: usize,
    ) -> Result<(), FilesError> {
        let link = kind.is_symlink();
        if link {
            // Helm follows links before it asks whether they are left out.
            let target = std::fs::metadata(path).map_err(|source| FilesError::Dangling {
                path: path.to_owned(),
                source,
            })?;
            kind = target.file_type();
        }
        if self.rules.ignores(&name, kind.is_dir()) {
            return Ok(());
        }
        if link {
            self.kind(path)?;
        }
        self.entries += 1;
        if self.entries > self.limits.files {
            return Err(FilesError::TooMany {
                limit: self.limits.files,
            });
        }
        if kind.is_dir() {
            return self.directory(path, &name, depth + 1);
        }
        let data = self.read(path, kind)?;
        self.bytes += data.len() as u64;
        if self.bytes > self.limits.chart_bytes {
            return Err(FilesError::DirectoryTooLarge {
                limit: self.limits.chart_bytes,
            });
        }
        self.files.push(File { path: name, data });
        Ok(())
    }
}

/// Returns whether a file belongs to a chart that stands in the same folder as this one: charts of one
/// collection link to each other's files.
fn is_in_chart_beside(file: &Path, chart: &Path) -> bool {
    let Some(folder) = chart.parent() else {
        return false;
    };
    let above = file.ancestors();
    above
        .take_while(|one| *one != folder && one.starts_with(folder))
        .any(|one| one.join("Chart.yaml").is_file())
}

/// Reads a file whole that may be a packed chart, as far as one may be large.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, FilesError> {
    let fail = |source| FilesError::Read {
        path: path.to_owned(),
        source,
    };
    if !std::fs::metadata(path).map_err(fail)?.is_file() {
        return Err(FilesError::Irregular {
            path: path.to_owned(),
        });
    }
    let limit = LoadLimits::DEFAULT.chart_bytes;
    let mut data = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut data))
        .map_err(fail)?;
    if data.len() as u64 > limit {
        return Err(FilesError::TooLarge { limit });
    }
    Ok(data)
}

/// What is unpacked, up to a limit: what goes on after it is an error, not an end.
struct Unpacked<R> {
    source: R,
    remaining: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.remaining = self
            .remaining
            .checked_sub(count as u64)
            .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::FileTooLarge))?;
        Ok(count)
    }
}

/// Reads a packed chart (`.tgz`): the first directory of every path is dropped. Nothing of it is
/// ever written, so that a link in it is what it is to Helm: a file without content.
pub(crate) fn read_archive(bytes: &[u8], limits: &LoadLimits) -> Result<Vec<File>, FilesError> {
    let limit = limits.chart_bytes;
    let broken = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => FilesError::TooLarge { limit },
        _ => FilesError::Archive(error.to_string()),
    };
    if !bytes.starts_with(&[0x1f, 0x8b, 0x08]) {
        return Err(FilesError::Archive("gzip: invalid header".to_owned()));
    }
    let unpacked = Unpacked {
        source: flate2::read::MultiGzDecoder::new(bytes),
        // What the archive needs beside the files themselves.
        remaining: limit.saturating_add(limit / 2).saturating_add(1 << 20),
    };
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
        if kind.is_character_special() || kind.is_block_special() || kind.is_fifo() {
            return Err(FilesError::Irregular { path: name.into() });
        }
        if let Some(target) = entry.link_name_bytes()
            && leads_out(
                &path,
                &String::from_utf8_lossy(&target),
                kind.is_hard_link(),
            )
        {
            return Err(FilesError::LinkOut {
                path: name.into(),
                boundary: "the chart".into(),
            });
        }
        if entry.size() > remaining {
            return Err(FilesError::TooLarge { limit });
        }
        if entry.size() > limits.file_bytes {
            return Err(FilesError::FileTooLarge {
                what: "decompressed chart file",
                name,
                limit: limits.file_bytes,
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
            data: without_mark(&data).to_vec(),
        });
    }
    if files.is_empty() {
        return Err(FilesError::Archive("no files in chart archive".to_owned()));
    }
    Ok(files)
}

/// Returns whether a link within an archive names something outside of the chart.
fn leads_out(path: &str, target: &str, is_hard: bool) -> bool {
    let target = target.replace('\\', "/");
    if target.starts_with('/') {
        return true;
    }
    // Hard links count from the top of the archive, where the chart is one directory.
    let target = match target.split_once('/') {
        Some((_, rest)) if is_hard => rest.to_owned(),
        _ if is_hard => target,
        _ => {
            let above = path.rsplit_once('/').map_or("", |(above, _)| above);
            crate::go_path::join(above, &target)
        }
    };
    let clean = crate::go_path::clean(&target);
    clean == ".." || clean.starts_with("../")
}

fn path_in_archive(name: &str) -> Result<String, FilesError> {
    let refuse = |text: &str| Err(FilesError::Archive(text.to_owned()));
    // Where there is a backslash, Helm takes it for the separator, and only it.
    let separator = if name.contains('\\') { '\\' } else { '/' };
    let (first, rest) = name.split_once(separator).unwrap_or((name, ""));
    let rest = rest.replace(separator, "/");
    if rest.starts_with('/') {
        return refuse("chart illegally contains absolute paths");
    }
    let clean = crate::go_path::clean(&rest);
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

fn without_mark(data: &[u8]) -> &[u8] {
    data.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(data)
}
