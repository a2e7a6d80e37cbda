//! What the platform tells Argo CD in `argocd-cm`: takes rendered manifests, gives the settings that
//! have a say in rendering, never asks a cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::Manifest;

use super::tracking::TrackingSettings;

const CONFIGURATION: &str = "argocd-cm";

/// The settings of Argo CD that have a say in rendering.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArgoSettings {
    /// How objects are marked.
    pub tracking: TrackingSettings,
    /// The versions of Kustomize that Applications may name.
    pub(super) kustomize_versions: BTreeSet<String>,
    /// Settings that change what Argo CD renders, and that are not obeyed here.
    pub(super) not_obeyed: Vec<String>,
}

impl ArgoSettings {
    /// Finds the settings among manifests; those of an Argo CD that is told nothing where there are
    /// none.
    pub(super) fn find<'m>(manifests: impl IntoIterator<Item = &'m Manifest>) -> Self {
        let configuration = manifests.into_iter().find(|manifest| {
            (manifest.api_version(), manifest.kind()) == ("v1", "ConfigMap")
                && manifest.name() == CONFIGURATION
        });
        let data = configuration.and_then(|manifest| manifest.value.get("data")?.as_object());
        let data: BTreeMap<&str, &str> = (data.into_iter().flatten())
            .filter_map(|(key, value)| Some((key.as_str(), Value::as_str(value)?)))
            .collect();
        let versions = data.keys().filter_map(|key| {
            let name = key.strip_prefix("kustomize.path.");
            name.or_else(|| key.strip_prefix("kustomize.version."))
        });
        let not_obeyed = data.iter().filter(|(key, value)| match **key {
            "helm.enable" | "kustomize.enable" | "jsonnet.enable" => **value == "false",
            key if key.starts_with("kustomize.buildOptions") => !value.is_empty(),
            _ => false,
        });
        Self {
            not_obeyed: not_obeyed.map(|(key, _)| (*key).to_owned()).collect(),
            tracking: TrackingSettings::read(&data),
            kustomize_versions: versions.map(str::to_owned).collect(),
        }
    }
}
