//! The command line: takes arguments, gives output and an exit code; thin commands over `ops`, one
//! error boundary, never a decision about the platform.

mod arguments;
mod command;
mod error;
mod exit;
mod output;
mod snippet;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use output::Output;

/// Runs the program with these arguments, the first being its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let mut output = Output::new(arguments.global.color, arguments.global.verbosity());
    let result = command::run(&arguments, &mut output);
    let code = result.unwrap_or_else(|failure| failure.report(&mut output));
    output.finish(code)
}
