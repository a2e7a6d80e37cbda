//! What a config management plugin wrote: takes its output, gives the manifests, never runs it.

use crate::catalog::{Manifest, PluginOptions};
use crate::problem::Problem;
use crate::source::Source;

/// Reads the output of a plugin.
pub(super) fn read(options: &PluginOptions, text: &str) -> Result<Vec<Manifest>, Problem> {
    let name = format!("the output of the plugin {}", options.name);
    let documents = goyaml::parse_stream(text)
        .map_err(|error| Problem::of_yaml(&name, error.line, error.column, &error))?;
    let manifests = documents.into_iter().map(|document| Manifest {
        source: Source::line(&name, document.span.line),
        value: document.to_json(),
    });
    Ok(manifests
        .filter(|manifest| !manifest.value.is_null())
        .collect())
}
