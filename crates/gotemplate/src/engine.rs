//! One run: takes a template set, the host's context and limits, gives rendered text, never reads
//! anything from outside.

use std::any::Any;
use std::fmt;

use crate::error::ExecError;
use crate::set::TemplateSet;
use crate::value::Value;

/// What a run may use before it is stopped with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep templates may call each other, functions that execute templates included.
    pub depth: usize,
    /// How many bytes all executed templates of the run may write together.
    pub output_bytes: usize,
    /// How many actions and commands may be evaluated.
    pub steps: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 5_000,
            output_bytes: 512 * 1024 * 1024,
            steps: 500_000_000,
        }
    }
}

/// One run over a template set. It may execute several templates.
pub struct Engine<'run> {
    set: &'run TemplateSet,
    context: &'run dyn Any,
    limits: Limits,
}

impl<'run> Engine<'run> {
    /// Begins a run. Functions reach the context through their [`crate::Call`].
    pub fn new(set: &'run TemplateSet, context: &'run dyn Any, limits: Limits) -> Self {
        Self {
            set,
            context,
            limits,
        }
    }

    /// Returns the templates.
    pub fn templates(&self) -> &'run TemplateSet {
        self.set
    }

    /// Returns the host's context.
    pub fn context(&self) -> &'run dyn Any {
        self.context
    }

    /// Executes a template with the data as its dot.
    pub fn execute(&self, name: &str, data: Value) -> Result<String, ExecError> {
        let _ = (data, self.limits);
        Err(ExecError::new(None, format!("{name}: not there yet")))
    }

    /// Parses a text and executes it; what it defines is visible only within it and what it calls.
    pub fn execute_text(&self, name: &str, text: &str, data: Value) -> Result<String, ExecError> {
        let _ = text;
        self.execute(name, data)
    }

    /// Returns how many executions of the template are under way.
    pub fn active(&self, name: &str) -> usize {
        let _ = name;
        0
    }
}

impl fmt::Debug for Engine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Engine")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
