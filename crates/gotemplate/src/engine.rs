//! One run: takes a template set, the host's context and limits, gives rendered text, never reads
//! anything from outside.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use crate::ast::{Source, Tree};
use crate::error::ExecError;
use crate::exec;
use crate::parse;
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

/// Definitions of a text that a function executes, which hide those of the set.
type Overlay = BTreeMap<Arc<str>, Arc<Tree>>;

/// A text that was executed before: the name it was parsed under and its trees.
type Parsed = (Box<str>, Rc<[Arc<Tree>]>);

/// One run over a template set. It may execute several templates.
pub struct Engine<'run> {
    set: &'run TemplateSet,
    context: &'run dyn Any,
    limits: Limits,
    steps: Cell<u64>,
    written: Cell<usize>,
    /// The executions under way, outermost first.
    active: RefCell<Vec<Arc<Tree>>>,
    overlays: RefCell<Vec<Rc<Overlay>>>,
    /// Where the calls stand that execute texts at this moment, outermost first.
    callers: RefCell<Vec<(Arc<Source>, usize)>>,
    parsed: RefCell<BTreeMap<Box<str>, Parsed>>,
}

impl<'run> Engine<'run> {
    /// Begins a run. Functions reach the context through their [`crate::Call`].
    pub fn new(set: &'run TemplateSet, context: &'run dyn Any, limits: Limits) -> Self {
        Self {
            set,
            context,
            limits,
            steps: Cell::new(0),
            written: Cell::new(0),
            active: RefCell::default(),
            overlays: RefCell::default(),
            callers: RefCell::default(),
            parsed: RefCell::default(),
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
        let Some(tree) = self.find(name) else {
            let quote = |name: &str| crate::quote::quote(name.as_bytes(), b'"', false);
            let (name, set) = (quote(name), quote(self.set.name()));
            let message = format!("no template {name} associated with template {set}");
            return Err(ExecError::new(None, message));
        };
        self.execute_tree(&tree, data)
    }

    /// Parses a text and executes it; what it defines is visible only within it and what it calls.
    pub fn execute_text(&self, name: &str, text: &str, data: Value) -> Result<String, ExecError> {
        if !text.contains(self.set.delimiters().0) {
            return Ok(text.to_owned());
        }
        let trees = self.parse(name, text)?;
        let mut overlay = Overlay::new();
        for tree in trees.iter() {
            if !tree.is_blank() || self.find(&tree.name).is_none() {
                overlay.insert(Arc::clone(&tree.name), Arc::clone(tree));
            }
        }
        let Some(own) = trees.iter().rfind(|tree| *tree.name == *name) else {
            return Ok(String::new());
        };
        self.overlays.borrow_mut().push(Rc::new(overlay));
        let result = self.execute_tree(own, data);
        self.overlays.borrow_mut().pop();
        result
    }

    /// Executes a text on behalf of a call that stands at an offset of a source.
    pub(crate) fn execute_text_for(
        &self,
        caller: (Arc<Source>, usize),
        name: &str,
        text: &str,
        data: Value,
    ) -> Result<String, ExecError> {
        self.callers.borrow_mut().push(caller);
        let result = self.execute_text(name, text, data);
        self.callers.borrow_mut().pop();
        result
    }

    /// Returns the innermost call that executes a text and stands in a source of another name.
    pub(crate) fn caller_outside(&self, name: &str) -> Option<(Arc<Source>, usize)> {
        let callers = self.callers.borrow();
        let mut outside = callers
            .iter()
            .rev()
            .filter(|(source, _)| *source.name != *name);
        outside.next().cloned()
    }

    /// Returns how many executions of the template are under way.
    pub fn active(&self, name: &str) -> usize {
        self.active
            .borrow()
            .iter()
            .filter(|tree| *tree.name == *name)
            .count()
    }

    /// Parses a text once, however often it is executed.
    fn parse(&self, name: &str, text: &str) -> Result<Rc<[Arc<Tree>]>, ExecError> {
        if let Some((parsed_name, trees)) = self.parsed.borrow().get(text)
            && **parsed_name == *name
        {
            return Ok(Rc::clone(trees));
        }
        let trees = parse::parse(self.set.functions(), name, text, self.set.delimiters())?;
        let trees: Rc<[_]> = trees.into();
        self.parsed
            .borrow_mut()
            .insert(text.into(), (name.into(), Rc::clone(&trees)));
        Ok(trees)
    }

    fn execute_tree(&self, tree: &Arc<Tree>, data: Value) -> Result<String, ExecError> {
        let mut output = String::new();
        // A nil given from outside is no value at all to Go.
        let data = Some(data).filter(|data| !data.is_nil());
        self.run(tree, data, &mut output)?;
        Ok(output)
    }

    /// Executes a tree that was found, appending to the output.
    pub(crate) fn run(
        &self,
        tree: &Arc<Tree>,
        data: Option<Value>,
        output: &mut String,
    ) -> Result<(), ExecError> {
        let depth = self.active.borrow().len();
        if depth >= self.limits.depth {
            let message = format!("exceeded maximum template depth ({})", self.limits.depth);
            return Err(ExecError::new(None, message));
        }
        self.active.borrow_mut().push(Arc::clone(tree));
        let result = crate::stack::grow(|| exec::execute(self, tree, data, output));
        self.active.borrow_mut().truncate(depth);
        result
    }

    /// Finds a definition, the innermost one first.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Tree>> {
        let overlays = self.overlays.borrow();
        let hidden = overlays.iter().rev().find_map(|overlay| overlay.get(name));
        hidden.or_else(|| self.set.tree(name)).map(Arc::clone)
    }

    /// Counts a step; the error says that there were too many.
    pub(crate) fn step(&self) -> Result<(), String> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > self.limits.steps {
            return Err(format!(
                "exceeded maximum number of steps ({})",
                self.limits.steps
            ));
        }
        Ok(())
    }

    /// Counts written bytes; the error says that there were too many.
    pub(crate) fn wrote(&self, bytes: usize) -> Result<(), String> {
        let written = self.written.get().saturating_add(bytes);
        self.written.set(written);
        if written > self.limits.output_bytes {
            return Err(format!(
                "exceeded maximum output ({} bytes)",
                self.limits.output_bytes
            ));
        }
        Ok(())
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
