//! Where a service's values come from: takes its chart and Application, gives for each value the
//! layer that has the last word and those that it goes over; never merges for a rendering (the
//! chart's renderer does).

use std::collections::BTreeMap;
use std::sync::Arc;

use chart::{Chart, Values};
use serde::Serialize;
use serde_json::Value;

use crate::definition::{Located, Repository, SourceFile, Tree};
use crate::problem::Problem;
use crate::source::Source;

use super::charts::Charts;
use super::helm::{ChartRun, argument};
use super::service::{HelmOptions, Parameter, Renderer, Service, ServiceSource, ValueFile};
use super::via::{Via, via};

/// Deeper charts of charts are not looked at.
const DEEPEST: usize = 8;

/// The layers of the values of one chart of a service, the weakest first.
#[derive(Debug, Clone)]
pub struct LayeredValues {
    /// The chart's directory, or the name of one that is fetched.
    pub chart: String,
    layers: Vec<Layer>,
}

#[derive(Debug, Clone)]
struct Layer {
    kind: LayerKind,
    statements: Vec<Statement>,
}

/// What kind of layer says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LayerKind {
    /// The values of a chart that the chart depends on.
    SubchartDefault,
    /// The chart's own values.
    ChartDefault,
    /// A value file of the Application.
    ValueFile,
    /// `values` or `valuesObject` of the Application.
    Inline,
    /// A parameter of the Application.
    Parameter,
    /// A file that a parameter of the Application is read from.
    FileParameter,
}

/// What one layer says about one path.
#[derive(Debug, Clone)]
struct Statement {
    path: Vec<String>,
    value: Value,
    source: Source,
    via: Vec<Via>,
    /// False for a map, which is merged with those below it.
    is_leaf: bool,
}

/// What one layer says about a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// Where it stands.
    pub source: Source,
    /// What it says.
    pub value: Value,
}

/// A value, with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueOrigin {
    /// Its path, as the outermost chart sees it.
    pub path: Vec<String>,
    /// The value; null where a layer takes it away.
    pub value: Value,
    /// What has the last word.
    pub layer: LayerKind,
    /// Where that stands.
    pub source: Source,
    /// For a parameter: the values of the root that it is made from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<Via>,
    /// What it goes over, the strongest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<Overridden>,
}

/// What a stronger layer goes over.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overridden {
    /// Its path: that of the value, one above it or one below it.
    pub path: Vec<String>,
    /// What it says.
    pub value: Value,
    /// What kind of layer it is.
    pub layer: LayerKind,
    /// Where it stands.
    pub source: Source,
}

/// What values are read with.
#[derive(Debug, Clone, Copy)]
pub struct ValuesRequest<'v> {
    /// The platform's repository.
    pub repository: &'v Repository,
    /// The service.
    pub service: &'v Service,
    /// Charts from elsewhere.
    pub charts: &'v Charts,
    /// The root's own values, by which it makes parameters; the strongest last.
    pub root: &'v [Located],
}

impl LayeredValues {
    /// Reads the layers of each chart of a service.
    pub fn read(request: &ValuesRequest<'_>) -> Result<Vec<Self>, Problem> {
        let sources = request.service.sources.iter();
        let charts = sources.filter_map(|one| match &one.renderer {
            Renderer::Helm(options) => Some((one, options)),
            _ => None,
        });
        charts
            .map(|(source, options)| of_chart(request, source, options))
            .collect()
    }

    /// Returns what the layers say about a path such as `image.tag`, the weakest first: the last one
    /// has the last word, and maps are merged.
    pub fn origins(&self, path: &str) -> Vec<Origin> {
        let path = parts(path);
        let statements = self.layers.iter().flat_map(|layer| {
            let single = matches!(layer.kind, LayerKind::Parameter | LayerKind::FileParameter);
            let path = &path;
            let about =
                move |one: &&Statement| one.path == *path || (single && is_below(&one.path, path));
            layer.statements.iter().filter(about)
        });
        statements
            .map(|one| Origin {
                source: one.source.clone(),
                value: one.value.clone(),
            })
            .collect()
    }

