//! The files of a commit as a directory: takes a repository's objects, gives a directory named by
//! the commit, whole or not at all, never with a link that leads out of it.
//!
//! git itself writes the files, as a checkout would: attributes of lines' ends hold, filters that
//! somebody configured do not.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::GitError;
use super::program::{Bounds, Run, words};
use super::store::file_error;

/// No platform has more files.
const MAXIMUM_FILES: usize = 200_000;

/// Objects of a repository, wherever they are.
pub(super) struct Objects<'o> {
    /// A bare repository, or one with a working tree.
    pub(super) directory: &'o Path,
    pub(super) bounds: Bounds,
}

/// A submodule as a tree names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gitlink {
    /// Where it lies.
    pub(super) path: String,
    /// Its commit.
    pub(super) commit: String,
}

/// What a tree holds besides files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Listing {
    /// Submodules.
    pub(super) gitlinks: Vec<Gitlink>,
    /// Links.
    pub(super) links: Vec<String>,
}

impl Objects<'_> {
    async fn run(
        &self,
        arguments: Vec<OsString>,
        environment: Vec<(&'static str, OsString)>,
    ) -> Result<Vec<u8>, GitError> {
        let run = Run {
            environment,
            ..Run::local(self.directory, arguments, self.bounds)
        };
        run.output().await
    }

    /// Asks git for something of the repository.
    pub(super) async fn ask<const N: usize>(
        &self,
        arguments: [&str; N],
    ) -> Result<Vec<u8>, GitError> {
        self.run(words(arguments), Vec::new()).await
    }

    /// Asks git for something of the repository, in as many words as it takes.
    pub(super) async fn ask_all(&self, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        self.run(words(arguments), Vec::new()).await
    }

    /// Reads what a commit's tree holds, within limits.
    pub(super) async fn listing(&self, commit: &str) -> Result<Listing, GitError> {
        let arguments = ["ls-tree", "-r", "-l", "-z", "--full-tree", commit];
        let listed = self.ask(arguments).await?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let mut listing = Listing::default();
        let (mut files, mut bytes) = (0_usize, 0_u64);
        for entry in listed.split('\0').filter(|entry| !entry.is_empty()) {
            let Some((left, path)) = entry.split_once('\t') else {
                continue;
            };
            let mut fields = left.split_ascii_whitespace();
            let (mode, _, object, size) =
                (fields.next(), fields.next(), fields.next(), fields.next());
            files += 1;
            bytes += size.and_then(|size| size.parse::<u64>().ok()).unwrap_or(0);
            if files > MAXIMUM_FILES || bytes > self.bounds.bytes {
                return Err(GitError::TooLarge {
                    limit: self.bounds.bytes,
                });
            }
            match (mode, object) {
                (Some("160000"), Some(commit)) => listing.gitlinks.push(Gitlink {
                    path: path.to_owned(),
                    commit: commit.to_owned(),
                }),
                (Some("120000"), _) => listing.links.push(path.to_owned()),
                _ => {}
            }
        }
        Ok(listing)
    }

    /// Writes some files of a commit into a directory, over what is there.
    pub(super) async fn write_some(
        &self,
        commit: &str,
        paths: &[&str],
        into: &Path,
    ) -> Result<(), GitError> {
        if paths.is_empty() {
            return Ok(());
        }
        let index = into.with_extension("index");
        let environment = own_index(&index);
        let result = async {
            self.run(
                words(["-c", "safe.directory=*", "read-tree", commit]),
                environment.clone(),
            )
            .await?;
            let mut arguments = words(["-c", "safe.directory=*", "--work-tree"]);
            arguments.push(into.as_os_str().to_owned());
            arguments.extend(words(["checkout-index", "--force", "-z", "--stdin"]));
            let run = Run {
                environment,
                input: paths.join("\0").into_bytes(),
                ..Run::local(self.directory, arguments, self.bounds)
            };
            run.output().await
        };
        let result = result.await;
        let _ = fs::remove_file(&index);
        result.map(|_| ())
    }

    /// Writes the files of a commit into an empty directory.
    pub(super) async fn write(&self, commit: &str, into: &Path) -> Result<(), GitError> {
        let index = into.with_extension("index");
        // Who may read the repository was asked before; here the user's configuration is left out,
        // since filters in it would change files, and run programs.
        let mut arguments = words(["-c", "safe.directory=*", "--work-tree"]);
        arguments.push(into.as_os_str().to_owned());
        arguments.extend(words(["read-tree", "--reset", "-u", commit]));
        let result = self.run(arguments, own_index(&index)).await;
        let _ = fs::remove_file(&index);
        result.map(|_| ())
    }
}

/// Returns variables by which git uses an index of its own, and nobody's configuration.
fn own_index(index: &Path) -> Vec<(&'static str, OsString)> {
    vec![
        ("GIT_INDEX_FILE", index.as_os_str().to_owned()),
        ("GIT_CONFIG_NOSYSTEM", OsString::from("1")),
        ("GIT_CONFIG_GLOBAL", OsString::from("/dev/null")),
    ]
}

/// Refuses links that lead out of a directory, as Argo CD does for the whole of a repository:
/// absolute ones, and those that pass above it; and, other than it, those that do so by other links.
pub(super) fn check_links(root: &Path, links: &[String]) -> Result<(), GitError> {
    let real_root = root
        .canonicalize()
        .map_err(|error| file_error(root, &error))?;
    for link in links {
        let path = root.join(link);
        let refused = || GitError::Link { path: link.clone() };
        // A file system without links has a file with the target in it.
        let Ok(target) = fs::read_link(&path) else {
            continue;
        };
        if target.is_absolute() {
            return Err(refused());
        }
        let mut at = PathBuf::from(link);
        at.pop();
        for component in target.components() {
            match component {
                std::path::Component::ParentDir if !at.pop() => return Err(refused()),
                std::path::Component::Normal(part) => at.push(part),
                _ => {}
            }
        }
        if path
            .canonicalize()
            .is_ok_and(|real| !real.starts_with(&real_root))
        {
            return Err(refused());
        }
    }
    Ok(())
}
