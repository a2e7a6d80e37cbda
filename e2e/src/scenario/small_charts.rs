//! Our own small charts, one for each rule: takes the cases beside `crates/chart`, runs each by the
//! real `helm template` and by `firstlight chart template`, and compares both with each other and helm
//! with the output that is kept for the tests of the crate. Writes that output where asked to.
//!
//! Both work in copies, into which helm writes the dependencies that stand in neighbouring folders.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Context, Failure};
use crate::command::{Command, Output};
use crate::report;

const CHARTS: &str = "crates/chart/tests/charts";

/// What the tests of the crate give helm, too.
const WORDS: [&str; 7] = [
    "rel",
    ".",
    "--namespace",
    "ns",
    "--include-crds",
    "--kube-version",
    "1.34.0",
];

/// What stands for the middle of an error that is too long to be kept.
const CUT: &str = " [...] ";

/// An error that is longer is cut.
const LONGEST_ERROR: usize = 2000;

/// One call of `helm template`.
#[derive(Debug)]
struct Case {
    /// The chart's folder.
    folder: PathBuf,
    /// The copy of it that is rendered.
    copy: PathBuf,
    name: String,
    /// What helm is given besides [`WORDS`].
    words: Vec<String>,
}

pub(super) fn run(context: &Context) -> Result<(), Failure> {
    let charts = context.repository.join(CHARTS);
    let copies = context.output.join("small-charts");
    Command::new("cp")
        .arg("-R")
        .arg(&charts)
        .arg(&copies)
        .text()?;
    let cases = cases(&charts, &copies)?;
    if cases.is_empty() {
        return Err(Failure::of(format!("there are no cases in {CHARTS}")));
    }
    let (mut told, mut refused, mut recorded) = (Vec::new(), 0, 0);
    for case in &cases {
        let helm = case.call(Command::new("helm").arg("template"))?;
        let ours = case.call(Command::new(&context.firstlight).args(["chart", "template"]))?;
        refused += usize::from(helm.code != 0);
        if let Some(difference) = difference(&helm, &ours) {
            told.push(format!("{}: {difference}", case.title()));
        }
        if context.record {
            recorded += usize::from(case.record(&helm)?);
        } else if !case.is_recorded(&helm) {
            told.push(format!(
                "{}: helm prints something else than what is kept; `./e2e/run --record render` \
                 keeps it",
                case.title()
            ));
        }
    }
    if context.record {
        report::step(&format!("{recorded} outputs of helm were written anew"));
    }
    report::step(&format!(
        "our own charts: {} cases, {refused} of which helm refuses",
        cases.len()
    ));
    Failure::unless_empty("`firstlight chart template` is not `helm template`", told)
}

impl Case {
    fn call(&self, command: Command) -> Result<Output, Failure> {
        let command = command.args(WORDS).args(&self.words).folder(&self.copy);
        Ok(command.output()?)
    }

    fn title(&self) -> String {
        let folder = self.folder.file_name().unwrap_or_default();
        format!("{} {}", folder.to_string_lossy(), self.name)
    }

    /// Returns the files that keep the output and the error.
    fn files(&self) -> (PathBuf, PathBuf) {
        let at = |extension: &str| self.folder.join(format!("{}.{extension}", self.name));
        (at("out"), at("error"))
    }

    /// Returns what is kept of helm's output, the file for it and the one that must not be there.
    fn kept(&self, helm: &Output) -> (String, PathBuf, PathBuf) {
        let (out, error) = self.files();
        match helm.code {
            0 => (helm.stdout.clone(), out, error),
            _ => (self.kept_error(&helm.stderr), error, out),
        }
    }

    /// Returns an error without what says nothing of the chart: log lines, the hint to `--debug`, and
    /// where helm's copy of the chart lies.
    fn kept_error(&self, text: &str) -> String {
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with("level=") && !line.starts_with("Use --debug flag"))
            .collect();
        let above = self.copy.parent().unwrap_or(Path::new(""));
        let text = lines
            .join("\n")
            .replace(&format!("{}/", above.display()), "");
        format!("{}\n", text.trim_end())
    }

    fn is_recorded(&self, helm: &Output) -> bool {
        let (now, file, other) = self.kept(helm);
        let kept = fs::read_to_string(file).unwrap_or_default();
        let same = match kept.split_once(CUT) {
            Some((begin, end)) => now.starts_with(begin) && now.ends_with(end),
            None => kept == now,
        };
        same && !other.exists()
    }

    /// Keeps what helm printed; tells whether that is new.
    fn record(&self, helm: &Output) -> Result<bool, Failure> {
        if self.is_recorded(helm) {
            return Ok(false);
        }
        let (mut text, file, other) = self.kept(helm);
        if helm.code != 0 && text.len() > LONGEST_ERROR {
            let letters: Vec<char> = text.chars().collect();
            let part = LONGEST_ERROR / 4;
            let begin: String = letters[..part].iter().collect();
            let end: String = letters[letters.len() - part..].iter().collect();
            text = format!("{begin}{CUT}{end}");
        }
        if other.exists() {
            fs::remove_file(&other).map_err(unusable(&other))?;
        }
        fs::write(&file, text).map_err(unusable(&file))?;
        Ok(true)
    }
}

/// Returns in what two programs differ: where both refuse, each has its own words.
fn difference(helm: &Output, ours: &Output) -> Option<String> {
    let last = |text: &str| {
        text.trim_end()
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned()
    };
    match (helm.code, ours.code) {
        (0, 0) if helm.stdout == ours.stdout => None,
        (0, 0) => {
            let (mut helm, mut ours) = (helm.stdout.lines(), ours.stdout.lines());
            let mut number = 0;
            loop {
                number += 1;
                let (theirs, own) = (helm.next(), ours.next());
                if theirs != own || theirs.is_none() {
                    return Some(format!(
                        "line {number}: helm {theirs:?}, firstlight {own:?}"
                    ));
                }
            }
        }
        (0, _) => Some(format!("only firstlight refuses: {}", ours.stderr.trim())),
        (_, 0) => Some(format!("only helm refuses: {}", last(&helm.stderr))),
        // A mistake of firstlight itself is no refusal of the chart.
        (_, code @ (-1 | 1)) => Some(format!("firstlight ended with {code}")),
        _ => None,
    }
}

fn cases(charts: &Path, copies: &Path) -> Result<Vec<Case>, Failure> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = fs::read_dir(charts)
        .map_err(unusable(charts))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    for folder in folders {
        let file = folder.join("cases.txt");
        if !file.exists() {
            continue;
        }
        let copy = copies.join(folder.file_name().unwrap_or_default());
        let metadata = fs::read_to_string(folder.join("Chart.yaml")).unwrap_or_default();
        if metadata.contains("file://") {
            Command::new("helm")
                .args(["dependency", "build"])
                .folder(&copy)
                .text()?;
        }
        let text = fs::read_to_string(&file).map_err(unusable(&file))?;
        for line in text.lines() {
            let mut words = line.split(' ').map(str::to_owned);
            found.push(Case {
                folder: folder.clone(),
                copy: copy.clone(),
                name: words.next().unwrap_or_default(),
                words: words.collect(),
            });
        }
    }
    Ok(found)
}

fn unusable(path: &Path) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let path = path.display().to_string();
    move |error| Failure::of(format!("failed to read or write {path}: {error}"))
}
