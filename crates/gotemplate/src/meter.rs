//! What a run uses: takes steps, written texts and values made, gives an error once there is more
//! than the limits allow, never measures time or the process's memory (a run must end alike
//! everywhere).

use std::cell::Cell;
use std::rc::Rc;

use crate::error::FunctionError;
use crate::value::Value;

/// The longest text that a function may make, in bytes (64 MiB).
pub const MAX_TEXT_BYTES: usize = 64 << 20;

/// The most elements that a function may make a list or a map of, or go through in nested ones.
pub const MAX_ELEMENTS: usize = 1_000_000;

/// What a run may use before it is stopped with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep templates may call each other, functions that execute templates included.
    pub depth: usize,
    /// How many bytes all executed templates of the run may write and its functions may make,
    /// together. What is thrown away again counts too, so this bounds the memory.
    pub output_bytes: usize,
    /// How many steps there may be: each action, command and argument is one, and functions take
    /// further ones for long texts and lists. This bounds the time.
    pub steps: u64,
    /// How long keys and password hashes may take, in milliseconds of a common processor.
    pub slow_milliseconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 5_000,
            output_bytes: 512 * 1024 * 1024,
            steps: 50_000_000,
            slow_milliseconds: 60_000,
        }
    }
}

/// What an element of a list takes in memory.
const ELEMENT_BYTES: usize = size_of::<Value>();
/// What an entry of a map takes in memory, its key's text apart.
const ENTRY_BYTES: usize = 2 * size_of::<Value>() + 16;
/// What an allocation takes beside its content.
const ALLOCATION_BYTES: usize = 32;
/// How many bytes a function goes through in the time of a step.
const BYTES_A_STEP: usize = 32;
/// How many elements a function goes through in the time of a step.
const ELEMENTS_A_STEP: usize = 4;

/// The counters of one run.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: Limits,
    steps: Cell<u64>,
    bytes: Cell<usize>,
    slow: Cell<u64>,
}

impl Meter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: Cell::new(0),
            bytes: Cell::new(0),
            slow: Cell::new(0),
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns how many steps were counted.
    pub(crate) fn steps_taken(&self) -> u64 {
        self.steps.get()
    }

    /// Counts steps; the error says that there were too many.
    #[inline]
    pub(crate) fn steps(&self, count: usize) -> Result<(), String> {
        let steps = self.steps.get().saturating_add(count as u64);
        self.steps.set(steps);
        if steps > self.limits.steps {
            return Err(self.too_many_steps());
        }
        Ok(())
    }

    #[cold]
    fn too_many_steps(&self) -> String {
        let limit = self.limits.steps;
        format!(
            "exceeded maximum number of steps ({limit}): a loop or recursion that does not end, or far too much to do"
        )
    }

    /// Counts bytes that were written or made; the error says that there were too many.
    pub(crate) fn bytes(&self, count: usize) -> Result<(), String> {
        let bytes = self.bytes.get().saturating_add(count);
        self.bytes.set(bytes);
        let limit = self.limits.output_bytes;
        if bytes > limit {
            return Err(format!(
                "exceeded maximum output ({limit} bytes written and made by functions): something here grows without end"
            ));
        }
        Ok(())
    }

    /// Counts what is slow by itself, before it is done.
    pub(crate) fn slow(&self, milliseconds: u64) -> Result<(), String> {
        let slow = self.slow.get().saturating_add(milliseconds);
        self.slow.set(slow);
        let limit = self.limits.slow_milliseconds;
        if slow > limit {
            return Err(format!(
                "exceeded maximum time for keys and password hashes ({limit} ms): make fewer of them, or keep them in a secret"
            ));
        }
        Ok(())
    }

    /// Counts what a function has to go through: the texts and elements it is given.
    pub(crate) fn given(&self, values: &[Value]) -> Result<(), String> {
        let size = |value: &Value| match value {
            Value::String(text) => text.len() / BYTES_A_STEP,
            Value::Bytes(bytes) => bytes.len() / BYTES_A_STEP,
            Value::List(list) => list.len() / ELEMENTS_A_STEP,
            _ => 0,
        };
        self.steps(values.iter().map(size).sum())
    }

    /// Counts the elements that a loop sets out to visit.
    pub(crate) fn elements(&self, count: usize) -> Result<(), String> {
        self.steps(count / ELEMENTS_A_STEP)
    }

    /// Counts what a function has made. What is shared with something else was made before.
    pub(crate) fn made(&self, value: &Value) -> Result<(), FunctionError> {
        if let Value::String(text) = value
            && text.len() > MAX_TEXT_BYTES
        {
            return Err(too_long());
        }
        let size = size(value);
        self.bytes(size)?;
        Ok(self.steps(size / BYTES_A_STEP)?)
    }
}

/// The error of a text that is longer than any may be.
pub(crate) fn too_long() -> FunctionError {
    FunctionError::new(format!(
        "made a text of more than {MAX_TEXT_BYTES} bytes, which no template needs"
    ))
}

/// Returns the bytes that a value has for itself alone, about.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) if !text.is_shared() => text.len() + ALLOCATION_BYTES,
        Value::Bytes(bytes) if Rc::strong_count(bytes) == 1 => bytes.len() + ALLOCATION_BYTES,
        Value::List(list) if !list.is_shared() => crate::stack::grow(|| {
            let nested: usize = list.iter().map(size).sum();
            nested + list.len() * ELEMENT_BYTES + ALLOCATION_BYTES
        }),
        Value::Map(map) if !map.is_shared() => crate::stack::grow(|| {
            let mut bytes = ALLOCATION_BYTES;
            if let Some(elements) = map.frozen_elements() {
                return bytes + elements * ENTRY_BYTES;
            }
            let counted: Result<(), ()> = map.visit(|key, value| {
                bytes += ENTRY_BYTES + key.len() + size(value);
                Ok(())
            });
            debug_assert!(counted.is_ok(), "counting does not fail");
            bytes
        }),
        _ => 0,
    }
}
