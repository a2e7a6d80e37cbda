//! The functions of charts for templates that are no charts: takes nothing, gives the table and
//! what its functions ask of a run, never renders.

use std::any::Any;
use std::time::SystemTime;

use gotemplate::FunctionTable;

use crate::context::{Context, Entropy, Nondeterministic};
use crate::functions;

/// Returns a table of one's own with Go's builtins and all functions of Sprig and Helm.
///
/// They run where the engine's context is that of a [`FunctionRun`].
pub fn function_table() -> FunctionTable {
    functions::table().as_ref().clone()
}

/// The state of one run that calls functions of [`function_table`].
#[derive(Debug)]
pub struct FunctionRun(Context);

impl FunctionRun {
    /// Begins a run with a clock, the system's where there is none, and a source of randomness.
    pub fn new(clock: Option<SystemTime>, entropy: Entropy) -> Self {
        Self(Context::new(clock, entropy))
    }

    /// Returns what the engine is to be given as its context.
    pub fn context(&self) -> &dyn Any {
        &self.0
    }

    /// Returns the calls noted since the last time that give something else each time.
    pub fn nondeterministic(&self) -> Vec<Nondeterministic> {
        self.0.calls()
    }
}
