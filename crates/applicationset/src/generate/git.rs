//! The git generator: takes patterns of directories or files, gives a set of parameters for each
//! directory, or for each map in each file.
//!
//! Source: `applicationset/generators/git.go`, with `GetGitDirectories` and `GetGitFiles` of
//! `reposerver/repository/repository.go`.

use std::collections::BTreeSet;

use gotemplate::{List, Map, Value};
use serde_json::Value as Json;

use super::{Failure, Generation, Sets, items, list, text, unavailable};
use crate::error::Problem;
use crate::params::{flattened, of_texts};
use crate::pattern::{BadPattern, DirectoryPattern, FilePattern};
use crate::template::sanitized;

/// One generator while it is read.
struct Git<'a> {
    generation: &'a Generation<'a>,
    generator: &'a Json,
    path: &'a str,
}

pub(super) fn sets(
    generation: &Generation<'_>,
    generator: &Json,
    path: &str,
) -> Result<Sets, Failure> {
    let git = Git {
        generation,
        generator,
        path,
    };
    if !items(generator, "directories").is_empty() {
        return Ok(git.directories()?);
    }
    if !items(generator, "files").is_empty() {
        return Ok(git.files()?);
    }
    let problem = Problem::new(path, "looks for nothing")
        .help("say which `directories` or which `files` of the repository it is to find");
    Err(problem.into())
}

impl Git<'_> {
    fn repository(&self) -> (&str, &str) {
        (
            text(self.generator, "repoURL"),
            text(self.generator, "revision"),
        )
    }

    /// Returns the patterns of a field, those of exclusion apart.
    fn patterns<P>(
        &self,
        field: &str,
        parse: fn(&str) -> Result<P, BadPattern>,
    ) -> Result<(Vec<P>, Vec<P>), Problem> {
        let (mut included, mut excluded) = (Vec::new(), Vec::new());
        for (at, item) in items(self.generator, field).iter().enumerate() {
            let given = text(item, "path");
            let pattern = parse(given).map_err(|BadPattern(reason)| {
                let path = format!("{}.{field}[{at}].path", self.path);
                Problem::new(path, format!("the pattern `{given}` {reason}"))
            })?;
            if item.get("exclude") == Some(&Json::Bool(true)) {
                excluded.push(pattern);
            } else {
                included.push(pattern);
            }
        }
        Ok((included, excluded))
    }

    fn directories(&self) -> Result<Sets, Problem> {
        let (included, excluded) = self.patterns("directories", DirectoryPattern::parse)?;
        let (repository, revision) = self.repository();
        let listing = self.generation.listing(repository, revision, self.path)?;
        let comparisons = listing.directories.len() * (included.len() + excluded.len());
        self.generation.compare(comparisons, self.path)?;
        let mut sets = Vec::new();
        for directory in &listing.directories {
            let fits = |patterns: &[DirectoryPattern]| {
                patterns.iter().any(|pattern| pattern.matches(directory))
            };
            if !fits(&included) || fits(&excluded) {
                continue;
            }
            self.generation.count(1, self.path)?;
            let params = Map::new();
            self.add_path(&params, directory, None);
            self.generation
                .append_values(self.generator, &params, self.path)?;
            sets.push(params);
        }
        Ok(sets)
    }

    fn files(&self) -> Result<Sets, Problem> {
        let (included, excluded) = self.patterns("files", FilePattern::parse)?;
        let (repository, revision) = self.repository();
        let listing = self.generation.listing(repository, revision, self.path)?;
        let comparisons = listing.files.len() * (included.len() + excluded.len());
        self.generation.compare(comparisons, self.path)?;
        let found: BTreeSet<&String> = listing
            .files
            .iter()
            .filter(|file| {
                let fits = |patterns: &[FilePattern]| patterns.iter().any(|one| one.matches(file));
                fits(&included) && !fits(&excluded)
            })
            .collect();
        let mut sets = Vec::new();
        for file in found {
            for object in self.objects(file)? {
                self.generation.count(1, self.path)?;
                let params = if self.generation.renderer.is_go() {
                    object.iter().collect()
                } else {
                    let flat = flattened(&object);
                    let flat = flat.map_err(|what| Problem::new(self.path, what))?;
                    of_texts(flat)
                };
                let directory = file
                    .rsplit_once('/')
                    .map_or(".", |(directory, _)| directory);
                self.add_path(&params, directory, Some(base(file)));
                self.generation
                    .append_values(self.generator, &params, self.path)?;
                sets.push(params);
            }
        }
        Ok(sets)
    }

    /// Reads the maps in a file: one, or a list of them.
    fn objects(&self, file: &str) -> Result<Sets, Problem> {
        let (repository, revision) = self.repository();
        let read = self
            .generation
            .repositories
            .read(repository, revision, file);
        let bytes =
            read.map_err(|error| unavailable(&error, self.path, repository).in_file(file, 0, 0))?;
        let invalid = |error: &goyaml::Error| {
            let message = format!("the file is not valid YAML or JSON: {}", error.message);
            Problem::new(self.path, message).in_file(file, error.line, error.column)
        };
        let text = goyaml::text_of(&bytes).map_err(|error| invalid(&error))?;
        let node = goyaml::parse(&text).map_err(|error| invalid(&error))?;
        let span = node.span;
        let wrong = |problem: Problem| {
            let message = format!("the content {}", problem.message);
            Problem::new(self.path, message)
                .in_file(file, span.line, span.column)
                .help("each file has a map of parameters, or a list of such maps")
        };
        match node.into_json() {
            Json::Array(objects) => (objects.iter())
                .map(|object| list::map(object, ""))
                .collect::<Result<_, _>>()
                .map_err(wrong),
            other => Ok(vec![list::map(&other, "").map_err(wrong)?]),
        }
    }

    /// Adds what templates can say of a path.
    fn add_path(&self, params: &Map, directory: &str, file: Option<&str>) {
        let prefix = text(self.generator, "pathParamPrefix");
        let mut about = vec![
            ("basename", base(directory).to_owned()),
            ("basenameNormalized", sanitized(base(directory))),
        ];
        if let Some(file) = file {
            about.push(("filename", file.to_owned()));
            about.push(("filenameNormalized", sanitized(file)));
        }
        if self.generation.renderer.is_go() {
            let path = Map::new();
            path.set("path", directory);
            path.set("segments", List::strings(directory.split('/')));
            for (name, text) in about {
                path.set(name, text);
            }
            if prefix.is_empty() {
                params.set("path", path);
            } else {
                let within: Map = [("path", Value::Map(path))].into_iter().collect();
                params.set(prefix, within);
            }
            return;
        }
        let name = match prefix {
            "" => "path".to_owned(),
            prefix => format!("{prefix}.path"),
        };
        for (at, segment) in directory.split('/').enumerate() {
            if !segment.is_empty() {
                params.set(format!("{name}[{at}]"), segment);
            }
        }
        for (below, text) in about {
            params.set(format!("{name}.{below}"), text);
        }
        params.set(name, directory);
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
