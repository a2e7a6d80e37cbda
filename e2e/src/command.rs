//! One command run to its end: takes words, a folder and variables, gives its output or an error that
//! shows what it said. Never goes through a shell.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::{self, Stdio};

use thiserror::Error;

/// A command did not do what it was asked.
#[derive(Debug, Error)]
pub(crate) enum CommandError {
    /// It is not there, or may not be run.
    #[error("failed to start `{command}`")]
    Start {
        /// Its words.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// It ran and failed.
    #[error("`{command}` failed with exit code {code}{output}")]
    Failed {
        /// Its words.
        command: String,
        /// The exit code, or -1 after a signal.
        code: i32,
        /// The last lines that it wrote.
        output: Tail,
    },
    /// Its output is not what it ought to be.
    #[error("`{command}` wrote no JSON")]
    Json {
        /// Its words.
        command: String,
        /// Why.
        source: serde_json::Error,
    },
}

/// The last lines of an output.
#[derive(Debug)]
pub(crate) struct Tail(String);

impl fmt::Display for Tail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&str> = self.0.lines().collect();
        for line in &lines[lines.len().saturating_sub(30)..] {
            write!(formatter, "\n    {line}")?;
        }
        Ok(())
    }
}

/// What a command wrote and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// The exit code, or -1 after a signal.
    pub(crate) code: i32,
    /// Its standard output.
    pub(crate) stdout: String,
    /// Its standard error.
    pub(crate) stderr: String,
}

/// A command to be run.
#[derive(Debug)]
pub(crate) struct Command {
    inner: process::Command,
    words: String,
    input: Option<String>,
}

impl Command {
    /// Returns the command of this program.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut inner = process::Command::new(program);
        inner.stdin(Stdio::null());
        Self {
            words: program.to_string_lossy().into_owned(),
            inner,
            input: None,
        }
    }

    /// Adds a word.
    pub(crate) fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.words.push(' ');
        self.words.push_str(&word.as_ref().to_string_lossy());
        self.inner.arg(word);
        self
    }

    /// Adds words.
    pub(crate) fn args<W: AsRef<OsStr>>(self, words: impl IntoIterator<Item = W>) -> Self {
        words.into_iter().fold(self, Command::arg)
    }

    /// Runs it in this folder.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.inner.current_dir(folder);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value);
        self
    }

    /// Gives it this on its standard input.
    pub(crate) fn input(mut self, input: impl Into<String>) -> Self {
        self.input = Some(input.into());
        self.inner.stdin(Stdio::piped());
        self
    }

    /// Runs it; a failure is an output like any other.
    pub(crate) fn output(mut self) -> Result<Output, CommandError> {
        self.inner.stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = |source| CommandError::Start {
            command: self.words.clone(),
            source,
        };
        let mut child = self.inner.spawn().map_err(start)?;
        if let (Some(input), Some(mut pipe)) = (self.input.take(), child.stdin.take()) {
            // A thread of its own: the child may write before it has read everything.
            std::thread::spawn(move || pipe.write_all(input.as_bytes()));
        }
        let output = child.wait_with_output().map_err(start)?;
        Ok(Output {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs it and returns its standard output; a failure is an error.
    pub(crate) fn text(self) -> Result<String, CommandError> {
        let command = self.words.clone();
        let output = self.output()?;
        if output.code != 0 {
            let all = format!("{}{}", output.stdout, output.stderr);
            return Err(CommandError::Failed {
                command,
                code: output.code,
                output: Tail(all),
            });
        }
        Ok(output.stdout)
    }

    /// Runs it and reads its standard output as JSON.
    pub(crate) fn json(self) -> Result<serde_json::Value, CommandError> {
        let command = self.words.clone();
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|source| CommandError::Json { command, source })
    }

    /// Runs it with its output written into a file as it comes; a failure is an error.
    pub(crate) fn into_file(mut self, path: &Path) -> Result<(), CommandError> {
        let start = |source| CommandError::Start {
            command: self.words.clone(),
            source,
        };
        let file = std::fs::File::create(path).map_err(start)?;
        self.inner
            .stdout(file.try_clone().map_err(start)?)
            .stderr(file);
        let status = self.inner.status().map_err(start)?;
        if status.success() {
            return Ok(());
        }
        let said = std::fs::read_to_string(path).unwrap_or_default();
        let code = status.code().unwrap_or(-1);
        Err(CommandError::Failed {
            command: self.words,
            code,
            output: Tail(said),
        })
    }
}
