//! The build itself: takes a folder, gives its resources with all that its kustomization and those
//! below it ask for, never the last steps (suffixes, references, variables, order).

use std::sync::Arc;

use crate::config::{self, Config};
use crate::definition::configuration::read_configuration;
use crate::definition::custom::read_definitions;
use crate::definition::replacement::read_replacements;
use crate::definition::{Kustomization, Patch, Placed, Replacement, ReplacementField};
use crate::error::{Error, Place};
use crate::generate::{Product, generate};
use crate::helm;
use crate::loader::{Loader, text_of};
use crate::origin::{self, Origin};
use crate::patch;
use crate::plugin::{self, Plugin, read_value_targets};
use crate::replace::replace;
use crate::resource::{Resource, read_resources};
use crate::schema::Schema;
use crate::set::ResourceSet;
use crate::step::{Action, Step, steps};
use crate::transform::{
    add_hashes, add_pairs, add_value, extend_names, set_image, set_namespace, set_replicas,
};
use crate::variables::{self, Variables};

/// The label that a validator may add.
const VALIDATED_BY: &str = "validated-by";

/// Resources with what is known of the steps to come.
#[derive(Default)]
pub(crate) struct Accumulated {
    /// The resources.
    pub(crate) set: ResourceSet,
    /// The fields that the steps touch.
    pub(crate) config: Arc<Config>,
    /// The variables.
    pub(crate) variables: Variables,
}

impl Accumulated {
    fn append(&mut self, other: Self, place: &Place) -> Result<(), Error> {
        self.set.append_all(other.set)?;
        config::merge(&mut self.config, &other.config)
            .map_err(|message| Error::failed(place, message))?;
        variables::add(&mut self.variables, other.variables.into_values())
    }
}

/// A build in one folder.
pub(crate) struct Build<'b> {
    loader: Loader<'b>,
    /// Where the resources come from, where that is noted.
    origin: Option<Origin>,
    /// The namespace that charts get where their kustomization has none.
    helm_namespace: String,
}

impl<'b> Build<'b> {
    /// Returns the build of a folder that nothing refers to.
    pub(crate) fn new(loader: Loader<'b>) -> Self {
        Self {
            loader,
            origin: None,
            helm_namespace: String::new(),
        }
    }

    /// Notes from now on where resources come from.
    pub(crate) fn note_origins(&mut self) {
        self.origin = Some(Origin::default());
    }

    /// Reads the folder's kustomization file.
    pub(crate) fn read(&self) -> Result<Kustomization, Error> {
        let kustomization = self.loader.read()?;
        self.choose_schema(&kustomization)?;
        Ok(kustomization)
    }

    /// Takes the schemas that a kustomization names, unless another one has chosen already.
    fn choose_schema(&self, kustomization: &Kustomization) -> Result<(), Error> {
        let Some(Placed { value, place }) = &kustomization.schema else {
            return Ok(());
        };
        let (path, version) = (value.get("path"), value.get("version"));
        let text = path
            .map(|path| {
                self.loader.text(&Placed {
                    value: path.clone(),
                    place: place.clone(),
                })
            })
            .transpose()?;
        let mut chosen = self.loader.session.schema.borrow_mut();
        if chosen.is_some() {
            return Ok(());
        }
        *chosen = match (text, version.map(String::as_str).unwrap_or_default()) {
            (Some(text), "") => {
                let file = path.map(String::as_str).unwrap_or_default();
                let mut schema = Schema::read(file, &text)?;
                // By the time that an inner kustomization chooses, the built-in ones are in use.
                schema.beside_built_in = self.loader.is_inner();
                Some(schema)
            }
            (Some(_), _) => {
                let message = "openapi has either a path or a version";
                return Err(Error::failed(place, message));
            }
            (None, "") => None,
            (None, version) => {
                Some(Schema::built_in(version).map_err(|message| Error::failed(place, message))?)
            }
        };
        Ok(())
    }

