//! The build itself: takes a folder, gives its resources with all that its kustomization and those
//! below it ask for, never the last steps (suffixes, references, order).

use crate::definition::read::read;
use crate::definition::{Kustomization, Patch, Placed};
use crate::error::{Error, Place};
use crate::files::{FileSystem, is_below, resolve};
use crate::generate::{Product, generate};
use crate::json_patch;
use crate::merge::strategic_merge;
use crate::resource::{Resource, read_resources};
use crate::select::Matcher;
use crate::set::ResourceSet;
use crate::transform::{
    End, add_annotations, add_common_labels, add_labels, extend_names, set_image, set_namespace,
    set_replicas,
};
use crate::tree::Tree;

/// The names that a kustomization file may have.
const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// How deep kustomizations may refer to each other.
const MAX_NESTING: usize = 50;

/// A build in one folder.
pub(crate) struct Build<'b> {
    files: &'b dyn FileSystem,
    /// The folder.
    directory: String,
    /// The folders that lead here, this one included.
    trail: Vec<String>,
}

impl<'b> Build<'b> {
    /// Returns the build of a folder that nothing refers to.
    pub(crate) fn new(files: &'b dyn FileSystem, directory: &str) -> Self {
        let directory = directory.to_owned();
        Self {
            files,
            trail: vec![directory.clone()],
            directory,
        }
    }

    /// Reads the folder's kustomization file.
    pub(crate) fn read(&self) -> Result<Kustomization, Error> {
        let mut found = Vec::new();
        for name in FILE_NAMES {
            let path = resolve(&self.directory, name).unwrap_or_default();
            let unreadable = |reason| Error::Unreadable {
                place: Place::file(&path),
                path: path.clone(),
                reason,
            };
            if let Some(content) = self.files.read(&path).map_err(unreadable)? {
                found.push((path, content));
            }
        }
        let shown = || {
            if self.directory.is_empty() {
                "."
            } else {
                &self.directory
            }
            .to_owned()
        };
        if found.len() > 1 {
            let files = found.into_iter().map(|(path, _)| path).collect();
            return Err(Error::SeveralKustomizations {
                directory: shown(),
                files,
            });
        }
        let Some((path, content)) = found.pop() else {
            return Err(Error::NoKustomization { directory: shown() });
        };
        read(&path, &utf8(&Place::file(&path), &path, content)?)
    }

    /// Carries a kustomization out on resources that are already there (for a component, those of
    /// the kustomization that names it).
    pub(crate) fn run(
        &self,
        kustomization: &Kustomization,
        mut set: ResourceSet,
    ) -> Result<ResourceSet, Error> {
        for resource in &kustomization.resources {
            self.add_resource(&mut set, resource)?;
        }
        let load = |path: &Placed<String>| self.load(path);
        let common = &kustomization.generator_options;
        for generator in &kustomization.config_maps {
            set.absorb(generate(generator, Product::ConfigMap, common, &load)?)?;
        }
        for generator in &kustomization.secrets {
            set.absorb(generate(generator, Product::Secret, common, &load)?)?;
        }
        for component in &kustomization.components {
            let (inner, other) = self.enter(component)?;
            if !other.component {
                let message = format!("{} is not of the kind Component", component.value);
                return Err(Error::failed(&component.place, message));
            }
            set = inner.run(&other, set)?;
        }
        self.transform(kustomization, set)
    }

    fn transform(
        &self,
        kustomization: &Kustomization,
        mut set: ResourceSet,
    ) -> Result<ResourceSet, Error> {
        let place = Place::file(&kustomization.file);
        for patch in &kustomization.patches_strategic_merge {
            for patch in self.strategic_merge_patches(patch)? {
                apply_by_identity(&mut set, &patch, &place, Freedom::default())?;
            }
        }
        set.drop_empties();
        for patch in &kustomization.patches {
            self.apply_patch(&mut set, patch)?;
            set.drop_empties();
        }
        if !kustomization.namespace.value.is_empty() {
            set_namespace(&mut set, &kustomization.namespace)?;
        }
        for (end, text) in [
            (End::Prefix, &kustomization.name_prefix),
            (End::Suffix, &kustomization.name_suffix),
        ] {
            if !text.is_empty() {
                extend_names(&mut set, end, text);
            }
        }
        for labels in &kustomization.labels {
            add_labels(&mut set, labels, &place)?;
        }
        add_common_labels(&mut set, &kustomization.common_labels, &place)?;
        add_annotations(&mut set, &kustomization.common_annotations, &place)?;
        for patch in &kustomization.patches_json6902 {
            self.apply_json6902(&mut set, patch)?;
        }
        for replica in &kustomization.replicas {
            set_replicas(&mut set, replica)?;
        }
        for image in &kustomization.images {
            set_image(&mut set, image)?;
        }
        set.drop_empties();
        Ok(set)
    }

