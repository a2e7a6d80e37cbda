//! What can go wrong between the scenario and its servers: takes nothing, gives errors with their
//! causes.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::command::CommandError;
use crate::wait::TooLate;

/// The servers, or what is put onto them, cannot be had.
#[derive(Debug, Error)]
pub(crate) enum ChartsError {
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A file cannot be read or written.
    #[error("failed to read or write {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no port.
    #[error("failed to find a free port")]
    Port(#[source] io::Error),
    /// A server did not start.
    #[error("failed to start {program}: on Debian its package has that name")]
    Server {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A server does not answer.
    #[error(transparent)]
    TooLate(#[from] TooLate),
    /// There is no certificate.
    #[error("failed to make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// There is no file of those who may read.
    #[error("failed to hash a password")]
    Password(#[from] bcrypt::BcryptError),
}

impl ChartsError {
    /// Returns what makes an error of a file.
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// Writes a file.
pub(super) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), ChartsError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(ChartsError::file(folder))?;
    }
    std::fs::write(path, content).map_err(ChartsError::file(path))
}

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ChartsError> {
    std::fs::read(path).map_err(ChartsError::file(path))
}