    /// Carries a kustomization out on resources that are already there (for a component, those of
    /// the kustomization that names it).
    pub(crate) fn run(
        &self,
        kustomization: &Kustomization,
        mut found: Accumulated,
    ) -> Result<Accumulated, Error> {
        let file = Place::file(&kustomization.file);
        found.set.begin_appending();
        for resource in &kustomization.resources {
            self.add_resource(&mut found, kustomization, resource)?;
        }
        found.set.end_appending();
        self.configure(kustomization, &mut found, &file)?;
        self.generate(kustomization, &mut found)?;
        for component in &kustomization.components {
            let (inner, other) = self.enter(kustomization, component)?;
            if !other.component {
                let message = format!("{} is not of the kind Component", component.value);
                return Err(Error::failed(&component.place, message));
            }
            found = inner.run(&other, found)?;
        }
        let replacements = self.replacements(&kustomization.replacements)?;
        let mut all: Vec<(Step, Option<Origin>)> =
            steps(kustomization, &found.config, replacements)?
                .into_iter()
                .map(|step| {
                    let origin = self.origin.as_ref();
                    let origin = origin.map(|it| it.configured(&kustomization.file, step.name));
                    (step, origin)
                })
                .collect();
        all.extend(self.plugin_steps(kustomization, &kustomization.transformers)?);
        for (step, origin) in &all {
            self.apply(&mut found.set, step)?;
            if let Some(origin) = origin {
                origin::note_step(&mut found.set, origin);
            }
            found.set.drop_empties();
        }
        self.validate(kustomization, &mut found.set)?;
        variables::note(&mut found.set, &kustomization.variables)?;
        variables::add(&mut found.variables, kustomization.variables.clone())?;
        Ok(found)
    }

    /// Adds the fields that the kustomization's configurations name.
    fn configure(
        &self,
        kustomization: &Kustomization,
        found: &mut Accumulated,
        file: &Place,
    ) -> Result<(), Error> {
        let mut own = Arc::new(Config::default());
        for path in &kustomization.configurations {
            let text = self.loader.text(path)?;
            let read = read_configuration(&self.loader.name_of(path), &text)?;
            config::merge(&mut own, &Arc::new(read))
                .map_err(|message| Error::failed(&path.place, message))?;
        }
        let failed = |message| Error::failed(file, message);
        let mut whole = Config::built_in();
        if !kustomization.configurations.is_empty() {
            config::merge(&mut whole, &own).map_err(failed)?;
        }
        config::merge(&mut found.config, &whole).map_err(failed)?;
        for path in &kustomization.definitions {
            let text = self.loader.text(path)?;
            let read = read_definitions(&self.loader.name_of(path), &text)?;
            config::merge(&mut found.config, &Arc::new(read))
                .map_err(|message| Error::failed(&path.place, message))?;
        }
        Ok(())
    }

    /// Adds what the kustomization's generators give.
    fn generate(
        &self,
        kustomization: &Kustomization,
        found: &mut Accumulated,
    ) -> Result<(), Error> {
        let load = |path: &Placed<String>| self.loader.load(path);
        let common = &kustomization.generator_options;
        let own = |name: &str| {
            let origin = self.origin.as_ref();
            origin.map(|origin| origin.configured(&kustomization.file, name))
        };
        let mut absorb = |resources: Vec<Resource>, origin: Option<&Origin>| {
            for mut resource in resources {
                if let Some(origin) = origin {
                    origin::note_if_none(&mut resource, origin);
                }
                found.set.absorb(resource)?;
            }
            Ok(())
        };
        for (generators, product, name) in [
            (
                &kustomization.config_maps,
                Product::ConfigMap,
                "ConfigMapGenerator",
            ),
            (&kustomization.secrets, Product::Secret, "SecretGenerator"),
        ] {
            for generator in generators {
                let made = generate(generator, product, common, &load)?;
                absorb(vec![made], own(name).as_ref())?;
            }
        }
        for chart in &kustomization.charts {
            let mut chart = chart.clone();
            if chart.namespace.is_empty() {
                chart.namespace.clone_from(&kustomization.namespace.value);
            }
            if chart.namespace.is_empty() {
                chart.namespace.clone_from(&self.helm_namespace);
            }
            let home = &kustomization.helm_globals.chart_home;
            let made = helm::render(&self.loader, &chart, home)?;
            absorb(made, own("HelmChartInflationGenerator").as_ref())?;
        }
        for plugin in self.plugins(kustomization, &kustomization.generators)? {
            let origin = origin::of_plugin(&plugin);
            let made = match plugin::read(&plugin)? {
                Plugin::Generator(generator, product) => {
                    vec![generate(
                        &generator,
                        product,
                        &crate::definition::GeneratorOptions::default(),
                        &load,
                    )?]
                }
                Plugin::Chart(chart, home) => helm::render(&self.loader, &chart, &home)?,
                Plugin::Account(resource) => vec![resource],
                _ => {
                    let message = format!("{} is no generator", plugin.kind());
                    return Err(Error::failed(&plugin.place, message));
                }
            };
            absorb(made, origin.as_ref())?;
        }
        Ok(())
    }

