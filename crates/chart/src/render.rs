//! Rendering: takes a chart, values and what the cluster can do, gives manifests in Helm's order;
//! pure but for the clock and the random numbers that templates ask for.

use std::sync::Arc;

use gotemplate::{ElementKind, Engine, List, Map, Trace, Value};

use crate::capabilities::Capabilities;
use crate::chart::Chart;
use crate::chart_files::Files;
use crate::context::{Context, Nondeterministic};
use crate::error::{RenderError, TemplateError};
use crate::excerpt::Excerpt;
use crate::explain::Scene;
use crate::functions::helm::without_no_value;
use crate::go_path;
use crate::instance::{Instance, TypeMismatch};
use crate::known_documents::{CrdFile, KnownDocuments};
use crate::layout::{self, Layout, TemplateFile};
use crate::manifest::{self, Reading, Rendered};
use crate::metadata::{Dependency, Metadata};
use crate::named_values::NamedValue;
use crate::objects::ValuesObject;
use crate::options::{ReleaseOptions, RenderOptions};
use crate::origin::{self, Origins};
use crate::print::{Part, PrintedText};
use crate::release::check_release_name;
use crate::schema;
use crate::trace::locate;
use crate::tree;
use crate::values::Values;
use crate::version::is_compatible;

/// The most bytes that all files of a rendering may have (32 MiB): their documents take many times
/// that in memory.
const MAX_RENDERED: usize = 32 << 20;

/// Renders a chart as `helm template RELEASE CHART --namespace NAMESPACE` does.
pub fn render(
    chart: &Chart,
    release: &ReleaseOptions,
    values: &Values,
    capabilities: &Capabilities,
    options: &RenderOptions,
) -> Result<Rendered, RenderError> {
    let rendered = render_files(chart, release, values, capabilities, options)?;
    let located = |error| locate(chart, release, values, capabilities, options, error);
    rendered.parse().map_err(located)
}

/// Renders the templates of a chart and leaves what they give as it is.
pub fn render_files(
    chart: &Chart,
    release: &ReleaseOptions,
    values: &Values,
    capabilities: &Capabilities,
    options: &RenderOptions,
) -> Result<RenderedFiles, RenderError> {
    let prepared = Prepared::new(chart, release, values, capabilities, options)?;
    let context = Context::new(options.clock, options.entropy).linting(options.linting);
    let mut files = execute(&prepared, &context, options).map_err(|failed| {
        let Failed { file, mut error } = failed;
        let text = |name: &str| prepared.text(name);
        prepared.scene(values, &text).explain(&mut error, file);
        RenderError::Template(error)
    })?;
    let Prepared {
        instance, layout, ..
    } = prepared;
    let path = instance.name().to_owned();
    let notes_path = go_path::join(&path, "templates/NOTES.txt");
    let mut notes = String::new();
    files.retain(|(name, text)| {
        if **name == notes_path {
            (**text).clone_into(&mut notes);
        }
        !name.ends_with("NOTES.txt")
    });
    let mut crds = Vec::new();
    if options.include_crds {
        add_crds(&instance, &path, &mut crds);
    }
    Ok(RenderedFiles {
        files,
        crds,
        notes,
        nondeterministic: context.calls(),
        layout: Some(layout),
        known: Arc::clone(&chart.content.known_documents),
    })
}

/// All that the templates of a chart need.
pub(crate) struct Prepared {
    instance: Instance,
    values: Map,
    scopes: Scopes,
    layout: Arc<Layout>,
}

impl Prepared {
    pub(crate) fn new(
        chart: &Chart,
        release: &ReleaseOptions,
        values: &Values,
        capabilities: &Capabilities,
        options: &RenderOptions,
    ) -> Result<Self, RenderError> {
        if !options.linting {
            check_installable(chart)?;
            check_release_name(&release.name)?;
        }
        let given = tree::map_from_json(values.as_map());
        let sources = values.given();
        let mismatch = |mut error: TypeMismatch| {
            error.origin = origin::of_key(sources, chart, &error.chart);
            error
        };
        let instance = Instance::new(chart, &given).map_err(mismatch)?;
        let values = instance.coalesced(&given, false).map_err(mismatch)?;
        if !options.skip_schema_validation {
            schema::check(&instance, &values, &Origins::new(sources, &instance))?;
        }
        if !options.linting {
            check_kube_version(&instance.metadata, capabilities)?;
        }
        let mut scopes = Scopes {
            release: release_map(release),
            capabilities: capabilities.to_value(),
            charts: Vec::new(),
        };
        scopes.add(&instance, &values, true);
        let layout = laid_out(chart, &instance)?;
        Ok(Self {
            instance,
            values,
            scopes,
            layout,
        })
    }

