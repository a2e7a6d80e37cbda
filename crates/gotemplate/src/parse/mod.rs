//! Parsing: takes a template's text, gives its tree and those of its definitions, never executes.
use std::sync::Arc;

use crate::error::ParseError;
use crate::function::FunctionTable;

/// One parsed definition.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: Arc<str>,
}

impl Tree {
    pub(crate) fn is_blank(&self) -> bool {
        self.name.is_empty()
    }
}

pub(crate) fn parse(
    functions: &FunctionTable,
    name: &str,
    text: &str,
    delimiters: (&str, &str),
) -> Result<Vec<Arc<Tree>>, ParseError> {
    let _ = (functions, text, delimiters);
    Ok(vec![Arc::new(Tree { name: name.into() })])
}
