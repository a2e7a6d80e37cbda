//! Which paths a service is rendered from: takes a service, gives the paths that matter to it, and
//! says where it cannot tell; reads charts' dependencies, never renders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::catalog::fetch::VENDOR_DIRECTORY;
use crate::catalog::{Catalogue, LOCK_FILE, Renderer, Service, ServiceSource, ValueFile};
use crate::definition::{Repository, SUPPLEMENT};

use super::sides::Sides;

/// Deeper charts of charts are not looked at: such a service is always rendered.
const DEEPEST: usize = 8;

/// Paths that something is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Inputs {
    paths: BTreeSet<String>,
    /// True where more may matter than is known here.
    unsure: bool,
}

impl Inputs {
    /// Returns inputs of which nothing is known.
    fn unsure() -> Self {
        Self {
            paths: BTreeSet::new(),
            unsure: true,
        }
    }

    fn add(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.unsure |= other.unsure;
    }

    /// Tells whether a change of paths may matter.
    pub(super) fn touched(&self, sides: &Sides) -> bool {
        self.unsure || self.paths.iter().any(|path| sides.touches(path))
    }
}

impl Sides {
    /// Tells whether something differs at a path, below it, or in what links there lead to.
    fn touches(&self, path: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![path.to_owned()];
        while let Some(path) = open.pop() {
            if self.differs(&path) {
                return true;
            }
            for (link, target) in &self.links {
                if (is_below(link, &path) || is_below(&path, link)) && seen.insert(link.clone()) {
                    open.push(target.clone());
                }
            }
        }
        false
    }

    fn differs(&self, path: &str) -> bool {
        let paths = &self.changed.paths;
        if path.is_empty() {
            return !paths.is_empty();
        }
        let from = paths.range(path.to_owned()..).next();
        let below = format!("{path}/");
        from.is_some_and(|found| found == path)
            || (paths.range(below.clone()..).next())
                .is_some_and(|found| found.starts_with(&below))
            // What was a file may be a directory now, and a submodule is one path.
            || ancestors(path).any(|above| paths.contains(above))
    }
}

