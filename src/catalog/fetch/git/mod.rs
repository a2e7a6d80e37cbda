//! Sources in other Git repositories: takes a repository and a revision, gives the files of the
//! commit that Argo CD would take, in a directory of their own, never changes a repository.
//!
//! Everything is done by the program `git`, as Argo CD does it, so that whoever can fetch by hand
//! can fetch here: proxies, credential helpers, the agent and the configuration of ssh are its own.
//! Design note 0005 says why. What it is given is chosen so that no repository makes it run a
//! program, ask a person, or wait without an end ([`program`]).

mod address;
mod checkout;
mod error;
mod history;
mod login;
mod near;
mod pack;
mod program;
mod prune;
mod reference;
mod store;
mod submodule;
mod tree;

#[cfg(test)]
mod tests;

pub use address::{Address, normalized, same_repository, shown};
pub use checkout::{Asker, Checkout, GitFetcher, GitRequest, Known, own_revision};
pub use error::GitError;
pub use history::{ChangedPaths, History};
pub use login::{RepositoryLogin, RepositoryLogins};
pub use pack::PACKS_DIRECTORY;
