//! What an Application is rendered from: takes `spec.source` or `spec.sources`, gives each source
//! with its tool and options, or what is wrong with it; looks at the repository, renders nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;
use crate::suggest::nearest;

use super::application::{Application, Interpreter, list};
use super::checkouts::Location;
use super::fetch::ChartRequest;
use super::fetch::git::{Checkout, same_repository};
use super::fields::{Type, mistakes};
use super::merge_patch::overlay;
use super::service::{DirectoryOptions, PluginOptions, Renderer, ServiceSource};
use super::substitute::substitute;
use super::variables::Variables;

/// The fields with their types.
///
/// Source: the schema of Argo CD's `Application`, `spec.source`.
const SOURCE_FIELDS: &[(&str, Type)] = &[
    ("repoURL", Type::Text),
    ("targetRevision", Type::Text),
    ("path", Type::Text),
    ("chart", Type::Text),
    ("helm", Type::Map),
    ("kustomize", Type::Map),
    ("directory", Type::Map),
    ("plugin", Type::Map),
    ("ref", Type::Text),
    ("name", Type::Text),
];
const PLUGIN_FIELDS: &[(&str, Type)] = &[
    ("name", Type::Text),
    ("env", Type::Maps),
    ("parameters", Type::Maps),
];

/// The tools, by the names of their fields.
const TOOLS: &[&str] = &["helm", "kustomize", "directory", "plugin"];

/// What a file in the directory of a source may not change.
const PLACE: &[&str] = &["chart", "path", "repoURL", "targetRevision"];

const KUSTOMIZATIONS: &[&str] = &["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Where the files of a source are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Files {
    /// In the platform's own repository.
    Own,
    /// In a directory of their own.
    Elsewhere(Checkout),
}

impl Files {
    /// Returns them as a repository; `own` is the platform's.
    pub(super) fn repository(&self, own: &Repository) -> Repository {
        match self {
            Self::Own => own.clone(),
            Self::Elsewhere(checkout) => Repository::of_files(&checkout.root),
        }
    }

    /// Returns the revision that they are of, where they are none of the platform's own.
    pub(super) fn elsewhere(self) -> Option<Checkout> {
        match self {
            Self::Own => None,
            Self::Elsewhere(checkout) => Some(checkout),
        }
    }
}

/// Sources that lend files to others, by `ref`; nothing where there is only one source.
pub(super) type References = BTreeMap<String, Value>;

/// One source while it is read.
pub(super) struct Reading<'a> {
    /// Where it stands in `spec`, such as `.source` or `.sources[1]`.
    pub(super) at: String,
    /// The source, with what files in its directory change.
    pub(super) value: Value,
    /// Its directory, relative to the repository; nothing for a chart that is fetched.
    pub(super) path: Option<String>,
    /// The files that it stands in.
    pub(super) files: Repository,
    /// Where these are none of the platform's own.
    pub(super) checkout: Option<Checkout>,
    /// The sources that lend files; none where the Application has `spec.source`.
    pub(super) references: Option<&'a References>,
}

impl Reading<'_> {
    pub(super) fn text(&self, key: &str) -> &str {
        text_of(&self.value, key)
    }
}