/// Tells whether a path is another one, or below it.
fn is_below(path: &str, above: &str) -> bool {
    above.is_empty()
        || path
            .strip_prefix(above)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// What charts of a state are made from, each read once.
#[derive(Default)]
pub(super) struct Known {
    charts: Mutex<BTreeMap<String, Inputs>>,
    /// Whether a directory's files may yield Applications.
    nesting: Mutex<BTreeMap<String, bool>>,
}

impl Known {
    /// Returns what decides which services there are, and what their Applications say.
    pub(super) fn of_root(&self, repository: &Repository, catalogue: &Catalogue) -> Inputs {
        let mut inputs = Inputs::default();
        for path in [SUPPLEMENT, LOCK_FILE, VENDOR_DIRECTORY, "environments"] {
            inputs.paths.insert(path.to_owned());
        }
        // A generator may look at any file.
        inputs.unsure |= (catalogue.others.iter()).any(|one| one.kind() == "ApplicationSet");
        let roots = &catalogue.environment.roots;
        for root in roots {
            let directory = repository.root().join(&root.path);
            inputs.add(self.of_chart(repository, &root.path, 0));
            inputs.paths.extend(root.value_files.iter().cloned());
            inputs.unsure |= directory.is_dir()
                && !directory.join("Chart.yaml").is_file()
                && leads_out(&directory, is_kustomization, 0);
        }
        let root = &catalogue.root.value;
        let path = text(root, "/spec/source/path").and_then(|it| Repository::resolve("", it));
        let Some(path) = path else {
            inputs.unsure |= roots.is_empty();
            return inputs;
        };
        inputs.add(self.of_chart(repository, &path, 0));
        let files = root.pointer("/spec/source/helm/valueFiles");
        for file in files.and_then(Value::as_array).into_iter().flatten() {
            let file = file
                .as_str()
                .and_then(|file| Repository::resolve(&path, file));
            match file {
                Some(file) => inputs.paths.extend([file]),
                None => inputs.unsure = true,
            }
        }
        inputs
    }

    /// Tells whether a service may itself yield Applications: where none may, what the root yields is
    /// all there is.
    pub(super) fn may_nest(&self, repository: &Repository, service: &Service) -> bool {
        service.sources.iter().any(|source| {
            if let Some(chart) = &source.chart {
                return chart.chart_name() == "argocd-apps";
            }
            // What others write may be anything.
            if matches!(source.renderer, Renderer::Plugin(_)) || source.checkout.is_some() {
                return true;
            }
            let mut known = self.nesting.lock().unwrap_or_else(PoisonError::into_inner);
            *known
                .entry(source.path.clone())
                .or_insert_with(|| names_applications(&repository.root().join(&source.path), 0))
        })
    }

    /// Returns what a service is rendered from.
    pub(super) fn of_service(&self, repository: &Repository, service: &Service) -> Inputs {
        let mut inputs = Inputs::default();
        for source in &service.sources {
            inputs.add(self.of_source(repository, source));
        }
        // Files by a pattern: those that were there before are not among those that are there now.
        inputs.unsure |= names_patterns(&service.application);
        inputs
    }

    fn of_source(&self, own: &Repository, source: &ServiceSource) -> Inputs {
        let is_own = source.checkout.is_none();
        let mut inputs = Inputs::default();
        if is_own && source.chart.is_none() {
            inputs.paths.insert(source.path.clone());
        }
        let root = own.root();
        let mut file = |file: &ValueFile| match file {
            ValueFile::Repository(path) if is_own => inputs.paths.extend([path.clone()]),
            ValueFile::Lent { root: lent, path } if lent == root => {
                inputs.paths.extend([path.clone()]);
            }
            ValueFile::Repository(_) | ValueFile::Chart(_) | ValueFile::Lent { .. } => {}
        };
        match &source.renderer {
            Renderer::Helm(options) => {
                options.value_files.iter().for_each(&mut file);
                (options.file_parameters.iter()).for_each(|(_, one)| file(one));
                if source.chart.is_some() {
                    inputs.paths.insert(LOCK_FILE.to_owned());
                    inputs.paths.insert(VENDOR_DIRECTORY.to_owned());
                } else if is_own {
                    inputs.add(self.of_chart(own, &source.path, 0));
                }
            }
            Renderer::Kustomize(_) => {
                inputs.unsure |= is_own && leads_out(&root.join(&source.path), is_kustomization, 0);
            }
            Renderer::Directory(options) => {
                let libraries = &options.jsonnet.libraries;
                inputs.paths.extend(libraries.iter().cloned());
                inputs.unsure |= is_own && leads_out(&root.join(&source.path), is_jsonnet, 0);
            }
            // A command may read whatever is there.
            Renderer::Plugin(_) => inputs.unsure |= is_own,
        }
        inputs
    }

    /// Returns what a chart of the repository is made from, with the charts that it depends on.
    fn of_chart(&self, repository: &Repository, path: &str, depth: usize) -> Inputs {
        if depth > DEEPEST {
            return Inputs::unsure();
        }
        let known = |charts: &Mutex<BTreeMap<String, Inputs>>| {
            let charts = charts.lock().unwrap_or_else(PoisonError::into_inner);
            charts.get(path).cloned()
        };
        if let Some(inputs) = known(&self.charts) {
            return inputs;
        }
        let mut inputs = Inputs::default();
        inputs.paths.insert(path.to_owned());
        let directory = repository.root().join(path);
        for name in ["Chart.yaml", "requirements.yaml"] {
            let Ok(text) = fs::read_to_string(directory.join(name)) else {
                continue;
            };
            let names = |line: &&str| line.contains("repository") || line.contains("file://");
            for line in text.lines().filter(names) {
                inputs.add(self.of_dependency(repository, path, line, depth));
            }
        }
        for below in directories(&directory.join("charts")) {
            inputs.add(self.of_chart(repository, &format!("{path}/charts/{below}"), depth + 1));
        }
        let mut charts = self.charts.lock().unwrap_or_else(PoisonError::into_inner);
        charts.insert(path.to_owned(), inputs.clone());
        inputs
    }

    /// Returns what a line that names a chart's repository brings in.
    fn of_dependency(
        &self,
        repository: &Repository,
        path: &str,
        line: &str,
        depth: usize,
    ) -> Inputs {
        let mut inputs = Inputs::default();
        if let Some((_, local)) = line.split_once("file://") {
            let local = local.trim_end_matches(|end: char| "\"' ,}".contains(end));
            let is_plain = !local.contains(['"', '\'', ',', '}', ' ', '#']);
            match Repository::resolve(path, local).filter(|_| is_plain) {
                Some(found) => inputs.add(self.of_chart(repository, &found, depth + 1)),
                None => inputs.unsure = true,
            }
        } else {
            inputs.paths.insert(LOCK_FILE.to_owned());
            inputs.paths.insert(VENDOR_DIRECTORY.to_owned());
        }
        inputs
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// Tells whether an Application names value files by patterns.
fn names_patterns(application: &Value) -> bool {
    let several = application
        .pointer("/spec/sources")
        .and_then(Value::as_array);
    let one = application.pointer("/spec/source");
    let sources = several.into_iter().flatten().chain(one);
    sources
        .filter_map(|source| source.pointer("/helm/valueFiles")?.as_array())
        .flatten()
        .filter_map(Value::as_str)
        .any(|file| file.contains(['*', '?', '[', '{']))
}

fn directories(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Tells whether a name ends with a dot and one of these, as they are written.
fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(name).extension().and_then(|one| one.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

fn is_kustomization(name: &str) -> bool {
    has_extension(name, &["yaml", "yml"]) || name == "Kustomization"
}

fn is_jsonnet(name: &str) -> bool {
    name.ends_with("sonnet")
}

/// Tells whether a file in a directory may make an Application, an `ApplicationSet` or a project, or
/// brings in what may.
fn names_applications(directory: &Path, depth: usize) -> bool {
    if depth > DEEPEST {
        return true;
    }
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut entries: Vec<_> = entries.map(|entry| entry.path()).collect();
    entries.sort();
    entries.into_iter().any(|path| {
        if path.is_dir() {
            return names_applications(&path, depth + 1);
        }
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let is_chart = matches!(name, "Chart.yaml" | "requirements.yaml");
        let is_text = name.ends_with("sonnet") || has_extension(name, &["tpl", "json"]);
        if !(is_text || is_kustomization(name)) {
            return false;
        }
        let Ok(text) = fs::read_to_string(&path) else {
            return false;
        };
        (is_chart && text.contains("argocd-apps"))
            || (is_kustomization(name) && name.starts_with("kustom") && text.contains(".."))
            || (text.contains("argoproj.io/")
                && ["Application", "AppProject"]
                    .iter()
                    .any(|kind| text.contains(kind)))
    })
}

/// Tells whether a file in a directory may name one that is not in it.
fn leads_out(directory: &Path, of_interest: fn(&str) -> bool, depth: usize) -> bool {
    if depth > DEEPEST {
        return true;
    }
    let Ok(entries) = fs::read_dir(directory) else {
        return true;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return leads_out(&path, of_interest, depth + 1);
        }
        entry.file_name().to_str().is_some_and(of_interest)
            && fs::read_to_string(&path)
                .is_ok_and(|text| text.contains("..") || text.contains("import '/"))
    })
}
