//! What the services of a platform bring, indexed: takes rendered services, gives look-ups by kind
//! and name, never draws a conclusion.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::definition::{EVERY_KIND, ServiceRule, Thing};
use crate::render::{BuiltinKind, Object, RenderedService, builtin_kind};
use crate::source::Source;

use super::knowledge::{Knowledge, Named, Rules, expand};

use crate::render::pod::{items, pod_template, text};

/// One object and the service that brings it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owned<'a> {
    /// The service's index.
    pub(super) service: usize,
    /// The object.
    pub(super) object: &'a Object,
}

/// A kind that a service brings by a CustomResourceDefinition.
#[derive(Debug, Clone)]
pub(super) struct DefinedKind<'a> {
    pub(super) owner: Owned<'a>,
    pub(super) plural: &'a str,
    pub(super) namespaced: bool,
    pub(super) served: Vec<&'a str>,
    /// True where reading and writing its objects goes through a webhook.
    pub(super) converted: bool,
}

/// The API resource behind a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'a> {
    pub(super) group: &'a str,
    pub(super) plural: &'a str,
    pub(super) namespaced: bool,
}

/// Group, kind, namespace (empty where there is none) and name.
type Key<'k> = (&'k str, &'k str, &'k str, &'k str);

type OwnedKey = (String, String, String, String);

/// All services of an environment with their objects indexed.
#[derive(Debug)]
pub(super) struct Platform<'a> {
    pub(super) services: &'a [RenderedService],
    defined: BTreeMap<(String, String), DefinedKind<'a>>,
    objects: BTreeMap<OwnedKey, Vec<Owned<'a>>>,
    namespaces: BTreeMap<String, Vec<Owned<'a>>>,
    pub(super) rules: Rules<'a>,
    /// What is made of other objects, by group, kind and name.
    products: BTreeMap<(String, String, String), Vec<Product<'a>>>,
    /// Kinds that are made of other objects.
    made_kinds: Vec<(Named, Owned<'a>)>,
}

/// Something that an operator makes of an object.
#[derive(Debug)]
struct Product<'a> {
    /// The namespace, `*` for every one.
    namespace: String,
    maker: Owned<'a>,
}

/// Something that a file says a service brings while it runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) service: usize,
    pub(super) source: &'a Source,
}

impl<'a> Platform<'a> {
    /// Indexes rendered services.
    pub(super) fn new(services: &'a [RenderedService], knowledge: &Knowledge<'a>) -> Self {
        let mut platform = Self {
            services,
            defined: BTreeMap::new(),
            objects: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            rules: Rules::new(knowledge),
            products: BTreeMap::new(),
            made_kinds: Vec::new(),
        };
        for (service, rendered) in services.iter().enumerate() {
            for object in rendered.objects.iter().chain(&rendered.implied_namespace) {
                platform.add(Owned { service, object });
            }
        }
        let mut products = Vec::new();
        for owned in platform.objects() {
            for rule in platform.rules.of(owned.object) {
                let made = rule.makes.iter();
                let made = made.flat_map(|made| expand(made, owned.object));
                products.extend(made.map(|named| (named, owned)));
            }
        }
        for (named, owned) in products {
            platform.add_product(named, owned);
        }
        platform
    }

    fn add_product(&mut self, named: Named, maker: Owned<'a>) {
        if let Some(name) = named.name {
            let key = (named.group, named.kind, name);
            let namespace = named.namespace;
            let product = Product { namespace, maker };
            self.products.entry(key).or_default().push(product);
        } else {
            self.made_kinds.push((named, maker));
        }
    }

