//! The templates of all charts that take part in a rendering: takes the charts, gives the parsed
//! templates and the order in which they are rendered, never looks at values.

use std::collections::BTreeMap;
use std::sync::Arc;

use gotemplate::{MissingKey, TemplateSet};

use crate::error::{RenderError, TemplateError};
use crate::functions;
use crate::go_path;
use crate::instance::Instance;

/// What is the same in all renderings in which the same charts take part.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) set: TemplateSet,
    /// The templates that give files, in the order of rendering.
    pub(crate) files: Vec<TemplateFile>,
    /// The texts of all templates by name.
    pub(crate) sources: BTreeMap<Arc<str>, Arc<str>>,
}

/// A template that gives a file.
#[derive(Debug)]
pub(crate) struct TemplateFile {
    /// Such as `chart/templates/service.yaml`.
    pub(crate) name: Arc<str>,
    /// The folder of the chart's templates.
    pub(crate) base: Arc<str>,
    /// The number of its chart in the order of [`walk`].
    pub(crate) chart: usize,
    /// Its place among all files, by name.
    pub(crate) rank: usize,
}

/// One template.
struct Template {
    text: Arc<str>,
    base: Arc<str>,
    chart: usize,
}

impl Layout {
    /// Parses the templates of a chart and of those below it.
    pub(crate) fn new(instance: &Instance) -> Result<Self, RenderError> {
        let mut templates = BTreeMap::new();
        let mut number = 0;
        walk(instance, instance.name(), &mut |instance, path| {
            add(&mut templates, instance, path, number);
            number += 1;
        });
        let names: Vec<&Arc<str>> = templates.keys().collect();
        let mut set = TemplateSet::new(functions::table())
            .with_name("gotpl")
            .with_missing_key(MissingKey::Zero);
        let order = order(&names);
        let text = |rank: &usize| (&**names[*rank], Arc::clone(&templates[names[*rank]].text));
        set.parse_all(&order.iter().map(text).collect::<Vec<_>>())
            .map_err(|error| RenderError::Template(Box::new(TemplateError::parse(&error))))?;
        let mut files = Vec::new();
        for rank in order {
            let name = names[rank];
            let template = &templates[name];
            if !go_path::base(name).starts_with('_') {
                files.push(TemplateFile {
                    name: Arc::clone(name),
                    base: Arc::clone(&template.base),
                    chart: template.chart,
                    rank,
                });
            }
        }
        let sources = templates.into_iter();
        Ok(Self {
            set,
            files,
            sources: sources.map(|(name, one)| (name, one.text)).collect(),
        })
    }
}

/// Shows each chart with its path, those below a chart before it.
pub(crate) fn walk(instance: &Instance, path: &str, visit: &mut dyn FnMut(&Instance, &str)) {
    for subchart in &instance.subcharts {
        walk(
            subchart,
            &format!("{path}/charts/{}", subchart.name()),
            visit,
        );
    }
    visit(instance, path);
}

/// Tells the charts that take part from others.
pub(crate) fn key(instance: &Instance) -> String {
    let mut key = String::new();
    walk(instance, instance.name(), &mut |instance, path| {
        for part in [path, "@", &instance.content.id.to_string(), "\n"] {
            key.push_str(part);
        }
    });
    key
}

fn add(
    templates: &mut BTreeMap<Arc<str>, Template>,
    instance: &Instance,
    path: &str,
    number: usize,
) {
    let base: Arc<str> = go_path::join(path, "templates").into();
    let is_library = instance.metadata.kind.eq_ignore_ascii_case("library");
    for (file, text) in instance.content.templates_with_texts() {
        if is_library && !go_path::base(&file.path).starts_with('_') {
            continue;
        }
        let template = Template {
            text: Arc::clone(text),
            base: Arc::clone(&base),
            chart: number,
        };
        templates.insert(go_path::join(path, &file.path).into(), template);
    }
}

/// Returns the places of the names in the order of parsing and rendering: deeper ones first, so
/// that those of outer charts override them.
fn order(names: &[&Arc<str>]) -> Vec<usize> {
    let depth = |at: &usize| names[*at].bytes().filter(|&byte| byte == b'/').count();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|a, b| depth(b).cmp(&depth(a)).then_with(|| b.cmp(a)));
    order
}
