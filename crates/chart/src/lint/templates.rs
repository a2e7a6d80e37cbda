//! The rules about `templates/`: takes a loaded chart and values, renders as `helm lint` does and
//! tells what is wrong with the templates and with what they give, never mends it.

use goyaml::{Kind, Node};

use super::{EntryKind, LintOptions, Linter, deprecation, names};
use crate::capabilities::Capabilities;
use crate::chart::Chart;
use crate::error::RenderError;
use crate::go_path;
use crate::manifest::{self, Cut, TemplateLines};
use crate::options::{ReleaseOptions, RenderOptions};
use crate::render::{RenderedFiles, render_files};
use crate::schema::{SchemaError, SchemaProblem};
use crate::values::Values;

const DIRECTORY: &str = "templates";

pub(super) fn check(linter: &mut Linter<'_>, chart: &Chart, given: &Values, options: &LintOptions) {
    match linter.material.kind(DIRECTORY) {
        EntryKind::Missing => {
            let message = "directory does not exist";
            linter.warning("templates-directory", DIRECTORY, None, message);
            return;
        }
        EntryKind::File => {
            linter.error("templates-directory", DIRECTORY, None, "not a directory");
            return;
        }
        EntryKind::Directory => {}
    }
    let rendered = match render(chart, given, options) {
        Ok(rendered) => rendered,
        // Helm's linter passes over values of the wrong type.
        Err(RenderError::Values(_)) => return,
        Err(error) => {
            unrenderable(linter, chart, &error);
            return;
        }
    };
    for template in chart.templates() {
        let extension = go_path::extension(&template.path);
        if !matches!(extension, ".yaml" | ".yml" | ".tpl" | ".txt") {
            let message = format!(
                "the file extension {extension:?} is not valid: it is .yaml, .yml, .tpl or .txt"
            );
            linter.error("template-extension", &template.path, None, message);
        }
        if !matches!(extension.to_ascii_lowercase().as_str(), ".yaml" | ".yml") {
            continue;
        }
        let name = go_path::join(chart.name(), &template.path);
        let content = rendered.files.iter().find(|(path, _)| **path == *name);
        let Some((_, content)) = content.filter(|(_, content)| !content.trim().is_empty()) else {
            continue;
        };
        let source = template.text();
        let one = Template {
            path: &template.path,
            content,
            lines: TemplateLines::new(&source),
        };
        if !one.check(linter, options) {
            // Helm goes no further than the first file that is no YAML.
            return;
        }
    }
}

/// Renders as `helm lint` does: `required` and `fail` give nothing, and the release is neither
/// installed nor upgraded.
fn render(
    chart: &Chart,
    given: &Values,
    options: &LintOptions,
) -> Result<RenderedFiles, RenderError> {
    let release = ReleaseOptions {
        is_install: false,
        revision: 0,
        ..ReleaseOptions::new("test-release", &options.namespace)
    };
    let none: [&str; 0] = [];
    let capabilities = Capabilities::new(options.kube_version.clone(), none);
    let options = RenderOptions {
        include_crds: false,
        skip_schema_validation: options.skip_schema_validation,
        linting: true,
        ..RenderOptions::default()
    };
    render_files(chart, &release, given, &capabilities, &options)
}

fn unrenderable(linter: &mut Linter<'_>, chart: &Chart, error: &RenderError) {
    let within = |path: &str| {
        let rest = path.strip_prefix(chart.name()).unwrap_or(path);
        rest.trim_start_matches('/').to_owned()
    };
    match error {
        RenderError::Template(error) => {
            let file = within(&error.template);
            let context = error.context.as_ref().map(|one| format!(" (at <{one}>)"));
            let message = format!("{}{}", error.discreet, context.unwrap_or_default());
            linter.error("template-fails", &file, Some(error.line), message);
        }
        RenderError::Schema(error) => against_schema(linter, chart, error),
        error => linter.error("template-fails", DIRECTORY, None, error.to_string()),
    }
}

fn against_schema(linter: &mut Linter<'_>, chart: &Chart, error: &SchemaError) {
    const CODE: &str = "values-break-schema";
    for failure in &error.charts {
        let of = if failure.chart == chart.name() {
            String::new()
        } else {
            format!(" of {}", failure.chart)
        };
        match &failure.problem {
            SchemaProblem::NoMap { found } => {
                let message = format!("the values{of} are {found}, not a map");
                linter.error(CODE, "values.yaml", None, message);
            }
            SchemaProblem::Unusable(why) => {
                let why = why.trim();
                let message = format!("values.schema.json{of} cannot be used: {why}");
                linter.error("schema", "values.schema.json", None, message);
            }
            SchemaProblem::Violations(violations) => {
                for violation in violations {
                    let own = format!("{}/values.yaml", chart.name());
                    let origin = violation.origin.as_ref();
                    let line = origin.filter(|origin| origin.place == own);
                    let from = match (line, origin) {
                        (None, Some(origin)) => format!(" ({origin})"),
                        _ => String::new(),
                    };
                    let pointer = &violation.pointer;
                    let message =
                        format!("the value{of} at {pointer:?}: {}{from}", violation.message);
                    let line = line.and_then(|origin| origin.line);
                    linter.error(CODE, "values.yaml", line, message);
                }
            }
        }
    }
}