    /// Returns the object that an operator makes another of: the first, or one of the preferred
    /// service.
    pub(super) fn maker(&self, key: Key<'_>, preferred: usize) -> Option<Owned<'a>> {
        let (group, kind, namespace, name) = key;
        let key = (group.to_owned(), kind.to_owned(), name.to_owned());
        let products = self.products.get(&key)?.iter();
        let mut makers = products
            .filter(|product| product.namespace == "*" || product.namespace == namespace)
            .map(|product| product.maker);
        let first = makers.next()?;
        if first.service == preferred {
            return Some(first);
        }
        Some(
            makers
                .find(|maker| maker.service == preferred)
                .unwrap_or(first),
        )
    }

    /// Returns the object of which an operator makes a kind.
    pub(super) fn maker_of_kind(&self, group: &str, kind: &str) -> Option<Owned<'a>> {
        let found = self.made_kinds.iter().find(|(made, _)| {
            let is_of_group = match made.group.strip_prefix('*') {
                Some(ending) => group.ends_with(ending),
                None => made.group == group,
            };
            is_of_group && (made.kind == kind || made.kind == EVERY_KIND)
        });
        found.map(|(_, maker)| *maker)
    }

    /// Returns who is said to bring something while it runs, by the rules that the predicate takes.
    pub(super) fn told(&self, is_it: impl Fn(&Thing) -> bool) -> Option<Told<'a>> {
        let found = self.rules.provides.iter().find(|rule| is_it(&rule.what))?;
        self.told_by(found)
    }

    fn told_by(&self, rule: &'a ServiceRule) -> Option<Told<'a>> {
        Some(Told {
            service: self.index_of(&rule.service)?,
            source: &rule.source,
        })
    }

    /// Returns who is said to bring an object.
    pub(super) fn told_object(&self, key: Key<'_>) -> Option<Told<'a>> {
        self.told(|thing| match thing {
            Thing::Object {
                api_group,
                kind,
                namespace,
                name,
            } => {
                let namespace = namespace.as_deref().unwrap_or_default();
                (api_group.as_str(), kind.as_str(), namespace, name.as_str()) == key
            }
            _ => false,
        })
    }

    /// Returns who is said to bring a kind.
    pub(super) fn told_kind(&self, group: &str, kind: &str) -> Option<Told<'a>> {
        self.told(|thing| match thing {
            Thing::Kind {
                api_group,
                kind: told,
            } => api_group == group && (told == kind || told == EVERY_KIND),
            _ => false,
        })
    }

    /// Returns the service whose program works on the objects of a kind: the one that ships the
    /// kind, unless it brings no pods; then the one with pods that is given rights on them, and who
    /// gives these.
    pub(super) fn operator(&self, defined: &DefinedKind<'a>) -> (usize, Option<Owned<'a>>) {
        let owner = defined.owner;
        if self.brings_pods(owner.service) {
            return (owner.service, None);
        }
        let group = owner.object.manifest.pointer("/spec/group");
        let works_on = |role: &Owned<'a>| {
            items(&role.object.manifest, "rules").any(|rule| {
                let has = |key: &str, wanted: &[&str]| {
                    let mut found = items(rule, key).filter_map(Value::as_str);
                    found.any(|item| wanted.contains(&item))
                };
                let status = format!("{}/status", defined.plural);
                has(
                    "apiGroups",
                    &[group.and_then(Value::as_str).unwrap_or_default()],
                ) && has("resources", &[defined.plural, &status, "*"])
                    && has("verbs", &["update", "patch", "*"])
            })
        };
        let roles = self.of_kind("rbac.authorization.k8s.io", "ClusterRole");
        let role = roles
            .filter(|role| role.service != owner.service && self.brings_pods(role.service))
            .find(works_on);
        role.map_or((owner.service, None), |role| (role.service, Some(role)))
    }

    fn brings_pods(&self, service: usize) -> bool {
        let objects = self.services[service].objects.iter();
        objects
            .filter(|object| !object.hook)
            .any(|object| pod_template(&object.id.kind, &object.manifest).is_some())
    }

    fn add(&mut self, owned: Owned<'a>) {
        let id = &owned.object.id;
        match id.group_kind() {
            ("apiextensions.k8s.io", "CustomResourceDefinition") => {
                if let Some((key, defined)) = definition(owned) {
                    self.defined.entry(key).or_insert(defined);
                }
            }
            ("", "Namespace") => {
                self.namespaces
                    .entry(id.name.clone())
                    .or_default()
                    .push(owned);
            }
            _ => {}
        }
        let namespace = id.namespace.as_deref().unwrap_or_default();
        let key = (id.group(), id.kind.as_str(), namespace, id.name.as_str());
        self.objects.entry(owned_key(key)).or_default().push(owned);
    }

    /// Returns the index of a service.
    pub(super) fn index_of(&self, service: &str) -> Option<usize> {
        let mut services = self.services.iter();
        services.position(|one| one.name == service)
    }

    /// Returns every object with its service, implied Namespaces left out.
    pub(super) fn objects(&self) -> impl Iterator<Item = Owned<'a>> + use<'a> {
        self.services
            .iter()
            .enumerate()
            .flat_map(|(service, rendered)| {
                rendered
                    .objects
                    .iter()
                    .map(move |object| Owned { service, object })
            })
    }

    /// Returns the services that bring an object of this identity, in their order.
    pub(super) fn find(&self, key: Key<'_>) -> &[Owned<'a>] {
        self.objects.get(&owned_key(key)).map_or(&[], Vec::as_slice)
    }

    /// Returns all objects of a kind.
    pub(super) fn of_kind(&self, group: &str, kind: &str) -> impl Iterator<Item = Owned<'a>> {
        self.objects
            .range(owned_key((group, kind, "", ""))..)
            .take_while(move |((found_group, found_kind, _, _), _)| {
                found_group == group && found_kind == kind
            })
            .flat_map(|(_, owned)| owned.iter().copied())
    }

    /// Returns who creates a namespace, be it as an object or by `CreateNamespace=true`.
    pub(super) fn namespace(&self, name: &str) -> &[Owned<'a>] {
        self.namespaces.get(name).map_or(&[], Vec::as_slice)
    }

    /// Returns the kind that a service of the platform defines.
    pub(super) fn defined(&self, group: &str, kind: &str) -> Option<&DefinedKind<'a>> {
        self.defined.get(&(group.to_owned(), kind.to_owned()))
    }

    /// Returns every kind that services define.
    pub(super) fn defined_kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.defined
            .keys()
            .map(|(group, kind)| (group.as_str(), kind.as_str()))
    }

    /// Returns the API resource of an object's kind, where Kubernetes or a service has it.
    pub(super) fn resource(&self, object: &'a Object) -> Option<Resource<'a>> {
        let (group, kind) = object.id.group_kind();
        if let Some(BuiltinKind {
            group,
            plural,
            namespaced,
            ..
        }) = builtin_kind(group, kind)
        {
            return Some(Resource {
                group,
                plural,
                namespaced: *namespaced,
            });
        }
        let defined = self.defined(group, kind)?;
        Some(Resource {
            group,
            plural: defined.plural,
            namespaced: defined.namespaced,
        })
    }

    /// Returns the labels that a namespace will have as far as the platform says.
    pub(super) fn namespace_labels(&self, name: &str) -> BTreeMap<String, String> {
        let mut labels = BTreeMap::new();
        for owned in self.namespace(name) {
            labels.extend(labels_of(owned.object.manifest.get("metadata")));
        }
        labels.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
        labels
    }
}