    /// Returns the text of a template.
    pub(crate) fn text(&self, name: &str) -> Option<Arc<str>> {
        self.layout.sources.get(name).cloned()
    }

    fn scene<'p>(
        &'p self,
        values: &'p Values,
        text: &'p dyn Fn(&str) -> Option<Arc<str>>,
    ) -> Scene<'p> {
        Scene {
            instance: &self.instance,
            values: &self.values,
            given: values.given(),
            set: &self.layout.set,
            text,
        }
    }

    /// Returns where the values come from that an action of a rendered file names.
    pub(crate) fn values_in(&self, values: &Values, action: &str, file: &str) -> Vec<NamedValue> {
        let text = |name: &str| self.text(name);
        self.scene(values, &text).values_in(action, file)
    }

    /// Renders one file and keeps where its text comes from.
    pub(crate) fn traced(&self, file: &str, options: &RenderOptions) -> Option<Trace> {
        let template = self.layout.files.iter().find(|one| *one.name == *file)?;
        let context = Context::new(options.clock, options.entropy).linting(options.linting);
        let engine = Engine::new(&self.layout.set, &context, options.limits).traced();
        context.enter(file);
        let result = engine.execute(file, self.scopes.seen(template));
        result.ok().and_then(|_| engine.trace())
    }
}

/// A file's name and its text.
type RenderedFile = (Arc<str>, Arc<String>);

/// What the templates of a chart give, file by file.
#[derive(Debug, Clone, Default)]
pub struct RenderedFiles {
    /// The rendered files by name, such as `chart/templates/service.yaml`, without `NOTES.txt`.
    pub files: Vec<RenderedFile>,
    /// The files of `crds/`, where they were asked for, with paths that begin with the chart's
    /// name.
    pub(crate) crds: Vec<(Arc<str>, Arc<CrdFile>)>,
    /// The rendered `NOTES.txt` of the chart.
    pub notes: String,
    /// Calls whose results differ from rendering to rendering.
    pub nondeterministic: Vec<Nondeterministic>,
    /// The templates themselves.
    pub(crate) layout: Option<Arc<Layout>>,
    /// What was parsed of the chart before.
    pub(crate) known: Arc<KnownDocuments>,
}

impl RenderedFiles {
    /// Takes the files apart into documents.
    pub fn parse(self) -> Result<Rendered, RenderError> {
        let mut manifests = Vec::new();
        for (path, file) in &self.crds {
            manifests.extend(file.manifests(path)?);
        }
        let source = |name: &str| self.layout.as_ref()?.sources.get(name).cloned();
        let documents =
            manifest::documents(&self.files, &source, Some(&self.known), Reading::Whole)?;
        // A document of comments alone is printed by Helm, but it is nothing.
        manifests.extend(documents.into_iter().filter(|one| !one.document.is_null()));
        Ok(Rendered {
            manifests,
            notes: self.notes,
            nondeterministic: self.nondeterministic,
        })
    }

    /// Takes the files apart into texts to be printed; those of `crds/` are not looked into.
    pub fn texts(&self) -> Result<Vec<PrintedText>, RenderError> {
        let documents = manifest::documents(&self.files, &|_| None, None, Reading::Head)?;
        let crds = self.crds.iter().map(|(path, file)| PrintedText {
            template: Arc::clone(path),
            text: Excerpt::all(&file.text),
            part: Part::Crds,
        });
        Ok(crds.chain(documents.iter().map(PrintedText::of)).collect())
    }

