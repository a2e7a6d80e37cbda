//! Where output goes: takes text, gives it to standard output or error with colour as asked for,
//! never decides what is said.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::arguments::{Color, Verbosity};
use super::exit::Exit;

const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Standard output and error.
pub(super) struct Output {
    choice: ColorChoice,
    verbosity: Verbosity,
    results: Vec<u8>,
    verbatim: bool,
    /// Standard output could not be written to.
    is_broken: bool,
}

impl Output {
    /// Returns the outputs of the process.
    pub(super) fn new(color: Color, verbosity: Verbosity) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            choice,
            verbosity,
            results: Vec::new(),
            verbatim: false,
            is_broken: false,
        }
    }

    /// Returns how much is to be said.
    pub(super) fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Tells whether what is drawn on standard error may have colour.
    pub(super) fn color_on_error(&self) -> bool {
        match self.choice {
            ColorChoice::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
            choice => choice != ColorChoice::Never,
        }
    }

    /// Adds to the result of the command, which goes to standard output in one piece at its end.
    pub(super) fn result(&mut self, text: &str) {
        self.results.extend_from_slice(text.as_bytes());
    }

    /// Adds what was made for programs: not a byte of it is changed, even where it looks like the
    /// colours of a terminal.
    pub(super) fn verbatim(&mut self, text: String) {
        self.verbatim = true;
        if self.results.is_empty() {
            self.results = text.into_bytes();
        } else {
            self.result(&text);
        }
    }

    /// Writes what was made for programs at once, after what came before: a large text in pieces,
    /// as [`Self::verbatim`] would.
    pub(super) fn verbatim_now<T: AsRef<str>>(&mut self, pieces: &[T]) {
        let write = || {
            // Not by `io::stdout`, which looks for the ends of lines in all that it is given.
            let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
            let mut stream = BufWriter::with_capacity(32 * 1024, file);
            for piece in pieces {
                stream.write_all(piece.as_ref().as_bytes())?;
            }
            stream.flush()
        };
        self.is_broken |= !self.flush_results() || !is_written(&write());
    }

    /// Writes to standard error at once.
    pub(super) fn message(&mut self, text: &str) {
        self.flush_results();
        let mut stream = AutoStream::new(io::stderr(), self.choice);
        // Nobody is left to be told where this fails.
        let _ = stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush());
    }

    /// Tells of something that the command goes on in spite of.
    pub(super) fn warning(&mut self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.message(&format!("{WARNING}warning:{WARNING:#} {text}\n"));
        }
    }

    fn flush_results(&mut self) -> bool {
        let results = std::mem::take(&mut self.results);
        let choice = if self.verbatim {
            ColorChoice::AlwaysAnsi
        } else {
            self.choice
        };
        let mut stream = AutoStream::new(io::stdout().lock(), choice);
        is_written(&stream.write_all(&results).and_then(|()| stream.flush()))
    }

    /// Writes what is left and returns the exit code.
    pub(super) fn finish(mut self, exit: Exit) -> ExitCode {
        let exit = if self.flush_results() && !self.is_broken {
            exit
        } else {
            Exit::Internal
        };
        ExitCode::from(exit as u8)
    }
}

/// Tells whether nothing is lost that somebody still wanted.
fn is_written(result: &io::Result<()>) -> bool {
    match result {
        // The reader has seen enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => true,
        result => result.is_ok(),
    }
}

/// Prints what the reader of the command line has to say: help, or what it did not understand.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let exit = if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Success
    };
    let _ = error.print();
    ExitCode::from(exit as u8)
}
