//! Steps of a build: takes what a kustomization or a plugin asks for, gives one step after the
//! other with all that it needs, never reads a file.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::definition::{Image, Kustomization, Patch, Placed, Replacement, Replica, Target};
use crate::error::{Error, Place};
use crate::fieldspec::Specs;
use crate::transform::{End, Namespace, Subjects, label_specs};

/// A step: one change of all the resources.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The name that Kustomize has for it.
    pub(crate) name: &'static str,
    /// What asked for it.
    pub(crate) place: Place,
    /// What is done.
    pub(crate) action: Action,
}

/// What a step does.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Adds labels or annotations.
    Pairs(BTreeMap<String, String>, Specs),
    /// Sets the namespace.
    Namespace(Namespace),
    /// Extends names.
    Names(Vec<(End, String)>, Specs),
    /// Merges patches into the resources that they name: texts or files, and a text.
    Merges(Vec<Placed<String>>, String),
    /// Applies a patch of either kind.
    Patch(Patch),
    /// Applies a JSON patch.
    JsonPatch(Patch),
    /// Copies values.
    Replacements(Vec<Replacement>),
    /// Sets the number of replicas.
    Replicas(Placed<Replica>, Specs),
    /// Replaces an image.
    Image(Placed<Image>, Specs),
    /// Adds the suffix made of the content to generated names.
    Hashes,
    /// Puts a value into fields.
    Value(String, Vec<ValueTarget>),
}

/// Fields that a value is put into.
#[derive(Debug, Clone)]
pub(crate) struct ValueTarget {
    /// The resources; none for all.
    pub(crate) select: Option<Target>,
    /// The path, with slashes.
    pub(crate) path: String,
    /// The position within a path of files, from 1; 0 replaces the whole.
    pub(crate) position: usize,
}

/// Returns the steps that a kustomization's own fields ask for, in Kustomize's order.
pub(crate) fn steps(
    kustomization: &Kustomization,
    config: &Config,
    replacements: Vec<Replacement>,
) -> Result<Vec<Step>, Error> {
    let file = Place::file(&kustomization.file);
    let mut steps = Vec::new();
    let mut push = |name: &'static str, place: &Place, action: Action| {
        steps.push(Step {
            name,
            place: place.clone(),
            action,
        });
    };
    if !kustomization.patches_strategic_merge.is_empty() {
        let merges = Action::Merges(kustomization.patches_strategic_merge.clone(), String::new());
        push("PatchStrategicMergeTransformer", &file, merges);
    }
    for patch in &kustomization.patches {
        push(
            "PatchTransformer",
            &patch.place,
            Action::Patch(patch.clone()),
        );
    }
    if !kustomization.namespace.value.is_empty() {
        let namespace = Namespace {
            name: kustomization.namespace.clone(),
            specs: config.namespace.clone(),
            unset_only: false,
            subjects: Subjects::default(),
        };
        push(
            "NamespaceTransformer",
            &kustomization.namespace.place,
            Action::Namespace(namespace),
        );
    }
    for (name, end, text, specs) in [
        (
            "PrefixTransformer",
            End::Prefix,
            &kustomization.name_prefix,
            &config.name_prefix,
        ),
        (
            "SuffixTransformer",
            End::Suffix,
            &kustomization.name_suffix,
            &config.name_suffix,
        ),
    ] {
        if !text.is_empty() {
            let action = Action::Names(vec![(end, text.clone())], specs.clone());
            push(name, &file, action);
        }
    }
    for labels in &kustomization.labels {
        let specs = label_specs(labels, config).map_err(|message| Error::failed(&file, message))?;
        let action = Action::Pairs(labels.pairs.clone(), specs.into());
        push("LabelTransformer", &file, action);
    }
    if !kustomization.labels.is_empty() || !kustomization.common_labels.is_empty() {
        let action = Action::Pairs(
            kustomization.common_labels.clone(),
            config.common_labels.clone(),
        );
        push("LabelTransformer", &file, action);
    }
    if !kustomization.common_annotations.is_empty() {
        let action = Action::Pairs(
            kustomization.common_annotations.clone(),
            config.common_annotations.clone(),
        );
        push("AnnotationsTransformer", &file, action);
    }
    for patch in &kustomization.patches_json6902 {
        let action = Action::JsonPatch(patch.clone());
        push("PatchJson6902Transformer", &patch.place, action);
    }
    for replica in &kustomization.replicas {
        let action = Action::Replicas(replica.clone(), config.replicas.clone());
        push("ReplicaCountTransformer", &replica.place, action);
    }
    for image in &kustomization.images {
        let action = Action::Image(image.clone(), config.images.clone());
        push("ImageTagTransformer", &image.place, action);
    }
    if !kustomization.replacements.is_empty() {
        push(
            "ReplacementTransformer",
            &file,
            Action::Replacements(replacements),
        );
    }
    Ok(steps)
}
