//! What in a repository yields Applications: takes its files, gives charts, kustomizations and
//! manifests with the paths that their Applications point at, never renders.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use goyaml::Node;

use crate::definition::Repository;

/// What yields Applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum YielderKind {
    /// A chart whose templates have Applications.
    Chart,
    /// A kustomization whose resources have them.
    Kustomization,
    /// A directory of manifests, each an Application or beside one.
    Directory,
    /// A file with Applications among files that are no manifests.
    File,
}

/// One thing that yields Applications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yielder {
    /// Where, relative to the repository.
    pub path: String,
    /// What it is.
    pub kind: YielderKind,
    /// How many Applications and `ApplicationSet`s stand in its files.
    pub count: usize,
    /// The files of a directory.
    pub(super) parts: Vec<Yielder>,
    /// The paths that these point at; `*` stands for what a template fills in.
    pub(super) points_at: BTreeSet<String>,
}

/// A repository as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) yielders: Vec<Yielder>,
    /// All files, relative to the repository.
    pub(super) files: BTreeSet<String>,
    /// Whether there are objects of Flux.
    pub(super) has_flux: bool,
    /// Why not all of it was read.
    pub(super) limit: Option<String>,
}

/// Larger repositories are not read to their end.
const MAXIMUM_FILES: usize = 60_000;
/// No manifest that people write is larger.
const MAXIMUM_SIZE: u64 = 512 * 1024;
const DEPTH: usize = 24;

/// Directories with files of others.
const STRANGE: &[&str] = &[".git", "node_modules", "vendor", ".terraform", ".venv"];
const KUSTOMIZATIONS: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// A chart that makes Applications of its values.
const APPLICATIONS_CHART: &str = "argocd-apps";

/// Looks through a repository.
pub(super) fn scan(root: &Path) -> Scan {
    let mut scan = Scan::default();
    list(root, "", DEPTH, &mut scan);
    let charts: Vec<String> = directories_with(&scan.files, &["Chart.yaml"]);
    let mut manifests: BTreeMap<String, Found> = BTreeMap::new();
    let mut in_charts: BTreeMap<String, Found> = BTreeMap::new();
    let mut has_flux = false;
    for file in &scan.files {
        let is_text = [".yaml", ".yml", ".tpl"]
            .iter()
            .any(|end| file.ends_with(end));
        if !is_text {
            continue;
        }
        let Some(text) = text(root, file) else {
            continue;
        };
        has_flux |= text.contains(".toolkit.fluxcd.io/");
        // The innermost chart that the file is a template of.
        let chart = charts.iter().rev().find(|chart| {
            let inside = file
                .strip_prefix(chart.as_str())
                .map(|rest| rest.trim_start_matches('/'));
            (chart.is_empty() || file.starts_with(&format!("{chart}/")))
                && inside.is_some_and(|inside| inside.starts_with("templates/"))
        });
        let (place, found) = match chart {
            Some(chart) => (in_charts.entry(chart.clone()).or_default(), in_text(&text)),
            None if is_chart_of_applications(file, &text) => {
                let chart = directory_of(file).to_owned();
                (
                    in_charts.entry(chart).or_default(),
                    Found {
                        count: 1,
                        ..Found::default()
                    },
                )
            }
            None => match in_manifests(&text) {
                Some(found) => (manifests.entry(file.clone()).or_default(), found),
                None => continue,
            },
        };
        place.count += found.count;
        place.points_at.extend(found.points_at);
    }
    for (path, found) in in_charts.into_iter().filter(|(_, found)| found.count > 0) {
        scan.yielders
            .push(found.into_yielder(path, YielderKind::Chart));
    }
    scan.has_flux = has_flux;
    kustomizations(root, &mut scan, &mut manifests);
    plain(&mut scan, manifests);
    scan.yielders
        .sort_by(|left, right| left.path.cmp(&right.path));
    scan
}

#[derive(Debug, Default, Clone)]
struct Found {
    count: usize,
    points_at: BTreeSet<String>,
}