    /// Returns the paths of all values, for suggestions.
    pub fn paths(&self) -> Vec<String> {
        let all = self.layers.iter().flat_map(|layer| &layer.statements);
        let mut paths: Vec<String> = all.map(|one| written(&one.path)).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Returns every value at a path and below it, with where it comes from, in the order of their
    /// paths; all of them where no path is given.
    pub fn values(&self, path: Option<&str>) -> Vec<ValueOrigin> {
        let wanted = path.map(parts).unwrap_or_default();
        let all = self.all();
        let below: Vec<ValueOrigin> = (all.iter())
            .filter(|one| is_below(&one.path, &wanted))
            .cloned()
            .collect();
        if !below.is_empty() {
            return below;
        }
        // A part of a list, or of a text of values: what says the whole says the part.
        let whole = all.iter().find(|one| is_below(&wanted, &one.path));
        let part = whole.and_then(|one| {
            let rest = &wanted[one.path.len()..];
            let value = rest.iter().try_fold(&one.value, |value, key| match value {
                Value::Array(items) => items.get(key.parse::<usize>().ok()?),
                value => value.get(key),
            })?;
            Some(ValueOrigin {
                path: wanted.clone(),
                value: value.clone(),
                ..one.clone()
            })
        });
        part.into_iter().collect()
    }

    fn all(&self) -> Vec<ValueOrigin> {
        let mut all: BTreeMap<Vec<String>, ValueOrigin> = BTreeMap::new();
        for layer in &self.layers {
            for one in layer.statements.iter().filter(|one| one.is_leaf) {
                say(&mut all, layer.kind, one);
            }
        }
        all.into_values().collect()
    }
}

/// Puts what a layer says over what weaker ones said.
fn say(all: &mut BTreeMap<Vec<String>, ValueOrigin>, layer: LayerKind, one: &Statement) {
    let is_map = one.value.as_object().is_some_and(serde_json::Map::is_empty);
    let below: Vec<Vec<String>> = (all.range(one.path.clone()..))
        .take_while(|(path, _)| is_below(path, &one.path))
        .map(|(path, _)| path.clone())
        .collect();
    // An empty map goes over nothing that is a map.
    if is_map && below.iter().any(|path| path.len() > one.path.len()) {
        return;
    }
    let above = (1..one.path.len()).map(|length| one.path[..length].to_vec());
    let above: Vec<Vec<String>> = above
        .filter(|path| all.get(path).is_some_and(|it| !names_list(it, &one.path)))
        .collect();
    let mut over = Vec::new();
    for path in below.into_iter().chain(above) {
        if let Some(weaker) = all.remove(&path) {
            over.push(Overridden {
                path: weaker.path,
                value: weaker.value,
                layer: weaker.layer,
                source: weaker.source,
            });
            over.extend(weaker.over);
        }
    }
    let value = ValueOrigin {
        path: one.path.clone(),
        value: one.value.clone(),
        layer,
        source: one.source.clone(),
        via: one.via.clone(),
        over,
    };
    all.insert(one.path.clone(), value);
}

/// Tells whether a path names an element of a list: the rest of the list stays.
fn names_list(value: &ValueOrigin, path: &[String]) -> bool {
    value.value.is_array()
        && (path.get(value.path.len())).is_some_and(|key| key.parse::<usize>().is_ok())
}

/// Tells whether a path is another one, or below it.
fn is_below(path: &[String], above: &[String]) -> bool {
    path.starts_with(above)
}

/// Returns the keys of a path; `\.` is a dot in a key, and `[0]` a place in a list.
fn parts(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'.') => {
                letters.next();
                if let Some(last) = parts.last_mut() {
                    last.push('.');
                }
            }
            '.' | '[' => parts.push(String::new()),
            ']' => {}
            letter => {
                if let Some(last) = parts.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Returns a path as it is given on the command line.
fn written(path: &[String]) -> String {
    let keys: Vec<String> = path.iter().map(|key| key.replace('.', "\\.")).collect();
    keys.join(".")
}

fn of_chart(
    request: &ValuesRequest<'_>,
    source: &ServiceSource,
    options: &HelmOptions,
) -> Result<LayeredValues, Problem> {
    let files = source.repository(request.repository);
    let capabilities = super::helm::Capabilities {
        kubernetes_version: String::new(),
        api_versions: Vec::new(),
    };
    let run = ChartRun {
        repository: &files,
        path: &source.path,
        name: &request.service.name,
        namespace: &request.service.namespace,
        options,
        capabilities: &capabilities,
        charts: request.charts,
        chart: source.chart.as_ref(),
    };
    let chart = run.load()?;
    let mut layers = Vec::new();
    let own = match &source.chart {
        Some(chart) => Place::Fetched(chart.to_string()),
        None => Place::Directory(source.path.clone()),
    };
    defaults(&files, &chart, &own, &[], &mut layers)?;
    for file in &options.value_files {
        let (file, is_there) = match file {
            ValueFile::Chart(path) => {
                let found = chart.files().iter().find(|one| one.path == *path);
                let text = match found {
                    Some(file) => Some(file.text().into_owned()),
                    None if path == "values.yaml" => chart.values_text().map(str::to_owned),
                    None => None,
                };
                let there = text.is_some();
                (Arc::new(named(&own, path, text.unwrap_or_default())), there)
            }
            ValueFile::Repository(path) => read(&files, path)?,
            ValueFile::Lent { root, path } => read(&Repository::of_files(root), path)?,
        };
        if is_there {
            layers.push(of_text(LayerKind::ValueFile, &file, &[])?);
        }
    }
    if !options.values.is_empty() {
        let mut statements = Vec::new();
        let values = Value::Object(options.values.clone());
        let place = |_: &[String]| (request.service.source.clone(), Vec::new());
        of_value(&values, &[], &place, &mut statements);
        layers.push(Layer {
            kind: LayerKind::Inline,
            statements,
        });
    }
    for forced in [false, true] {
        let parameters = options.parameters.iter();
        for parameter in parameters.filter(|one| one.force_string == forced) {
            layers.push(of_parameter(request, parameter));
        }
    }
    for (name, file) in &options.file_parameters {
        layers.push(Layer {
            kind: LayerKind::FileParameter,
            statements: vec![Statement {
                path: parts(name),
                value: Value::String(format!("the text of {}", file.path())),
                source: Source::file(file.path()),
                via: Vec::new(),
                is_leaf: true,
            }],
        });
    }
    Ok(LayeredValues {
        chart: source.path.clone(),
        layers,
    })
}

/// Where a chart's files are.
enum Place {
    /// A directory of the repository.
    Directory(String),
    /// Nowhere in it: it was fetched.
    Fetched(String),
}

fn named(place: &Place, file: &str, text: String) -> SourceFile {
    let path = match place {
        Place::Directory(path) => format!("{path}/{file}"),
        Place::Fetched(chart) => format!("{file} of the chart {chart}"),
    };
    SourceFile { path, text }
}

fn read(files: &Repository, path: &str) -> Result<(Arc<SourceFile>, bool), Problem> {
    if !files.root().join(path).is_file() {
        let text = String::new();
        let path = path.to_owned();
        return Ok((Arc::new(SourceFile { path, text }), false));
    }
    let file = files
        .read(path)
        .map_err(|error| Problem::new(error.to_string()))?;
    Ok((file, true))
}

/// Adds the values that a chart and the charts below it bring along, the innermost first.
fn defaults(
    files: &Repository,
    chart: &Chart,
    place: &Place,
    above: &[String],
    layers: &mut Vec<Layer>,
) -> Result<(), Problem> {
    if above.len() >= DEEPEST {
        return Ok(());
    }
    for below in &chart.subcharts {
        let dependencies = chart.metadata.dependencies.iter();
        let of_it: Vec<_> = dependencies
            .filter(|one| one.name == below.name())
            .collect();
        let place = place_below(
            files,
            place,
            below,
            of_it.first().map(|one| &*one.repository),
        );
        let mut names: Vec<&str> = (of_it.iter())
            .map(|one| {
                if one.alias.is_empty() {
                    &*one.name
                } else {
                    &*one.alias
                }
            })
            .collect();
        if names.is_empty() {
            names.push(below.name());
        }
        for name in names {
            let mut path = above.to_vec();
            path.push(name.to_owned());
            defaults(files, below, &place, &path, layers)?;
        }
    }
    if let Some(text) = chart.values_text() {
        let kind = if above.is_empty() {
            LayerKind::ChartDefault
        } else {
            LayerKind::SubchartDefault
        };
        let file = Arc::new(named(place, "values.yaml", text.to_owned()));
        layers.push(of_text(kind, &file, above)?);
    }
    Ok(())
}

fn place_below(
    files: &Repository,
    above: &Place,
    chart: &Chart,
    repository: Option<&str>,
) -> Place {
    let is_there = |path: &str| files.root().join(path).join("Chart.yaml").is_file();
    let Place::Directory(path) = above else {
        return Place::Fetched(chart.name().to_owned());
    };
    let vendored = format!("{path}/charts/{}", chart.name());
    let local = repository.and_then(|it| it.strip_prefix("file://"));
    let local = local.and_then(|local| Repository::resolve(path, local));
    match local {
        Some(local) if is_there(&local) => Place::Directory(local),
        _ if is_there(&vendored) => Place::Directory(vendored),
        _ => Place::Fetched(format!("{} {}", chart.name(), chart.metadata.version)),
    }
}

fn of_text(kind: LayerKind, file: &Arc<SourceFile>, above: &[String]) -> Result<Layer, Problem> {
    let located = Located::read(file)?;
    let mut statements = Vec::new();
    of_located(&located, above, &mut statements);
    Ok(Layer { kind, statements })
}

fn of_located(located: &Located, path: &[String], statements: &mut Vec<Statement>) {
    let Tree::Map(fields) = &located.tree else {
        return;
    };
    for field in fields {
        let mut below = path.to_vec();
        below.push(field.key.clone());
        let has_more = matches!(&field.value.tree, Tree::Map(fields) if !fields.is_empty());
        statements.push(Statement {
            path: below.clone(),
            value: field.value.to_json(),
            // The key's place, not the value's: that is the line to look at.
            source: field.key_place.source().without_column(),
            via: Vec::new(),
            is_leaf: !has_more,
        });
        if has_more {
            of_located(&field.value, &below, statements);
        }
    }
}

fn of_value(
    value: &Value,
    path: &[String],
    place: &impl Fn(&[String]) -> (Source, Vec<Via>),
    statements: &mut Vec<Statement>,
) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let mut below = path.to_vec();
        below.push(key.clone());
        let has_more = value.as_object().is_some_and(|map| !map.is_empty());
        let (source, via) = place(&below);
        statements.push(Statement {
            path: below.clone(),
            value: value.clone(),
            source,
            via,
            is_leaf: !has_more,
        });
        if has_more {
            of_value(value, &below, place, statements);
        }
    }
}

fn of_parameter(request: &ValuesRequest<'_>, parameter: &Parameter) -> Layer {
    let mut values = Values::new();
    let text = argument(parameter);
    let set = if parameter.force_string {
        values.set_string(&text)
    } else {
        values.set(&text)
    };
    let value = match set {
        Ok(()) => at(values.as_map(), &parts(&parameter.name)),
        Err(_) => None,
    };
    let own = &request.service.source;
    let (source, via) = via(request.repository, own, &parameter.name, request.root);
    let path = parts(&parameter.name);
    Layer {
        kind: LayerKind::Parameter,
        statements: vec![Statement {
            path,
            value: value.unwrap_or_else(|| Value::String(parameter.value.clone())),
            source,
            via,
            is_leaf: true,
        }],
    }
}

fn at(map: &serde_json::Map<String, Value>, path: &[String]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let found = rest
        .iter()
        .try_fold(map.get(first)?, |value, key| match value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?),
            value => value.get(key),
        });
    found.cloned()
}
