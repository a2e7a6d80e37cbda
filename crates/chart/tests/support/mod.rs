//! What tests share that give charts the options of `helm template`: takes options with their
//! arguments, gives values in the order in which Helm merges them; never renders.

use std::error::Error;
use std::fs;
use std::path::Path;

use chart::Values;

/// The options that bring values, in the order in which Helm looks at them.
const ORDER: [&str; 6] = [
    "--values",
    "--set-json",
    "--set",
    "--set-string",
    "--set-file",
    "--set-literal",
];

/// Merges what options give; other options are passed over. Files are looked for in `home`.
pub(crate) fn values(home: &Path, given: &[(&str, &str)]) -> Result<Values, Box<dyn Error>> {
    let mut values = Values::new();
    let read = |path: &str| {
        fs::read(home.join(path)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("open {path}: no such file or directory"),
            _ => format!("read {path}: is a directory"),
        })
    };
    for kind in ORDER {
        for (_, value) in given.iter().filter(|(word, _)| *word == kind) {
            match kind {
                "--values" => values.merge_bytes(value, &read(value)?)?,
                "--set-json" => values.set_json(value)?,
                "--set" => values.set(value)?,
                "--set-string" => values.set_string(value)?,
                "--set-file" => values.set_file_bytes(value, &read)?,
                _ => values.set_literal(value)?,
            }
        }
    }
    Ok(values)
}
