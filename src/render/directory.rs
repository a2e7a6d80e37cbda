//! Plain manifests: takes a directory, gives the manifests of its files as Argo CD finds them, never
//! evaluates anything.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use crate::catalog::{DirectoryOptions, Manifest};
use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

/// A file with this remark is no manifest.
const SKIP_MARKER: &str = "+argocd:skip-file-rendering";

/// Directories deeper than this are a mistake.
const MAXIMUM_DEPTH: usize = 32;

/// Reads the manifests of a directory.
pub(super) fn read(
    repository: &Repository,
    path: &str,
    options: &DirectoryOptions,
) -> Result<Vec<Manifest>, Problem> {
    let filter = Filter {
        include: options.include.as_deref().map(glob).transpose()?,
        exclude: options.exclude.as_deref().map(glob).transpose()?,
    };
    let mut files = Vec::new();
    find(
        &repository.root().join(path),
        "",
        options.recurse,
        0,
        &mut files,
    )?;
    let mut manifests = Vec::new();
    for file in files.iter().filter(|file| filter.takes(file)) {
        let file = if path.is_empty() {
            file.clone()
        } else {
            format!("{path}/{file}")
        };
        read_file(repository, &file, &mut manifests)?;
    }
    Ok(manifests)
}

struct Filter {
    include: Option<GlobMatcher>,
    exclude: Option<GlobMatcher>,
}

impl Filter {
    fn takes(&self, file: &str) -> bool {
        self.exclude
            .as_ref()
            .is_none_or(|glob| !glob.is_match(file))
            && self.include.as_ref().is_none_or(|glob| glob.is_match(file))
    }
}

fn glob(pattern: &str) -> Result<GlobMatcher, Problem> {
    GlobBuilder::new(pattern)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| Problem::new(format!("`{pattern}` is no pattern for files: {error}")))
}

/// Collects files in the order of their names, directories in their place.
fn find(
    directory: &Path,
    prefix: &str,
    recurse: bool,
    depth: usize,
    files: &mut Vec<String>,
) -> Result<(), Problem> {
    let unreadable = |error: std::io::Error| {
        Problem::new(format!(
            "cannot read the directory {}: {error}",
            directory.display()
        ))
    };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        if let Ok(name) = entry.file_name().into_string() {
            entries.push((name, kind));
        }
    }
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    for (name, kind) in entries {
        let relative = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        if kind.is_dir() {
            if recurse && depth < MAXIMUM_DEPTH {
                find(&directory.join(&name), &relative, recurse, depth + 1, files)?;
            }
        } else if kind.is_file() && is_manifest(&name) {
            // Links are left out: they could lead out of the repository.
            files.push(relative);
        }
    }
    Ok(())
}

fn is_manifest(name: &str) -> bool {
    [".yaml", ".yml", ".json", ".jsonnet"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn read_file(
    repository: &Repository,
    file: &str,
    manifests: &mut Vec<Manifest>,
) -> Result<(), Problem> {
    if file.ends_with(".jsonnet") {
        return Err(Problem::new(format!(
            "{file} is Jsonnet, which cannot be rendered yet"
        )));
    }
    let text = repository
        .read(file)
        .map_err(|error| Problem::new(error.to_string()))?;
    let text = &text.text;
    if text.contains(SKIP_MARKER) {
        return Ok(());
    }
    match goyaml::parse_stream(text) {
        Ok(documents) => {
            for document in documents {
                let value = document.to_json();
                if !value.is_null() {
                    let source = Source::line(file, document.span.line);
                    manifests.push(Manifest { value, source });
                }
            }
            Ok(())
        }
        // A file that does not look like a manifest may be anything, and is left alone.
        Err(_)
            if !["apiVersion:", "kind:", "metadata:"]
                .iter()
                .all(|key| text.contains(key)) =>
        {
            Ok(())
        }
        Err(error) => Err(Problem::of_yaml(file, error.line, error.column, &error)),
    }
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
        write(
            "a/skipped.yaml",
            &format!("# +argocd:skip-file-rendering\n{}", object("s")),
        );
        let repository = Repository::open(directory.path()).expect("a repository");
        let manifests = read(&repository, "a", options).expect("manifests");
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
            exclude: None,
            recurse: true,
        };
        assert_eq!(names(&options), ["b1", "b2", "d"]);
    }
}
