//! What one rendering carries along: takes the clock and the source of randomness, gives them to
//! functions and notes who asked, never outlives the rendering.

use std::cell::{Cell, RefCell};
use std::time::{SystemTime, UNIX_EPOCH};

use gotemplate::{Call, FunctionError};
use sha2::Digest as _;

/// What texts that `tpl` executes are parsed under: no file.
pub(crate) const IN_TEXT: &str = "gotpl";

/// Where random functions get their numbers from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entropy {
    /// The operating system.
    #[default]
    System,
    /// A seed: the same one gives the same texts. Not for secrets.
    Seed([u8; 32]),
}

/// A call whose result differs from rendering to rendering.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nondeterministic {
    /// The function, such as `randAlphaNum`.
    pub function: String,
    /// The file that was being rendered, such as `chart/templates/secret.yaml`.
    pub template: String,
    /// The file in which the call stands, which differs where the rendered file includes another
    /// one. A call in a text that `tpl` executes stands where `tpl` is called first.
    pub file: String,
    /// The line of that file, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
}

/// The state of one rendering.
#[derive(Debug)]
pub(crate) struct Context {
    clock: Option<SystemTime>,
    entropy: Entropy,
    drawn: Cell<u64>,
    /// Random bytes of the system that were not used yet.
    reserve: RefCell<Vec<u8>>,
    template: RefCell<String>,
    calls: RefCell<Vec<Nondeterministic>>,
    /// Whether `fail` and `required` let everything pass.
    linting: bool,
    /// The message of the `fail` or `required` that stopped the rendering.
    told: RefCell<Option<String>>,
}

impl Context {
    pub(crate) fn new(clock: Option<SystemTime>, entropy: Entropy) -> Self {
        Self {
            clock,
            entropy,
            drawn: Cell::new(0),
            reserve: RefCell::default(),
            template: RefCell::default(),
            calls: RefCell::default(),
            linting: false,
            told: RefCell::default(),
        }
    }

    /// Lets `fail` and `required` let everything pass.
    pub(crate) fn linting(self, linting: bool) -> Self {
        Self { linting, ..self }
    }

    /// Returns whether `fail` and `required` let everything pass.
    pub(crate) fn is_linting(&self) -> bool {
        self.linting
    }

    /// Says which file is rendered from now on.
    pub(crate) fn enter(&self, template: &str) {
        template.clone_into(&mut self.template.borrow_mut());
    }

    /// Returns the file that is being rendered.
    pub(crate) fn template(&self) -> String {
        self.template.borrow().clone()
    }

    /// Notes a call whose result differs from rendering to rendering.
    pub(crate) fn note(&self, call: &Call<'_>) {
        let place = call.location_outside(IN_TEXT);
        let call = Nondeterministic {
            function: call.function().to_owned(),
            template: self.template(),
            file: place.template.to_string(),
            line: place.line,
            column: place.column,
        };
        let mut calls = self.calls.borrow_mut();
        if !calls.contains(&call) {
            calls.push(call);
        }
    }

    /// Returns the noted calls, each place once, in the order of their first calls.
    pub(crate) fn calls(&self) -> Vec<Nondeterministic> {
        self.calls.take()
    }

    /// Makes the error of a chart's author: `fail` and `required`.
    pub(crate) fn told(&self, message: &str) -> FunctionError {
        *self.told.borrow_mut() = Some(message.to_owned());
        FunctionError::new(message)
    }

    /// Returns the message of the `fail` or `required` that stopped the rendering.
    pub(crate) fn message_told(&self) -> Option<String> {
        self.told.take()
    }

    /// Returns seconds since 1970 and nanoseconds.
    pub(crate) fn now(&self) -> (i64, u32) {
        let now = self.clock.unwrap_or_else(SystemTime::now);
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        (
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            since.subsec_nanos(),
        )
    }

    /// Returns random bytes.
    pub(crate) fn bytes(&self, count: usize) -> Result<Vec<u8>, FunctionError> {
        let mut bytes = vec![0; count];
        match self.entropy {
            Entropy::System => self.fill_by_system(&mut bytes)?,
            Entropy::Seed(seed) => {
                for chunk in bytes.chunks_mut(32) {
                    let counter = self.drawn.get();
                    self.drawn.set(counter + 1);
                    let block = sha2::Sha256::new()
                        .chain_update(seed)
                        .chain_update(counter.to_be_bytes());
                    chunk.copy_from_slice(&block.finalize()[..chunk.len()]);
                }
            }
        }
        Ok(bytes)
    }

    /// Fills the bytes from the operating system, which is asked for many at a time.
    fn fill_by_system(&self, bytes: &mut [u8]) -> Result<(), FunctionError> {
        const MANY: usize = 512;
        let mut reserve = self.reserve.borrow_mut();
        if reserve.len() < bytes.len() {
            reserve.resize(MANY.max(bytes.len()), 0);
            getrandom::fill(&mut reserve)
                .map_err(|error| FunctionError::new(format!("no random numbers: {error}")))?;
        }
        let rest = reserve.len() - bytes.len();
        bytes.copy_from_slice(&reserve[rest..]);
        // Each byte is used once.
        reserve.truncate(rest);
        Ok(())
    }

    /// Returns a random number below the bound, each with the same probability.
    pub(crate) fn below(&self, bound: usize) -> Result<usize, FunctionError> {
        let bound = bound.max(1) as u64;
        let whole = u64::MAX - u64::MAX % bound;
        loop {
            let bytes = self.bytes(8)?;
            let number = bytes
                .iter()
                .fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
            if number < whole {
                return Ok(usize::try_from(number % bound).unwrap_or_default());
            }
        }
    }
}

/// Returns the state of the rendering that a function is called in. Who asks for it does not give
/// the same each time.
pub(crate) fn context<'run>(call: &Call<'run>) -> Result<&'run Context, FunctionError> {
    call.is_unsteady();
    call.context()
        .downcast_ref::<Context>()
        .ok_or_else(|| FunctionError::new("called outside of a rendering"))
}
