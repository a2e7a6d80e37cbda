//! Archives by their digest, shared between projects and between processes: takes content piece by
//! piece, gives it back after checking it, never shows anything half-written under its digest.
//!
//! Below the cache's directory, `charts/sha256/HEX` are whole archives, and `charts/partial/` is
//! where they grow. What is there whole was checked before it got its name, and is checked again
//! each time it is read.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use tempfile::{NamedTempFile, TempDir, TempPath};

use super::digest::{Digest, Hasher};
use super::error::FetchError;

/// A download of this size is worth going on with in a later run.
const WORTH_KEEPING: u64 = 1024 * 1024;

/// What a killed run left is cleared away after this time.
const STALE: Duration = Duration::from_hours(24);

/// The cache.
#[derive(Debug)]
pub(super) struct Cache {
    directory: Option<PathBuf>,
    /// Where nothing is kept, archives go away with the run.
    scratch: OnceLock<TempDir>,
}

/// An archive that is being written.
#[derive(Debug)]
pub(super) struct Partial {
    file: File,
    path: PathBuf,
    /// Removes the file, unless it is kept.
    temporary: Option<TempPath>,
    /// Held as long as nobody else may write to the same file.
    lock: Option<File>,
    hasher: Hasher,
    length: u64,
}

fn failed(path: &Path, error: &std::io::Error) -> FetchError {
    FetchError::File {
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}

impl Cache {
    /// Opens the cache of a directory, or one that ends with the run. Nothing is written yet.
    pub(super) fn open(directory: Option<&Path>) -> Self {
        Self {
            directory: directory.map(|directory| directory.join("charts")),
            scratch: OnceLock::new(),
        }
    }

    /// Returns where the cache is, if it is anywhere yet.
    fn directory(&self) -> Option<PathBuf> {
        let scratch = || self.scratch.get().map(|scratch| scratch.path().to_owned());
        self.directory.clone().or_else(scratch)
    }

    fn made_directory(&self) -> Result<PathBuf, FetchError> {
        if let Some(directory) = self.directory() {
            return Ok(directory);
        }
        let scratch = tempfile::tempdir().map_err(|error| failed(&std::env::temp_dir(), &error))?;
        Ok(self.scratch.get_or_init(|| scratch).path().to_owned())
    }

    /// Returns an archive. One that is not what its name says is removed and counts as missing.
    pub(super) fn read(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, FetchError> {
        let Some(directory) = self.directory() else {
            return Ok(None);
        };
        let path = path_in(&directory, digest);
        let Some(bytes) = read_limited(&path, limit)? else {
            return Ok(None);
        };
        if Digest::of(&bytes) == *digest {
            return Ok(Some(bytes));
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&path, &error)),
            _ => Ok(None),
        }
    }

    /// Begins an archive, or goes on with one that an earlier run began.
    pub(super) fn begin(&self, digest: Option<&Digest>) -> Result<Partial, FetchError> {
        let directory = self.made_directory()?.join("partial");
        fs::create_dir_all(&directory).map_err(|error| failed(&directory, &error))?;
        clear(&directory);
        if let Some(digest) = digest
            && let Some(partial) = resume(&directory, digest)?
        {
            return Ok(partial);
        }
        let temporary =
            NamedTempFile::new_in(&directory).map_err(|error| failed(&directory, &error))?;
        let (file, temporary) = temporary.into_parts();
        Ok(Partial {
            file,
            path: temporary.to_path_buf(),
            temporary: Some(temporary),
            lock: None,
            hasher: Hasher::default(),
            length: 0,
        })
    }

    /// Gives a whole archive its name.
    pub(super) fn commit(&self, partial: Partial) -> Result<Digest, FetchError> {
        let digest = partial.hasher.clone().finish();
        let target = path_in(&self.made_directory()?, &digest);
        let finish = || -> std::io::Result<()> {
            partial.file.sync_all()?;
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::rename(&partial.path, &target)
        };
        finish().map_err(|error| failed(&target, &error))?;
        if let Some(temporary) = partial.temporary {
            // The file has another name now: there is nothing to remove.
            let _ = temporary.keep();
        }
        Ok(digest)
    }
}

fn path_in(directory: &Path, digest: &Digest) -> PathBuf {
    directory.join("sha256").join(digest.hex())
}

/// Goes on with the file of a digest, unless another process has it.
fn resume(directory: &Path, digest: &Digest) -> Result<Option<Partial>, FetchError> {
    // The lock is a file of its own that is never renamed or removed: 256 of them at the most.
    let lock_path = directory.join(format!("{}.lock", &digest.hex()[..2]));
    let lock = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&lock_path)
        .map_err(|error| failed(&lock_path, &error))?;
    if lock.try_lock().is_err() {
        return Ok(None);
    }
    let path = directory.join(digest.hex());
    let opened = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(&path);
    let mut file = opened.map_err(|error| failed(&path, &error))?;
    let mut hasher = Hasher::default();
    let mut length = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file
            .read(&mut buffer)
            .map_err(|error| failed(&path, &error))?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        length += read as u64;
    }
    Ok(Some(Partial {
        file,
        temporary: TempPath::try_from_path(&path).ok(),
        path,
        lock: Some(lock),
        hasher,
        length,
    }))
}

