//! Argo CD becomes the owner: takes a plan whose objects are in the cluster, writes AppProjects and
//! Applications, waits for Argo CD's own verdict on each; never writes an object of a service.

mod difference;
mod manifest;
mod state;
mod takeover;

pub use difference::{Difference, DifferenceKind};
pub use manifest::pending;
pub use state::{ApplicationState, judge};
pub use takeover::{Takeover, TakeoverError, TakeoverOutcome, WriteFailure};
