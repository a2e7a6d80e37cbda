//! The images of an environment: takes objects and the rules for custom resources, gives each image
//! once with all that needs it, and findings; never leaves out silently what it cannot know.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::definition::{FieldValue, ImageRule};
use crate::finding::{Code, Finding, Severity, codes};
use crate::render::pod::{PodTemplate, pod_template, template_keys, text};
use crate::render::{Object, ObjectId, is_builtin_group};
use crate::source::Source;

use super::known::Rules;
use super::mentioned::{self, Mention};
use super::reference::Reference;

/// The images of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The images that will be pulled, by name.
    pub images: Vec<Image>,
    /// The images that programs are told of, which alone know whether these are pulled; without those
    /// that will be pulled anyway.
    pub mentioned: Vec<Image>,
    /// What is wrong with images, and what cannot be known.
    pub findings: Vec<Finding>,
}

/// An image with what needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Its whole name.
    pub name: String,
    /// The parts of the name.
    #[serde(flatten)]
    pub reference: Reference,
    /// What needs it, in the order of the services and of their writing.
    pub uses: Vec<Use>,
}

/// A field of an object that names an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Use {
    /// The service.
    pub service: String,
    /// The object.
    pub object: ObjectId,
    /// The field of the object.
    pub field: String,
    /// The name as it stands there.
    pub given: String,
    /// When it is pulled, where that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_policy: Option<String>,
    /// Where the object stands.
    pub source: Source,
}

/// Gathers the images of objects, each with the name of its service.
pub fn inventory<'o>(
    objects: impl IntoIterator<Item = (&'o str, &'o Object)>,
    rules: &Rules,
) -> Inventory {
    let mut collector = Collector {
        rules,
        images: BTreeMap::new(),
        mentioned: BTreeMap::new(),
        findings: Vec::new(),
        unknown: BTreeMap::new(),
    };
    for (service, object) in objects {
        collector.object(Owned { service, object });
    }
    collector.finish()
}

/// An object with its service.
#[derive(Debug, Clone, Copy)]
struct Owned<'o> {
    service: &'o str,
    object: &'o Object,
}

impl Owned<'_> {
    fn finding(self, severity: Severity, code: Code, message: String) -> Finding {
        Finding {
            severity,
            code,
            service: Some(self.service.to_owned()),
            object: Some(self.object.id.clone()),
            message,
            mend: None,
            source: Some(self.object.source.clone()),
        }
    }
}

/// Custom resources of one kind that no rule speaks of.
#[derive(Debug)]
struct Unknown<'o> {
    first: Owned<'o>,
    count: usize,
}

struct Collector<'r, 'o> {
    rules: &'r Rules,
    images: BTreeMap<Reference, Vec<Use>>,
    mentioned: BTreeMap<Reference, Vec<Use>>,
    findings: Vec<Finding>,
    unknown: BTreeMap<(&'o str, &'o str, &'o str), Unknown<'o>>,
}

impl<'o> Collector<'_, 'o> {
    fn object(&mut self, owned: Owned<'o>) {
        let Object { id, manifest, .. } = owned.object;
        let (group, kind) = id.group_kind();
        if let Some(rule) = self.rules.find(group, kind) {
            return self.by_rule(owned, rule);
        }
        match (group, kind) {
            ("", "PodTemplate") => {
                if let Some(template) = manifest.get("template").and_then(PodTemplate::of) {
                    self.pods(owned, "template", template);
                }
            }
            ("", "ConfigMap") => self.mentions(owned, "", mentioned::of_config_map(manifest)),
            _ if is_builtin_group(group) => {
                if let Some(template) = pod_template(kind, manifest) {
                    let keys = template_keys(kind).unwrap_or_default();
                    self.pods(owned, &keys.join("."), template);
                }
            }
            _ => {
                self.mentions(owned, "", mentioned::of_object(manifest));
                let unknown = self.unknown.entry((owned.service, group, kind));
                unknown
                    .or_insert(Unknown {
                        first: owned,
                        count: 0,
                    })
                    .count += 1;
            }
        }
    }

