//! `firstlight chart package`: the directory of a chart as an archive.

use std::path::{Path, PathBuf};

use crate::cli::arguments::{GlobalArguments, PackageArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::ops::chart::{self as ops, PackageOptions};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &PackageArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if arguments.sign {
        return Err(Failure::refused(
            "firstlight signs no charts",
            "leave `--sign` out, and sign the archive with another program",
        ));
    }
    let fetching = super::fetching(global, &arguments.access, output)?;
    let options = PackageOptions {
        version: given(arguments.version.as_ref()),
        app_version: given(arguments.app_version.as_ref()),
        destination: destination(&arguments.destination),
        update: arguments.dependency_update.then_some(fetching),
    };
    for chart in &arguments.charts {
        let path = ops::package(chart, &options)?;
        // Helm's own sentence: scripts take the path out of it.
        let path = path.display();
        output.result(&format!(
            "Successfully packaged chart and saved it to: {path}\n"
        ));
    }
    Ok(Exit::Success)
}

/// Where nothing is said, helm tells the whole path.
fn destination(given: &Path) -> PathBuf {
    if given.as_os_str() == "." {
        std::path::absolute(given).unwrap_or_else(|_| given.to_owned())
    } else {
        given.to_owned()
    }
}

/// An empty text is as none to helm.
fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}
