//! What kustomizations have from elsewhere, at hand before they are built: takes what is lacking,
//! asks the lock, `vendor/`, the cache and only then the network, gives it to those who build, never
//! builds.

use std::collections::BTreeMap;
use std::path::Path;

use crate::catalog::fetch::git::{GitFetcher, GitRequest, Known, RepositoryLogins};
use crate::catalog::fetch::{FetchError, Fetcher, FileWanted, RemoteFile};
use crate::catalog::{BaseNeeds, Bases, Catalogue, ChartLock};
use crate::definition::Repository;
use crate::problem::Problem;

use super::supply::{Mode, Supply, SupplyError};

/// How remote bases and files are fetched.
pub(super) struct BaseFetching<'b> {
    pub(super) fetcher: &'b Fetcher,
    pub(super) git: GitFetcher<'b>,
    /// True where servers are asked although the lock has an answer.
    pub(super) verify: bool,
}

impl BaseFetching<'_> {
    /// Brings what is lacking, and returns what cannot be had. What is chosen goes into the lock.
    pub(super) fn bring(
        &self,
        needs: &BaseNeeds,
        lock: &mut ChartLock,
        bases: &mut Bases,
    ) -> Vec<Problem> {
        let mut problems = self.files(needs, lock, bases);
        problems.extend(self.repositories(needs, lock, bases));
        problems
    }

    fn files(&self, needs: &BaseNeeds, lock: &mut ChartLock, bases: &mut Bases) -> Vec<Problem> {
        let mut wanted = BTreeMap::new();
        for (url, (_, or)) in &needs.files {
            let is_base = or
                .as_ref()
                .is_some_and(|base| lock.repositories.contains_key(base));
            if is_base && !lock.files.contains_key(url) {
                // The lock says that it is a repository's.
                bases.add_file(url.clone(), None);
                continue;
            }
            let how = FileWanted {
                or_repository: or.is_some(),
                verify: self.verify,
            };
            wanted.insert(url.clone(), how);
        }
        let mut problems = Vec::new();
        for (url, answer) in fetched(self.fetcher, &wanted) {
            match answer {
                Ok(None) => bases.add_file(url, None),
                Ok(Some(RemoteFile { digest, bytes })) => {
                    lock.files.insert(url.clone(), digest);
                    bases.add_file(url, Some(bytes));
                }
                Err(error) => {
                    let mut problem = Problem::new(format!("a file cannot be had: {error}"));
                    problem.source = needs.files.get(&url).map(|(source, _)| source.clone());
                    problem.help = error.help_with_file().map(str::to_owned);
                    problems.push(problem.clone());
                    bases.fail_file(url, problem);
                }
            }
        }
        problems
    }

    fn repositories(
        &self,
        needs: &BaseNeeds,
        lock: &mut ChartLock,
        bases: &mut Bases,
    ) -> Vec<Problem> {
        let known = |(request, (_, timeout)): (&GitRequest, &(_, _))| {
            let known = Known {
                commit: lock.repositories.get(request).cloned(),
                verify: self.verify,
                timeout: *timeout,
            };
            (request.clone(), known)
        };
        let wanted: BTreeMap<GitRequest, Known> = needs.repositories.iter().map(known).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut problems = Vec::new();
        for (request, result) in self.git.checkouts(&wanted) {
            match result {
                Ok(checkout) => {
                    // A commit that is named needs no choice.
                    if checkout.commit != request.revision {
                        let chosen = checkout.commit.clone();
                        lock.repositories.insert(request, chosen);
                    }
                    bases.add(checkout);
                }
                Err(error) => {
                    let mut problem =
                        Problem::new(format!("the base {request} cannot be had: {error}"));
                    let needed = needs.repositories.get(&request);
                    problem.source = needed.map(|(source, _)| source.clone());
                    problem.help = error.help(&request.shown());
                    problems.push(problem.clone());
                    bases.fail(request, problem);
                }
            }
        }
        problems
    }
}

/// Asks for files, on a thread of its own: the caller may itself be run by a runtime.
fn fetched(
    fetcher: &Fetcher,
    wanted: &BTreeMap<String, FileWanted>,
) -> Vec<(String, Result<Option<RemoteFile>, FetchError>)> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .ok()?;
        Some(runtime.block_on(fetcher.files(wanted)))
    };
    std::thread::scope(|scope| scope.spawn(work).join().ok().flatten()).unwrap_or_else(|| {
        let failed = wanted.keys().map(|url| {
            let error = FetchError::File {
                path: "the network".to_owned(),
                cause: "the thread that fetches ended".to_owned(),
            };
            (url.clone(), Err(error))
        });
        failed.collect()
    })
}

impl Supply<'_> {
    /// Adds the remote bases and files that a catalogue lacks, and those that they lack in turn;
    /// returns what cannot be had. Nothing is read or written where nothing is lacking.
    pub(super) fn add_bases(
        &mut self,
        repository: &Repository,
        catalogue: &mut Catalogue,
    ) -> Result<Vec<Problem>, SupplyError> {
        /// Bases of bases of bases: more rounds than this are a mistake.
        const ROUNDS: usize = 50;
        let mut problems = Vec::new();
        for _ in 0..ROUNDS {
            let mut needs = catalogue.base_needs(repository);
            if needs.repositories.is_empty() && needs.files.is_empty() {
                break;
            }
            self.open()?;
            // What an environment before this one had is not asked for again.
            catalogue.bases.take(&mut needs, &self.bases);
            let logins = catalogue.logins();
            self.logins.extend(&logins);
            let scratch = self.fetching().scratch_directory()?;
            let mut lock = std::mem::take(&mut self.lock);
            if let Some(fetcher) = &self.fetcher {
                let fetching = BaseFetching {
                    fetcher,
                    git: self.git(&logins, &scratch),
                    verify: *self.mode() != Mode::Obey,
                };
                problems.extend(fetching.bring(&needs, &mut lock, &mut catalogue.bases));
            }
            self.lock = lock;
            self.bases.extend(&catalogue.bases);
        }
        Ok(problems)
    }

    /// Returns what fetches revisions.
    pub(super) fn git<'f>(
        &'f self,
        logins: &'f RepositoryLogins,
        scratch: &'f Path,
    ) -> GitFetcher<'f> {
        GitFetcher {
            settings: &self.fetching().settings,
            logins,
            emit: &self.fetching().emit,
            scratch,
            root: Some(self.root()),
            local: false,
        }
    }
}
