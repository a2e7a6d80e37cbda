//! Fetching against servers that behave, break and lie: takes small charts made on the spot, holds
//! what comes, what was asked, and what is left in the cache.

mod file;
mod http;
mod oci;
mod offline;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{
    ChartArchives, ChartRequest, Digest, FetchError, FetchEvent, FetchFailures, FetchLimits,
    FetchSettings, Fetcher,
};
use crate::catalog::{ChartLock, LockedChart};

/// A machine of its own: configuration files and a cache.
pub(super) struct Machine {
    directory: tempfile::TempDir,
    pub(super) settings: FetchSettings,
    pub(super) lock: ChartLock,
    pub(super) root: Option<PathBuf>,
    events: Arc<Mutex<Vec<FetchEvent>>>,
}

impl Machine {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| Some(directory.path().join(name));
        let settings = FetchSettings {
            cache: path("cache"),
            repository_config: path("repositories.yaml"),
            registry_config: path("registry.json"),
            docker_config: path("docker.json"),
            ca_file: None,
            offline: false,
            limits: FetchLimits {
                connect: Duration::from_secs(2),
                idle: Duration::from_millis(1500),
                total: Duration::from_secs(20),
                pause: Duration::from_millis(5),
                ..FetchLimits::default()
            },
        };
        Self {
            directory,
            settings,
            lock: ChartLock::default(),
            root: None,
            events: Arc::default(),
        }
    }

    /// Writes one of the configuration files.
    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).expect("a file");
    }

    pub(super) fn fetcher(&self) -> Fetcher {
        let events = Arc::clone(&self.events);
        let emit = Arc::new(move |event| events.lock().expect("events").push(event));
        Fetcher::new(&self.settings, self.lock.clone(), self.root.clone(), emit)
    }

    pub(super) fn fetch(&self, requests: &[ChartRequest]) -> Result<ChartArchives, FetchFailures> {
        let requests: BTreeSet<ChartRequest> = requests.iter().cloned().collect();
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(self.fetcher().fetch(&requests))
    }

    /// Fetches one chart: its version, or why it did not come.
    pub(super) fn one(&self, request: &ChartRequest) -> Result<String, FetchError> {
        match self.fetch(std::slice::from_ref(request)) {
            Ok(archives) => Ok(archives[request].chosen.version.clone()),
            Err(failures) => Err(failures.failed[0].1.clone()),
        }
    }

    /// Fetches, and keeps what was chosen.
    pub(super) fn locked(&mut self, request: &ChartRequest) -> LockedChart {
        let archives = self.fetch(std::slice::from_ref(request)).expect("charts");
        let chosen = archives[request].chosen.clone();
        self.lock.charts.insert(request.clone(), chosen.clone());
        chosen
    }

    pub(super) fn events(&self) -> Vec<FetchEvent> {
        self.events.lock().expect("events").clone()
    }

    /// Returns the files of the cache, locks left out.
    pub(super) fn cached(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.directory.path().join("cache"), &mut files);
        files
    }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_none_or(|end| end != "lock") {
            files.push(path);
        }
    }
}

/// Packs a chart; the padding does not compress.
pub(super) fn chart(name: &str, version: &str, padding: usize) -> Vec<u8> {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    let mut add = |path: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        let path = format!("{name}/{path}");
        archive
            .append_data(&mut header, path, content)
            .expect("an entry");
    };
    let metadata = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    add("Chart.yaml", metadata.as_bytes());
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(padding)
    .collect();
    add("noise", &noise);
    archive
        .into_inner()
        .and_then(flate2::write::GzEncoder::finish)
        .expect("an archive")
}

/// Returns an index with these versions of `redis`: version, address and digest.
pub(super) fn index(versions: &[(&str, &str, Option<&Digest>)]) -> String {
    use std::fmt::Write as _;
    let mut text = "apiVersion: v1\nentries:\n  redis:\n".to_owned();
    for (version, url, digest) in versions {
        let _ = write!(
            text,
            "  - {{name: redis, version: {version}, urls: ['{url}']"
        );
        if let Some(digest) = digest {
            let _ = write!(text, ", digest: {}", digest.hex());
        }
        text.push_str("}\n");
    }
    text
}

pub(super) fn request(repository: &str, range: &str) -> ChartRequest {
    ChartRequest::new(repository, "redis", range).expect("a request")
}
