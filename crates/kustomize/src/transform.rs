//! Transformations: takes resources and what a kustomization asks for, changes namespaces, names,
//! labels, annotations, images and replicas, never references to names (they come last).

use std::collections::BTreeMap;

use crate::config::{Config, merge_all, merge_one};
use crate::definition::{Image, Labels, Placed, Replica};
use crate::error::{Error, Place};
use crate::fieldspec::{FieldSpec, Leaf, Specs, split, visit};
use crate::hash;
use crate::pattern::ImagePattern;
use crate::resource::Resource;
use crate::select::Matcher;
use crate::set::{Census, ResourceSet};
use crate::specs::METADATA_LABELS;
use crate::step::ValueTarget;
use crate::tree::{Map, Tree};

/// What becomes of the subjects of bindings when namespaces are set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Subjects {
    /// Those named `default` get the namespace.
    #[default]
    Default,
    /// All service accounts get it.
    ServiceAccounts,
    /// None gets it.
    None,
}

/// A namespace to set.
#[derive(Debug, Clone)]
pub(crate) struct Namespace {
    /// The namespace.
    pub(crate) name: Placed<String>,
    /// Fields beside the resource's own namespace.
    pub(crate) specs: Specs,
    /// Only fields that are empty are set.
    pub(crate) unset_only: bool,
    /// What becomes of the subjects of bindings.
    pub(crate) subjects: Subjects,
}

/// Sets the namespace of everything that has one.
pub(crate) fn set_namespace(set: &mut ResourceSet, namespace: &Namespace) -> Result<(), Error> {
    let Placed { value: name, place } = &namespace.name;
    if name.is_empty() {
        return Ok(());
    }
    let mut census = Census::new(&set.items);
    for resource in &mut set.items {
        if resource.from_chart {
            continue;
        }
        let before = resource.id();
        resource.store_id();
        set_one_namespace(resource, namespace)
            .map_err(|message| Error::failed(place, format!("{}: {message}", resource.id())))?;
        if census.change(before, resource.id()) > 1 {
            let id = resource.id();
            let message = format!("the namespace makes two resources the same: {id}");
            return Err(Error::failed(place, message));
        }
    }
    Ok(())
}

/// Sets the namespace of one resource.
pub(crate) fn set_one_namespace(
    resource: &mut Resource,
    namespace: &Namespace,
) -> Result<(), String> {
    let name = &namespace.name.value;
    let unset_only = namespace.unset_only;
    let set = |value: &mut Tree| {
        if unset_only && !value.spelling().is_empty() {
            return Ok(());
        }
        set_scalar(value, name)
    };
    let gvk = resource.gvk();
    if !gvk.is_cluster_scoped() && (!unset_only || resource.namespace().is_empty()) {
        resource.set_meta("namespace", name);
    }
    let binding = matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding");
    if binding
        && let Some(Tree::List(subjects)) = resource
            .tree
            .as_map_mut()
            .and_then(|map| map.get_mut("subjects"))
    {
        for subject in subjects.iter_mut().filter_map(Tree::as_map_mut) {
            let is = |field: &str, text: &str| {
                subject.get(field).is_some_and(|it| it.spelling() == text)
            };
            let chosen = match namespace.subjects {
                Subjects::Default => is("name", "default"),
                Subjects::ServiceAccounts => is("kind", "ServiceAccount"),
                Subjects::None => false,
            };
            if chosen {
                set(subject.entry("namespace".to_owned()).or_insert(Tree::Null))?;
            }
        }
    }
    let core = resource.api_version() == "v1";
    for spec in namespace.specs.iter() {
        let own = spec.path == "metadata/namespace"
            || (spec.path == "metadata/name" && !core)
            || (spec.path == "subjects/namespace" && binding);
        if !own {
            visit(&mut resource.tree, &gvk, spec, Leaf::Scalar, &mut |value| {
                set(value)
            })?;
        }
    }
    Ok(())
}

/// Puts a text in place of a scalar.
fn set_scalar(value: &mut Tree, text: &str) -> Result<(), String> {
    if !value.is_scalar() {
        return Err(format!("a string is expected, not {}", value.kind_name()));
    }
    *value = Tree::text(text);
    Ok(())
}

/// Which end of a name is extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The beginning.
    Prefix,
    /// The end.
    Suffix,
}

/// Extends the names of all resources but those whose names are not free to choose.
pub(crate) fn extend_names(
    set: &mut ResourceSet,
    end: End,
    text: &str,
    specs: &[FieldSpec],
) -> Result<(), String> {
    let mut extend = |value: &mut Tree| {
        if !value.is_scalar() {
            return Err(format!("a string is expected, not {}", value.kind_name()));
        }
        *value = Tree::Text(match end {
            End::Prefix => format!("{text}{}", value.spelling()),
            End::Suffix => format!("{}{text}", value.spelling()),
        });
        Ok(())
    };
    for resource in &mut set.items {
        let id = resource.original_id();
        let fixed = matches!(
            id.gvk.kind.as_str(),
            "CustomResourceDefinition" | "Namespace"
        ) || (id.gvk.kind == "APIService" && id.gvk.group == "apiregistration.k8s.io");
        if fixed {
            continue;
        }
        for spec in specs.iter().filter(|spec| id.gvk.is_selected(&spec.of)) {
            if spec.path == "metadata/name" {
                match end {
                    End::Prefix => resource.prefixes.push(text.to_owned()),
                    End::Suffix => resource.suffixes.push(text.to_owned()),
                }
                if !text.is_empty() {
                    resource.store_id();
                }
            }
            let gvk = resource.gvk();
            visit(&mut resource.tree, &gvk, spec, Leaf::None, &mut extend)
                .map_err(|message| format!("{}: {message}", resource.id()))?;
        }
    }
    Ok(())
}

