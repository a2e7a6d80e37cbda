//! Generators: takes them as the `ApplicationSet` has them, gives sets of parameters with the template
//! that each set fills in, never fills in the template.
//!
//! Source: Argo CD's `applicationset/generators`; `Transform` in `generator_spec_processor.go`.

mod clusters;
mod combine;
mod external;
mod git;
mod list;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gotemplate::Map;
use serde_json::{Value, json};

pub use clusters::Cluster;
pub(crate) use combine::no_generator;
pub use external::{Answer, GeneratorKind};

use crate::error::Problem;
use crate::params::flattened;
use crate::repositories::{Listing, Repositories, Unavailable};
use crate::selector::Selector;
use crate::set_shape;
use crate::template::{Renderer, fill};

/// The most sets of parameters that all generators of an `ApplicationSet` may yield together, also
/// those that only go into others.
pub const MOST_PARAMETERS: usize = 50_000;

/// The most paths that all patterns may be compared with together.
const MOST_COMPARISONS: usize = 100_000_000;

/// Why a generator yields nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Something is wrong.
    Problem(Box<Problem>),
    /// What it yields cannot be known here.
    Unknown(UnknownGenerator),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

/// A generator of which only a cluster or a service knows what it yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownGenerator {
    /// Where it stands, such as `spec.generators[0].pullRequest`.
    pub path: String,
    /// What it is.
    pub kind: GeneratorKind,
    /// What it asks, as the end of a sentence: `the pull requests of ...`.
    pub asks: String,
}

pub(crate) type Sets = Vec<Map>;

/// What one generator yields.
pub(crate) struct Yield {
    /// The parameters, a set for each Application.
    pub(crate) sets: Sets,
    /// The generator's own template, which may be empty.
    pub(crate) template: Value,
    /// Where the generator stands.
    pub(crate) path: String,
}

/// What all generators of one `ApplicationSet` share.
pub(crate) struct Generation<'a> {
    pub(crate) renderer: &'a Renderer,
    pub(crate) repositories: &'a dyn Repositories,
    pub(crate) clusters: Option<&'a [Cluster]>,
    pub(crate) answers: &'a [Answer],
    /// Which answers were asked for.
    pub(crate) used: RefCell<Vec<bool>>,
    made: Cell<usize>,
    compared: Cell<usize>,
    listings: RefCell<BTreeMap<(String, String), Rc<Listing>>>,
}

impl<'a> Generation<'a> {
    pub(crate) fn new(
        renderer: &'a Renderer,
        repositories: &'a dyn Repositories,
        clusters: Option<&'a [Cluster]>,
        answers: &'a [Answer],
    ) -> Self {
        Self {
            renderer,
            repositories,
            clusters,
            answers,
            used: RefCell::new(vec![false; answers.len()]),
            made: Cell::new(0),
            compared: Cell::new(0),
            listings: RefCell::default(),
        }
    }

    /// Takes a generator with the parameters of the one before it in a matrix, gives what each of
    /// its kinds yields: usually there is one.
    pub(crate) fn transform(
        &self,
        generator: &Value,
        params: Option<&Map>,
        path: &str,
    ) -> Result<Vec<Yield>, Failure> {
        let selector = match generator.get("selector") {
            None => None,
            Some(selector) => Some(Selector::read(selector, &format!("{path}.selector"))?),
        };
        let params = params.filter(|params| !params.is_empty());
        let filled = match params {
            None => generator.clone(),
            Some(params) => {
                let shape = set_shape::GENERATOR;
                self.renderer.fill(&shape, generator, params, path)?
            }
        };
        let mut yields = Vec::new();
        for kind in GeneratorKind::ALL {
            let name = kind.name();
            let (Some(given), Some(filled)) = (generator.get(name), filled.get(name)) else {
                continue;
            };
            let path = format!("{path}.{name}");
            let mut sets = match kind {
                GeneratorKind::List => list::sets(filled, self.renderer.is_go(), &path)?,
                GeneratorKind::Git => git::sets(self, filled, &path)?,
                GeneratorKind::Matrix => self.matrix(filled, &path)?,
                GeneratorKind::Merge => self.merge(filled, &path)?,
                GeneratorKind::Clusters => clusters::sets(self, filled, &path)?,
                other => external::sets(self, other, filled, &path)?,
            };
            if kind == GeneratorKind::List {
                self.count(sets.len(), &path)?;
            }
            if let Some(selector) = &selector {
                let mut chosen = Vec::new();
                for set in sets {
                    let flat = flattened(&set).map_err(|what| Problem::new(&path, what))?;
                    if selector.matches(&flat) {
                        chosen.push(set);
                    }
                }
                sets = chosen;
            }
            yields.push(Yield {
                sets,
                template: given.get("template").cloned().unwrap_or_else(|| json!({})),
                path,
            });
        }
        Ok(yields)
    }

