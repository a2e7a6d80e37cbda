//! Use cases: takes what a command asks for, composes the stages, gives values, never prints. The
//! only code that knows more than one stage.

mod plan;

pub use plan::{DEFAULT_KUBERNETES_VERSION, OpsError, Request, graph, plan, rendering};