/// Returns the fields that an entry of `labels` asks for.
pub(crate) fn label_specs(labels: &Labels, config: &Config) -> Result<Vec<FieldSpec>, String> {
    let mut specs = labels.fields.clone();
    merge_all(&mut specs, &config.labels)?;
    if labels.include_selectors {
        merge_all(&mut specs, &config.common_labels)?;
        return Ok(specs);
    }
    if labels.include_templates {
        merge_all(&mut specs, &config.template_labels)?;
    }
    if labels.include_volume_claim_templates {
        merge_all(&mut specs, &config.volume_claim_labels)?;
    }
    merge_one(&mut specs, &METADATA_LABELS[0])?;
    Ok(specs)
}

/// Adds labels or annotations.
pub(crate) fn add_pairs(
    set: &mut ResourceSet,
    pairs: &BTreeMap<String, String>,
    specs: &[FieldSpec],
    place: &Place,
) -> Result<(), Error> {
    if pairs.is_empty() {
        return Ok(());
    }
    let mut add = |value: &mut Tree| {
        let kind = value.kind_name();
        let map = value
            .as_map_mut()
            .ok_or_else(|| format!("a map is expected, not {kind}"))?;
        map.extend(
            pairs
                .iter()
                .map(|(key, value)| (key.clone(), Tree::text(value))),
        );
        Ok(())
    };
    for resource in &mut set.items {
        let gvk = resource.gvk();
        for spec in specs {
            visit(&mut resource.tree, &gvk, spec, Leaf::Map, &mut add)
                .map_err(|message| Error::failed(place, format!("{}: {message}", resource.id())))?;
        }
    }
    Ok(())
}

/// Sets the number of replicas of a resource by its name.
pub(crate) fn set_replicas(
    set: &mut ResourceSet,
    replica: &Placed<Replica>,
    specs: &[FieldSpec],
) -> Result<(), Error> {
    let Placed {
        value: Replica { name, count },
        place,
    } = replica;
    let mut found = false;
    for spec in specs {
        for resource in &mut set.items {
            if !resource.any_id(|id| id.name == *name && id.gvk.is_selected(&spec.of)) {
                continue;
            }
            found = true;
            let gvk = resource.gvk();
            let mut set_count = |value: &mut Tree| {
                if !value.is_scalar() {
                    return Err(format!("a number is expected, not {}", value.kind_name()));
                }
                *value = Tree::Number((*count).into());
                Ok(())
            };
            visit(&mut resource.tree, &gvk, spec, Leaf::Scalar, &mut set_count)
                .map_err(|message| Error::failed(place, message))?;
        }
    }
    if found {
        return Ok(());
    }
    let kinds: Vec<&str> = specs.iter().map(|spec| &*spec.of.kind).collect();
    let message = format!("there is no {} named {name}", kinds.join(", "));
    Err(Error::failed(place, message))
}

/// Replaces an image wherever it is named.
pub(crate) fn set_image(
    set: &mut ResourceSet,
    image: &Placed<Image>,
    specs: &[FieldSpec],
) -> Result<(), Error> {
    let Placed {
        value: image,
        place,
    } = image;
    // A name that is no regular expression matches nothing.
    let Some(pattern) = ImagePattern::new(&image.name) else {
        return Ok(());
    };
    let mut update = |value: &mut Tree| update_image(value, image, &pattern);
    for resource in &mut set.items {
        if resource.kind() == "CustomResourceDefinition" {
            continue;
        }
        let gvk = resource.gvk();
        let mut updated = update_containers(&mut resource.tree, &mut update);
        // Kustomize goes over the common places a second time, which shows with suffixes.
        for spec in specs {
            updated = updated
                .and_then(|()| visit(&mut resource.tree, &gvk, spec, Leaf::None, &mut update));
        }
        updated.map_err(|message| Error::failed(place, format!("{}: {message}", resource.id())))?;
    }
    Ok(())
}