impl Interpreter<'_> {
    /// Reads the sources of an Application; nothing where it cannot be told which they are.
    pub(super) fn sources(&mut self, application: &Application<'_>) -> Option<Vec<ServiceSource>> {
        let spec = application.spec;
        if is_set(spec.get("sourceHydrator")) {
            let what = "has its source from a hydrator (spec.sourceHydrator), whose branch does not \
                        stand in the repository";
            self.problem(application, what, None);
            return None;
        }
        let several = list(spec.get("sources"));
        if several.is_empty() {
            let Some(source) = spec.get("source") else {
                self.problem(application, "has no spec.source", None);
                return None;
            };
            let mut source = source.clone();
            // Argo CD drops what says nothing, where there is one source.
            for tool in TOOLS {
                if source.get(tool).is_some_and(says_nothing)
                    && let Some(fields) = source.as_object_mut()
                {
                    fields.remove(*tool);
                }
            }
            let source = self.one(application, ".source".to_owned(), source, None)?;
            return Some(source);
        }
        let references = self.references(application, several)?;
        let (mut sources, mut is_known) = (Vec::new(), true);
        for (index, source) in several.iter().enumerate() {
            let at = format!(".sources[{index}]");
            // All are read, so that what has to be fetched is known at once.
            match self.one(application, at, source.clone(), Some(&references)) {
                Some(read) => sources.extend(read),
                None => is_known = false,
            }
        }
        is_known.then_some(sources)
    }

    /// Returns the sources that lend files. A single source lends none, not even to itself.
    fn references(
        &mut self,
        application: &Application<'_>,
        sources: &[Value],
    ) -> Option<References> {
        let mut references = References::new();
        if sources.len() < 2 {
            return Some(references);
        }
        for source in sources {
            let name = text_of(source, "ref");
            if name.is_empty() {
                continue;
            }
            let is_plain = |character: char| {
                character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
            };
            if !name.chars().all(is_plain) {
                let what = format!("has a source with the ref {name}");
                let help = "a ref consists of letters, digits, _ and -".to_owned();
                self.problem(application, &what, Some(help));
                return None;
            }
            if references.insert(name.to_owned(), source.clone()).is_some() {
                let what = format!("has several sources with the ref {name}");
                let help = "Argo CD would not know which one is meant: rename one".to_owned();
                self.problem(application, &what, Some(help));
                return None;
            }
        }
        Some(references)
    }

    /// Reads one source; an empty answer stands for one that only lends files.
    fn one(
        &mut self,
        application: &Application<'_>,
        at: String,
        source: Value,
        references: Option<&References>,
    ) -> Option<Vec<ServiceSource>> {
        self.mistakes(application, mistakes(&at, &source, SOURCE_FIELDS));
        let url = text_of(&source, "repoURL").to_owned();
        let lends = references.is_some() && is_set(source.get("ref"));
        let has_place = is_set(source.get("path")) || names_chart(&source);
        if url.is_empty() || !(has_place || lends) {
            let what = format!("lacks spec{at}.repoURL, or a path or chart beside it");
            self.problem(application, &what, None);
            return None;
        }
        let files = if names_chart(&source) {
            Files::Own
        } else {
            self.files(application, &source)?
        };
        if !has_place {
            return Some(Vec::new());
        }
        let mut reading = Reading {
            at,
            value: source,
            path: None,
            files: files.repository(self.repository),
            checkout: files.elsewhere(),
            references,
        };
        if names_chart(&reading.value) {
            let request = self.chart(application, &reading)?;
            return Some(vec![ServiceSource {
                path: request.chart_name().to_owned(),
                chart: Some(request),
                checkout: None,
                renderer: Renderer::Helm(self.helm(application, &reading)),
                detected: false,
            }]);
        }
        let path = self.path(application, &reading)?;
        reading.path = Some(path.clone());
        self.overrides(application, &mut reading, &path)?;
        let renderer = self.renderer(application, &reading, &path)?;
        Some(vec![ServiceSource {
            path,
            chart: None,
            detected: explicit_tools(&reading.value).is_empty(),
            checkout: reading.checkout,
            renderer,
        }])
    }

    /// Returns where the files of a source are; nothing where they are not here, which is noted.
    pub(super) fn files(&mut self, application: &Application<'_>, source: &Value) -> Option<Files> {
        let own = &self.environment.repository;
        let url = text_of(source, "repoURL");
        // The root is read where it stands, whatever it says of itself.
        let path = text_of(source, "path").trim_matches(['.', '/']);
        let mut roots = self.environment.roots.iter();
        let is_root = !path.is_empty()
            && roots.any(|root| root.path == path)
            && same_repository(url, &own.url);
        if is_root {
            return Some(Files::Own);
        }
        match (self.checkouts).locate(own, url, text_of(source, "targetRevision")) {
            Location::Own => Some(Files::Own),
            Location::Elsewhere(checkout) => Some(Files::Elsewhere(checkout)),
            Location::Missing(request) => {
                let source = &application.manifest.source;
                self.git_needs
                    .entry(request)
                    .or_insert_with(|| source.clone());
                None
            }
            Location::Failed(problem) => {
                self.is_unreachable = true;
                self.problems.push(problem);
                None
            }
        }
    }

    /// Reads which chart of which repository a source names.
    fn chart(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
    ) -> Option<ChartRequest> {
        let at = &reading.at;
        let (url, name) = (reading.text("repoURL"), reading.text("chart"));
        let range = reading.text("targetRevision");
        for kind in ["kustomize", "directory", "plugin"] {
            if is_set(reading.value.get(kind)) {
                let what = format!("has spec{at}.{kind} beside a chart of a repository");
                self.problem(application, &what, None);
            }
        }
        let request = if name.is_empty() {
            let path = reading.text("path");
            if !matches!(path, "" | "." | "./") {
                let what = format!(
                    "has the path {path} in {url}: of a registry a whole chart can be rendered \
                     (path: .), and nothing else yet"
                );
                self.problem(application, &what, None);
            }
            ChartRequest::of_reference(url, range)
        } else if url.contains("://") {
            ChartRequest::new(url, name, range)
        } else {
            // Argo CD writes registries of Helm charts without a scheme.
            ChartRequest::new(format!("oci://{url}"), name, range)
        };
        match request {
            Ok(request) => Some(request),
            Err(error) => {
                let what = format!("names a chart that cannot be asked for: {error}");
                self.problem(application, &what, None);
                None
            }
        }
    }

    fn path(&mut self, application: &Application<'_>, reading: &Reading<'_>) -> Option<String> {
        let given = reading.text("path");
        let path = Repository::resolve("", given);
        let Some(path) = path.filter(|_| !given.starts_with('/')) else {
            let what = format!("has the path {given}, which leads out of the repository");
            self.problem(application, &what, None);
            return None;
        };
        if !reading.files.root().join(&path).is_dir() {
            let whose = reading.checkout.as_ref().map_or_else(
                || "this repository".to_owned(),
                |checkout| checkout.request.to_string(),
            );
            let what = format!("has the path {path}, which is no directory of {whose}");
            let help = similar(&reading.files, &path);
            self.problem(application, &what, help);
            return None;
        }
        if reading.files.leads_out(&path) {
            let what = format!("has the path {path}, a link that leads out of the repository");
            self.problem(application, &what, None);
            return None;
        }
        Some(path)
    }

    /// Lays `.argocd-source.yaml` and `.argocd-source-NAME.yaml` over a source.
    fn overrides(
        &mut self,
        application: &Application<'_>,
        reading: &mut Reading<'_>,
        path: &str,
    ) -> Option<()> {
        let place: Vec<Option<Value>> = (PLACE.iter())
            .map(|key| reading.value.get(key).cloned())
            .collect();
        for name in [
            ".argocd-source.yaml".to_owned(),
            format!(".argocd-source-{}.yaml", application.name),
        ] {
            let file = match path {
                "" => name,
                path => format!("{path}/{name}"),
            };
            if !reading.files.root().join(&file).is_file() {
                continue;
            }
            match patch(&reading.files, &file) {
                Ok(changes) => overlay(&mut reading.value, &changes),
                Err(problem) => {
                    let message =
                        format!("the Application {}: {}", application.name, problem.message);
                    self.problems.push(Problem { message, ..problem });
                    return None;
                }
            }
        }
        if let Some(fields) = reading.value.as_object_mut() {
            for (key, value) in PLACE.iter().zip(place) {
                match value {
                    Some(value) => fields.insert((*key).to_owned(), value),
                    None => fields.remove(*key),
                };
            }
        }
        Some(())
    }

    fn renderer(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
        path: &str,
    ) -> Option<Renderer> {
        let explicit = explicit_tools(&reading.value);
        let tool = match explicit.as_slice() {
            [] => detected(&reading.files, path),
            [one] => one,
            several => {
                let what = format!(
                    "has several kinds of source at once: {}",
                    several.join(", ")
                );
                self.problem(application, &what, None);
                return None;
            }
        };
        match tool {
            "helm" => Some(Renderer::Helm(self.helm(application, reading))),
            "kustomize" => Some(self.kustomize(application, reading, path)),
            "plugin" => self.plugin(application, reading),
            _ => Some(Renderer::Directory(self.directory(application, reading))),
        }
    }

    fn kustomize(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
        path: &str,
    ) -> Renderer {
        let given = reading.value.get("kustomize").unwrap_or(&Value::Null);
        let (mut options, wrong) = super::kustomize::read(given, &reading.at, |text| {
            self.substituted(application, reading, text)
        });
        self.mistakes(application, wrong);
        if options.ignores_missing_components {
            let root = reading.files.root();
            options.build.components.retain(|component| {
                Repository::resolve(path, component)
                    .is_some_and(|component| root.join(component).exists())
            });
        }
        Renderer::Kustomize(Box::new(options))
    }

    fn plugin(&mut self, application: &Application<'_>, reading: &Reading<'_>) -> Option<Renderer> {
        let at = &reading.at;
        let plugin = reading.value.get("plugin").unwrap_or(&Value::Null);
        let place = format!("{at}.plugin");
        self.mistakes(application, mistakes(&place, plugin, PLUGIN_FIELDS));
        let name = text_of(plugin, "name");
        if name.is_empty() {
            let what = format!("has spec{at}.plugin without a name");
            let help = "which plugin answers can only be known in the cluster: name it".to_owned();
            self.problem(application, &what, Some(help));
            return None;
        }
        match super::plugin::environment(plugin, at, &self.variables(application, reading)) {
            Ok(environment) => Some(Renderer::Plugin(Box::new(PluginOptions {
                name: name.to_owned(),
                environment,
            }))),
            Err(what) => {
                self.problem(application, &what, None);
                None
            }
        }
    }

    fn directory(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
    ) -> DirectoryOptions {
        let given = reading.value.get("directory").unwrap_or(&Value::Null);
        let (options, wrong) = super::directory::read(given, &reading.at, |text| {
            self.substituted(application, reading, text)
        });
        self.mistakes(application, wrong);
        options
    }

    fn variables(&self, application: &Application<'_>, reading: &Reading<'_>) -> Variables {
        Variables {
            application: application.name.to_owned(),
            namespace: application.namespace.clone(),
            project: application.project.clone(),
            url: reading.text("repoURL").to_owned(),
            path: reading.text("path").to_owned(),
            target_revision: reading.text("targetRevision").to_owned(),
            // Of a chart that is fetched, the revision is its version, which is chosen later.
            commit: match &reading.checkout {
                Some(checkout) => Some(checkout.commit.clone()),
                None => self.commit.clone().filter(|_| reading.path.is_some()),
            },
        }
    }

    /// Returns a text with the variables of its source filled in.
    pub(super) fn substituted(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
        text: &str,
    ) -> String {
        let variables = self.variables(application, reading);
        substitute(text, |name| variables.value_of(name)).unwrap_or_else(|name| {
            let what = format!("uses ${name}, which is only known once a commit is deployed");
            self.problem(application, &what, None);
            String::new()
        })
    }
}

