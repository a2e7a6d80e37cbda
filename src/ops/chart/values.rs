//! Values of the command line: takes files and arguments in Helm's order, gives one tree, never
//! shows an argument's value, which may be a secret.

use std::cell::RefCell;
use std::io::{ErrorKind, Read};
use std::path::Path;

use chart::{Values, ValuesError};

use crate::catalog::wrong_values;
use crate::problem::Problem;
use crate::suggest::nearest;

use super::argument::wrong_argument;
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
            let content = read_file(path)?;
            values
                .merge_bytes(path, &content)
                .map_err(|error| wrong_values(path, &error))?;
        }
        let wrong =
            |error: ValuesError| ChartError::WrongArgument(Box::new(wrong_argument(&error)));
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
            // What is wrong with a file is told as it is for a file of values.
            let unreadable = RefCell::new(None);
            let read = |path: &str| {
                read_file(path).map_err(|problem| {
                    let message = problem.message.clone();
                    *unreadable.borrow_mut() = Some(problem);
                    message
                })
            };
            values
                .set_file_bytes(argument, &read)
                .map_err(|error| match unreadable.take() {
                    Some(problem) => problem.into(),
                    None => wrong(error),
                })?;
        }
        for argument in &self.literal {
            values.set_literal(argument).map_err(wrong)?;
        }
        Ok(values)
    }
}

fn read_file(path: &str) -> Result<Vec<u8>, Problem> {
    let cannot = |cause: &str| Problem::new(format!("cannot read {path}: {cause}"));
    if path.starts_with("https://") || path.starts_with("http://") {
        return Err(cannot("values are read from files only"));
    }
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => {
            let problem = Problem::new(format!("there is no file {path}"));
            match neighbour(path) {
                Some(near) => problem.help(format!("did you mean {near}?")),
                None => problem.help("paths begin at the working directory"),
            }
        }
        ErrorKind::IsADirectory => cannot("it is a directory"),
        _ => cannot(&error.to_string()),
    };
    let source: Box<dyn Read> = if path.trim() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(unreadable)?)
    };
    let mut bytes = Vec::new();
    source
        .take(MAXIMUM_FILE_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAXIMUM_FILE_SIZE {
        return Err(cannot(&format!(
            "it is larger than {MAXIMUM_FILE_SIZE} bytes"
        )));
    }
    Ok(bytes)
}

/// Returns the path beside one that does not exist which looks most like it.
pub(super) fn neighbour(path: &str) -> Option<String> {
    let path = Path::new(path);
    let name = path.file_name()?.to_str()?;
    let parent = path.parent()?;
    let listed = if parent == Path::new("") {
        Path::new(".")
    } else {
        parent
    };
    let entries = std::fs::read_dir(listed).ok()?.flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    let near = nearest(name, names.iter().map(String::as_str))?;
    Some(parent.join(near).to_string_lossy().into_owned())
}
