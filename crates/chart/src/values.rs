//! Values given by the user: takes value files, parameters and JSON in order, gives one tree,
//! never knows the chart's own values (those are laid under it when the chart is rendered).
//!
//! Numbers keep Go's types: a `serde_json` float is a `float64` (all numbers of YAML and JSON), a
//! `serde_json` integer is an `int64` (numbers of `--set`).

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::encoding;
use crate::origin::Given;
use crate::strvals::{self, Mode, SetError};

/// Why values cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValuesError {
    /// A value file is no YAML.
    #[error(
        "failed to parse {file}: cannot unmarshal yaml document: error converting YAML to JSON: {source}"
    )]
    Yaml {
        /// The file.
        file: String,
        /// The line in the file, counted from 1; 0 where it is not known.
        line: u32,
        /// The column, counted from 1; 0 where it is not known.
        column: u32,
        /// What is wrong.
        source: goyaml::Error,
    },
    /// A document separator has more behind it than a comment.
    #[error(
        "failed to parse {file}: error reading yaml document: invalid Yaml document separator: {found}"
    )]
    Separator {
        /// The file.
        file: String,
        /// The line of the separator.
        line: u32,
        /// What follows the separator.
        found: String,
    },
    /// A value file holds something else than a map.
    #[error(
        "failed to parse {file}: cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
    )]
    NoMap {
        /// The file.
        file: String,
        /// Go's name for what it holds.
        found: &'static str,
    },
    /// A parameter cannot be used.
    #[error("failed parsing --{option} data: {source}")]
    Set {
        /// The option, such as `set-string`.
        option: &'static str,
        /// The argument.
        argument: String,
        /// What is wrong.
        source: SetError,
    },
}

/// Values given by the user, later ones over earlier ones.
///
/// Helm's own order is: value files, `set_json`, `set`, `set_string`, `set_file`, `set_literal`,
/// each kind in the order given. The caller keeps to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    entries: Map<String, Value>,
    /// What was given, in order, to tell where a value comes from.
    given: Vec<Given>,
}

impl Values {
    /// Makes empty values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lays a JSON object over the values, as `--values` would with the same content in a file.
    /// Maps are merged, everything else is replaced.
    pub fn merge_json(&mut self, object: Map<String, Value>) {
        let object = object
            .into_iter()
            .map(|(key, value)| (key, with_floats(value)))
            .collect::<Map<_, _>>();
        self.given.push(Given::Tree(object.clone()));
        merge(&mut self.entries, object);
    }

    /// Lays the documents of a value file over the values; `file` names it in errors.
    pub fn merge_yaml(&mut self, file: &str, text: &str) -> Result<(), ValuesError> {
        merge(&mut self.entries, read_yaml(file, text)?);
        self.given.push(Given::File {
            file: file.to_owned(),
            text: text.into(),
        });
        Ok(())
    }

    /// Lays the documents of a value file over the values; `file` names it in errors.
    pub fn merge_bytes(&mut self, file: &str, content: &[u8]) -> Result<(), ValuesError> {
        self.merge_yaml(file, &decoded(file, content)?)
    }

    /// Applies an argument of `--set`.
    pub fn set(&mut self, argument: &str) -> Result<(), ValuesError> {
        self.apply("set", argument, &Mode::Typed)
    }

    /// Applies an argument of `--set-string`.
    pub fn set_string(&mut self, argument: &str) -> Result<(), ValuesError> {
        self.apply("set-string", argument, &Mode::Text)
    }

    /// Applies an argument of `--set-json`.
    pub fn set_json(&mut self, argument: &str) -> Result<(), ValuesError> {
        if argument.trim().starts_with('{') {
            let wrong = |error: serde_json::Error| ValuesError::Set {
                option: "set-json",
                argument: argument.to_owned(),
                source: SetError(error.to_string()),
            };
            let object: Map<String, Value> = serde_json::from_str(argument).map_err(wrong)?;
            self.merge_json(object);
            return Ok(());
        }
        self.apply("set-json", argument, &Mode::Json)
    }

    /// Applies an argument of `--set-literal`.
    pub fn set_literal(&mut self, argument: &str) -> Result<(), ValuesError> {
        self.apply("set-literal", argument, &Mode::Literal)
    }

    /// Applies an argument of `--set-file`; `read` gives the content of the file that it names.
    pub fn set_file(
        &mut self,
        argument: &str,
        read: &dyn Fn(&str) -> Result<String, String>,
    ) -> Result<(), ValuesError> {
        self.apply("set-file", argument, &Mode::File(read))
    }

