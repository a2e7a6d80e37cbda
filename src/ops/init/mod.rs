//! A `firstlight.yaml` for a repository that has none: takes a directory, gives what in it yields
//! Applications, which of it is the root, how sure that is, and what each environment would have with
//! it; never writes, and proposes nothing that it did not try.

mod choose;
mod scan;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::definition::{DefinitionError, LayoutKind, Repository, SUPPLEMENT, YamlEdit};

use super::plan::{DEFAULT_KUBERNETES_VERSION, Request, read_with};
use super::supply::{Fetching, Mode, Supply};

use choose::{Candidate, candidates};
pub use scan::{Yielder, YielderKind};

/// Why nothing is proposed.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The directory is not there.
    #[error("{} is no directory", .0.display())]
    NoDirectory(PathBuf),
    /// Nothing yields Applications.
    #[error("nothing that yields Applications was found in {}{}", .directory.display(),
        if *.has_flux { ", but what Flux reads" } else { "" })]
    Nothing {
        /// Where it was looked for.
        directory: PathBuf,
        /// True where there are objects of Flux, which firstlight does not read.
        has_flux: bool,
    },
    /// A file is there that says what the layout is.
    #[error("{SUPPLEMENT} is there already, and says what the layout is")]
    Described,
    /// A file of the repository cannot be read.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
}

/// What is said of a repository.
#[derive(Debug)]
pub enum Survey {
    /// Its layout is a known one.
    Known {
        /// Whose.
        layout: &'static str,
        /// Its environments.
        environments: Vec<String>,
    },
    /// It needs a file.
    Proposed(Box<Proposed>),
}

/// A proposal.
#[derive(Debug)]
pub struct Proposed {
    /// The text of `firstlight.yaml`, with what was found as comments.
    pub text: String,
    /// True where a file is there, without a layout.
    pub exists: bool,
    /// The environments that there are with it.
    pub environments: Vec<String>,
}

/// How sure a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Sure,
    Likely,
    Guess,
}

/// What an environment has with a proposal.
struct Tried {
    environment: String,
    result: Result<Counts, String>,
}

impl Tried {
    fn is_good(&self) -> bool {
        (self.result.as_ref()).is_ok_and(|counts| counts.services + counts.refused > 0)
    }
}

/// How many Applications became services.
#[derive(Clone, Copy)]
struct Counts {
    services: usize,
    refused: usize,
}

/// No more environments are tried.
const TRIED: usize = 6;
/// No more candidates are tried, or told.
const CANDIDATES: usize = 4;
const TOLD: usize = 12;

/// Looks at a repository.
pub fn survey(root: &Path) -> Result<Survey, InitError> {
    if !root.is_dir() {
        return Err(InitError::NoDirectory(root.to_owned()));
    }
    let repository = Repository::of_files(root);
    let file = repository.read_optional(SUPPLEMENT)?;
    let is_described = file.as_ref().is_some_and(|file| {
        YamlEdit::new(file.text.clone()).is_ok_and(|edit| edit.get(&["layout"]).is_some())
    });
    if is_described {
        return Err(InitError::Described);
    }
    if let Some(known) = known(root)? {
        return Ok(known);
    }
    let scan = scan::scan(root);
    let candidates = candidates(&scan);
    if candidates.is_empty() {
        return Err(InitError::Nothing {
            directory: root.to_owned(),
            has_flux: scan.has_flux,
        });
    }
    let given = file.as_ref().map(|file| file.text.as_str());
    let Best { index, way, tried } = best(root, given, &candidates);
    let certainty = certainty(&candidates, &tried);
    let chosen = &candidates[index];
    let layout = layout(chosen, way);
    let mut text = format!("# {}\n", certainty.told(chosen));
    told(&mut text, &candidates, index, &scan);
    text.push_str(&layout);
    results(&mut text, &tried);
    Ok(Survey::Proposed(Box::new(Proposed {
        text,
        exists: file.is_some(),
        environments: tried.into_iter().map(|one| one.environment).collect(),
    })))
}

/// Returns what is said of a repository whose layout is known.
fn known(root: &Path) -> Result<Option<Survey>, InitError> {
    let Ok(repository) = Repository::open(root) else {
        return Ok(None);
    };
    let layout = repository.layout()?;
    let yields = layout.roots.iter().any(|one| root.join(&one.path).exists());
    let environments = repository.environments()?;
    if !yields || environments.is_empty() {
        return Ok(None);
    }
    Ok(Some(Survey::Known {
        layout: match layout.kind {
            LayoutKind::Phalanx => "that of Phalanx",
            _ => "firstlight's own",
        },
        environments,
    }))
}

/// Tries candidates, in the ways that each could be meant; returns the one by which there are the most
/// services, of equal ones the likeliest.
fn best(root: &Path, given: Option<&str>, candidates: &[Candidate]) -> Best {
    let mut best: Option<(usize, Best)> = None;
    for (index, candidate) in candidates.iter().enumerate().take(CANDIDATES) {
        for way in ways(candidate) {
            let mut text = given.unwrap_or_default().to_owned();
            text.push_str(&layout(candidate, way));
            let tried = attempt(root, &text);
            let counts = tried.iter().filter_map(|one| one.result.as_ref().ok());
            let mut sum: usize = counts.map(|counts| counts.services + counts.refused).sum();
            // What cannot be read here may be read where there is a network: half is believed.
            if sum == 0 && tried.iter().any(|one| one.result.is_err()) {
                sum = candidate.reached.div_ceil(2);
            }
            let is_good = !tried.is_empty() && tried.iter().all(Tried::is_good);
            if best.as_ref().is_none_or(|(most, _)| sum > *most) {
                best = Some((sum, Best { index, way, tried }));
            }
            // Only what is empty is worth another way.
            if is_good {
                break;
            }
        }
        // Where the likeliest is good, no other can be better but by being several.
        let is_good = |(_, best): &(usize, Best)| best.tried.iter().all(Tried::is_good);
        if index == 0 && candidates.len() == 1 && best.as_ref().is_some_and(is_good) {
            break;
        }
    }
    best.map_or_else(Best::default, |(_, best)| best)
}

