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

use arguments::Command;
use output::Output;

/// The argument with which the program starts itself, to evaluate Jsonnet apart.
const JSONNET_SERVER: &str = "internal-jsonnet";

/// Runs the program with these arguments, the first being its own name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments
        .get(1)
        .is_some_and(|argument| argument == JSONNET_SERVER)
    {
        let served = jsonnet::apart::serve(std::io::stdin(), std::io::stdout());
        return ExitCode::from(u8::from(served.is_err()));
    }
    let arguments = match arguments::parse(&arguments) {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let has_jsonnet = !matches!(arguments.command, Command::Chart(_) | Command::Kustomize(_));
    if has_jsonnet && let Ok(executable) = std::env::current_exe() {
        jsonnet::apart::enable(executable, JSONNET_SERVER);
    }
    let mut output = Output::new(arguments.global.color, arguments.global.verbosity());
    let result = command::run(&arguments, &mut output);
    let code = result.unwrap_or_else(|failure| failure.report(&mut output));
    output.finish(code)
}
