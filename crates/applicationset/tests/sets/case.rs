//! One file with an `ApplicationSet` and what it needs beside it: takes the file and the folder that
//! stands for its repository, gives what differs from what Argo CD's controller makes of it.
//!
//! Shared by the tests of the crate and the scenario `applicationsets` of e2e.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use applicationset::{Cluster, Expansion, Folder, Problem, Request, expand};
use serde_json::{Value, json};

/// Compares one file's Applications; gives their number and the differences.
pub(crate) fn compared(folder: &Path, file: &str, expected: &Value) -> (usize, Vec<String>) {
    let (found, problems) = match expanded(folder, file) {
        Ok(Ok(expansion)) => (expansion.applications, expansion.refused),
        Ok(Err(problems)) => (Vec::new(), problems),
        Err(broken) => return (0, vec![format!("{file}: {broken}")]),
    };
    let mut differences = Vec::new();
    let refusal = expected["error"].as_str();
    if problems.is_empty() != refusal.is_none() {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        differences.push(format!(
            "{file}: here {problems:?}, but Argo CD {}",
            refusal.unwrap_or("has nothing against it")
        ));
    }
    let ours = by_name(found.iter().map(|one| &one.application));
    let theirs = by_name(expected["applications"].as_array().into_iter().flatten());
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    for name in names {
        let (ours, theirs) = (ours.get(name), theirs.get(name));
        if ours != theirs {
            let shown = |one: Option<&Value>| one.map_or("nothing".to_owned(), Value::to_string);
            differences.push(format!(
                "{file}: {name}: here {}, but Argo CD {}",
                shown(ours),
                shown(theirs)
            ));
        }
    }
    (theirs.len(), differences)
}

fn expanded(folder: &Path, file: &str) -> Result<Result<Expansion, Vec<Problem>>, String> {
    let text = std::fs::read_to_string(folder.join(file)).map_err(|error| error.to_string())?;
    let documents = goyaml::parse_stream(&text).map_err(|error| error.to_string())?;
    let documents: Vec<Value> = documents.into_iter().map(goyaml::Node::into_json).collect();
    let of_kind = |kind: &'static str| documents.iter().filter(move |one| one["kind"] == kind);
    let projects: BTreeSet<String> = of_kind("AppProject")
        .filter_map(|project| project["metadata"]["name"].as_str())
        .chain(["default"])
        .map(str::to_owned)
        .collect();
    let clusters: Vec<Cluster> = documents.iter().filter_map(Cluster::of_secret).collect();
    let set = of_kind("ApplicationSet").next();
    Ok(expand(&Request {
        set: set.ok_or("there is no ApplicationSet")?,
        repositories: &Folder::new(folder.join("repository")),
        clusters: Some(&clusters),
        answers: &[],
        projects: Some(&projects),
    }))
}

fn by_name<'v>(applications: impl Iterator<Item = &'v Value>) -> BTreeMap<String, Value> {
    let named = applications.map(|one| {
        let name = one["metadata"]["name"].as_str().unwrap_or_default();
        (name.to_owned(), plain(one))
    });
    named.collect()
}

/// Numbers in free values pass through float64, on both sides.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(
                fields
                    .map(|(key, value)| (key.clone(), plain(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
