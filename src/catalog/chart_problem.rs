//! What is wrong with a chart, as problems: takes errors of its loading and rendering and where it
//! stands, gives problems with places in its files, never reads one.

use chart::{
    DocumentError, LoadError, MetadataError, NamedValue, Origin, Place, RenderError, SchemaError,
    SchemaProblem, TemplateError, TypeMismatch, ValueState, ValuesError, Violation,
};

use super::advice::{self, Advice};
use crate::problem::Problem;
use crate::source::Source;
use crate::suggest::nearest;

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
            RenderError::Document(error) => self.broken_document(error),
            RenderError::Schema(error) => self.unfit_values(error),
            RenderError::Values(error) => self.no_map(error),
            error => Problem::new(error.to_string()).at(Source::file(self.path)),
        }
    }

    /// Words that the values of a chart below are no map.
    fn no_map(&self, error: &TypeMismatch) -> Problem {
        let name = &error.chart;
        let mut problem = Problem::new(format!("the values of the chart {name} are no map"))
            .label(format!(
                "`{name}` is a chart below, and this is no map of its values"
            ))
            .help(format!("give its values below its name: `{name}.KEY`"));
        let source = error.origin.as_ref().and_then(|origin| self.origin(origin));
        match (source, &error.origin) {
            (Some(source), _) => {
                let length = u32::try_from(name.chars().count()).unwrap_or(0);
                problem.at(source).long(length).hiding_values()
            }
            (None, Some(origin)) => {
                problem
                    .trace
                    .push(format!(".Values.{name} is given by {origin}"));
                problem
            }
            (None, None) => problem.at(Source::file(self.path)),
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
                            (Some(Some(source)), _) => format!(" ({})", source.without_column()),
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
                            let key = violation.unknown.first();
                            let key = key
                                .map(String::as_str)
                                .or(violation.pointer.rsplit('/').next());
                            let length = key.map_or(0, |key| key.chars().count());
                            problem = problem
                                .at(source)
                                .label(violation.message.clone())
                                .long(u32::try_from(length).unwrap_or(0))
                                .hiding_values();
                        }
                        if problem.help.is_none() {
                            problem.help = mend_violation(violation);
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
            column: origin.column,
        };
        let mut value = value.clone();
        match &mut value.state {
            ValueState::Given(origin) | ValueState::TakenAway(origin) => *origin = place(origin),
            ValueState::Absent {
                nearest, elsewhere, ..
            } => {
                if let Some((_, origin)) = nearest {
                    *origin = place(origin);
                }
                if let Some(found) = elsewhere {
                    found.origin = place(&found.origin);
                }
            }
        }
        value.to_string()
    }

    /// Returns where a value comes from, where that is a file.
    fn origin(&self, origin: &Origin) -> Option<Source> {
        let line = origin.line?;
        let own = origin.place.strip_prefix(self.name);
        let file = match own {
            Some(rest) if rest.starts_with('/') => self.file(&origin.place),
            _ => origin.place.clone(),
        };
        Some(Source {
            file,
            line: Some(line),
            column: origin.column,
        })
    }

    fn failed_template(&self, error: &TemplateError) -> Problem {
        let source = Source {
            file: self.file(&error.template),
            line: (error.line > 0).then_some(error.line),
            column: (error.column > 0).then_some(error.column),
        };
        let Advice { label, help } = advice::of_template(error);
        let mut problem = Problem::new(advice::headline(error))
            .at(source)
            .long(error.length);
        (problem.label, problem.help) = (label, help);
        problem.trace = self.way(error);
        problem.trace.extend(self.open_blocks(error));
        if let Some((set, line)) = &error.set_by {
            let file = self.file(&error.template);
            problem
                .trace
                .push(format!("{} at {file}:{line}", shortened(set)));
        }
        let values = error.values.iter().map(|value| self.named_value(value));
        problem.trace.extend(values);
        problem
    }

    /// Words how a template got there, the innermost call first.
    fn way(&self, error: &TemplateError) -> Vec<String> {
        let mut frames: Vec<&Place> = error.include_chain.iter().map(|one| &one.place).collect();
        // A call that failed by itself is the place already.
        if error.context.is_none() {
            frames.pop();
        }
        let mut way: Vec<String> = frames.iter().rev().map(|one| self.call(one)).collect();
        if let Some(period) = period(&way) {
            let calls = way.len() + error.calls_left_out;
            let first = way.pop();
            way.truncate(period);
            way.push(format!("... and so on, {calls} calls in all"));
            way.extend(first);
        } else if error.calls_left_out > 0 {
            let more = format!("... {} more calls", error.calls_left_out);
            way.insert(way.len() / 2, more);
        }
        way
    }

    fn call(&self, place: &Place) -> String {
        let file = self.file(&place.template);
        let call = shortened(&place.context);
        format!("called by {call} at {file}:{}:{}", place.line, place.column)
    }

    /// Words which blocks are open at the end of a text.
    fn open_blocks(&self, error: &TemplateError) -> Vec<String> {
        if error.message != "unexpected EOF" {
            return Vec::new();
        }
        let file = self.file(&error.template);
        let word = |block: &chart::Block| {
            let head = shortened(&format!("{} {}", block.keyword, block.head));
            format!("{head} begins at {file}:{}:{}", block.line, block.column)
        };
        error.blocks.iter().rev().map(word).collect()
    }

    fn broken_document(&self, error: &DocumentError) -> Problem {
        let file = self.file(&error.template);
        let message = error.message.rsplit(": ").next().unwrap_or_default();
        let message = match message.strip_prefix("cannot unmarshal ") {
            Some(rest) => of_other_type(rest),
            None => without_words(message),
        };
        let problem = Problem::new(format!("{file} gives no valid YAML: {message}"));
        let Some(place) = &error.place else {
            return problem
                .at(Source::file(file))
                .label(format!("in line {} of what it gives", error.line));
        };
        let mut problem = problem
            .at(Source {
                file: self.file(&place.template),
                line: Some(place.line),
                column: Some(place.column),
            })
            .long(place.length);
        let Advice { label, help } = advice::of_document(error, place);
        (problem.label, problem.help) = (label, help);
        problem.trace = place.way.iter().map(|one| self.call(one)).collect();
        problem
            .trace
            .push(format!("in line {} of what {file} gives", error.line));
        let values = place.values.iter().map(|value| self.named_value(value));
        problem.trace.extend(values);
        problem
    }
}