    /// Takes the images of pods that Kubernetes itself starts.
    fn pods(&mut self, owned: Owned<'o>, place: &str, template: PodTemplate<'o>) {
        for needed in template.images() {
            let field = below(place, &needed.field);
            let is_injected =
                needed.image.and_then(Value::as_str) == Some("auto") && is_injected(template);
            match needed.image {
                None => self.findings.push(owned.finding(
                    Severity::Error,
                    codes::INVALID_IMAGE,
                    format!("{} names no image at {field}", owned.object.id),
                )),
                Some(_) if is_injected => self.findings.push(owned.finding(
                    Severity::Info,
                    codes::IMAGE_LEFT_TO_OPERATOR,
                    format!(
                        "{} leaves the image at {field} to Istio's injector: which one is pulled \
                         cannot be known here",
                        owned.object.id
                    ),
                )),
                Some(image) => {
                    self.image(owned, &field, image, needed.pull_policy, Severity::Error);
                }
            }
        }
        self.mentions(owned, place, mentioned::of_pods(template));
    }

    /// Takes the images of a custom resource from where a rule says.
    fn by_rule(&mut self, owned: Owned<'o>, rule: &ImageRule) {
        let manifest = &owned.object.manifest;
        let mut absent: Vec<String> = Vec::new();
        for FieldValue { field, value } in rule.paths.iter().flat_map(|path| path.find(manifest)) {
            match value {
                Some(value) => self.image(owned, &field, value, None, Severity::Warning),
                None => absent.push(field),
            }
        }
        for FieldValue { field, value } in
            (rule.pod_templates.iter()).flat_map(|path| path.find(manifest))
        {
            let Some(template) = value.and_then(PodTemplate::of) else {
                continue;
            };
            for needed in template.images() {
                let field = below(&field, &needed.field);
                match needed.image {
                    Some(image) => {
                        let policy = needed.pull_policy;
                        self.image(owned, &field, image, policy, Severity::Warning);
                    }
                    None => absent.push(field),
                }
            }
            self.mentions(owned, &field, mentioned::of_pods(template));
        }
        let id = &owned.object.id;
        let chosen: Vec<String> = (rule.operator_chooses.iter())
            .flat_map(|path| path.find(manifest))
            .filter(|found| found.value.is_some())
            .map(|found| found.field)
            .collect();
        let mut left = |message| {
            let finding = owned.finding(Severity::Info, codes::IMAGE_LEFT_TO_OPERATOR, message);
            self.findings.push(finding);
        };
        if !absent.is_empty() {
            left(format!(
                "{id} names no image at {}: which one is pulled, if any, is for its operator to \
                 choose and cannot be known here",
                absent.join(", ")
            ));
        }
        if !chosen.is_empty() {
            left(format!(
                "{id} makes its operator start pods ({}), whose images are its choice and cannot be \
                 known here",
                chosen.join(", ")
            ));
        }
    }

    fn image(
        &mut self,
        owned: Owned<'o>,
        field: &str,
        value: &Value,
        pull_policy: Option<&str>,
        severity: Severity,
    ) {
        let id = &owned.object.id;
        let parsed = match name_of(value) {
            Ok(given) => Reference::parse(&given)
                .map(|reference| (given.clone(), reference))
                .map_err(|error| format!("{id} names `{given}` at {field}, but {error}")),
            Err(cause) => Err(format!("{id} names no image at {field}: {cause}")),
        };
        let (given, reference) = match parsed {
            Ok(parsed) => parsed,
            Err(message) => {
                let finding = owned.finding(severity, codes::INVALID_IMAGE, message);
                return self.findings.push(finding);
            }
        };
        if reference.is_latest() {
            let how = if given.ends_with(":latest") {
                ""
            } else {
                " without a tag"
            };
            self.findings.push(owned.finding(
                Severity::Warning,
                codes::IMAGE_LATEST,
                format!(
                    "{id} names `{given}`{how}: what is pulled as `latest` may be another image \
                     tomorrow; name a version"
                ),
            ));
        }
        self.images.entry(reference).or_default().push(Use {
            service: owned.service.to_owned(),
            object: id.clone(),
            field: field.to_owned(),
            given,
            pull_policy: pull_policy.map(str::to_owned),
            source: owned.object.source.clone(),
        });
    }

