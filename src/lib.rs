//! firstlight installs a whole GitOps platform onto an empty Kubernetes cluster.
//!
//! Data flows one way; a stage takes the value of the stage before it and returns its own:
//!
//! ```text
//! definition -> catalog -> render -> graph -> plan -> apply -> handover
//!   (files)    (sources,  (objects) (edges,  (actions, (run)   (ownership)
//!               values)              waves)   reasons)
//! ```
//!
//! `ops` alone composes stages, `report` consumes their events, `cli` is the one error boundary.

pub mod apply;
pub mod catalog;
pub mod cli;
pub mod cluster;
pub mod definition;
pub mod finding;
pub mod glob;
pub mod graph;
pub mod handover;
pub mod images;
pub mod ops;
pub mod plan;
pub mod problem;
pub mod render;
pub mod report;
pub mod schema;
pub mod secrets;
pub mod source;
mod suggest;
