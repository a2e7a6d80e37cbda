//! What a function sees of the run it is called in: takes the engine, gives execution of further
//! templates and the host's context, never the caller's variables.

use std::any::Any;
use std::sync::Arc;

use crate::ast::{At, Tree};
use crate::engine::Engine;
use crate::error::{ExecError, FunctionError, Place};
use crate::set::TemplateSet;
use crate::text::Text;
use crate::value::Value;

/// A place in a template's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The name that the text was parsed under: in Helm a file.
    pub template: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

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

    /// Finds out where the call stands, or, in a text that was executed under the given name, where
    /// the innermost call stands that executes such a text and is not itself in one.
    pub fn location_outside(&self, text_name: &str) -> Location {
        let own = (Arc::clone(&self.tree.source), self.at.offset());
        let (source, offset) = if *own.0.name == *text_name {
            self.engine.caller_outside(text_name).unwrap_or(own)
        } else {
            own
        };
        let position = source.position(offset);
        Location {
            template: Arc::clone(&source.name),
            line: position.line,
            column: position.column,
        }
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
    pub fn execute_template(&mut self, name: &str, data: Value) -> Result<Text, ExecError> {
        self.engine.execute_for(name, data)
    }

    /// Parses a text and executes it, as Helm's `tpl` does. What it defines is visible only within
    /// it and what it calls.
    pub fn execute_text(
        &mut self,
        template_name: &str,
        text: &str,
        data: Value,
    ) -> Result<Text, ExecError> {
        let caller = (Arc::clone(&self.tree.source), self.at.offset());
        self.engine
            .execute_text_for(caller, template_name, text, data)
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

    /// Tells the engine that what the function gives is not always the same for the same arguments,
    /// so that nothing is remembered of who calls it.
    pub fn is_unsteady(&self) {
        crate::journal::unsteady();
    }

    /// Returns how many executions of all templates are under way.
    pub fn depth(&self) -> usize {
        self.engine.depth()
    }

    /// Returns how many executions of the template are under way: what tells an endless recursion.
    pub fn active(&self, template_name: &str) -> usize {
        self.engine.active(template_name)
    }
}
