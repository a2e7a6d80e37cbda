//! `firstlight chart show`: what a chart says about itself.

use crate::cli::arguments::{GlobalArguments, Part, ShowArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::ops::chart::{self as ops, ShownPart};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &ShowArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, &arguments.source.access, output)?;
    let part = match arguments.part {
        Part::All => ShownPart::All,
        Part::Chart => ShownPart::Chart,
        Part::Values => ShownPart::Values,
        Part::Readme => ShownPart::Readme,
        Part::Crds => ShownPart::Crds,
    };
    let reference = arguments
        .source
        .reference(&arguments.chart, global, fetching);
    output.verbatim(ops::show(&reference, part)?);
    Ok(Exit::Success)
}
