//! What commands with a cluster share: which context is meant, the plan for that cluster's version,
//! and a runtime for requests.

use crate::cli::arguments::ClusterArguments;
use crate::cli::error::Failure;
use crate::cluster::{Cluster, ConnectOptions, Identity};
use crate::definition::Repository;
use crate::ops::{self, Fetching, Request};
use crate::plan::Plan;

/// A cluster and the plan for it.
pub(super) struct Target {
    pub(super) cluster: Cluster,
    pub(super) identity: Identity,
    pub(super) plan: Plan,
}

/// Returns a runtime for requests.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("cannot start threads: {error}")))
}

/// Plans an environment, connects to its cluster, and plans again for that cluster's version of
/// Kubernetes. What is wrong in the repository is told before any connection is made.
pub(super) async fn target(
    repository: &Repository,
    environment: &str,
    arguments: &ClusterArguments,
    fetching: &Fetching,
) -> Result<Target, Failure> {
    let request = Request {
        repository,
        environment,
        kubernetes_version: ops::DEFAULT_KUBERNETES_VERSION,
        fetching,
    };
    let in_repository = |error| Failure::from(error).in_repository(repository);
    let offline = ops::plan(&request).map_err(in_repository)?;
    let pinned = match &arguments.context {
        Some(context) => Some(context.clone()),
        None => ops::pinned_context(&request).map_err(in_repository)?,
    };
    let context = pinned.ok_or_else(|| Failure::no_context(environment))?;
    let options = ConnectOptions {
        kubeconfig: arguments.kubeconfig.clone(),
        context,
    };
    let (cluster, identity) = ops::connect(&options).await?;
    let version = identity.version.trim_start_matches('v');
    let plan = if version == request.kubernetes_version {
        offline
    } else {
        ops::plan(&Request {
            kubernetes_version: version,
            ..request
        })
        .map_err(in_repository)?
    };
    Ok(Target {
        cluster,
        identity,
        plan,
    })
}
