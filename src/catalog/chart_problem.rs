//! What is wrong with a chart, as problems: takes errors of its loading and rendering and where it
//! stands, gives problems with places in its files, never reads one.

use chart::{
    LoadError, MetadataError, NamedValue, Origin, RenderError, SchemaError, SchemaProblem,
    TemplateError, ValueState, ValuesError,
};

use crate::problem::Problem;
use crate::source::Source;

/// Where a chart stands.
#[derive(Debug, Clone, Copy)]
pub struct ChartPlace<'c> {
    /// Its directory or archive, as problems name it.
    pub path: &'c str,
    /// Its name, with which the names of its templates begin.
    pub name: &'c str,
}

impl ChartPlace<'_> {
    /// Returns the path of a template that the chart names by its own name.
    pub fn file(&self, template: &str) -> String {
        let within = template.strip_prefix(self.name).unwrap_or(template);
        let within = within.strip_prefix('/').unwrap_or(within);
        if self.path.is_empty() {
            within.to_owned()
        } else {
            format!("{}/{within}", self.path.trim_end_matches('/'))
        }
    }

    /// Returns why the chart cannot be rendered.
    pub fn unrenderable(&self, error: &RenderError) -> Problem {
        match error {
            RenderError::Template(error) => self.failed_template(error),
            RenderError::Document(error) => {
                let file = self.file(&error.template);
                let message = error.message.rsplit(": ").next();
                let message = message.unwrap_or_default();
                Problem::new(format!("{file} gives no valid YAML: {message}"))
                    .at(Source::file(file))
                    .label(format!(
                        "line {} of what it gives: {}",
                        error.line,
                        error.text.trim()
                    ))
            }
            RenderError::Schema(error) => self.unfit_values(error),
            error => Problem::new(error.to_string()).at(Source::file(self.path)),
        }
    }

    /// Words what schemas object to: each value with its place.
    fn unfit_values(&self, error: &SchemaError) -> Problem {
        let charts: Vec<&str> = error.charts.iter().map(|one| one.chart.as_str()).collect();
        let message = format!(
            "the values do not meet values.schema.json of {}",
            charts.join(", ")
        );
        let mut problem = Problem::new(message);
        for failure in &error.charts {
            let chart = &failure.chart;
            match &failure.problem {
                SchemaProblem::NoMap { found } => {
                    problem
                        .trace
                        .push(format!("{chart}: the values are {found}, not a map"));
                }
                SchemaProblem::Unusable(why) => {
                    let why = why.trim();
                    problem
                        .trace
                        .push(format!("{chart}: the schema cannot be used: {why}"));
                }
                SchemaProblem::Violations(violations) => {
                    for violation in violations {
                        let source = violation.origin.as_ref().map(|origin| self.origin(origin));
                        let place = match (&source, &violation.origin) {
                            (Some(Some(source)), _) => format!(" ({source})"),
                            (_, Some(origin)) => format!(" ({origin})"),
                            _ => String::new(),
                        };
                        problem.trace.push(format!(
                            "{}{chart}: {}: {}{place}",
                            "  ".repeat(violation.depth),
                            path_of(&violation.pointer),
                            violation.message
                        ));
                        if let (None, Some(Some(source))) = (&problem.source, source) {
                            problem = problem.at(source).label(violation.message.clone());
                        }
                    }
                }
            }
        }
        if problem.source.is_none() {
            problem = problem.at(Source::file(self.path));
        }
        problem
    }

    /// Words where a value comes from, its file as problems name it.
    fn named_value(&self, value: &NamedValue) -> String {
        let place = |origin: &Origin| Origin {
            place: match self.origin(origin) {
                Some(source) => source.file,
                None => origin.place.clone(),
            },
            line: origin.line,
        };
        let state = match &value.state {
            ValueState::Given(origin) => ValueState::Given(place(origin)),
            ValueState::TakenAway(origin) => ValueState::TakenAway(place(origin)),
            ValueState::Absent { nearest } => ValueState::Absent {
                nearest: nearest
                    .as_ref()
                    .map(|(path, origin)| (path.clone(), place(origin))),
            },
        };
        let path = value.path.clone();
        NamedValue { path, state }.to_string()
    }

    /// Returns where a value comes from, where that is a file.
    fn origin(&self, origin: &Origin) -> Option<Source> {
        let line = origin.line?;
        let own = origin.place.strip_prefix(self.name);
        let file = match own {
            Some(rest) if rest.starts_with('/') => self.file(&origin.place),
            _ => origin.place.clone(),
        };
        Some(Source::line(file, line))
    }

    fn failed_template(&self, error: &TemplateError) -> Problem {
        let source = Source {
            file: self.file(&error.template),
            line: (error.line > 0).then_some(error.line),
            column: (error.column > 0).then_some(error.column),
        };
        let mut problem = Problem::new(error.message.clone()).at(source);
        if !error.told
            && let Some(context) = &error.context
        {
            problem = problem.label(format!("in {context}"));
        }
        if error.message.starts_with("nil pointer evaluating")
            && let Some((_, field)) = error.message.rsplit_once('.')
        {
            problem = problem.help(format!(
                "what stands before `.{field}` has no value: give it one, or guard it with `with`"
            ));
        }
        problem.trace = error
            .include_chain
            .iter()
            .rev()
            .map(|frame| {
                let place = &frame.place;
                let function = frame.function.as_deref().unwrap_or("template");
                let file = self.file(&place.template);
                format!("{function} at {file}:{}:{}", place.line, place.column)
            })
            .collect();
        let values = error.values.iter().map(|value| self.named_value(value));
        problem.trace.extend(values);
        problem
    }
}

/// Returns a JSON pointer as the path that `--set` takes.
fn path_of(pointer: &str) -> String {
    let path = pointer.trim_start_matches('/').replace('/', ".");
    if path.is_empty() {
        "the values".to_owned()
    } else {
        path
    }
}

/// Returns why a chart cannot be loaded.
pub fn unloadable(path: &str, error: &LoadError) -> Problem {
    match error {
        LoadError::Yaml { file, source } => Problem::of_yaml(
            &format!("{}/{file}", path.trim_end_matches('/')),
            source.line,
            source.column,
            source,
        ),
        LoadError::Values(error) => wrong_values(
            &format!("{}/values.yaml", path.trim_end_matches('/')),
            error,
        ),
        LoadError::Metadata { file, source } => {
            let file = format!("{}/{file}", path.trim_end_matches('/'));
            let message = match source {
                MetadataError::Type {
                    found,
                    field,
                    expected,
                } => {
                    let field = field.rsplit('.').next().unwrap_or_default();
                    format!("{file} cannot be used: `{field}` is of type {found}, not {expected}")
                }
                error => format!("{file} cannot be used: {error}"),
            };
            Problem::new(message).at(Source::file(file))
        }
        LoadError::NoMetadata => Problem::new(format!("{path} is no chart"))
            .at(Source::file(path))
            .help("a chart has a file Chart.yaml, with `apiVersion`, `name` and `version`"),
        error => Problem::new(format!("the chart {path} cannot be loaded: {error}"))
            .at(Source::file(path)),
    }
}

/// Returns why a file of values cannot be used.
pub fn wrong_values(path: &str, error: &ValuesError) -> Problem {
    match error {
        ValuesError::Yaml {
            line,
            column,
            source,
            ..
        } => Problem::of_yaml(path, *line, *column, source),
        error => Problem::new(error.to_string()).at(Source::file(path)),
    }
}