    /// Counts sets that were made.
    pub(crate) fn count(&self, made: usize, path: &str) -> Result<(), Problem> {
        let made = self.made.get().saturating_add(made);
        self.made.set(made);
        if made > MOST_PARAMETERS {
            let message = format!(
                "yields more than {MOST_PARAMETERS} sets of parameters, with those that go into it"
            );
            let help = "a matrix multiplies what its two generators yield: narrow one of them by \
                        patterns or a selector";
            return Err(Problem::new(path, message).help(help));
        }
        Ok(())
    }

    /// Counts paths that are compared with a pattern.
    pub(crate) fn compare(&self, paths: usize, path: &str) -> Result<(), Problem> {
        let compared = self.compared.get().saturating_add(paths);
        self.compared.set(compared);
        if compared > MOST_COMPARISONS {
            let message = format!("compares more than {MOST_COMPARISONS} paths with patterns");
            let help = "the generator before it in the matrix yields too much";
            return Err(Problem::new(path, message).help(help));
        }
        Ok(())
    }

    /// Returns the files and directories of a repository.
    pub(crate) fn listing(
        &self,
        repository: &str,
        revision: &str,
        path: &str,
    ) -> Result<Rc<Listing>, Problem> {
        let key = (repository.to_owned(), revision.to_owned());
        if let Some(listing) = self.listings.borrow().get(&key) {
            return Ok(Rc::clone(listing));
        }
        let files = self.repositories.files(repository, revision);
        let files = files.map_err(|error| unavailable(&error, path, repository))?;
        let listing = Rc::new(Listing::new(files));
        self.listings.borrow_mut().insert(key, Rc::clone(&listing));
        Ok(listing)
    }

    /// Adds a generator's own `values` to its parameters.
    ///
    /// Source: `appendTemplatedValues` in `value_interpolation.go`: each sees the parameters as they
    /// were before.
    pub(crate) fn append_values(
        &self,
        generator: &Value,
        params: &Map,
        path: &str,
    ) -> Result<(), Problem> {
        let Some(values) = generator.get("values").and_then(Value::as_object) else {
            return Ok(());
        };
        let filled = Map::with_element(gotemplate::ElementKind::String);
        for (key, value) in values {
            let text = value.as_str().unwrap_or_default();
            let text = self.renderer.replace(text, params);
            let text = text.map_err(|fault| fill::at(&format!("{path}.values.{key}"), fault))?;
            filled.set(key.as_str(), text);
        }
        add_values(params, &filled, self.renderer.is_go());
        Ok(())
    }
}

/// Puts values where templates find them: in a map, or flat.
pub(crate) fn add_values(params: &Map, values: &Map, is_go: bool) {
    if values.is_empty() {
        return;
    }
    if is_go {
        params.set("values", values.clone());
        return;
    }
    for (key, value) in values {
        params.set(format!("values.{key}"), value);
    }
}

/// Says that a repository cannot be had.
pub(crate) fn unavailable(error: &Unavailable, path: &str, repository: &str) -> Problem {
    let mut problem = Problem::new(path, format!("reads the repository {repository}: {error}"));
    problem.help.clone_from(&error.help);
    problem
}

/// Returns a field's text.
pub(crate) fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a field's list.
pub(crate) fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}
