//! Charts, whatever they come from: takes requests, the lock and the repository's directory, gives
//! archives with the versions that were chosen, or all that could not be had at once; asks the
//! network for nothing that is at hand, and never changes the lock or the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;
use reqwest::Url;
use tokio::sync::OnceCell;

use chart::Version;

use super::cache::Cache;
use super::client::{Client, Get, shown};
use super::digest::Digest;
use super::download::Download;
use super::error::{FetchError, FetchFailures};
use super::event::{FetchEmitter, FetchEvent, Provenance};
use super::index::{Index, NoIndex, choose, directory};
use super::oci::Registry;
use super::request::{ChartRequest, Protocol};
use super::settings::FetchSettings;
use super::vendor;
use crate::catalog::{ChartLock, LockedChart};

/// A packed chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartArchive {
    /// The version and the digest.
    pub chosen: LockedChart,
    /// The archive (`.tgz`).
    pub bytes: Vec<u8>,
    /// Where it came from.
    pub from: Provenance,
}

/// Charts by what was asked for.
pub type ChartArchives = BTreeMap<ChartRequest, ChartArchive>;

/// Fetches charts.
pub struct Fetcher {
    pub(super) settings: FetchSettings,
    pub(super) lock: ChartLock,
    /// The repository whose `vendor/` is read.
    pub(super) root: Option<PathBuf>,
    forgiving: bool,
    pub(super) emit: FetchEmitter,
    pub(super) client: Client,
    pub(super) cache: Cache,
    indexes: Mutex<BTreeMap<String, Arc<OnceCell<Arc<Index>>>>>,
    /// Held while an address is downloaded: two ranges may have chosen the same.
    downloads: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

/// A version with where its archive is.
struct Found {
    version: String,
    url: Url,
    announced: Option<Digest>,
    /// Who says so.
    who: &'static str,
}

impl Fetcher {
    /// Returns a fetcher. Nothing is read or asked yet.
    pub fn new(
        settings: &FetchSettings,
        lock: ChartLock,
        root: Option<PathBuf>,
        emit: FetchEmitter,
    ) -> Self {
        Self {
            client: Client::new(settings),
            cache: Cache::open(settings.cache.as_deref()),
            settings: settings.clone(),
            lock,
            root,
            forgiving: false,
            emit,
            indexes: Mutex::default(),
            downloads: Mutex::default(),
        }
    }

    /// Lets a vendored archive that is not what the lock says count as missing: it will be written
    /// anew.
    #[must_use]
    pub fn forgiving(mut self) -> Self {
        self.forgiving = true;
        self
    }

    /// Returns the locked charts that are at hand, in `vendor/charts` or in the cache, and what is
    /// not. Asks no network.
    pub fn at_hand(
        &self,
        requests: &BTreeSet<ChartRequest>,
    ) -> Result<(ChartArchives, BTreeSet<ChartRequest>), FetchFailures> {
        let mut archives = ChartArchives::new();
        let mut missing = BTreeSet::new();
        let mut failed = Vec::new();
        for request in requests {
            match self.read(request) {
                Ok(Some(archive)) => {
                    archives.insert(request.clone(), archive);
                }
                Ok(None) => {
                    missing.insert(request.clone());
                }
                Err(error) => failed.push((request.clone(), error)),
            }
        }
        if failed.is_empty() {
            Ok((archives, missing))
        } else {
            Err(FetchFailures { failed })
        }
    }

