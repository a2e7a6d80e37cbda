//! Why a chart could not be rendered: takes failures of templates and documents, gives them with
//! their places, worded once.

use std::fmt;

use gotemplate::{ExecError, Frame, ParseError, Place};

use crate::actions::Block;
use crate::explain::NoField;
use crate::instance::TypeMismatch;
use crate::named_values::NamedValue;
use crate::release::InvalidReleaseName;
use crate::schema::SchemaError;

/// Why a chart could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The chart is a library.
    #[error("{kind} charts are not installable")]
    NotInstallable {
        /// The chart.
        chart: String,
        /// Its type.
        kind: String,
    },
    /// Dependencies of `Chart.yaml` are not there.
    #[error(
        "chart {chart}: dependencies are missing in charts/: {}; run 'helm dependency build', or vendor them",
        names.join(", ")
    )]
    MissingDependencies {
        /// The chart.
        chart: String,
        /// The dependencies, each with its version and repository.
        names: Vec<String>,
    },
    /// The release cannot have this name.
    #[error("release name check failed: {0}")]
    ReleaseName(#[from] InvalidReleaseName),
    /// The values do not fit the charts.
    #[error("chart dependencies processing failed: {0}")]
    Values(#[from] TypeMismatch),
    /// A chart's schema does not admit the values.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The chart does not work with this version of Kubernetes.
    #[error("chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {version}")]
    KubeVersion {
        /// The chart.
        chart: String,
        /// The range that the chart asks for.
        wanted: String,
        /// The version it was rendered for.
        version: String,
    },
    /// A template cannot be parsed or failed.
    #[error(transparent)]
    Template(Box<TemplateError>),
    /// A rendered document is no usable YAML.
    #[error(transparent)]
    Document(Box<DocumentError>),
}

/// A template that cannot be parsed or that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// The chart that has the template, by its path from the outermost chart.
    pub chart: String,
    /// The template, such as `chart/templates/service.yaml`.
    pub template: String,
    /// The line in it, counted from 1; 0 where it is not known.
    pub line: u32,
    /// The column in characters, counted from 1; 0 where it is not known.
    pub column: u32,
    /// How many characters are meant; 0 where it is not known.
    pub length: u32,
    /// What is wrong, in Go's words.
    pub message: String,
    /// The same without values of the user, which may be secrets.
    pub discreet: String,
    /// The action or operand that failed, in Go's normal form.
    pub context: Option<String>,
    /// Whether the chart's author made it fail, with `fail` or `required`.
    pub told: bool,
    /// The calls that led there, outermost first.
    pub include_chain: Vec<Frame>,
    /// How many calls are left out in the middle of the chain, which recursions make very long.
    pub calls_left_out: usize,
    /// The field that something has not, where that is what is wrong.
    pub no_field: Option<NoField>,
    /// The whole action at the place, as it is written; empty where there is none.
    pub action: String,
    /// The blocks around the place within its definition, the outermost first.
    pub blocks: Vec<Block>,
    /// The action that sets the variable which the operand begins with, and its line.
    pub set_by: Option<(String, u32)>,
    /// Names that may have been meant: of functions, templates, variables or fields.
    pub known: Vec<String>,
    /// The values that the action names, and where they come from.
    pub values: Vec<NamedValue>,
    /// The error as Go words it.
    pub go: String,
}

/// How many calls are shown of each end of a long chain.
const CHAIN_ENDS: usize = 8;

impl TemplateError {
    pub(crate) fn parse(error: &ParseError) -> Self {
        Self {
            line: error.line,
            column: error.column,
            go: error.to_string(),
            ..Self::whole(&error.template, error.message.clone())
        }
    }

    /// Makes an error about what a whole file gave.
    pub(crate) fn whole(file: &str, message: String) -> Self {
        Self {
            chart: chart_of(file).to_owned(),
            template: file.to_owned(),
            line: 0,
            column: 0,
            length: 0,
            go: message.clone(),
            discreet: message.clone(),
            message,
            context: None,
            told: false,
            include_chain: Vec::new(),
            calls_left_out: 0,
            no_field: None,
            action: String::new(),
            blocks: Vec::new(),
            set_by: None,
            known: Vec::new(),
            values: Vec::new(),
        }
    }

