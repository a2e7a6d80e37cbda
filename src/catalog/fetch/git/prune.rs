//! How much the cache of commits holds: takes its directory and a time, removes what nobody used for
//! long, and the longest unused where there is too much, never what a run uses.
//!
//! Whoever uses the files of a commit says so ([`Trees::used`]); what was used within a day stays,
//! so that no run loses what it reads. What is removed is fetched again when it is wanted.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Files that nobody used for so long are removed.
const AGE: Duration = Duration::from_hours(24 * 60);

/// What was used within this time stays, however much there is.
const IN_USE: Duration = Duration::from_hours(24);

/// More directories than this are not kept.
const MOST: usize = 64;

/// More bytes than this are not kept.
const MOST_BYTES: u64 = 4 << 30;

/// More files than this are not counted.
const MOST_FILES_COUNTED: usize = 500_000;

/// The directories `trees/` and `repositories/` of a cache.
pub(super) struct Trees {
    directories: [PathBuf; 2],
}

/// One directory that could be removed.
struct Kept {
    path: PathBuf,
    used: SystemTime,
    bytes: u64,
}

impl Trees {
    /// Returns those below a cache's directory for Git.
    pub(super) fn new(below: &Path) -> Self {
        Self {
            directories: [below.join("trees"), below.join("repositories")],
        }
    }

    /// Notes that files are used now. Where that cannot be noted, they may be fetched again one day.
    pub(super) fn used(root: &Path) {
        let now = SystemTime::now();
        let recent = |time: SystemTime| {
            now.duration_since(time)
                .is_ok_and(|age| age < Duration::from_hours(1))
        };
        // The time of a directory is changed by what is made in it, and by nothing that is read.
        let modified = fs::metadata(root).and_then(|about| about.modified());
        if modified.is_ok_and(recent) {
            return;
        }
        if let Ok(directory) = fs::File::open(root) {
            let _ = directory.set_modified(now);
        }
    }

    /// Removes what is too old or too much.
    pub(super) fn prune(&self, now: SystemTime) {
        for directory in &self.directories {
            let mut all = kept(directory);
            all.sort_by_key(|one| one.used);
            let mut bytes: u64 = all.iter().map(|one| one.bytes).sum();
            let mut count = all.len();
            for one in &all {
                let age = now.duration_since(one.used).unwrap_or_default();
                let surplus = count > MOST || bytes > MOST_BYTES;
                if age < IN_USE || (age < AGE && !surplus) {
                    continue;
                }
                // First out of sight: nobody may find half of it.
                let Ok(aside) = tempfile::Builder::new()
                    .prefix(".removed-")
                    .tempdir_in(directory)
                else {
                    return;
                };
                if fs::rename(&one.path, aside.path().join("files")).is_ok() {
                    count -= 1;
                    bytes = bytes.saturating_sub(one.bytes);
                }
            }
        }
    }
}

/// Lists what is whole. What killed runs left begins with a dot, and goes when it is old.
fn kept(directory: &Path) -> Vec<Kept> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.path();
        let Ok(about) = entry.metadata() else {
            continue;
        };
        let Ok(used) = about.modified() else {
            continue;
        };
        if about.is_dir() {
            all.push(Kept {
                bytes: size(&path),
                path,
                used,
            });
        }
    }
    all
}

/// Returns how many bytes the files below a directory have.
fn size(directory: &Path) -> u64 {
    let mut open = vec![directory.to_owned()];
    let (mut bytes, mut count) = (0, 0);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            count += 1;
            if count > MOST_FILES_COUNTED {
                return bytes;
            }
            match entry.metadata() {
                Ok(about) if about.is_dir() => open.push(entry.path()),
                Ok(about) => bytes += about.len(),
                Err(_) => {}
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_goes_and_what_is_in_use_stays() {
        let cache = tempfile::tempdir().expect("a folder");
        let now = SystemTime::now();
        let days = |days: u64| now - Duration::from_hours(24 * days);
        let make = |name: &str, used: SystemTime| {
            let path = cache.path().join("trees").join(name);
            fs::create_dir_all(&path).expect("a tree");
            fs::write(path.join("file"), "x").expect("a file");
            let directory = fs::File::open(&path).expect("the tree");
            directory.set_modified(used).expect("a time");
            path
        };
        let old = make("old", days(61));
        let touched = make("touched", days(61));
        Trees::used(&touched);
        let some: Vec<PathBuf> = (0..MOST as u64)
            .map(|number| make(&format!("some-{number}"), days(2 + number % 30)))
            .collect();
        let new = make("new", now);
        Trees::new(cache.path()).prune(now);
        assert!(!old.exists());
        assert!(touched.exists() && new.exists());
        let left = some.iter().filter(|path| path.exists()).count();
        assert_eq!(left, MOST - 2, "the longest unused go first");
        assert!(some[0].exists());
    }
}
