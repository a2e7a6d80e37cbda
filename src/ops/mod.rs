//! Use cases: takes what a command asks for, composes the stages, gives values, never prints. The
//! only code that knows more than one stage.

mod against;
mod bases;
pub mod chart;
mod checkouts;
mod diff;
mod drift;
mod findings;
mod fleet;
mod images;
pub mod init;
mod install;
pub mod kustomize;
mod lint;
mod lock;
pub mod new;
mod plan;
mod plan_file;
mod plugin;
mod refused;
mod secrets;
mod status;
mod supply;
mod values;
mod waves;

pub use against::{Asking, Comparison, RefusedWrite, against, against_with, denied};
pub use checkouts::repository_at;
pub use diff::{
    Change, DiffRequest, EdgeChange, EnvironmentChange, FindingChange, ObjectChange, Review,
    ServiceChange, SideProblem, State, Touched, diff,
};
pub use drift::{Drift, DriftedObject, LeftObject, drift};
pub use fleet::{FleetRequest, graphs};
pub use images::{Images, images};
pub use install::{InstallError, InstallOptions, Installation, Installed, connect, pinned_context};
pub use lint::{EnvironmentFindings, Found, Linted, Looked, merged};
pub use lock::{
    FileChange, LockChange, LockReport, LockRequest, LockedEntry, LockedFile, LockedRepository,
    RepositoryChange, VendorReport, lock, vendor,
};
pub use plan::{
    DEFAULT_KUBERNETES_VERSION, Evaluated, OpsError, Request, catalogue, graph, graph_of_the_good,
    kubernetes_version, plan, plan_of_the_good, rendering, rendering_for, rendering_of_the_good,
};
pub use plan_file::{
    OpsOrPlanFile, PlanFileError, made_from, read_plan_file, verify_cluster, verify_source,
    write_plan_file,
};
pub use status::{Differing, ServiceState, ServiceStatus, Status, Unready, status};
pub use supply::{Fetching, SupplyError};
pub use values::{ChartValues, ServiceValues, ValuesError, layers, values};
pub use waves::{ByHand, WaveEdit, WaveError, write_waves};
