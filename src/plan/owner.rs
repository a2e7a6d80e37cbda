//! Who else has a claim on a live object: takes it, gives the Application, release or manager that
//! says so on it, never asks a cluster.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::render::TrackingSettings;

/// Somebody other than the service that the plan gives an object to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "by", content = "name")]
pub enum Owner {
    /// An Application of Argo CD.
    ArgoCd(String),
    /// A release of Helm: namespace and name.
    Helm(String),
    /// A `Kustomization` or `HelmRelease` of Flux.
    Flux(String),
    /// A controller that made it: kind and name.
    Controller(String),
}

impl std::fmt::Display for Owner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ArgoCd(name) => write!(formatter, "Argo CD's Application {name}"),
            Self::Helm(name) => write!(formatter, "Helm's release {name}"),
            Self::Flux(name) => write!(formatter, "Flux's {name}"),
            Self::Controller(name) => write!(formatter, "the controller of {name}"),
        }
    }
}

/// Returns who else claims a live object than the service's Application.
pub fn owner(live: &Value, service: &str, tracking: &TrackingSettings) -> Option<Owner> {
    let metadata = &live["metadata"];
    let annotation = |key: &str| metadata["annotations"][key].as_str();
    let label = |key: &str| metadata["labels"][key].as_str();
    if let Some(application) = application_of(live, tracking) {
        return (application != service).then(|| Owner::ArgoCd(application.to_owned()));
    }
    if let Some(release) = annotation("meta.helm.sh/release-name") {
        let namespace = annotation("meta.helm.sh/release-namespace").unwrap_or("default");
        return Some(Owner::Helm(format!("{namespace}/{release}")));
    }
    for (kind, name) in [
        ("HelmRelease", "helm.toolkit.fluxcd.io"),
        ("Kustomization", "kustomize.toolkit.fluxcd.io"),
    ] {
        if let Some(found) = label(&format!("{name}/name")) {
            let namespace = label(&format!("{name}/namespace")).unwrap_or_default();
            return Some(Owner::Flux(format!("{kind} {namespace}/{found}")));
        }
    }
    let controllers = metadata["ownerReferences"].as_array().into_iter().flatten();
    let mut controllers = controllers.filter(|one| one["controller"] == Value::Bool(true));
    controllers.next().map(|one| {
        let text = |key: &str| one[key].as_str().unwrap_or_default();
        Owner::Controller(format!("{} {}", text("kind"), text("name")))
    })
}

/// Returns the Application that a live object is marked as being of.
pub fn application_of<'l>(live: &'l Value, tracking: &TrackingSettings) -> Option<&'l str> {
    use crate::render::TrackingMethod;
    let metadata = &live["metadata"];
    let id = metadata["annotations"]["argocd.argoproj.io/tracking-id"].as_str();
    let label = metadata["labels"][tracking.label.as_str()].as_str();
    match tracking.method {
        // The label is often set by charts as well: alone it says nothing.
        TrackingMethod::Annotation | TrackingMethod::Both => {
            let (application, of_object) = id?.split_once(':')?;
            // Copied annotations name the object that they were copied from.
            let (_, name) = of_object.rsplit_once('/')?;
            (metadata["name"] == *name).then_some(application)
        }
        TrackingMethod::Label => label,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_tool_says_what_is_its_own() {
        let tracking = TrackingSettings::default();
        let of = |metadata: Value| {
            let found = owner(&json!({"metadata": metadata}), "web", &tracking);
            found.map(|it| it.to_string()).unwrap_or_default()
        };
        let id = |application: &str| {
            json!({"name": "a", "annotations": {
                "argocd.argoproj.io/tracking-id": format!("{application}:/ConfigMap:b/a")}})
        };
        assert_eq!(of(id("web")), "");
        assert_eq!(of(id("other")), "Argo CD's Application other");
        assert_eq!(
            of(
                json!({"name": "a", "annotations": {"meta.helm.sh/release-name": "r",
                "meta.helm.sh/release-namespace": "n"}})
            ),
            "Helm's release n/r"
        );
        assert_eq!(
            of(
                json!({"name": "a", "labels": {"kustomize.toolkit.fluxcd.io/name": "k",
                "kustomize.toolkit.fluxcd.io/namespace": "n"}})
            ),
            "Flux's Kustomization n/k"
        );
        assert_eq!(
            of(json!({"name": "a", "ownerReferences": [
                {"kind": "VaultSecret", "name": "v", "controller": true}]})),
            "the controller of VaultSecret v"
        );
        // A copy keeps the annotation of what it was copied from.
        let mut copy = id("other");
        copy["name"] = json!("copy");
        assert_eq!(of(copy), "");
    }
}
