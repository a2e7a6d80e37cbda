//! The API server's audit log: takes its file, gives the writes in the order of their arrival. Never
//! counts a dry run as a write.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// The log cannot be read.
#[derive(Debug, Error)]
pub(crate) enum AuditError {
    /// The file is not readable.
    #[error("failed to read the audit log {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is not an event.
    #[error("line {line} of the audit log is no event")]
    Parse {
        /// The line, counted from where reading began.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
}

/// One request that would change something.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// `create`, `update`, `patch`, `delete` or `deletecollection`.
    pub(crate) verb: String,
    /// The path with its query.
    #[serde(rename = "requestURI")]
    pub(crate) request_uri: String,
    /// Who asked.
    pub(crate) user: User,
    /// With which program.
    #[serde(default)]
    pub(crate) user_agent: String,
    /// For what.
    #[serde(default)]
    pub(crate) object_ref: ObjectRef,
    /// What was answered.
    #[serde(default)]
    pub(crate) response_status: Status,
    /// The body, where the policy keeps it.
    #[serde(default)]
    pub(crate) request_object: Value,
    /// When it arrived; of one form throughout, so that text order is the order of time.
    pub(crate) request_received_timestamp: String,
}

/// Who asked.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct User {
    /// The user's name.
    #[serde(default)]
    pub(crate) username: String,
}

/// The object of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ObjectRef {
    /// The API group, empty for the core group.
    pub(crate) api_group: String,
    /// The plural name of the kind.
    pub(crate) resource: String,
    /// `status` and the like.
    pub(crate) subresource: String,
    /// The namespace, empty for cluster-scoped kinds.
    pub(crate) namespace: String,
    /// The name.
    pub(crate) name: String,
}

/// The answer.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Status {
    /// The HTTP status.
    #[serde(default)]
    pub(crate) code: u16,
}

impl Event {
    /// Tells whether it only asked what would happen.
    pub(crate) fn is_dry_run(&self) -> bool {
        let query = self
            .request_uri
            .split_once('?')
            .map_or("", |(_, query)| query);
        query.split('&').any(|pair| pair.starts_with("dryRun="))
    }

    /// Tells whether it was granted.
    pub(crate) fn succeeded(&self) -> bool {
        (200..300).contains(&self.response_status.code)
    }

    /// Tells whether firstlight asked.
    pub(crate) fn by_firstlight(&self) -> bool {
        self.user_agent.starts_with("firstlight")
    }

    /// Returns it as one line.
    pub(crate) fn line(&self) -> String {
        format!(
            "{} {} {} {} by {} ({}): {}",
            self.request_received_timestamp,
            self.verb,
            self.object_ref.resource,
            self.request_uri,
            self.user.username,
            self.user_agent,
            self.response_status.code,
        )
    }
}

/// The log's file, with a place to read from.
#[derive(Debug, Clone)]
pub(crate) struct AuditLog {
    path: PathBuf,
    from: u64,
}

impl AuditLog {
    /// Returns the whole log.
    pub(crate) fn whole(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            from: 0,
        }
    }

    /// Returns what will come after now.
    pub(crate) fn from_now(path: &Path) -> Result<Self, AuditError> {
        let read = |source| AuditError::Read {
            path: path.to_owned(),
            source,
        };
        let from = std::fs::metadata(path).map_err(read)?.len();
        Ok(Self {
            path: path.to_owned(),
            from,
        })
    }

    /// Returns every write, in the order of arrival.
    pub(crate) fn writes(&self) -> Result<Vec<Event>, AuditError> {
        let read = |source| AuditError::Read {
            path: self.path.clone(),
            source,
        };
        let mut file = File::open(&self.path).map_err(read)?;
        file.seek(SeekFrom::Start(self.from)).map_err(read)?;
        let mut events = Vec::new();
        for (index, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(read)?;
            match serde_json::from_str::<Event>(&line) {
                Ok(event) if !event.is_dry_run() => events.push(event),
                Ok(_) => {}
                // The server may be in the middle of the last line.
                Err(source) if source.is_eof() => break,
                Err(source) => {
                    return Err(AuditError::Parse {
                        line: index + 1,
                        source,
                    });
                }
            }
        }
        events.sort_by(|a, b| {
            a.request_received_timestamp
                .cmp(&b.request_received_timestamp)
        });
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(uri: &str) -> Event {
        serde_json::from_value(serde_json::json!({
            "verb": "patch", "requestURI": uri, "user": {"username": "a"},
            "requestReceivedTimestamp": "2025-01-01T00:00:00.000001Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_dry_run_is_told_by_its_query() {
        assert!(event("/api/v1/namespaces/a?fieldManager=x&dryRun=All").is_dry_run());
        assert!(!event("/api/v1/namespaces/dryRun=All?fieldManager=x").is_dry_run());
    }
}
