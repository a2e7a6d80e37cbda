//! Where values come from: takes what was given and the charts' own values, gives the file and line
//! of one value, never merges anything.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::chart::Chart;
use crate::instance::Instance;
use crate::strvals::{self, Mode};
use crate::values;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// A file, or an option with the path that it sets.
    pub place: String,
    /// The line in the file, counted from 1.
    pub line: Option<u32>,
    /// The column of the key in characters, counted from 1.
    pub column: Option<u32>,
}

impl Origin {
    fn at(place: String, position: Option<(u32, u32)>) -> Self {
        Self {
            place,
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}", self.place),
            None => formatter.write_str(&self.place),
        }
    }
}

/// One thing that the user gave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    /// A value file.
    File {
        /// Its name.
        file: String,
        /// Its text.
        text: Arc<str>,
    },
    /// An argument of `--set` and its kin.
    Argument {
        /// The option, such as `set-string`.
        option: &'static str,
        /// The argument.
        argument: String,
    },
    /// A tree without a place.
    Tree(Map<String, Json>),
}

/// What decides the values of one chart, the strongest first.
#[derive(Debug, Clone)]
pub(crate) struct Origins<'a> {
    given: &'a [Given],
    /// The outermost chart and those down to this one.
    charts: Vec<Own<'a>>,
}

/// Returns where a key at the top of a chart's values comes from.
pub(crate) fn of_key(given: &[Given], chart: &Chart, key: &str) -> Option<Origin> {
    let path = [key.to_owned()];
    if let Some(given) = given.iter().rev().find(|one| one.sets(&path)) {
        return given.origin(&path);
    }
    let place = place_of(chart.values_text()?, &path)?;
    Some(Origin::at(
        format!("{}/values.yaml", chart.name()),
        Some(place),
    ))
}

/// A chart's own values.
#[derive(Debug, Clone)]
struct Own<'a> {
    /// The path of the chart as templates name it.
    path: String,
    /// The name that the chart has in the values of the chart around it.
    name: String,
    text: Option<&'a str>,
}

impl<'a> Origins<'a> {
    /// Begins with the outermost chart.
    pub(crate) fn new(given: &'a [Given], chart: &'a Instance) -> Self {
        Self {
            given,
            charts: vec![Own::of(chart, chart.name().to_owned())],
        }
    }

    /// Goes down to a chart below.
    pub(crate) fn below(&self, chart: &'a Instance) -> Self {
        let mut charts = self.charts.clone();
        let above = charts.last().map_or("", |own| &own.path);
        let path = format!("{above}/charts/{}", chart.name());
        charts.push(Own::of(chart, path));
        Self {
            given: self.given,
            charts,
        }
    }

    /// Returns where the value of the innermost chart at this path comes from.
    pub(crate) fn of(&self, pointer: &[String]) -> Option<Origin> {
        if pointer.is_empty() {
            return None;
        }
        for (depth, own) in self.charts.iter().enumerate() {
            for path in self.paths(depth, pointer) {
                if depth == 0
                    && let Some(given) = self.given.iter().rev().find(|one| one.sets(&path))
                {
                    return given.origin(&path);
                }
                if let Some(place) = own.text.and_then(|text| place_of(text, &path)) {
                    return Some(Origin::at(format!("{}/values.yaml", own.path), Some(place)));
                }
            }
        }
        None
    }

    /// Returns the path of a value of the innermost chart as `--set` takes it.
    pub(crate) fn path_from_top(&self, pointer: &[String]) -> String {
        let paths = self.paths(0, pointer);
        paths.last().map_or_else(String::new, |path| path.join("."))
    }

    /// Returns where the user gives something of the name, but not where this chart sees it: its
    /// path as `--set` takes it, and its place.
    pub(crate) fn elsewhere(&self, pointer: &[String]) -> Option<(String, Origin)> {
        const DEEPEST: usize = 4;
        // A name that every second map has tells nothing.
        let wanted = match pointer {
            [global, rest @ ..] if global == "global" && !rest.is_empty() => rest,
            _ => pointer,
        };
        self.given.iter().rev().find_map(|given| {
            let mut path = given.path_that_ends(wanted, DEEPEST)?;
            path.extend(wanted.iter().cloned());
            let origin = given.origin(&path)?;
            Some((path.join("."), origin))
        })
    }

