//! The plan as a file: takes a plan and what it was made from, gives a value of a versioned shape
//! that is the same each time, and says how two of them differ; never holds a value of a Secret.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::render::{Object, ObjectId};

use super::digest::digest;
use super::fields::{FieldChange, changes};
use super::owner::Owner;
use super::seal::sealed;
use super::types::{Certainty, Plan, PlannedService, Step};

/// What the file says it is.
pub const PLAN_FORMAT: &str = "firstlight plan";

/// The version of the shape; it grows when a key changes its meaning or goes away.
pub const PLAN_VERSION: u32 = 1;

/// A plan as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanFile {
    /// Always [`PLAN_FORMAT`].
    pub format: String,
    /// The version of the shape.
    pub version: u32,
    /// The environment.
    pub environment: String,
    /// What it was made from.
    pub made_from: MadeFrom,
    /// The services in the order of the plan.
    pub services: Vec<FileService>,
    /// What makes Argo CD the owner.
    pub handover: Vec<FileObject>,
    /// What was found out, as `plan --format json` has it.
    pub findings: Vec<Value>,
}

/// What a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MadeFrom {
    /// The commit that is checked out; absent outside of Git.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<String>,
    /// The files that are not as they are in that commit, with digests of their content; `gone` for
    /// those that are not there.
    pub changed_files: BTreeMap<String, String>,
    /// The files that define the environment, with digests.
    pub environment_files: BTreeMap<String, String>,
    /// The charts of `firstlight.lock`: repository, name and range, with version and digest.
    pub charts: BTreeMap<String, String>,
    /// The revisions of other repositories, with their commits.
    pub repositories: BTreeMap<String, String>,
    /// The version of Kubernetes that charts were told.
    pub kubernetes_version: String,
    /// The cluster that was asked, where one was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cluster: Option<FileCluster>,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileCluster {
    /// The URL of its API server.
    pub server: String,
    /// Its version.
    pub version: String,
    /// What no other cluster has: the UID of its namespace `kube-system`, where that may be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uid: Option<String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileService {
    /// Its name.
    pub name: String,
    /// Its wave.
    pub wave: u32,
    /// Its namespace.
    pub namespace: String,
    /// Its `AppProject`.
    pub project: String,
    /// False where its chart gives something else each time: its objects' content is not compared.
    pub reproducible: bool,
    /// Why it waits for others, as `plan --format json` has it.
    pub edges: Vec<Value>,
    /// Its objects in the order of their writing.
    pub objects: Vec<FileObject>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileObject {
    /// Group and version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; absent for cluster-scoped kinds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// When it is written.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub phase: String,
    /// Where it stands.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub source: String,
    /// The digest of the manifest below.
    pub digest: String,
    /// The manifest; of a Secret, with digests in place of its values.
    pub manifest: Value,
    /// What will be done.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub action: String,
    /// Why.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub reason: String,
    /// How sure that is: `verified` by the API server, or `computed`.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub certainty: String,
    /// Why it is not surer.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub doubt: String,
    /// What a write changes in the cluster.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changes: Vec<FieldChange>,
    /// Who else claims it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<Owner>,
}

/// One way in which a plan is not what it was made for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mismatch {
    /// What it is about: `the repository`, a chart, an object, the cluster.
    pub what: String,
    /// What is different now.
    pub how: String,
}

impl Mismatch {
    /// Returns one.
    pub fn new(what: impl Into<String>, how: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            how: how.into(),
        }
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.what, self.how)
    }
}

