//! Which fields the steps of a build touch: takes the built-in tables and what kustomizations add to
//! them, gives one table for each step, never looks at a manifest.
//!
//! The rules of merging are those of Kustomize's transformer configurations: a field that is known
//! already is not added again, and it is an error to say otherwise whether it is made.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::fieldspec::FieldSpec;
use crate::id::{Selector, Text};
use crate::refspecs::{self, Reference};
use crate::specs;

/// The fields that each step touches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// Names that get a prefix.
    pub(crate) name_prefix: Vec<FieldSpec>,
    /// Names that get a suffix.
    pub(crate) name_suffix: Vec<FieldSpec>,
    /// Namespaces, other than that of the resource itself.
    pub(crate) namespace: Vec<FieldSpec>,
    /// Common labels, selectors included.
    pub(crate) common_labels: Vec<FieldSpec>,
    /// Fields of every entry of `labels`.
    pub(crate) labels: Vec<FieldSpec>,
    /// Labels of templates.
    pub(crate) template_labels: Vec<FieldSpec>,
    /// Labels of templates of volume claims.
    pub(crate) volume_claim_labels: Vec<FieldSpec>,
    /// Annotations.
    pub(crate) common_annotations: Vec<FieldSpec>,
    /// Names of other resources.
    pub(crate) name_references: Vec<Reference>,
    /// Texts with variables.
    pub(crate) var_references: Vec<FieldSpec>,
    /// Images beside those of containers.
    pub(crate) images: Vec<FieldSpec>,
    /// Numbers of replicas.
    pub(crate) replicas: Vec<FieldSpec>,
    /// What is built in is there already, as far as nothing else takes its place.
    pub(crate) has_built_in: bool,
}

impl Config {
    /// Returns what Kustomize has built in.
    pub(crate) fn built_in() -> Arc<Self> {
        static BUILT_IN: OnceLock<Arc<Config>> = OnceLock::new();
        let make = || {
            Arc::new(Self {
                name_prefix: specs::NAMES.to_vec(),
                name_suffix: specs::NAMES.to_vec(),
                namespace: specs::NAMESPACES.to_vec(),
                common_labels: specs::common_labels(),
                labels: Vec::new(),
                template_labels: specs::METADATA_LABELS.to_vec(),
                volume_claim_labels: specs::VOLUME_CLAIM_LABELS.to_vec(),
                common_annotations: specs::ANNOTATIONS.to_vec(),
                name_references: refspecs::references(),
                var_references: specs::variables(),
                images: specs::IMAGES.to_vec(),
                replicas: specs::REPLICAS.to_vec(),
                has_built_in: true,
            })
        };
        Arc::clone(BUILT_IN.get_or_init(make))
    }

    /// Adds the fields of another; the sentence names a field that contradicts one that is there.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), String> {
        for (own, others) in [
            (&mut self.name_prefix, &other.name_prefix),
            (&mut self.name_suffix, &other.name_suffix),
            (&mut self.namespace, &other.namespace),
            (&mut self.common_labels, &other.common_labels),
            (&mut self.labels, &other.labels),
            (&mut self.template_labels, &other.template_labels),
            (&mut self.volume_claim_labels, &other.volume_claim_labels),
            (&mut self.common_annotations, &other.common_annotations),
            (&mut self.var_references, &other.var_references),
            (&mut self.images, &other.images),
            (&mut self.replicas, &other.replicas),
        ] {
            merge_all(own, others)?;
            own.sort_by_cached_key(|spec| by_kind(&spec.of));
        }
        let mut places: BTreeMap<Text, Vec<usize>> = BTreeMap::new();
        for (at, known) in self.name_references.iter().enumerate() {
            places.entry(known.field.path.clone()).or_default().push(at);
        }
        for reference in &other.name_references {
            let places = places.entry(reference.field.path.clone()).or_default();
            let known = places
                .iter()
                .map(|at| &self.name_references[*at])
                .find(|known| {
                    known.target == reference.target
                        && known.field.of.is_within(&reference.field.of)
                });
            match known {
                None => {
                    places.push(self.name_references.len());
                    self.name_references.push(reference.clone());
                }
                Some(known) => check(&known.field, &reference.field)?,
            }
        }
        self.name_references
            .sort_by_cached_key(|reference| by_kind(&reference.target));
        self.has_built_in |= other.has_built_in;
        Ok(())
    }
}

/// Adds another configuration to one that may be shared; the built-in one adds nothing to itself.
///
/// Any other is added field by field even where there is none yet: a field of all kinds is left out
/// where one of some kinds is there already, so the result is not the same.
pub(crate) fn merge(config: &mut Arc<Config>, other: &Arc<Config>) -> Result<(), String> {
    let adds_built_in = Arc::ptr_eq(other, &Config::built_in());
    if Arc::ptr_eq(config, other) || (adds_built_in && config.has_built_in) {
        return Ok(());
    }
    if adds_built_in && **config == Config::default() {
        *config = Arc::clone(other);
        return Ok(());
    }
    Arc::make_mut(config).merge(other)
}

/// Adds fields that are not there yet.
pub(crate) fn merge_all(specs: &mut Vec<FieldSpec>, others: &[FieldSpec]) -> Result<(), String> {
    let mut places: BTreeMap<Text, Vec<usize>> = BTreeMap::new();
    for (at, known) in specs.iter().enumerate() {
        places.entry(known.path.clone()).or_default().push(at);
    }
    for other in others {
        let places = places.entry(other.path.clone()).or_default();
        let known = places.iter().map(|at| &specs[*at]);
        match known
            .into_iter()
            .find(|known| known.of.is_within(&other.of))
        {
            None => {
                places.push(specs.len());
                specs.push(other.clone());
            }
            Some(known) => check(known, other)?,
        }
    }
    Ok(())
}

/// Adds a field that is not there yet.
pub(crate) fn merge_one(specs: &mut Vec<FieldSpec>, other: &FieldSpec) -> Result<(), String> {
    match specs.iter().find(|known| is_same_field(known, other)) {
        None => {
            specs.push(other.clone());
            Ok(())
        }
        Some(known) => check(known, other),
    }
}

fn is_same_field(known: &FieldSpec, other: &FieldSpec) -> bool {
    known.path == other.path && known.of.is_within(&other.of)
}

fn check(known: &FieldSpec, other: &FieldSpec) -> Result<(), String> {
    if known.create == other.create {
        return Ok(());
    }
    Err(format!(
        "the field {} of {} is known already with create: {}",
        other.path,
        if other.of.kind.is_empty() {
            "all kinds"
        } else {
            &other.of.kind
        },
        known.create
    ))
}

/// What the tables are sorted by; what is absent comes late.
fn by_kind(of: &Selector) -> (usize, String) {
    let or = |text: &str, other: &str| {
        if text.is_empty() {
            other.to_owned()
        } else {
            text.to_owned()
        }
    };
    let text = format!(
        "{}_{}_{}",
        or(&of.group, "~G"),
        or(&of.version, "~V"),
        or(&of.kind, "~K")
    );
    (crate::order::rank(&of.kind), text)
}