/// One template with what it gives.
struct Template<'t> {
    path: &'t str,
    content: &'t str,
    lines: TemplateLines<'t>,
}

impl Template<'_> {
    /// Tells what is wrong; false where what it gives cannot be read.
    fn check(mut self, linter: &mut Linter<'_>, options: &LintOptions) -> bool {
        let path = self.path;
        let first = self.content.lines().find(|line| !line.trim().is_empty());
        if let Some(line) = first.filter(|line| line.starts_with([' ', '\t'])) {
            let message = format!("what it gives begins with an indented line: {line:?}");
            linter.warning("indented-document", path, None, message);
        }
        for Cut {
            line: begin,
            text: document,
            ..
        } in manifest::split(self.content)
        {
            let line = self.lines.of(document);
            let head = match Head::read(document) {
                Ok(Some(head)) => head,
                Ok(None) => continue,
                Err(error) => {
                    let at = begin + error.line.saturating_sub(1);
                    let message = format!(
                        "unable to parse YAML: {} (line {at} of what it gives)",
                        error.message
                    );
                    linter.error("invalid-yaml", path, line, message);
                    return false;
                }
            };
            let name = &head.name;
            if let Some(fault) = names::fault(&head.kind, name) {
                let message = if name.is_empty() {
                    format!("{} has no name", head.shown())
                } else {
                    format!("{} cannot have the name {name:?}: {fault}", head.shown())
                };
                linter.warning("object-name", path, line, message);
            }
            let version = &options.kube_version;
            if let Some(message) = deprecation::deprecation(
                &head.api_version,
                &head.kind,
                &version.major,
                &version.minor,
            ) {
                linter.warning("deprecated-version", path, line, message);
            }
            let selects = ["matchLabels", "matchExpressions"];
            let workload = matches!(
                head.kind.as_str(),
                "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet"
            );
            if workload && !selects.iter().any(|word| self.content.contains(word)) {
                let message = format!(
                    "a {} must contain matchLabels or matchExpressions, and {name:?} does not",
                    head.kind
                );
                linter.error("no-selector", path, line, message);
            }
            if head.kind == "List" && head.keeps_items {
                let message = "the annotation `helm.sh/resource-policy` is ignored within a List";
                linter.error("ignored-annotation", path, line, message);
            }
        }
        true
    }
}

/// What the rules look at in a document.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) api_version: String,
    pub(super) kind: String,
    name: String,
    /// Whether an item of a list has a resource policy.
    keeps_items: bool,
}

/// Why a document cannot be read.
pub(super) struct HeadError {
    /// The line in the document, counted from 1.
    pub(super) line: u32,
    pub(super) message: String,
}

impl Head {
    /// Reads a document; nothing where it is empty.
    pub(super) fn read(document: &str) -> Result<Option<Self>, HeadError> {
        let node = goyaml::parse(document).map_err(|error| HeadError {
            line: error.line.max(1),
            message: error.message,
        })?;
        let wrong = |node: &Node, field: &str, wanted: &str| HeadError {
            line: node.span.line,
            message: format!("{field} is {}, not {wanted}", node.kind_name()),
        };
        if node.is_null() {
            return Ok(None);
        }
        if node.as_mapping().is_none() {
            return Err(wrong(&node, "the document", "a map"));
        }
        // Go's JSON does not mind the case of letters.
        let field = |node: &Node, name: &str| {
            let entries = node.as_mapping().unwrap_or_default();
            let found = entries
                .iter()
                .find(|entry| entry.key.eq_ignore_ascii_case(name));
            found.map(|entry| entry.value.clone())
        };
        let text = |node: Option<Node>, name: &str| match node {
            None => Ok(String::new()),
            Some(node) => match &node.kind {
                Kind::Null => Ok(String::new()),
                Kind::String(text) => Ok(text.clone()),
                Kind::Sequence(_) | Kind::Mapping(_) => Err(wrong(&node, name, "a string")),
                _ => Ok(node.to_json().to_string()),
            },
        };
        let mut head = Self {
            api_version: text(field(&node, "apiVersion"), "apiVersion")?,
            kind: text(field(&node, "kind"), "kind")?,
            ..Self::default()
        };
        if let Some(metadata) = field(&node, "metadata").filter(|metadata| !metadata.is_null()) {
            if metadata.as_mapping().is_none() {
                return Err(wrong(&metadata, "metadata", "a map"));
            }
            text(field(&metadata, "namespace"), "metadata.namespace")?;
            head.name = text(field(&metadata, "name"), "metadata.name")?;
        }
        let items = field(&node, "items");
        let items = items.as_ref().and_then(Node::as_sequence);
        head.keeps_items = items.unwrap_or_default().iter().any(|item| {
            let path = ["metadata", "annotations", "helm.sh/resource-policy"];
            item.pointer(&path).is_some()
        });
        Ok(Some(head))
    }

    fn shown(&self) -> &str {
        if self.kind.is_empty() {
            "an object"
        } else {
            &self.kind
        }
    }
}