    /// Returns all that is asked for, or everything that could not be had.
    pub async fn fetch(
        &self,
        requests: &BTreeSet<ChartRequest>,
    ) -> Result<ChartArchives, FetchFailures> {
        let (mut archives, missing) = self.at_hand(requests)?;
        if missing.is_empty() {
            return Ok(archives);
        }
        if self.settings.offline {
            return Err(self.not_at_hand(&missing));
        }
        (self.emit)(FetchEvent::FetchStarted {
            charts: missing.len(),
        });
        let fetches = missing.iter().map(|request| async move {
            let result = Box::pin(self.fetch_one(request)).await;
            if let Err(error) = &result {
                (self.emit)(FetchEvent::ChartFailed {
                    chart: request.clone(),
                    why: error.to_string(),
                });
            }
            (request.clone(), result)
        });
        let results: Vec<_> = futures::stream::iter(fetches)
            .buffer_unordered(self.settings.limits.parallel.max(1))
            .collect()
            .await;
        (self.emit)(FetchEvent::FetchFinished);
        let mut failed = Vec::new();
        for (request, result) in results {
            match result {
                Ok(archive) => {
                    archives.insert(request, archive);
                }
                Err(error) => failed.push((request, error)),
            }
        }
        if failed.is_empty() {
            return Ok(archives);
        }
        failed.sort_by(|left, right| left.0.cmp(&right.0));
        Err(FetchFailures { failed })
    }

    /// Returns what it means that charts are not at hand and the network may not be asked.
    pub fn not_at_hand(&self, missing: &BTreeSet<ChartRequest>) -> FetchFailures {
        let failed = missing.iter().map(|request| {
            let error = if self.lock.charts.contains_key(request) {
                FetchError::Offline
            } else {
                FetchError::OfflineUnlocked
            };
            (request.clone(), error)
        });
        FetchFailures {
            failed: failed.collect(),
        }
    }

    fn read(&self, request: &ChartRequest) -> Result<Option<ChartArchive>, FetchError> {
        let Some(chosen) = self.lock.charts.get(request) else {
            return Ok(None);
        };
        let limit = self.settings.limits.archive_bytes;
        let archive = |bytes, from| {
            Some(ChartArchive {
                chosen: chosen.clone(),
                bytes,
                from,
            })
        };
        if let Some(root) = &self.root {
            match vendor::read(root, request, chosen, limit) {
                Ok(Some(bytes)) => return Ok(archive(bytes, Provenance::Vendor)),
                Err(FetchError::Vendored { .. }) if self.forgiving => {}
                Ok(None) => {}
                Err(error) => return Err(error),
            }
        }
        let cached = self.cache.read(&chosen.digest, limit)?;
        Ok(cached.and_then(|bytes| archive(bytes, Provenance::Cache)))
    }

    async fn fetch_one(&self, request: &ChartRequest) -> Result<ChartArchive, FetchError> {
        let locked = self.lock.charts.get(request);
        match request.protocol() {
            Protocol::Oci => self.fetch_oci(request, locked).await,
            Protocol::Archive => self.fetch_archive(request).await,
            Protocol::Http | Protocol::Alias => self.fetch_http(request, locked).await,
        }
    }

    async fn fetch_http(
        &self,
        request: &ChartRequest,
        locked: Option<&LockedChart>,
    ) -> Result<ChartArchive, FetchError> {
        let base = match request.alias() {
            Some(alias) => self.client.credentials.alias(alias)?,
            None => Url::parse(&request.repository).map_err(|error| FetchError::Unreachable {
                url: request.repository.clone(),
                cause: error.to_string(),
            })?,
        };
        // Helm's alias may stand for a registry.
        if base.scheme() == "oci" {
            let request = ChartRequest {
                repository: base.as_str().trim_end_matches('/').to_owned(),
                ..request.clone()
            };
            return self.fetch_oci(&request, locked).await;
        }
        let index = self.index(&base).await?;
        let range = locked.map_or(&request.range, |locked| &locked.version);
        let entry = index.select(&shown(&base), &request.name, range)?;
        let content = |cause| FetchError::Content {
            url: shown(&base),
            expected: "archive",
            cause: format!("{} {}: {cause}", request.name, entry.version),
        };
        let found = Found {
            version: entry.version.clone(),
            url: entry.address(&base).map_err(content)?,
            announced: entry.announced().map_err(content)?,
            who: "the index",
        };
        let authorization = self.authorization(&found.url)?;
        let archive = self
            .archive(request, locked, &found, authorization.as_ref())
            .await?;
        self.checked(request, &found, archive, true)
    }

