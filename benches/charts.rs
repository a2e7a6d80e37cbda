//! Rendering beside Helm: takes charts and the `helm` program, gives in one run the ratios of time
//! and memory, per call of the program and per chart in-process; never fails for being slow.
//!
//! ```console
//! $ cargo bench --bench charts -- [--helm PROGRAM] [--rounds N] [--table] [DIR...]
//! ```
//!
//! Every chart below the folders counts that both programs render with its own values; without a
//! folder, those of this repository. The two programs take turns. In-process means: the chart is
//! loaded once and its documents are made as for a plan, again and again with the values of another
//! environment each time (which are `global.environment` and `global.host`), or, in a second
//! figure, under another release name in another namespace; both on one thread. A third figure is
//! that of other environments on all cores, as a plan renders many services: the time of all
//! together, divided by their number. Charts that make keys are set apart: these take all the time.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chart::{
    Capabilities, Chart, KubeVersion, LoadOptions, ReleaseOptions, RenderOptions, Values, in_order,
    render,
};
use nix::sys::resource::{UsageWho, getrusage};

const KUBE_VERSION: &str = "1.34.0";

/// How often a chart is rendered in-process, after the first time.
const RENDERINGS: usize = 40;

struct Arguments {
    helm: String,
    rounds: usize,
    table: bool,
    folders: Vec<PathBuf>,
}

/// The times of one thing.
#[derive(Clone, Copy)]
struct Times {
    least: Duration,
    median: Duration,
}

impl Times {
    fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort();
        Some(Self {
            least: *times.first()?,
            median: *times.get(times.len() / 2)?,
        })
    }
}

/// One chart's figures.
struct Figures {
    name: String,
    helm: Times,
    call: Times,
    in_process: InProcess,
}

/// Renderings of a loaded chart.
struct InProcess {
    environments: Times,
    releases: Times,
    /// On all cores.
    spread: Times,
    makes_keys: bool,
}

/// What is looked at of a chart's figures.
type Pick = fn(&Figures) -> Times;

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
    let mut figures: Vec<Figures> = usable
        .into_iter()
        .filter_map(|path| measured(path, &helm, &own, arguments.rounds))
        .collect();
    if arguments.table {
        table(&figures);
    }
    println!(
        "{} of {} charts are rendered by both",
        figures.len(),
        charts.len()
    );
    let all = figures.len();
    figures.retain(|one| !one.in_process.makes_keys);
    println!(
        "{} of them make keys and are set apart",
        all - figures.len()
    );
    report(&figures);
    println!(
        "peak memory of the largest call: firstlight {} MiB, helm {} MiB",
        own_memory / 1024,
        largest_child() / 1024
    );
}

fn measured(path: &Path, helm: &[&str], own: &[&str], rounds: usize) -> Option<Figures> {
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        theirs.push(call(helm, path)?);
        ours.push(call(own, path)?);
    }
    Some(Figures {
        name: path.display().to_string(),
        helm: Times::of(theirs)?,
        call: Times::of(ours)?,
        in_process: in_process(path)?,
    })
}

/// Prints a line per chart, in the form of the table in `docs/performance.md`.
fn table(figures: &[Figures]) {
    println!(
        "| chart | helm | call | times | in-process | times | another release | times | all cores | times |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for one in figures {
        let median = |times: Times| format!("{:.2} ms", millis(times.median));
        let ratio = |times: Times| {
            format!(
                "{:.0}",
                one.helm.median.as_secs_f64() / times.median.as_secs_f64()
            )
        };
        let InProcess {
            environments,
            releases,
            spread,
            makes_keys,
        } = one.in_process;
        println!(
            "| {}{} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            one.name,
            if makes_keys { " (makes keys)" } else { "" },
            median(one.helm),
            median(one.call),
            ratio(one.call),
            median(environments),
            ratio(environments),
            median(releases),
            ratio(releases),
            median(spread),
            ratio(spread),
        );
    }
}