impl PlanFile {
    /// Returns a plan as it is kept.
    pub fn new(plan: &Plan, made_from: MadeFrom) -> Self {
        let random: BTreeSet<&str> = (plan.findings.iter())
            .filter(|finding| finding.code.name() == "not-reproducible")
            .filter_map(|finding| finding.service.as_deref())
            .collect();
        let service = |service: &PlannedService| FileService {
            name: service.name.clone(),
            wave: service.wave,
            namespace: service.namespace.clone(),
            project: service.project.clone(),
            reproducible: !random.contains(service.name.as_str()),
            edges: service.edges.iter().map(json).collect(),
            objects: (service.steps.iter())
                .map(|step| of_step(step, &plan.environment))
                .collect(),
        };
        let handover = &plan.handover;
        let manifests = std::iter::once(&handover.root)
            .chain(&handover.projects)
            .chain(&handover.applications);
        let manifests = manifests.map(|manifest| of_manifest(manifest, &plan.environment));
        let others = handover.others.iter();
        let others = others.map(|object| of_object(object, &plan.environment));
        Self {
            format: PLAN_FORMAT.to_owned(),
            version: PLAN_VERSION,
            environment: plan.environment.clone(),
            made_from,
            services: plan.services.iter().map(service).collect(),
            handover: manifests.chain(others).collect(),
            findings: plan.findings.iter().map(json).collect(),
        }
    }

    /// Returns how the same plan, made now, is another: services, waves, objects and their fields.
    pub fn rendered_differently(&self, now: &Self) -> Vec<Mismatch> {
        let mut found = Vec::new();
        let before: BTreeMap<&str, &FileService> = self
            .services
            .iter()
            .map(|it| (it.name.as_str(), it))
            .collect();
        let after: BTreeMap<&str, &FileService> = now
            .services
            .iter()
            .map(|it| (it.name.as_str(), it))
            .collect();
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            found.push(Mismatch::new(
                format!("the service {name}"),
                "is there no more",
            ));
        }
        for (name, service) in &after {
            let Some(old) = before.get(name) else {
                let how = "is not in the plan";
                found.push(Mismatch::new(format!("the service {name}"), how));
                continue;
            };
            if old.wave != service.wave {
                let how = format!("comes in wave {}, not {}", service.wave, old.wave);
                found.push(Mismatch::new(format!("the service {name}"), how));
            }
            let exact = old.reproducible && service.reproducible;
            compare(name, &old.objects, &service.objects, exact, &mut found);
        }
        compare(
            "the handover",
            &self.handover,
            &now.handover,
            true,
            &mut found,
        );
        found
    }

    /// Returns where something else would be done in the cluster than the plan says.
    pub fn acted_differently(&self, now: &Self) -> Vec<Mismatch> {
        let objects = |file: &Self| -> BTreeMap<String, FileObject> {
            let all = file.services.iter().flat_map(|service| {
                let named = move |object: &FileObject| (object.key(&service.name), object.clone());
                service.objects.iter().map(named)
            });
            all.collect()
        };
        let before = objects(self);
        let mut found = Vec::new();
        for (key, object) in objects(now) {
            let Some(old) = before.get(&key) else {
                continue;
            };
            if old.action != object.action {
                let how = format!(
                    "was to {} ({}), and would now {} ({})",
                    verb(&old.action),
                    old.reason,
                    verb(&object.action),
                    object.reason
                );
                found.push(Mismatch::new(key, how));
            } else if old.changes != object.changes {
                let gone = old.changes.iter().filter(|it| !object.changes.contains(it));
                let come = object.changes.iter().filter(|it| !old.changes.contains(it));
                let fields: BTreeSet<&str> = gone
                    .chain(come)
                    .map(|change| change.path.as_str())
                    .collect();
                let fields: Vec<&str> = fields.into_iter().collect();
                let how = format!("is another in the cluster at {}", fields.join(", "));
                found.push(Mismatch::new(key, how));
            } else if old.owner != object.owner {
                let of = |owner: &Option<Owner>| {
                    owner
                        .as_ref()
                        .map_or_else(|| "nobody else".to_owned(), ToString::to_string)
                };
                let how = format!(
                    "was claimed by {}, now by {}",
                    of(&old.owner),
                    of(&object.owner)
                );
                found.push(Mismatch::new(key, how));
            }
        }
        found
    }
}

