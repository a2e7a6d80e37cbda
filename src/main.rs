//! The `firstlight` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    firstlight::cli::run(std::env::args_os())
}
