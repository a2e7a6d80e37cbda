//! A directory of manifests: takes its files as Argo CD finds them (YAML, JSON and Jsonnet), gives
//! their manifests, never one that a person did not mean to be one.

mod find;
mod jsonnet;

use serde_json::Value;

use crate::catalog::{DirectoryOptions, Manifest};
use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use find::{Filter, Search};

/// A file with this remark is no manifest.
const SKIP_MARKER: &str = "+argocd:skip-file-rendering";

/// What the YAML and JSON of one directory may have together: Argo CD's limit, unless its server is
/// told another (`reposerver.max.combined.directory.manifests.size`).
const MAXIMUM_COMBINED_SIZE: usize = 10_000_000;

/// Reads the manifests of a directory.
pub(super) fn read(
    repository: &Repository,
    path: &str,
    options: &DirectoryOptions,
    jsonnet_is_off: bool,
) -> Result<Vec<Manifest>, Problem> {
    let filter = Filter::new(options);
    let search = Search {
        repository,
        path,
        recurse: options.recurse,
        filter: &filter,
    };
    let mut manifests = Vec::new();
    let mut evaluated = Vec::new();
    let mut size = 0;
    for file in search.files()? {
        let source = repository
            .read(&file)
            .map_err(|error| Problem::new(error.to_string()))?;
        let text = &source.text;
        if text.contains(SKIP_MARKER) {
            continue;
        }
        let extension = file.rsplit('.').next();
        if extension == Some("jsonnet") && jsonnet_is_off {
            continue;
        }
        if extension == Some("jsonnet") {
            // The place that its manifests have among the others.
            evaluated.push((file, manifests.len()));
            continue;
        }
        size += text.len();
        if size > MAXIMUM_COMBINED_SIZE {
            let what =
                format!("the manifests of {path} have more than {MAXIMUM_COMBINED_SIZE} bytes");
            return Err(Problem::new(what).help("Argo CD refuses so large a directory, too"));
        }
        if extension == Some("json") {
            manifests.extend(json(&file, text)?);
        } else {
            manifests.extend(yaml(&file, text)?);
        }
    }
    if evaluated.is_empty() {
        return Ok(manifests);
    }
    let (files, positions): (Vec<String>, Vec<usize>) = evaluated.into_iter().unzip();
    let results = jsonnet::evaluate(repository, path, &options.jsonnet, &files)?;
    for (result, position) in results.into_iter().zip(positions).rev() {
        manifests.splice(position..position, result);
    }
    Ok(manifests)
}

/// Tells whether a value is what Argo CD takes for an object.
fn has_kind(value: &Value) -> bool {
    let kind = value.get("kind").and_then(Value::as_str);
    kind.is_some_and(|kind| !kind.is_empty())
}

/// Reads a JSON file, which has one object.
fn json(file: &str, text: &str) -> Result<Option<Manifest>, Problem> {
    let source = Source::file(file);
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = match values.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => {
            let place = Source {
                line: u32::try_from(error.line()).ok(),
                column: u32::try_from(error.column().max(1)).ok(),
                ..source
            };
            return Err(Problem::new(format!("{file} is not valid JSON: {error}")).at(place));
        }
        None => return Err(Problem::new(format!("{file} is empty")).at(source)),
    };
    if !text[values.byte_offset()..].trim().is_empty() {
        return Err(Problem::new(format!("{file} has more than one JSON value"))
            .at(source)
            .help("Argo CD takes one object of a .json file; put several into a List"));
    }
    if value.is_null() {
        return Ok(None);
    }
    if has_kind(&value) {
        return Ok(Some(Manifest { value, source }));
    }
    // The manifest of an image, as registries of artifacts have it beside others.
    if value.get("schemaVersion").is_some() && value.get("layers").is_some() {
        return Ok(None);
    }
    Err(Problem::new(format!("{file} is no object with a `kind`"))
        .at(source)
        .help("a pattern in spec.source.directory.exclude leaves a file out"))
}

/// Reads a YAML file. One that does not look like a manifest may be anything, and is left alone.
fn yaml(file: &str, text: &str) -> Result<Vec<Manifest>, Problem> {
    let looks_like_manifests = ["apiVersion:", "kind:", "metadata:"]
        .iter()
        .all(|key| text.contains(key));
    let documents = match goyaml::parse_stream(text) {
        Ok(documents) => documents,
        Err(_) if !looks_like_manifests => return Ok(Vec::new()),
        Err(error) => return Err(Problem::of_yaml(file, error.line, error.column, &error)),
    };
    let mut manifests = Vec::new();
    for document in documents {
        let value = document.to_json();
        let source = Source::line(file, document.span.line);
        if value.is_null() {
            continue;
        }
        if !has_kind(&value) {
            if manifests.is_empty() && !looks_like_manifests {
                return Ok(manifests);
            }
            return Err(Problem::new(format!(
                "{file} has a document that is no object with a `kind`"
            ))
            .at(source));
        }
        manifests.push(Manifest { value, source });
    }
    Ok(manifests)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(options: &DirectoryOptions) -> Vec<String> {
        let directory = tempfile::TempDir::new().expect("a temporary directory");
        let write = |path: &str, text: &str| {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        };
        write("environments/values.yaml", "");
        let object = |name: &str| format!("{{kind: X, metadata: {{name: {name}}}}}\n");
        write(
            "a/b.yaml",
            &format!("{}---\n# nothing\n---\n{}", object("b1"), object("b2")),
        );
        write(
            "a/a.json",
            "{\"kind\": \"X\", \"metadata\": {\"name\": \"a\"}}",
        );
        write("a/c/d.yml", &object("d"));
        write("a/notes.txt", "no: manifest");
        write("a/other.yaml", "not: [a manifest");
        write("a/values.yaml", "replicas: 2");
        write(
            "a/skipped.yaml",
            &format!("# +argocd:skip-file-rendering\n{}", object("s")),
        );
        let repository = Repository::open(directory.path()).expect("a repository");
        let manifests = read(&repository, "a", options, false).expect("manifests");
        manifests
            .iter()
            .map(|manifest| manifest.name().to_owned())
            .collect()
    }

    #[test]
    fn files_are_found_as_argo_cd_finds_them() {
        let options = DirectoryOptions::default();
        assert_eq!(names(&options), ["a", "b1", "b2"]);
        let options = DirectoryOptions {
            recurse: true,
            ..options
        };
        assert_eq!(names(&options), ["a", "b1", "b2", "d"]);
        let exclude = Some("c/*".to_owned());
        let options = DirectoryOptions { exclude, ..options };
        assert_eq!(names(&options), ["a", "b1", "b2"]);
        let include = Some("{b.yaml,*.yml}".to_owned());
        let options = DirectoryOptions {
            include,
            recurse: true,
            ..DirectoryOptions::default()
        };
        assert_eq!(names(&options), ["b1", "b2", "d"]);
    }
}
