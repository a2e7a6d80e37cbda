//! The only network before `apply`: takes requests for charts, gives their archives with the
//! digests that they were checked against, never renders one and never changes the repository.
//!
//! A request is looked up in the lock. What is locked comes from `vendor/charts`, else from the
//! cache, else from its repository; what is not locked is resolved there. Design note 0004 says why
//! it is as it is.

mod cache;
mod client;
mod credentials;
mod digest;
mod download;
mod error;
mod event;
mod fetcher;
mod file;
pub mod git;
mod helper;
mod index;
mod oci;
mod request;
mod secret;
mod settings;
mod tls;
mod token;
mod vendor;

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::path::Path;

pub use digest::Digest;
pub use error::{FetchError, FetchFailures};
pub use event::{FetchEmitter, FetchEvent, Provenance};
pub use fetcher::{ChartArchive, ChartArchives, Fetcher};
pub use file::{FILES_DIRECTORY, FileWanted, RemoteFile};
pub use request::{ChartRequest, RequestError};
pub use settings::{FetchLimits, FetchSettings};
pub use vendor::{
    VENDOR_DIRECTORY, prune_vendored, prune_vendored_in, write_vendored, write_vendored_file,
};

/// Writes a file in one piece: whoever reads it sees the old content or the new one.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    // A file of a repository is for all to read; what the umask takes away is taken away.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