/// Returns the tools that a source has a section for.
fn explicit_tools(source: &Value) -> Vec<&'static str> {
    let tools = TOOLS.iter().copied();
    let is_there = |tool: &&str| source.get(tool).is_some_and(|tool| !tool.is_null());
    tools.filter(is_there).collect()
}

/// Returns a path that is there and differs only a little from one that is not.
fn similar(files: &Repository, path: &str) -> Option<String> {
    let mut found = String::new();
    for part in path.split('/') {
        let directory = files.root().join(&found);
        let name = if directory.join(part).is_dir() {
            part.to_owned()
        } else {
            let names: Vec<String> = std::fs::read_dir(directory)
                .ok()?
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter(|name| !name.starts_with('.'))
                .collect();
            nearest(part, names.iter().map(String::as_str))?.to_owned()
        };
        if !found.is_empty() {
            found.push('/');
        }
        found.push_str(&name);
    }
    Some(format!("did you mean `{found}`?"))
}

/// Reads what a file in the directory of a source says.
fn patch(files: &Repository, file: &str) -> Result<Value, Problem> {
    let read = (files.read(file)).map_err(|error| Problem::new(error.to_string()))?;
    let patch = goyaml::parse(&read.text)
        .map_err(|error| Problem::of_yaml(file, error.line, error.column, &error))?
        .to_json();
    if patch.is_object() {
        return Ok(patch);
    }
    Err(Problem::new(format!("{file} is no map"))
        .at(Source::file(file))
        .help("it holds fields of the Application's source, such as `helm`"))
}

