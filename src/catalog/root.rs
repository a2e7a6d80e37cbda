//! The roots of an environment as Applications: takes where they are, gives an Application for each,
//! as Argo CD would be given it, and which repository they are of; never renders one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::definition::{Environment, GitReference, LayoutKind, Repository, Root};
use crate::problem::Problem;
use crate::source::Source;

use super::fetch::git::{normalized, same_repository};
use super::manifest::Manifest;
use super::project::IN_CLUSTER;

/// Stands for the URL of a repository as long as nobody knows it. The domain is never anybody's.
pub(super) const UNKNOWN_URL: &str = "https://repository.invalid/this.git";
/// The namespace of Argo CD where nothing is said.
const NAMESPACE: &str = "argocd";

const GROUP: &str = "argoproj.io";

/// What in a root's manifests makes a platform, and what is beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Application,
    ApplicationSet,
    Project,
    Other,
}

/// Returns what a manifest is to a root.
pub(super) fn role(manifest: &Manifest) -> Role {
    match (manifest.group(), manifest.kind()) {
        (GROUP, "Application") => Role::Application,
        (GROUP, "ApplicationSet") => Role::ApplicationSet,
        (GROUP, "AppProject") => Role::Project,
        _ => Role::Other,
    }
}

/// A root of an environment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RootApplication {
    /// Its Application.
    pub(super) manifest: Manifest,
    /// Whether that stands in the repository; else it is one of our own making.
    pub(super) is_written: bool,
}

/// Returns the root Applications of an environment, the root of all first.
///
/// A file of nothing but Applications has them itself: somebody applies it, and they are the roots.
/// Anything else gets an Application of our own making, since Argo CD needs one to keep it.
pub(super) fn roots(
    repository: &Repository,
    environment: &Environment,
) -> Result<Vec<RootApplication>, Problem> {
    let gives_values = |root: &Root| !root.value_files.is_empty() || !root.parameters.is_empty();
    if !environment
        .roots
        .iter()
        .any(|root| is_chart(repository, root))
        && let Some(root) = environment.roots.iter().find(|root| gives_values(root))
    {
        let what = "values and parameters are given for the roots, and none of them is a chart";
        let mut problem = Problem::new(what);
        problem.source.clone_from(&root.source);
        return Err(problem);
    }
    let mut roots = Vec::new();
    for root in &environment.roots {
        check(repository, root, environment.layout)?;
        let is_file = repository.root().join(&root.path).is_file();
        match is_file.then(|| written(repository, root)).transpose()? {
            Some(written) if !written.is_empty() => {
                roots.extend(written.into_iter().map(|manifest| RootApplication {
                    manifest,
                    is_written: true,
                }));
            }
            _ => roots.push(RootApplication {
                manifest: made(repository, environment, root),
                is_written: false,
            }),
        }
    }
    Ok(roots)
}

fn check(repository: &Repository, root: &Root, layout: LayoutKind) -> Result<(), Problem> {
    let path = &root.path;
    let whole = repository.root().join(path);
    if layout == LayoutKind::Own && !whole.join("Chart.yaml").is_file() {
        let message = format!("there is no root chart: {path}/Chart.yaml is missing");
        return Err(Problem::new(message).help(
            "the root chart turns an environment into Argo CD's projects and Applications; another \
             layout is described in firstlight.yaml, under `layout`",
        ));
    }
    let problem = |what: &str| {
        let mut problem = Problem::new(format!("the root {path} {what}"));
        problem.source.clone_from(&root.source);
        problem
    };
    if !whole.exists() {
        return Err(problem("is not in the repository").help("its path begins at the repository"));
    }
    if repository.leads_out(path) {
        return Err(problem("is a link that leads out of the repository"));
    }
    Ok(())
}

/// Returns the Applications of a file that has nothing else.
fn written(repository: &Repository, root: &Root) -> Result<Vec<Manifest>, Problem> {
    let file = (repository.read(&root.path)).map_err(|error| Problem::new(error.to_string()))?;
    let documents = goyaml::parse_stream(&file.text)
        .map_err(|error| Problem::of_yaml(&root.path, error.line, error.column, &error))?;
    let mut manifests = Vec::new();
    for node in documents {
        let line = node.span.line;
        let manifest = Manifest {
            value: node.into_json(),
            source: Source::line(root.path.clone(), line),
        };
        if manifest.value.is_null() {
            continue;
        }
        if role(&manifest) != Role::Application {
            return Ok(Vec::new());
        }
        manifests.push(manifest);
    }
    Ok(manifests)
}

fn is_chart(repository: &Repository, root: &Root) -> bool {
    let chart = repository.root().join(&root.path).join("Chart.yaml");
    chart.is_file()
}

