//! What a parameter of an Application is made from: takes the template that the Application stands
//! in and the parameter's name, gives the line that sets it and the values of the root that the line
//! names; never guesses where the template has no such line, or several.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::definition::{Located, Repository, SourceFile};
use crate::source::Source;

/// A value of the root by which a parameter is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Via {
    /// Its path, such as `fqdn`.
    pub path: String,
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub source: Source,
}

/// How many lines below a parameter's name its value may stand.
const REACH: usize = 4;

/// Returns where a parameter is set, and from which values.
pub(super) fn via(
    repository: &Repository,
    application: &Source,
    name: &str,
    root: &[Located],
) -> (Source, Vec<Via>) {
    let own = in_document(repository, application, name);
    // A helper beside it may make the parameters of all Applications.
    let Some((file, index)) = own.or_else(|| in_helper(repository, application, name)) else {
        return (application.without_column(), Vec::new());
    };
    let lines: Vec<&str> = file.text.lines().collect();
    let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
    let source = Source::line(file.path.clone(), line);
    let reach = lines.iter().skip(index).take(REACH);
    // The next entry of the list has values of its own.
    let own = reach
        .enumerate()
        .take_while(|(at, line)| *at == 0 || !line.trim_start().starts_with("- "))
        .map(|(_, line)| *line);
    let mut vias: Vec<Via> = Vec::new();
    for path in own.flat_map(references) {
        let keys: Vec<&str> = path.split('.').collect();
        let said = root.iter().rev().find_map(|located| {
            let (last, above) = keys.split_last()?;
            let field = located.at(above)?.field(last)?;
            Some(Via {
                path: path.clone(),
                value: field.value.to_json(),
                source: field.key_place.source().without_column(),
            })
        });
        vias.extend(said.filter(|one| !vias.contains(one)));
    }
    (source, vias)
}

/// Finds the only line that names a parameter in the document that an Application stands in.
fn in_document(
    repository: &Repository,
    application: &Source,
    name: &str,
) -> Option<(Arc<SourceFile>, usize)> {
    let file = repository.read(&application.file).ok()?;
    let begin = application
        .line
        .map_or(0, |line| line.saturating_sub(1) as usize);
    let here = file.text.lines().enumerate().skip(begin);
    let of_it = here.take_while(|(at, line)| *at == begin || line.trim_end() != "---");
    let mut found = of_it
        .filter(|(_, line)| names(line, name))
        .map(|(at, _)| at);
    let (Some(index), None) = (found.next(), found.next()) else {
        return None;
    };
    Some((Arc::clone(&file), index))
}

/// Finds the only line that names a parameter in the helpers beside an Application's template.
fn in_helper(
    repository: &Repository,
    application: &Source,
    name: &str,
) -> Option<(Arc<SourceFile>, usize)> {
    let (directory, _) = application.file.rsplit_once('/')?;
    let entries = std::fs::read_dir(repository.root().join(directory)).ok()?;
    let files = entries.flatten().map(|entry| entry.file_name());
    let mut files: Vec<String> = files.filter_map(|name| name.into_string().ok()).collect();
    files.retain(|file| Path::new(file).extension().is_some_and(|one| one == "tpl"));
    files.sort();
    let mut found: Option<(Arc<SourceFile>, usize)> = None;
    for file in files {
        let Ok(file) = repository.read(&format!("{directory}/{file}")) else {
            continue;
        };
        for (index, line) in file.text.lines().enumerate() {
            if names(line, name) && found.replace((Arc::clone(&file), index)).is_some() {
                return None;
            }
        }
    }
    found
}

/// Tells whether a line of YAML gives this name: `name: global.host`, quoted or not.
fn names(line: &str, name: &str) -> bool {
    let Some((_, after)) = line.split_once("name:") else {
        return false;
    };
    let given = after.trim().trim_end_matches([',', '}']);
    let given = given.split(',').next().unwrap_or_default().trim();
    given.trim_matches(['"', '\'']) == name
}

/// Returns the paths of values that a line of a template names.
fn references(line: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, mark) in line.match_indices(".Values.") {
        let rest = &line[at + mark.len()..];
        let is_part = |letter: char| letter.is_alphanumeric() || "_.".contains(letter);
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let path = rest[..end].trim_end_matches('.');
        if !path.is_empty() {
            paths.push(path.to_owned());
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_templates_are_read() {
        assert!(names("        - name: global.host", "global.host"));
        assert!(names(
            "- {name: \"global.host\", value: {{ .Values.fqdn }}}",
            "global.host"
        ));
        assert!(!names("- name: global.hostname", "global.host"));
        assert_eq!(
            references("value: \"https://{{ .Values.fqdn }}/{{ $.Values.a.b | quote }}\""),
            ["fqdn", "a.b"]
        );
    }
}
