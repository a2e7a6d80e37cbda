//! objects -> typed edges with evidence: takes rendered services, gives the graph of services, its
//! waves and its findings, never writes or waits.

mod edge;

pub use edge::{Edge, Milestone};