    fn mentions(&mut self, owned: Owned<'o>, place: &str, mentions: Vec<Mention<'_>>) {
        for mention in mentions {
            self.mentioned
                .entry(mention.reference)
                .or_default()
                .push(Use {
                    service: owned.service.to_owned(),
                    object: owned.object.id.clone(),
                    field: below(place, &mention.field),
                    given: mention.given.to_owned(),
                    pull_policy: None,
                    source: owned.object.source.clone(),
                });
        }
    }

    fn finish(mut self) -> Inventory {
        let pulled: BTreeSet<Reference> = self.images.keys().cloned().collect();
        self.mentioned.retain(|name, _| !pulled.contains(name));
        for ((_, group, kind), Unknown { first, count }) in &self.unknown {
            let id = &first.object.id;
            let which = match count {
                1 => id.to_string(),
                count => format!("{count} objects of the kind {kind}, such as {id}"),
            };
            let message = format!(
                "nothing is known about the images of {which} ({group}): if an operator starts pods \
                 for such an object, say under `images` in firstlight.yaml where their images stand"
            );
            let finding = first.finding(Severity::Info, codes::IMAGES_UNKNOWN, message);
            self.findings.push(finding);
        }
        let key = |finding: &Finding| {
            (
                finding.severity,
                finding.service.clone(),
                finding.code,
                finding.object.clone(),
                finding.message.clone(),
            )
        };
        self.findings.sort_by_cached_key(key);
        self.findings.dedup();
        Inventory {
            images: images(self.images),
            mentioned: images(self.mentioned),
            findings: self.findings,
        }
    }
}

fn images(gathered: BTreeMap<Reference, Vec<Use>>) -> Vec<Image> {
    gathered
        .into_iter()
        .map(|(reference, uses)| Image {
            name: reference.to_string(),
            reference,
            uses,
        })
        .collect()
}

/// Returns the name that stands at a field: a text, or the parts of one in a map.
fn name_of(value: &Value) -> Result<String, String> {
    if let Some(text) = value.as_str() {
        return Ok(text.to_owned());
    }
    if !value.is_object() {
        return Err("it is no text".to_owned());
    }
    let Some(repository) = text(value, "/repository") else {
        return Err("it is a map without a repository".to_owned());
    };
    let registry = text(value, "/registry").map(|registry| format!("{registry}/"));
    let tag = text(value, "/tag").map(|tag| format!(":{tag}"));
    let digest = text(value, "/digest").map(|digest| format!("@{digest}"));
    Ok([registry, Some(repository.to_owned()), tag, digest]
        .into_iter()
        .flatten()
        .collect())
}

/// Tells whether Istio fills in the image named `auto`.
///
/// Source: Istio's documentation, "Installing Gateways".
fn is_injected(template: PodTemplate<'_>) -> bool {
    let Some(metadata) = template.metadata else {
        return false;
    };
    ["labels", "annotations"].iter().any(|holder| {
        let holder = metadata.get(holder).and_then(Value::as_object);
        holder.is_some_and(|holder| {
            holder.contains_key("sidecar.istio.io/inject")
                || holder.contains_key("inject.istio.io/templates")
        })
    })
}

fn below(place: &str, field: &str) -> String {
    if place.is_empty() {
        field.to_owned()
    } else {
        format!("{place}.{field}")
    }
}
