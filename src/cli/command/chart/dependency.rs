//! `firstlight chart dependency`: the charts below a chart.

use crate::cli::arguments::{
    DependencyArguments, DependencyChangeArguments, DependencyCommand, DependencyListArguments,
    GlobalArguments,
};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::ops::chart as ops;

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &DependencyArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    match &arguments.command {
        DependencyCommand::List(own) => list(own, output),
        DependencyCommand::Build(own) => change(global, own, false, output),
        DependencyCommand::Update(own) => change(global, own, true, output),
    }
}

fn list(arguments: &DependencyListArguments, output: &mut Output) -> Result<Exit, Failure> {
    let found = ops::dependencies(&arguments.chart)?;
    output.result(&view::dependencies(&found, arguments.max_col_width));
    for stranger in &found.strangers {
        let path = stranger.path.display();
        output.warning(&if stranger.is_chart {
            format!("{path} is no dependency of the chart")
        } else {
            format!("{path} is no chart")
        });
    }
    if found.dependencies.is_empty() {
        output.warning(&format!(
            "{} has no dependencies",
            arguments.chart.display()
        ));
    }
    Ok(Exit::Success)
}

fn change(
    global: &GlobalArguments,
    arguments: &DependencyChangeArguments,
    anew: bool,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, &arguments.access, output)?;
    let change = if anew {
        ops::update_dependencies(&arguments.chart, &fetching)?
    } else {
        ops::build_dependencies(&arguments.chart, &fetching)?
    };
    output.result(&view::dependency_change(&change));
    Ok(Exit::Success)
}
