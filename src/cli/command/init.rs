//! `firstlight init`: a proposal for firstlight.yaml.

use std::path::PathBuf;

use crate::cli::arguments::{GlobalArguments, InitArguments};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::definition::SUPPLEMENT;
use crate::ops::init::{Survey, survey};
use crate::ops::new::{FileChange, write};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &InitArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let here = || std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let root = global.repo.clone().unwrap_or_else(here);
    match survey(&root)? {
        Survey::Known {
            layout,
            environments,
        } => {
            output.result(&format!(
                "this repository needs no {SUPPLEMENT}: its layout is {layout}\nenvironments: {}\n",
                environments.join(", ")
            ));
        }
        Survey::Proposed(proposed) if !arguments.write => output.result(&proposed.text),
        Survey::Proposed(proposed) if proposed.exists => {
            output.result(&proposed.text);
            return Err(Failure::refused(
                format!("{SUPPLEMENT} is there already, and is not replaced"),
                "put what is proposed above into it",
            ));
        }
        Survey::Proposed(proposed) => {
            write(&root, &[FileChange::new(SUPPLEMENT, proposed.text)])?;
            let environment = proposed.environments.first().map_or("ENV", String::as_str);
            output.result(&format!(
                "created {SUPPLEMENT}\n\nnext:\n  firstlight plan {environment}\n"
            ));
        }
    }
    Ok(Exit::Success)
}
