//! What fetching tells while it goes on: takes nothing, gives typed events that every sink consumes
//! alike, never words for the terminal.

use std::sync::Arc;

use serde::Serialize;

use super::request::ChartRequest;

/// Where events go. Fetching knows no sink.
pub type FetchEmitter = Arc<dyn Fn(FetchEvent) + Send + Sync>;

/// One thing that happened while charts were fetched.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(
    tag = "event",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum FetchEvent {
    /// Charts that are not at hand will be fetched.
    FetchStarted {
        /// How many.
        charts: usize,
    },
    /// The list of a repository's charts is read.
    IndexStarted {
        /// The repository.
        repository: String,
    },
    /// A range was resolved.
    ChartResolved {
        /// What was asked for.
        chart: ChartRequest,
        /// The version that was found.
        version: String,
    },
    /// Bytes of an archive arrived.
    ChartProgress {
        /// What was asked for.
        chart: ChartRequest,
        /// How many bytes are here.
        bytes: u64,
        /// How many there will be, where the server says so.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
    },
    /// A download broke off and goes on where it stopped.
    ChartResumed {
        /// What was asked for.
        chart: ChartRequest,
        /// How many bytes are here already.
        bytes: u64,
        /// Why it broke off.
        why: String,
    },
    /// An archive is here, and its digest is the right one.
    ChartFetched {
        /// What was asked for.
        chart: ChartRequest,
        /// Its version.
        version: String,
        /// Its size.
        bytes: u64,
        /// Where it came from.
        from: Provenance,
    },
    /// A chart could not be fetched; others go on.
    ChartFailed {
        /// What was asked for.
        chart: ChartRequest,
        /// Why.
        why: String,
    },
    /// A commit of a Git repository is here.
    RepositoryFetched {
        /// The repository.
        repository: String,
        /// The commit.
        commit: String,
    },
    /// A file that a kustomization names is here.
    FileFetched {
        /// Its address.
        url: String,
        /// Its size.
        bytes: u64,
    },
    /// Nothing is under way any more.
    FetchFinished,
}

/// Where an archive came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Provenance {
    /// The repository's `vendor/charts`.
    Vendor,
    /// The cache that projects share.
    Cache,
    /// Its chart repository or registry.
    Network,
}
