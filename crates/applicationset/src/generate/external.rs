//! Generators that ask a cluster or a service: takes answers that somebody wrote down, gives their
//! sets of parameters, or says by name what cannot be known.

use gotemplate::{ElementKind, Host, Map, Value, from_json};
use serde_json::Value as Json;

use super::{Cluster, Failure, Generation, Sets, UnknownGenerator, add_values, text};
use crate::error::Problem;
use crate::params::{flattened, of_texts};
use crate::shape::name_of;

/// The kinds of generators, in the order in which Argo CD looks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GeneratorKind {
    /// Elements that stand in the `ApplicationSet`.
    List,
    /// The clusters that Argo CD knows.
    Clusters,
    /// Directories or files of a Git repository.
    Git,
    /// The repositories of an organisation.
    ScmProvider,
    /// A custom resource that names clusters.
    ClusterDecisionResource,
    /// The pull requests of a repository.
    PullRequest,
    /// The product of two generators.
    Matrix,
    /// Generators laid over each other.
    Merge,
    /// A service that answers by HTTP.
    Plugin,
}

impl GeneratorKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::List,
        Self::Clusters,
        Self::Git,
        Self::ScmProvider,
        Self::ClusterDecisionResource,
        Self::PullRequest,
        Self::Matrix,
        Self::Merge,
        Self::Plugin,
    ];

    /// Those that can be answered by a file.
    pub const ANSWERABLE: [Self; 5] = [
        Self::Clusters,
        Self::ScmProvider,
        Self::ClusterDecisionResource,
        Self::PullRequest,
        Self::Plugin,
    ];

    /// Returns its key in an `ApplicationSet`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Clusters => "clusters",
            Self::Git => "git",
            Self::ScmProvider => "scmProvider",
            Self::ClusterDecisionResource => "clusterDecisionResource",
            Self::PullRequest => "pullRequest",
            Self::Matrix => "matrix",
            Self::Merge => "merge",
            Self::Plugin => "plugin",
        }
    }
}

/// What a generator that asks a cluster or a service would yield, as somebody wrote it down.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The kind of generator that it answers for.
    pub kind: GeneratorKind,
    /// Which of them, where there are several: `spec.generators[0].matrix.generators[1]`.
    pub at: Option<String>,
    /// The file that it comes from, for messages.
    pub file: String,
    /// The sets of parameters; for clusters, one map for each with `name`, `server`, and perhaps
    /// `project` and `metadata` with `labels` and `annotations`.
    pub sets: Vec<Json>,
}

impl Answer {
    fn wrong(&self, at: usize, path: &str, what: impl Into<String>) -> Problem {
        Problem::new(path, format!("item {} {}", at + 1, what.into())).in_file(&self.file, 0, 0)
    }

    fn maps(&self, path: &str) -> Result<Vec<Map>, Problem> {
        let items = self.sets.iter().enumerate();
        items
            .map(|(at, item)| {
                if let Value::Map(map) = from_json(item) {
                    return Ok(map);
                }
                let what = format!("must be a map of parameters, but is {}", name_of(item));
                Err(self.wrong(at, path, what))
            })
            .collect()
    }

    pub(super) fn clusters(&self, path: &str) -> Result<Vec<Cluster>, Problem> {
        let texts = |map: Option<&Json>| -> Option<_> {
            let entries = map.and_then(Json::as_object).into_iter().flatten();
            entries
                .map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect()
        };
        let mut clusters = Vec::new();
        for (at, item) in self.sets.iter().enumerate() {
            let known = ["name", "server", "project", "metadata"];
            let keys = item.as_object().map(|fields| fields.keys());
            if let Some(key) = keys
                .into_iter()
                .flatten()
                .find(|key| !known.contains(&key.as_str()))
            {
                let what = format!("has {key}, but a cluster has {}", known.join(", "));
                return Err(self.wrong(at, path, what));
            }
            if text(item, "name").is_empty() || text(item, "server").is_empty() {
                return Err(self.wrong(at, path, "must be a cluster with `name` and `server`"));
            }
            let labels = texts(item.pointer("/metadata/labels"));
            let annotations = texts(item.pointer("/metadata/annotations"));
            let (Some(labels), Some(annotations)) = (labels, annotations) else {
                let what = "has a label or an annotation that is no text: write it in quotes";
                return Err(self.wrong(at, path, what));
            };
            clusters.push(Cluster {
                name: text(item, "name").to_owned(),
                server: text(item, "server").to_owned(),
                project: item
                    .get("project")
                    .and_then(Json::as_str)
                    .map(str::to_owned),
                labels,
                annotations,
            });
        }
        Ok(clusters)
    }
}