/// Updates the images in lists named `containers` or `initContainers`, at any depth.
fn update_containers(
    tree: &mut Tree,
    update: &mut dyn FnMut(&mut Tree) -> Result<(), String>,
) -> Result<(), String> {
    match tree {
        Tree::List(items) => items
            .iter_mut()
            .try_for_each(|item| update_containers(item, update)),
        Tree::Map(map) => {
            for (key, value) in map.iter_mut() {
                update_containers(value, update)?;
                if let (Tree::List(items), "containers" | "initContainers") = (value, key.as_str())
                {
                    for image in items.iter_mut().filter_map(image_of) {
                        update(image)?;
                    }
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn image_of(container: &mut Tree) -> Option<&mut Tree> {
    container
        .as_map_mut()
        .and_then(|map: &mut Map| map.get_mut("image"))
        .filter(|it| !it.is_null())
}

fn update_image(value: &mut Tree, image: &Image, pattern: &ImagePattern) -> Result<(), String> {
    if !value.is_scalar() {
        return Err(format!(
            "an image must be a string, not {}",
            value.kind_name()
        ));
    }
    let reference = value.spelled();
    if !pattern.fits(&reference) {
        return Ok(());
    }
    let (name, mut tag, mut digest) = split_image(&reference);
    let mut name = if image.new_name.is_empty() {
        name
    } else {
        image.new_name.clone()
    };
    match (
        image.new_tag.as_str(),
        image.digest.as_str(),
        image.tag_suffix.as_str(),
    ) {
        ("", "", "") => {}
        ("", "", suffix) => {
            tag.push_str(suffix);
            digest.clear();
        }
        (new_tag, new_digest, _) => {
            new_tag.clone_into(&mut tag);
            new_digest.clone_into(&mut digest);
        }
    }
    if !tag.is_empty() {
        name = format!("{name}:{tag}");
    }
    if !digest.is_empty() {
        name = format!("{name}@{digest}");
    }
    *value = Tree::Text(name);
    Ok(())
}

/// Splits an image into name, tag and digest.
fn split_image(reference: &str) -> (String, String, String) {
    let (front, digest) = reference.split_once('@').unwrap_or((reference, ""));
    // A colon before the first slash belongs to a port.
    let slash = front.find('/').unwrap_or(0);
    let (name, tag) = match front[slash..].find(':') {
        Some(at) => (&front[..slash + at], &front[slash + at + 1..]),
        None => (front, ""),
    };
    (name.to_owned(), tag.to_owned(), digest.to_owned())
}

/// Adds the suffix made of the content to generated names.
pub(crate) fn add_hashes(set: &mut ResourceSet) {
    for resource in set.items.iter_mut().filter(|resource| resource.needs_hash) {
        resource.store_id();
        let name = format!("{}-{}", resource.name(), hash::suffix(resource));
        resource.set_meta("name", &name);
    }
}

/// Puts a value into fields.
pub(crate) fn add_value(
    set: &mut ResourceSet,
    value: &str,
    targets: &[ValueTarget],
) -> Result<(), String> {
    for target in targets {
        let matcher = target.select.as_ref().map(Matcher::new).transpose()?;
        for resource in &mut set.items {
            if matcher.as_ref().is_some_and(|it| !it.matches(resource)) {
                continue;
            }
            let done = if target.path == "metadata/namespace" {
                let namespace = Namespace {
                    name: Placed {
                        value: value.to_owned(),
                        place: resource.place.clone(),
                    },
                    specs: Specs::default(),
                    unset_only: false,
                    subjects: Subjects::default(),
                };
                set_one_namespace(resource, &namespace)
            } else {
                add_one_value(&mut resource.tree, value, target)
            };
            done.map_err(|message| format!("{}: {}: {message}", resource.id(), target.path))?;
        }
    }
    Ok(())
}

fn add_one_value(tree: &mut Tree, value: &str, target: &ValueTarget) -> Result<(), String> {
    let mut field = tree;
    let parts: Vec<String> = split(&target.path)
        .into_iter()
        .filter(|part| !part.trim().is_empty())
        .collect();
    for (at, part) in parts.iter().enumerate() {
        let kind = field.kind_name();
        let map = field
            .as_map_mut()
            .ok_or_else(|| format!("a map is expected at {part}, not {kind}"))?;
        let next = map.entry(part.clone()).or_insert(Tree::Null);
        if next.is_null() && at + 1 < parts.len() {
            *next = Tree::Map(Map::new());
        }
        field = next;
    }
    let text = match target.position {
        0 => value.to_owned(),
        position => with_part(&field.spelling(), position - 1, value),
    };
    set_scalar(field, &text)
}

/// Puts a part into a path of files; a leading slash does not count as a part.
fn with_part(path: &str, position: usize, part: &str) -> String {
    let (root, path) = match path.strip_prefix('/') {
        Some(path) => ("/", path),
        None => ("", path),
    };
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.insert(position.min(parts.len()), part);
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::split_image;

    #[test]
    fn images_have_name_tag_and_digest() {
        for (reference, name, tag, digest) in [
            ("nginx", "nginx", "", ""),
            ("nginx:1", "nginx", "1", ""),
            ("host:5000/a/b", "host:5000/a/b", "", ""),
            ("host:5000/a/b:2", "host:5000/a/b", "2", ""),
            ("a/b@sha256:12", "a/b", "", "sha256:12"),
            ("a/b:1@sha256:12", "a/b", "1", "sha256:12"),
        ] {
            let expected = (name.to_owned(), tag.to_owned(), digest.to_owned());
            assert_eq!(split_image(reference), expected, "{reference}");
        }
    }
}
