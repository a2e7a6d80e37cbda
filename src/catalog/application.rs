//! What an Application means: takes one as the root renders it, gives the service or what is wrong
//! with it, never reads a chart.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::definition::{DeclaredDependency, Environment, Repository, parse_duration};
use crate::problem::Problem;
use crate::suggest::nearest;

use super::fetch::ChartRequest;
use super::manifest::Manifest;
use super::service::{
    DEFAULT_STALL_TIMEOUT, DirectoryOptions, HelmOptions, NamespaceMetadata, Parameter, Renderer,
    Service,
};
use super::substitute::substitute;

const DEPENDS_ON: &str = "firstlight.dev/depends-on";
const TIMEOUT: &str = "firstlight.dev/timeout";
const SYNC_WAVE: &str = "/metadata/annotations/argocd.argoproj.io~1sync-wave";
const ANNOTATION_PREFIX: &str = "firstlight.dev/";

const SOURCE_FIELDS: &[&str] = &[
    "repoURL",
    "targetRevision",
    "path",
    "chart",
    "helm",
    "kustomize",
    "directory",
    "plugin",
    "ref",
    "name",
];
const HELM_FIELDS: &[&str] = &[
    "valueFiles",
    "values",
    "valuesObject",
    "parameters",
    "fileParameters",
    "releaseName",
    "namespace",
    "ignoreMissingValueFiles",
    "skipCrds",
    "skipTests",
    "skipSchemaValidation",
    "passCredentials",
    "version",
    "kubeVersion",
    "apiVersions",
];
const DIRECTORY_FIELDS: &[&str] = &["recurse", "include", "exclude", "jsonnet"];

/// Reads Applications of one environment.
pub(super) struct Interpreter<'e> {
    pub(super) repository: &'e Repository,
    pub(super) environment: &'e Environment,
    pub(super) problems: Vec<Problem>,
}

/// One Application while it is read.
struct Application<'a> {
    name: &'a str,
    manifest: &'a Manifest,
    spec: &'a Value,
    namespace: String,
    project: String,
}

