//! Which cluster this is: takes a connected cluster, gives what a person checks before a write,
//! never writes.

use serde::Serialize;

use super::client::Cluster;
use super::error::ApiError;
use crate::render::ObjectId;

/// What tells a cluster from another, to be shown before a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The context of the kubeconfig.
    pub context: String,
    /// The URL of the API server.
    pub server: String,
    /// The version of Kubernetes, such as `v1.34.4`.
    pub version: String,
    /// The UID of the namespace `kube-system`, which no other cluster has; absent where it may not be
    /// read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// How many nodes it has; absent where they may not be listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<usize>,
}

impl std::fmt::Display for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} at {}, Kubernetes {}",
            self.context, self.server, self.version
        )?;
        match self.nodes {
            Some(1) => formatter.write_str(", 1 node"),
            Some(count) => write!(formatter, ", {count} nodes"),
            None => Ok(()),
        }
    }
}

impl Cluster {
    /// Asks the cluster who it is.
    pub async fn identity(&self) -> Result<Identity, ApiError> {
        let system = ObjectId {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: "kube-system".to_owned(),
        };
        let (version, nodes, system) =
            tokio::join!(self.version(), self.list("v1", "Node"), self.get(&system));
        let uid = |live: serde_json::Value| {
            let uid = live.pointer("/metadata/uid")?.as_str()?;
            Some(uid.to_owned())
        };
        Ok(Identity {
            context: self.context().to_owned(),
            server: self.server().to_owned(),
            version: version?,
            uid: system.ok().flatten().and_then(uid),
            nodes: nodes.ok().map(|nodes| nodes.len()),
        })
    }
}