    /// Returns the files as they are: what `helm template --debug` prints where one of them is no
    /// YAML.
    pub fn unparsed_text(&self) -> String {
        let mut text = String::new();
        for (path, content) in &self.files {
            if !content.trim().is_empty() {
                for part in ["---\n# Source: ", path, "\n", content, "\n"] {
                    text.push_str(part);
                }
            }
        }
        format!("{}\n", text.trim())
    }
}

fn check_installable(chart: &Chart) -> Result<(), RenderError> {
    let metadata = &chart.metadata;
    if !matches!(metadata.kind.as_str(), "" | "application") {
        return Err(RenderError::NotInstallable {
            chart: metadata.name.clone(),
            kind: metadata.kind.clone(),
        });
    }
    let missing = chart.missing_dependencies();
    if missing.is_empty() {
        return Ok(());
    }
    Err(RenderError::MissingDependencies {
        chart: metadata.name.clone(),
        names: missing.into_iter().map(Dependency::described).collect(),
    })
}

fn check_kube_version(metadata: &Metadata, capabilities: &Capabilities) -> Result<(), RenderError> {
    let version = &capabilities.kube_version;
    let wanted = &metadata.kube_version;
    if wanted.is_empty() || is_compatible(wanted, &version.normalized) {
        return Ok(());
    }
    Err(RenderError::KubeVersion {
        chart: metadata.name.clone(),
        wanted: wanted.clone(),
        version: version.version.clone(),
    })
}

fn add_crds(instance: &Instance, path: &str, crds: &mut Vec<(Arc<str>, Arc<CrdFile>)>) {
    for file in instance.content.crds() {
        crds.push((go_path::join(path, &file.path).into(), Arc::clone(file)));
    }
    for subchart in &instance.subcharts {
        add_crds(
            subchart,
            &format!("{path}/charts/{}", subchart.name()),
            crds,
        );
    }
}

/// What the templates of all charts that take part see.
struct Scopes {
    release: Map,
    capabilities: Value,
    /// In the order of [`layout::walk`]: the map, and the same as templates have it.
    charts: Vec<(Map, Value)>,
}

impl Scopes {
    /// Adds a chart with the charts below it; returns what its templates see.
    fn add(&mut self, instance: &Instance, values: &Map, is_root: bool) -> Map {
        let below = Map::new();
        let scope = Map::new();
        scope.set("Chart", chart_map(&instance.metadata, is_root));
        scope.set("Files", Value::host(Files::new(&instance.content)));
        scope.set("Release", self.release.clone());
        scope.set("Capabilities", self.capabilities.clone());
        scope.set("Values", ValuesObject::value(values.clone()));
        scope.set("Subcharts", below.clone());
        for subchart in &instance.subcharts {
            let name = subchart.name();
            let values = match values.get(name) {
                Some(Value::Map(values)) => values,
                _ => Map::new(),
            };
            below.set(name, self.add(subchart, &values, false));
        }
        let dot = ValuesObject::value(scope.clone());
        self.charts.push((scope.clone(), dot));
        scope
    }

    /// Returns what a file's template sees as its dot.
    fn seen(&self, file: &TemplateFile) -> Value {
        let (scope, dot) = &self.charts[file.chart];
        let own = Map::unsteady([
            ("BasePath".into(), Arc::clone(&file.base).into()),
            ("Name".into(), Arc::clone(&file.name).into()),
        ]);
        scope.renew("Template", ValuesObject::value(own));
        dot.clone()
    }
}

/// Lays the templates out, once for each combination of charts.
fn laid_out(chart: &Chart, instance: &Instance) -> Result<Arc<Layout>, RenderError> {
    let key = layout::key(instance);
    let layouts = &chart.content.layouts;
    let known = layouts.lock().ok();
    if let Some(layout) = known.and_then(|known| known.get(&key).cloned()) {
        return Ok(layout);
    }
    let layout = Arc::new(Layout::new(instance)?);
    if let Ok(mut known) = layouts.lock() {
        known.insert(key, Arc::clone(&layout));
    }
    Ok(layout)
}

/// A file whose rendering failed.
struct Failed<'p> {
    file: &'p str,
    error: Box<TemplateError>,
}

