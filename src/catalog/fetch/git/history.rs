//! What the platform's own repository knows of its history: takes revisions, gives commits and the
//! paths that differ between two of them, or between one and the files as they lie there; never
//! changes the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::checkout::{GitFetcher, on_runtime};
use super::error::GitError;
use super::reference::check;
use super::tree::Objects;

/// A repository on this machine, as seen from a directory in it.
#[derive(Debug, Clone)]
pub struct History {
    /// Its top.
    top: PathBuf,
    /// Where the directory lies in it: empty, or ending in `/`.
    prefix: String,
    bounds: super::program::Bounds,
}

/// The paths that differ between two states, relative to the directory that is looked from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangedPaths {
    /// The paths.
    pub paths: BTreeSet<String>,
}

impl History {
    /// Finds the repository that contains a directory.
    pub fn of(fetcher: &GitFetcher<'_>, directory: &Path) -> Result<Self, GitError> {
        let bounds = fetcher.bounds();
        let ask = || {
            on_runtime(async {
                let objects = Objects { directory, bounds };
                objects
                    .ask(["rev-parse", "--show-toplevel", "--show-prefix"])
                    .await
            })
        };
        let answer = String::from_utf8_lossy(&apart(ask)?).into_owned();
        let mut lines = answer.split('\n');
        let top = PathBuf::from(lines.next().unwrap_or_default());
        let prefix = lines.next().unwrap_or_default().to_owned();
        Ok(Self {
            top,
            prefix,
            bounds,
        })
    }

    fn ask(&self, arguments: &[&str]) -> Result<String, GitError> {
        let work = || {
            on_runtime(async {
                let objects = Objects {
                    directory: &self.top,
                    bounds: self.bounds,
                };
                objects.ask_all(arguments).await
            })
        };
        Ok(String::from_utf8_lossy(&apart(work)?).into_owned())
    }

    /// Returns the commit that a revision is.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        check(revision)?;
        let whole = format!("{revision}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &whole,
        ];
        let found = self.ask(&arguments).map_err(|error| match error {
            GitError::Other { .. } => GitError::UnknownRevision {
                revision: revision.to_owned(),
                nearest: None,
            },
            error => error,
        })?;
        Ok(found.trim().to_owned())
    }

    /// Returns the newest commit that two have in common; nothing where they have none.
    pub fn merge_base(&self, left: &str, right: &str) -> Result<Option<String>, GitError> {
        let (left, right) = (self.commit(left)?, self.commit(right)?);
        match self.ask(&["merge-base", &left, &right]) {
            Ok(found) => Ok(Some(found.trim().to_owned())),
            Err(GitError::Other { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the paths that differ between two commits.
    pub fn between(&self, from: &str, to: &str) -> Result<ChangedPaths, GitError> {
        let listed = self.ask(&[
            "diff-tree",
            "-r",
            "-z",
            "--name-only",
            "--no-renames",
            from,
            to,
        ])?;
        Ok(self.own(listed.split('\0')))
    }

    /// Returns the paths whose files are not as they are in a commit: changed, added, whether Git
    /// is told of them or not, or gone. What Git is to ignore is left out.
    pub fn since(&self, commit: &str) -> Result<ChangedPaths, GitError> {
        let tracked = self.ask(&["diff-index", "-z", "--name-only", "--no-renames", commit])?;
        let new = self.ask(&["ls-files", "-z", "--others", "--exclude-standard"])?;
        let mut all = self.own(tracked.split('\0').chain(new.split('\0')));
        // A file may have a new time and the old content: its content decides.
        let unchanged = self.unchanged(commit, &all)?;
        all.paths.retain(|path| !unchanged.contains(path));
        Ok(all)
    }

    /// Returns which of these paths have the same content as in a commit.
    fn unchanged(&self, commit: &str, paths: &ChangedPaths) -> Result<BTreeSet<String>, GitError> {
        let mut same = BTreeSet::new();
        for chunk in paths.paths.iter().collect::<Vec<_>>().chunks(500) {
            let full: Vec<String> = (chunk.iter())
                .map(|path| format!("{}{path}", self.prefix))
                .filter(|path| {
                    let file = self.top.join(path);
                    file.is_file() && !file.is_symlink()
                })
                .collect();
            if full.is_empty() {
                continue;
            }
            let mut arguments = vec!["ls-tree", "-z", "--full-tree", commit, "--"];
            arguments.extend(full.iter().map(String::as_str));
            let there = entries(&self.ask(&arguments)?);
            let mut arguments = vec!["hash-object", "--"];
            arguments.extend(full.iter().map(String::as_str));
            let hashes = self.ask(&arguments)?;
            for (path, hash) in full.iter().zip(hashes.lines()) {
                if there.get(path).is_some_and(|object| object == hash)
                    && let Some(own) = path.strip_prefix(&self.prefix)
                {
                    same.insert(own.to_owned());
                }
            }
        }
        Ok(same)
    }

    /// Returns the links of a commit's files with where they lead, as it is written in them.
    pub fn links(&self, commit: &str) -> Result<BTreeMap<String, String>, GitError> {
        let listed = self.ask(&["ls-tree", "-r", "-z", "--full-tree", commit])?;
        let mut links = BTreeMap::new();
        for entry in listed
            .split('\0')
            .filter(|entry| entry.starts_with("120000"))
        {
            let Some((left, path)) = entry.split_once('\t') else {
                continue;
            };
            let Some(path) = path.strip_prefix(&self.prefix) else {
                continue;
            };
            let object = left.split_ascii_whitespace().nth(2).unwrap_or_default();
            links.insert(path.to_owned(), self.ask(&["cat-file", "blob", object])?);
        }
        Ok(links)
    }

    /// Returns the paths below the directory that is looked from, relative to it.
    fn own<'p>(&self, paths: impl Iterator<Item = &'p str>) -> ChangedPaths {
        let paths = paths.filter(|path| !path.is_empty());
        let own = paths.filter_map(|path| path.strip_prefix(&self.prefix));
        ChangedPaths {
            paths: own.map(str::to_owned).collect(),
        }
    }
}

fn entries(listed: &str) -> BTreeMap<String, String> {
    let entries = listed.split('\0').filter_map(|entry| {
        let (left, path) = entry.split_once('\t')?;
        let object = left.split_ascii_whitespace().nth(2)?;
        Some((path.to_owned(), object.to_owned()))
    });
    entries.collect()
}

/// Runs work on a thread of its own: the caller may itself be run by a runtime.
fn apart<T: Send>(
    work: impl FnOnce() -> Option<Result<T, GitError>> + Send,
) -> Result<T, GitError> {
    let ended = GitError::Other {
        message: "the thread that asks git ended".to_owned(),
    };
    std::thread::scope(|scope| scope.spawn(work).join().ok().flatten()).unwrap_or(Err(ended))
}
