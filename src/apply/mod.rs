//! (run): takes a plan and a cluster, writes the plan's objects and waits until they are ready,
//! gives an outcome and tells events on the way; never plans, prints or asks a person.

mod context;
mod dispatcher;
mod event;
mod explain;
mod gate;
mod hook;
mod outcome;
mod queue;
pub mod readiness;
mod retry;
mod stage;
#[cfg(test)]
pub(crate) mod testing;
mod unit;
mod view;
mod wait;

pub(crate) use context::{Context, Scope, refusal_words};
pub use dispatcher::{Run, RunOptions};
pub use event::{Emitter, Event, OpenApplication, ServiceOutline};
pub use outcome::{Change, Failure, FailureKind, Outcome, ServiceOutcome, ServiceResult, Summary};
pub use queue::{Blocked, Queue};