/// Returns after how many calls the same ones come again, where they do so all the time.
fn period(way: &[String]) -> Option<usize> {
    const LONGEST: usize = 5;
    (1..=LONGEST).find(|&period| {
        way.len() > 3 * period && (period..=2 * period).all(|at| way[at] == way[at - period])
    })
}

/// Words what Go says of a value of another type than it takes.
fn of_other_type(words: &str) -> String {
    let found = match words.split(' ').next().unwrap_or_default() {
        "array" => "a list",
        "object" => "a map",
        "string" => "a text",
        "bool" => "a truth value",
        _ => "a number",
    };
    let field = words.split("struct field ").nth(1);
    match field.and_then(|rest| rest.split(' ').next()) {
        Some(field) => format!("{} cannot be {found}", field.trim_start_matches('.')),
        None => format!("{found} instead of an object"),
    }
}

/// Cuts a call that would fill the line.
fn shortened(call: &str) -> String {
    const LONGEST: usize = 44;
    if call.chars().count() <= LONGEST {
        return format!("`{call}`");
    }
    let start: String = call.chars().take(LONGEST).collect();
    format!("`{start}…`")
}

/// Says how to mend what a schema objects to.
fn mend_violation(violation: &Violation) -> Option<String> {
    match violation.message.as_str() {
        "got string, want integer" | "got string, want number" | "got string, want boolean" => {
            return Some("a text has quotes around it: take them away".to_owned());
        }
        "got number, want string" | "got boolean, want string" => {
            return Some("in quotes it is a text".to_owned());
        }
        _ => {}
    }
    let known = || violation.known.iter().map(String::as_str);
    let mut near = violation
        .unknown
        .iter()
        .filter_map(|name| nearest(name, known()));
    near.next().map(|near| format!("did you mean `{near}`?"))
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
        LoadError::Yaml { file, source } => {
            let file = format!("{}/{file}", path.trim_end_matches('/'));
            let mut problem = Problem::of_yaml(&file, source.line, source.column, source);
            let label = problem.label.as_deref().unwrap_or_default();
            problem.help = yaml_help(label, source).map(str::to_owned);
            problem
        }
        LoadError::Values(error) => wrong_values(
            &format!("{}/values.yaml", path.trim_end_matches('/')),
            error,
        ),
        LoadError::Metadata {
            file,
            line,
            column,
            source,
        } => unfit_metadata(
            &format!("{}/{file}", path.trim_end_matches('/')),
            (*line, *column),
            source,
        ),
        LoadError::Invalid {
            line,
            column,
            source,
        } => unfit_metadata(
            &format!("{}/Chart.yaml", path.trim_end_matches('/')),
            (*line, *column),
            source,
        ),
        LoadError::NoMetadata => Problem::new(format!("{path} is no chart"))
            .at(Source::file(path))
            .help("a chart has a file Chart.yaml, with `apiVersion`, `name` and `version`"),
        error => Problem::new(format!("the chart {path} cannot be loaded: {error}"))
            .at(Source::file(path)),
    }
}