impl FileObject {
    fn key(&self, service: &str) -> String {
        let id = ObjectId {
            api_version: self.api_version.clone(),
            kind: self.kind.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        };
        match self.phase.as_str() {
            "" | "sync" => format!("{id} of {service}"),
            phase => format!("{id} of {service} ({phase})"),
        }
    }
}

fn verb(action: &str) -> &str {
    match action {
        "create" => "be created",
        "change" => "be changed",
        "recreate" => "be made anew",
        "run" => "run",
        _ => "stay as it is",
    }
}

fn compare(
    service: &str,
    old: &[FileObject],
    new: &[FileObject],
    exact: bool,
    found: &mut Vec<Mismatch>,
) {
    let keyed = |objects: &[FileObject]| -> BTreeMap<String, usize> {
        let all = objects.iter().enumerate();
        all.map(|(index, object)| (object.key(service), index))
            .collect()
    };
    let (before, after) = (keyed(old), keyed(new));
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        found.push(Mismatch::new(key, "is rendered no more"));
    }
    for (key, index) in &after {
        let Some(other) = before.get(key) else {
            found.push(Mismatch::new(key, "is not in the plan"));
            continue;
        };
        let (old, new) = (&old[*other], &new[*index]);
        if exact && old.digest != new.digest {
            found.push(Mismatch::new(
                key,
                told(&changes(&old.manifest, &new.manifest)),
            ));
        }
    }
}

/// Returns changes in one line.
fn told(changes: &[FieldChange]) -> String {
    /// So many fields show what it is about.
    const SHOWN: usize = 4;
    let side = |side: &Option<super::fields::Json>| {
        side.as_ref()
            .map_or_else(|| "nothing".to_owned(), |it| short(&it.0.to_string()))
    };
    let mut words: Vec<String> = (changes.iter().take(SHOWN))
        .map(|change| {
            if change.secret {
                format!("{} is another secret value", change.path)
            } else {
                let (old, new) = (side(&change.old), side(&change.new));
                format!("{} {old} -> {new}", change.path)
            }
        })
        .collect();
    if changes.len() > SHOWN {
        words.push(format!("and {} more fields", changes.len() - SHOWN));
    }
    words.join(", ")
}

fn short(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST).collect();
    kept + "..."
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn name(value: &impl Serialize) -> String {
    json(value).as_str().unwrap_or_default().to_owned()
}

fn of_manifest(manifest: &Value, environment: &str) -> FileObject {
    let text = |pointer: &str| {
        let text = manifest.pointer(pointer).and_then(Value::as_str);
        text.map(str::to_owned)
    };
    let manifest = sealed(manifest, environment);
    FileObject {
        api_version: text("/apiVersion").unwrap_or_default(),
        kind: text("/kind").unwrap_or_default(),
        namespace: text("/metadata/namespace"),
        name: text("/metadata/name").unwrap_or_default(),
        phase: String::new(),
        source: String::new(),
        digest: digest(&manifest),
        manifest,
        action: String::new(),
        reason: String::new(),
        certainty: String::new(),
        doubt: String::new(),
        changes: Vec::new(),
        owner: None,
    }
}

fn of_object(object: &Object, environment: &str) -> FileObject {
    FileObject {
        api_version: object.id.api_version.clone(),
        kind: object.id.kind.clone(),
        namespace: object.id.namespace.clone(),
        name: object.id.name.clone(),
        phase: name(&object.phase),
        source: object.source.to_string(),
        ..of_manifest(&object.manifest, environment)
    }
}

fn of_step(step: &Step, environment: &str) -> FileObject {
    FileObject {
        action: name(&step.action),
        reason: step.reason.to_string(),
        certainty: name(&step.certainty),
        doubt: match step.certainty {
            Certainty::Verified => String::new(),
            Certainty::Computed => step.doubt.to_string(),
        },
        changes: step.changes.clone(),
        owner: step.owner.clone(),
        ..of_object(&step.object, environment)
    }
}
