//! Patches: takes resources and patches of either kind, gives the resources changed, never reads a
//! file.

use crate::definition::Patch;
use crate::error::{Error, Place};
use crate::json_patch;
use crate::merge::strategic_merge;
use crate::resource::{Resource, read_resources};
use crate::schema::Schema;
use crate::select::Matcher;
use crate::set::ResourceSet;
use crate::tree::Tree;

/// Merges patches into the resources that they name.
pub(crate) fn merge_all(
    set: &mut ResourceSet,
    patches: &[Resource],
    place: &Place,
    schema: Option<&Schema>,
) -> Result<(), Error> {
    patches
        .iter()
        .try_for_each(|patch| apply_by_identity(set, patch, place, Freedom::default(), schema))
}

/// Applies a patch of either kind, whose text was read from `file`.
pub(crate) fn apply(
    set: &mut ResourceSet,
    patch: &Patch,
    (file, text): (&str, &str),
    schema: Option<&Schema>,
) -> Result<(), Error> {
    let place = &patch.place;
    // It cannot be both: one is made of maps, the other is a list.
    let merges = match read_resources(file, text) {
        Ok(merges) => merges,
        Err(merge) => match read_operations(text) {
            Ok(operations) => return apply_operations(set, patch, &operations, true),
            Err(operation) => {
                let message = format!(
                    "neither a strategic merge patch ({merge}) nor a JSON patch ({operation})"
                );
                return Err(Error::failed(place, message));
            }
        },
    };
    let freedom = Freedom {
        name: patch.allow_name_change,
        kind: patch.allow_kind_change,
    };
    let Some(target) = &patch.target else {
        return merges
            .iter()
            .try_for_each(|merge| apply_by_identity(set, merge, place, freedom, schema));
    };
    let merge = match merges.as_slice() {
        [merge] => merge,
        [] => return Ok(()),
        _ => {
            let message = format!("a patch with a target must be one, not {}", merges.len());
            return Err(Error::failed(place, message));
        }
    };
    let matcher = Matcher::new(target).map_err(|message| Error::failed(place, message))?;
    let selected: Vec<usize> = (0..set.items.len())
        .filter(|at| matcher.matches(&set.items[*at]))
        .collect();
    selected
        .into_iter()
        .try_for_each(|at| apply_merge(&mut set.items[at], merge, place, freedom, schema))
}

/// Applies a JSON patch, whose target must have a name.
pub(crate) fn apply_json(set: &mut ResourceSet, patch: &Patch, text: &str) -> Result<(), Error> {
    if patch
        .target
        .as_ref()
        .is_none_or(|target| target.name.is_empty())
    {
        return Err(Error::failed(&patch.place, "the target has no name"));
    }
    let operations =
        read_operations(text).map_err(|message| Error::failed(&patch.place, message))?;
    if operations.is_empty() {
        return Err(Error::failed(&patch.place, "the patch is empty"));
    }
    apply_operations(set, patch, &operations, false)
}

/// What a patch may change besides the rest.
#[derive(Clone, Copy, Default)]
struct Freedom {
    name: bool,
    kind: bool,
}

/// Applies a strategic merge patch to the resource that it names.
fn apply_by_identity(
    set: &mut ResourceSet,
    patch: &Resource,
    place: &Place,
    freedom: Freedom,
    schema: Option<&Schema>,
) -> Result<(), Error> {
    let at = set
        .position_of(&patch.id())
        .map_err(|message| Error::failed(place, message))?;
    apply_merge(&mut set.items[at], patch, place, freedom, schema)
}

fn apply_merge(
    resource: &mut Resource,
    patch: &Resource,
    place: &Place,
    freedom: Freedom,
    schema: Option<&Schema>,
) -> Result<(), Error> {
    let (before, api_version) = (resource.id(), resource.api_version());
    if freedom.name || freedom.kind {
        resource.store_id();
    }
    let mut patch = patch.tree.clone();
    if let Some(map) = patch.as_map_mut() {
        // The patch is for whatever it is applied to.
        map.insert("apiVersion".to_owned(), Tree::Text(api_version));
    }
    let tree = std::mem::replace(&mut resource.tree, Tree::Null);
    let merged = strategic_merge(tree, &patch, schema)
        .map_err(|message| Error::failed(place, format!("{before}: {message}")))?;
    let Some(merged) = merged else { return Ok(()) };
    resource.tree = merged;
    if !freedom.kind
        && let Some(map) = resource.tree.as_map_mut()
    {
        map.insert("kind".to_owned(), Tree::Text(before.gvk.kind));
    }
    if !freedom.name {
        resource.set_meta("name", &before.name);
    }
    resource.set_meta("namespace", &before.namespace);
    Ok(())
}

/// Reads a JSON patch, written in JSON or YAML; what begins with a bracket must be JSON.
fn read_operations(text: &str) -> Result<Vec<json_patch::Operation>, String> {
    if text.starts_with('[') {
        let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        return json_patch::read(&value);
    }
    let node = goyaml::parse(text).map_err(|error| error.to_string())?;
    json_patch::read(&node.to_json())
}

fn apply_operations(
    set: &mut ResourceSet,
    patch: &Patch,
    operations: &[json_patch::Operation],
    store: bool,
) -> Result<(), Error> {
    let fail = |message: String| Error::failed(&patch.place, message);
    let target = patch
        .target
        .as_ref()
        .ok_or_else(|| fail("a JSON patch needs a target".into()))?;
    let matcher = Matcher::new(target).map_err(fail)?;
    for resource in set
        .items
        .iter_mut()
        .filter(|resource| matcher.matches(resource))
    {
        let id = resource.id();
        if store {
            resource.store_id();
        }
        if resource.has_history()
            && let Some(metadata) = resource.tree.map_under("metadata")
        {
            let annotations = metadata.entry("annotations".to_owned());
            annotations.or_insert(Tree::Map(crate::tree::Map::new()));
        }
        let mut value = resource.tree.clone().into_output();
        json_patch::apply(&mut value, operations)
            .map_err(|message| fail(format!("{id}: {message}")))?;
        resource.tree = Tree::from_json(&value);
    }
    Ok(())
}
