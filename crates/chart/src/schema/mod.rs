//! `values.schema.json`: takes the charts that take part and their coalesced values, gives the
//! violations with the places of the values, never reaches the network or the file system.
//!
//! As Helm does, each chart's values are held against its own schema, subcharts after their
//! parents. A schema may refer to itself and to the published metaschemas; `http` and `file`
//! references are refused, `urn` ones admit everything.

mod compile;
mod cycles;
mod enums;
mod formats;
mod patterns;
mod plain;
mod pointer;
mod report;
mod wording;

use std::fmt;
use std::sync::OnceLock;

use gotemplate::{Map, Value};
use jsonschema::Validator;
use serde_json::Value as Json;

use crate::instance::Instance;
use crate::origin::{Origin, Origins};
use crate::tree;
use plain::Plain;

/// Values that a chart's schema does not admit, worded as Helm words them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// The charts that object, in Helm's order.
    pub charts: Vec<SchemaFailure>,
}

/// What one chart's schema objects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFailure {
    /// The name of the chart.
    pub chart: String,
    /// What is wrong.
    pub problem: SchemaProblem,
}

/// What is wrong with values, or with the schema itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaProblem {
    /// The values of a subchart are no map.
    NoMap {
        /// Go's name for what they are.
        found: String,
    },
    /// The schema cannot be used.
    Unusable(String),
    /// The schema does not admit the values.
    Violations(Vec<Violation>),
}

/// One rule that a value breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// How deep it stands below other violations that it is a cause of.
    pub depth: usize,
    /// The JSON pointer of the value within the values of the chart.
    pub pointer: String,
    /// The rule, in the words of Helm's validator.
    pub message: String,
    /// Where the value comes from, where that is known.
    pub origin: Option<Origin>,
    /// The properties of the value that are not allowed.
    pub unknown: Vec<String>,
    /// The others, where some are not allowed.
    pub known: Vec<String>,
}

impl std::error::Error for SchemaError {}

impl fmt::Display for SchemaError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "values don't meet the specifications of the schema(s) in the following chart(s):\n",
        )?;
        for failure in &self.charts {
            writeln!(formatter, "{}:", failure.chart)?;
            match &failure.problem {
                SchemaProblem::NoMap { found } => writeln!(
                    formatter,
                    "invalid type for values: expected object (map), got {found}"
                )?,
                SchemaProblem::Unusable(why) => formatter.write_str(why)?,
                SchemaProblem::Violations(violations) => {
                    for violation in violations {
                        writeln!(formatter, "{violation}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let indent = "  ".repeat(self.depth);
        let pointer = wording::quote(&self.pointer);
        write!(formatter, "{indent}- at {pointer}: {}", self.message)?;
        match &self.origin {
            Some(origin) => write!(formatter, " ({origin})"),
            None => Ok(()),
        }
    }
}

/// A chart's schema, compiled when it is first needed.
#[derive(Debug)]
pub(crate) struct Schema {
    /// The text of `values.schema.json`.
    pub(crate) text: Vec<u8>,
    /// The schema, if it is of a kind that needs no validator.
    plain: OnceLock<Option<Plain>>,
    compiled: OnceLock<Result<Validator, String>>,
}

impl Schema {
    /// Takes the text.
    pub(crate) fn new(text: Vec<u8>) -> Self {
        Self {
            text,
            plain: OnceLock::new(),
            compiled: OnceLock::new(),
        }
    }

    /// Returns what the schema has against values.
    fn problem(&self, values: &Json, origins: &Origins<'_>) -> Option<SchemaProblem> {
        let plain = self.plain.get_or_init(|| Plain::read(&self.text));
        if plain.as_ref().is_some_and(|plain| plain.admits(values)) {
            return None;
        }
        match self.compiled.get_or_init(|| compile::compile(&self.text)) {
            Ok(validator) => {
                let violations = report::violations(validator, values, origins);
                (!violations.is_empty()).then_some(SchemaProblem::Violations(violations))
            }
            Err(why) => Some(SchemaProblem::Unusable(why.clone())),
        }
    }
}

/// Holds the values against the schemas of a chart and of all charts below it.
pub(crate) fn check(
    instance: &Instance,
    values: &Map,
    origins: &Origins<'_>,
) -> Result<(), SchemaError> {
    let mut charts = Vec::new();
    check_one(instance, values, origins, &mut charts);
    if charts.is_empty() {
        return Ok(());
    }
    Err(SchemaError { charts })
}

fn check_one(
    instance: &Instance,
    values: &Map,
    origins: &Origins<'_>,
    failures: &mut Vec<SchemaFailure>,
) {
    if let Some(schema) = &instance.content.schema {
        let problem = schema.problem(&tree::map_to_json(values), origins);
        failures.extend(problem.map(|problem| SchemaFailure {
            chart: instance.name().to_owned(),
            problem,
        }));
    }
    for subchart in &instance.subcharts {
        match values.get(subchart.name()) {
            None | Some(Value::Nil) => {}
            Some(Value::Map(below)) => {
                check_one(subchart, &below, &origins.below(subchart), failures);
            }
            Some(other) => failures.push(SchemaFailure {
                chart: subchart.name().to_owned(),
                problem: SchemaProblem::NoMap {
                    found: other.type_name().into_owned(),
                },
            }),
        }
    }
}
