//! What an Application means: takes one as the root renders it, gives the service or what is wrong
//! with it, never reads a chart.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::definition::{DeclaredDependency, Environment, LayoutKind, Repository, parse_duration};
use crate::finding::{Code, Finding, Severity, codes};
use crate::problem::Problem;

use super::checkouts::{Checkouts, GitNeeds};
use super::fields::Mistake;
use super::manifest::Manifest;
use super::project::IN_CLUSTER;
use super::service::{DEFAULT_STALL_TIMEOUT, NamespaceMetadata, Service};

const DEPENDS_ON: &str = "firstlight.dev/depends-on";
const TIMEOUT: &str = "firstlight.dev/timeout";
const SYNC_WAVE: &str = "/metadata/annotations/argocd.argoproj.io~1sync-wave";
const ANNOTATION_PREFIX: &str = "firstlight.dev/";
/// Where an Application names no namespace: what Helm takes then.
const NO_NAMESPACE: &str = "default";

/// Reads Applications of one environment.
pub(super) struct Interpreter<'e> {
    pub(super) repository: &'e Repository,
    pub(super) environment: &'e Environment,
    /// The commit of the repository, where it is known.
    pub(super) commit: Option<String>,
    /// The files of other repositories and revisions.
    pub(super) checkouts: &'e Checkouts,
    /// What has to be fetched before all Applications can be read.
    pub(super) git_needs: GitNeeds,
    pub(super) problems: Vec<Problem>,
    /// What is worth saying of Applications that are taken as they are.
    pub(super) findings: Vec<Finding>,
    /// True where files of another repository cannot be had.
    pub(super) is_unreachable: bool,
}

/// One Application while it is read.
pub(super) struct Application<'a> {
    pub(super) name: &'a str,
    pub(super) manifest: &'a Manifest,
    pub(super) spec: &'a Value,
    pub(super) namespace: String,
    pub(super) project: String,
}

impl<'e> Interpreter<'e> {
    /// Returns one that has read nothing yet.
    pub(super) fn new(
        repository: &'e Repository,
        environment: &'e Environment,
        checkouts: &'e Checkouts,
    ) -> Self {
        Self {
            repository,
            environment,
            commit: repository.checked_out_commit(),
            checkouts,
            git_needs: GitNeeds::new(),
            problems: Vec::new(),
            findings: Vec::new(),
            is_unreachable: false,
        }
    }
}

impl Interpreter<'_> {
    /// Reads the Application of a root. In firstlight's own layout it stands in the cluster that
    /// the environment is.
    pub(super) fn root(&mut self, manifest: &Manifest) -> Option<Service> {
        let destination = |key: &str| {
            let text = manifest.value.pointer(&format!("/spec/destination/{key}"));
            text.and_then(Value::as_str).unwrap_or_default()
        };
        let (server, cluster) = IN_CLUSTER;
        let is_here = match destination("server") {
            "" => destination("name") == cluster,
            given => given.trim_end_matches('/') == server,
        };
        if self.is_own_layout() && !is_here {
            let message = format!(
                "the Application {} goes to another cluster",
                manifest.name()
            );
            let help = format!("its destination must be {server}");
            let problem = Problem::new(message).at(manifest.source.clone()).help(help);
            self.problems.push(problem);
        }
        let service = self.service(manifest);
        service.filter(|_| self.problems.is_empty())
    }

    fn is_own_layout(&self) -> bool {
        self.environment.layout == LayoutKind::Own
    }

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
            namespace: self.namespace(manifest, text("/destination/namespace")),
            project: text("/project")
                .filter(|project| !project.is_empty())
                .unwrap_or("default")
                .to_owned(),
        };
        if application.namespace.is_empty() {
            self.problem(&application, "has no spec.destination.namespace", None);
        }
        let sources = self.sources(&application)?;
        let (depends_on, stall_timeout) = self.annotations(&application);
        let policy = spec.get("syncPolicy").unwrap_or(&empty);
        let metadata = policy.get("managedNamespaceMetadata").unwrap_or(&empty);
        let service = Service {
            name: name.to_owned(),
            namespace: application.namespace.clone(),
            project: application.project.clone(),
            sources,
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

    pub(super) fn problem(
        &mut self,
        application: &Application<'_>,
        what: &str,
        help: Option<String>,
    ) {
        let mut problem = Problem::new(format!("the Application {} {what}", application.name))
            .at(application.manifest.source.clone());
        problem.help = help;
        self.problems.push(problem);
    }

    /// Returns the namespace of an Application. Elsewhere than in our own layout it may be missing:
    /// objects then name theirs, or have none.
    fn namespace(&mut self, manifest: &Manifest, given: Option<&str>) -> String {
        let given = given.unwrap_or_default();
        if !given.is_empty() || self.is_own_layout() {
            return given.to_owned();
        }
        let message = format!(
            "{} names no namespace (spec.destination.namespace): `{NO_NAMESPACE}` stands for it here, \
             and Argo CD refuses objects of its that need one and name none",
            manifest.name()
        );
        let code = codes::NO_DESTINATION_NAMESPACE;
        self.finding(manifest, Severity::Info, (code, message));
        NO_NAMESPACE.to_owned()
    }

    fn finding(
        &mut self,
        manifest: &Manifest,
        severity: Severity,
        (code, message): (Code, String),
    ) {
        let finding = Finding::new(severity, code, message);
        let finding = finding.of(manifest.name()).at(manifest.source.clone());
        self.findings.push(finding);
    }

    /// Tells of what an Application cannot mean. Elsewhere than in our own layout, a field that nobody
    /// knows is only worth a warning: Kubernetes drops it.
    pub(super) fn mistakes(&mut self, application: &Application<'_>, mistakes: Vec<Mistake>) {
        for Mistake {
            what,
            help,
            is_unknown,
        } in mistakes
        {
            if self.is_own_layout() || !is_unknown {
                self.problem(application, &what, help);
                continue;
            }
            let name = application.name;
            let help = help.map(|help| format!("; {help}")).unwrap_or_default();
            let message = format!("{name} {what}: Argo CD never sees it{help}");
            let code = codes::UNKNOWN_APPLICATION_FIELD;
            self.finding(application.manifest, Severity::Warning, (code, message));
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

pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    list(value)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

pub(super) fn text_map(value: Option<&Value>) -> BTreeMap<String, String> {
    let fields = value.and_then(Value::as_object).into_iter().flatten();
    fields
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
