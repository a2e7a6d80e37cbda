//! Plain manifests: takes a directory, gives the manifests of its files as Argo CD finds them, never
//! evaluates anything.

use std::path::Path;

use serde_json::Value;

use crate::catalog::{DirectoryOptions, Manifest};
use crate::definition::Repository;
use crate::glob::Glob;
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
        include: options.include.as_deref().map(glob),
        exclude: options.exclude.as_deref().map(glob),
    };
    let mut files = Vec::new();
    let search = Search {
        root: repository.root(),
        recurse: options.recurse,
    };
    search.find(&repository.root().join(path), "", 0, &mut files)?;
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
    include: Option<Glob>,
    exclude: Option<Glob>,
}

impl Filter {
    fn takes(&self, file: &str) -> bool {
        !(self.exclude.as_ref()).is_some_and(|glob| glob.matches(file))
            && self.include.as_ref().is_none_or(|glob| glob.matches(file))
    }
}

/// Returns a pattern; one that cannot be read matches nothing, in Argo CD as here.
fn glob(pattern: &str) -> Glob {
    Glob::new(pattern, &[])
}

struct Search<'r> {
    root: &'r Path,
    recurse: bool,
}

impl Search<'_> {
    /// Collects files in the order of their names, directories in their place.
    fn find(
        &self,
        directory: &Path,
        prefix: &str,
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
            let path = directory.join(&name);
            if kind.is_dir() {
                if self.recurse && depth < MAXIMUM_DEPTH {
                    self.find(&path, &relative, depth + 1, files)?;
                }
            } else if is_manifest(&name)
                && (kind.is_file() || (kind.is_symlink() && self.leads_to_file(&path)?))
            {
                files.push(relative);
            }
        }
        Ok(())
    }

    /// Tells whether a link leads to a file; one that leads out of the repository is a mistake.
    fn leads_to_file(&self, link: &Path) -> Result<bool, Problem> {
        let (Ok(found), Ok(root)) = (link.canonicalize(), self.root.canonicalize()) else {
            return Ok(false);
        };
        if found.starts_with(&root) {
            return Ok(found.is_file());
        }
        let link = link.strip_prefix(self.root).unwrap_or(link);
        Err(Problem::new(format!(
            "{} is a link that leads out of the repository",
            link.display()
        )))
    }
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
    if is_json(file) {
        manifests.push(json(file, text)?);
        return Ok(());
    }
    match yaml(file, text) {
        Ok(found) => manifests.extend(found),
        // A file that does not look like a manifest may be anything, and is left alone.
        Err(mistake) if !mistake.after_objects && !looks_like_manifest(text) => {}
        Err(mistake) => return Err(mistake.problem),
    }
    Ok(())
}

#[expect(
    clippy::case_sensitive_file_extension_comparisons,
    reason = "Argo CD tells A.JSON from a.json"
)]
fn is_json(file: &str) -> bool {
    file.ends_with(".json")
}

fn looks_like_manifest(text: &str) -> bool {
    let keys = ["apiVersion:", "kind:", "metadata:"];
    keys.iter().all(|key| text.contains(key))
}

/// Reads the one object of a JSON file.
fn json(file: &str, text: &str) -> Result<Manifest, Problem> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = match stream.next() {
        Some(Ok(value @ Value::Object(_))) => value,
        Some(Err(error)) => {
            let place = Source {
                file: file.to_owned(),
                line: u32::try_from(error.line()).ok(),
                column: u32::try_from(error.column()).ok(),
            };
            return Err(Problem::new(format!("{file} is not valid JSON: {error}")).at(place));
        }
        _ => {
            return Err(Problem::new(format!("{file} holds no object"))
                .at(Source::file(file))
                .help(
                    "Argo CD takes one object in a JSON file; a list is an object of kind List",
                ));
        }
    };
    if stream.next().is_some() {
        return Err(Problem::new(format!("{file} holds several objects"))
            .at(Source::file(file))
            .help("Argo CD takes one object in a JSON file; a list is an object of kind List"));
    }
    Ok(Manifest {
        value,
        source: Source::file(file),
    })
}

/// Why a file cannot be read, and whether objects stood before that place.
struct Mistake {
    problem: Problem,
    after_objects: bool,
}

/// Reads the documents of a YAML file one after the other, as Argo CD does.
fn yaml(file: &str, text: &str) -> Result<Vec<Manifest>, Mistake> {
    let mut manifests = Vec::new();
    for (line, document) in documents(text) {
        let mistake = |problem| Mistake {
            problem,
            after_objects: !manifests.is_empty(),
        };
        let node = goyaml::parse(document).map_err(|error| {
            mistake(Problem::of_yaml(
                file,
                error.line + line,
                error.column,
                &error,
            ))
        })?;
        let value = node.to_json();
        if value.is_null() {
            continue;
        }
        let source = Source::line(file, node.span.line + line);
        let kind = value.get("kind").and_then(Value::as_str);
        if kind.is_none_or(str::is_empty) {
            let problem = Problem::new(format!("{file} holds a document without `kind`"));
            return Err(mistake(problem.at(source).help(
                "a file that is no manifest is passed over only where nothing in it looks like one",
            )));
        }
        manifests.push(Manifest { value, source });
    }
    Ok(manifests)
}

/// Splits a stream where lines begin with `---`; gives how many lines are before each document.
fn documents(text: &str) -> Vec<(u32, &str)> {
    let mut documents = Vec::new();
    let (mut begin, mut begin_line, mut position, mut line) = (0, 0, 0, 0);
    for one in text.split_inclusive('\n') {
        if one.starts_with("---") && position > begin {
            documents.push((begin_line, &text[begin..position]));
            (begin, begin_line) = (position, line);
        }
        position += one.len();
        line += 1;
    }
    documents.push((begin_line, &text[begin..]));
    documents
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
