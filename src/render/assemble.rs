//! Manifests -> objects of one service: takes what its source yields, gives objects with namespace,
//! phase and order as Argo CD computes them, never renders a source.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::catalog::{Manifest, Service};
use crate::problem::Problem;

use super::hook::place;
use super::object::{Object, ObjectId, Phase};
use super::order::sort;
use super::scope::Scopes;

/// Turns manifests into a service's objects, in the order of their writing.
pub(super) fn assemble(
    service: &Service,
    manifests: Vec<Manifest>,
    scopes: &Scopes,
) -> Result<Vec<Object>, Vec<Problem>> {
    let mut objects = Vec::new();
    let mut problems = Vec::new();
    for manifest in manifests {
        let placement = place(&manifest.value);
        for phase in &placement.phases {
            match object(service, manifest.clone(), scopes, *phase) {
                Ok(mut object) => {
                    object.hook = placement.hook;
                    object
                        .hook_delete_policies
                        .clone_from(&placement.delete_policies);
                    object.sync_wave = placement.sync_wave;
                    objects.push(object);
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    if !problems.is_empty() {
        problems.dedup();
        return Err(problems);
    }
    sort(&mut objects);
    Ok(objects)
}

/// Returns lists taken apart, and documents without content left out.
pub(super) fn flatten(manifests: Vec<Manifest>) -> Vec<Manifest> {
    let mut flat = Vec::with_capacity(manifests.len());
    for manifest in manifests {
        let is_list = manifest.kind().ends_with("List") && manifest.value.get("items").is_some();
        if is_list {
            if let Some(Value::Array(items)) = manifest.value.get("items") {
                let item = |value: &Value| Manifest {
                    value: value.clone(),
                    source: manifest.source.clone(),
                };
                flat.extend(flatten(items.iter().map(item).collect()));
            }
        } else if !manifest.value.is_null() && manifest.value != json!({}) {
            flat.push(manifest);
        }
    }
    flat
}

fn object(
    service: &Service,
    manifest: Manifest,
    scopes: &Scopes,
    phase: Phase,
) -> Result<Object, Problem> {
    let problem = |message: String| Err(Problem::new(message).at(manifest.source.clone()));
    let Some(fields) = manifest.value.as_object() else {
        return problem(format!(
            "{} yields a document that is no Kubernetes object",
            service.name
        ));
    };
    for field in ["apiVersion", "kind"] {
        if fields
            .get(field)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            return problem(format!(
                "{} yields an object without `{field}`",
                service.name
            ));
        }
    }
    let kind = manifest.kind().to_owned();
    let namespaced = scopes.is_namespaced(manifest.group(), &kind);
    let namespace = namespaced.then(|| {
        manifest
            .namespace()
            .map_or_else(|| service.namespace.clone(), str::to_owned)
    });
    let name = match (
        manifest.name(),
        manifest.value.pointer("/metadata/generateName"),
    ) {
        ("", Some(Value::String(prefix))) => generated_name(prefix, phase, &manifest.value),
        ("", _) => return problem(format!("{} yields a {kind} without a name", service.name)),
        (name, _) => name.to_owned(),
    };
    let id = ObjectId {
        api_version: manifest.api_version().to_owned(),
        kind,
        namespace,
        name,
    };
    let mut value = manifest.value;
    let metadata = value.as_object_mut().map(|fields| {
        fields
            .entry("metadata")
            .or_insert_with(|| Value::Object(Map::new()))
    });
    if let Some(Value::Object(metadata)) = metadata {
        metadata.insert("name".to_owned(), Value::String(id.name.clone()));
        match &id.namespace {
            Some(namespace) => {
                metadata.insert("namespace".to_owned(), Value::String(namespace.clone()));
            }
            None => {
                metadata.remove("namespace");
            }
        }
    }
    Ok(Object {
        id,
        manifest: value,
        source: manifest.source,
        phase,
        hook: false,
        hook_delete_policies: Vec::new(),
        sync_wave: 0,
    })
}

/// Returns a name for a hook that only gives a prefix. Argo CD appends revision, phase and time; a
/// plan has no time, so the content stands in for it: the same hook has the same name.
fn generated_name(prefix: &str, phase: Phase, manifest: &Value) -> String {
    let digest = Sha256::digest(manifest.to_string().as_bytes());
    let digest = digest
        .iter()
        .take(4)
        .fold(String::new(), |mut digest, byte| {
            let _ = write!(digest, "{byte:02x}");
            digest
        });
    let phase = match phase {
        Phase::PreSync => "presync",
        Phase::Sync => "sync",
        Phase::PostSync => "postsync",
    };
    format!("{prefix}{digest}-{phase}")
}

/// Returns the Namespace that `CreateNamespace=true` implies, unless the service brings it itself.
pub(super) fn implied_namespace(service: &Service, objects: &[Object]) -> Option<Object> {
    let brings = objects.iter().any(|object| {
        object.id.group_kind() == ("", "Namespace") && object.id.name == service.namespace
    });
    if brings || !service.creates_namespace() {
        return None;
    }
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(service.namespace));
    for (key, values) in [
        ("labels", &service.namespace_metadata.labels),
        ("annotations", &service.namespace_metadata.annotations),
    ] {
        if !values.is_empty() {
            metadata.insert(key.to_owned(), json!(values));
        }
    }
    Some(Object {
        id: ObjectId {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: service.namespace.clone(),
        },
        manifest: json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}),
        source: service.source.clone(),
        phase: Phase::PreSync,
        hook: false,
        hook_delete_policies: Vec::new(),
        sync_wave: i32::MIN,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::catalog::{NamespaceMetadata, Renderer};
    use crate::source::Source;

    fn service() -> Service {
        Service {
            chart: None,
            checkout: None,
            name: "web".to_owned(),
            namespace: "web-namespace".to_owned(),
            project: "default".to_owned(),
            path: "services/web".to_owned(),
            renderer: Renderer::Kustomize(Box::default()),
            sync_options: vec!["CreateNamespace=true".to_owned()],
            namespace_metadata: NamespaceMetadata::default(),
            depends_on: Vec::new(),
            stall_timeout: Duration::from_secs(1),
            sync_wave: None,
            application: Value::Null,
            source: Source::file("root.yaml"),
        }
    }

    fn assembled(values: Vec<Value>) -> Result<Vec<Object>, Vec<Problem>> {
        let source = Source::file("x.yaml");
        let manifests = values
            .into_iter()
            .map(|value| Manifest {
                value,
                source: source.clone(),
            })
            .collect();
        assemble(&service(), flatten(manifests), &Scopes::default())
    }

    #[test]
    fn lists_are_taken_apart_and_namespaces_filled_in() {
        let objects = assembled(vec![
            json!({"apiVersion": "v1", "kind": "List", "items": [
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
                {"apiVersion": "v1", "kind": "ConfigMap",
                 "metadata": {"name": "b", "namespace": "other"}},
            ]}),
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
                   "metadata": {"name": "c", "namespace": "wrong"}}),
            Value::Null,
        ])
        .expect("objects");
        let ids: Vec<String> = objects.iter().map(|object| object.id.to_string()).collect();
        assert_eq!(
            ids,
            [
                "ConfigMap web-namespace/a",
                "ConfigMap other/b",
                "ClusterRole c"
            ]
        );
        assert_eq!(
            objects[0].manifest["metadata"]["namespace"],
            "web-namespace"
        );
        assert!(objects[2].manifest["metadata"].get("namespace").is_none());
        let namespace = implied_namespace(&service(), &objects).expect("a namespace");
        assert_eq!(namespace.id.name, "web-namespace");
    }

    #[test]
    fn a_hook_in_two_phases_is_two_objects_and_a_prefix_becomes_a_stable_name() {
        let hook = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {
            "generateName": "migrate-",
            "annotations": {"argocd.argoproj.io/hook": "PreSync,PostSync"},
        }});
        let objects = assembled(vec![hook.clone()]).expect("objects");
        assert_eq!(objects.len(), 2);
        assert!(
            objects[0].id.name.starts_with("migrate-") && objects[0].id.name.ends_with("-presync")
        );
        assert_eq!(objects, assembled(vec![hook]).expect("objects"));
    }

    #[test]
    fn what_is_no_object_is_told() {
        let problems = assembled(vec![
            json!({"kind": "ConfigMap", "metadata": {"name": "a"}}),
            json!({"apiVersion": "v1", "kind": "ConfigMap"}),
            json!("text"),
        ])
        .expect_err("problems");
        let messages: Vec<&str> = problems.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "web yields an object without `apiVersion`",
                "web yields a ConfigMap without a name",
                "web yields a document that is no Kubernetes object",
            ]
        );
    }
}
