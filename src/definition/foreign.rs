//! One environment of a repository that was not made for firstlight: takes its layout and a name,
//! gives what can be known of the environment before its root is rendered, never minds a key that it
//! does not know.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::problem::Problem;

use super::document::{Located, Place, SourceFile, Tree};
use super::environment::{Definition, Environment, GitReference};
use super::error::DefinitionError;
use super::layout::{Layout, LayoutKind, Root};
use super::merge::merge;
use super::repository::Repository;
use super::supplement::{SUPPLEMENT, supplement};

/// Where Phalanx's public repository is: what its parent chart is told where nobody says otherwise.
const PHALANX: &str = "https://github.com/lsst-sqre/phalanx.git";

/// The keys by which Phalanx's parent chart has known the repository's URL, over the years.
const URL_KEYS: &[&str] = &["repoUrl", "repoURL"];
/// And its revision.
const REVISION_KEYS: &[&str] = &["targetRevision", "revision"];
/// And the name of the root Application.
const ROOT_NAME_KEY: &str = "appOfAppsName";

/// Reads an environment; all problems of its files in one go.
pub(super) fn load(
    repository: &Repository,
    layout: &Layout,
    name: &str,
) -> Result<Definition, DefinitionError> {
    let mut roots: Vec<Root> = layout.roots.iter().map(|root| root.of(name)).collect();
    let (files, values) = read(repository, roots.first())?;
    let supplement = match repository.read_optional(SUPPLEMENT)? {
        Some(file) => supplement(&file).map_err(DefinitionError::Problems)?,
        None => super::supplement::Supplement::default(),
    };
    let remote = repository.git().and_then(|git| git.remote());
    let remote = remote.map(|(_, url)| url);
    let mut own = GitReference {
        url: layout.url.clone().or(remote).unwrap_or_default(),
        revision: layout.revision.clone().unwrap_or_default(),
    };
    if layout.kind == LayoutKind::Phalanx {
        let text = |keys: &[&str]| keys.iter().find_map(|key| text_at(&values, key));
        // What the values say is what Argo CD is told; the installer may say something else.
        if let Some(url) = text(URL_KEYS) {
            own.url = url;
        } else if own.url.is_empty() {
            PHALANX.clone_into(&mut own.url);
        }
        if let Some(revision) = text(REVISION_KEYS) {
            own.revision = revision;
        }
        if let Some(root) = roots.first_mut() {
            root.name = text_at(&values, ROOT_NAME_KEY).or(root.name.take());
            root.parameters = told_by_the_installer(repository, &root.path, &values);
        }
    }
    let environment = Environment {
        name: name.to_owned(),
        context: None,
        repository: own,
        services: BTreeMap::new(),
        clusters: layout.clusters.of(name),
        layout: layout.kind,
        roots,
        supplement,
    };
    Ok(Definition {
        environment,
        files,
        values,
    })
}

/// Reads the files of values of the first root. One that is missing is told when it is rendered.
fn read(
    repository: &Repository,
    root: Option<&Root>,
) -> Result<(Vec<Arc<SourceFile>>, Located), DefinitionError> {
    let mut files = Vec::new();
    for path in root.iter().flat_map(|root| &root.value_files) {
        files.extend(repository.read_optional(path)?);
    }
    let mut problems: Vec<Problem> = Vec::new();
    let mut values: Option<Located> = None;
    for file in &files {
        match Located::read_leniently(file) {
            Ok(tree) => {
                values = Some(match values {
                    Some(below) => merge(below, tree),
                    None => tree,
                });
            }
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(DefinitionError::Problems(problems));
    }
    let nothing = || Located {
        tree: Tree::Map(Vec::new()),
        place: Place {
            file: Arc::new(SourceFile {
                path: root.map(|root| root.path.clone()).unwrap_or_default(),
                text: String::new(),
            }),
            line: 1,
            column: 1,
        },
    };
    Ok((files, values.unwrap_or_else(nothing)))
}

fn text_at(values: &Located, key: &str) -> Option<String> {
    match &values.at(&[key])?.tree {
        Tree::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// Returns what Phalanx's installer sets on the root Application: the repository's URL and revision,
/// by the names that the templates of this age use, as far as no file of values says them.
fn told_by_the_installer(
    repository: &Repository,
    root: &str,
    values: &Located,
) -> Vec<(String, String)> {
    let keys = (URL_KEYS.iter().map(|key| (*key, "$url")))
        .chain(REVISION_KEYS.iter().map(|key| (*key, "$revision")));
    let open: Vec<(&str, &str)> = keys
        .filter(|(key, _)| text_at(values, key).is_none())
        .collect();
    if open.is_empty() {
        return Vec::new();
    }
    let mut texts = Vec::new();
    templates(repository, &format!("{root}/templates"), 0, &mut texts);
    let is_asked = |key: &str| {
        let name = format!(".Values.{key}");
        let whole = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_alphanumeric());
        let mentions = |text: &String| {
            text.match_indices(&name)
                .any(|(at, _)| whole(&text[at + name.len()..]))
        };
        texts.iter().any(mentions)
    };
    let asked = open.into_iter().filter(|(key, _)| is_asked(key));
    asked
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn templates(repository: &Repository, folder: &str, depth: usize, texts: &mut Vec<String>) {
    const DEEPEST: usize = 4;
    let Ok(entries) = std::fs::read_dir(repository.root().join(folder)) else {
        return;
    };
    for entry in entries.flatten() {
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            continue;
        };
        let path = format!("{folder}/{name}");
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth < DEEPEST {
                templates(repository, &path, depth + 1, texts);
            }
        } else if let Ok(file) = repository.read(&path) {
            texts.push(file.text.clone());
        }
    }
}
