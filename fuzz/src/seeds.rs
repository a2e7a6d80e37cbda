//! First inputs: takes the repository, gives inputs for each target out of what its tests use;
//! never writes, so that none of them is kept twice.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// All files below a directory, in order.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The folders with charts.
fn chart_folders(repository: &Path) -> Vec<PathBuf> {
    let homes = [
        "crates/chart/tests/charts",
        "services",
        "crates/chart/tests/functions",
    ];
    let mut charts: Vec<PathBuf> = homes
        .iter()
        .flat_map(|home| files(&repository.join(home)))
        .filter(|path| path.ends_with("Chart.yaml"))
        .filter_map(|path| path.parent().map(Path::to_owned))
        .collect();
    charts.sort();
    charts
}

/// The cases of the template language: each with its template and its data.
fn template_cases(repository: &Path) -> Vec<Value> {
    let mut cases = Vec::new();
    for path in files(&repository.join("crates/gotemplate/tests/cases")) {
        let text = fs::read_to_string(path).unwrap_or_default();
        if let Ok(Value::Array(found)) = serde_json::from_str(&text) {
            cases.extend(found);
        }
    }
    cases
}

/// The calls of functions that the tests make.
fn calls(repository: &Path) -> Vec<String> {
    files(&repository.join("crates/chart/tests/functions"))
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .flat_map(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .filter(|line| !line.starts_with(['=', '!', '#']) && !line.is_empty())
        .collect()
}

/// Templates alone.
pub(crate) fn templates(repository: &Path) -> Vec<Vec<u8>> {
    let own = template_cases(repository)
        .iter()
        .filter_map(|case| Some(case["template"].as_str()?.as_bytes().to_owned()))
        .collect::<Vec<_>>();
    let charts = chart_folders(repository)
        .iter()
        .flat_map(|chart| files(&chart.join("templates")))
        .filter_map(|path| fs::read(path).ok())
        .collect::<Vec<_>>();
    [own, charts].concat()
}

/// Templates with values.
pub(crate) fn evaluations(repository: &Path) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for case in template_cases(repository) {
        if let Some(template) = case["template"].as_str() {
            let data = case.get("data").map(Value::to_string).unwrap_or_default();
            let template = template.replace("{{.", "{{.Values.");
            seeds.push(format!("{template}\0{data}").into_bytes());
        }
    }
    for call in calls(repository) {
        seeds.push(format!("{{{{ {call} }}}}").into_bytes());
    }
    seeds
}

/// YAML texts.
pub(crate) fn yaml(repository: &Path) -> Vec<Vec<u8>> {
    let cases = repository.join("crates/goyaml/tests/cases.jsonl");
    let mut seeds: Vec<Vec<u8>> = fs::read_to_string(cases)
        .unwrap_or_default()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|case| Some(case["in"].as_str()?.as_bytes().to_owned()))
        .collect();
    for home in ["environments", "services", "crates/chart/tests/charts"] {
        let yaml = files(&repository.join(home)).into_iter().filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        });
        seeds.extend(yaml.filter_map(|path| fs::read(path).ok()));
    }
    seeds
}

/// Arguments of `--set`: those that the tests of charts give.
pub(crate) fn set(repository: &Path) -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = [
        "ta.b[0].c=x,d={1,two,null}",
        "ta[1][2]=007,b\\.c=1\\,2",
        "sa=1,b=true",
        "ja={\"b\":[1,2.5,null]},c=[]",
        "j{\"a\":{\"b\":1}}",
        "la.b=x,y=[z",
        "fa=name,b={one,two}",
        "ta=null\0ta.b=1\0tc[3]=4",
    ]
    .map(|text| text.as_bytes().to_owned())
    .to_vec();
    for path in files(&repository.join("crates/chart/tests/charts")) {
        if path.ends_with("cases.txt") {
            let text = fs::read_to_string(path).unwrap_or_default();
            for word in text.split_whitespace().filter(|word| word.contains('=')) {
                seeds.push(format!("t{word}").into_bytes());
            }
        }
    }
    seeds
}

/// Archives, as they are within gzip.
pub(crate) fn archives(repository: &Path) -> Vec<Vec<u8>> {
    chart_folders(repository)
        .iter()
        .map(|chart| {
            let mut archive = tar::Builder::new(Vec::new());
            for path in files(chart) {
                let (Ok(name), Ok(data)) = (path.strip_prefix(chart), fs::read(&path)) else {
                    continue;
                };
                let mut header = tar::Header::new_gnu();
                header.set_size(data.len() as u64);
                header.set_mode(0o644);
                archive
                    .append_data(&mut header, Path::new("chart").join(name), &*data)
                    .expect("writing to memory");
            }
            archive.into_inner().expect("writing to memory")
        })
        .chain([crate::archive::gzip(b"no archive")])
        .collect()
}

/// A range with versions.
pub(crate) fn versions(_: &Path) -> Vec<Vec<u8>> {
    let ranges = [
        "1.2.3",
        ">=1.2 <2 || ^3",
        "~1.2.3, !=1.2.5",
        "1.x",
        "*",
        "1.2 - 2.3.4",
        "^0.0.3",
        "=>1.0.0-0",
        "v1.2.3-alpha.1+meta",
        "> 1, < 3 || >= 5",
        "latest",
        "~>2.1",
    ];
    let versions = "1.2.3\0v2.0.0-beta.2\x001.2\x003.0.0+build\x000.0.3";
    ranges
        .iter()
        .map(|range| format!("{range}\0{versions}").into_bytes())
        .collect()
}

/// The files of charts.
pub(crate) fn charts(repository: &Path) -> Vec<Vec<u8>> {
    chart_folders(repository)
        .iter()
        .map(|chart| {
            let mut seed = Vec::new();
            for path in files(chart) {
                let (Ok(name), Ok(data)) = (path.strip_prefix(chart), fs::read(&path)) else {
                    continue;
                };
                seed.extend_from_slice(name.to_string_lossy().as_bytes());
                seed.push(0);
                seed.extend(data.into_iter().filter(|&byte| byte != 0));
                seed.push(0);
            }
            seed
        })
        .collect()
}