    /// Adds the resources of a file or of another kustomization.
    fn add_resource(&self, set: &mut ResourceSet, path: &Placed<String>) -> Result<(), Error> {
        refuse_remote(path)?;
        let target = self.resolve(path)?;
        if self.files.is_directory(&target) {
            let (inner, other) = self.enter(path)?;
            if other.component {
                let message = format!("{} is a component: name it in components", path.value);
                return Err(Error::failed(&path.place, message));
            }
            return set.append_all(inner.run(&other, ResourceSet::default())?);
        }
        let text = utf8(&path.place, &path.value, self.load(path)?)?;
        let read = read_resources(&target, &text)?;
        read.into_iter()
            .try_for_each(|resource| set.append(resource))
    }

    /// Goes into another kustomization's folder.
    fn enter(&self, path: &Placed<String>) -> Result<(Build<'b>, Kustomization), Error> {
        refuse_remote(path)?;
        let directory = self.resolve(path)?;
        let fail = |message: String| Err(Error::failed(&path.place, message));
        if !self.files.is_directory(&directory) {
            return fail(format!("there is no folder {}", path.value));
        }
        if let Some(outer) = self.trail.iter().find(|outer| is_below(outer, &directory)) {
            let outer = if outer.is_empty() { "." } else { outer };
            return fail(format!(
                "{} contains {outer}, which leads to it: a cycle",
                path.value
            ));
        }
        if self.trail.len() >= MAX_NESTING {
            return fail(format!(
                "more than {MAX_NESTING} kustomizations lead to one another"
            ));
        }
        let mut trail = self.trail.clone();
        trail.push(directory.clone());
        let inner = Build {
            files: self.files,
            directory,
            trail,
        };
        let kustomization = inner.read()?;
        Ok((inner, kustomization))
    }

    /// Returns a path as relative to the root.
    fn resolve(&self, path: &Placed<String>) -> Result<String, Error> {
        resolve(&self.directory, &path.value).ok_or_else(|| Error::Outside {
            place: path.place.clone(),
            path: path.value.clone(),
            limit: "the root".to_owned(),
        })
    }

    /// Reads a file, which must be in the folder or below it.
    fn load(&self, path: &Placed<String>) -> Result<Vec<u8>, Error> {
        refuse_remote(path)?;
        let target = self.resolve(path)?;
        let outside = || Error::Outside {
            place: path.place.clone(),
            path: path.value.clone(),
            limit: format!("the kustomization's folder {}", self.directory),
        };
        if !is_below(&target, &self.directory) {
            return Err(outside());
        }
        let unreadable = |reason: String| Error::Unreadable {
            place: path.place.clone(),
            path: path.value.clone(),
            reason,
        };
        let content = self.files.read(&target).map_err(unreadable)?;
        content.ok_or_else(|| unreadable("there is no such file".to_owned()))
    }

    /// Returns the patches of an entry of `patchesStrategicMerge`, which is a text or a path.
    fn strategic_merge_patches(&self, entry: &Placed<String>) -> Result<Vec<Resource>, Error> {
        if let Ok(patches) = read_resources(&entry.place.file, &entry.value) {
            return Ok(patches);
        }
        let text = utf8(&entry.place, &entry.value, self.load(entry)?)?;
        read_resources(&self.resolve(entry)?, &text)
    }

    /// Returns the text of a patch.
    fn patch_text(&self, patch: &Patch) -> Result<String, Error> {
        if patch.path.value.is_empty() {
            return Ok(patch.inline.clone());
        }
        utf8(
            &patch.path.place,
            &patch.path.value,
            self.load(&patch.path)?,
        )
    }