/// Removes what killed runs left.
fn clear(directory: &Path) {
    let stale = |entry: &fs::DirEntry| -> std::io::Result<bool> {
        let modified = entry.metadata()?.modified()?;
        Ok(SystemTime::now()
            .duration_since(modified)
            .is_ok_and(|age| age > STALE))
    };
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_lock = entry.path().extension().is_some_and(|end| end == "lock");
        if !is_lock && stale(&entry).unwrap_or(false) {
            // Somebody else may have been faster.
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl Partial {
    /// Returns how many bytes are here.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Returns the digest of what is here.
    pub(super) fn digest(&self) -> Digest {
        self.hasher.clone().finish()
    }

    /// Adds a piece.
    pub(super) fn add(&mut self, piece: &[u8]) -> Result<(), FetchError> {
        self.file
            .write_all(piece)
            .map_err(|error| failed(&self.path, &error))?;
        self.hasher.update(piece);
        self.length += piece.len() as u64;
        Ok(())
    }

    /// Begins again.
    pub(super) fn restart(&mut self) -> Result<(), FetchError> {
        use std::io::{Seek as _, SeekFrom};
        self.file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .map_err(|error| failed(&self.path, &error))?;
        self.hasher = Hasher::default();
        self.length = 0;
        Ok(())
    }

    /// Returns the first bytes.
    pub(super) fn head(&self) -> Result<Vec<u8>, FetchError> {
        Ok(read_head(&self.path)?.unwrap_or_default())
    }

    /// Leaves what is here for a later run, where that is worth it; else it goes away.
    pub(super) fn leave(mut self) {
        if self.lock.is_some()
            && self.length >= WORTH_KEEPING
            && let Some(temporary) = self.temporary.take()
        {
            let _ = temporary.keep();
        }
    }
}

fn read_head(path: &Path) -> Result<Option<Vec<u8>>, FetchError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    file.take(512)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(path, &error))?;
    Ok(Some(bytes))
}

/// Reads a file whole; nothing where there is none.
pub(super) fn read_limited(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FetchError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(failed(path, &error)),
    };
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(path, &error))?;
    if bytes.len() as u64 > limit {
        return Err(FetchError::TooLarge {
            url: path.display().to_string(),
            limit,
        });
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 1 << 24;

    fn files(directory: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                found.extend(files(&entry.path()));
            } else if entry.path().extension().is_none_or(|end| end != "lock") {
                found.push(entry.path().display().to_string());
            }
        }
        found
    }

    #[test]
    fn only_whole_archives_have_a_name() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = Cache::open(Some(directory.path()));
        let digest = Digest::of(b"content");
        assert_eq!(cache.read(&digest, LIMIT), Ok(None));
        let mut partial = cache.begin(Some(&digest)).expect("a beginning");
        partial.add(b"con").expect("written");
        assert_eq!(cache.read(&digest, LIMIT), Ok(None));
        // Somebody else begins the same.
        let mut other = cache.begin(Some(&digest)).expect("a beginning");
        assert_eq!(other.length(), 0);
        other.add(b"content").expect("written");
        assert_eq!(cache.commit(other), Ok(digest.clone()));
        partial.add(b"tent").expect("written");
        assert_eq!(cache.commit(partial), Ok(digest.clone()));
        assert_eq!(cache.read(&digest, LIMIT), Ok(Some(b"content".to_vec())));
        assert_eq!(files(directory.path()).len(), 1);
    }

    #[test]
    fn what_was_tampered_with_is_missing() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = Cache::open(Some(directory.path()));
        let mut partial = cache.begin(None).expect("a beginning");
        partial.add(b"content").expect("written");
        let digest = cache.commit(partial).expect("committed");
        fs::write(
            path_in(&directory.path().join("charts"), &digest),
            b"contenT",
        )
        .expect("tampered");
        assert_eq!(cache.read(&digest, LIMIT), Ok(None));
        assert!(files(directory.path()).is_empty());
    }

    #[test]
    fn large_beginnings_are_gone_on_with_and_small_ones_are_not() {
        let directory = tempfile::tempdir().expect("a directory");
        let cache = Cache::open(Some(directory.path()));
        let content = vec![7; 2 * 1024 * 1024];
        let digest = Digest::of(&content);
        let mut small = cache.begin(Some(&digest)).expect("a beginning");
        small.add(b"x").expect("written");
        small.leave();
        assert!(files(directory.path()).is_empty());
        let mut large = cache.begin(Some(&digest)).expect("a beginning");
        large.add(&content[..1_500_000]).expect("written");
        large.leave();
        let mut again = cache.begin(Some(&digest)).expect("a beginning");
        assert_eq!(again.length(), 1_500_000);
        again.add(&content[1_500_000..]).expect("written");
        assert_eq!(cache.commit(again), Ok(digest));
        let mut wrong = cache.begin(None).expect("a beginning");
        wrong.add(&content).expect("written");
        wrong.restart().expect("restarted");
        wrong.add(b"x").expect("written");
        assert_eq!(wrong.digest(), Digest::of(b"x"));
        wrong.leave();
        assert_eq!(files(directory.path()).len(), 1);
    }
}
