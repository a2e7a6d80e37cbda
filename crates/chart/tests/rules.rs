//! What Helm 4.3.1 made of hundreds of small charts, one for each rule: `rules/*.txt` hold their
//! files, the arguments, and what Helm printed. With `HELM` set to the program, what is recorded is
//! held against it, too.
//!
//! A case begins with `== NAME`; `-- PATH` begins a file of it, each line behind `|`, with `~` where
//! the last line has no end; `-- PATH base64` a binary one, `-- PATH -> TARGET` a link. `$ ARGUMENTS`
//! is a run: Helm's output behind `>`, or its error behind `!`. Behind `!~` stands an error that we
//! word otherwise.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chart::{
    Capabilities, Chart, KubeVersion, LoadOptions, PrintOptions, ReleaseOptions, RenderOptions,
    render_files,
};

#[derive(Default)]
struct Case {
    name: String,
    files: Vec<(String, String)>,
    runs: Vec<Run>,
}

#[derive(Default)]
struct Run {
    arguments: Vec<String>,
    output: String,
    error: String,
    other_words: bool,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.split_terminator('\n') {
        if let Some(name) = line.strip_prefix("== ") {
            let name = name.to_owned();
            cases.push(Case {
                name,
                ..Case::default()
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        if let Some(path) = line.strip_prefix("-- ") {
            case.files.push((path.to_owned(), String::new()));
        } else if let Some(content) = line.strip_prefix('|') {
            let file = &mut case.files.last_mut().unwrap().1;
            file.push_str(content);
            file.push('\n');
        } else if line == "~" {
            case.files.last_mut().unwrap().1.pop();
        } else if let Some(arguments) = line.strip_prefix('$') {
            case.runs.push(Run {
                arguments: serde_json::from_str(arguments).unwrap(),
                ..Run::default()
            });
        } else if let Some(run) = case.runs.last_mut() {
            let (kind, content) = line.split_at(1);
            if kind == ">" {
                run.output.extend([content, "\n"]);
            } else {
                let other = content.strip_prefix('~');
                run.other_words |= other.is_some();
                run.error.extend([other.unwrap_or(content), "\n"]);
            }
        }
    }
    cases
}

fn write(case: &Case, home: &Path) {
    for (path, content) in &case.files {
        let (path, link) = path
            .split_once(" -> ")
            .map_or((path.as_str(), None), |(path, target)| (path, Some(target)));
        let (path, binary) = path
            .strip_suffix(" base64")
            .map_or((path, false), |path| (path, true));
        let place = home.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        match link {
            Some(target) => std::os::unix::fs::symlink(target, place).unwrap(),
            None if binary => fs::write(place, STANDARD.decode(content.trim()).unwrap()).unwrap(),
            None => fs::write(place, content).unwrap(),
        }
    }
}

fn ours(home: &Path, arguments: &[String]) -> Result<String, Box<dyn Error>> {
    let mut print = PrintOptions::default();
    let mut options = RenderOptions {
        include_crds: false,
        ..RenderOptions::default()
    };
    let mut given: Vec<(&str, &str)> = Vec::new();
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--include-crds" => options.include_crds = true,
            "--skip-schema-validation" => options.skip_schema_validation = true,
            "--skip-tests" => print.skip_tests = true,
            "--no-hooks" => print.no_hooks = true,
            "--show-only" => print.show_only.push(words.next().unwrap().to_owned()),
            _ => given.push((word, words.next().unwrap())),
        }
    }
    let values = support::values(home, &given)?;
    let load = LoadOptions {
        bundled_only: true,
        ..LoadOptions::default()
    };
    let chart = Chart::load(home, &load)?;
    let none: [&str; 0] = [];
    let capabilities = Capabilities::new(KubeVersion::parse("1.34.0")?, none);
    let release = ReleaseOptions::new("rel", "ns");
    let rendered = render_files(&chart, &release, &values, &capabilities, &options)?;
    Ok(chart::print(&rendered.texts()?, &print)?.concat())
}

/// Returns what Helm prints, or the end of what it says.
fn helms(program: &str, home: &Path, arguments: &[String]) -> Result<String, String> {
    let done = Command::new(program)
        .args(["template", "rel", ".", "--namespace", "ns"])
        .args(["--kube-version", "1.34.0"])
        .args(arguments)
        .current_dir(home)
        .output()
        .unwrap();
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&done.stderr).into_owned())
}

/// Makes errors of Helm comparable: without the folder, and without the order of lists, which changes
/// from run to run.
fn words(error: &str, home: &Path) -> String {
    let home = home.to_string_lossy();
    let error = error.replace(&format!("{home}/"), "").replace(&*home, ".");
    let line = |line: &str| {
        if !line.contains("additional properties") {
            return line.to_owned();
        }
        let mut words: Vec<&str> = line.split([' ', ',']).collect();
        words.sort_unstable();
        words.join(" ")
    };
    let lines: Vec<String> = error.lines().map(line).collect();
    lines.join("\n").trim().to_owned()
}

/// Takes out of our error what Helm's has not: the places of values and the way to the template.
fn plain(error: &str) -> String {
    let line = |line: &str| match line.rsplit_once(" (") {
        Some((before, origin))
            if line.trim_start().starts_with("- at ") && origin.ends_with(')') =>
        {
            before.to_owned()
        }
        _ => line.to_owned(),
    };
    let lines: Vec<String> = error.lines().map(line).collect();
    lines.join("\n").trim().to_owned()
}

#[track_caller]
fn check(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/rules/{name}.txt"));
    let helm = std::env::var("HELM").ok();
    let mut wrong = Vec::new();
    for case in cases(&fs::read_to_string(file).unwrap()) {
        let home = tempfile::tempdir().unwrap();
        write(&case, home.path());
        for run in &case.runs {
            let label = format!("{} {:?}", case.name, run.arguments);
            if let Some(program) = &helm {
                match helms(program, home.path(), &run.arguments) {
                    Ok(output) if run.error.is_empty() && output == run.output => {}
                    Err(error)
                        if !run.error.is_empty()
                            && words(&error, home.path())
                                .contains(&words(&run.error, home.path())) => {}
                    other => wrong.push(format!("{label}: helm gives {other:?}")),
                }
            }
            match ours(home.path(), &run.arguments) {
                Ok(output) if run.error.is_empty() => {
                    if output != run.output {
                        let (helm, ours) = (&run.output, &output);
                        wrong.push(format!("{label}:\nhelm {helm}ours {ours}"));
                    }
                }
                Ok(_) => wrong.push(format!("{label}: helm refuses it: {}", run.error)),
                Err(error) if run.error.is_empty() => wrong.push(format!("{label}: {error}")),
                Err(error) => {
                    let told = plain(&error.to_string());
                    if !run.other_words && !run.error.contains(&told) {
                        let helm = &run.error;
                        wrong.push(format!("{label}:\nhelm {helm}ours {told}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

macro_rules! rules {
    ($($test:ident)*) => {
        $(#[test]
        fn $test() {
            check(stringify!($test));
        })*
    };
}

rules! {
    set set_string set_json set_file set_literal
    chart_yaml versions aliases conditions tags import_values globals nulls value_files
    helmignore links archives charts_folder requirements crds templates hooks kind_order
    documents show_only notes schema
}
