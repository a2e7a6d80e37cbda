//! Manifests as values: takes YAML or JSON, gives them with the namespace that Argo CD would fill in,
//! and the differences of two sets in sentences. Knows nothing of how they were rendered.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::command::{Command, CommandError};

/// Reads a stream of YAML documents with the reader of Kubernetes itself.
pub(crate) fn from_yaml(text: &str) -> Result<Vec<Value>, CommandError> {
    let documents = Command::new("yaml-to-json").input(text).json()?;
    match documents {
        Value::Array(documents) => Ok(documents),
        other => Ok(vec![other]),
    }
}

/// Kinds of Kubernetes itself that have no namespace.
const CLUSTER_SCOPED: &[&str] = &[
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "CSIDriver",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
];

/// Which custom kinds have no namespace.
#[derive(Debug, Default)]
pub(crate) struct Scopes(BTreeMap<(String, String), bool>);

impl Scopes {
    /// Learns from the custom resource definitions among these manifests.
    pub(crate) fn learn(&mut self, manifests: &[Value]) {
        for manifest in manifests
            .iter()
            .filter(|each| each["kind"] == "CustomResourceDefinition")
        {
            let spec = &manifest["spec"];
            self.0.insert(
                (text(&spec["group"]), text(&spec["names"]["kind"])),
                spec["scope"] == "Namespaced",
            );
        }
    }

    fn namespaced(&self, manifest: &Value) -> bool {
        let version = text(&manifest["apiVersion"]);
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let kind = text(&manifest["kind"]);
        self.0
            .get(&(group.to_owned(), kind.clone()))
            .copied()
            .unwrap_or_else(|| !CLUSTER_SCOPED.contains(&kind.as_str()))
    }

    /// Fills in the namespace of the Application where a manifest of a namespaced kind has none, and
    /// takes it away where the kind has none, as Argo CD does.
    pub(crate) fn fill(&self, manifest: &mut Value, namespace: &str) {
        let namespaced = self.namespaced(manifest);
        let Some(metadata) = manifest["metadata"].as_object_mut() else {
            return;
        };
        if !namespaced {
            metadata.remove("namespace");
        } else if metadata
            .get("namespace")
            .is_none_or(|each| each == "" || each.is_null())
        {
            metadata.insert("namespace".to_owned(), Value::from(namespace));
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Returns group and kind, namespace and name as one word.
fn identity(manifest: &Value) -> String {
    let metadata = &manifest["metadata"];
    let name = if metadata["name"].is_null() {
        format!("{}*", text(&metadata["generateName"]))
    } else {
        text(&metadata["name"])
    };
    format!(
        "{} {} {}/{name}",
        text(&manifest["apiVersion"]),
        text(&manifest["kind"]),
        text(&metadata["namespace"]),
    )
}

/// Returns a sentence for each difference between two sets of manifests.
pub(crate) fn differences(expected: &[Value], found: &[Value]) -> Vec<String> {
    let by_identity = |manifests: &[Value]| {
        let mut map: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for manifest in manifests {
            map.entry(identity(manifest))
                .or_default()
                .push(manifest.clone());
        }
        map
    };
    let (expected, found) = (by_identity(expected), by_identity(found));
    let mut told = Vec::new();
    for (name, wanted) in &expected {
        match found.get(name) {
            None => told.push(format!("{name} is missing")),
            Some(got) if got.len() != wanted.len() => {
                told.push(format!(
                    "{name} is there {} times, not {}",
                    got.len(),
                    wanted.len()
                ));
            }
            Some(got) => {
                for (wanted, got) in wanted.iter().zip(got) {
                    compare(wanted, got, name, "", &mut told);
                }
            }
        }
    }
    for name in found.keys().filter(|name| !expected.contains_key(*name)) {
        told.push(format!("{name} is there and ought not to be"));
    }
    told
}

fn compare(wanted: &Value, got: &Value, name: &str, path: &str, told: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let path = format!("{path}/{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => compare(a, b, name, &path, told),
                    (Some(a), None) => told.push(format!("{name} {path}: {a} is missing")),
                    (None, Some(b)) => told.push(format!("{name} {path}: {b} is too much")),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, name, &format!("{path}/{index}"), told);
            }
        }
        // One may write 1 where the other writes 1.0: to Kubernetes they are the same number.
        (Value::Number(a), Value::Number(b)) if a == b || a.as_f64() == b.as_f64() => {}
        (a, b) if a == b => {}
        (a, b) => told.push(format!("{name} {path}: {b} where {a} is right")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_sets_in_another_order_do_not_differ() {
        let a = json!({"kind": "A", "metadata": {"name": "a"}, "n": 1});
        let b = json!({"kind": "B", "metadata": {"name": "b"}});
        let same = json!({"kind": "A", "metadata": {"name": "a"}, "n": 1.0});
        assert_eq!(
            differences(&[a, b.clone()], &[b, same]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn every_difference_is_told_with_its_path() {
        let wanted =
            json!({"kind": "A", "metadata": {"name": "a"}, "spec": {"x": [1, 2], "y": true}});
        let got = json!({"kind": "A", "metadata": {"name": "a"}, "spec": {"x": [1, 3], "z": null}});
        let told = differences(&[wanted], &[got]);
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("/spec/x/1: 3 where 2 is right"));
    }

    #[test]
    fn the_namespace_is_filled_in_by_scope() {
        let mut scopes = Scopes::default();
        scopes.learn(&[json!({"kind": "CustomResourceDefinition", "spec":
            {"group": "g", "scope": "Cluster", "names": {"kind": "Wide"}}})]);
        let mut wide = json!({"apiVersion": "g/v1", "kind": "Wide", "metadata": {"name": "w", "namespace": "x"}});
        let mut narrow = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}});
        scopes.fill(&mut wide, "n");
        scopes.fill(&mut narrow, "n");
        assert!(wide["metadata"].get("namespace").is_none());
        assert_eq!(narrow["metadata"]["namespace"], "n");
    }
}
