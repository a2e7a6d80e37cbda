//! One repository's objects on this machine: takes a commit, gives a bare repository that has it,
//! as shallow as the server lets it be, never two fetches into it at once.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::catalog::fetch::digest::Digest;

use super::address::{Address, normalized};
use super::error::GitError;
use super::login::Login;
use super::program::{Bounds, Run, words};
use super::reference::{References, is_commit};

/// How often somebody else's lock is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// A bare repository below the cache.
pub(super) struct Store<'s> {
    pub(super) address: &'s Address,
    pub(super) login: &'s Login,
    pub(super) bounds: Bounds,
    directory: PathBuf,
}

impl<'s> Store<'s> {
    /// Returns the store of a repository; nothing is written yet.
    pub(super) fn new(
        below: &Path,
        address: &'s Address,
        login: &'s Login,
        bounds: Bounds,
    ) -> Self {
        let digest = Digest::of(normalized(address.as_str()).as_bytes());
        let name = &digest.hex()[..32];
        Self {
            address,
            login,
            bounds,
            directory: below.join("repositories").join(format!("{name}.git")),
        }
    }

    /// Returns where its objects are.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Holds the store for this process, and this task of it, alone.
    pub(super) async fn locked(&self) -> Result<File, GitError> {
        let path = self.directory.with_extension("lock");
        let failed = |error: std::io::Error| file_error(&path, &error);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let begun = tokio::time::Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) if begun.elapsed() < self.bounds.total => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(GitError::File {
                        path: path.display().to_string(),
                        cause: "another process holds it".to_owned(),
                    });
                }
                Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
    }

    /// Lists the repository's branches and tags.
    pub(super) async fn references(&self) -> Result<References, GitError> {
        let run = Run {
            directory: Path::new("."),
            arguments: words(["ls-remote", "--symref", "--", self.address.as_str()]),
            input: Vec::new(),
            bounds: Bounds {
                bytes: 64 * 1024 * 1024,
                ..self.bounds
            },
            remote: Some((self.address, self.login)),
            environment: Vec::new(),
        };
        let listed = run.output().await?;
        Ok(References::parse(&String::from_utf8_lossy(&listed)))
    }

    /// Tells whether the commit is here.
    pub(super) async fn has(&self, commit: &str) -> bool {
        self.directory.join("HEAD").is_file()
            && self
                .local(["cat-file", "-e", &format!("{commit}^{{commit}}")])
                .await
                .is_ok()
    }

    /// Brings a commit, whose name may be a beginning, and returns its whole name. The store must
    /// be locked.
    pub(super) async fn fetch(&self, commit: &str) -> Result<String, GitError> {
        self.made().await?;
        if is_commit(commit) {
            let refspec = format!("+{commit}:refs/firstlight/{commit}");
            match self.fetched(&["--depth=1", "--no-tags"], &[refspec]).await {
                Ok(()) => return Ok(commit.to_owned()),
                // Older servers give what they list, and nothing else.
                Err(GitError::Other { .. } | GitError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let all = [
            "+refs/heads/*:refs/remotes/origin/*".to_owned(),
            "+refs/tags/*:refs/tags/*".to_owned(),
        ];
        let shallow = self.directory.join("shallow").is_file();
        let depth: &[&str] = if shallow { &["--unshallow"] } else { &[] };
        self.fetched(depth, &all).await?;
        let gone = |_| GitError::Gone {
            commit: commit.to_owned(),
        };
        let whole = format!("{commit}^{{commit}}");
        let found = self
            .local([
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &whole,
            ])
            .await
            .map_err(gone)?;
        Ok(String::from_utf8_lossy(&found).trim().to_owned())
    }

    async fn fetched(&self, options: &[&str], refspecs: &[String]) -> Result<(), GitError> {
        let mut arguments = words([
            "fetch",
            "--progress",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--force",
        ]);
        arguments.extend(words(options));
        arguments.extend(words(["--", self.address.as_str()]));
        arguments.extend(words(refspecs));
        let run = Run {
            directory: &self.directory,
            arguments,
            input: Vec::new(),
            bounds: self.bounds,
            remote: Some((self.address, self.login)),
            environment: Vec::new(),
        };
        run.output().await.map(|_| ())
    }

    /// Makes the bare repository, where it is not there.
    pub(super) async fn made(&self) -> Result<(), GitError> {
        if self.directory.join("HEAD").is_file() {
            return Ok(());
        }
        self.create().await
    }

    async fn create(&self) -> Result<(), GitError> {
        let parent = self.directory.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|error| file_error(parent, &error))?;
        let mut arguments = words(["init", "--bare", "--quiet", "--template=", "--"]);
        arguments.push(self.directory.clone().into_os_string());
        self.local_in(parent, arguments).await.map(|_| ())
    }

    async fn local<const N: usize>(&self, arguments: [&str; N]) -> Result<Vec<u8>, GitError> {
        self.local_in(&self.directory, words(arguments)).await
    }

    async fn local_in(
        &self,
        directory: &Path,
        arguments: Vec<OsString>,
    ) -> Result<Vec<u8>, GitError> {
        let run = Run::local(directory, arguments, self.bounds);
        run.output().await
    }
}

/// Returns the error of a file.
pub(super) fn file_error(path: &Path, error: &std::io::Error) -> GitError {
    GitError::File {
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}
