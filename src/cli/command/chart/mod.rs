//! `firstlight chart`: what `helm` does with one chart, without a cluster.

mod template;

use crate::cli::arguments::{ChartArguments, ChartCommand};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;

pub(super) fn run(arguments: &ChartArguments, output: &mut Output) -> Result<Exit, Failure> {
    match &arguments.command {
        ChartCommand::Template(own) => template::run(own, output),
    }
}