/// Makes the Application of a root.
fn made(repository: &Repository, environment: &Environment, root: &Root) -> Manifest {
    let own = &environment.repository;
    let is_file = repository.root().join(&root.path).is_file();
    let (folder, file) = match root.path.rsplit_once('/') {
        Some((folder, file)) if is_file => (folder, Some(file)),
        None if is_file => (".", Some(root.path.as_str())),
        _ if root.path.is_empty() => (".", None),
        _ => (root.path.as_str(), None),
    };
    let mut source = Map::new();
    source.insert("repoURL".to_owned(), json!(own.url));
    source.insert("targetRevision".to_owned(), json!(own.revision));
    source.insert("path".to_owned(), json!(folder));
    if let Some(file) = file {
        source.insert("directory".to_owned(), json!({"include": file}));
    } else if root.recurse {
        source.insert("directory".to_owned(), json!({"recurse": true}));
    }
    // What is said for all roots is meant for those that are charts.
    if let Some(helm) = helm(environment, root).filter(|_| is_chart(repository, root)) {
        source.insert("helm".to_owned(), helm);
    }
    let namespace = root.namespace.as_deref().unwrap_or(NAMESPACE);
    let value = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name(environment, root), "namespace": namespace},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"server": IN_CLUSTER.0, "namespace": namespace},
        },
    });
    let place = (root.source.clone()).unwrap_or_else(|| Source::file(root.path.clone()));
    Manifest {
        value,
        source: place,
    }
}

fn helm(environment: &Environment, root: &Root) -> Option<Value> {
    if root.value_files.is_empty() && root.parameters.is_empty() {
        return None;
    }
    let below = format!("{}/", root.path);
    let file = |path: &String| match path.strip_prefix(&below) {
        Some(beside) => beside.to_owned(),
        // Argo CD's way to say: from the root of the repository.
        None => format!("/{path}"),
    };
    let files: Vec<String> = root.value_files.iter().map(file).collect();
    let own = &environment.repository;
    let parameters = root.parameters.iter().map(|(name, value)| {
        let value = (value.replace("$environment", &environment.name))
            .replace("$url", &own.url)
            .replace("$revision", &own.revision);
        json!({"name": name, "value": value})
    });
    let parameters: Vec<Value> = parameters.collect();
    let mut helm = Map::new();
    if !files.is_empty() {
        helm.insert("valueFiles".to_owned(), json!(files));
    }
    if !parameters.is_empty() {
        helm.insert("parameters".to_owned(), json!(parameters));
    }
    Some(Value::Object(helm))
}

/// Returns the name of a root: what is said, else where it is.
fn name(environment: &Environment, root: &Root) -> String {
    if let Some(name) = &root.name {
        return name.clone();
    }
    let last = root.path.rsplit('/').next().unwrap_or_default();
    let last = last.split('.').next().unwrap_or_default();
    let name = kubernetes_name(last);
    if name.is_empty() {
        kubernetes_name(&environment.name)
    } else {
        name
    }
}

/// Returns a text as a name that Kubernetes takes.
fn kubernetes_name(text: &str) -> String {
    let letter = |one: char| {
        if one.is_ascii_alphanumeric() {
            one
        } else {
            '-'
        }
    };
    let name: String = text.to_lowercase().chars().map(letter).collect();
    name.trim_matches('-').to_owned()
}

/// Tells whether what a root is given depends on which repository it is of.
pub(super) fn asks_for_its_repository(environment: &Environment) -> bool {
    let mut parameters = environment.roots.iter().flat_map(|root| &root.parameters);
    parameters.any(|(_, value)| value.contains("$url") || value.contains("$revision"))
}

/// Finds out which repository Applications mean by this one, where that is not written down: the
/// one at whose paths they find directories here, `remote` before others, and of its revisions the
/// one that they name most often.
pub(super) fn own_repository<'m>(
    repository: &Repository,
    manifests: impl IntoIterator<Item = &'m Manifest>,
    known: &GitReference,
) -> GitReference {
    let mut votes: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut revisions: Vec<(String, String)> = Vec::new();
    let yields =
        |manifest: &&Manifest| matches!(role(manifest), Role::Application | Role::ApplicationSet);
    for manifest in manifests.into_iter().filter(yields) {
        sources(&manifest.value, &mut |url, path, revision| {
            let is_here = path.contains("{{") || repository.root().join(path).is_dir();
            if is_here && !path.starts_with('/') {
                let vote = votes.entry(normalized(url)).or_default();
                url.clone_into(&mut vote.0);
                vote.1 += 1;
            }
            revisions.push((url.to_owned(), revision.to_owned()));
        });
    }
    let is_voted = votes.contains_key(&normalized(&known.url));
    let most = votes.values().max_by_key(|(_, count)| *count);
    let url = match most {
        Some((url, _)) if !is_voted => url.clone(),
        _ => known.url.clone(),
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, revision) in revisions.iter().filter(|(of, _)| same_repository(of, &url)) {
        *counts.entry(revision.as_str()).or_default() += 1;
    }
    let revision = counts.into_iter().max_by_key(|(_, count)| *count);
    let revision = match known.revision.as_str() {
        "" => revision.map_or_else(|| "HEAD".to_owned(), |(one, _)| one.to_owned()),
        said => said.to_owned(),
    };
    GitReference { url, revision }
}

/// Calls a function with URL, path and revision of everything that names a repository.
fn sources(value: &Value, found: &mut impl FnMut(&str, &str, &str)) {
    match value {
        Value::Object(fields) => {
            let text = |key: &str| fields.get(key).and_then(Value::as_str);
            if let (Some(url), Some(path)) = (text("repoURL"), text("path")) {
                let revision = text("targetRevision").unwrap_or("HEAD");
                let revision = if revision.is_empty() {
                    "HEAD"
                } else {
                    revision
                };
                found(url, path, revision);
            }
            fields.values().for_each(|below| sources(below, found));
        }
        Value::Array(items) => items.iter().for_each(|below| sources(below, found)),
        _ => {}
    }
}
