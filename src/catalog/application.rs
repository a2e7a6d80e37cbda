//! What an Application means: takes one as the root renders it, gives the service or what is wrong
//! with it, never reads a chart.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::definition::{DeclaredDependency, Environment, Repository, parse_duration};
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
}

/// One Application while it is read.
pub(super) struct Application<'a> {
    pub(super) name: &'a str,
    pub(super) manifest: &'a Manifest,
    pub(super) spec: &'a Value,
    pub(super) namespace: String,
    pub(super) project: String,
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
            project: text("/project")
                .filter(|project| !project.is_empty())
                .unwrap_or("default")
                .to_owned(),
        };
        self.destination(&application);
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

    /// Checks where an Application goes.
    fn destination(&mut self, application: &Application<'_>) {
        let spec = application.spec;
        let text = |pointer: &str| spec.pointer(pointer).and_then(Value::as_str);
        if application.namespace.is_empty() {
            self.problem(application, "has no spec.destination.namespace", None);
        }
        let (server, cluster) = IN_CLUSTER;
        let here = match text("/destination/server").filter(|server| !server.is_empty()) {
            Some(given) => given.trim_end_matches('/') == server,
            None => text("/destination/name") == Some(cluster),
        };
        if !here {
            let help = format!("its destination must be {server}");
            self.problem(application, "goes to another cluster", Some(help));
        }
    }

    /// Tells of what an Application cannot mean.
    pub(super) fn mistakes(&mut self, application: &Application<'_>, mistakes: Vec<Mistake>) {
        for Mistake { what, help } in mistakes {
            self.problem(application, &what, help);
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