/// Returns what somebody wrote down for a generator: for this one, or for all of its kind.
pub(super) fn answer<'a>(
    generation: &Generation<'a>,
    kind: GeneratorKind,
    path: &str,
) -> Option<&'a Answer> {
    let generator = path.strip_suffix(kind.name())?.trim_end_matches('.');
    let answers = generation.answers.iter().enumerate();
    let fits = |answer: &Answer, exactly: bool| {
        answer.kind == kind
            && match &answer.at {
                Some(at) => exactly && at == generator,
                None => !exactly,
            }
    };
    let (at, answer) = answers
        .clone()
        .find(|(_, answer)| fits(answer, true))
        .or_else(|| answers.clone().find(|(_, answer)| fits(answer, false)))?;
    generation.used.borrow_mut()[at] = true;
    Some(answer)
}

pub(super) fn sets(
    generation: &Generation<'_>,
    kind: GeneratorKind,
    generator: &Json,
    path: &str,
) -> Result<Sets, Failure> {
    let Some(answer) = answer(generation, kind, path) else {
        return Err(Failure::Unknown(UnknownGenerator {
            path: path.to_owned(),
            kind,
            asks: asks(kind, generator),
        }));
    };
    let is_go = generation.renderer.is_go();
    let mut sets = Vec::new();
    for object in answer.maps(path)? {
        generation.count(1, path)?;
        let params = if is_go {
            object
        } else {
            of_texts(flattened(&object).map_err(|what| Problem::new(path, what))?)
        };
        if kind == GeneratorKind::Plugin {
            params.set("generator", plugin_input(generator));
        }
        if kind == GeneratorKind::ClusterDecisionResource {
            // Argo CD takes these values as they stand.
            let values = Map::with_element(ElementKind::String);
            let given = generator.get("values").and_then(Json::as_object);
            for (key, value) in given.into_iter().flatten() {
                values.set(key.as_str(), value.as_str().unwrap_or_default());
            }
            add_values(&params, &values, is_go);
        } else {
            generation.append_values(generator, &params, path)?;
        }
        sets.push(params);
    }
    Ok(sets)
}

/// Returns what a generator asks, without anything that could be a secret.
fn asks(kind: GeneratorKind, generator: &Json) -> String {
    let provider = generator.as_object().and_then(|fields| {
        let names = fields.iter().filter(|(_, value)| value.is_object());
        let mut names = names.filter(|(key, _)| !["template", "values"].contains(&key.as_str()));
        names.next()
    });
    let named = |keys: &[&str]| {
        let (name, options) = provider?;
        let words: Vec<&str> = (keys.iter())
            .map(|key| text(options, key))
            .filter(|word| !word.is_empty())
            .collect();
        Some(format!("{} ({name})", words.join("/")))
    };
    match kind {
        GeneratorKind::ScmProvider => {
            let keys = ["organization", "group", "owner", "teamProject", "project"];
            let whose = named(&keys).unwrap_or_default();
            format!("the repositories of {whose}")
        }
        GeneratorKind::PullRequest => {
            let keys = ["organization", "owner", "project", "repo"];
            let whose = named(&keys).unwrap_or_default();
            format!("the pull requests of {whose}")
        }
        GeneratorKind::ClusterDecisionResource => format!(
            "a custom resource that the ConfigMap {} describes",
            text(generator, "configMapRef")
        ),
        GeneratorKind::Plugin => {
            let name = generator.pointer("/configMapRef/name");
            let name = name.and_then(Json::as_str).unwrap_or_default();
            format!("a plugin that the ConfigMap {name} describes")
        }
        _ => "what is not at hand".to_owned(),
    }
}

/// What a plugin was asked, which templates can see.
fn plugin_input(generator: &Json) -> Map {
    let given = generator.pointer("/input/parameters");
    let given = given.and_then(Json::as_object).into_iter().flatten();
    let parameters: Map = given
        .map(|(key, value)| (key.as_str(), Value::host(RawJson(value.clone()))))
        .collect();
    let input: Map = [("parameters", Value::Map(parameters))]
        .into_iter()
        .collect();
    [("input", Value::Map(input))].into_iter().collect()
}

/// JSON that Go keeps as it was written: templates see its bytes.
#[derive(Debug)]
struct RawJson(Json);

impl RawJson {
    fn raw(&self) -> Value {
        Value::Bytes(self.0.to_string().into_bytes().into())
    }
}

impl Host for RawJson {
    fn type_name(&self) -> std::borrow::Cow<'static, str> {
        "v1.JSON".into()
    }

    fn field(&self, name: &str) -> Option<Value> {
        (name == "Raw").then(|| self.raw())
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        Some(vec![("Raw", self.raw())])
    }

    fn json(&self) -> Option<Json> {
        Some(self.0.clone())
    }
}
