//! `firstlight chart pull`: a chart from elsewhere, on disk.

use crate::cli::arguments::{GlobalArguments, PullArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::ops::chart::{self as ops, PullOptions};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &PullArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, &arguments.source.access, output)?;
    let options = PullOptions {
        destination: arguments.destination.clone(),
        unpack: arguments.untar.then(|| arguments.untar_dir.clone()),
    };
    for chart in &arguments.charts {
        let reference = arguments.source.reference(chart, global, fetching.clone());
        let pulled = ops::pull(&reference, &options)?;
        let path = pulled.path.display();
        output.result(&format!("{}: {path}\n{}\n", pulled.chart, pulled.digest));
    }
    Ok(Exit::Success)
}