    /// Returns the paths that a value of the innermost chart has in the values of a chart above.
    fn paths(&self, depth: usize, pointer: &[String]) -> Vec<Vec<String>> {
        let below = &self.charts[depth + 1..];
        let full: Vec<String> = below
            .iter()
            .map(|own| own.name.clone())
            .chain(pointer.iter().cloned())
            .collect();
        let mut paths = vec![full];
        // Globals are handed down: they stand at the top of any chart above.
        if !below.is_empty() && pointer.first().is_some_and(|name| name == "global") {
            paths.push(pointer.to_vec());
        }
        paths
    }
}

impl<'a> Own<'a> {
    fn of(chart: &'a Instance, path: String) -> Self {
        Self {
            path,
            name: chart.name().to_owned(),
            text: chart.content.values_text.as_deref(),
        }
    }
}

impl Given {
    /// Tells whether this sets the path.
    fn sets(&self, path: &[String]) -> bool {
        match self {
            Self::File { text, .. } => place_of(text, path).is_some(),
            Self::Argument { .. } => self.argument().is_some_and(|tree| has(&tree, path)),
            Self::Tree(tree) => has(tree, path),
        }
    }

    /// Returns a path to a map in which this sets another path.
    fn path_that_ends(&self, wanted: &[String], deepest: usize) -> Option<Vec<String>> {
        let tree = match self {
            Self::File { file, text } => values::read_yaml(file, text).ok()?,
            Self::Tree(tree) => tree.clone(),
            Self::Argument { .. } => self.argument()?,
        };
        find(&tree, wanted, deepest)
    }

    /// Returns what an argument sets; nothing where it cannot be read.
    fn argument(&self) -> Option<Map<String, Json>> {
        let Self::Argument { option, argument } = self else {
            return None;
        };
        let mode = match *option {
            "set-json" => Mode::Json,
            "set-literal" => Mode::Literal,
            "set" => Mode::Typed,
            _ => Mode::Text,
        };
        let mut tree = Map::new();
        strvals::apply(argument, &mode, &mut tree).ok()?;
        Some(tree)
    }

    /// Returns the place where this sets the path, if it has one.
    fn origin(&self, path: &[String]) -> Option<Origin> {
        match self {
            Self::File { file, text } => Some(Origin::at(file.clone(), place_of(text, path))),
            Self::Argument { option, .. } => {
                Some(Origin::at(format!("--{option} {}", path.join(".")), None))
            }
            Self::Tree(_) => None,
        }
    }
}

/// Returns a path to a map in a tree that has another path.
fn find(tree: &Map<String, Json>, wanted: &[String], deepest: usize) -> Option<Vec<String>> {
    if has(tree, wanted) {
        return Some(Vec::new());
    }
    let deepest = deepest.checked_sub(1)?;
    tree.iter().find_map(|(key, value)| {
        let mut path = find(value.as_object()?, wanted, deepest)?;
        path.insert(0, key.clone());
        Some(path)
    })
}

fn has(tree: &Map<String, Json>, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    let mut found = tree.get(first);
    for part in rest {
        found = match found {
            Some(Json::Object(entries)) => entries.get(part),
            Some(Json::Array(items)) => part.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
    }
    found.is_some()
}

/// Returns the line and column where a path is set in a value file, in the last of its documents
/// that does.
fn place_of(text: &str, path: &[String]) -> Option<(u32, u32)> {
    let documents = values::documents("", text).ok()?;
    documents.into_iter().rev().find_map(|(before, document)| {
        let node = goyaml::parse(document).ok()?;
        let (last, above) = path.split_last()?;
        let above = node.pointer(above)?;
        let span = match above.entry(last) {
            Some(entry) => entry.key_span,
            None => above.pointer(&[last])?.span,
        };
        Some((span.line + before, span.column))
    })
}