impl Found {
    fn into_yielder(self, path: String, kind: YielderKind) -> Yielder {
        Yielder {
            path,
            kind,
            count: self.count,
            parts: Vec::new(),
            points_at: self.points_at,
        }
    }
}

fn list(root: &Path, below: &str, depth: usize, scan: &mut Scan) {
    let Ok(entries) = std::fs::read_dir(root.join(below)) else {
        return;
    };
    let mut names: Vec<String> = (entries.flatten())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names {
        let path = if below.is_empty() {
            name.clone()
        } else {
            format!("{below}/{name}")
        };
        let place = root.join(&path);
        if scan.files.len() >= MAXIMUM_FILES {
            scan.limit = Some(format!(
                "only the first {MAXIMUM_FILES} files were looked at"
            ));
            return;
        }
        // Links may lead anywhere; what they lead to is met where it is.
        if place.is_symlink() {
            continue;
        }
        if place.is_dir() {
            if !STRANGE.contains(&name.as_str()) && depth > 0 {
                list(root, &path, depth - 1, scan);
            }
        } else {
            scan.files.insert(path);
        }
    }
}

fn text(root: &Path, file: &str) -> Option<String> {
    let path = root.join(file);
    let small = std::fs::metadata(&path).is_ok_and(|about| about.len() <= MAXIMUM_SIZE);
    small.then(|| std::fs::read_to_string(path).ok()).flatten()
}

fn directory_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn directories_with(files: &BTreeSet<String>, names: &[&str]) -> Vec<String> {
    let is_named = |file: &&String| names.contains(&file.rsplit('/').next().unwrap_or_default());
    let found = files.iter().filter(is_named);
    found.map(|file| directory_of(file).to_owned()).collect()
}

/// Tells whether a chart makes Applications of its values by one that it depends on.
fn is_chart_of_applications(file: &str, text: &str) -> bool {
    let is_chart = file.rsplit('/').next() == Some("Chart.yaml");
    is_chart
        && text.lines().any(|line| {
            let line = line.trim_start_matches([' ', '-']).trim_end();
            line == format!("name: {APPLICATIONS_CHART}")
        })
}

/// Looks at a template, which is no YAML yet: for lines alone.
fn in_text(text: &str) -> Found {
    let mut found = Found::default();
    if !text.contains("argoproj.io/") {
        return found;
    }
    for line in text.lines() {
        let line = line.trim_start_matches([' ', '-', '\t']);
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().trim_matches(['"', '\'']);
        match (key.trim(), value) {
            ("kind", "Application" | "ApplicationSet") => found.count += 1,
            ("path", value) => found.points_at.extend(pointed_at(value)),
            _ => {}
        }
    }
    found
}

/// Looks at manifests; nothing where the file has no Application, or is no YAML.
fn in_manifests(text: &str) -> Option<Found> {
    if !text.contains("argoproj.io/") {
        return None;
    }
    let mut found = Found::default();
    for document in goyaml::parse_stream(text).ok()? {
        let field = |key: &str| document.get(key).and_then(Node::as_str).unwrap_or_default();
        let specification = match (field("apiVersion").split('/').next(), field("kind")) {
            (Some("argoproj.io"), "Application") => document.get("spec"),
            (Some("argoproj.io"), "ApplicationSet") => {
                let generators = document.pointer(&["spec", "generators"]);
                collect_paths(generators, &mut found.points_at, 8);
                document.pointer(&["spec", "template", "spec"])
            }
            _ => continue,
        };
        found.count += 1;
        let Some(specification) = specification else {
            continue;
        };
        let several = specification.get("sources").and_then(Node::as_sequence);
        let sources = specification
            .get("source")
            .into_iter()
            .chain(several.unwrap_or_default());
        for source in sources {
            let path = source.get("path").and_then(Node::as_str);
            found.points_at.extend(path.and_then(pointed_at));
        }
    }
    (found.count > 0).then_some(found)
}

