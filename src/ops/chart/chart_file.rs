//! Where in Chart.yaml a thing stands: takes a chart and a field, gives a problem with the place,
//! reads the file only when something is wrong.

use std::path::Path;

use chart::{Chart, Dependency, RenderError, is_compatible};

use crate::problem::Problem;
use crate::source::Source;

/// The files that may tell what a chart depends on.
const FILES: [&str; 2] = ["Chart.yaml", "requirements.yaml"];

/// Adds to a problem of a chart's own file where in it the field stands that is wrong.
pub(super) fn place(problem: Problem, error: &RenderError, chart: &str) -> Problem {
    let (field, label, help) = match error {
        RenderError::KubeVersion { version, .. } => (
            "kubeVersion",
            format!("{version} is not in this range"),
            "`--kube-version` renders for another version of Kubernetes",
        ),
        RenderError::NotInstallable { kind, .. } => (
            "type",
            format!("a chart of the type {kind} is for other charts to use"),
            "name it among the `dependencies` of a chart, and render that",
        ),
        _ => return problem,
    };
    let problem = problem.label(label).help(help);
    let pointer = [field.to_owned()];
    match find(chart, &pointer) {
        Some(source) => problem.at(source),
        None => problem,
    }
}

/// Returns that charts are missing which a chart depends on.
pub(super) fn missing(chart: &str, missing: &[&Dependency]) -> Problem {
    let name = |one: &&Dependency| match (one.version.as_str(), one.repository.as_str()) {
        (version, "") => format!("{} {version}", one.name),
        (version, repository) => format!("{} {version} from {repository}", one.name),
    };
    let names: Vec<String> = missing.iter().map(name).collect();
    let mut problem = Problem::new(format!("{chart} lacks charts that it depends on"))
        .label("it is not in charts/")
        .help(format!(
            "`firstlight chart dependency build {chart}` puts them there"
        ));
    problem.trace = names;
    let first = missing
        .first()
        .and_then(|one| dependency(chart, one, "name"));
    match first {
        Some(source) => problem.at(source),
        None => problem,
    }
}

/// Words which charts in `charts/` are not of the versions that are asked for: Helm takes them.
pub(super) fn other_versions(chart: &Chart, path: &str) -> Vec<String> {
    let mut told = Vec::new();
    for wanted in &chart.metadata.dependencies {
        let found = chart.subcharts.iter().find(|one| one.name() == wanted.name);
        let Some(found) = found.map(|found| &found.metadata.version) else {
            continue;
        };
        if wanted.version.is_empty() || is_compatible(&wanted.version, found) {
            continue;
        }
        let place =
            dependency(path, wanted, "version").map_or(path.to_owned(), |one| one.to_string());
        told.push(format!(
            "{path}/charts has {} {found}, and {place} asks for {}",
            wanted.name, wanted.version
        ));
    }
    told
}

fn dependency(chart: &str, wanted: &Dependency, field: &str) -> Option<Source> {
    let text = |file: &str| std::fs::read_to_string(Path::new(chart).join(file)).ok();
    FILES.iter().find_map(|file| {
        let node = goyaml::parse(&text(file)?).ok()?;
        let items = node.get("dependencies")?.as_sequence()?.iter();
        let is_it = |item: &&goyaml::Node| {
            let of = |key: &str| {
                item.get(key)
                    .and_then(goyaml::Node::as_str)
                    .unwrap_or_default()
            };
            of("name") == wanted.name && of("alias") == wanted.alias
        };
        let span = items.into_iter().find(is_it)?.get(field)?.span;
        Some(at(chart, file, span))
    })
}

fn find(chart: &str, pointer: &[String]) -> Option<Source> {
    let text = std::fs::read_to_string(Path::new(chart).join(FILES[0])).ok()?;
    let span = goyaml::parse(&text).ok()?.pointer(pointer)?.span;
    Some(at(chart, FILES[0], span))
}

fn at(chart: &str, file: &str, span: goyaml::Span) -> Source {
    Source {
        file: format!("{}/{file}", chart.trim_end_matches('/')),
        line: Some(span.line),
        column: Some(span.column),
    }
}
