//! graph + snapshot -> actions with reasons: takes the graph and what the cluster holds, gives the
//! value that is printed, serialised and executed, never writes to a cluster.

mod build;
mod json;
mod tracking;
mod types;

pub use build::offline;
pub use json::PlanDocument;
pub use types::{Action, Certainty, Handover, Plan, PlannedService, Reason, Step};
