//! Objects of two sides side by side: takes both, gives which come, go and change, never renders.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::catalog::{Catalogue, Service};
use crate::plan::{FieldChange, changes};
use crate::problem::Problem;
use crate::render::{Alone, Object, ObjectId, Phase};

use super::review::{Change, ObjectChange, SideProblem};

/// What tells one object of a service from another, whatever its version of the API, and whenever it
/// is written: a hook of several phases is one object.
type Key = (String, String, Option<String>, String);

fn key(object: &Object) -> Key {
    let id = &object.id;
    (
        id.group().to_owned(),
        id.kind.clone(),
        id.namespace.clone(),
        id.name.clone(),
    )
}

/// One side of one service.
pub(super) struct Side<'s> {
    pub(super) service: &'s Service,
    pub(super) rendered: &'s Result<Alone, Problem>,
}

impl Side<'_> {
    fn objects(&self) -> Result<Vec<Object>, String> {
        match self.rendered {
            Err(problem) => Err(told(problem)),
            Ok(alone) => alone.objects(self.service).map_err(|problems| {
                let all: Vec<String> = problems.iter().map(told).collect();
                all.join("; ")
            }),
        }
    }

    fn is_random(&self) -> bool {
        (self.rendered.as_ref()).is_ok_and(|alone| !alone.is_reproducible())
    }
}

/// Returns a problem in one line.
pub(super) fn told(problem: &Problem) -> String {
    match &problem.source {
        Some(source) => format!("{} ({source})", problem.message),
        None => problem.message.clone(),
    }
}

/// Compares a service that is on one side or on both.
pub(super) fn service(
    name: &str,
    from: Option<&Side<'_>>,
    to: Option<&Side<'_>>,
) -> Result<Vec<ObjectChange>, SideProblem> {
    let objects = |side: Option<&Side<'_>>| side.map_or(Ok(Vec::new()), Side::objects);
    let failed = |side, message: String| SideProblem {
        service: Some(name.to_owned()),
        side,
        message,
        environments: Vec::new(),
    };
    let random = [from, to].into_iter().flatten().any(Side::is_random);
    match (objects(from), objects(to)) {
        (Ok(old), Ok(new)) => {
            let mut found = compared(name, old, new);
            for change in &mut found {
                change.random = random && change.change == Change::Changed;
            }
            Ok(found)
        }
        (Err(_), Err(message)) => Err(failed("both", message)),
        (Err(message), Ok(_)) => Err(failed("from", message)),
        (Ok(_), Err(message)) => Err(failed("to", message)),
    }
}

fn compared(service: &str, old: Vec<Object>, new: Vec<Object>) -> Vec<ObjectChange> {
    let mut before: BTreeMap<Key, Object> = old.into_iter().map(|one| (key(&one), one)).collect();
    let mut found = Vec::new();
    let change = |object: Object, change, fields| ObjectChange {
        service: service.to_owned(),
        object: object.id,
        change,
        fields,
        random: false,
        source: object.source.without_column(),
        environments: Vec::new(),
    };
    let after: BTreeMap<Key, Object> = new.into_iter().map(|one| (key(&one), one)).collect();
    for (key, object) in after {
        match before.remove(&key) {
            None => found.push(change(object, Change::Added, Vec::new())),
            Some(old) if old.manifest == object.manifest => {}
            Some(old) => {
                let fields = changes(&old.manifest, &object.manifest);
                found.push(change(object, Change::Changed, fields));
            }
        }
    }
    let gone = before.into_values();
    found.extend(gone.map(|object| change(object, Change::Removed, Vec::new())));
    found
}

/// Compares what the roots themselves hold: projects, Applications, the parent of all.
pub(super) fn roots(from: &Catalogue, to: &Catalogue) -> Vec<ObjectChange> {
    compared(to.root.name(), of_root(from), of_root(to))
}

fn of_root(catalogue: &Catalogue) -> Vec<Object> {
    let manifests = std::iter::once(&catalogue.root)
        .chain(&catalogue.projects)
        .chain(&catalogue.others);
    let own = manifests.map(|manifest| (&manifest.value, &manifest.source));
    let applications = catalogue.services.iter();
    let applications = applications.map(|service| (&service.application, &service.source));
    own.chain(applications)
        .map(|(value, source)| {
            let text = |pointer: &str| {
                let text = value.pointer(pointer).and_then(Value::as_str);
                text.map(str::to_owned)
            };
            Object {
                id: ObjectId {
                    api_version: text("/apiVersion").unwrap_or_default(),
                    kind: text("/kind").unwrap_or_default(),
                    namespace: text("/metadata/namespace"),
                    name: text("/metadata/name").unwrap_or_default(),
                },
                manifest: value.clone(),
                source: source.clone(),
                phase: Phase::Sync,
                hook: false,
                hook_delete_policies: Vec::new(),
                sync_wave: 0,
                tracking: crate::render::Tracking::default(),
            }
        })
        .collect()
}

/// Tells whether a change of an object may make edges or findings come or go. Only fields of which
/// it is known that nothing is inferred from them are passed over, and only where another value of
/// the same type stands in them.
pub(super) fn matters(change: &ObjectChange) -> bool {
    change.change != Change::Changed || change.fields.iter().any(|field| !is_quiet(field))
}

fn is_quiet(field: &FieldChange) -> bool {
    const LABELS: &[&str] = &[
        "[\"app.kubernetes.io/version\"]",
        "[\"helm.sh/chart\"]",
        "labels.chart",
    ];
    let (Some(old), Some(new)) = (&field.old, &field.new) else {
        return false;
    };
    let same_type = std::mem::discriminant(&old.0) == std::mem::discriminant(&new.0);
    let path = field.path.as_str();
    let is_template = path.contains("metadata.");
    let is_label = path.contains("metadata.labels") && LABELS.iter().any(|it| path.ends_with(it));
    let is_checksum = path.contains("metadata.annotations[\"checksum/");
    let of_pod = path.contains("ontainers[") && !is_template;
    let is_image = of_pod && path.ends_with("].image") && is_named(&new.0);
    let is_count = path == "spec.replicas";
    same_type && (is_label || is_checksum || is_image || is_count)
}

/// Tells whether an image's name is one that nothing is found out about.
fn is_named(image: &Value) -> bool {
    image.as_str().is_some_and(|image| {
        let tag = image.rsplit('/').next().unwrap_or_default();
        let is_fixed = tag.contains(':') && !tag.ends_with(":latest");
        is_fixed
            && image
                .chars()
                .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || "./:-_".contains(it))
    })
}
