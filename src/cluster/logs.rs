//! What a failed pod said last: takes a pod, gives the tail of a container's log and the warnings
//! about an object, never follows a stream.

use serde_json::Value;

use super::client::Cluster;
use super::discovery::escape;
use super::error::ApiError;
use super::mask::mask_log;
use crate::render::ObjectId;

/// Which log to read.
#[derive(Debug, Clone)]
pub struct PodLog<'a> {
    /// The pod's namespace.
    pub namespace: &'a str,
    /// The pod's name.
    pub pod: &'a str,
    /// The container.
    pub container: &'a str,
    /// True for the container's former run, which a crash loop needs.
    pub previous: bool,
    /// How many lines.
    pub lines: u32,
}

impl Cluster {
    /// Returns the last lines of a container's log, without the values of the Secrets in its
    /// namespace. Where these cannot be read, the log is not shown either.
    pub async fn log_tail(&self, log: &PodLog<'_>) -> Result<Vec<String>, ApiError> {
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}/log?container={}&previous={}&tailLines={}&limitBytes=65536",
            escape(log.namespace),
            escape(log.pod),
            escape(log.container),
            log.previous,
            log.lines,
        );
        let secrets = format!("/api/v1/namespaces/{}/secrets", escape(log.namespace));
        let Ok(secrets) = self.read(&secrets).await else {
            let why = "(not shown: the namespace's Secrets cannot be read, to keep them out of it)";
            return Ok(vec![why.to_owned()]);
        };
        let secrets = secrets["items"].as_array().map_or(&[][..], Vec::as_slice);
        let text = mask_log(secrets, &self.text(&path).await?);
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Returns the newest warnings about an object, the oldest of them first.
    pub async fn warnings(&self, object: &ObjectId, count: usize) -> Result<Vec<String>, ApiError> {
        let namespace = object.namespace.as_deref().unwrap_or("default");
        let path = format!(
            "/api/v1/namespaces/{}/events?fieldSelector={}",
            escape(namespace),
            escape(&format!(
                "type=Warning,involvedObject.kind={},involvedObject.name={}",
                object.kind, object.name
            )),
        );
        let answer = self.read(&path).await?;
        let mut events: Vec<(&str, String)> = answer["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|event| {
                let text = |key: &str| event[key].as_str().unwrap_or_default();
                let when = [text("lastTimestamp"), text("eventTime")]
                    .into_iter()
                    .find(|when| !when.is_empty())
                    .unwrap_or_default();
                (
                    when,
                    format!("{}: {}", text("reason"), text("message").trim()),
                )
            })
            .collect();
        events.sort();
        let skipped = events.len().saturating_sub(count);
        Ok(events
            .into_iter()
            .skip(skipped)
            .map(|(_, text)| text)
            .collect())
    }

    pub(super) async fn read(&self, path: &str) -> Result<Value, ApiError> {
        let text = self.text(path).await?;
        serde_json::from_str(&text).map_err(|error| ApiError::Unreadable {
            message: error.to_string(),
        })
    }
}
