//! graph + snapshot -> actions with reasons: takes the graph and what the cluster holds, gives the
//! value that is printed, serialised and executed, never writes to a cluster.

mod build;
mod compare;
mod differ;
mod digest;
mod fields;
mod file;
mod immutable;
mod journal;
mod json;
mod owner;
mod quantity;
mod seal;
mod snapshot;
mod types;

pub use build::offline;
pub use compare::{compare, settle, settle_created};
pub use differ::differences;
pub use digest::{DIGEST_ANNOTATION, digest};
pub use fields::{FieldChange, Json, MASK, changes, masked};
pub use file::{
    FileCluster, FileObject, FileService, MadeFrom, Mismatch, PLAN_FORMAT, PLAN_VERSION, PlanFile,
};
pub use immutable::immutable;
pub use journal::{journal_id, journal_key};
pub use json::PlanDocument;
pub use owner::{Owner, application_of, owner};
pub use snapshot::Snapshot;
pub use types::{Action, Certainty, Doubt, Handover, Plan, PlannedService, Reason, Step};