/// The way in which a root is meant.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    value_files: bool,
    all_clusters: bool,
}

/// A candidate that was chosen, and what came of it.
#[derive(Default)]
struct Best {
    index: usize,
    way: Way,
    tried: Vec<Tried>,
}

/// Returns the ways that are tried: with the files of values that were found, then without; then with
/// all clusters.
fn ways(candidate: &Candidate) -> Vec<Way> {
    let mut ways = Vec::new();
    for all_clusters in [false, true] {
        for value_files in [true, false] {
            if !value_files || candidate.value_files.is_some() {
                ways.push(Way {
                    value_files,
                    all_clusters,
                });
            }
        }
    }
    ways
}

/// Tries a proposal.
fn attempt(root: &Path, text: &str) -> Vec<Tried> {
    let fetching = &Fetching::sealed();
    let repository = Repository::of_files(root).with_supplement(text);
    let Ok(environments) = repository.environments() else {
        return Vec::new();
    };
    let environments = environments.into_iter().take(TRIED);
    let tried = environments.map(|environment| {
        let request = Request {
            repository: &repository,
            environment: &environment,
            kubernetes_version: DEFAULT_KUBERNETES_VERSION,
            fetching,
        };
        let supply = Mutex::new(Supply::new(&repository, fetching, Mode::Obey));
        let result = read_with(&request, &supply)
            .map(|read| Counts {
                services: read.catalogue.services.len(),
                refused: read.catalogue.refused.len(),
            })
            .map_err(|error| error.to_string());
        Tried {
            environment,
            result,
        }
    });
    tried.collect()
}

fn certainty(candidates: &[Candidate], tried: &[Tried]) -> Certainty {
    let good = tried.iter().filter(|one| one.is_good()).count();
    match (good, candidates.len()) {
        (0, _) => Certainty::Guess,
        (good, 1) if good == tried.len() => Certainty::Sure,
        _ => Certainty::Likely,
    }
}

impl Certainty {
    fn told(self, candidate: &Candidate) -> String {
        let root = format!("the root is {} ({})", candidate.path, noun(candidate.kind));
        match self {
            Self::Sure => format!("Sure: {root}, and nothing else yields Applications by itself."),
            Self::Likely => format!("Likely: {root}, from which the most is reached."),
            Self::Guess => {
                format!("A guess: {root}, but nothing could be read from it here; see below.")
            }
        }
    }
}

fn noun(kind: YielderKind) -> &'static str {
    match kind {
        YielderKind::Chart => "a chart",
        YielderKind::Kustomization => "a kustomization",
        YielderKind::Directory => "a directory of manifests",
        YielderKind::File => "a file",
    }
}

fn layout(candidate: &Candidate, way: Way) -> String {
    let word = |text: &str| {
        let text = goyaml::to_string(&serde_json::json!(text));
        text.unwrap_or_default().trim_end().to_owned()
    };
    let mut text = format!("layout:\n  roots: {}\n", word(&candidate.path));
    if let Some(files) = candidate.value_files.as_ref().filter(|_| way.value_files) {
        let _ = writeln!(text, "  valueFiles: {}", word(files));
    }
    if way.all_clusters {
        text.push_str("  clusters: all\n");
    }
    text
}

fn told(text: &mut String, candidates: &[Candidate], best: usize, scan: &scan::Scan) {
    let _ = writeln!(
        text,
        "# Found: {} with Applications, of which nothing points at:",
        count(scan.yielders.len(), "place", "places")
    );
    for (index, candidate) in candidates.iter().enumerate().take(TOLD) {
        let several = match candidate.roots.len() {
            1 => String::new(),
            number => format!(", {number} of them"),
        };
        let _ = writeln!(
            text,
            "# {} {} ({}{several}): {} reached",
            if index == best { "*" } else { "-" },
            candidate.path,
            noun(candidate.kind),
            count(candidate.reached, "Application", "Applications"),
        );
    }
    if candidates.len() > TOLD {
        let _ = writeln!(text, "# - and {} more", candidates.len() - TOLD);
    }
    if let Some(limit) = &scan.limit {
        let _ = writeln!(text, "# Not everything was seen: {limit}.");
    }
    if candidates.len() > 1 {
        text.push_str("# Several roots can be given as a list.\n");
    }
}

fn results(text: &mut String, tried: &[Tried]) {
    for one in tried {
        let _ = match &one.result {
            Ok(counts) => {
                let refused = match counts.refused {
                    0 => String::new(),
                    number => format!(
                        ", and {} that cannot be read offline",
                        count(number, "more Application", "more Applications")
                    ),
                };
                writeln!(
                    text,
                    "# With it, {} has {}{refused}.",
                    one.environment,
                    count(counts.services, "service", "services")
                )
            }
            Err(cause) => {
                let cause = cause.lines().next().unwrap_or_default();
                writeln!(
                    text,
                    "# With it, {} cannot be read: {cause}.",
                    one.environment
                )
            }
        };
    }
    if tried.is_empty() {
        text.push_str("# With it, there is no environment.\n");
    }
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
