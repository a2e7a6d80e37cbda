//! Which fields the steps of a build touch: takes the built-in tables and what kustomizations add to
//! them, gives one table for each step, never looks at a manifest.
//!
//! The rules of merging are those of Kustomize's transformer configurations: a field that is known
//! already is not added again, and it is an error to say otherwise whether it is made.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::fieldspec::{FieldSpec, Specs};
use crate::id::{Selector, Text};
use crate::refspecs::References;
use crate::specs;

/// The fields that each step touches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Config {
    /// Names that get a prefix.
    pub(crate) name_prefix: Specs,
    /// Names that get a suffix.
    pub(crate) name_suffix: Specs,
    /// Namespaces, other than that of the resource itself.
    pub(crate) namespace: Specs,
    /// Common labels, selectors included.
    pub(crate) common_labels: Specs,
    /// Fields of every entry of `labels`.
    pub(crate) labels: Specs,
    /// Labels of templates.
    pub(crate) template_labels: Specs,
    /// Labels of templates of volume claims.
    pub(crate) volume_claim_labels: Specs,
    /// Annotations.
    pub(crate) common_annotations: Specs,
    /// Names of other resources.
    pub(crate) name_references: References,
    /// Texts with variables.
    pub(crate) var_references: Specs,
    /// Images beside those of containers.
    pub(crate) images: Specs,
    /// Numbers of replicas.
    pub(crate) replicas: Specs,
    /// What is built in is there already, as far as nothing else takes its place.
    pub(crate) has_built_in: bool,
}

impl Config {
    /// Returns what Kustomize has built in.
    pub(crate) fn built_in() -> Arc<Self> {
        static BUILT_IN: LazyLock<Arc<Config>> = LazyLock::new(|| {
            Arc::new(Config {
                name_prefix: Specs::Fixed(&specs::NAMES),
                name_suffix: Specs::Fixed(&specs::NAMES),
                namespace: Specs::Fixed(&specs::NAMESPACES),
                common_labels: Specs::Made(&specs::COMMON_LABELS),
                labels: Specs::default(),
                template_labels: Specs::Fixed(&specs::METADATA_LABELS),
                volume_claim_labels: Specs::Fixed(&specs::VOLUME_CLAIM_LABELS),
                common_annotations: Specs::Fixed(&specs::ANNOTATIONS),
                name_references: References::BuiltIn,
                var_references: Specs::Made(&specs::VARIABLES),
                images: Specs::Fixed(&specs::IMAGES),
                replicas: Specs::Fixed(&specs::REPLICAS),
                has_built_in: true,
            })
        });
        Arc::clone(&BUILT_IN)
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
            let own = own.to_mut();
            merge_all(own, others)?;
            own.sort_by_cached_key(|spec| by_kind(&spec.of));
        }
        let references = self.name_references.to_mut();
        let mut places: BTreeMap<Text, Vec<usize>> = BTreeMap::new();
        for (at, known) in references.iter().enumerate() {
            places.entry(known.field.path.clone()).or_default().push(at);
        }
        for reference in other.name_references.all().iter() {
            let places = places.entry(reference.field.path.clone()).or_default();
            let known = places.iter().map(|at| &references[*at]).find(|known| {
                known.target == reference.target && known.field.of.is_within(&reference.field.of)
            });
            match known {
                None => {
                    places.push(references.len());
                    references.push(reference.clone());
                }
                Some(known) => check(&known.field, &reference.field)?,
            }
        }
        references.sort_by_cached_key(|reference| by_kind(&reference.target));
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
