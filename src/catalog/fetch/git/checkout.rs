//! Files of revisions: takes what is asked and what the lock has, gives a directory for each, from
//! the cache where it is there, else from the repository; never changes the lock.
//!
//! Below the cache's directory, `git/repositories/` are bare repositories by their normalised
//! address, and `git/trees/COMMIT/` are the files of commits. A commit's name is the digest of what
//! it holds, so that what is there once is right for all projects.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures::future::{FutureExt as _, LocalBoxFuture, join_all};
use serde::Serialize;

use crate::catalog::fetch::event::{FetchEmitter, FetchEvent};
use crate::catalog::fetch::settings::FetchSettings;

use super::address::{Address, shown};
use super::error::GitError;
use super::login::RepositoryLogins;
use super::near::write_near;
use super::program::Bounds;
use super::prune::Trees;
use super::reference::{check, is_commit};
use super::store::{Store, file_error};
use super::submodule::{self, MAXIMUM_COUNT, MAXIMUM_DEPTH};
use super::tree::{Objects, check_links};

/// A revision of a repository, as an Application or a kustomization asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct GitRequest {
    /// The repository's URL.
    pub repository: String,
    /// The revision: a branch, a tag, a range of versions among tags, a commit; empty for HEAD.
    pub revision: String,
    /// Whose rules hold.
    #[serde(rename = "for", skip_serializing_if = "Asker::is_argo_cd")]
    pub asker: Asker,
}

/// Whose rules hold for a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// Argo CD's: the revision may be a range of versions.
    #[default]
    ArgoCd,
    /// Those of Kustomize, which has git fetch what is written.
    Kustomize,
    /// The same, and submodules are left out.
    KustomizeWithoutSubmodules,
}

impl Asker {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::ArgoCd,
        Self::Kustomize,
        Self::KustomizeWithoutSubmodules,
    ];

    /// Returns its name in `firstlight.lock`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ArgoCd => "argo-cd",
            Self::Kustomize => "kustomize",
            Self::KustomizeWithoutSubmodules => "kustomize-without-submodules",
        }
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_argo_cd(&self) -> bool {
        *self == Self::ArgoCd
    }

    fn wants_submodules(self) -> bool {
        self != Self::KustomizeWithoutSubmodules
    }
}

impl GitRequest {
    /// Returns what an Application asks for.
    pub fn of_application(repository: &str, revision: &str) -> Self {
        Self {
            repository: repository.trim().to_owned(),
            revision: revision.to_owned(),
            asker: Asker::ArgoCd,
        }
    }

    /// Returns what a kustomization asks for.
    pub fn of_base(remote: &kustomize::Remote) -> Self {
        Self {
            repository: remote.repository.clone(),
            revision: remote.revision.clone(),
            asker: if remote.submodules {
                Asker::Kustomize
            } else {
                Asker::KustomizeWithoutSubmodules
            },
        }
    }

    /// Returns the last part of its URL, by which people call it.
    pub fn name(&self) -> &str {
        let url = self.repository.trim_end_matches('/');
        let url = url.strip_suffix(".git").unwrap_or(url);
        url.rsplit(['/', ':']).next().unwrap_or(url)
    }

    /// Returns its address without credentials.
    pub fn shown(&self) -> String {
        shown(&self.repository)
    }

    /// Tells whether one of these names means it.
    pub fn is_called(&self, names: &std::collections::BTreeSet<String>) -> bool {
        names.contains(&self.repository) || names.contains(self.name())
    }
}

impl std::fmt::Display for GitRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let revision = if self.revision.is_empty() {
            "HEAD"
        } else {
            &self.revision
        };
        // An address with a password in it is refused, and must not be shown while it is.
        write!(formatter, "{} at {revision}", shown(&self.repository))
    }
}

/// The files of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// What was asked for.
    pub request: GitRequest,
    /// The commit.
    pub commit: String,
    /// The directory with its files, which nobody may change.
    pub root: PathBuf,
}

impl Checkout {
    /// Returns what stands before a path of its files, so that nobody takes it for one of the
    /// platform's own.
    pub fn label(&self) -> String {
        let short = self.commit.get(..8).unwrap_or(&self.commit);
        let url = &self.request.repository;
        let name = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let name = name.strip_suffix(".git").unwrap_or(name);
        format!("{name}@{short}:")
    }
}

