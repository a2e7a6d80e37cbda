//! objects -> typed edges with evidence: takes rendered services, gives the graph of services, its
//! waves and its findings, never writes or waits.

mod build;
mod check;
mod cycle;
mod edge;
mod evidence;
mod export;
mod infer;
mod need;
mod order;
mod platform;
mod provided;
mod selector;
#[cfg(test)]
mod tests;

pub use build::{Graph, GraphService, build};
pub use check::{Target, check_objects};
pub use edge::{Edge, Holds, Milestone};
pub use evidence::{Party, Reason, Rule};
pub use export::{dot, mermaid};
