//! Kustomize: takes a folder with a kustomization, gives the resources that `kustomize build`
//! prints, never asks a cluster, runs a program or fetches anything.
//!
//! It follows Kustomize v5.8 in all fields of a kustomization and all plugins of the built-in kinds.
//! Charts are rendered and remote bases fetched by the caller ([`Tools`]); without that they are
//! refused by name and place, as are functions and other plugins that would run a program.
//!
//! Known differences: a value left blank within `{}` or `[]` is null here (Kustomize prints an empty
//! string), so is a time with a space in them a time (a text there), and lists of ports in which
//! one port stands several times, some without a protocol, may merge otherwise. A replacement within
//! YAML (not JSON) that a text holds is refused. A custom schema says how lists are merged, not which
//! kinds have namespaces.

mod accumulate;
mod config;
mod definition;
mod error;
mod fieldspec;
mod files;
mod folded;
mod generate;
mod hash;
mod helm;
mod id;
mod json_patch;
mod loader;
mod map;
mod merge;
mod mergekeys;
mod need;
mod options;
mod order;
mod origin;
mod outside;
mod patch;
mod path;
mod pattern;
mod plugin;
mod references;
mod refspecs;
mod remote;
mod replace;
mod resource;
mod schema;
mod select;
mod set;
mod specs;
mod step;
mod transform;
mod tree;
mod variables;

pub use error::{Error, Place};
pub use files::{DiskFiles, FileSystem, MAX_FILE_BYTES, MemoryFiles};
pub use need::{Need, Wanted, needs};
pub use options::{LabelScope, Options};
pub use outside::{ChartRequest, Charts, Remotes, Tools};
pub use remote::Remote;

use std::collections::BTreeMap;

use accumulate::{Accumulated, Build};
use definition::Order;
use loader::{Loader, Session};
use tree::Tree;

/// What keeps a resource out of the output.
const LOCAL: &str = "config.kubernetes.io/local-config";
/// The label that names the program that made a resource.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// What Kustomize writes there: the version that is followed.
const MANAGER: &str = "kustomize-v5.8.2";

/// A resource of the output.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The manifest.
    pub manifest: serde_json::Value,
    /// The namespace that it is in, as far as Kustomize knows; none for kinds that have none.
    pub namespace: Option<String>,
    /// The file and line that it comes from: its document, or its generator's entry.
    pub source: Place,
}

/// A resource of the output as Kustomize prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Its YAML.
    pub text: String,
    /// The API version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The namespace that it is in, as far as Kustomize knows; none for kinds that have none.
    pub namespace: Option<String>,
}

/// Builds the kustomization in a folder, given as relative to the root of `files`. Charts and remote
/// bases are refused.
pub fn build(
    files: &dyn FileSystem,
    directory: &str,
    options: &Options,
) -> Result<Vec<Resource>, Error> {
    build_with(files, directory, options, Tools::default())
}

/// Builds the kustomization in a folder with what the caller does for it.
pub fn build_with(
    files: &dyn FileSystem,
    directory: &str,
    options: &Options,
    tools: Tools<'_>,
) -> Result<Vec<Resource>, Error> {
    let built = resources(files, directory, options, tools)?;
    let finished = built.into_iter().map(|resource| Resource {
        namespace: namespace_of(&resource),
        manifest: resource.tree.into_output(),
        source: resource.place,
    });
    Ok(finished.collect())
}

/// Builds the kustomization in a folder with what the caller does for it, to be printed.
pub fn print(
    files: &dyn FileSystem,
    directory: &str,
    options: &Options,
    tools: Tools<'_>,
) -> Result<Vec<Printed>, Error> {
    let built = resources(files, directory, options, tools)?;
    let print = |resource: &resource::Resource| {
        let text = goyaml::to_string(&resource.tree)
            .map_err(|error| Error::failed(&resource.place, error.to_string()))?;
        Ok(Printed {
            text,
            api_version: resource.api_version(),
            kind: resource.kind(),
            name: resource.name(),
            namespace: namespace_of(resource),
        })
    };
    let printed = built.iter().map(print).collect();
    // To take the manifests apart piece by piece takes as long as to make them; whoever prints is
    // about to end.
    std::mem::forget(built);
    printed
}

fn namespace_of(resource: &resource::Resource) -> Option<String> {
    let id = resource.id();
    (!id.gvk.is_cluster_scoped()).then(|| id.effective_namespace().to_owned())
}

fn resources(
    files: &dyn FileSystem,
    directory: &str,
    options: &Options,
    tools: Tools<'_>,
) -> Result<Vec<resource::Resource>, Error> {
    let session = Session::new(options, tools);
    let loader = Loader::new(&session, files, directory.trim_matches('/'))?;
    let mut build = Build::new(loader);
    let mut kustomization = build.read()?;
    options.apply(&mut kustomization)?;
    if !kustomization.build_metadata.is_empty() {
        build.note_origins();
    }
    let Accumulated {
        mut set,
        config,
        variables,
    } = build.run(&kustomization, Accumulated::default())?;
    transform::add_hashes(&mut set);
    references::update(&mut set, &config.name_references)
        .map_err(|(at, message)| Error::failed(&set.items[at].place, message))?;
    variables::resolve(&mut set, &variables, &config.var_references)?;
    let nameless = |resource: &&resource::Resource| {
        resource.name().is_empty() && !resource.kind().ends_with("List")
    };
    if let Some(resource) = set.items.iter().find(nameless) {
        let message = format!("the {} has lost its name", resource.kind());
        return Err(Error::failed(&resource.place, message));
    }
    set.items.retain(|resource| {
        let local = resource
            .tree
            .at(&["metadata", "annotations", LOCAL])
            .map(Tree::spelling);
        local.is_none_or(|local| local == "false")
    });
    let mut seen = BTreeMap::new();
    for resource in &set.items {
        let id = resource.id();
        let key = (
            id.gvk.clone(),
            id.name.clone(),
            id.effective_namespace().to_owned(),
        );
        if let Some(other) = seen.insert(key, &resource.place) {
            let message = format!("{id} has become the same as that from {other}");
            return Err(Error::failed(&resource.place, message));
        }
    }
    let order = kustomization
        .order
        .clone()
        .unwrap_or(if options.keep_order {
            Order::AsRead
        } else {
            Order::ByKind(None)
        });
    order::sort(&mut set, &order);
    if options.managed_by_label || has(&kustomization.build_metadata, "managedByLabel") {
        for resource in &mut set.items {
            resource.set_label(MANAGED_BY, MANAGER);
        }
    }
    origin::clean_up(&mut set, &kustomization.build_metadata);
    for resource in &mut set.items {
        // Kustomize writes annotations anew: texts all of them, and none at all if there is none.
        resource.make_texts("annotations");
    }
    Ok(set.items)
}

fn has(list: &[String], option: &str) -> bool {
    list.iter().any(|other| other == option)
}
