//! One evaluation in this process: takes a file and what it is given, gives its JSON, never bounds
//! time or memory ([`crate::apart`] does), only the depth of calls.

use std::collections::BTreeMap;
use std::path::Path;

use rsjsonnet_lang::arena::Arena;
use rsjsonnet_lang::program::Program;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::importer::Importer;
use crate::words;

/// The depth at which an evaluation is given up.
///
/// The library counts every expression, field and call under way, of which go-jsonnet counts calls
/// alone, 500 at the most: a call of a function is about three of these.
pub const MAXIMUM_STACK: usize = 2_000;

/// A stack for programs that are nested deeply; most of it is never touched.
const THREAD_STACK: usize = 64 * 1024 * 1024;

/// A variable from outside: of `std.extVar`, or an argument of the file's function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value: a text, or Jsonnet.
    pub value: String,
    /// True where the value is Jsonnet.
    pub code: bool,
}

/// What is evaluated, with everything that it can see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The repository's directory. Nothing outside of it is read.
    pub root: std::path::PathBuf,
    /// Directories that imports are looked for in, relative to the root, the last one first; before
    /// them comes the directory of the file that imports.
    pub libraries: Vec<String>,
    /// What `std.extVar` knows. Of several of one name the last one counts.
    pub external_variables: Vec<Variable>,
    /// The arguments of the function that the file may be.
    pub arguments: Vec<Variable>,
}

/// Evaluates a file of the repository and returns its JSON.
pub fn evaluate(evaluation: &Evaluation, file: &str) -> Result<String, Error> {
    // The library's parser and its garbage collector go down as deep as the program does.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(THREAD_STACK);
        let worker = thread
            .spawn_scoped(scope, || run(evaluation, file))
            .map_err(|error| Error::new(format!("no thread can be started for it: {error}")))?;
        worker
            .join()
            .unwrap_or_else(|_| Err(Error::new("the evaluation broke off")))
    })
}

fn run(evaluation: &Evaluation, file: &str) -> Result<String, Error> {
    let arena = Arena::new();
    let mut program = Program::new(&arena);
    program.set_max_stack(MAXIMUM_STACK);
    let mut importer = Importer::new(&program, &evaluation.root, &evaluation.libraries)?;
    for (name, variable) in by_name(&evaluation.external_variables) {
        let thunk = importer.variable(&mut program, "extvar", variable)?;
        let name = program.intern_str(name);
        program.add_ext_var(name, &thunk);
    }
    let thunk = importer.load(&mut program, Path::new(file))?;
    let result = program.eval_value(&thunk, &mut importer);
    let mut value = match result {
        Ok(value) => value,
        Err(error) => return Err(words::evaluation(&program, &mut importer, &error)),
    };
    if value.is_function() {
        let mut arguments = Vec::new();
        for (name, variable) in by_name(&evaluation.arguments) {
            let thunk = importer.variable(&mut program, "top-level-arg", variable)?;
            arguments.push((program.intern_str(name), thunk));
        }
        let function = program.value_to_thunk(&value);
        let result = program.eval_call(&function, &[], &arguments, &mut importer);
        value = match result {
            Ok(value) => value,
            Err(error) => return Err(words::evaluation(&program, &mut importer, &error)),
        };
    }
    let result = program.manifest_json(&value, false);
    result.map_err(|error| words::evaluation(&program, &mut importer, &error))
}

fn by_name(variables: &[Variable]) -> BTreeMap<&str, &Variable> {
    let of = variables.iter();
    of.map(|variable| (variable.name.as_str(), variable))
        .collect()
}

/// Returns the directory of a file.
pub(crate) fn directory_of(file: &Path) -> &Path {
    file.parent().unwrap_or_else(|| Path::new(""))
}
