//! An `ApplicationSet` as Argo CD's controller expands it: takes the manifest and what generators may
//! read, gives its Applications, and by name what cannot be known.
//!
//! Source: `GenerateApplications` in Argo CD's `applicationset/controllers/template/template.go`.

use std::collections::BTreeSet;

use gotemplate::{Map, MissingKey};
use serde_json::{Value, json};

use crate::application::{APPLICATION, TEMPLATE, written};
use crate::check::{self, Candidate, Known};
use crate::error::{Problem, Unknown};
use crate::generate::{
    Answer, Cluster, Failure, Generation, UnknownGenerator, Yield, items, no_generator, text,
};
use crate::overlay;
use crate::patch;
use crate::policy::Policy;
use crate::repositories::Repositories;
use crate::set_shape;
use crate::template::{Renderer, fill};

/// The most Applications of one `ApplicationSet`.
pub const MOST_APPLICATIONS: usize = 10_000;

/// The finalizer that makes Argo CD delete an Application's objects with it.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// What an expansion needs.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The `ApplicationSet`.
    pub set: &'a Value,
    /// The repositories that generators read.
    pub repositories: &'a dyn Repositories,
    /// The clusters that are registered with Argo CD by Secrets, sorted by the Secrets' names;
    /// nothing where they are not known. The cluster that Argo CD runs in need not be among them.
    pub clusters: Option<&'a [Cluster]>,
    /// What other generators would yield.
    pub answers: &'a [Answer],
    /// The names of the `AppProject`s, where they are known.
    pub projects: Option<&'a BTreeSet<String>>,
}

/// What an `ApplicationSet` yields.
#[derive(Debug, Clone, PartialEq)]
pub struct Expansion {
    /// The Applications, in the order of the generators.
    pub applications: Vec<Generated>,
    /// What is wrong with further Applications, which Argo CD would not write.
    pub refused: Vec<Problem>,
    /// Generators of which only a cluster or a service knows what they yield; their Applications are
    /// missing.
    pub unknown: Vec<UnknownGenerator>,
    /// How Argo CD's controller treats the Applications.
    pub policy: Policy,
    /// Functions that templates call and that give something else each time: the Applications are
    /// changed whenever the controller looks at the set.
    pub unsteady: Vec<String>,
    /// The positions of answers that nothing asked for.
    pub unused_answers: Vec<usize>,
}

/// An Application with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// The generator, such as `spec.generators[0].git`.
    pub generator: String,
    /// The manifest, as the controller would write it.
    pub application: Value,
}

