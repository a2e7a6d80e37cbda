//! A kustomization of the repository: takes its directory, gives its manifests, never fetches a
//! remote base.

use kustomize::{DiskFiles, Error, Options};

use crate::catalog::Manifest;
use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

/// Builds a kustomization.
pub(super) fn build(
    repository: &Repository,
    path: &str,
    options: &Options,
) -> Result<Vec<Manifest>, Problem> {
    let files = DiskFiles::new(repository.root())
        .map_err(|error| Problem::new(format!("cannot read the repository: {error}")))?;
    let resources =
        kustomize::build(&files, path, options).map_err(|error| problem(path, &error))?;
    let manifests = resources.into_iter().map(|resource| Manifest {
        source: Source {
            column: None,
            ..place(&resource.source)
        },
        value: resource.manifest,
    });
    Ok(manifests.collect())
}

fn place(place: &kustomize::Place) -> Source {
    Source {
        file: place.file.clone(),
        line: (place.line > 0).then_some(place.line),
        column: (place.column > 0).then_some(place.column),
    }
}

/// Words why a kustomization could not be built.
pub(crate) fn problem(path: &str, error: &Error) -> Problem {
    let source = error.place().map_or_else(|| Source::file(path), place);
    // The place stands above the snippet, not in the sentence.
    let text = error.to_string();
    let prefix = error
        .place()
        .map(|place| format!("{place}: "))
        .unwrap_or_default();
    let message = text.strip_prefix(&prefix).unwrap_or(&text);
    let problem = Problem::new(message).at(source);
    match error {
        Error::UnknownField { name, known, .. } => {
            let nearest = crate::suggest::nearest(name, known.iter().map(String::as_str));
            let problem = Problem {
                message: format!("unknown field `{name}`"),
                ..problem
            };
            match nearest {
                Some(nearest) => problem.label(format!("did you mean `{nearest}`?")),
                None => problem,
            }
            .help(format!("known here: {}", known.join(", ")))
        }
        Error::Yaml { place, message } => Problem {
            message: format!("{} is not valid YAML", place.file),
            ..problem
        }
        .label(message.clone()),
        _ => problem,
    }
}
