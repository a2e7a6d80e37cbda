//! `firstlight completions`: a script that completes commands in a shell.

use clap::CommandFactory;

use crate::cli::arguments::{Arguments, CompletionsArguments};
use crate::cli::exit::Exit;
use crate::cli::output::Output;

pub(super) fn run(arguments: &CompletionsArguments, output: &mut Output) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "firstlight",
        &mut script,
    );
    output.result(&String::from_utf8_lossy(&script));
    Exit::Success
}
