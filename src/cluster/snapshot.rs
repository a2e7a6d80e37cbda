//! What the cluster holds of the kinds that a plan writes: takes kinds, gives a snapshot by one
//! list for each kind, all at once; never writes.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt as _};
use serde_json::Value;

use super::client::Cluster;
use super::error::ApiError;
use crate::plan::Snapshot;

/// How many lists are under way at once.
const WIDTH: usize = 16;

impl Cluster {
    /// Lists the kinds, given as API version and kind.
    pub async fn snapshot(
        &self,
        kinds: &BTreeSet<(String, String)>,
    ) -> Result<Snapshot, SnapshotError> {
        self.refresh_discovery()
            .await
            .map_err(|error| SnapshotError {
                kind: "API groups".to_owned(),
                error,
            })?;
        let mut snapshot = Snapshot::default();
        let lists: Vec<_> = kinds
            .iter()
            .map(|(version, kind)| self.list_kind(version, kind))
            .collect();
        let answers: Vec<_> = stream::iter(lists).buffered(WIDTH).collect().await;
        for (api_version, kind, answer) in answers {
            match answer {
                Ok(objects) => {
                    for object in objects {
                        snapshot.insert(&api_version, &kind, object);
                    }
                }
                Err(ApiError::KindUnknown { .. }) => snapshot.without_kind(&api_version, &kind),
                Err(error) => return Err(SnapshotError { kind, error }),
            }
        }
        Ok(snapshot)
    }

    async fn list_kind(
        &self,
        api_version: &str,
        kind: &str,
    ) -> (String, String, Result<Vec<Value>, ApiError>) {
        let answer = self.list(api_version, kind).await;
        (api_version.to_owned(), kind.to_owned(), answer)
    }
}

/// Why there is no snapshot.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot list objects of kind {kind}: {error}")]
pub struct SnapshotError {
    /// The kind.
    pub kind: String,
    /// What the API server said.
    pub error: ApiError,
}
