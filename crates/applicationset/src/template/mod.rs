//! Texts with parameters in them: takes a text in one of the two languages and parameters, gives the
//! text filled in, never more than the limits of an expansion allow.
//!
//! Source: `Render` in Argo CD's `applicationset/utils/utils.go`.

mod fast;
pub(crate) mod fill;
mod functions;
mod names;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use chart::{Entropy, FunctionRun};
use gotemplate::{Engine, FunctionTable, Limits, Map, MissingKey, TemplateSet, Value};

pub(crate) use names::sanitized;

use crate::error::excerpt;

/// Why a text cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What all texts of an expansion may take together.
const STEPS: u64 = 20_000_000;

/// What all texts of an expansion may be long together.
const BYTES: usize = 256 << 20;

/// How deep the templates that one text defines may call each other.
const DEPTH: usize = 1_000;

/// How long one text may compute keys and password hashes, in milliseconds.
const SLOW_MILLISECONDS: u64 = 10_000;

/// Fills in the texts of one `ApplicationSet`.
pub(crate) struct Renderer {
    /// The Go templates' rule for missing keys; nothing where the texts are not Go templates.
    go: Option<MissingKey>,
    functions: Arc<FunctionTable>,
    run: FunctionRun,
    parsed: RefCell<BTreeMap<String, Rc<TemplateSet>>>,
    steps: Cell<u64>,
    bytes: Cell<usize>,
}

impl Renderer {
    /// Begins an expansion. Nothing for the rule of missing keys means that texts have `{{name}}`.
    pub(crate) fn new(go: Option<MissingKey>) -> Self {
        Self {
            go,
            functions: functions::table(),
            run: FunctionRun::new(None, Entropy::System),
            parsed: RefCell::default(),
            steps: Cell::new(STEPS),
            bytes: Cell::new(BYTES),
        }
    }

    /// Returns whether texts are Go templates.
    pub(crate) fn is_go(&self) -> bool {
        self.go.is_some()
    }

    /// Returns the functions that were called and give something else each time.
    pub(crate) fn unsteady(&self) -> Vec<String> {
        let calls = self.run.nondeterministic();
        let mut names: Vec<String> = calls.into_iter().map(|call| call.function).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Fills in one text.
    pub(crate) fn replace(&self, text: &str, params: &Map) -> Result<String, Fault> {
        let filled = match self.go {
            None => fast::replace(text, params)?,
            // Nothing is done with a text without an action.
            Some(_) if !text.contains("{{") => text.to_owned(),
            Some(missing_key) => self.execute(text, params, missing_key)?,
        };
        let Some(left) = self.bytes.get().checked_sub(filled.len()) else {
            let message =
                format!("makes the texts of this ApplicationSet longer than {BYTES} bytes");
            return Err(Fault::new(message).help("let it yield fewer or smaller Applications"));
        };
        self.bytes.set(left);
        Ok(filled)
    }

    fn execute(&self, text: &str, params: &Map, missing_key: MissingKey) -> Result<String, Fault> {
        let set = self.set(text, missing_key)?;
        let limits = Limits {
            depth: DEPTH,
            output_bytes: self.bytes.get(),
            steps: self.steps.get(),
            slow_milliseconds: SLOW_MILLISECONDS,
        };
        let engine = Engine::new(&set, self.run.context(), limits);
        let filled = engine.execute("", Value::Map(params.clone()));
        let left = self.steps.get().saturating_sub(engine.steps_taken());
        self.steps.set(left);
        match filled {
            Ok(filled) => Ok(filled.to_str().into_owned()),
            Err(error) => {
                let message = format!("cannot be filled in: `{}`: {error}", excerpt(text));
                Err(Fault {
                    message,
                    help: help_with(&error.message),
                })
            }
        }
    }

    /// Parses each text once, however many Applications are made of it.
    fn set(&self, text: &str, missing_key: MissingKey) -> Result<Rc<TemplateSet>, Fault> {
        /// Texts with many parameters in them differ from Application to Application.
        const KEPT: usize = 10_000;
        if let Some(set) = self.parsed.borrow().get(text) {
            return Ok(Rc::clone(set));
        }
        let mut set = TemplateSet::new(Arc::clone(&self.functions)).with_missing_key(missing_key);
        set.parse("", text).map_err(|error| {
            let message = format!("is no Go template: `{}`: {error}", excerpt(text));
            Fault::new(message)
        })?;
        let set = Rc::new(set);
        let mut parsed = self.parsed.borrow_mut();
        if parsed.len() >= KEPT {
            parsed.clear();
        }
        parsed.insert(text.to_owned(), Rc::clone(&set));
        Ok(set)
    }
}

/// Returns how to mend what a Go template fails with, where there is a common way.
fn help_with(message: &str) -> Option<String> {
    let help = if message.contains("map has no entry for key") {
        "no generator yields it for this Application: give it a value, or ask for it by `dig` with \
         a default, or leave out `missingkey=error` in goTemplateOptions"
    } else if message.contains("nil pointer evaluating") {
        "what stands before the last name is not there: let the generator yield it, or ask by `dig`"
    } else if message.contains("maximum template depth") {
        "a template that is defined in it calls itself without end"
    } else {
        return None;
    };
    Some(help.to_owned())
}
