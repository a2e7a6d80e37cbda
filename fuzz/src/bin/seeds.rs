//! Writes the first inputs of a target: takes its name, the repository and a folder, gives one
//! file for each input. Without arguments it lists the targets.

use std::io::Write as _;
use std::path::PathBuf;

use fuzz::{TARGETS, Target};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(name), Some(repository), Some(folder)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        let mut out = std::io::stdout().lock();
        for target in TARGETS {
            writeln!(out, "{}", target.name)?;
        }
        return Ok(());
    };
    let name = name.to_string_lossy();
    let target = Target::find(&name)
        .ok_or_else(|| std::io::Error::other(format!("there is no target {name}")))?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    for (number, seed) in target.seeds(&PathBuf::from(repository)).iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number:05}")), seed)?;
    }
    Ok(())
}