/// Returns the tool that the files of a directory ask for. Where several do, the last name wins,
/// as Argo CD walks: `kustomization.yaml` comes after `Chart.yaml`.
fn detected(files: &Repository, path: &str) -> &'static str {
    let entries = std::fs::read_dir(files.root().join(path));
    let mut names: Vec<String> = (entries.into_iter().flatten().flatten())
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    let mut tools = names.iter().rev().filter_map(|name| {
        if name.ends_with("Chart.yaml") {
            Some("helm")
        } else {
            (KUSTOMIZATIONS.contains(&name.as_str())).then_some("kustomize")
        }
    });
    tools.next().unwrap_or("directory")
}

pub(super) fn text_of<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns true where a source is a chart of a repository or of a registry.
fn names_chart(source: &Value) -> bool {
    is_set(source.get("chart")) || text_of(source, "repoURL").starts_with("oci://")
}

/// Returns true for a value that says something.
pub(super) fn is_set(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

/// Returns true for options of a tool that are all as they are without being written.
fn says_nothing(tool: &Value) -> bool {
    let nothing = |(key, value): (&String, &Value)| match (key.as_str(), value) {
        // An object of values counts, even an empty one.
        ("valuesObject", value) => value.is_null(),
        ("jsonnet", Value::Object(fields)) => fields.values().all(|list| !is_set(Some(list))),
        (_, Value::Bool(given)) => !given,
        (_, value) => !is_set(Some(value)),
    };
    match tool {
        Value::Object(fields) => fields.iter().all(nothing),
        other => !is_set(Some(other)),
    }
}