/// Expands an `ApplicationSet`. Where it or what it reads is wrong, Argo CD writes nothing at all: then
/// all problems that could be found are the error.
pub fn expand(request: &Request<'_>) -> Result<Expansion, Vec<Problem>> {
    let mut problems = Vec::new();
    let empty = Value::Null;
    check_envelope(request.set, &mut problems);
    let spec = request.set.get("spec").unwrap_or(&empty);
    let spec = match set_shape::SPEC.normal(spec, "spec", &mut problems) {
        Some(spec) if problems.is_empty() => spec,
        _ => return Err(with_hints(problems)),
    };
    let policy = Policy::read(&spec, &mut problems);
    let missing_key = missing_key(&spec, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let is_go = spec.get("goTemplate") == Some(&Value::Bool(true));
    let renderer = Renderer::new(is_go.then_some(missing_key));
    let generation = Generation::new(
        &renderer,
        request.repositories,
        request.clusters,
        request.answers,
    );
    let maker = Maker {
        request,
        spec: &spec,
        policy: &policy,
        renderer: &renderer,
    };
    let (mut candidates, mut unknown) = (Vec::new(), Vec::new());
    for (at, generator) in items(&spec, "generators").iter().enumerate() {
        let path = format!("spec.generators[{at}]");
        let yields = match generation.transform(generator, None, &path) {
            Ok(yields) => yields,
            Err(Failure::Problem(problem)) => {
                problems.push(*problem);
                continue;
            }
            Err(Failure::Unknown(generator)) => {
                unknown.push(generator);
                continue;
            }
        };
        if yields.is_empty() {
            problems.push(no_generator(&path));
        }
        for one in yields {
            if let Err(problem) = maker.make(&one, &mut candidates) {
                problems.push(problem);
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let known = Known {
        projects: request.projects,
        clusters: request.clusters,
    };
    let (good, refused) = check::part(candidates, &known);
    let used = generation.used.into_inner().into_iter().enumerate();
    Ok(Expansion {
        applications: good.into_iter().map(generated).collect(),
        refused,
        unknown,
        policy,
        unsteady: renderer.unsteady(),
        unused_answers: used.filter(|(_, used)| !used).map(|(at, _)| at).collect(),
    })
}

fn generated(candidate: Candidate) -> Generated {
    let Candidate {
        generator,
        application,
    } = candidate;
    let application = match application {
        Value::Object(fields) => written(fields),
        other => other,
    };
    Generated {
        generator,
        application,
    }
}

/// What all Applications of a set are made with.
struct Maker<'a> {
    request: &'a Request<'a>,
    spec: &'a Value,
    policy: &'a Policy,
    renderer: &'a Renderer,
}

impl Maker<'_> {
    fn make(&self, one: &Yield, candidates: &mut Vec<Candidate>) -> Result<(), Problem> {
        let empty = Value::Null;
        let base = self.spec.get("template").unwrap_or(&empty);
        let template = overlay::filled(&TEMPLATE, &one.template, base);
        for params in &one.sets {
            if candidates.len() >= MOST_APPLICATIONS {
                let message = format!("there are more than {MOST_APPLICATIONS} Applications");
                let help = "narrow the generators by patterns or a selector";
                return Err(Problem::new(&one.path, message).help(help));
            }
            candidates.push(Candidate {
                generator: one.path.clone(),
                application: self.application(&template, params)?,
            });
        }
        Ok(())
    }

    fn application(&self, template: &Value, params: &Map) -> Result<Value, Problem> {
        let mut application = if params.is_empty() {
            // Argo CD does nothing to a template without parameters.
            template.clone()
        } else {
            let path = "spec.template";
            let filled = self.renderer.fill(&APPLICATION, template, params, path)?;
            // What became empty is not written.
            let mut problems = Vec::new();
            let Some(mut filled) = APPLICATION.normal(&filled, path, &mut problems) else {
                return Err(problems.swap_remove(0));
            };
            let has_finalizers = filled.pointer("/metadata/finalizers").is_some();
            if !self.policy.preserve_resources
                && !has_finalizers
                && let Some(metadata) = filled.get_mut("metadata").and_then(Value::as_object_mut)
            {
                metadata.insert("finalizers".to_owned(), json!([FINALIZER]));
            }
            filled
        };
        if let Some(text) = self.spec.get("templatePatch").and_then(Value::as_str) {
            let path = "spec.templatePatch";
            let text = self.renderer.replace(text, params);
            let text = text.map_err(|fault| fill::at(path, fault))?;
            application = patch::apply(&application, &text, path)?;
        }
        let namespace = self.request.set.pointer("/metadata/namespace");
        if let Some(metadata) = application
            .get_mut("metadata")
            .and_then(Value::as_object_mut)
        {
            metadata.remove("namespace");
            if let Some(namespace) = namespace.filter(|namespace| **namespace != "") {
                metadata.insert("namespace".to_owned(), namespace.clone());
            }
        }
        Ok(application)
    }
}

/// Checks what stands around the `spec`.
fn check_envelope(set: &Value, problems: &mut Vec<Problem>) {
    let known = ["apiVersion", "kind", "metadata", "spec", "status"];
    for key in set.as_object().into_iter().flatten().map(|(key, _)| key) {
        if !known.contains(&key.as_str()) {
            let mut problem = Problem::new(key, "is an unknown field");
            problem.unknown = Some(Unknown {
                name: key.clone(),
                known: known.to_vec(),
            });
            problems.push(problem);
        }
    }
    let name = set.get("metadata").map(|metadata| text(metadata, "name"));
    if name.unwrap_or_default().is_empty() {
        problems.push(Problem::new("metadata.name", "is missing"));
    }
}

/// Reads `goTemplateOptions`.
fn missing_key(spec: &Value, problems: &mut Vec<Problem>) -> MissingKey {
    let known = [
        "missingkey=default",
        "missingkey=invalid",
        "missingkey=zero",
        "missingkey=error",
    ];
    let mut rule = MissingKey::Default;
    for (at, option) in items(spec, "goTemplateOptions").iter().enumerate() {
        let option = option.as_str().unwrap_or_default();
        rule = match option {
            "missingkey=default" | "missingkey=invalid" => MissingKey::Default,
            "missingkey=zero" => MissingKey::Zero,
            "missingkey=error" => MissingKey::Error,
            other => {
                let path = format!("spec.goTemplateOptions[{at}]");
                let mut problem = Problem::new(path, format!("there is no option `{other}`"))
                    .help(format!("there are {}", known.join(", ")));
                problem.unknown = Some(Unknown {
                    name: other.to_owned(),
                    known: known.to_vec(),
                });
                problems.push(problem);
                rule
            }
        };
    }
    rule
}

/// Adds how to mend fields that are known, but not where they stand.
fn with_hints(mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        let Some(unknown) = &problem.unknown else {
            continue;
        };
        let hint = match unknown.name.as_str() {
            "matrix" | "merge" if problem.path.contains(".generators[") => {
                "a matrix or a merge within another one can have no further one"
            }
            "template" if problem.path.contains(".generators[") => {
                "within a nested matrix or merge Argo CD ignores templates: put it at the top"
            }
            _ => continue,
        };
        problem.help = Some(hint.to_owned());
    }
    problems
}