fn execute<'p>(
    prepared: &'p Prepared,
    context: &Context,
    options: &RenderOptions,
) -> Result<Vec<RenderedFile>, Failed<'p>> {
    let layout = &prepared.layout;
    let engine = Engine::new(&layout.set, context, options.limits).remembering();
    let (mut files, mut bytes) = (Vec::with_capacity(layout.files.len()), 0);
    for file in &layout.files {
        let name = &file.name;
        context.enter(name);
        let seen = prepared.scopes.seen(file);
        let rendered = engine.execute_bytes(name, seen).map_err(|error| {
            let told = context.message_told().filter(|told| error.message == *told);
            let error = Box::new(TemplateError::execute(name, &error, told.as_deref()));
            Failed { file: name, error }
        })?;
        let text = crate::encoding::into_text(without_no_value(&rendered).unwrap_or(rendered));
        bytes += text.len();
        if bytes > MAX_RENDERED {
            let message = format!(
                "with this file the chart renders to more than {MAX_RENDERED} bytes, which no cluster takes"
            );
            return Err(Failed {
                file: name,
                error: Box::new(TemplateError::whole(name, message)),
            });
        }
        files.push((file.rank, Arc::clone(name), Arc::new(text)));
    }
    files.sort_unstable_by_key(|(rank, ..)| *rank);
    Ok(files
        .into_iter()
        .map(|(_, name, text)| (name, text))
        .collect())
}

fn release_map(release: &ReleaseOptions) -> Map {
    let map = Map::new();
    map.set("Name", release.name.as_str());
    map.set("Namespace", release.namespace.as_str());
    map.set("IsUpgrade", release.is_upgrade);
    map.set("IsInstall", release.is_install);
    map.set("Revision", Value::Int(release.revision));
    map.set("Service", release.service.as_str());
    map
}

/// Gives `.Chart`, with the names of Go's fields.
fn chart_map(metadata: &Metadata, is_root: bool) -> Map {
    let texts =
        |items: &[String]| -> List { items.iter().map(|item| item.as_str().into()).collect() };
    let map = Map::new();
    for (key, text) in [
        ("Name", &metadata.name),
        ("Home", &metadata.home),
        ("Version", &metadata.version),
        ("Description", &metadata.description),
        ("Icon", &metadata.icon),
        ("APIVersion", &metadata.api_version),
        ("Condition", &metadata.condition),
        ("Tags", &metadata.tags),
        ("AppVersion", &metadata.app_version),
        ("KubeVersion", &metadata.kube_version),
        ("Type", &metadata.kind),
    ] {
        map.set(key, text.as_str());
    }
    map.set("Sources", texts(&metadata.sources));
    map.set("Keywords", texts(&metadata.keywords));
    map.set("Deprecated", metadata.deprecated);
    map.set("IsRoot", is_root);
    let annotations = if metadata.annotations.is_empty() {
        Map::nil(ElementKind::String)
    } else {
        Map::with_element(ElementKind::String)
    };
    for (key, text) in &metadata.annotations {
        annotations.set(key.as_str(), text.as_str());
    }
    map.set("Annotations", annotations);
    let maintainers = metadata.maintainers.iter().map(|maintainer| {
        let one = Map::new();
        one.set("Name", maintainer.name.as_str());
        one.set("Email", maintainer.email.as_str());
        one.set("URL", maintainer.url.as_str());
        Value::Map(one)
    });
    map.set("Maintainers", maintainers.collect::<List>());
    let dependencies = metadata.dependencies.iter().map(|dependency| {
        let one = Map::new();
        one.set("Name", dependency.name.as_str());
        one.set("Version", dependency.version.as_str());
        one.set("Repository", dependency.repository.as_str());
        one.set("Condition", dependency.condition.as_str());
        one.set("Tags", texts(&dependency.tags));
        one.set("Enabled", dependency.enabled);
        let imports = dependency.import_values.iter().map(tree::from_json);
        one.set("ImportValues", imports.collect::<List>());
        one.set("Alias", dependency.alias.as_str());
        Value::Map(one)
    });
    map.set("Dependencies", dependencies.collect::<List>());
    map
}