/// Adds what generators say of directories and files.
fn collect_paths(node: Option<&Node>, paths: &mut BTreeSet<String>, depth: usize) {
    let Some(node) = node.filter(|_| depth > 0) else {
        return;
    };
    for item in node.as_sequence().unwrap_or_default() {
        collect_paths(Some(item), paths, depth - 1);
    }
    for entry in node.as_mapping().unwrap_or_default() {
        match entry.value.as_str() {
            Some(path)
                if entry.key.ends_with("path")
                    || entry.key.ends_with("Path")
                    || entry.key == "sourceRoot" =>
            {
                paths.extend(pointed_at(path));
            }
            _ => collect_paths(Some(&entry.value), paths, depth - 1),
        }
    }
}

/// Returns a path without dots and slashes at its ends, and with `*` where a template stands.
fn pointed_at(path: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once("{{") {
        plain.push_str(before);
        plain.push('*');
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    let path = Repository::resolve("", plain.trim_matches('/'))?;
    // What is a template from end to end says nothing.
    path.contains(|character: char| character.is_alphanumeric())
        .then_some(path)
}

/// Finds kustomizations that have Applications, and takes their files away from `manifests`.
fn kustomizations(root: &Path, scan: &mut Scan, manifests: &mut BTreeMap<String, Found>) {
    let mut resources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for directory in directories_with(&scan.files, KUSTOMIZATIONS) {
        let file = KUSTOMIZATIONS.iter().find_map(|name| {
            let file = if directory.is_empty() {
                (*name).to_owned()
            } else {
                format!("{directory}/{name}")
            };
            text(root, &file)
        });
        let Some(node) = file.and_then(|text| goyaml::parse(&text).ok()) else {
            continue;
        };
        let mut paths = Vec::new();
        for key in ["resources", "bases", "components"] {
            let items = node
                .get(key)
                .and_then(Node::as_sequence)
                .unwrap_or_default();
            let named = items.iter().filter_map(Node::as_str);
            paths.extend(named.filter_map(|path| Repository::resolve(&directory, path)));
        }
        resources.insert(directory, paths);
    }
    let mut included = BTreeSet::new();
    for (directory, paths) in &resources {
        included.extend(paths.iter().filter(|path| *path != directory).cloned());
    }
    let mut used = BTreeSet::new();
    for directory in resources.keys() {
        let mut found = Found::default();
        let mut open = vec![directory.clone()];
        let mut seen = BTreeSet::new();
        while let Some(next) = open.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            if let Some(inner) = manifests.get(&next) {
                found.count += inner.count;
                found.points_at.extend(inner.points_at.iter().cloned());
                used.insert(next);
            } else if let Some(inner) = resources.get(&next) {
                open.extend(inner.iter().cloned());
            }
        }
        // What others include is part of them.
        if found.count > 0 && !included.contains(directory) {
            let kind = YielderKind::Kustomization;
            scan.yielders
                .push(found.into_yielder(directory.clone(), kind));
        }
    }
    manifests.retain(|file, _| !used.contains(file));
}

/// Adds manifests that belong to no kustomization: a directory where all its files are Applications,
/// else each file.
fn plain(scan: &mut Scan, manifests: BTreeMap<String, Found>) {
    let mut directories: BTreeMap<String, Vec<(String, Found)>> = BTreeMap::new();
    for (file, found) in manifests {
        directories
            .entry(directory_of(&file).to_owned())
            .or_default()
            .push((file, found));
    }
    for (directory, files) in directories {
        let others = scan.files.iter().filter(|file| {
            let is_manifest = [".yaml", ".yml"].iter().any(|end| file.ends_with(end));
            is_manifest && directory_of(file) == directory
        });
        if others.count() == files.len() && files.len() > 1 && !directory.is_empty() {
            let mut all = Found::default();
            for (_, found) in &files {
                all.count += found.count;
                all.points_at.extend(found.points_at.iter().cloned());
            }
            let mut yielder = all.into_yielder(directory, YielderKind::Directory);
            let parts = files.into_iter();
            let parts = parts.map(|(file, found)| found.into_yielder(file, YielderKind::File));
            yielder.parts = parts.collect();
            scan.yielders.push(yielder);
        } else {
            let each = files
                .into_iter()
                .map(|(file, found)| found.into_yielder(file, YielderKind::File));
            scan.yielders.extend(each);
        }
    }
}