    pub(crate) fn execute(file: &str, error: &ExecError, told: Option<&str>) -> Self {
        // A text given to `tpl` has no file of its own: the innermost file is where it was called.
        let is_file = |template: &str| template.contains('/');
        let place = error
            .place
            .as_ref()
            .filter(|place| is_file(&place.template))
            .or_else(|| {
                error
                    .include_chain
                    .iter()
                    .rev()
                    .map(|frame| &frame.place)
                    .find(|one| is_file(&one.template))
            });
        let template = place.map_or(file, |place| &*place.template);
        let mut include_chain = error.include_chain.clone();
        let calls_left_out = include_chain.len().saturating_sub(2 * CHAIN_ENDS);
        if calls_left_out > 0 {
            include_chain.drain(CHAIN_ENDS..CHAIN_ENDS + calls_left_out);
        }
        let message = match (&told, &error.function) {
            (Some(message), _) => (*message).to_owned(),
            (None, Some(function)) => format!("error calling {function}: {}", error.message),
            (None, None) => error.message.clone(),
        };
        Self {
            line: place.map_or(0, |place| place.line),
            column: place.map_or(0, |place| place.column),
            context: error.place.as_ref().map(|place| place.context.clone()),
            told: told.is_some(),
            include_chain,
            calls_left_out,
            go: error.to_string(),
            ..Self::whole(template, message)
        }
    }
}

impl std::error::Error for TemplateError {}

impl fmt::Display for TemplateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.template)?;
        if self.line > 0 {
            write!(formatter, ":{}:{}", self.line, self.column)?;
        }
        write!(formatter, ": {}", self.discreet)?;
        if let (Some(context), false) = (&self.context, self.told) {
            write!(formatter, " (at <{context}>)")?;
        }
        let gap = self.include_chain.len() / 2;
        for (index, frame) in self.include_chain.iter().rev().enumerate() {
            if index == gap && self.calls_left_out > 0 {
                write!(formatter, "\n  ... {} more calls", self.calls_left_out)?;
            }
            let place = &frame.place;
            let function = frame.function.as_deref().unwrap_or("template");
            write!(
                formatter,
                "\n  {function} at {}:{}:{}",
                place.template, place.line, place.column
            )?;
        }
        Ok(())
    }
}

/// A rendered document that is no usable YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "YAML parse error on {template}: {message} (line {line} of what the template gave: {text:?})"
)]
pub struct DocumentError {
    /// The chart that has the template, by its path from the outermost chart.
    pub chart: String,
    /// The template, such as `chart/templates/service.yaml`.
    pub template: String,
    /// The line in the rendered text, counted from 1.
    pub line: u32,
    /// The column, counted from 1; 0 where it is not known.
    pub column: u32,
    /// The content of that line.
    pub text: String,
    /// What is wrong, in Go's words.
    pub message: String,
    /// Where in the templates the line comes from, where that could be found out.
    pub place: Option<Box<DocumentPlace>>,
}

/// Where in the templates a line of a rendered text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPlace {
    /// The template, such as `chart/templates/_helpers.tpl`.
    pub template: String,
    /// The line in it, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// How many characters are meant; 0 where it is not known.
    pub length: u32,
    /// Whether an action gave several lines, of which some stand further left than the first.
    pub is_unindented: bool,
    /// The action that gave it; nothing where it stands in the template as it is.
    pub action: Option<String>,
    /// What the line looks like, with `…` for what actions gave: values may be secrets.
    pub shown: String,
    /// The actions around, as `include`, the innermost first.
    pub way: Vec<Place>,
    /// The values that the actions name, and where they come from.
    pub values: Vec<NamedValue>,
}

/// Returns the chart's path of a template's path.
pub(crate) fn chart_of(template: &str) -> &str {
    template
        .rfind("/templates/")
        .map_or(template, |at| &template[..at])
}

impl RenderError {
    /// Returns the file of the chart that has to do with it, where one has.
    pub fn template(&self) -> Option<&str> {
        match self {
            Self::Template(error) => Some(&error.template),
            Self::Document(error) => Some(&error.template),
            _ => None,
        }
    }
}
