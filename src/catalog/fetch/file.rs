//! Files that kustomizations name by URL: takes addresses, gives their contents with digests, from
//! the repository, from the cache, and only then from their servers; never sends credentials, and
//! never takes a web page for a file where the address may be that of a repository.

use std::collections::BTreeMap;
use std::path::Path;

use futures::StreamExt as _;
use reqwest::Url;

use super::cache::read_limited;
use super::client::Get;
use super::digest::Digest;
use super::error::FetchError;
use super::event::FetchEvent;
use super::fetcher::Fetcher;
use super::index::looks_like_html;
use super::request::{RequestError, without_credentials};

/// Where such files are kept in a repository.
pub const FILES_DIRECTORY: &str = "vendor/files";

/// How a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileWanted {
    /// True where the address may be a repository's: then the server may say that there is no file.
    pub or_repository: bool,
    /// True where the server is asked all the same, to learn whether the file was changed.
    pub verify: bool,
}

/// A file, by what was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Its digest.
    pub digest: Digest,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What became of an address: a file, nothing where it is no file's, or an error.
pub(super) type FileAnswer = Result<Option<RemoteFile>, FetchError>;

impl Fetcher {
    /// Returns the files of addresses.
    pub async fn files(&self, wanted: &BTreeMap<String, FileWanted>) -> Vec<(String, FileAnswer)> {
        let each = wanted
            .iter()
            .map(|(url, wanted)| async move { (url.clone(), self.file(url, *wanted).await) });
        futures::stream::iter(each)
            .buffered(self.settings.limits.parallel.max(1))
            .collect()
            .await
    }

    async fn file(&self, url: &str, wanted: FileWanted) -> FileAnswer {
        let limit = self.settings.limits.index_bytes;
        let locked = self.lock.files.get(url);
        let offline = self.settings.offline;
        if let Some(digest) = locked.filter(|_| !wanted.verify || offline) {
            let vendored = (self.root.as_deref())
                .map(|root| vendored(root, digest, limit))
                .transpose()?
                .flatten();
            let there = match vendored {
                Some(bytes) => Some(bytes),
                None => self.cache.read(digest, limit)?,
            };
            if let Some(bytes) = there {
                let digest = digest.clone();
                return Ok(Some(RemoteFile { digest, bytes }));
            }
        }
        if offline {
            return Err(match locked {
                Some(_) => FetchError::Offline,
                None => FetchError::OfflineUnlocked,
            });
        }
        let Some(file) = self.asked(url, wanted.or_repository, limit).await? else {
            return Ok(None);
        };
        match locked.filter(|locked| **locked != file.digest) {
            Some(locked) => Err(FetchError::FileChanged {
                url: without_credentials(url),
                locked: locked.clone(),
                found: file.digest,
            }),
            None => Ok(Some(file)),
        }
    }

    async fn asked(&self, text: &str, or_repository: bool, limit: u64) -> FileAnswer {
        let url = Url::parse(text).map_err(|error| FetchError::Unreachable {
            url: without_credentials(text),
            cause: error.to_string(),
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            let repository = without_credentials(text);
            return Err(FetchError::Request(RequestError::Credentials {
                repository,
            }));
        }
        let get = Get {
            url: &url,
            accept: "*/*",
            authorization: None,
            from: None,
            deadline: self.client.deadline(),
        };
        let (address, bytes) = match self.client.body_patiently(&get, limit).await {
            Ok(answer) => answer,
            // Kustomize, too, takes all but a good answer for that of a repository, which git then
            // tells why it cannot be had.
            Err(error) if or_repository && !matches!(error, FetchError::TooLarge { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if looks_like_html(&bytes) {
            if or_repository {
                return Ok(None);
            }
            return Err(FetchError::Html {
                url: address,
                expected: "a file of Kubernetes",
            });
        }
        (self.emit)(FetchEvent::FileFetched {
            url: address,
            bytes: bytes.len() as u64,
        });
        let mut partial = self.cache.begin(None)?;
        partial.add(&bytes)?;
        let digest = self.cache.commit(partial)?;
        Ok(Some(RemoteFile { digest, bytes }))
    }
}

/// Returns a file that the repository keeps. One with another content is an error.
fn vendored(root: &Path, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, FetchError> {
    let file = format!("{FILES_DIRECTORY}/{}", digest.hex());
    let Some(bytes) = read_limited(&root.join(&file), limit)? else {
        return Ok(None);
    };
    let found = Digest::of(&bytes);
    if found == *digest {
        return Ok(Some(bytes));
    }
    Err(FetchError::Vendored {
        file,
        locked: digest.clone(),
        found,
    })
}