    /// Returns the resources that configure plugins: each entry is a text, a file or a folder.
    fn plugins(
        &self,
        kustomization: &Kustomization,
        entries: &[Placed<String>],
    ) -> Result<Vec<Resource>, Error> {
        let mut found = Accumulated::default();
        let mut paths = Vec::new();
        for entry in entries {
            match read_resources(&entry.place.file, &entry.value) {
                Err(_) => paths.push(entry),
                Ok(resources) => {
                    for mut resource in resources {
                        resource.place = entry.place.clone();
                        if let Some(origin) = &self.origin {
                            origin.at_file(&kustomization.file).write(&mut resource);
                        }
                        found.set.append(resource)?;
                    }
                }
            }
        }
        for path in paths {
            self.add_resource(&mut found, kustomization, path)?;
        }
        Ok(found.set.items)
    }

    /// Returns the steps of plugins.
    fn plugin_steps(
        &self,
        kustomization: &Kustomization,
        entries: &[Placed<String>],
    ) -> Result<Vec<(Step, Option<Origin>)>, Error> {
        let mut steps = Vec::new();
        for resource in self.plugins(kustomization, entries)? {
            let step = match plugin::read(&resource)? {
                Plugin::Step(step) => step,
                Plugin::Replacements(place, fields) => Step {
                    name: "ReplacementTransformer",
                    place,
                    action: Action::Replacements(self.replacements(&fields)?),
                },
                Plugin::Value(step, path) => self.with_value_targets(step, &path)?,
                Plugin::Generator(..) | Plugin::Chart(..) | Plugin::Account(_) => {
                    let message = format!("{} is no transformer", resource.kind());
                    return Err(Error::failed(&resource.place, message));
                }
            };
            steps.push((step, origin::of_plugin(&resource)));
        }
        Ok(steps)
    }

    fn with_value_targets(&self, mut step: Step, path: &Placed<String>) -> Result<Step, Error> {
        let place = step.place.clone();
        let Action::Value(value, targets) = &mut step.action else {
            return Ok(step);
        };
        if value.is_empty() {
            self.loader.folder_name().clone_into(value);
        }
        if !path.value.is_empty() {
            let text = self.loader.text(path)?;
            targets.extend(read_value_targets(&self.loader.name_of(path), &text)?);
        }
        if targets.is_empty() {
            return Err(Error::failed(&place, "the value has no target"));
        }
        Ok(step)
    }

    /// Returns replacements, those in files included.
    fn replacements(&self, fields: &[ReplacementField]) -> Result<Vec<Replacement>, Error> {
        let mut replacements = Vec::new();
        for field in fields {
            match field {
                ReplacementField::Inline(replacement) => {
                    replacements.push(replacement.as_ref().clone());
                }
                ReplacementField::File(path) => {
                    let text = self.loader.text(path)?;
                    replacements.extend(read_replacements(&self.loader.name_of(path), &text)?);
                }
            }
        }
        Ok(replacements)
    }

    /// Carries out one step.
    fn apply(&self, set: &mut ResourceSet, step: &Step) -> Result<(), Error> {
        let place = &step.place;
        let failed = |message: String| Error::failed(place, message);
        let schema = self.loader.session.schema.borrow();
        let schema = schema.as_ref();
        match &step.action {
            Action::Pairs(pairs, specs) => add_pairs(set, pairs, specs, place),
            Action::Namespace(namespace) => set_namespace(set, namespace),
            Action::Names(ends, specs) => ends
                .iter()
                .try_for_each(|(end, text)| extend_names(set, *end, text, specs))
                .map_err(failed),
            Action::Merges(paths, inline) => {
                let mut patches = read_resources(&place.file, inline)?;
                for path in paths {
                    patches.extend(self.strategic_merge_patches(path)?);
                }
                if patches.is_empty() {
                    return Err(failed("there is no patch in it".to_owned()));
                }
                patch::merge_all(set, &patches, place, schema)
            }
            Action::Patch(patch) => {
                let text = self.patch_text(patch)?;
                let file = if patch.path.value.is_empty() {
                    patch.place.file.clone()
                } else {
                    self.loader.name_of(&patch.path)
                };
                patch::apply(set, patch, (&file, &text), schema)
            }
            Action::JsonPatch(patch) => patch::apply_json(set, patch, &self.patch_text(patch)?),
            Action::Replacements(replacements) => replacements
                .iter()
                .try_for_each(|replacement| replace(set, replacement)),
            Action::Replicas(replica, specs) => set_replicas(set, replica, specs),
            Action::Image(image, specs) => set_image(set, image, specs),
            Action::Hashes => {
                add_hashes(set);
                Ok(())
            }
            Action::Value(value, targets) => add_value(set, value, targets).map_err(failed),
        }
    }

