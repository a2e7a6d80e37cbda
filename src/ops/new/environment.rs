//! A new environment: takes its name and one that is like it, gives its files, never writes.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::definition::{Repository, YamlEdit};

use super::copy::{Swap, swapped};
use super::error::NewError;
use super::house::{CATALOGUE, House, YamlFile, cannot, check_environment};
use super::name::{LABEL, check};
use super::{FileChange, Proposal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewEnvironment {
    /// The environment's name.
    pub name: String,
    /// The one whose files it begins with; absent for one with nothing but what all others have.
    pub from: Option<String>,
    /// Its host name; absent where that of the other one tells it.
    pub host: Option<String>,
}

/// No tree of overlays is deeper.
const DEPTH: usize = 8;

/// Returns what a new environment is.
pub fn environment(repository: &Repository, asked: &NewEnvironment) -> Result<Proposal, NewError> {
    let name = &asked.name;
    check("an environment", name, LABEL)?;
    let house = House::of(repository, "an environment")?;
    let path = format!("environments/values-{name}.yaml");
    if repository.root().join(&path).exists() {
        return Err(NewError::Exists {
            what: "the environment",
            name: name.clone(),
            place: path,
        });
    }
    let mut proposal = match &asked.from {
        Some(from) => copied(repository, house, asked, from, path)?,
        None => bare(repository, house, asked, path)?,
    };
    proposal.next = vec![
        format!("firstlight lint {name}"),
        format!("firstlight plan {name}"),
    ];
    Ok(proposal)
}

/// Returns an environment that begins as a copy.
fn copied(
    repository: &Repository,
    house: House,
    asked: &NewEnvironment,
    from: &str,
    path: String,
) -> Result<Proposal, NewError> {
    check_environment(repository, from)?;
    let own = format!("environments/values-{from}.yaml");
    let mut file = YamlFile::read(repository, &own)?;
    let old_host = text_at(&file, &["fqdn"]);
    let host = match (
        &asked.host,
        old_host.as_deref().and_then(|old| old.strip_prefix(from)),
    ) {
        (Some(host), _) => host.clone(),
        (None, Some(domain)) if domain.starts_with('.') => format!("{}{domain}", asked.name),
        _ => {
            return Err(NewError::Unsaid {
                what: "host name",
                argument: "--fqdn",
                known: Vec::new(),
            });
        }
    };
    let mut swaps = Vec::new();
    if let Some(old) = old_host {
        swaps.push(Swap { old, new: host });
    }
    for key in [&["vault", "path"][..], &["vaultPathPrefix"]] {
        let old = text_at(&file, key);
        if let Some(old) = old.filter(|old| old.ends_with(&format!("/{from}"))) {
            let new = format!("{}{}", &old[..old.len() - from.len()], asked.name);
            swaps.push(Swap { old, new });
        }
    }
    file.change(|edit| edit.set(&["name"], &json!(asked.name)))?;
    let pins_context = file
        .value(&["context"])
        .is_some_and(|value| !value.is_null());
    let text = file.into_change().text;
    let text = if pins_context {
        without_context(&own, &text)?
    } else {
        text
    };
    let mut proposal = Proposal::default();
    if pins_context {
        proposal.notes.push(format!(
            "{path} pins no `context`: that of {from} is another cluster"
        ));
    }
    let mut add = |from: &str, path: String, text: &str| {
        let (text, lines) = swapped(text, &swaps);
        if from != own && !lines.is_empty() {
            let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
            let what = if lines.len() == 1 { "line" } else { "lines" };
            proposal.notes.push(format!(
                "{path} has the new host name or path in Vault in {what} {}",
                lines.join(", ")
            ));
        }
        proposal.changes.push(FileChange::new(path, text));
    };
    add(&own, path, &text);
    for (old, new) in belonging(repository, house, from, &asked.name) {
        let text = repository.read(&old)?;
        add(&old, new, &text.text);
    }
    let taken =
        (proposal.changes.iter()).find(|change| repository.root().join(&change.path).exists());
    if let Some(taken) = taken {
        return Err(NewError::Exists {
            what: "a file of",
            name: asked.name.clone(),
            place: taken.path.clone(),
        });
    }
    Ok(proposal)
}

/// Returns an environment with the services that all others have.
fn bare(
    repository: &Repository,
    house: House,
    asked: &NewEnvironment,
    path: String,
) -> Result<Proposal, NewError> {
    let name = &asked.name;
    let host = asked.host.clone().unwrap_or(format!("{name}.example.org"));
    let group = house.services();
    let enabled = |file: &YamlFile, service: &str| {
        let value = match house {
            House::Ours => file.value(&[group, service, "enabled"]),
            House::Phalanx => file.value(&[group, service]),
        };
        value.and_then(|value| value.as_bool())
    };
    let catalogue = YamlFile::read(repository, CATALOGUE)?;
    let mut others = Vec::new();
    for other in repository.environments()? {
        others.push(YamlFile::read(
            repository,
            &format!("environments/values-{other}.yaml"),
        )?);
    }
    // What the catalogue switches on needs no word.
    let common: Vec<String> = (catalogue.keys(&[group]).into_iter())
        .filter(|service| enabled(&catalogue, service) != Some(true))
        .filter(|service| {
            !others.is_empty()
                && others
                    .iter()
                    .all(|other| enabled(other, service) == Some(true))
        })
        .collect();
    let mut text = format!("name: {name}\nfqdn: {host}\n");
    match house {
        House::Ours => text
            .push_str("\nvault:\n  address: https://vault.example.org\n  path: secret/platform/"),
        House::Phalanx => text.push_str("vaultPathPrefix: secret/phalanx/"),
    }
    let _ = write!(text, "{name}\n\n{group}:");
    if common.is_empty() {
        text.push_str(" {}");
    }
    text.push('\n');
    for service in common {
        let value = match house {
            House::Ours => "{enabled: true}",
            House::Phalanx => "true",
        };
        let _ = writeln!(text, "  {service}: {value}");
    }
    let note = format!("the host name and Vault's address in {path} are examples: put yours there");
    Ok(Proposal {
        changes: vec![FileChange::new(path, text)],
        notes: vec![note],
        next: Vec::new(),
    })
}

fn text_at(file: &YamlFile, path: &[&str]) -> Option<String> {
    match file.value(path)? {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Returns an environment's text without the key `context` and the comments right above it: it
/// names the cluster that the other environment writes to.
fn without_context(path: &str, text: &str) -> Result<String, NewError> {
    let edit = YamlEdit::new(text).map_err(|cause| cannot(path, cause))?;
    let entangled = || {
        let path = "context".to_owned();
        cannot(
            &format!("the copy of {path}"),
            crate::definition::EditError::Entangled { path },
        )
    };
    let entry = edit.get(&[]).and_then(|root| root.entry("context"));
    let line = entry
        .map(|entry| entry.key_span.line as usize)
        .ok_or_else(entangled)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut start = line - 1;
    while start > 0 && lines[start - 1].starts_with('#') {
        start -= 1;
    }
    let mut end = line;
    let is_blank = |line: Option<&&str>| line.is_none_or(|line| line.trim().is_empty());
    if is_blank(lines.get(end)) && (start == 0 || is_blank(lines.get(start - 1))) {
        end = (end + 1).min(lines.len());
    }
    let kept = [&lines[..start], &lines[end..]].concat().concat();
    let mut expected = edit.get(&[]).map(goyaml::Node::to_json).unwrap_or_default();
    if let Some(map) = expected.as_object_mut() {
        map.remove("context");
    }
    match YamlEdit::new(kept.clone()) {
        Ok(now) if now.get(&[]).map(goyaml::Node::to_json) == Some(expected) => Ok(kept),
        _ => Err(entangled()),
    }
}

/// Returns the files that services have for an environment, with the names for another one.
fn belonging(
    repository: &Repository,
    house: House,
    from: &str,
    name: &str,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let services = house.services();
    for service in entries(&repository.root().join(services)) {
        let directory = format!("{services}/{service}");
        for kind in ["values", "secrets"] {
            let old = format!("{directory}/{kind}-{from}.yaml");
            if repository.root().join(&old).is_file() {
                found.push((old, format!("{directory}/{kind}-{name}.yaml")));
            }
        }
        let overlay = format!("{directory}/overlays/{from}");
        for file in files(&repository.root().join(&overlay), DEPTH) {
            found.push((
                format!("{overlay}/{file}"),
                format!("{directory}/overlays/{name}/{file}"),
            ));
        }
    }
    found
}

fn entries(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// Returns the files below a directory; links to directories are not followed.
fn files(directory: &Path, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for name in entries(directory) {
        let path = directory.join(&name);
        if path.is_dir() && !path.is_symlink() && depth > 0 {
            let inner = files(&path, depth - 1);
            found.extend(inner.into_iter().map(|inner| format!("{name}/{inner}")));
        } else if path.is_file() {
            found.push(name);
        }
    }
    found
}
