//! Argo CD's tracking annotation: takes an Application's name and an object, gives the object as
//! Argo CD would write it, never touches a CustomResourceDefinition (nor does Argo CD).

use serde_json::{Map, Value};

use crate::render::Object;

const ANNOTATION: &str = "argocd.argoproj.io/tracking-id";

/// Stamps an object as belonging to an Application.
///
/// A cluster-scoped object gets the namespace of the Application's destination in its identifier:
/// Argo CD builds it before it knows the scope.
pub(super) fn stamp(object: &mut Object, application: &str, destination: &str) {
    if object.id.group_kind() == ("apiextensions.k8s.io", "CustomResourceDefinition") {
        return;
    }
    let namespace = object.id.namespace.as_deref().unwrap_or(destination);
    let identifier = format!(
        "{application}:{}/{}:{namespace}/{}",
        object.id.group(),
        object.id.kind,
        object.id.name
    );
    let empty = || Value::Object(Map::new());
    if let Value::Object(fields) = &mut object.manifest
        && let Value::Object(metadata) = fields.entry("metadata").or_insert_with(empty)
    {
        let annotations = metadata.entry("annotations").or_insert_with(empty);
        if !annotations.is_object() {
            *annotations = empty();
        }
        if let Value::Object(annotations) = annotations {
            annotations.insert(ANNOTATION.to_owned(), Value::String(identifier));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::render::{ObjectId, Phase};
    use crate::source::Source;

    fn stamped(api_version: &str, kind: &str, namespace: Option<&str>) -> Value {
        let mut object = Object {
            id: ObjectId {
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                namespace: namespace.map(str::to_owned),
                name: "x".to_owned(),
            },
            manifest: json!({"metadata": {"name": "x", "annotations": null}}),
            source: Source::file("x.yaml"),
            phase: Phase::Sync,
            hook: false,
            hook_delete_policies: Vec::new(),
            sync_wave: 0,
        };
        stamp(&mut object, "portal", "portal-namespace");
        object.manifest["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"].take()
    }

    #[test]
    fn identifiers_are_built_as_argo_cd_builds_them() {
        assert_eq!(
            stamped("apps/v1", "Deployment", Some("a")),
            json!("portal:apps/Deployment:a/x")
        );
        assert_eq!(
            stamped("v1", "Service", Some("a")),
            json!("portal:/Service:a/x")
        );
        assert_eq!(
            stamped("rbac.authorization.k8s.io/v1", "ClusterRole", None),
            json!("portal:rbac.authorization.k8s.io/ClusterRole:portal-namespace/x")
        );
        let definition = stamped("apiextensions.k8s.io/v1", "CustomResourceDefinition", None);
        assert_eq!(definition, Value::Null);
    }
}