    /// Fetches an archive that no index has; what it is, it says itself.
    async fn fetch_archive(&self, request: &ChartRequest) -> Result<ChartArchive, FetchError> {
        let address = format!("{}/{}", request.repository, request.name);
        let found = Found {
            version: String::new(),
            url: Url::parse(&address).map_err(|error| FetchError::Unreachable {
                url: address.clone(),
                cause: error.to_string(),
            })?,
            announced: None,
            who: "nobody",
        };
        let authorization = self.authorization(&found.url)?;
        let mut archive = self
            .archive(request, None, &found, authorization.as_ref())
            .await?;
        archive.chosen.version = Self::metadata(&found, &archive)?.1;
        self.fetched(request, &archive);
        Ok(archive)
    }

    /// Returns what is known for a repository that holds the address.
    fn authorization(&self, url: &Url) -> Result<Option<super::client::Authorization>, FetchError> {
        let known = self.client.credentials.repository_of(url)?;
        Ok(known
            .and_then(|known| known.login.clone())
            .and_then(super::client::of_login))
    }

    async fn fetch_oci(
        &self,
        request: &ChartRequest,
        locked: Option<&LockedChart>,
    ) -> Result<ChartArchive, FetchError> {
        let registry = Registry::new(&self.client, &request.repository, &request.name);
        let by_digest = Digest::parse(&request.range)
            .filter(|_| request.range.starts_with("sha256:"))
            .map(|_| request.range.clone());
        let version = match (locked, &by_digest) {
            (_, Some(digest)) => digest.clone(),
            (Some(locked), None) => locked.version.clone(),
            (None, None) if Version::parse(&request.range).is_ok() => request.range.clone(),
            (None, None) => {
                let versions = registry.versions().await?;
                let texts = versions.iter().map(String::as_str);
                choose(&request.name, &request.range, texts)?
            }
        };
        let layer = registry.layer(&version).await?;
        let found = Found {
            version,
            url: layer.url,
            announced: Some(layer.digest),
            who: "its manifest",
        };
        let mut archive = self
            .archive(request, locked, &found, registry.authorization())
            .await?;
        if by_digest.is_some() {
            // A digest tells no version: the chart does.
            archive.chosen.version = match locked {
                Some(locked) => locked.version.clone(),
                None => Self::metadata(&found, &archive)?.1,
            };
        }
        self.checked(request, &found, archive, false)
    }

    /// Returns the archive of a version: from the cache where its digest is known and there.
    async fn archive(
        &self,
        request: &ChartRequest,
        locked: Option<&LockedChart>,
        found: &Found,
        authorization: Option<&super::client::Authorization>,
    ) -> Result<ChartArchive, FetchError> {
        let changed = |locked: &LockedChart, digest: &Digest| FetchError::Changed {
            version: found.version.clone(),
            repository: request.repository.clone(),
            locked: locked.digest.clone(),
            found: digest.clone(),
        };
        if let (Some(locked), Some(announced)) = (locked, &found.announced)
            && locked.digest != *announced
        {
            return Err(changed(locked, announced));
        }
        if locked.is_none() && !found.version.is_empty() {
            (self.emit)(FetchEvent::ChartResolved {
                chart: request.clone(),
                version: found.version.clone(),
            });
        }
        let limit = self.settings.limits.archive_bytes;
        let chosen = |digest| LockedChart {
            version: found.version.clone(),
            digest,
        };
        let turn = {
            let mut downloads = self
                .downloads
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            Arc::clone(downloads.entry(found.url.to_string()).or_default())
        };
        let _turn = turn.lock().await;
        if let Some(digest) = &found.announced
            && let Some(bytes) = self.cache.read(digest, limit)?
        {
            return Ok(ChartArchive {
                chosen: chosen(digest.clone()),
                bytes,
                from: Provenance::Cache,
            });
        }
        let download = Download {
            client: &self.client,
            cache: &self.cache,
            emit: &self.emit,
            request,
            url: &found.url,
            authorization,
            announced: found.announced.as_ref().map(|digest| (digest, found.who)),
        };
        let digest = download.run().await?;
        if let Some(locked) = locked.filter(|locked| locked.digest != digest) {
            return Err(changed(locked, &digest));
        }
        let bytes = self
            .cache
            .read(&digest, limit)?
            .ok_or_else(|| FetchError::File {
                path: digest.to_string(),
                cause: "it is no longer in the cache".to_owned(),
            })?;
        Ok(ChartArchive {
            chosen: chosen(digest),
            bytes,
            from: Provenance::Network,
        })
    }

