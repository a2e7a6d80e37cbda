//! The kustomization file: takes its text, gives what it asks for with places, never reads the
//! files that it names.

mod chart;
pub(crate) mod configuration;
pub(crate) mod custom;
mod fields;
pub(crate) mod read;
pub(crate) mod replacement;
mod variable;

use std::collections::BTreeMap;

pub(crate) use chart::{Chart, HelmGlobals, read_chart};
pub(crate) use fields::{Fields, From, Placed, Strictness};
pub(crate) use replacement::{FieldOptions, Replacement, ReplacementField, Source, TargetFields};
pub(crate) use variable::Variable;

use crate::error::Place;
use crate::fieldspec::FieldSpec;

/// What a kustomization file asks for.
#[derive(Debug, Clone)]
pub(crate) struct Kustomization {
    /// The file.
    pub(crate) file: String,
    /// It is a component, not a kustomization of its own.
    pub(crate) component: bool,
    /// Which schemas are used: `path` or `version`.
    pub(crate) schema: Option<Placed<BTreeMap<String, String>>>,
    /// Files and folders with resources.
    pub(crate) resources: Vec<Placed<String>>,
    /// Folders with components.
    pub(crate) components: Vec<Placed<String>>,
    /// Files with schemas of custom resources.
    pub(crate) definitions: Vec<Placed<String>>,
    /// What names begin with.
    pub(crate) name_prefix: String,
    /// What names end with.
    pub(crate) name_suffix: String,
    /// The namespace of all resources that have one, with its place.
    pub(crate) namespace: Placed<String>,
    /// Labels, also in selectors and templates.
    pub(crate) common_labels: BTreeMap<String, String>,
    /// Labels with a choice of where.
    pub(crate) labels: Vec<Labels>,
    /// Annotations, also in templates.
    pub(crate) common_annotations: BTreeMap<String, String>,
    /// Strategic merge patches: texts or files.
    pub(crate) patches_strategic_merge: Vec<Placed<String>>,
    /// JSON patches.
    pub(crate) patches_json6902: Vec<Patch>,
    /// Patches of either kind.
    pub(crate) patches: Vec<Patch>,
    /// Images to replace.
    pub(crate) images: Vec<Placed<Image>>,
    /// Values that are copied.
    pub(crate) replacements: Vec<ReplacementField>,
    /// Numbers of replicas.
    pub(crate) replicas: Vec<Placed<Replica>>,
    /// Variables, the older form of replacements.
    pub(crate) variables: Vec<Placed<Variable>>,
    /// `ConfigMap`s to generate.
    pub(crate) config_maps: Vec<Generator>,
    /// `Secret`s to generate.
    pub(crate) secrets: Vec<Generator>,
    /// What holds for all that is generated.
    pub(crate) generator_options: GeneratorOptions,
    /// What holds for all charts.
    pub(crate) helm_globals: HelmGlobals,
    /// Charts to render.
    pub(crate) charts: Vec<Chart>,
    /// Files that say which fields the steps touch.
    pub(crate) configurations: Vec<Placed<String>>,
    /// Plugins that generate: files, folders or texts.
    pub(crate) generators: Vec<Placed<String>>,
    /// Plugins that transform.
    pub(crate) transformers: Vec<Placed<String>>,
    /// Plugins that validate.
    pub(crate) validators: Vec<Placed<String>>,
    /// What is noted on the resources.
    pub(crate) build_metadata: Vec<String>,
    /// The order of the output, where the file says it.
    pub(crate) order: Option<Order>,
}

/// Labels with a choice of where.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    /// The labels.
    pub(crate) pairs: BTreeMap<String, String>,
    /// Also in selectors (and so in templates).
    pub(crate) include_selectors: bool,
    /// Also in templates of pods.
    pub(crate) include_templates: bool,
    /// Also in templates of volume claims.
    pub(crate) include_volume_claim_templates: bool,
    /// Other fields that get them.
    pub(crate) fields: Vec<FieldSpec>,
}

/// A patch with its target.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    /// Where the entry is.
    pub(crate) place: Place,
    /// The file, or empty.
    pub(crate) path: Placed<String>,
    /// The patch itself, or empty.
    pub(crate) inline: String,
    /// What it is applied to.
    pub(crate) target: Option<Target>,
    /// The patch may change the name.
    pub(crate) allow_name_change: bool,
    /// The patch may change the kind.
    pub(crate) allow_kind_change: bool,
}

/// Which resources a patch is applied to. All fields but the selectors are regular expressions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    /// The API group.
    pub(crate) group: String,
    /// The version.
    pub(crate) version: String,
    /// The kind.
    pub(crate) kind: String,
    /// The name.
    pub(crate) name: String,
    /// The namespace.
    pub(crate) namespace: String,
    /// A selector of labels.
    pub(crate) label_selector: String,
    /// A selector of annotations.
    pub(crate) annotation_selector: String,
}

/// An image to replace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Image {
    /// The name, a regular expression.
    pub(crate) name: String,
    /// The new name, or empty.
    pub(crate) new_name: String,
    /// What the tag gets at its end, or empty.
    pub(crate) tag_suffix: String,
    /// The new tag, or empty.
    pub(crate) new_tag: String,
    /// The new digest, or empty.
    pub(crate) digest: String,
}

/// A number of replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replica {
    /// The name of the resource.
    pub(crate) name: String,
    /// The number.
    pub(crate) count: i64,
}

/// A `ConfigMap` or `Secret` to generate.
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    /// Where the entry is.
    pub(crate) place: Place,
    /// The name without suffix.
    pub(crate) name: String,
    /// The namespace, or empty.
    pub(crate) namespace: String,
    /// `create`, `replace`, `merge`, or empty.
    pub(crate) behavior: String,
    /// The type of a `Secret`, or empty.
    pub(crate) kind: String,
    /// `key=value`.
    pub(crate) literals: Vec<Placed<String>>,
    /// `key=path` or `path`.
    pub(crate) files: Vec<Placed<String>>,
    /// Files of `key=value` lines.
    pub(crate) envs: Vec<Placed<String>>,
    /// What holds for this one.
    pub(crate) options: GeneratorOptions,
}

/// What holds for generated resources.
#[derive(Debug, Clone, Default)]
pub(crate) struct GeneratorOptions {
    /// Labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Annotations.
    pub(crate) annotations: BTreeMap<String, String>,
    /// The name gets no suffix made of the content.
    pub(crate) disable_name_suffix_hash: bool,
    /// The resource cannot be changed.
    pub(crate) immutable: bool,
}

/// The order of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they were read.
    AsRead,
    /// By kind, these first and those last; none for the customary order.
    ByKind(Option<(Vec<String>, Vec<String>)>),
}
