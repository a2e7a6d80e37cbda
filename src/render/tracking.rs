//! How Argo CD marks objects as an Application's: takes its settings, an Application and a manifest,
//! gives the marks, never marks a CustomResourceDefinition (nor does Argo CD).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::catalog::Manifest;

const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";
const INSTALLATION_ID: &str = "argocd.argoproj.io/installation-id";
const DEFAULT_LABEL: &str = "app.kubernetes.io/instance";
/// A label that goes into pod templates too, as it did long ago.
const LEGACY_LABEL: &str = "applications.argoproj.io/app-name";
/// Labels may not be longer.
const MAXIMUM_LABEL: usize = 63;

/// The settings of Argo CD (`argocd-cm`) that decide how objects are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingSettings {
    /// By what.
    pub method: TrackingMethod,
    /// The label, where one is set.
    pub label: String,
    /// Which of several Argo CDs it is.
    pub installation: Option<String>,
}

/// By what objects are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TrackingMethod {
    /// An annotation.
    #[default]
    Annotation,
    /// A label.
    Label,
    /// An annotation, and a label for other programs.
    Both,
}

impl Default for TrackingSettings {
    fn default() -> Self {
        Self {
            method: TrackingMethod::default(),
            label: DEFAULT_LABEL.to_owned(),
            installation: None,
        }
    }
}

impl TrackingSettings {
    /// Reads the data of `argocd-cm`.
    pub(super) fn read(data: &BTreeMap<&str, &str>) -> Self {
        let text = |key| data.get(key).filter(|text| !text.is_empty());
        let method = match text("application.resourceTrackingMethod").copied() {
            Some("label") => TrackingMethod::Label,
            Some("annotation+label") => TrackingMethod::Both,
            _ => TrackingMethod::Annotation,
        };
        let label = text("application.instanceLabelKey").copied();
        Self {
            method,
            label: label.unwrap_or(DEFAULT_LABEL).to_owned(),
            installation: text("installationID").map(|&text| text.to_owned()),
        }
    }
}

/// The marks of one object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tracking {
    /// Annotations that are set; nothing means that one is taken away.
    annotations: Vec<(&'static str, Option<String>)>,
    label: Option<(String, String)>,
}

impl Tracking {
    /// Returns the marks of an object of an Application. The error is why it cannot be marked.
    ///
    /// `namespace` is that of the object, or of the Application's destination where the object names
    /// none, or lives in none.
    pub fn new(
        settings: &TrackingSettings,
        application: &str,
        manifest: &Manifest,
        namespace: &str,
    ) -> Result<Self, String> {
        let mut tracking = Self::default();
        let group = manifest.group();
        if (group, manifest.kind()) == ("apiextensions.k8s.io", "CustomResourceDefinition") {
            return Ok(tracking);
        }
        if settings.method != TrackingMethod::Label {
            texts_only(&manifest.value, "annotations")?;
            let (kind, name) = (manifest.kind(), manifest.name());
            let id = format!("{application}:{group}/{kind}:{namespace}/{name}");
            tracking.annotations = vec![
                (INSTALLATION_ID, settings.installation.clone()),
                (TRACKING_ID, Some(id)),
            ];
        }
        if settings.method != TrackingMethod::Annotation {
            texts_only(&manifest.value, "labels")?;
            let value = match settings.method {
                TrackingMethod::Both => shortened(application),
                _ => application.to_owned(),
            };
            tracking.label = Some((settings.label.clone(), value));
        }
        Ok(tracking)
    }

    /// Marks a manifest.
    pub fn stamp(&self, manifest: &mut Value) {
        for (key, value) in &self.annotations {
            match value {
                Some(value) => {
                    if let Some(annotations) = map_at(manifest, &["metadata", "annotations"]) {
                        annotations.insert((*key).to_owned(), Value::String(value.clone()));
                    }
                }
                None => take_away(manifest, key),
            }
        }
        let Some((key, value)) = &self.label else {
            return;
        };
        if let Some(labels) = map_at(manifest, &["metadata", "labels"]) {
            labels.insert(key.clone(), Value::String(value.clone()));
        }
        if key == LEGACY_LABEL && has_pods(manifest) {
            let path = ["spec", "template", "metadata", "labels"];
            if let Some(labels) = map_at(manifest, &path) {
                labels.insert(key.clone(), Value::String(value.clone()));
            }
        }
    }
}