    /// Runs the validators, which must not change anything.
    fn validate(&self, kustomization: &Kustomization, set: &mut ResourceSet) -> Result<(), Error> {
        for (step, _) in self.plugin_steps(kustomization, &kustomization.validators)? {
            let before = set.clone();
            self.apply(set, &step)?;
            let mut after = set.clone();
            for resource in &mut after.items {
                let mut labels = resource.string_map(&["metadata", "labels"]);
                if labels.remove(VALIDATED_BY).is_some() {
                    resource.set_string_map("labels", labels);
                }
            }
            let same = before.items.len() == after.items.len()
                && before
                    .items
                    .iter()
                    .zip(&after.items)
                    .all(|(before, after)| before.tree == after.tree);
            if !same {
                let message = format!(
                    "a validator must not change anything, but {} did",
                    step.name
                );
                return Err(Error::failed(&step.place, message));
            }
        }
        Ok(())
    }

    /// Adds the resources of a file or of another kustomization.
    fn add_resource(
        &self,
        found: &mut Accumulated,
        kustomization: &Kustomization,
        path: &Placed<String>,
    ) -> Result<(), Error> {
        if !path.value.is_empty() && !self.loader.is_directory(path) {
            match self.read_file(path) {
                Ok(Some(resources)) => {
                    for mut resource in resources {
                        if let Some(origin) = &self.origin {
                            origin.at(&path.value).write(&mut resource);
                        }
                        found.set.append(resource)?;
                    }
                    return Ok(());
                }
                Ok(None) => {}
                Err(error) => return Err(error),
            }
        }
        let (inner, other) = self.enter(kustomization, path)?;
        if other.component {
            let message = format!("{} is a component: name it in components", path.value);
            return Err(Error::failed(&path.place, message));
        }
        found.append(inner.run(&other, Accumulated::default())?, &path.place)
    }

    /// Reads the resources of a file; none where the path may be that of a repository.
    fn read_file(&self, path: &Placed<String>) -> Result<Option<Vec<Resource>>, Error> {
        let remote = crate::remote::Remote::parse(&path.value).is_some();
        if remote && !crate::remote::is_http(&path.value) {
            return Ok(None);
        }
        let text = match self.loader.find(path)? {
            Some(content) => text_of(path, content)?,
            None if remote => return Ok(None),
            None => return self.loader.text(path).map(|_| None),
        };
        match read_resources(&self.loader.name_of(path), &text) {
            // What a server shows for a repository is a page.
            Err(_) if remote => Ok(None),
            read => read.map(Some),
        }
    }

    /// Goes into another kustomization's folder.
    fn enter(
        &self,
        kustomization: &Kustomization,
        path: &Placed<String>,
    ) -> Result<(Build<'b>, Kustomization), Error> {
        let namespace = &kustomization.namespace.value;
        let inner = Build {
            loader: self.loader.enter(path)?,
            origin: self.origin.as_ref().map(|origin| origin.at(&path.value)),
            helm_namespace: if namespace.is_empty() {
                self.helm_namespace.clone()
            } else {
                namespace.clone()
            },
        };
        let kustomization = inner.read()?;
        Ok((inner, kustomization))
    }

    /// Returns the patches of an entry of `patchesStrategicMerge`, which is a text or a path.
    fn strategic_merge_patches(&self, entry: &Placed<String>) -> Result<Vec<Resource>, Error> {
        if let Ok(patches) = read_resources(&entry.place.file, &entry.value) {
            return Ok(patches);
        }
        let text = self.loader.text(entry)?;
        read_resources(&self.loader.name_of(entry), &text)
    }

    /// Returns the text of a patch.
    fn patch_text(&self, patch: &Patch) -> Result<String, Error> {
        if patch.path.value.is_empty() {
            return Ok(patch.inline.clone());
        }
        self.loader.text(&patch.path)
    }
}
