//! Rendering beside Helm: takes charts and the `helm` program, gives in one run the ratios of time
//! and memory, per call of the program and per chart in-process; never fails for being slow.
//!
//! ```console
//! $ cargo bench --bench charts -- [--helm PROGRAM] [--rounds N] [--verbose] [DIR...]
//! ```
//!
//! Every chart below the folders counts that both programs render with its own values; without a
//! folder, those of this repository. The two programs take turns, and each chart's figure is the
//! least of its rounds, so that what else the machine does disturbs neither more than the other.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chart::{
    Capabilities, Chart, KubeVersion, LoadOptions, ReleaseOptions, RenderOptions, Values, render,
};
use nix::sys::resource::{UsageWho, getrusage};

const KUBE_VERSION: &str = "1.34.0";

struct Arguments {
    helm: String,
    rounds: usize,
    verbose: bool,
    folders: Vec<PathBuf>,
}

/// One chart's figures: least wall time of a call, and of a rendering of the loaded chart.
struct Figures {
    name: String,
    helm: Duration,
    call: Duration,
    in_process: Duration,
}

/// What is looked at of a chart's figures.
type Pick = fn(&Figures) -> Duration;

fn main() {
    let arguments = arguments();
    let charts: Vec<PathBuf> = arguments
        .folders
        .iter()
        .flat_map(|dir| charts(dir))
        .collect();
    let own = [env!("CARGO_BIN_EXE_firstlight"), "chart"];
    let helm = [arguments.helm.as_str()];
    let usable: Vec<&PathBuf> = charts
        .iter()
        .filter(|chart| call(&own, chart).is_some())
        .collect();
    // The largest child so far: ours must be read before the first call of helm.
    let own_memory = largest_child();
    let mut figures = Vec::new();
    for path in usable {
        let mut least: Option<(Duration, Duration)> = None;
        for _ in 0..arguments.rounds {
            let (Some(helm), Some(own)) = (call(&helm, path), call(&own, path)) else {
                least = None;
                break;
            };
            least = Some(least.map_or((helm, own), |(a, b)| (a.min(helm), b.min(own))));
        }
        let (Some((helm, call)), Some(in_process)) = (least, in_process(path)) else {
            continue;
        };
        figures.push(Figures {
            name: path.display().to_string(),
            helm,
            call,
            in_process,
        });
    }
    report(&figures, arguments.verbose, charts.len());
    println!(
        "peak memory of the largest call: firstlight {} MiB, helm {} MiB",
        own_memory / 1024,
        largest_child() / 1024
    );
}

fn report(figures: &[Figures], verbose: bool, found: usize) {
    if verbose {
        for one in figures {
            println!(
                "{:8.1} ms helm {:8.2} ms call {:8.3} ms in-process  {}",
                millis(one.helm),
                millis(one.call),
                millis(one.in_process),
                one.name
            );
        }
    }
    let total = |pick: Pick| figures.iter().map(pick).sum::<Duration>();
    let helm = total(|one| one.helm);
    println!("{} of {found} charts are rendered by both", figures.len());
    let kinds: [(&str, Pick); 2] = [
        ("a call of the program", |one| one.call),
        ("a chart in-process", |one| one.in_process),
    ];
    for (what, pick) in kinds {
        let mut ratios: Vec<f64> = figures
            .iter()
            .map(|one| one.helm.as_secs_f64() / pick(one).as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let part = |share: usize| {
            ratios
                .get(ratios.len() * share / 100)
                .copied()
                .unwrap_or(0.0)
        };
        println!(
            "{what}: all {:.1} ms, helm {:.1} ms: {:.0} times; per chart: least {:.0}, tenth {:.0}, median {:.0} times",
            millis(total(pick)),
            millis(helm),
            helm.as_secs_f64() / total(pick).as_secs_f64(),
            part(0),
            part(10),
            part(50),
        );
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn largest_child() -> i64 {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| usage.max_rss())
}

/// Returns how long the program takes for the chart; `None` where it refuses it.
fn call(program: &[&str], chart: &Path) -> Option<Duration> {
    let began = Instant::now();
    let status = Command::new(program[0])
        .args(&program[1..])
        .args(["template", "release"])
        .arg(chart)
        .args([
            "--namespace",
            "namespace",
            "--include-crds",
            "--kube-version",
            KUBE_VERSION,
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program can be started");
    status.success().then(|| began.elapsed())
}

/// Returns how long a rendering of the chart takes once it is loaded, as in a plan of many services.
fn in_process(path: &Path) -> Option<Duration> {
    let options = LoadOptions {
        bundled_only: true,
        ..LoadOptions::default()
    };
    let chart = Chart::load(path, &options).ok()?;
    let release = ReleaseOptions::new("release", "namespace");
    let kube_version = KubeVersion::parse(KUBE_VERSION).ok()?;
    let capabilities = Capabilities::new(kube_version, Vec::<String>::new());
    let once = || {
        let began = Instant::now();
        let rendered = render(
            &chart,
            &release,
            &Values::new(),
            &capabilities,
            &RenderOptions::default(),
        );
        rendered.ok().map(|_| began.elapsed())
    };
    // The first rendering parses the templates.
    (0..20).map(|_| once()).skip(1).min().flatten()
}

fn arguments() -> Arguments {
    let mut arguments = Arguments {
        helm: "helm".to_owned(),
        rounds: 3,
        verbose: false,
        folders: Vec::new(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--bench" => {}
            "--helm" => arguments.helm = given.next().expect("--helm PROGRAM"),
            "--rounds" => {
                let number = given.next().and_then(|text| text.parse().ok());
                arguments.rounds = number.expect("--rounds NUMBER");
            }
            "--verbose" => arguments.verbose = true,
            folder => arguments.folders.push(folder.into()),
        }
    }
    if arguments.folders.is_empty() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        arguments.folders = vec![
            root.join("services"),
            root.join("crates/chart/tests/charts"),
        ];
    }
    arguments
}

/// Returns the folders with a chart, the charts inside charts left out.
fn charts(folder: &Path) -> Vec<PathBuf> {
    if folder.join("Chart.yaml").exists() {
        return vec![folder.to_owned()];
    }
    let mut below: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    below.sort();
    below.iter().flat_map(|path| charts(path)).collect()
}
