//! The rules about `values.yaml`: takes its text, tells what is wrong, never merges it with other
//! values (the templates' rules do, and check the schemas).

use super::{EntryKind, Linter};
use crate::values::{self, ValuesError};

const FILE: &str = "values.yaml";

pub(super) fn check(linter: &mut Linter<'_>) {
    if linter.material.kind(FILE) == EntryKind::Missing {
        linter.info("values-file", FILE, None, "file does not exist");
        return;
    }
    let Some(file) = linter.material.file(FILE) else {
        linter.error("values-file", FILE, None, "cannot be read");
        return;
    };
    if let Err(error) = values::read_yaml(FILE, &file.text()) {
        let line = match &error {
            ValuesError::Yaml { line, .. } | ValuesError::Separator { line, .. } => Some(*line),
            _ => None,
        };
        let message = match &error {
            ValuesError::Yaml { source, .. } => format!("unable to parse YAML: {source}"),
            error => error.to_string(),
        };
        linter.error("values-file", FILE, line, message);
    }
}
