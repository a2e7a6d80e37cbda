//! Files of other repositories and revisions, at hand before anything is rendered: takes what an
//! environment needs, asks the lock, the cache and only then the network, gives directories, and
//! keeps what was chosen in `firstlight.lock`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::catalog::fetch::git::{
    GitError, GitFetcher, GitRequest, History, Known, RepositoryLogins, own_revision,
};
use crate::catalog::{Catalogue, Checkouts, GitNeeds};
use crate::definition::Repository;
use crate::problem::Problem;

use super::supply::{Fetching, Mode, Supply, SupplyError};

impl Supply<'_> {
    /// Adds the files that a catalogue lacks, and returns what cannot be had. Nothing is read or
    /// written where nothing is lacking.
    pub(super) fn add_checkouts(
        &mut self,
        catalogue: &Catalogue,
        checkouts: &mut Checkouts,
    ) -> Result<Vec<Problem>, SupplyError> {
        let needs: GitNeeds = catalogue
            .git_needs
            .iter()
            .filter(|(request, _)| !checkouts.knows(request))
            .map(|(request, source)| (request.clone(), source.clone()))
            .collect();
        if needs.is_empty() {
            return Ok(Vec::new());
        }
        self.open()?;
        // What an environment before this one had is not asked for again.
        let mut wanted: BTreeMap<GitRequest, Known> = BTreeMap::new();
        for request in needs.keys() {
            if let Some(had) = self.checkouts.iter().find(|one| one.request == *request) {
                checkouts.add(had.clone());
                continue;
            }
            let known = Known {
                commit: self.lock.repositories.get(request).cloned(),
                verify: *self.mode() != Mode::Obey,
                timeout: None,
            };
            wanted.insert(request.clone(), known);
        }
        let logins = catalogue.logins();
        self.logins.extend(&logins);
        let scratch = self.fetching().scratch_directory()?;
        let mut problems: Vec<Problem> = Vec::new();
        let fetched = self.git(&logins, &scratch).checkouts(&wanted);
        for (request, result) in fetched {
            match result {
                Ok(checkout) => {
                    // A commit that is named needs no choice.
                    if checkout.commit != request.revision {
                        let chosen = checkout.commit.clone();
                        self.lock.repositories.insert(request.clone(), chosen);
                    }
                    self.checkouts.add(checkout.clone());
                    checkouts.add(checkout);
                }
                Err(error) => {
                    let mut problem = Problem::new(format!("{request} cannot be had: {error}"));
                    problem.source = needs.get(&request).cloned();
                    problem.help = error.help(&request.repository);
                    problems.push(problem.clone());
                    checkouts.fail(request, problem);
                }
            }
        }
        Ok(problems)
    }
}

/// Returns the platform's repository as it is at a revision: read out of its objects, without a
/// checkout, and without a look at the working tree.
pub fn repository_at(
    repository: &Repository,
    revision: &str,
    fetching: &Fetching,
) -> Result<Repository, SupplyError> {
    repository_near(repository, revision, None, fetching)
}

/// Returns the same, by means of the files of a commit that may be here already.
pub(super) fn repository_near(
    repository: &Repository,
    revision: &str,
    near: Option<&str>,
    fetching: &Fetching,
) -> Result<Repository, SupplyError> {
    let scratch = fetching.scratch_directory()?;
    let logins = RepositoryLogins::default();
    let fetcher = own(fetching, &logins, &scratch);
    let failed = |message: String, help: Option<String>| {
        let mut problem = Problem::new(message);
        problem.help = help;
        SupplyError::Revision(problem)
    };
    let (root, commit) =
        own_revision(&fetcher, repository.root(), revision, near).map_err(|error| {
            failed(
                format!("the revision `{revision}` cannot be read: {error}"),
                error.help("the repository"),
            )
        })?;
    Repository::at_revision(&root, commit)
        .map_err(|error| failed(format!("at the revision `{revision}`, {error}"), None))
}

/// Returns what asks the platform's own repository.
fn own<'f>(
    fetching: &'f Fetching,
    logins: &'f RepositoryLogins,
    scratch: &'f Path,
) -> GitFetcher<'f> {
    GitFetcher {
        settings: &fetching.settings,
        logins,
        emit: &fetching.emit,
        scratch,
        root: None,
        local: false,
    }
}

/// Returns what the platform's own repository knows of its history.
pub(super) fn history(
    repository: &Repository,
    fetching: &Fetching,
) -> Result<History, SupplyError> {
    let scratch = fetching.scratch_directory()?;
    let logins = RepositoryLogins::default();
    let fetcher = own(fetching, &logins, &scratch);
    History::of(&fetcher, repository.root())
        .map_err(|error| of_history("the repository's history cannot be read", &error))
}

/// Returns that git cannot answer.
pub(super) fn of_history(what: &str, error: &GitError) -> SupplyError {
    let mut problem = Problem::new(format!("{what}: {error}"));
    problem.help = error.help("the repository");
    SupplyError::Revision(problem)
}