    /// Checks that an archive holds the chart that was asked for.
    fn checked(
        &self,
        request: &ChartRequest,
        found: &Found,
        archive: ChartArchive,
        exact: bool,
    ) -> Result<ChartArchive, FetchError> {
        let (name, version) = Self::metadata(found, &archive)?;
        let same_version = match (Version::parse(&version), Version::parse(&found.version)) {
            (Ok(inside), Ok(outside)) => inside.compare(&outside).is_eq(),
            _ => false,
        };
        if name != request.chart_name() || (exact && !same_version) {
            return Err(FetchError::OtherChart {
                url: shown(&found.url),
                found: format!("{name} {version}"),
                expected: format!("{} {}", request.chart_name(), found.version),
            });
        }
        self.fetched(request, &archive);
        Ok(archive)
    }

    fn fetched(&self, request: &ChartRequest, archive: &ChartArchive) {
        (self.emit)(FetchEvent::ChartFetched {
            chart: request.clone(),
            version: archive.chosen.version.clone(),
            bytes: archive.bytes.len() as u64,
            from: archive.from,
        });
    }

    /// Returns name and version of the chart in an archive.
    fn metadata(found: &Found, archive: &ChartArchive) -> Result<(String, String), FetchError> {
        let chart =
            chart::Chart::load_archive(&archive.bytes).map_err(|error| FetchError::Content {
                url: shown(&found.url),
                expected: "chart",
                cause: error.to_string(),
            })?;
        Ok((chart.metadata.name, chart.metadata.version))
    }

    /// Returns the index of a repository; it is read once.
    async fn index(&self, repository: &Url) -> Result<Arc<Index>, FetchError> {
        let cell = {
            let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(indexes.entry(repository.to_string()).or_default())
        };
        let index = cell.get_or_try_init(|| self.read_index(repository)).await?;
        Ok(Arc::clone(index))
    }

    async fn read_index(&self, repository: &Url) -> Result<Arc<Index>, FetchError> {
        (self.emit)(FetchEvent::IndexStarted {
            repository: shown(repository),
        });
        let base = directory(repository);
        let mut url = base
            .join("index.yaml")
            .map_err(|error| FetchError::Unreachable {
                url: shown(repository),
                cause: error.to_string(),
            })?;
        url.set_query(repository.query());
        let authorization = self.authorization(&url)?;
        let get = Get {
            url: &url,
            accept: "application/yaml, text/yaml, application/json, */*",
            authorization: authorization.as_ref(),
            from: None,
            deadline: self.client.deadline(),
        };
        let limit = self.settings.limits.index_bytes;
        let (address, body) = self.client.body_patiently(&get, limit).await?;
        // Parsing a large index takes a while: it must not hold up the downloads.
        let parsed = tokio::task::spawn_blocking(move || Index::parse(&body));
        match parsed.await {
            Ok(Ok(index)) => Ok(Arc::new(index)),
            Ok(Err(NoIndex::Html)) => Err(FetchError::Html {
                url: address,
                expected: "the index of a chart repository",
            }),
            Ok(Err(NoIndex::Other(cause))) => Err(FetchError::Content {
                url: address,
                expected: "index of a chart repository",
                cause,
            }),
            Err(error) => Err(FetchError::Content {
                url: address,
                expected: "index of a chart repository",
                cause: error.to_string(),
            }),
        }
    }
}
