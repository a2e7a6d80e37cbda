//! Commits that a repository keeps beside its own files (`vendor/repositories`): takes commits that
//! were fetched, gives packs with their objects, and takes objects out of packs again. Never trusts a
//! pack: an object has the name of its content, whoever packed it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use futures::future::{FutureExt as _, LocalBoxFuture};

use crate::catalog::fetch::{FetchError, write_vendored_file};

use super::address::Address;
use super::checkout::{Checkout, GitFetcher, on_runtime};
use super::error::GitError;
use super::program::{Run, words};
use super::store::{Store, file_error};
use super::submodule;
use super::tree::Objects;

/// Where packs are kept in a repository, each named by its commit.
pub const PACKS_DIRECTORY: &str = "vendor/repositories";

impl GitFetcher<'_> {
    /// Takes a commit out of the repository's packs, if it is in them.
    pub(super) async fn unpacked(&self, store: &Store<'_>, commit: &str) -> Result<bool, GitError> {
        let Some(root) = self.root else {
            return Ok(false);
        };
        let from = root.join(PACKS_DIRECTORY).join(format!("{commit}.pack"));
        let about = match fs::symlink_metadata(&from) {
            Ok(about) if about.is_file() => about,
            _ => return Ok(false),
        };
        let bounds = self.bounds();
        if about.len() > bounds.bytes {
            return Err(GitError::TooLarge {
                limit: bounds.bytes,
            });
        }
        store.made().await?;
        let packs = store.directory().join("objects/pack");
        let into = packs.join(format!("pack-{commit}.pack"));
        fs::create_dir_all(&packs).map_err(|error| file_error(&packs, &error))?;
        fs::copy(&from, &into).map_err(|error| file_error(&from, &error))?;
        let mut arguments = words(["index-pack"]);
        arguments.push(into.clone().into_os_string());
        let indexed = Run::local(store.directory(), arguments, bounds)
            .output()
            .await;
        if indexed.is_err() || !store.has(commit).await {
            let _ = fs::remove_file(&into);
            let _ = fs::remove_file(into.with_extension("idx"));
            return Err(GitError::Pack {
                file: format!("{PACKS_DIRECTORY}/{commit}.pack"),
            });
        }
        Ok(true)
    }

    /// Puts commits and their submodules into the repository. Returns the files, each with whether it
    /// was written.
    pub fn vendor(
        &self,
        checkouts: &[&Checkout],
        root: &Path,
    ) -> Result<BTreeMap<String, bool>, (String, GitError)> {
        let work = || {
            on_runtime(async {
                let mut files = BTreeMap::new();
                for checkout in checkouts {
                    let packed = async {
                        let url = &checkout.request.repository;
                        let address = Address::parse(url)?;
                        self.packed(&address, &checkout.commit, root, &mut files)
                            .await
                    };
                    let failed = |error| (checkout.request.to_string(), error);
                    packed.await.map_err(failed)?;
                }
                Ok(files)
            })
        };
        let ended = || {
            let message = "the thread that packs ended".to_owned();
            (String::new(), GitError::Other { message })
        };
        std::thread::scope(|scope| scope.spawn(work).join().ok().flatten())
            .unwrap_or_else(|| Err(ended()))
    }

    fn packed<'p>(
        &'p self,
        address: &'p Address,
        commit: &'p str,
        root: &'p Path,
        files: &'p mut BTreeMap<String, bool>,
    ) -> LocalBoxFuture<'p, Result<(), GitError>> {
        async move {
            let file = format!("{PACKS_DIRECTORY}/{commit}.pack");
            if files.contains_key(&file) {
                return Ok(());
            }
            let login = self.logins.of(address)?;
            let store = Store::new(&self.below(), address, &login, self.bounds());
            let lock = store.locked().await?;
            if !store.has(commit).await && !self.unpacked(&store, commit).await? {
                if self.settings.offline {
                    return Err(GitError::Offline {
                        commit: commit.to_owned(),
                    });
                }
                self.patiently(|| store.fetch(commit)).await?;
            }
            drop(lock);
            let objects = Objects {
                directory: store.directory(),
                bounds: self.bounds(),
            };
            // One that is there is right, or would have been refused when it was read.
            let there = root.join(&file).is_file();
            if !there {
                let listed = objects
                    .ask(["rev-list", "--objects", "--no-walk", commit])
                    .await?;
                let run = Run {
                    input: listed,
                    ..Run::local(
                        store.directory(),
                        words(["pack-objects", "--stdout", "--quiet", "--threads=1"]),
                        self.bounds(),
                    )
                };
                let pack = run.output().await?;
                let failed = |error: FetchError| GitError::Other {
                    message: error.to_string(),
                };
                write_vendored_file(root, PACKS_DIRECTORY, &file, &pack).map_err(failed)?;
            }
            files.insert(file, !there);
            let listing = objects.listing(commit).await?;
            if listing.gitlinks.is_empty() {
                return Ok(());
            }
            let addresses = submodule::addresses(&objects, commit).await?;
            for (gitlink, url) in listing.gitlinks.iter().filter_map(|gitlink| {
                let url = addresses.as_ref()?.get(&gitlink.path)?;
                Some((gitlink, url))
            }) {
                let inner = address.of_submodule(url)?;
                self.packed(&inner, &gitlink.commit, root, files).await?;
            }
            Ok(())
        }
        .boxed_local()
    }
}
