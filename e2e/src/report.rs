//! What a person sees: takes sentences, gives lines, never decides anything. The one place that writes
//! to the terminal.

use std::error::Error;
use std::fmt;
use std::io::Write;
use std::time::Instant;

/// Writes a line of progress to standard error.
pub(crate) fn say(line: &str) {
    // A closed terminal is no reason to fail.
    let _ = writeln!(std::io::stderr().lock(), "e2e: {line}");
}

/// Writes a step within a scenario.
pub(crate) fn step(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "e2e:   {line}");
}

/// Writes a line of the result to standard output.
pub(crate) fn print(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Writes an error with all its causes.
pub(crate) fn error(error: &dyn Error) {
    say(&error.to_string());
    let mut cause = error.source();
    while let Some(inner) = cause {
        say(&format!("  because: {inner}"));
        cause = inner.source();
    }
}

/// The time since something began, shown in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.1} s", self.0.elapsed().as_secs_f64())
    }
}