/// Returns what is wrong with a field of a chart's own file.
fn unfit_metadata(file: &str, (line, column): (u32, u32), error: &MetadataError) -> Problem {
    let source = Source {
        file: file.to_owned(),
        line: (line > 0).then_some(line),
        column: (column > 0).then_some(column),
    };
    let unfit = |why: String| Problem::new(format!("{file} cannot be used: {why}")).at(source);
    match error {
        MetadataError::Type {
            found,
            field,
            expected,
        } => {
            let field = field.rsplit('.').next().unwrap_or_default();
            unfit(format!("`{field}` is of type {found}, not {expected}"))
        }
        MetadataError::Invalid(why) => {
            let why = why.replace("chart.metadata.", "");
            let problem = unfit(why.clone());
            if why.starts_with("version ") && why.ends_with("invalid") {
                return problem
                    .label("expected a semantic version")
                    .help("a version has three numbers, as `1.4.0` or `1.4.0-rc.1`");
            }
            match why.split_once(" is required") {
                Some((field, _)) => problem.help(format!("add a line `{field}: ...`")),
                None => problem,
            }
        }
        MetadataError::Time(why) => unfit(why.clone()),
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
        } => {
            let mut problem = Problem::of_yaml(path, *line, *column, source).hiding_values();
            let label = problem.label.take().unwrap_or_default();
            problem.help = yaml_help(&label, source).map(str::to_owned);
            problem.label(without_words(&label))
        }
        ValuesError::NoMap { found, .. } => {
            let found = match *found {
                "array" => "a list",
                "string" => "a text",
                "bool" => "a truth value",
                _ => "a number",
            };
            Problem::new(format!("{path} is {found}, not a map of values"))
                .at(Source::line(path, 1))
                .label("expected `key: value`")
                .help("values are keys and what belongs to them, without hyphens before them")
                .hiding_values()
        }
        ValuesError::Separator { line, .. } => Problem::new(format!("{path} is not valid YAML"))
            .at(Source::line(path, *line))
            .label("nothing but a comment may follow a document separator")
            .hiding_values(),
        ValuesError::Set { .. } => Problem::new(error.to_string()).at(Source::file(path)),
    }
}

/// Says how to mend a file that is no YAML.
fn yaml_help(label: &str, error: &goyaml::Error) -> Option<&'static str> {
    if error.message.contains("UTF-16") || error.message.contains("UTF-8") {
        return Some("write the file in UTF-8: Helm cannot read it otherwise");
    }
    if label.contains("cannot start any token") {
        return Some(
            "YAML is indented with spaces alone, and `@` or a backquote cannot begin a text",
        );
    }
    if label.contains("mapping values are not allowed") {
        return Some(
            "is the line indented as those around it? A text with `: ` in it needs quotes",
        );
    }
    None
}

/// Takes quoted words out of what a reader of YAML says, which may be a part of a value.
fn without_words(label: &str) -> String {
    let mut shown = String::new();
    for (at, part) in label.split('\'').enumerate() {
        let is_word = at % 2 == 1 && part.contains(char::is_alphanumeric) && !part.starts_with('<');
        shown.push_str(if at > 0 { "'" } else { "" });
        shown.push_str(if is_word { "…" } else { part });
    }
    shown
}
