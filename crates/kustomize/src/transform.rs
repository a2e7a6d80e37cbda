//! Transformations: takes resources and what a kustomization asks for, changes namespaces, names,
//! labels, annotations, images and replicas, never references to names (they come last).

use std::collections::BTreeMap;

use regex::Regex;

use crate::definition::{Image, Labels, Placed, Replica};
use crate::error::{Error, Place};
use crate::fieldspec::{FieldSpec, Leaf, visit};
use crate::id::Selector;
use crate::resource::Resource;
use crate::set::ResourceSet;
use crate::specs;
use crate::tree::{Map, Tree};

/// Sets the namespace of everything that has one.
pub(crate) fn set_namespace(
    set: &mut ResourceSet,
    namespace: &Placed<String>,
) -> Result<(), Error> {
    let Placed { value: name, place } = namespace;
    for at in 0..set.items.len() {
        let resource = &mut set.items[at];
        resource.store_id();
        set_one_namespace(resource, name)
            .map_err(|message| Error::failed(place, format!("{}: {message}", resource.id())))?;
        let id = set.items[at].id();
        if set
            .items
            .iter()
            .filter(|other| other.id().same(&id))
            .count()
            > 1
        {
            let message = format!("the namespace makes two resources the same: {id}");
            return Err(Error::failed(place, message));
        }
    }
    Ok(())
}

fn set_one_namespace(resource: &mut Resource, name: &str) -> Result<(), String> {
    let gvk = resource.gvk();
    if !gvk.is_cluster_scoped() {
        resource.set_meta("namespace", name);
    }
    if gvk.kind == "Namespace" && resource.api_version() == "v1" {
        resource.set_meta("name", name);
    }
    if matches!(gvk.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")
        && let Some(Tree::List(subjects)) = resource
            .tree
            .as_map_mut()
            .and_then(|map| map.get_mut("subjects"))
    {
        for subject in subjects.iter_mut().filter_map(Tree::as_map_mut) {
            if subject
                .get("name")
                .is_some_and(|it| it.spelling() == "default")
            {
                subject.insert("namespace".to_owned(), Tree::text(name));
            }
        }
    }
    for spec in specs::NAMESPACES {
        visit(&mut resource.tree, &gvk, spec, Leaf::Scalar, &mut |value| {
            set_scalar(value, name)
        })?;
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
pub(crate) fn extend_names(set: &mut ResourceSet, end: End, text: &str) {
    for resource in &mut set.items {
        let id = resource.original_id();
        let fixed = matches!(
            id.gvk.kind.as_str(),
            "CustomResourceDefinition" | "Namespace"
        ) || (id.gvk.kind == "APIService" && id.gvk.group == "apiregistration.k8s.io");
        if fixed {
            continue;
        }
        resource.store_id();
        let name = resource.name();
        match end {
            End::Prefix => {
                resource.prefixes.push(text.to_owned());
                resource.set_meta("name", &format!("{text}{name}"));
            }
            End::Suffix => {
                resource.suffixes.push(text.to_owned());
                resource.set_meta("name", &format!("{name}{text}"));
            }
        }
    }
}

/// Adds labels where an entry of `labels` asks for them.
pub(crate) fn add_labels(
    set: &mut ResourceSet,
    labels: &Labels,
    place: &Place,
) -> Result<(), Error> {
    let mut specs: Vec<FieldSpec<'_>> = labels
        .fields
        .iter()
        .map(|field| FieldSpec {
            of: Selector {
                group: &field.group,
                version: &field.version,
                kind: &field.kind,
            },
            path: &field.path,
            create: field.create,
        })
        .collect();
    if labels.include_selectors {
        specs.extend(specs::common_labels());
    } else {
        if labels.include_templates {
            specs.extend(specs::METADATA_LABELS);
        }
        if labels.include_volume_claim_templates {
            specs.extend(specs::VOLUME_CLAIM_LABELS);
        }
        specs.push(specs::METADATA_LABELS[0]);
    }
    add_pairs(set, &labels.pairs, &specs, place)
}

/// Adds common labels everywhere, selectors included.
pub(crate) fn add_common_labels(
    set: &mut ResourceSet,
    labels: &BTreeMap<String, String>,
    place: &Place,
) -> Result<(), Error> {
    add_pairs(set, labels, &specs::common_labels(), place)
}

/// Adds common annotations.
pub(crate) fn add_annotations(
    set: &mut ResourceSet,
    annotations: &BTreeMap<String, String>,
    place: &Place,
) -> Result<(), Error> {
    add_pairs(set, annotations, &specs::ANNOTATIONS, place)
}

fn add_pairs(
    set: &mut ResourceSet,
    pairs: &BTreeMap<String, String>,
    specs: &[FieldSpec<'_>],
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
            visit(&mut resource.tree, &gvk, *spec, Leaf::Map, &mut add)
                .map_err(|message| Error::failed(place, format!("{}: {message}", resource.id())))?;
        }
    }
    Ok(())
}

/// Sets the number of replicas of a resource by its name.
pub(crate) fn set_replicas(set: &mut ResourceSet, replica: &Placed<Replica>) -> Result<(), Error> {
    let Placed {
        value: Replica { name, count },
        place,
    } = replica;
    let mut found = false;
    for spec in specs::REPLICAS {
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
    let kinds = "Deployment, ReplicationController, ReplicaSet or StatefulSet";
    Err(Error::failed(
        place,
        format!("there is no {kinds} named {name}"),
    ))
}

/// Replaces an image wherever it is named.
pub(crate) fn set_image(set: &mut ResourceSet, image: &Placed<Image>) -> Result<(), Error> {
    let Placed {
        value: image,
        place,
    } = image;
    let tag = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?";
    // A name that is no regular expression matches nothing.
    let Ok(pattern) = Regex::new(&format!("^{}{tag}$", image.name)) else {
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
        for spec in specs::IMAGES {
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
            for (key, value) in map {
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

fn update_image(value: &mut Tree, image: &Image, pattern: &Regex) -> Result<(), String> {
    if !value.is_scalar() {
        return Err(format!(
            "an image must be a string, not {}",
            value.kind_name()
        ));
    }
    let reference = value.spelling();
    if !pattern.is_match(&reference) {
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
