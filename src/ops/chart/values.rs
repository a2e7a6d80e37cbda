//! Values of the command line: takes files and arguments in Helm's order, gives one tree, never
//! shows an argument's value, which may be a secret.

use std::io::Read;

use chart::{Values, ValuesError};

use crate::catalog::wrong_values;
use crate::problem::Problem;

use super::error::ChartError;

/// No file of values is larger.
const MAXIMUM_FILE_SIZE: u64 = 64 * 1024 * 1024;

/// The values that a command line gives, by option.
#[derive(Debug, Clone, Default)]
pub struct ChartValues {
    /// `--values`: files; `-` is standard input.
    pub files: Vec<String>,
    /// `--set-json`.
    pub json: Vec<String>,
    /// `--set`.
    pub set: Vec<String>,
    /// `--set-string`.
    pub text: Vec<String>,
    /// `--set-file`.
    pub content: Vec<String>,
    /// `--set-literal`.
    pub literal: Vec<String>,
}

impl ChartValues {
    /// Reads the files and applies the arguments.
    pub(super) fn read(&self) -> Result<Values, ChartError> {
        let mut values = Values::new();
        for path in &self.files {
            let content = read_file(path).map_err(Problem::new)?;
            values
                .merge_bytes(path, &content)
                .map_err(|error| wrong_values(path, &error))?;
        }
        let wrong = |error: ValuesError| ChartError::Argument(error.to_string());
        for argument in &self.json {
            values.set_json(argument).map_err(wrong)?;
        }
        for argument in &self.set {
            values.set(argument).map_err(wrong)?;
        }
        for argument in &self.text {
            values.set_string(argument).map_err(wrong)?;
        }
        for argument in &self.content {
            values.set_file_bytes(argument, &read_file).map_err(wrong)?;
        }
        for argument in &self.literal {
            values.set_literal(argument).map_err(wrong)?;
        }
        Ok(values)
    }
}

fn read_file(path: &str) -> Result<Vec<u8>, String> {
    let cannot = |cause: String| format!("cannot read {path}: {cause}");
    if path.starts_with("https://") || path.starts_with("http://") {
        return Err(cannot("values are read from files only".to_owned()));
    }
    let source: Box<dyn Read> = if path.trim() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(|error| cannot(error.to_string()))?)
    };
    let mut bytes = Vec::new();
    source
        .take(MAXIMUM_FILE_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| cannot(error.to_string()))?;
    if bytes.len() as u64 > MAXIMUM_FILE_SIZE {
        return Err(cannot(format!(
            "it is larger than {MAXIMUM_FILE_SIZE} bytes"
        )));
    }
    Ok(bytes)
}