    /// Applies an argument of `--set-file` where files need not be text.
    pub fn set_file_bytes(
        &mut self,
        argument: &str,
        read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    ) -> Result<(), ValuesError> {
        let text = |path: &str| read(path).map(|bytes| encoding::text_of(&bytes).into_owned());
        self.apply("set-file", argument, &Mode::File(&text))
    }

    /// Returns the tree.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.entries
    }

    /// Returns what was given, in order.
    pub(crate) fn given(&self) -> &[Given] {
        &self.given
    }

    fn apply(
        &mut self,
        option: &'static str,
        argument: &str,
        mode: &Mode<'_>,
    ) -> Result<(), ValuesError> {
        strvals::apply(argument, mode, &mut self.entries).map_err(|source| ValuesError::Set {
            option,
            argument: argument.to_owned(),
            source,
        })?;
        self.given.push(Given::Argument {
            option,
            argument: argument.to_owned(),
        });
        Ok(())
    }
}

/// Decodes a value file. Helm ends it with a line feed first, as one byte: UTF-16 does not outlive
/// that, unless its own last byte is one.
pub(crate) fn decoded<'a>(file: &str, content: &'a [u8]) -> Result<Cow<'a, str>, ValuesError> {
    let wide = content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]);
    let text = if wide && !content.ends_with(b"\n") {
        let ended = [content, b"\n"].concat();
        goyaml::text_of(&ended).map(|text| Cow::Owned(text.into_owned()))
    } else {
        goyaml::text_of(content)
    };
    text.map_err(|source| ValuesError::Yaml {
        file: file.to_owned(),
        line: source.line,
        column: source.column,
        source,
    })
}

/// Reads all documents of a value file and merges them.
pub(crate) fn read_yaml(file: &str, text: &str) -> Result<Map<String, Value>, ValuesError> {
    let mut values = Map::new();
    // Helm ends the last line before it reads a file, so that a block scalar there keeps its break.
    let ended = if text.is_empty() || text.ends_with('\n') {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}\n"))
    };
    for (first_line, document) in documents(file, &ended)? {
        let node = goyaml::parse(document).map_err(|source| ValuesError::Yaml {
            file: file.to_owned(),
            line: if source.line == 0 {
                0
            } else {
                source.line + first_line
            },
            column: source.column,
            source,
        })?;
        match with_floats(node.to_json()) {
            Value::Object(entries) => merge(&mut values, entries),
            Value::Null => {}
            other => {
                let found = match other {
                    Value::Bool(_) => "bool",
                    Value::Number(_) => "number",
                    Value::Array(_) => "array",
                    _ => "string",
                };
                return Err(ValuesError::NoMap {
                    file: file.to_owned(),
                    found,
                });
            }
        }
    }
    Ok(values)
}

/// Splits a value file at its separators; each document comes with the number of lines before it.
pub(crate) fn documents<'a>(file: &str, text: &'a str) -> Result<Vec<(u32, &'a str)>, ValuesError> {
    let mut found = Vec::new();
    let (mut start, mut start_line, mut offset, mut line) = (0, 0, 0, 0);
    for content in text.split_inclusive('\n') {
        if let Some(rest) = content.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                let found = rest.to_owned();
                return Err(ValuesError::Separator {
                    file: file.to_owned(),
                    line: line + 1,
                    found,
                });
            }
            if offset > start {
                found.push((start_line, &text[start..offset]));
            }
            // The separator begins the next document, so that its lines stay countable; where a
            // document was cut before it, Helm drops it.
            start = offset + content.len();
            start_line = line + 1;
        }
        offset += content.len();
        line += 1;
    }
    if offset > start {
        found.push((start_line, &text[start..]));
    }
    Ok(found)
}

/// Lays one map over another; maps are merged, everything else is replaced.
pub(crate) fn merge(target: &mut Map<String, Value>, source: Map<String, Value>) {
    for (key, value) in source {
        match (target.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            (_, value) => {
                target.insert(key, value);
            }
        }
    }
}

/// Makes every number a float, as Go reads JSON.
pub(crate) fn with_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => number
            .as_f64()
            .and_then(serde_json::Number::from_f64)
            .map_or(Value::Null, Value::Number),
        Value::Array(items) => Value::Array(items.into_iter().map(with_floats).collect()),
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key, with_floats(value)))
                .collect(),
        ),
        other => other,
    }
}
