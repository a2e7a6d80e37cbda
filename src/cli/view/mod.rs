//! Values as text for people: takes values of the library, gives text that is aligned and readable
//! without colour, never prints.

mod findings;
mod graph;
mod plan;
mod words;

pub(super) use findings::{Checked, lint};
pub(super) use graph::graph;
pub(super) use plan::plan;
