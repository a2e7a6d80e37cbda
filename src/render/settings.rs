//! What the platform tells Argo CD in `argocd-cm`: takes rendered manifests, gives the settings that
//! have a say in rendering, never asks a cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::catalog::Manifest;

use super::service::RenderedService;
use super::tools::ToolSettings;
use super::tracking::TrackingSettings;

const CONFIGURATION: &str = "argocd-cm";

/// Returns whether Argo CD is told how to assess the health of Applications; nothing where the
/// platform does not say what Argo CD is told.
///
/// Source: Argo CD operator manual, "Resource Health", on the health of `argoproj.io/Application`.
pub fn assesses_applications(services: &[RenderedService]) -> Option<bool> {
    let objects = services.iter().flat_map(|service| &service.objects);
    let mut told = None;
    for object in objects {
        let checks = match object.id.group_kind() {
            ("", "ConfigMap") if object.id.name == CONFIGURATION => {
                let data = object.manifest.get("data").and_then(Value::as_object);
                data.into_iter().flatten().any(|(key, value)| {
                    key == "resource.customizations.health.argoproj.io_Application"
                        || (key == "resource.customizations"
                            && value
                                .as_str()
                                .is_some_and(|text| text.contains("argoproj.io/Application:")))
                })
            }
            // The operator for Argo CD keeps the ConfigMap.
            ("argoproj.io", "ArgoCD") => {
                let checks = object.manifest.pointer("/spec/resourceHealthChecks");
                let mut checks = checks.and_then(Value::as_array).into_iter().flatten();
                checks.any(|check| check.get("kind").and_then(Value::as_str) == Some("Application"))
            }
            _ => continue,
        };
        told = Some(told.unwrap_or(false) || checks);
    }
    told
}

/// The settings of Argo CD that have a say in rendering.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ArgoSettings {
    /// How objects are marked.
    pub tracking: TrackingSettings,
    /// The versions of Kustomize that Applications may name.
    pub(super) kustomize_versions: BTreeSet<String>,
    /// What it says about the tools that render.
    pub(super) tools: ToolSettings,
    /// Settings that Argo CD reads, and that change nothing.
    pub(super) without_effect: Vec<String>,
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
        let (tools, without_effect) = ToolSettings::read(&data);
        Self {
            tools,
            without_effect,
            tracking: TrackingSettings::read(&data),
            kustomize_versions: versions.map(str::to_owned).collect(),
        }
    }
}
