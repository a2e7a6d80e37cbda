//! objects -> typed edges with evidence: takes rendered services, gives the graph of services, its
//! waves and its findings, never writes or waits.

mod build;
mod check;
mod cycle;
mod edge;
mod evidence;
mod export;
mod infer;
mod knowledge;
mod need;
mod order;
mod platform;
mod provided;
mod reduce;
mod selector;
mod sync_waves;
#[cfg(test)]
mod tests;
mod why;

pub use build::{GivenUp, Graph, GraphService, build};
pub use check::{Target, check_objects};
pub use edge::{Edge, Holds, Milestone};
pub use evidence::{Party, Reason, Rule, Strength};
pub use export::{Arrows, dot, mermaid};
pub use knowledge::Knowledge;
pub(crate) use need::is_foundation;
pub use reduce::{Wait, longest_chain, waits};
pub use sync_waves::{SyncWave, Verdict, sync_waves};
pub use why::{Answer, End, LookedAt, Step, Unfound, Within, why};
