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
use crate::journal;
use crate::memory::Memory;
use crate::meter::{Limits, Meter};
use crate::parse;
use crate::set::TemplateSet;
use crate::text::Text;
use crate::trace::{Trace, Tracer};
use crate::value::Value;

/// Definitions of a text that a function executes, which hide those of the set.
type Overlay = BTreeMap<Arc<str>, Arc<Tree>>;

/// A text that was executed before: the name it was parsed under and its trees.
type Parsed = (Box<str>, Rc<[Arc<Tree>]>);

/// How many bytes of texts that functions execute are kept parsed.
const PARSED_BYTES: usize = 4 << 20;

/// One run over a template set. It may execute several templates.
pub struct Engine<'run> {
    set: &'run TemplateSet,
    context: &'run dyn Any,
    meter: Meter,
    /// How many executions are under way.
    depth: Cell<usize>,
    /// The templates of these executions, outermost first.
    active: RefCell<Vec<Arc<str>>>,
    overlays: RefCell<Vec<Rc<Overlay>>>,
    /// Where the calls stand that execute texts at this moment, outermost first.
    callers: RefCell<Vec<(Arc<Source>, usize)>>,
    parsed: RefCell<BTreeMap<Box<str>, Parsed>>,
    /// The length of all texts in `parsed`.
    parsed_bytes: Cell<usize>,
    /// What templates gave before, if the run remembers.
    memory: Option<Memory>,
    /// How many texts are being executed whose definitions may hide those of the set.
    hiding: Cell<usize>,
    tracer: Option<RefCell<Tracer>>,
}

impl<'run> Engine<'run> {
    /// Begins a run. Functions reach the context through their [`crate::Call`].
    pub fn new(set: &'run TemplateSet, context: &'run dyn Any, limits: Limits) -> Self {
        Self {
            set,
            context,
            meter: Meter::new(limits),
            depth: Cell::default(),
            active: RefCell::default(),
            overlays: RefCell::default(),
            callers: RefCell::default(),
            parsed: RefCell::default(),
            parsed_bytes: Cell::default(),
            tracer: None,
            memory: None,
            hiding: Cell::default(),
        }
    }

    /// Has the run remember what templates gave that functions execute, and not execute them again
    /// for the same data while nothing has changed. Functions that do not give the same for the
    /// same arguments must tell so by [`crate::Call::is_unsteady`].
    #[must_use]
    pub fn remembering(self) -> Self {
        Self {
            memory: Some(Memory::default()),
            ..self
        }
    }

    /// Lets the run keep where the pieces of its texts come from: to find out why a text is wrong.
    #[must_use]
    pub fn traced(mut self) -> Self {
        self.tracer = Some(RefCell::default());
        self
    }

    /// Returns where the text comes from that was executed last, in a traced run.
    pub fn trace(&self) -> Option<Trace> {
        self.tracer.as_ref()?.borrow_mut().take()
    }