/// What is known of a request before anybody is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The commit that the lock has.
    pub commit: Option<String>,
    /// True where the repository is asked all the same, to learn whether a tag was moved.
    pub verify: bool,
    /// How long each step may take, where whoever asks says so.
    pub timeout: Option<Duration>,
}

/// Fetches revisions.
pub struct GitFetcher<'f> {
    /// Where things are kept, and how much may be asked.
    pub settings: &'f FetchSettings,
    /// The Secrets of the definition.
    pub logins: &'f RepositoryLogins,
    /// Who hears of it.
    pub emit: &'f FetchEmitter,
    /// Where things are kept for this run, where nothing keeps them longer.
    pub scratch: &'f Path,
    /// The repository whose `vendor/repositories` is read.
    pub root: Option<&'f Path>,
    /// True where folders of this machine may be asked (`file://`), because a person named them.
    pub local: bool,
}

impl GitFetcher<'_> {
    /// Returns the files of every revision that is asked for, or why not; in the order of the
    /// requests.
    pub fn checkouts(
        &self,
        wanted: &BTreeMap<GitRequest, Known>,
    ) -> Vec<(GitRequest, Result<Checkout, GitError>)> {
        let all = || {
            on_runtime(async {
                let each = wanted.iter().map(|(request, known)| async move {
                    let result = self.checkout(request, known).await;
                    (request.clone(), result)
                });
                join_all(each).await
            })
        };
        // A thread of its own: the caller may itself be run by a runtime.
        std::thread::scope(|scope| scope.spawn(all).join().ok().flatten()).unwrap_or_else(|| {
            let failed = |request: &GitRequest| {
                let error = GitError::Other {
                    message: "the thread that fetches ended".to_owned(),
                };
                (request.clone(), Err(error))
            };
            wanted.keys().map(failed).collect()
        })
    }

    pub(super) fn bounds(&self) -> Bounds {
        self.bounds_within(None)
    }

    fn bounds_within(&self, timeout: Option<Duration>) -> Bounds {
        let limits = &self.settings.limits;
        Bounds {
            idle: limits.idle,
            total: timeout.map_or(limits.total, |timeout| timeout.min(limits.total)),
            connect: limits.connect,
            bytes: limits.repository_bytes,
        }
    }

    pub(super) fn below(&self) -> PathBuf {
        let cache = self.settings.cache.as_deref();
        cache.unwrap_or(self.scratch).join("git")
    }

    async fn checkout(&self, request: &GitRequest, known: &Known) -> Result<Checkout, GitError> {
        check(&request.revision)?;
        let address = if self.local {
            Address::parse_local(&request.repository)?
        } else {
            Address::parse(&request.repository)?
        };
        let commit = match &known.commit {
            Some(commit) if !known.verify => commit.clone(),
            None if is_commit(&request.revision) => request.revision.to_lowercase(),
            _ => self.resolved(&address, request, known).await?,
        };
        let wanted = Wanted {
            address: &address,
            commit: &commit,
            near: None,
            submodules: request.asker.wants_submodules(),
            bounds: self.bounds_within(known.timeout),
        };
        let root = self.tree(wanted, 0, &mut 0).await?;
        Ok(Checkout {
            request: request.clone(),
            commit,
            root,
        })
    }

    /// Asks the repository which commit a revision is; a tag must be the one that is locked.
    async fn resolved(
        &self,
        address: &Address,
        request: &GitRequest,
        known: &Known,
    ) -> Result<String, GitError> {
        let locked = known.commit.as_deref();
        if self.settings.offline {
            return locked
                .map(str::to_owned)
                .ok_or_else(|| GitError::OfflineUnlocked {
                    revision: request.revision.clone(),
                });
        }
        let login = self.logins.of(address)?;
        let bounds = self.bounds_within(known.timeout);
        let store = Store::new(&self.below(), address, &login, bounds);
        let references = self.patiently(|| store.references()).await?;
        let found = match request.asker {
            Asker::ArgoCd => references.resolve(&request.revision)?,
            _ => references.fetched(&request.revision)?,
        };
        if let Some(locked) = locked {
            if found.fixed && is_commit(&found.commit) && found.commit != locked {
                return Err(GitError::Moved {
                    tag: request.revision.clone(),
                    locked: locked.to_owned(),
                    found: found.commit,
                });
            }
            return Ok(locked.to_owned());
        }
        if is_commit(&found.commit) {
            return Ok(found.commit);
        }
        let _lock = store.locked().await?;
        self.patiently(|| store.fetch(&found.commit)).await
    }

    /// Returns the directory with the files of a commit.
    fn tree<'t>(
        &'t self,
        wanted: Wanted<'t>,
        depth: usize,
        count: &'t mut usize,
    ) -> LocalBoxFuture<'t, Result<PathBuf, GitError>> {
        async move {
            let Wanted {
                address,
                commit,
                bounds,
                ..
            } = wanted;
            let root = self.trees().join(wanted.name());
            if root.is_dir() {
                Trees::used(&root);
                return Ok(root);
            }
            let login = self.logins.of(address)?;
            let store = Store::new(&self.below(), address, &login, bounds);
            let lock = store.locked().await?;
            if !store.has(commit).await && !self.unpacked(&store, commit).await? {
                if self.settings.offline {
                    return Err(GitError::Offline {
                        commit: commit.to_owned(),
                    });
                }
                self.patiently(|| store.fetch(commit)).await?;
                (self.emit)(FetchEvent::RepositoryFetched {
                    repository: address.to_string(),
                    commit: commit.to_owned(),
                });
            }
            drop(lock);
            let objects = Objects {
                directory: store.directory(),
                bounds,
            };
            self.materialised(&objects, wanted, depth, count).await
        }
        .boxed_local()
    }

    /// Writes the files of a commit, with its submodules, and gives them their name.
    async fn materialised(
        &self,
        objects: &Objects<'_>,
        wanted: Wanted<'_>,
        depth: usize,
        count: &mut usize,
    ) -> Result<PathBuf, GitError> {
        let Wanted {
            address, commit, ..
        } = wanted;
        let trees = self.trees();
        let root = trees.join(wanted.name());
        fs::create_dir_all(&trees).map_err(|error| file_error(&trees, &error))?;
        let partial = tempfile::Builder::new()
            .prefix(".partial-")
            .tempdir_in(&trees)
            .map_err(|error| file_error(&trees, &error))?;
        let into = partial.path().join("files");
        fs::create_dir(&into).map_err(|error| file_error(&into, &error))?;
        let listing = objects.listing(commit).await?;
        let near = wanted.near.map(|near| (near, trees.join(near)));
        let near = near.filter(|(_, root)| root.is_dir() && listing.gitlinks.is_empty());
        match near {
            Some((near, root)) => write_near(objects, commit, (near, &root), &into).await?,
            None => objects.write(commit, &into).await?,
        }
        let addresses = if listing.gitlinks.is_empty() || !wanted.submodules {
            None
        } else {
            submodule::addresses(objects, commit).await?
        };
        if let Some(addresses) = addresses {
            for gitlink in &listing.gitlinks {
                *count += 1;
                if depth >= MAXIMUM_DEPTH || *count > MAXIMUM_COUNT {
                    return Err(GitError::Submodules {
                        limit: MAXIMUM_DEPTH,
                    });
                }
                let path = &gitlink.path;
                let failed = |cause| GitError::Submodule {
                    path: path.clone(),
                    cause: Box::new(cause),
                };
                let url = addresses
                    .get(path)
                    .ok_or_else(|| GitError::SubmoduleAddress { path: path.clone() })?;
                let url = address.of_submodule(url).map_err(failed)?;
                let inner = Wanted {
                    address: &url,
                    commit: &gitlink.commit,
                    near: None,
                    ..wanted
                };
                let files = self.tree(inner, depth + 1, count).await;
                copy(&files.map_err(failed)?, &into.join(path))?;
            }
        }
        check_links(&into, &listing.links)?;
        match fs::rename(&into, &root) {
            // Another process was quicker: the same commit has the same files.
            Err(_) if root.is_dir() => Ok(root),
            Err(error) => Err(file_error(&root, &error)),
            Ok(()) => {
                Trees::new(&self.below()).prune(SystemTime::now());
                Ok(root)
            }
        }
    }

    /// Returns where the files of commits are.
    fn trees(&self) -> PathBuf {
        self.below().join("trees")
    }

    /// Tries again what may pass by itself.
    pub(super) async fn patiently<T, F: Future<Output = Result<T, GitError>>>(
        &self,
        attempt: impl Fn() -> F,
    ) -> Result<T, GitError> {
        let limits = &self.settings.limits;
        let mut pause = limits.pause;
        for _ in 1..limits.attempts {
            match attempt().await {
                Err(error) if error.passes_by_itself() => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
        attempt().await
    }
}

/// Returns a directory with the files of a revision of the repository that contains a directory, at
/// the same place within it, and the commit. Nothing is fetched but submodules. Where the files of
/// the commit `near` are here, those that are the same are shared with it.
pub fn own_revision(
    fetcher: &GitFetcher<'_>,
    directory: &Path,
    revision: &str,
    near: Option<&str>,
) -> Result<(PathBuf, String), GitError> {
    check(revision)?;
    let work = || on_runtime(read_revision(fetcher, directory, revision, near));
    let ended = GitError::Other {
        message: "the thread that reads the revision ended".to_owned(),
    };
    std::thread::scope(|scope| scope.spawn(work).join().ok().flatten()).unwrap_or(Err(ended))
}

async fn read_revision(
    fetcher: &GitFetcher<'_>,
    directory: &Path,
    revision: &str,
    near: Option<&str>,
) -> Result<(PathBuf, String), GitError> {
    let objects = Objects {
        directory,
        bounds: fetcher.bounds(),
    };
    let whole = format!("{revision}^{{commit}}");
    let unknown = |error| match error {
        GitError::Other { .. } => GitError::UnknownRevision {
            revision: revision.to_owned(),
            nearest: None,
        },
        error => error,
    };
    let prefix = objects.ask(["rev-parse", "--show-prefix"]).await?;
    let prefix = String::from_utf8_lossy(&prefix)
        .trim_end_matches('\n')
        .to_owned();
    let top = objects.ask(["rev-parse", "--show-toplevel"]).await?;
    let top = PathBuf::from(String::from_utf8_lossy(&top).trim_end_matches('\n'));
    let arguments = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &whole,
    ];
    let commit = objects.ask(arguments).await.map_err(unknown)?;
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    let known = fetcher.trees().join(&commit);
    let root = if known.is_dir() {
        Trees::used(&known);
        known
    } else {
        // Only a submodule with a relative address asks where the repository itself is.
        let origin = objects.ask(["config", "--get", "remote.origin.url"]).await;
        let origin = origin.unwrap_or_default();
        let address = Address::parse(&String::from_utf8_lossy(&origin))
            .or_else(|_| Address::parse("https://origin.invalid/none"))?;
        let objects = Objects {
            directory: &top,
            bounds: fetcher.bounds(),
        };
        let wanted = Wanted {
            address: &address,
            commit: &commit,
            near,
            submodules: true,
            bounds: fetcher.bounds(),
        };
        fetcher.materialised(&objects, wanted, 0, &mut 0).await?
    };
    Ok((root.join(prefix), commit))
}

