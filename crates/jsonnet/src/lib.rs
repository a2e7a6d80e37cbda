//! Jsonnet: takes a file of a repository with its libraries, external variables and top-level
//! arguments, gives the JSON that it evaluates to, never reads a file outside of the repository.
//!
//! The language itself is `rsjsonnet-lang`'s. This crate adds what Argo CD's use of it needs: where
//! imports are looked for ([`Evaluation`]), errors that name file, line and column ([`Error`]), and
//! an evaluation [`apart`] from the calling process, in bounded time and memory.

pub mod apart;
mod error;
mod evaluate;
mod importer;
mod words;

pub use error::{Error, Place};
pub use evaluate::{Evaluation, MAXIMUM_STACK, Variable, evaluate};

#[cfg(test)]
mod tests;
