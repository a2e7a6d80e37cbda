//! A new service: takes its name and what it is, gives its files and its line in the catalogue, never
//! writes.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::definition::{Position, Repository};
use crate::glob::Glob;
use crate::suggest::nearest;

use super::error::NewError;
use super::house::{CATALOGUE, House, YamlFile, check_environment};
use super::name::{LABEL, RELEASE, check};
use super::skeleton::{CRON_JOB, DEPLOYMENT, STATEFULSET, Skeleton, filled};
use super::{FileChange, Proposal};

/// What runs where nothing else is said: answers on port 8080.
const IMAGE: &str = "registry.k8s.io/e2e-test-images/agnhost:2.53";
const ARGUMENTS: &str = "[netexec, --http-port=8080]";

/// What a service begins as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Workload {
    /// A Deployment with its Service.
    Deployment,
    /// A StatefulSet with its Service and a volume.
    StatefulSet,
    /// A `CronJob`.
    CronJob,
    /// A chart without templates.
    Empty,
    /// A chart of somebody else's, wrapped.
    Chart(ChartReference),
}

/// A chart that comes from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartReference {
    name: String,
    repository: String,
    version: String,
}

impl ChartReference {
    /// Reads `oci://HOST/PATH/NAME` or `https://HOST/PATH/NAME`: the last word is the chart, what is
    /// before it the repository.
    pub fn parse(address: &str, version: &str) -> Result<Self, NewError> {
        // What stands before an `@` may be a password.
        let shown = match (address.split_once("://"), address.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://***@{rest}"),
            _ => address.to_owned(),
        };
        let wrong = |cause| NewError::Chart {
            address: shown.clone(),
            cause,
        };
        let rest = ["oci://", "https://", "http://"]
            .iter()
            .find_map(|scheme| address.strip_prefix(scheme));
        let Some(rest) = rest else {
            return Err(wrong("it begins with neither oci:// nor https://"));
        };
        if rest.contains('@') {
            return Err(wrong("credentials do not belong in a repository's files"));
        }
        if rest.contains(['?', '#']) || rest.contains(char::is_whitespace) {
            return Err(wrong("an address of a chart has no such characters"));
        }
        let trimmed = address.trim_end_matches('/');
        let (repository, name) = trimmed.rsplit_once('/').unwrap_or_default();
        if !rest.trim_end_matches('/').contains('/') || name.is_empty() {
            return Err(wrong("the last word is to be the chart's name: URL/CHART"));
        }
        if Path::new(name).extension().is_some_and(|end| end == "tgz") {
            return Err(wrong(
                "it is a packed chart: name the repository and the chart, URL/CHART, and --version",
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            repository: repository.to_owned(),
            version: version.to_owned(),
        })
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewService {
    /// The service's name.
    pub name: String,
    /// What it begins as.
    pub workload: Workload,
    /// The container's image; absent for one that answers something.
    pub image: Option<String>,
    /// The namespace; absent for the service's name.
    pub namespace: Option<String>,
    /// The AppProject; absent where there is one.
    pub project: Option<String>,
    /// The environments that get it at once.
    pub enable: Vec<String>,
}

/// Returns what a new service is.
pub fn service(repository: &Repository, asked: &NewService) -> Result<Proposal, NewError> {
    let name = &asked.name;
    check("a service", name, RELEASE)?;
    let namespace = asked.namespace.as_ref().unwrap_or(name);
    check("a namespace", namespace, LABEL)?;
    let house = House::of(repository, "a service")?;
    for environment in &asked.enable {
        check_environment(repository, environment)?;
    }
    let mut catalogue = YamlFile::read(repository, CATALOGUE)?;
    let group = house.services();
    if let Some(line) = catalogue.line(&[group], name) {
        return Err(exists(name, format!("{CATALOGUE}:{line}")));
    }
    let directory = format!("{group}/{name}");
    if repository.root().join(&directory).exists() {
        return Err(exists(name, directory));
    }
    let project = project(repository, house, &catalogue, asked.project.as_deref())?;
    let mut changes = chart(asked, &directory);
    let environments = match house {
        House::Ours => repository.environments()?,
        // There a file is only read where the service is enabled, and then has to be there.
        House::Phalanx => asked.enable.clone(),
    };
    for environment in environments {
        changes.push(FileChange::new(
            format!("{directory}/values-{environment}.yaml"),
            format!("# What {environment} has different from values.yaml.\n"),
        ));
    }
    let entry = match house {
        House::Ours => entry(wave(&catalogue, &project), asked, namespace, &project),
        House::Phalanx => json!(false),
    };
    catalogue.change(|edit| edit.add(&[group], name, &entry, Position::Sorted))?;
    match house {
        House::Ours => admit(&mut catalogue, &project, namespace)?,
        House::Phalanx => changes.push(application(name, namespace, &project)),
    }
    changes.push(catalogue.into_change());
    for environment in &asked.enable {
        let path = format!("environments/values-{environment}.yaml");
        let mut file = YamlFile::read(repository, &path)?;
        let entry = match house {
            House::Ours => json!({"enabled": true}),
            House::Phalanx => json!(true),
        };
        file.change(|edit| edit.add(&[group], name, &entry, Position::Sorted))?;
        changes.push(file.into_change());
    }
    Ok(Proposal {
        changes,
        notes: Vec::new(),
        next: next(asked, house),
    })
}

fn exists(name: &str, place: String) -> NewError {
    NewError::Exists {
        what: "the service",
        name: name.to_owned(),
        place,
    }
}

fn next(asked: &NewService, house: House) -> Vec<String> {
    let mut next = Vec::new();
    if asked.enable.is_empty() {
        let value = match house {
            House::Ours => "{enabled: true}",
            House::Phalanx => "true",
        };
        next.push(format!(
            "to have it in an environment: `{}: {value}` below `{}` in environments/values-ENV.yaml",
            asked.name,
            house.services()
        ));
    }
    if matches!(asked.workload, Workload::Chart(_)) {
        next.push("firstlight lock".to_owned());
    }
    let environment = asked.enable.first().map_or("ENV", String::as_str);
    next.push(format!("firstlight lint {environment}"));
    next.push(format!("firstlight render {environment} {}", asked.name));
    next
}

/// Returns the files of the service that a new repository begins with.
pub(super) fn hello(directory: &str) -> Vec<FileChange> {
    chart(&hello_service(), directory)
}

/// Returns what the catalogue says of it.
pub(super) fn hello_entry() -> Value {
    entry(Some(HELLO_WAVE), &hello_service(), "hello", "applications")
}

/// After all services of the reference platform that a new repository begins with.
const HELLO_WAVE: i64 = 3;

fn hello_service() -> NewService {
    NewService {
        name: "hello".to_owned(),
        workload: Workload::Deployment,
        image: None,
        namespace: None,
        project: None,
        enable: Vec::new(),
    }
}

/// Returns the project that a service goes to.
fn project(
    repository: &Repository,
    house: House,
    catalogue: &YamlFile,
    asked: Option<&str>,
) -> Result<String, NewError> {
    let known = match house {
        House::Ours => catalogue.keys(&["projects"]),
        House::Phalanx => folders(
            &repository
                .root()
                .join("environments/templates/applications"),
        ),
    };
    match (asked, known.as_slice()) {
        (Some(asked), _) if known.iter().any(|name| name == asked) => Ok(asked.to_owned()),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(NewError::Unsaid {
            what: "project",
            argument: "--project",
            known,
        }),
        (Some(asked), _) => Err(NewError::Unknown {
            what: "project",
            name: asked.to_owned(),
            known: nearest(asked, known.iter().map(String::as_str))
                .map_or(known.clone(), |near| vec![near.to_owned()]),
        }),
    }
}

fn folders(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn chart(asked: &NewService, directory: &str) -> Vec<FileChange> {
    let name = asked.name.as_str();
    let mut about = format!("apiVersion: v2\nname: {name}\ntype: application\nversion: 1.0.0\n");
    let mut values = String::from("# Given by the root Application.\nglobal:\n  host: \"\"\n");
    let mut skeleton: Skeleton = &[];
    match &asked.workload {
        Workload::Deployment => skeleton = DEPLOYMENT,
        Workload::StatefulSet => skeleton = STATEFULSET,
        Workload::CronJob => skeleton = CRON_JOB,
        Workload::Empty => {}
        Workload::Chart(chart) => {
            let word = |text: &str| yaml(&json!(text));
            let _ = write!(
                about,
                "dependencies:\n  - name: {}\n    version: {}\n    repository: {}\n",
                word(&chart.name),
                word(&chart.version),
                word(&chart.repository)
            );
            values = format!(
                "# Values of the chart {}, for all environments.\n{}: {{}}\n",
                chart.name,
                word(&chart.name)
            );
        }
    }
    let mut changes = vec![FileChange::new(format!("{directory}/Chart.yaml"), about)];
    let image = asked.image.as_deref().map(|image| yaml(&json!(image)));
    let names = [
        ("name", name),
        ("image", image.as_deref().unwrap_or(IMAGE)),
        ("args", if image.is_some() { "[]" } else { ARGUMENTS }),
    ];
    if skeleton.is_empty() {
        changes.push(FileChange::new(format!("{directory}/values.yaml"), values));
    }
    for (path, text) in skeleton {
        changes.push(FileChange::new(
            format!("{directory}/{path}"),
            filled(text, &names),
        ));
    }
    changes
}

/// Returns a single value as YAML has it.
fn yaml(value: &Value) -> String {
    let text = goyaml::to_string(value).unwrap_or_else(|_| value.to_string());
    text.trim_end().to_owned()
}

/// Returns the wave of a new service, where all others have one: the last of its project, or the one
/// after all.
fn wave(catalogue: &YamlFile, project: &str) -> Option<i64> {
    let services = catalogue.value(&["services"]).unwrap_or_default();
    let mut waves = Vec::new();
    for service in services.as_object()?.values() {
        waves.push((service["project"] == project, service["wave"].as_i64()?));
    }
    let last = |of_it: bool| {
        let waves = waves.iter().filter(|(own, _)| *own || !of_it);
        waves.map(|(_, wave)| *wave).max()
    };
    last(true).or_else(|| Some(last(false)? + 1))
}

/// Returns what our catalogue says of a service.
fn entry(wave: Option<i64>, asked: &NewService, namespace: &str, project: &str) -> Value {
    let mut entry = Map::new();
    entry.insert("enabled".to_owned(), json!(false));
    entry.insert("namespace".to_owned(), json!(namespace));
    entry.insert("project".to_owned(), json!(project));
    if let Some(wave) = wave {
        entry.insert("wave".to_owned(), json!(wave));
    }
    if !matches!(asked.workload, Workload::Chart(_) | Workload::Empty) {
        let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        entry.insert("namespaceLabels".to_owned(), labels);
    }
    Value::Object(entry)
}

/// Lets a project deploy into a namespace.
fn admit(catalogue: &mut YamlFile, project: &str, namespace: &str) -> Result<(), NewError> {
    let path = ["projects", project, "namespaces"];
    let listed = catalogue.value(&path).unwrap_or_default();
    let listed = listed.as_array().map_or(&[][..], Vec::as_slice);
    let is_listed = |pattern: &Value| {
        let pattern = pattern.as_str().unwrap_or_default();
        Glob::new(pattern, &[]).matches(namespace)
    };
    if listed.iter().any(is_listed) {
        return Ok(());
    }
    catalogue.change(|edit| edit.push(&path, &json!(namespace)))
}

/// Returns the Application of a service of Phalanx.
fn application(name: &str, namespace: &str, project: &str) -> FileChange {
    let text = format!(
        r#"{{{{- if (index .Values "applications" "{name}") -}}}}
apiVersion: v1
kind: Namespace
metadata:
  name: {namespace}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {name}
  namespace: argocd
  finalizers:
    - resources-finalizer.argocd.argoproj.io
spec:
  project: {project}
  destination:
    namespace: {namespace}
    server: https://kubernetes.default.svc
  source:
    path: applications/{name}
    repoURL: {{{{ .Values.repoUrl | quote }}}}
    targetRevision: {{{{ .Values.targetRevision | quote }}}}
    helm:
      parameters:
        - name: global.host
          value: {{{{ .Values.fqdn | quote }}}}
        - name: global.baseUrl
          value: https://{{{{ .Values.fqdn }}}}
        - name: global.vaultSecretsPath
          value: {{{{ .Values.vaultPathPrefix | quote }}}}
      valueFiles:
        - values.yaml
        - values-{{{{ .Values.name }}}}.yaml
{{{{- end -}}}}
"#
    );
    FileChange::new(
        format!("environments/templates/applications/{project}/{name}.yaml"),
        text,
    )
}
