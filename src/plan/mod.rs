//! graph + snapshot -> actions with reasons: takes the graph and what the cluster holds, gives the
//! value that is printed, serialised and executed, never writes to a cluster.

mod build;
mod compare;
mod differ;
mod digest;
mod fields;
mod journal;
mod json;
mod quantity;
mod snapshot;
mod types;

pub use build::offline;
pub use compare::{compare, settle};
pub use differ::differences;
pub use digest::{DIGEST_ANNOTATION, digest};
pub use fields::{FieldChange, Json, MASK, changes, masked};
pub use journal::{journal_id, journal_key};
pub use json::PlanDocument;
pub use snapshot::Snapshot;
pub use types::{Action, Certainty, Handover, Plan, PlannedService, Reason, Step};
