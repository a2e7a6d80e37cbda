//! The directory list is the architecture: takes the sources as text, fails where a module imports
//! what its place in the flow forbids, or a file breaks the house limits.

use std::fs;
use std::path::{Path, PathBuf};

/// The stages in the order of the flow: each may use those before it.
const STAGES: &[&str] = &[
    "definition",
    "catalog",
    "render",
    "graph",
    "plan",
    "apply",
    "handover",
];

/// Modules that stages never use: they stand above the stages, or beside them.
const ABOVE: &[&str] = &["images", "ops", "cli", "report"];

/// Crates that may only be used below these paths.
const CONFINED: &[(&str, &[&str])] = &[
    ("petgraph", &["graph/"]),
    ("indicatif", &["report/terminal"]),
    ("miette", &["definition/", "cli/"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("kube", &["cluster/"]),
    ("k8s_openapi", &["cluster/"]),
    ("reqwest", &["catalog/fetch/"]),
    ("rustls", &["catalog/fetch/"]),
];

/// What rendering, graph and plan must not know: clock, network, environment.
const PURE: &[&str] = &["definition", "catalog", "render", "graph", "images", "plan"];
/// The only network before `apply`.
const FETCHING: &str = "catalog/fetch/";
const IMPURE: &[&str] = &[
    "std::env",
    "std::net",
    "std::process",
    "Instant::now",
    "SystemTime::now",
    "tokio",
    "jiff",
];

const MAXIMUM_LINES: usize = 800;

struct SourceText {
    /// Relative to `src/`.
    path: String,
    text: String,
}

impl SourceText {
    fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Returns the lines of code, comments left out, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()))
            .filter(|(_, line)| !line.starts_with("//"))
    }
}

fn sources() -> Vec<SourceText> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    files
        .into_iter()
        .map(|path| SourceText {
            text: fs::read_to_string(&path).expect("a readable source"),
            path: path
                .strip_prefix(&root)
                .expect("a path below src")
                .to_string_lossy()
                .replace('\\', "/"),
        })
        .collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Returns the modules of this crate that a line names by `crate::`.
fn used_modules(line: &str) -> Vec<String> {
    line.match_indices("crate::")
        .flat_map(|(position, found)| {
            let rest = &line[position + found.len()..];
            let names = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap_or_default(),
                None => rest,
            };
            let several = rest.starts_with('{');
            names
                .split(',')
                .take(if several { usize::MAX } else { 1 })
                .map(|name| {
                    let name = name.trim();
                    let end = name
                        .find(|character: char| !(character.is_alphanumeric() || character == '_'))
                        .unwrap_or(name.len());
                    name[..end].to_owned()
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn violations(check: impl Fn(&SourceText, &str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            if let Some(violation) = check(&source, line) {
                found.push(format!("src/{}:{number}: {violation}", source.path));
            }
        }
    }
    found
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn stages_use_only_earlier_stages() {
    assert_none(&violations(|source, line| {
        let own = STAGES.iter().position(|stage| *stage == source.module())?;
        let later = used_modules(line).into_iter().find(|used| {
            STAGES
                .iter()
                .position(|stage| stage == used)
                .is_some_and(|used| used > own)
                || ABOVE.contains(&used.as_str())
        })?;
        Some(format!("{} may not use {later}", source.module()))
    }));
}

#[test]
fn only_the_program_uses_the_command_line() {
    assert_none(&violations(|source, line| {
        let outside = !matches!(source.module(), "cli" | "main");
        (outside && used_modules(line).iter().any(|used| used == "cli"))
            .then(|| "only main may use cli".to_owned())
    }));
}

#[test]
fn crates_stay_in_their_place() {
    assert_none(&violations(|source, line| {
        CONFINED.iter().find_map(|(name, places)| {
            let uses = line.contains(&format!("{name}::"))
                || line.contains(&format!("use {name};"))
                || line.contains(&format!("extern crate {name}"));
            let word = line.find(&format!("{name}::")).is_none_or(|position| {
                !line[..position].ends_with(|before: char| {
                    before.is_alphanumeric() || before == '_' || before == ':'
                })
            });
            let allowed = places.iter().any(|place| source.path.starts_with(place));
            (uses && word && !allowed).then(|| format!("{name} belongs to {}", places.join(", ")))
        })
    }));
}

#[test]
fn the_offline_stages_know_no_clock_network_or_environment() {
    assert_none(&violations(|source, line| {
        let pure = PURE.contains(&source.module()) && !source.path.starts_with(FETCHING);
        let word = IMPURE.iter().find(|word| line.contains(**word))?;
        pure.then(|| format!("{} may not use {word}", source.module()))
    }));
}

#[test]
fn nothing_is_printed_past_the_output() {
    assert_none(&violations(|_, line| {
        let printed = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!("];
        printed
            .iter()
            .find(|word| line.contains(**word))
            .map(|word| format!("uses {word}"))
    }));
}

#[test]
fn every_file_says_what_it_takes_gives_and_never_does_and_stays_short() {
    let mut found = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            found.push(format!("src/{} does not begin with //!", source.path));
        }
        let lines = source.text.lines().count();
        if lines > MAXIMUM_LINES {
            found.push(format!("src/{} has {lines} lines", source.path));
        }
    }
    assert_none(&found);
}

#[test]
fn imports_are_recognised() {
    assert_eq!(used_modules("use crate::graph::Edge;"), ["graph"]);
    assert_eq!(
        used_modules("use crate::{catalog, definition};"),
        ["catalog", "definition"]
    );
    assert_eq!(
        used_modules("let x = crate::ops::plan(crate::cli::X);"),
        ["ops", "cli"]
    );
    assert!(used_modules("use super::x;").is_empty());
}
