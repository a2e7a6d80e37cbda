//! Use cases: takes what a command asks for, composes the stages, gives values, never prints. The
//! only code that knows more than one stage.

mod against;
pub mod chart;
mod checkouts;
mod findings;
mod fleet;
mod images;
mod install;
pub mod kustomize;
mod lint;
mod lock;
mod plan;
mod plugin;
mod status;
mod supply;

pub use against::{Comparison, RefusedWrite, against, denied};
pub use checkouts::repository_at;
pub use fleet::{Evaluated, FleetRequest, graphs};
pub use images::{Images, images};
pub use install::{InstallError, InstallOptions, Installation, Installed, connect, pinned_context};
pub use lint::{EnvironmentFindings, Found, Linted, Looked, merged};
pub use lock::{
    LockChange, LockReport, LockRequest, LockedEntry, LockedRepository, RepositoryChange,
    VendorReport, lock, vendor,
};
pub use plan::{
    DEFAULT_KUBERNETES_VERSION, OpsError, Request, catalogue, graph, kubernetes_version, plan,
    rendering, rendering_for, rendering_of_the_good,
};
pub use status::{Differing, ServiceState, ServiceStatus, Status, Unready, status};
pub use supply::{Fetching, SupplyError};
