//! The Jsonnet files of a directory: takes what the Application gives them, gives their manifests,
//! never reads outside of the repository.

use jsonnet::{Error, Evaluation, Variable, apart};
use serde_json::Value;

use crate::catalog::{JsonnetOptions, JsonnetVariable, Manifest};
use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use super::has_kind;

/// Evaluates files and returns the manifests of each, as Argo CD takes them from the result: one
/// object, or those of a list.
pub(super) fn evaluate(
    repository: &Repository,
    path: &str,
    options: &JsonnetOptions,
    files: &[String],
) -> Result<Vec<Vec<Manifest>>, Problem> {
    // Argo CD looks in the Application's own directory after its libraries.
    let mut libraries = vec![path.to_owned()];
    libraries.extend(options.libraries.iter().cloned());
    let evaluation = Evaluation {
        root: repository.root().to_owned(),
        libraries,
        external_variables: variables(&options.external_variables),
        arguments: variables(&options.arguments),
    };
    let texts =
        apart::evaluate(&evaluation, files).map_err(|(file, error)| problem(&file, &error))?;
    files
        .iter()
        .zip(texts)
        .map(|(file, text)| manifests(file, &text))
        .collect()
}

fn variables(given: &[JsonnetVariable]) -> Vec<Variable> {
    let variable = |one: &JsonnetVariable| Variable {
        name: one.name.clone(),
        value: one.value.clone(),
        code: one.code,
    };
    given.iter().map(variable).collect()
}

fn manifests(file: &str, text: &str) -> Result<Vec<Manifest>, Problem> {
    let source = Source::file(file);
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Problem::new(format!("the result of {file} cannot be read: {error}")).at(source.clone())
    })?;
    let (items, listed) = match value {
        Value::Array(items) => (items, true),
        value => (vec![value], false),
    };
    let mut manifests = Vec::with_capacity(items.len());
    for (index, value) in items.into_iter().enumerate() {
        if value.is_null() {
            continue;
        }
        if !has_kind(&value) {
            let what = if listed {
                format!("the item {index} of the result of {file} is no object with a `kind`")
            } else {
                format!("the result of {file} is no object with a `kind`, and no list of these")
            };
            return Err(Problem::new(what).at(source).help(
                "Argo CD takes one object or a list of objects; std.objectValues makes a list of \
                 the fields of an object",
            ));
        }
        manifests.push(Manifest {
            value,
            source: source.clone(),
        });
    }
    Ok(manifests)
}

fn problem(file: &str, error: &Error) -> Problem {
    let source = match &error.place {
        Some(place) if !place.file.starts_with('<') => Source {
            file: place.file.clone(),
            line: Some(place.line),
            column: Some(place.column),
        },
        _ => Source::file(file),
    };
    let place = match &error.place {
        Some(place) if place.file.starts_with('<') => format!(" (at {place})"),
        _ => String::new(),
    };
    let mut problem = Problem::new(format!(
        "{file} cannot be evaluated: {}{place}",
        error.message
    ))
    .at(source);
    problem.trace.clone_from(&error.trace);
    problem
}