    /// Returns the templates.
    pub fn templates(&self) -> &'run TemplateSet {
        self.set
    }

    /// Returns the host's context.
    pub fn context(&self) -> &'run dyn Any {
        self.context
    }

    /// Executes a template with the data as its dot. What it gives is UTF-8 unless a value in it
    /// is not.
    pub fn execute(&self, name: &str, data: Value) -> Result<Text, ExecError> {
        self.execute_bytes(name, data).map(Text::from_bytes)
    }

    /// Executes a template as [`Self::execute`] does, for those who want the bytes.
    pub fn execute_bytes(&self, name: &str, data: Value) -> Result<Vec<u8>, ExecError> {
        let Some(tree) = self.find(name) else {
            let quote = |name: &str| crate::quote::quote(name.as_bytes(), b'"', false);
            let (name, set) = (quote(name), quote(self.set.name()));
            let message = format!("no template {name} associated with template {set}");
            return Err(ExecError::new(None, message));
        };
        self.execute_tree(&tree, data)
    }

    /// Parses a text and executes it; what it defines is visible only within it and what it calls.
    pub fn execute_text(&self, name: &str, text: &str, data: Value) -> Result<Text, ExecError> {
        if !text.contains(self.set.delimiters().0) {
            return Ok(text.into());
        }
        let trees = self.parse(name, text)?;
        let mut overlay = Overlay::new();
        for tree in trees.iter() {
            if !tree.is_blank() || self.find(&tree.name).is_none() {
                overlay.insert(Arc::clone(&tree.name), Arc::clone(tree));
            }
        }
        let Some(own) = trees.iter().rfind(|tree| *tree.name == *name) else {
            return Ok(Text::EMPTY);
        };
        let hiding = self.hiding.get();
        let defines = overlay.keys().any(|defined| **defined != *name);
        self.hiding.set(hiding + usize::from(defines));
        self.overlays.borrow_mut().push(Rc::new(overlay));
        let result = self.execute_once(own, data);
        self.overlays.borrow_mut().pop();
        self.hiding.set(hiding);
        result
    }

    /// Executes a text on behalf of a call that stands at an offset of a source.
    pub(crate) fn execute_text_for(
        &self,
        caller: (Arc<Source>, usize),
        name: &str,
        text: &str,
        data: Value,
    ) -> Result<Text, ExecError> {
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
        let active = self.active.borrow();
        active.iter().filter(|one| ***one == *name).count()
    }

    /// Returns how many executions are under way.
    pub fn depth(&self) -> usize {
        self.depth.get()
    }

    /// Executes a template on behalf of a call, unless it is remembered what it gives.
    pub(crate) fn execute_for(&self, name: &str, data: Value) -> Result<Text, ExecError> {
        match self.find(name) {
            Some(tree) => self.execute_once(&tree, data),
            None => self.execute(name, data),
        }
    }

    /// Executes a tree, unless it is remembered what it gives.
    fn execute_once(&self, tree: &Arc<Tree>, data: Value) -> Result<Text, ExecError> {
        let Some(memory) = self.memory.as_ref().filter(|_| self.hiding.get() == 0) else {
            return self.execute_tree(tree, data).map(Text::from_bytes);
        };
        if let Some(text) = memory.recall(tree, &data) {
            counted(self.meter.steps(1))?;
            return Ok(text);
        }
        let execution = memory.begin();
        let result = self.execute_tree(tree, data.clone()).map(Text::from_bytes);
        if memory.end(&execution)
            && let Ok(text) = &result
        {
            counted(self.meter.bytes(text.len()))?;
            memory.keep(tree, data, text);
        }
        result
    }

    /// Parses a text once, however often it is executed.
    fn parse(&self, name: &str, text: &str) -> Result<Rc<[Arc<Tree>]>, ExecError> {
        if let Some((parsed_name, trees)) = self.parsed.borrow().get(text)
            && **parsed_name == *name
        {
            return Ok(Rc::clone(trees));
        }
        // The tree of a text takes many times its bytes.
        counted(self.meter.steps(text.len()))?;
        let most = parse::MAXIMUM_TOKENS;
        let trees = parse::parse(
            self.set.functions(),
            name,
            text.into(),
            self.set.delimiters(),
            most,
        )?;
        let trees: Rc<[_]> = trees.into();
        let mut parsed = self.parsed.borrow_mut();
        let mut bytes = self.parsed_bytes.get() + text.len();
        if bytes > PARSED_BYTES {
            parsed.clear();
            bytes = text.len();
        }
        self.parsed_bytes.set(bytes);
        parsed.insert(text.into(), (name.into(), Rc::clone(&trees)));
        Ok(trees)
    }

    fn execute_tree(&self, tree: &Arc<Tree>, data: Value) -> Result<Vec<u8>, ExecError> {
        let mut output = Vec::with_capacity(256);
        // A nil given from outside is no value at all to Go.
        let data = Some(data).filter(|data| !data.is_nil());
        if let Some(tracer) = &self.tracer {
            tracer.borrow_mut().begin();
        }
        let result = self.run(tree, data, &mut output);
        if let Some(tracer) = &self.tracer {
            tracer.borrow_mut().end(&output);
        }
        result.map(|()| output)
    }

    /// Executes a tree that was found, appending to the output.
    pub(crate) fn run(
        &self,
        tree: &Arc<Tree>,
        data: Option<Value>,
        output: &mut Vec<u8>,
    ) -> Result<(), ExecError> {
        let (depth, limit) = (self.depth.get(), self.meter.limits().depth);
        if depth >= limit {
            let message =
                format!("exceeded maximum template depth ({limit}): a recursion that does not end");
            return Err(ExecError::new(None, message));
        }
        counted(self.meter.steps(1 + self.overlays.borrow().len() / 8))?;
        self.depth.set(depth + 1);
        self.active.borrow_mut().push(Arc::clone(&tree.name));
        let result = crate::stack::grow(|| exec::execute(self, tree, data, output));
        self.active.borrow_mut().pop();
        self.depth.set(depth);
        result
    }

    /// Finds a definition, the innermost one first.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<Tree>> {
        let overlays = self.overlays.borrow();
        let hidden = overlays.iter().rev().find_map(|overlay| overlay.get(name));
        if hidden.is_some() {
            // It is another one outside of the text.
            journal::unsteady();
        }
        hidden.or_else(|| self.set.tree(name)).map(Arc::clone)
    }

    /// Returns what keeps where texts come from, in a traced run.
    #[inline]
    pub(crate) fn tracer(&self) -> Option<&RefCell<Tracer>> {
        self.tracer.as_ref()
    }

    /// Returns how many steps of [`Limits::steps`] the run has taken: for those who share them out
    /// among several runs.
    pub fn steps_taken(&self) -> u64 {
        self.meter.steps_taken()
    }

    /// Returns the counters of the run.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }
}

/// Words a limit that was met where nothing is being executed.
fn counted(counted: Result<(), String>) -> Result<(), ExecError> {
    counted.map_err(|message| ExecError::new(None, message))
}

impl fmt::Debug for Engine<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Engine")
            .field("meter", &self.meter)
            .finish_non_exhaustive()
    }
}