    /// Applies an entry of `patches`, of either kind.
    fn apply_patch(&self, set: &mut ResourceSet, patch: &Patch) -> Result<(), Error> {
        let text = self.patch_text(patch)?;
        let place = &patch.place;
        let merges = read_resources(&patch.place.file, &text);
        let Ok(merges) = merges else {
            let operations = read_operations(&text).map_err(|message| {
                let merge = merges.map_or_else(|error| error.to_string(), |_| String::new());
                let message = format!(
                    "neither a strategic merge patch ({merge}) nor a JSON patch ({message})"
                );
                Error::failed(place, message)
            })?;
            return apply_operations(set, patch, &operations, true);
        };
        let freedom = Freedom {
            name: patch.allow_name_change,
            kind: patch.allow_kind_change,
        };
        let Some(target) = &patch.target else {
            return merges
                .iter()
                .try_for_each(|merge| apply_by_identity(set, merge, place, freedom));
        };
        let [merge] = merges.as_slice() else {
            let message = format!("a patch with a target must be one, not {}", merges.len());
            return Err(Error::failed(place, message));
        };
        let matcher = Matcher::new(target).map_err(|message| Error::failed(place, message))?;
        let selected: Vec<usize> = (0..set.items.len())
            .filter(|at| matcher.matches(&set.items[*at]))
            .collect();
        selected
            .into_iter()
            .try_for_each(|at| apply_merge(&mut set.items[at], merge, place, freedom))
    }

    /// Applies an entry of `patchesJson6902`.
    fn apply_json6902(&self, set: &mut ResourceSet, patch: &Patch) -> Result<(), Error> {
        let text = self.patch_text(patch)?;
        if patch
            .target
            .as_ref()
            .is_none_or(|target| target.name.is_empty())
        {
            return Err(Error::failed(&patch.place, "the target has no name"));
        }
        let operations =
            read_operations(&text).map_err(|message| Error::failed(&patch.place, message))?;
        apply_operations(set, patch, &operations, false)
    }
}

/// Refuses what would be fetched from elsewhere.
fn refuse_remote(path: &Placed<String>) -> Result<(), Error> {
    let text = path.value.as_str();
    let schemes = [
        "http://",
        "https://",
        "git@",
        "git::",
        "ssh://",
        "file://",
        "github.com/",
    ];
    if schemes.iter().any(|scheme| text.starts_with(scheme)) || text.contains("?ref=") {
        let name = format!("the remote resource {text}");
        return Err(Error::Unsupported {
            place: path.place.clone(),
            name,
        });
    }
    Ok(())
}

fn utf8(place: &Place, path: &str, content: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(content).map_err(|_| Error::Unreadable {
        place: place.clone(),
        path: path.to_owned(),
        reason: "it is not UTF-8".to_owned(),
    })
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
) -> Result<(), Error> {
    let at = set
        .position_of(&patch.id())
        .map_err(|message| Error::failed(place, message))?;
    apply_merge(&mut set.items[at], patch, place, freedom)
}

fn apply_merge(
    resource: &mut Resource,
    patch: &Resource,
    place: &Place,
    freedom: Freedom,
) -> Result<(), Error> {
    let before = resource.clone();
    if freedom.name || freedom.kind {
        resource.store_id();
    }
    let mut patch = patch.tree.clone();
    if let Some(map) = patch.as_map_mut() {
        // The patch is for whatever it is applied to.
        map.insert("apiVersion".to_owned(), Tree::Text(before.api_version()));
    }
    let tree = std::mem::replace(&mut resource.tree, Tree::Null);
    let merged = strategic_merge(tree, &patch)
        .map_err(|message| Error::failed(place, format!("{}: {message}", before.id())))?;
    let Some(merged) = merged else { return Ok(()) };
    resource.tree = merged;
    if !freedom.kind
        && let Some(map) = resource.tree.as_map_mut()
    {
        map.insert("kind".to_owned(), Tree::Text(before.kind()));
    }
    if !freedom.name {
        resource.set_meta("name", &before.name());
    }
    resource.set_meta("namespace", &before.namespace());
    Ok(())
}

/// Reads a JSON patch, written in JSON or YAML.
fn read_operations(text: &str) -> Result<Vec<json_patch::Operation>, String> {
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
        let mut value = resource.tree.clone().into_json();
        json_patch::apply(&mut value, operations)
            .map_err(|message| fail(format!("{id}: {message}")))?;
        resource.tree = Tree::from_json(&value);
    }
    Ok(())
}
