//! What makes Argo CD or Kubernetes refuse an Application: takes those of one `ApplicationSet`, gives
//! those that would be written and what is wrong with the others.
//!
//! Source: `validateGeneratedApplications` in Argo CD's `applicationset_controller.go`; Kubernetes'
//! rules for names, labels and annotations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::{Problem, excerpt};
use crate::generate::{Cluster, text};
use crate::selector::{is_label_value, is_qualified_name, is_subdomain};

/// What is known of the cluster that will be.
pub(crate) struct Known<'a> {
    /// The names of the projects, where they are known.
    pub(crate) projects: Option<&'a BTreeSet<String>>,
    /// The registered clusters, where they are known.
    pub(crate) clusters: Option<&'a [Cluster]>,
}

/// An Application before it is checked, with the generator that it comes from.
pub(crate) struct Candidate {
    /// Where the generator stands.
    pub(crate) generator: String,
    /// The Application, with the project and the destination as they were written.
    pub(crate) application: Value,
}

/// Parts those that Argo CD would write from what is wrong with the others.
pub(crate) fn part(
    candidates: Vec<Candidate>,
    known: &Known<'_>,
) -> (Vec<Candidate>, Vec<Problem>) {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for candidate in &candidates {
        *names.entry(name(candidate).to_owned()).or_default() += 1;
    }
    let mut problems = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut good = Vec::new();
    for candidate in candidates {
        let path = &candidate.generator;
        let name = name(&candidate);
        let count = names.get(name).copied().unwrap_or_default();
        if count > 1 {
            // All of them are left alone.
            if told.insert(name.to_owned()) {
                let message = format!("there are {count} Applications {name}");
                problems.push(Problem::new(path, message).help(
                    "Argo CD writes none of them: let spec.template.metadata.name hold what tells \
                     them apart",
                ));
            }
            continue;
        }
        match wrong(&candidate.application, known) {
            Some((message, help)) => {
                let message = format!("the Application {} {message}", excerpt(name));
                let mut problem = Problem::new(path, message);
                problem.help = help;
                problems.push(problem);
            }
            None => good.push(candidate),
        }
    }
    (good, problems)
}

fn name(candidate: &Candidate) -> &str {
    let name = candidate.application.pointer("/metadata/name");
    name.and_then(Value::as_str).unwrap_or_default()
}

/// Returns what is wrong with an Application, and how to mend it.
fn wrong(application: &Value, known: &Known<'_>) -> Option<(String, Option<String>)> {
    let empty = Value::Null;
    let spec = application.get("spec").unwrap_or(&empty);
    let project = text(spec, "project");
    if let Some(projects) = known.projects
        && !projects.contains(project)
    {
        let names: Vec<&str> = projects.iter().map(String::as_str).collect();
        let message = if project.is_empty() {
            "has no spec.project".to_owned()
        } else {
            format!("belongs to the project {project}, which does not exist")
        };
        return Some((message, Some(format!("there are {}", names.join(", ")))));
    }
    if let Some(message) = wrong_destination(spec, known) {
        return Some((message, None));
    }
    let metadata = application.get("metadata").unwrap_or(&empty);
    wrong_metadata(metadata)
}

fn wrong_destination(spec: &Value, known: &Known<'_>) -> Option<String> {
    let destination = spec.get("destination").unwrap_or(&Value::Null);
    let (server, name) = (text(destination, "server"), text(destination, "name"));
    let clusters = known.clusters;
    let is_registered =
        |fits: &dyn Fn(&Cluster) -> bool| clusters.is_none_or(|clusters| clusters.iter().any(fits));
    match (server, name) {
        ("", "") => Some("has a destination without `server` and without `name`".to_owned()),
        (_, "in-cluster") if server.is_empty() => None,
        (server, "") => {
            let server = server.trim_end_matches('/');
            let is_here = server == "https://kubernetes.default.svc";
            let is_known =
                is_here || is_registered(&|one| one.server.trim_end_matches('/') == server);
            (!is_known).then(|| {
                format!("goes to the cluster {server}, which is not registered with Argo CD")
            })
        }
        ("", name) => (!is_registered(&|one| one.name == name))
            .then(|| format!("goes to the cluster {name}, which is not registered with Argo CD")),
        _ => Some("has a destination with both `server` and `name`".to_owned()),
    }
}

fn wrong_metadata(metadata: &Value) -> Option<(String, Option<String>)> {
    let name = text(metadata, "name");
    if !is_subdomain(name) {
        let message = "has a name that Kubernetes refuses".to_owned();
        let help = if name.contains("{{") {
            "its template was not filled in: no generator yields these parameters"
        } else {
            "a name has small letters, digits, `-` and `.`: `normalize` or basenameNormalized make \
             one"
        };
        return Some((message, Some(help.to_owned())));
    }
    for part in ["labels", "annotations"] {
        let entries = metadata.get(part).and_then(Value::as_object);
        for (key, value) in entries.into_iter().flatten() {
            let value = value.as_str().unwrap_or_default();
            // Kubernetes folds the keys of annotations before it looks at them.
            if !is_qualified_name(&key.to_lowercase()) {
                return Some((
                    format!(
                        "has {part} with the key `{}`, which Kubernetes refuses",
                        excerpt(key)
                    ),
                    None,
                ));
            }
            if part == "labels" && !is_label_value(value) {
                let message = format!(
                    "has the label {key}: `{}`, which Kubernetes refuses",
                    excerpt(value)
                );
                let help = "a label has letters, digits, `-`, `_` and `.`, at most 63 of them";
                return Some((message, Some(help.to_owned())));
            }
        }
    }
    None
}
