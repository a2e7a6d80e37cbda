//! Evaluation in a process of its own: takes files, gives a result for each, never more time or
//! memory than [`PROCESSOR_SECONDS`] and [`MEMORY_BYTES`].
//!
//! Jsonnet has no bound of its own: `std.repeat` alone may ask for more memory than there is, and an
//! allocation that fails ends the process. So a program that can [`serve`] calls [`enable`] at its
//! start with its own executable, and evaluations then run in a copy of it that the system stops.
//! Where nobody called [`enable`] (tests, programs that use the library), they run in the calling
//! process, and only the depth of calls is bounded.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::evaluate::{Evaluation, evaluate as evaluate_here};

/// The processor time that the files of one directory may take together.
pub const PROCESSOR_SECONDS: u64 = 30;

/// The memory that they may take.
pub const MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// What they may write together.
const MAXIMUM_OUTPUT: u64 = 256 * 1024 * 1024;

static PROGRAM: OnceLock<Program> = OnceLock::new();

/// How a process that serves is started.
#[derive(Debug, Clone)]
struct Program {
    executable: PathBuf,
    argument: &'static str,
}

#[derive(Debug, Serialize, Deserialize)]
struct Request {
    evaluation: Evaluation,
    files: Vec<String>,
}

/// Says how evaluations are run apart: by this executable, which calls [`serve`] when it is started
/// with this argument. The first call counts.
pub fn enable(executable: PathBuf, argument: &'static str) {
    let _ = PROGRAM.set(Program {
        executable,
        argument,
    });
}

/// Evaluates files of the repository, in their order, up to the first one that fails.
pub fn evaluate(evaluation: &Evaluation, files: &[String]) -> Result<Vec<String>, (String, Error)> {
    match PROGRAM.get() {
        Some(program) => program.evaluate(evaluation, files),
        None => files
            .iter()
            .map(|file| evaluate_here(evaluation, file).map_err(|error| (file.clone(), error)))
            .collect(),
    }
}

/// Answers one request: takes it from the input, writes one line of JSON for each file, up to the
/// first one that fails.
pub fn serve(input: impl Read, output: impl Write) -> std::io::Result<()> {
    limit();
    answer(input, output)
}

/// Does what [`serve`] does, without bounds.
pub(crate) fn answer(input: impl Read, mut output: impl Write) -> std::io::Result<()> {
    let request: Request = serde_json::from_reader(input)?;
    for file in &request.files {
        let result = evaluate_here(&request.evaluation, file);
        let failed = result.is_err();
        serde_json::to_writer(&mut output, &result)?;
        output.write_all(b"\n")?;
        output.flush()?;
        if failed {
            break;
        }
    }
    Ok(())
}

/// Bounds this process.
#[cfg(unix)]
fn limit() {
    use nix::sys::resource::{Resource, setrlimit};
    // Where the system refuses, the bound is a lower one already, or there is none to be had.
    let _ = setrlimit(
        Resource::RLIMIT_CPU,
        PROCESSOR_SECONDS,
        PROCESSOR_SECONDS + 1,
    );
    let _ = setrlimit(Resource::RLIMIT_AS, MEMORY_BYTES, MEMORY_BYTES);
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
}

#[cfg(not(unix))]
fn limit() {}

impl Program {
    fn evaluate(
        &self,
        evaluation: &Evaluation,
        files: &[String],
    ) -> Result<Vec<String>, (String, Error)> {
        let first = files.first().cloned().unwrap_or_default();
        let failed = |error: std::io::Error| {
            let what = format!("a process for Jsonnet cannot be run: {error}");
            (first.clone(), Error::new(what))
        };
        let mut child = Command::new(&self.executable)
            .arg(self.argument)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let request = Request {
            evaluation: evaluation.clone(),
            files: files.to_vec(),
        };
        // It reads everything before it writes anything. Where it ended already, its status tells.
        if let Some(mut input) = child.stdin.take()
            && let Ok(text) = serde_json::to_vec(&request)
        {
            let _ = input.write_all(&text);
        }
        let mut results: Vec<Result<String, Error>> = Vec::new();
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output.take(MAXIMUM_OUTPUT)).lines() {
                let Ok(Ok(result)) = line.map(|line| serde_json::from_str(&line)) else {
                    break;
                };
                results.push(result);
            }
        }
        // What still runs has written too much, and is of no more use.
        if results.len() < files.len() && results.iter().all(Result::is_ok) {
            let _ = child.kill();
        }
        let status = child.wait().map_err(failed)?;
        let mut texts = Vec::with_capacity(files.len());
        let mut results = results.into_iter();
        for file in files {
            match results.next() {
                Some(Ok(text)) => texts.push(text),
                Some(Err(error)) => return Err((file.clone(), error)),
                None => return Err((file.clone(), Error::new(ended(status)))),
            }
        }
        Ok(texts)
    }
}

/// Says why a process ended before it had a result.
fn ended(status: ExitStatus) -> String {
    const ABORTED: i32 = 6;
    const KILLED: i32 = 9;
    const PROCESSOR_TIME: i32 = 24;
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    match signal {
        Some(PROCESSOR_TIME) => {
            format!("the evaluation has no end after {PROCESSOR_SECONDS} s of processor time")
        }
        Some(ABORTED) => {
            let gibibytes = MEMORY_BYTES >> 30;
            format!("the evaluation needs more than {gibibytes} GiB of memory")
        }
        Some(KILLED) => "the evaluation was stopped: its result is too large".to_owned(),
        _ => "the evaluation broke off: is it nested very deeply?".to_owned(),
    }
}