/// The files of a commit that are wanted.
#[derive(Clone, Copy)]
struct Wanted<'w> {
    address: &'w Address,
    commit: &'w str,
    /// A commit of the same repository whose files may be here.
    near: Option<&'w str>,
    submodules: bool,
    bounds: Bounds,
}

impl Wanted<'_> {
    /// Returns the name of their directory.
    fn name(&self) -> String {
        if self.submodules {
            self.commit.to_owned()
        } else {
            format!("{}-plain", self.commit)
        }
    }
}

pub(super) fn on_runtime<T>(work: impl Future<Output = T>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    Some(runtime.block_on(work))
}

/// Copies files and links into a directory that may be there, and is empty.
fn copy(from: &Path, into: &Path) -> Result<(), GitError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error: std::io::Error| file_error(&path, &error)
    };
    fs::create_dir_all(into).map_err(failed(into))?;
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let entry = entry.map_err(failed(from))?;
        let kind = entry.file_type().map_err(failed(from))?;
        let (source, target) = (entry.path(), into.join(entry.file_name()));
        if kind.is_dir() {
            copy(&source, &target)?;
        } else if kind.is_symlink() {
            let link = fs::read_link(&source).map_err(failed(&source))?;
            #[cfg(unix)]
            std::os::unix::fs::symlink(&link, &target).map_err(failed(&target))?;
            #[cfg(not(unix))]
            let _ = (link, target);
        } else {
            fs::copy(&source, &target).map_err(failed(&target))?;
        }
    }
    Ok(())
}
