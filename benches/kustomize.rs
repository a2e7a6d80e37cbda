//! Building beside Kustomize: takes kustomizations and the `kustomize` program, gives in one run the
//! ratios of time per call of the program; never fails for being slow.
//!
//! ```console
//! $ cargo bench --bench kustomize -- [--kustomize PROGRAM] [--rounds N] [--sample N] [--table] DIR...
//! ```
//!
//! Every kustomization below the folders counts that both programs build by themselves: the network
//! should be cut off (`unshare --net`), for neither may fetch. The two take turns. Time is taken from
//! the start of a process to its end, and as what it uses of the processor, which other programs
//! disturb less. `true` shows what a process costs that does nothing.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{Usage, UsageWho, getrusage};

const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

struct Arguments {
    kustomize: String,
    rounds: usize,
    sample: usize,
    table: bool,
    folders: Vec<PathBuf>,
}

/// What a call takes.
#[derive(Clone, Copy)]
struct Cost {
    elapsed: Duration,
    processor: Duration,
}

impl Cost {
    /// Returns the least of several calls.
    fn least(calls: &[Self]) -> Option<Self> {
        Some(Self {
            elapsed: calls.iter().map(|call| call.elapsed).min()?,
            processor: calls.iter().map(|call| call.processor).min()?,
        })
    }
}

/// One kustomization's figures.
struct Figures {
    name: String,
    kustomize: Cost,
    own: Cost,
}

fn main() {
    let arguments = arguments();
    let mut folders: Vec<PathBuf> = Vec::new();
    for folder in &arguments.folders {
        find(folder, &mut folders);
    }
    folders.sort();
    let step = (folders.len() / arguments.sample.max(1)).max(1);
    let chosen = folders.iter().step_by(step).take(arguments.sample);
    let figures: Vec<Figures> = chosen
        .clone()
        .filter_map(|folder| measured(folder, &arguments))
        .collect();
    if arguments.table {
        table(&figures);
    }
    println!(
        "{} of {} kustomizations are built by both, of {} in all",
        figures.len(),
        chosen.count(),
        folders.len()
    );
    report("elapsed", &figures, |cost| cost.elapsed);
    report("processor", &figures, |cost| cost.processor);
    let nothing: Vec<Cost> = (0..50)
        .filter_map(|_| call("true", &[], Path::new(".")))
        .collect();
    if let Some(nothing) = Cost::least(&nothing) {
        println!(
            "a process that does nothing: {:.2} ms elapsed, {:.2} ms processor",
            millis(nothing.elapsed),
            millis(nothing.processor)
        );
    }
}

/// Adds the folders with a kustomization.
fn find(folder: &Path, found: &mut Vec<PathBuf>) {
    if FILE_NAMES.iter().any(|name| folder.join(name).is_file()) {
        found.push(folder.to_owned());
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // Links could lead in a circle.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            find(&entry.path(), found);
        }
    }
}

/// Returns the figures; none where one of the programs refuses the kustomization.
fn measured(folder: &Path, arguments: &Arguments) -> Option<Figures> {
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        theirs.push(call(&arguments.kustomize, &["build"], folder)?);
        let own = env!("CARGO_BIN_EXE_firstlight");
        ours.push(call(own, &["kustomize", "build"], folder)?);
    }
    Some(Figures {
        name: folder.display().to_string(),
        kustomize: Cost::least(&theirs)?,
        own: Cost::least(&ours)?,
    })
}

/// Returns what a call takes; none where it fails.
fn call(program: &str, words: &[&str], folder: &Path) -> Option<Cost> {
    let before = processor();
    let began = Instant::now();
    let status = Command::new(program)
        .args(words)
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program can be started");
    let elapsed = began.elapsed();
    let processor = processor().saturating_sub(before);
    status.success().then_some(Cost { elapsed, processor })
}

/// Returns what all processes that have ended have used of the processor.
fn processor() -> Duration {
    let sum = |usage: Usage| {
        let [user, system] = [usage.user_time(), usage.system_time()].map(|time| {
            let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
            let micros = u64::try_from(time.tv_usec()).unwrap_or_default();
            Duration::from_secs(seconds) + Duration::from_micros(micros)
        });
        user + system
    };
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(Duration::ZERO, sum)
}

/// Prints a line per kustomization.
fn table(figures: &[Figures]) {
    println!("| kustomization | kustomize, ms | call, ms | times |");
    println!("|---|--:|--:|--:|");
    for one in figures {
        let (theirs, ours) = (millis(one.kustomize.elapsed), millis(one.own.elapsed));
        println!(
            "| {} | {theirs:.1} | {ours:.2} | {:.1} |",
            one.name,
            theirs / ours
        );
    }
}

fn report(what: &str, figures: &[Figures], pick: fn(Cost) -> Duration) {
    let total =
        |of: fn(&Figures) -> Cost| -> Duration { figures.iter().map(|one| pick(of(one))).sum() };
    let (theirs, ours) = (total(|one| one.kustomize), total(|one| one.own));
    let mut ratios: Vec<f64> = figures
        .iter()
        .map(|one| pick(one.kustomize).as_secs_f64() / pick(one.own).as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    let part = |share: usize| {
        let part = ratios.get(ratios.len() * share / 100);
        part.copied().unwrap_or_default()
    };
    println!(
        "{what}: all {:.1} ms, kustomize {:.1} ms: {:.1} times; per call: least {:.1}, tenth {:.1}, median {:.1}, ninetieth {:.1} times",
        millis(ours),
        millis(theirs),
        theirs.as_secs_f64() / ours.as_secs_f64(),
        part(0),
        part(10),
        part(50),
        part(90),
    );
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn arguments() -> Arguments {
    let mut arguments = Arguments {
        kustomize: "kustomize".to_owned(),
        rounds: 5,
        sample: 120,
        table: false,
        folders: Vec::new(),
    };
    let mut given = std::env::args().skip(1);
    let number = |given: Option<String>| given.and_then(|text| text.parse().ok());
    while let Some(word) = given.next() {
        match word.as_str() {
            "--bench" => {}
            "--kustomize" => arguments.kustomize = given.next().expect("--kustomize PROGRAM"),
            "--rounds" => arguments.rounds = number(given.next()).expect("--rounds NUMBER"),
            "--sample" => arguments.sample = number(given.next()).expect("--sample NUMBER"),
            "--table" => arguments.table = true,
            folder => arguments.folders.push(folder.into()),
        }
    }
    arguments
}