fn report(figures: &[Figures]) {
    let kinds: [(&str, Pick); 4] = [
        ("a call of the program", |one| one.call),
        ("in-process, another environment", |one| {
            one.in_process.environments
        }),
        ("in-process, another release", |one| one.in_process.releases),
        ("in-process, another environment, on all cores", |one| {
            one.in_process.spread
        }),
    ];
    for (what, pick) in kinds {
        for (which, time) in [
            ("medians", (|times| times.median) as fn(Times) -> Duration),
            ("minima", |times| times.least),
        ] {
            let total = |pick: Pick| figures.iter().map(|one| time(pick(one))).sum::<Duration>();
            let (helm, own) = (total(|one| one.helm), total(pick));
            let mut ratios: Vec<f64> = figures
                .iter()
                .map(|one| time(one.helm).as_secs_f64() / time(pick(one)).as_secs_f64())
                .collect();
            ratios.sort_by(f64::total_cmp);
            let part = |share: usize| {
                let part = ratios.get(ratios.len() * share / 100);
                part.copied().unwrap_or_default()
            };
            println!(
                "{what}, {which}: all {:.1} ms, helm {:.1} ms: {:.0} times; per chart: least {:.0}, tenth {:.0}, median {:.0} times",
                millis(own),
                millis(helm),
                helm.as_secs_f64() / own.as_secs_f64(),
                part(0),
                part(10),
                part(50),
            );
        }
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

/// A loaded chart to be rendered again and again.
struct Loaded {
    chart: Chart,
    capabilities: Capabilities,
    /// Whether it takes the values of environments: some schemas allow none that they do not know.
    takes_globals: bool,
}

impl Loaded {
    /// Renders the chart; returns how long that took, and whether keys were made.
    fn render(&self, release: &ReleaseOptions, environment: usize) -> Option<(Duration, bool)> {
        let values = values(environment).filter(|_| self.takes_globals);
        let values = values.unwrap_or_default();
        let began = Instant::now();
        let options = RenderOptions::default();
        let rendered = render(&self.chart, release, &values, &self.capabilities, &options);
        let took = began.elapsed();
        let calls = rendered.ok()?.nondeterministic;
        let is_key = |name: &str| name.starts_with("gen") || name == "derivePassword";
        Some((took, calls.iter().any(|one| is_key(&one.function))))
    }
}

/// Returns how long renderings of the chart take once it is loaded, as in a plan of many services.
fn in_process(path: &Path) -> Option<InProcess> {
    let options = LoadOptions {
        bundled_only: true,
        ..LoadOptions::default()
    };
    let kube_version = KubeVersion::parse(KUBE_VERSION).ok()?;
    let mut loaded = Loaded {
        chart: Chart::load(path, &options).ok()?,
        capabilities: Capabilities::new(kube_version, Vec::<String>::new()),
        takes_globals: true,
    };
    let same = ReleaseOptions::new("release", "namespace");
    loaded.takes_globals = loaded.render(&same, 0).is_some();
    // The first renderings parse the templates and find out what may come again.
    let mut makes_keys = false;
    for number in 0..3 {
        makes_keys |= loaded.render(&same, number)?.1;
    }
    let times = (0..RENDERINGS).map(|number| Some(loaded.render(&same, number)?.0));
    let environments = times.collect::<Option<Vec<_>>>()?;
    let another = |number: usize| {
        let name = format!("release-{number}");
        let release = ReleaseOptions::new(name, format!("namespace-{number}"));
        Some(loaded.render(&release, number)?.0)
    };
    let releases = (0..RENDERINGS).map(another).collect::<Option<Vec<_>>>()?;
    let numbers: Vec<usize> = (0..RENDERINGS).collect();
    let count = u32::try_from(RENDERINGS).ok()?;
    let batches = (0..3).map(|_| {
        let began = Instant::now();
        let rendered = in_order(&numbers, usize::MAX, |&number| {
            loaded.render(&same, number).is_some()
        });
        let all = rendered.into_iter().all(|one| one);
        all.then(|| began.elapsed() / count)
    });
    Some(InProcess {
        environments: Times::of(environments)?,
        releases: Times::of(releases)?,
        spread: Times::of(batches.collect::<Option<Vec<_>>>()?)?,
        makes_keys,
    })
}

/// Returns the values of one environment.
fn values(number: usize) -> Option<Values> {
    let mut values = Values::new();
    for argument in [
        format!("global.environment=environment-{number}"),
        format!("global.host=environment-{number}.example.org"),
    ] {
        values.set(&argument).ok()?;
    }
    Some(values)
}

fn arguments() -> Arguments {
    let mut arguments = Arguments {
        helm: "helm".to_owned(),
        rounds: 5,
        table: false,
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
            "--table" => arguments.table = true,
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