/// Fails where a map of texts holds something else, which Argo CD refuses.
fn texts_only(manifest: &Value, field: &str) -> Result<(), String> {
    match manifest
        .get("metadata")
        .and_then(|metadata| metadata.get(field))
    {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Object(fields)) => match fields.iter().find(|(_, value)| !value.is_string()) {
            None => Ok(()),
            Some((key, value)) => Err(format!(
                "has metadata.{field}.{key}: {value}, which is no text: write it in quotes"
            )),
        },
        Some(_) => Err(format!("has metadata.{field} that are no map")),
    }
}

/// Returns a name that a label can hold.
fn shortened(name: &str) -> String {
    let cut: String = name.chars().take(MAXIMUM_LABEL).collect();
    if cut.len() == name.len() {
        return cut;
    }
    cut.trim_end_matches(|character: char| !character.is_ascii_alphanumeric())
        .to_owned()
}

fn map_at<'m>(value: &'m mut Value, path: &[&str]) -> Option<&'m mut Map<String, Value>> {
    let mut value = value;
    for key in path {
        value = value.as_object_mut()?.entry(*key).or_insert(Value::Null);
        if value.is_null() {
            *value = Value::Object(Map::new());
        }
    }
    value.as_object_mut()
}

fn take_away(manifest: &mut Value, key: &str) {
    let Some(Value::Object(annotations)) = manifest.pointer_mut("/metadata/annotations") else {
        return;
    };
    annotations.remove(key);
}

fn has_pods(manifest: &Value) -> bool {
    let text = |key| {
        manifest
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let group = text("apiVersion").split('/').next().unwrap_or_default();
    matches!(
        (group, text("kind")),
        (
            "apps" | "extensions",
            "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet"
        ) | ("batch", "Job")
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::Source;

    fn stamped(settings: &TrackingSettings, application: &str, value: Value) -> Value {
        let manifest = Manifest {
            value,
            source: Source::file("x.yaml"),
        };
        let tracking = Tracking::new(settings, application, &manifest, "there").expect("marks");
        let mut value = manifest.value;
        tracking.stamp(&mut value);
        value
    }

    fn read(data: &[(&'static str, &'static str)]) -> TrackingSettings {
        TrackingSettings::read(&data.iter().copied().collect())
    }

    #[test]
    fn annotations_are_built_as_argo_cd_builds_them() {
        let id = |api_version: &str, kind: &str| {
            let value = json!({"apiVersion": api_version, "kind": kind,
                "metadata": {"name": "x", "annotations": null}});
            stamped(&TrackingSettings::default(), "portal", value)["metadata"]["annotations"]
                [TRACKING_ID]
                .take()
        };
        assert_eq!(
            id("apps/v1", "Deployment"),
            "portal:apps/Deployment:there/x"
        );
        assert_eq!(id("v1", "Service"), "portal:/Service:there/x");
        let definition = id("apiextensions.k8s.io/v1", "CustomResourceDefinition");
        assert_eq!(definition, Value::Null);
    }

    #[test]
    fn labels_are_set_and_shortened() {
        let label = read(&[("application.resourceTrackingMethod", "label")]);
        let object = || json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}});
        let expected = json!({"name": "x", "labels": {DEFAULT_LABEL: "portal"}});
        assert_eq!(stamped(&label, "portal", object())["metadata"], expected);
        let both = read(&[
            ("application.resourceTrackingMethod", "annotation+label"),
            ("application.instanceLabelKey", LEGACY_LABEL),
            ("installationID", "first"),
        ]);
        let long = format!("{}-.-{}", "a".repeat(60), "b".repeat(9));
        let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "x"}});
        let stamped = stamped(&both, &long, deployment);
        assert_eq!(stamped["metadata"]["labels"][LEGACY_LABEL], "a".repeat(60));
        assert_eq!(
            stamped["spec"]["template"]["metadata"]["labels"][LEGACY_LABEL],
            "a".repeat(60)
        );
        assert_eq!(stamped["metadata"]["annotations"][INSTALLATION_ID], "first");
    }

    #[test]
    fn annotations_that_are_no_texts_are_told() {
        let manifest = Manifest {
            value: json!({"apiVersion": "v1", "kind": "Service",
                "metadata": {"name": "x", "annotations": {"a": 1}}}),
            source: Source::file("x.yaml"),
        };
        let settings = TrackingSettings::default();
        let error = Tracking::new(&settings, "portal", &manifest, "there").expect_err("a mistake");
        assert!(error.contains("metadata.annotations.a: 1"), "{error}");
    }
}
