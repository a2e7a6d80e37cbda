//! Kustomize: takes a folder with a kustomization, gives the resources that `kustomize build`
//! prints, never asks a cluster, runs a program or fetches anything.
//!
//! It follows Kustomize v5.8: resources and bases, components, generators with name suffixes,
//! namespace, name prefix and suffix with references updated, labels, annotations, strategic merge
//! and JSON patches, images, replicas, and the order of the output. What Kustomize knows beyond
//! that (replacements, vars, Helm charts, plugins, custom schemas, remote bases) is refused by name
//! and place.
//!
//! Known differences: a value left blank within `{}` or `[]` is null here (Kustomize prints an empty
//! string), so is a time with a space in them a time (a text there), and lists of ports in which
//! one port stands several times, some without a protocol, may merge otherwise.

mod accumulate;
mod definition;
mod error;
mod fieldspec;
mod files;
mod generate;
mod hash;
mod id;
mod json_patch;
mod merge;
mod mergekeys;
mod options;
mod order;
mod references;
mod refspecs;
mod resource;
mod select;
mod set;
mod specs;
mod transform;
mod tree;

pub use error::{Error, Place};
pub use files::{DiskFiles, FileSystem, MAX_FILE_BYTES, MemoryFiles};
pub use options::{LabelScope, Options};

use accumulate::Build;
use set::ResourceSet;
use tree::Tree;

/// What keeps a resource out of the output.
const LOCAL: &str = "config.kubernetes.io/local-config";

/// A resource of the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The manifest.
    pub manifest: serde_json::Value,
    /// The file and line that it comes from: its document, or its generator's entry.
    pub source: Place,
}

/// Builds the kustomization in a folder, given as relative to the root of `files`.
pub fn build(
    files: &dyn FileSystem,
    directory: &str,
    options: &Options,
) -> Result<Vec<Resource>, Error> {
    let build = Build::new(files, directory.trim_matches('/'));
    let mut kustomization = build.read()?;
    options.apply(&mut kustomization)?;
    let mut set = build.run(&kustomization, ResourceSet::default())?;
    for resource in set.items.iter_mut().filter(|resource| resource.needs_hash) {
        resource.store_id();
        let name = format!("{}-{}", resource.name(), hash::suffix(resource));
        resource.set_meta("name", &name);
    }
    references::update(&mut set)
        .map_err(|(at, message)| Error::failed(&set.items[at].place, message))?;
    set.items.retain(|resource| {
        let local = resource
            .tree
            .at(&["metadata", "annotations", LOCAL])
            .map(Tree::spelling);
        local.is_none_or(|local| local == "false")
    });
    order::sort(&mut set, &kustomization.order);
    let finished = set.items.into_iter().map(|mut resource| {
        // Kustomize writes annotations anew: texts all of them, and none at all if there is none.
        let annotations = resource.string_map(&["metadata", "annotations"]);
        resource.set_string_map("annotations", annotations);
        Resource {
            manifest: resource.tree.into_json(),
            source: resource.place,
        }
    });
    Ok(finished.collect())
}
