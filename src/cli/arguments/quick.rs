//! The short way to the arguments of commands that are called very often: takes a command line, gives
//! what clap would make of it with all commands in view; never an error, nor help (what is not
//! understood goes the whole way).
//!
//! To set up the other commands, and the ways to them, takes longer than such a call otherwise does.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::{Args, Parser};

use super::{
    Arguments, BuildArguments, ChartArguments, ChartCommand, Color, Command, GlobalArguments,
    KustomizeArguments, KustomizeCommand, LoadRestrictor, Reorder, TemplateArguments,
};

/// One command's arguments, with those that every command understands.
#[derive(Debug, Parser)]
#[command(infer_long_args = true, disable_help_flag = true)]
struct Alone<T: Args> {
    #[command(flatten)]
    global: GlobalArguments,
    #[command(flatten)]
    own: T,
}

/// Reads a command line, whose first word is the program's name.
pub(in crate::cli) fn parse(line: &[OsString]) -> Result<Arguments, clap::Error> {
    short(line).map_or_else(|| Arguments::try_parse_from(line), Ok)
}

/// Reads a command line on the short way, where that leads somewhere.
fn short(line: &[OsString]) -> Option<Arguments> {
    let words: Vec<&str> = line
        .iter()
        .skip(1)
        .take(2)
        .map_while(|word| word.to_str())
        .collect();
    match words.as_slice() {
        ["kustomize", "build"] => {
            let alone = plain_build(&line[3..]).or_else(|| alone(&line[2..]))?;
            let command = KustomizeCommand::Build(alone.own.into());
            Some(Arguments {
                global: alone.global,
                command: Command::Kustomize(KustomizeArguments { command }.into()),
            })
        }
        ["chart", "template"] => {
            let alone: Alone<TemplateArguments> = alone(&line[2..])?;
            let command = ChartCommand::Template(alone.own.into());
            Some(Arguments {
                global: alone.global,
                command: Command::Chart(ChartArguments { command }.into()),
            })
        }
        _ => None,
    }
}

fn alone<T: Args>(line: &[OsString]) -> Option<Alone<T>> {
    Alone::try_parse_from(line).ok()
}

/// Returns the arguments of a build without options.
fn plain_build(line: &[OsString]) -> Option<Alone<BuildArguments>> {
    let directory = match line {
        [] => OsStr::new("."),
        [directory] => directory,
        _ => return None,
    };
    let is_plain = |directory: &str| !directory.is_empty() && !directory.starts_with('-');
    directory.to_str().filter(|it| is_plain(it))?;
    Some(Alone {
        global: GlobalArguments {
            repo: None,
            color: Color::Auto,
            offline: false,
            quiet: false,
            verbose: false,
        },
        own: BuildArguments {
            directory: PathBuf::from(directory),
            output: None,
            load_restrictor: LoadRestrictor::RootOnly,
            enable_helm: false,
            helm_kube_version: None,
            helm_api_versions: Vec::new(),
            reorder: Reorder::Legacy,
            enable_managedby_label: false,
            helm_command: None,
            helm_debug: false,
            enable_alpha_plugins: false,
            enable_exec: false,
            enable_star: false,
            network: false,
            network_name: None,
            as_current_user: false,
            env: Vec::new(),
            mount: Vec::new(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the short way reads is what the whole way reads; what it cannot read is refused there,
    /// or shown.
    #[test]
    fn the_short_way_leads_where_the_whole_way_does() {
        for (line, is_short) in [
            ("kustomize build", true),
            ("kustomize build a/b", true),
            ("kustomize build -q a", true),
            ("kustomize build a --enable-h --repo=r --reorder none", true),
            ("kustomize build --help", false),
            ("kustomize build -h", false),
            ("kustomize build --version", false),
            ("kustomize build help", true),
            ("kustomize build a b", false),
            ("kustomize build --wrong a", false),
            ("kustomize build -q -v a", false),
            ("kustomize", false),
            ("kustomize build -- -a", true),
            ("chart template r c", true),
            ("chart template r c --set a=b -f x -n y --color never", true),
            (
                "chart template r c --include-crds --kube-version 1.34.0",
                true,
            ),
            ("chart template", false),
            ("chart template r c --no-such", false),
            ("chart template --help", false),
            ("chart lint c", false),
            ("-q kustomize build a", false),
            ("lint a", false),
        ] {
            let line: Vec<OsString> = ["firstlight"]
                .into_iter()
                .chain(line.split(' '))
                .map(OsString::from)
                .collect();
            let short = short(&line);
            assert_eq!(short.is_some(), is_short, "{line:?}");
            if let Some(short) = short {
                let whole = Arguments::try_parse_from(&line).unwrap();
                assert_eq!(format!("{short:?}"), format!("{whole:?}"), "{line:?}");
            }
        }
    }
}
