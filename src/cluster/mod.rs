//! The kube wrapper and the only place with kube's types: takes objects as JSON values, gives what
//! the API server answers as JSON values and typed errors, never decides what to write.

mod access;
mod client;
mod connect;
mod discovery;
mod error;
mod identity;
mod logs;
mod mask;
mod snapshot;
#[cfg(test)]
pub(crate) mod testing;
mod watch;

pub use access::{AccessRule, Denied};
pub use client::{Apply, Cluster, FIELD_MANAGER, OWN_MANAGER, Propagation};
pub use connect::{ConnectError, ConnectOptions};
pub use discovery::{Discovery, Resource};
pub use error::{ApiError, Cause, Refusal};
pub use identity::Identity;
pub use logs::PodLog;
pub use mask::mask_secret_values;
pub use snapshot::SnapshotError;
pub use watch::{Watch, WatchHealth};