/// Returns the labels of an object's metadata.
pub(super) fn labels_of(metadata: Option<&Value>) -> BTreeMap<String, String> {
    let labels = metadata
        .and_then(|metadata| metadata.get("labels"))
        .and_then(Value::as_object);
    labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn owned_key((group, kind, namespace, name): Key<'_>) -> OwnedKey {
    (
        group.to_owned(),
        kind.to_owned(),
        namespace.to_owned(),
        name.to_owned(),
    )
}

fn definition(owned: Owned<'_>) -> Option<((String, String), DefinedKind<'_>)> {
    let manifest = &owned.object.manifest;
    let group = text(manifest, "/spec/group")?;
    let kind = text(manifest, "/spec/names/kind")?;
    let served = items(manifest.get("spec")?, "versions")
        .filter(|version| version.get("served").and_then(Value::as_bool) != Some(false))
        .filter_map(|version| text(version, "/name"))
        .collect();
    let defined = DefinedKind {
        owner: owned,
        plural: text(manifest, "/spec/names/plural")?,
        namespaced: text(manifest, "/spec/scope") == Some("Namespaced"),
        served,
        converted: text(manifest, "/spec/conversion/strategy") == Some("Webhook"),
    };
    Some(((group.to_owned(), kind.to_owned()), defined))
}