impl Interpreter<'_> {
    /// Reads one Application; nothing where it has problems, which are collected.
    pub(super) fn service(&mut self, manifest: &Manifest) -> Option<Service> {
        let before = self.problems.len();
        let name = manifest.name();
        let empty = Value::Null;
        let spec = manifest.value.get("spec").unwrap_or(&empty);
        let text = |pointer: &str| spec.pointer(pointer).and_then(Value::as_str);
        let application = Application {
            name,
            manifest,
            spec,
            namespace: text("/destination/namespace")
                .unwrap_or_default()
                .to_owned(),
            project: text("/project").unwrap_or("default").to_owned(),
        };
        if application.namespace.is_empty() {
            self.problem(&application, "has no spec.destination.namespace", None);
        }
        let here = match text("/destination/server").filter(|server| !server.is_empty()) {
            Some(server) => server.trim_end_matches('/') == "https://kubernetes.default.svc",
            None => text("/destination/name") == Some("in-cluster"),
        };
        if !here {
            let help = "its destination must be https://kubernetes.default.svc";
            self.problem(
                &application,
                "goes to another cluster",
                Some(help.to_owned()),
            );
        }
        let source = self.source(&application)?;
        let (path, chart, renderer) = if names_chart(source) {
            let request = self.chart(&application, source)?;
            let renderer = Renderer::Helm(self.helm(&application, source, ""));
            (request.chart_name().to_owned(), Some(request), renderer)
        } else {
            let path = self.path(&application, source)?;
            let renderer = self.renderer(&application, source, &path)?;
            (path, None, renderer)
        };
        let (depends_on, stall_timeout) = self.annotations(&application);
        let policy = spec.get("syncPolicy").unwrap_or(&empty);
        let metadata = policy.get("managedNamespaceMetadata").unwrap_or(&empty);
        let service = Service {
            name: name.to_owned(),
            namespace: application.namespace.clone(),
            project: application.project.clone(),
            path,
            chart,
            renderer,
            sync_options: texts(policy.get("syncOptions")),
            namespace_metadata: NamespaceMetadata {
                labels: text_map(metadata.get("labels")),
                annotations: text_map(metadata.get("annotations")),
            },
            depends_on,
            stall_timeout,
            sync_wave: manifest
                .value
                .pointer(SYNC_WAVE)
                .and_then(Value::as_str)
                .and_then(|wave| wave.parse().ok()),
            application: manifest.value.clone(),
            source: manifest.source.clone(),
        };
        (self.problems.len() == before).then_some(service)
    }

    fn problem(&mut self, application: &Application<'_>, what: &str, help: Option<String>) {
        let mut problem = Problem::new(format!("the Application {} {what}", application.name))
            .at(application.manifest.source.clone());
        problem.help = help;
        self.problems.push(problem);
    }

    fn unknown_fields(&mut self, application: &Application<'_>, at: &str, known: &[&str]) {
        let Some(Value::Object(fields)) = application.spec.pointer(&at.replace('.', "/")) else {
            return;
        };
        for key in fields.keys().filter(|key| !known.contains(&key.as_str())) {
            let help = nearest(key, known.iter().copied())
                .map(|nearest| format!("did you mean `{nearest}`?"));
            self.problem(
                application,
                &format!("has an unknown field spec{at}.{key}"),
                help,
            );
        }
    }

    fn source<'a>(&mut self, application: &Application<'a>) -> Option<&'a Value> {
        if application.spec.get("sources").is_some() {
            self.problem(
                application,
                "has several sources (spec.sources), which cannot be rendered offline yet",
                None,
            );
            return None;
        }
        self.unknown_fields(application, ".source", SOURCE_FIELDS);
        let Some(source) = application.spec.get("source") else {
            self.problem(application, "has no spec.source", None);
            return None;
        };
        if is_set(source.get("plugin")) {
            let what = "is rendered by a plugin (spec.source.plugin), which cannot be rendered \
                        offline yet";
            self.problem(application, what, None);
            return None;
        }
        if names_chart(source) {
            return Some(source);
        }
        let url = source
            .get("repoURL")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let own = &self.environment.repository.url;
        if !same_repository(url, own) {
            let what = format!(
                "has its source in another repository, {url}, which cannot be rendered offline yet"
            );
            let help = format!("the environment's repository is {own}");
            self.problem(application, &what, Some(help));
            return None;
        }
        Some(source)
    }

    /// Reads which chart of which repository a source names.
    fn chart(&mut self, application: &Application<'_>, source: &Value) -> Option<ChartRequest> {
        let text = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
        let (url, name, range) = (text("repoURL"), text("chart"), text("targetRevision"));
        for kind in ["kustomize", "directory"] {
            if is_set(source.get(kind)) {
                let what = format!("has spec.source.{kind} beside a chart of a repository");
                self.problem(application, &what, None);
            }
        }
        let request = if name.is_empty() {
            let path = text("path");
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

    fn path(&mut self, application: &Application<'_>, source: &Value) -> Option<String> {
        let given = source
            .get("path")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let path = Repository::resolve("", given);
        let Some(path) = path.filter(|_| !given.starts_with('/')) else {
            let what = format!("has the path {given}, which leads out of the repository");
            self.problem(application, &what, None);
            return None;
        };
        if !self.repository.root().join(&path).is_dir() {
            let what = format!("has the path {path}, which is no directory of this repository");
            let help = self.similar(&path);
            self.problem(application, &what, help);
            return None;
        }
        Some(path)
    }

    /// Returns a path that is there and differs only a little from one that is not.
    fn similar(&self, path: &str) -> Option<String> {
        let mut found = String::new();
        for part in path.split('/') {
            let directory = self.repository.root().join(&found);
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

    fn renderer(
        &mut self,
        application: &Application<'_>,
        source: &Value,
        path: &str,
    ) -> Option<Renderer> {
        let explicit: Vec<&str> = ["helm", "kustomize", "directory"]
            .into_iter()
            .filter(|kind| is_set(source.get(kind)))
            .collect();
        let directory = self.repository.root().join(path);
        for name in [
            ".argocd-source.yaml".to_owned(),
            format!(".argocd-source-{}.yaml", application.name),
        ] {
            if directory.join(&name).exists() {
                let what = format!("is changed by {path}/{name}, which cannot be read yet");
                self.problem(application, &what, None);
            }
        }
        let has = |names: &[&str]| names.iter().any(|name| directory.join(name).is_file());
        match explicit.as_slice() {
            ["helm"] => Some(Renderer::Helm(self.helm(application, source, path))),
            ["kustomize"] => self.kustomize(application, source),
            ["directory"] => Some(Renderer::Directory(self.directory(application, source))),
            [] if has(&["Chart.yaml"]) => {
                Some(Renderer::Helm(self.helm(application, source, path)))
            }
            [] if has(&["kustomization.yaml", "kustomization.yml", "Kustomization"]) => {
                Some(Renderer::Kustomize(Box::default()))
            }
            [] => Some(Renderer::Directory(DirectoryOptions::default())),
            several => {
                let what = format!(
                    "has several kinds of source at once: {}",
                    several.join(", ")
                );
                self.problem(application, &what, None);
                None
            }
        }
    }

    fn kustomize(&mut self, application: &Application<'_>, source: &Value) -> Option<Renderer> {
        let given = source.get("kustomize").unwrap_or(&Value::Null);
        match super::kustomize::read(given, |text| self.substituted(application, source, text)) {
            Ok(options) => Some(Renderer::Kustomize(Box::new(options))),
            Err(what) => {
                self.problem(application, &what, None);
                None
            }
        }
    }

    fn helm(&mut self, application: &Application<'_>, source: &Value, path: &str) -> HelmOptions {
        self.unknown_fields(application, ".source.helm", HELM_FIELDS);
        let empty = Value::Null;
        let helm = source.get("helm").unwrap_or(&empty);
        for field in ["kubeVersion", "apiVersions"] {
            if is_set(helm.get(field)) {
                let what = format!("sets spec.source.helm.{field}, which cannot be applied yet");
                self.problem(application, &what, None);
            }
        }
        let text = |key: &str| helm.get(key).and_then(Value::as_str).map(str::to_owned);
        let truth = |key: &str| helm.get(key).and_then(Value::as_bool).unwrap_or(false);
        let mut options = HelmOptions {
            release_name: text("releaseName").filter(|name| !name.is_empty()),
            namespace: text("namespace").filter(|name| !name.is_empty()),
            ignore_missing_value_files: truth("ignoreMissingValueFiles"),
            skip_crds: truth("skipCrds"),
            values: self.inline_values(application, helm),
            ..HelmOptions::default()
        };
        for file in texts(helm.get("valueFiles")) {
            options
                .value_files
                .extend(self.file(application, path, &file));
        }
        for parameter in list(helm.get("parameters")) {
            let text = |key: &str| {
                parameter
                    .get(key)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let value = self.substituted(application, source, text("value"));
            options.parameters.push(Parameter {
                name: text("name").to_owned(),
                value,
                force_string: parameter.get("forceString") == Some(&Value::Bool(true)),
            });
        }
        for parameter in list(helm.get("fileParameters")) {
            let text = |key: &str| {
                parameter
                    .get(key)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            if let Some(file) = self.file(application, path, text("path")) {
                options
                    .file_parameters
                    .push((text("name").to_owned(), file));
            }
        }
        options
    }

    fn file(&mut self, application: &Application<'_>, path: &str, file: &str) -> Option<String> {
        if file.contains("://") {
            let what = format!("reads {file}, which is not in the repository");
            self.problem(application, &what, None);
            return None;
        }
        let source = application.spec.get("source").unwrap_or(&Value::Null);
        let file = self.substituted(application, source, file);
        let resolved = Repository::resolve(path, &file);
        if resolved.is_none() {
            let what = format!("reads {file}, which leads out of the repository");
            self.problem(application, &what, None);
        }
        resolved
    }

    fn inline_values(&mut self, application: &Application<'_>, helm: &Value) -> Map<String, Value> {
        // Argo CD takes the object where both are given.
        if let Some(Value::Object(values)) = helm.get("valuesObject") {
            return values.clone();
        }
        let Some(text) = helm.get("values").and_then(Value::as_str) else {
            return Map::new();
        };
        match goyaml::parse(text).map(|node| node.to_json()) {
            Ok(Value::Object(values)) => values,
            Ok(Value::Null) => Map::new(),
            Ok(_) => {
                self.problem(
                    application,
                    "has spec.source.helm.values that are no map",
                    None,
                );
                Map::new()
            }
            Err(error) => {
                let what = format!("has spec.source.helm.values that are not valid YAML: {error}");
                self.problem(application, &what, None);
                Map::new()
            }
        }
    }

    fn substituted(&mut self, application: &Application<'_>, source: &Value, text: &str) -> String {
        let field = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
        let result = substitute(text, |name| match name {
            "ARGOCD_APP_NAME" => Ok(application.name.to_owned()),
            "ARGOCD_APP_NAMESPACE" => Ok(application.namespace.clone()),
            "ARGOCD_APP_PROJECT_NAME" => Ok(application.project.clone()),
            "ARGOCD_APP_SOURCE_REPO_URL" => Ok(field("repoURL").to_owned()),
            "ARGOCD_APP_SOURCE_PATH" => Ok(field("path").to_owned()),
            "ARGOCD_APP_SOURCE_TARGET_REVISION" => Ok(field("targetRevision").to_owned()),
            name if name.starts_with("ARGOCD_APP_REVISION") => Err(name.to_owned()),
            _ => Ok(String::new()),
        });
        result.unwrap_or_else(|name| {
            let what = format!("uses ${name}, which is only known once a commit is deployed");
            self.problem(application, &what, None);
            String::new()
        })
    }

    fn directory(&mut self, application: &Application<'_>, source: &Value) -> DirectoryOptions {
        self.unknown_fields(application, ".source.directory", DIRECTORY_FIELDS);
        let empty = Value::Null;
        let directory = source.get("directory").unwrap_or(&empty);
        if is_set(directory.get("jsonnet")) {
            self.problem(
                application,
                "uses Jsonnet, which cannot be rendered yet",
                None,
            );
        }
        let text = |key: &str| {
            let text = directory
                .get(key)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        DirectoryOptions {
            recurse: directory
                .get("recurse")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            include: text("include"),
            exclude: text("exclude"),
        }
    }

    fn annotations(
        &mut self,
        application: &Application<'_>,
    ) -> (Vec<DeclaredDependency>, std::time::Duration) {
        let annotations = application.manifest.value.pointer("/metadata/annotations");
        let annotations = text_map(annotations);
        for key in annotations
            .keys()
            .filter(|key| key.starts_with(ANNOTATION_PREFIX))
        {
            if ![DEPENDS_ON, TIMEOUT].contains(&key.as_str()) {
                let help = format!("known are {DEPENDS_ON} and {TIMEOUT}");
                self.problem(
                    application,
                    &format!("has an unknown annotation {key}"),
                    Some(help),
                );
            }
        }
        let settings = self.environment.services.get(application.name);
        let names = annotations
            .get(DEPENDS_ON)
            .map(String::as_str)
            .unwrap_or_default();
        let depends_on = names
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| DeclaredDependency {
                service: name.to_owned(),
                // Where a person wrote it, if that can be known, else the Application.
                source: settings
                    .and_then(|settings| {
                        settings
                            .depends_on
                            .iter()
                            .find(|known| known.service == name)
                    })
                    .map_or_else(
                        || application.manifest.source.clone(),
                        |known| known.source.clone(),
                    ),
            })
            .collect();
        let timeout = annotations.get(TIMEOUT);
        let duration = timeout.map(|text| parse_duration(text));
        if let (Some(text), Some(None)) = (timeout, duration) {
            let what = format!("has {TIMEOUT}: {text}, which is no duration such as 90s or 10m");
            self.problem(application, &what, None);
        }
        (
            depends_on,
            duration.flatten().unwrap_or(DEFAULT_STALL_TIMEOUT),
        )
    }
}

/// Returns true where a source is a chart of a repository or of a registry.
fn names_chart(source: &Value) -> bool {
    let url = source.get("repoURL").and_then(Value::as_str);
    is_set(source.get("chart")) || url.is_some_and(|url| url.starts_with("oci://"))
}

/// Returns true for a value that says something.
fn is_set(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(fields)) => !fields.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn texts(value: Option<&Value>) -> Vec<String> {
    list(value)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn text_map(value: Option<&Value>) -> BTreeMap<String, String> {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    fields
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// Returns true where two URLs name the same repository, as Argo CD compares them.
pub(super) fn same_repository(left: &str, right: &str) -> bool {
    let normal = |url: &str| {
        let url = url.trim().trim_end_matches('/');
        url.strip_suffix(".git").unwrap_or(url).to_lowercase()
    };
    normal(left) == normal(right)
}
