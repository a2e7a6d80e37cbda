//! The `firstlight` program.

use std::process::ExitCode;

/// A chart is read, rendered and printed as many small pieces: the system's allocator takes a
/// quarter of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    firstlight::cli::run(std::env::args_os())
}
