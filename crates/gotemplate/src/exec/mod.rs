//! Execution: takes a tree and its data, gives text appended to the output, never finds templates
//! itself (the engine does).

mod argument;
mod block;
mod call;
mod field;
mod pipeline;
mod range;

use std::sync::Arc;

use crate::ast::{At, Node, Tree};
use crate::engine::Engine;
use crate::error::{ExecError, Frame, FunctionError};
use crate::printf::Printer;
use crate::value::{Kind, Value};

type Result<T> = std::result::Result<T, ExecError>;

/// What an operand gives. `None` is Go's zero `reflect.Value`: what a nil becomes when it passes
/// through a pipeline. Its fields are no value either, while a field of a nil found in data is an
/// error.
type Evaluated = Option<Value>;

/// Executes a tree with the data as its dot and as `$`.
pub(crate) fn execute(
    engine: &Engine<'_>,
    tree: &Tree,
    data: Option<Value>,
    output: &mut Vec<u8>,
) -> Result<()> {
    let dot = Slot {
        value: data,
        boxed: false,
    };
    let Some(first) = tree.root.first() else {
        return Ok(());
    };
    let mut executor = Executor {
        engine,
        tree,
        at: At::Node(first),
        variables: vec![(0, dot.clone())],
        output,
    };
    executor.list(&dot, &tree.root).map(|_| ())
}

/// The content of dot or of a variable.
#[derive(Debug, Clone, Default)]
struct Slot {
    value: Evaluated,
    /// The static type is `interface {}`, which Go names in errors instead of the value's own.
    boxed: bool,
}

/// Whether the loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// The execution of one tree.
struct Executor<'run, 'output> {
    engine: &'run Engine<'run>,
    tree: &'run Tree,
    /// What is being evaluated, for errors.
    at: At<'run>,
    /// A stack of variables, by number.
    variables: Vec<(u32, Slot)>,
    output: &'output mut Vec<u8>,
}

impl<'run> Executor<'run, '_> {
    fn error(&self, message: impl Into<String>) -> ExecError {
        ExecError::new(Some(self.tree.place(self.at)), message)
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(self.error(message))
    }

    /// Turns a function's error into one that knows its place and the way to it.
    fn function_failed(&self, function: &str, failure: FunctionError) -> ExecError {
        let function: Arc<str> = function.into();
        let place = self.tree.place(self.at);
        if let Some(mut cause) = failure.cause {
            let frame = Frame {
                place,
                function: Some(function),
                note: crate::error::shortened(failure.message),
            };
            cause.include_chain.insert(0, frame);
            return cause;
        }
        let mut error = ExecError::new(Some(place), failure.message);
        error.function = Some(function);
        error
    }

    /// Counts steps, and stops the run where there were too many.
    #[inline]
    fn steps(&self, count: usize) -> Result<()> {
        self.counted(self.engine.meter().steps(count))
    }

    /// Places the error of a limit that was met.
    #[inline]
    fn counted(&self, counted: std::result::Result<(), String>) -> Result<()> {
        counted.map_err(|message| self.error(message))
    }

    fn list(&mut self, dot: &Slot, nodes: &'run [Node]) -> Result<Flow> {
        for node in nodes {
            let flow = self.node(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, dot: &Slot, node: &'run Node) -> Result<Flow> {
        self.at = At::Node(node);
        match node {
            Node::Text { start, end } => {
                self.write(self.tree.source.text[*start..*end].as_bytes())?;
                Ok(Flow::Next)
            }
            Node::Action { pipe, .. } => {
                let value = self.pipeline(dot, pipe)?;
                if pipe.declarations.is_empty() {
                    self.at = At::Node(node);
                    self.print(node, value.as_ref())?;
                }
                Ok(Flow::Next)
            }
            Node::If(branch) => self.condition(dot, branch, false),
            Node::With(branch) => self.condition(dot, branch, true),
            Node::Range(branch) => self.range(dot, branch),
            Node::Template { name, pipe, .. } => {
                self.template(dot, name, pipe.as_ref())?;
                Ok(Flow::Next)
            }
            Node::Break { .. } => Ok(Flow::Break),
            Node::Continue { .. } => Ok(Flow::Continue),
        }
    }

    fn write(&mut self, text: &[u8]) -> Result<()> {
        self.counted(self.engine.meter().bytes(text.len()))?;
        self.output.extend_from_slice(text);
        Ok(())
    }

    fn print(&mut self, node: &Node, value: Option<&Value>) -> Result<()> {
        match value {
            None => self.write(b"<no value>"),
            Some(Value::String(text)) => self.write(text.as_bytes()),
            Some(value) if value.kind() == Kind::Function => {
                let shown = crate::ast::Shown {
                    tree: self.tree,
                    at: At::Node(node),
                };
                self.fail(format!("can't print {shown} of type {}", value.type_name()))
            }
            Some(value) => {
                let mut printer = Printer::following_pointers();
                printer.value(value);
                if printer.is_full() {
                    return self.fail(crate::meter::too_long().message);
                }
                self.write(printer.into_text().as_bytes())
            }
        }
    }
}
