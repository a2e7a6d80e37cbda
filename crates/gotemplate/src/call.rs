//! What a function sees of the run it is called in: takes the engine, gives execution of further
//! templates and the host's context, never the caller's variables.

use std::any::Any;

use crate::ast::{At, Tree};
use crate::engine::Engine;
use crate::error::{ExecError, FunctionError, Place};
use crate::set::TemplateSet;
use crate::value::Value;

/// The run that a function is called in.
#[derive(Debug)]
pub struct Call<'run> {
    engine: &'run Engine<'run>,
    function: &'run str,
    tree: &'run Tree,
    at: At<'run>,
}

impl<'run> Call<'run> {
    pub(crate) fn new(
        engine: &'run Engine<'run>,
        function: &'run str,
        tree: &'run Tree,
        at: At<'run>,
    ) -> Self {
        Self {
            engine,
            function,
            tree,
            at,
        }
    }

    /// Finds out where the call stands.
    pub fn place(&self) -> Place {
        self.tree.place(self.at)
    }

    /// Returns the name that the function was called by.
    pub fn function(&self) -> &'run str {
        self.function
    }

    /// Returns what the embedding program gave to the run.
    pub fn context(&self) -> &'run dyn Any {
        self.engine.context()
    }

    /// Returns the templates of the run, without those that [`Self::execute_text`] added.
    pub fn templates(&self) -> &'run TemplateSet {
        self.engine.templates()
    }

    /// Executes a template of the set with the data as its dot, as Helm's `include` does.
    pub fn execute_template(&mut self, name: &str, data: Value) -> Result<String, ExecError> {
        self.engine.execute(name, data)
    }

    /// Parses a text and executes it, as Helm's `tpl` does. What it defines is visible only within
    /// it and what it calls.
    pub fn execute_text(
        &mut self,
        template_name: &str,
        text: &str,
        data: Value,
    ) -> Result<String, ExecError> {
        self.engine.execute_text(template_name, text, data)
    }

    /// Counts work that takes as long as so many steps: what the lengths of the arguments and of
    /// the result do not tell. The error says that the run has done too much.
    pub fn spend_steps(&self, count: usize) -> Result<(), FunctionError> {
        Ok(self.engine.meter().steps(count)?)
    }

    /// Counts what is slow by itself, such as making a key, before it is done. The error says that
    /// there was too much of it.
    pub fn spend_milliseconds(&self, count: u64) -> Result<(), FunctionError> {
        Ok(self.engine.meter().slow(count)?)
    }

    /// Returns how many executions of the template are under way: what tells an endless recursion.
    pub fn active(&self, template_name: &str) -> usize {
        self.engine.active(template_name)
    }
}
