//! The pods that an object brings: takes a manifest, gives its pod template and what that template
//! refers to, never judges whether it exists.

use serde_json::Value;

/// The template of the pods that an object brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct PodTemplate<'a> {
    /// `metadata` of the pods.
    pub(super) metadata: Option<&'a Value>,
    /// `spec` of the pods.
    pub(super) spec: &'a Value,
}

/// Something in the pods' own namespace that they cannot start without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference<'a> {
    /// A Secret that a volume, a variable or an image pull needs.
    Secret(&'a str),
    /// A ConfigMap that a volume or a variable needs.
    ConfigMap(&'a str),
    /// The ServiceAccount that they run as.
    ServiceAccount(&'a str),
}

impl<'a> Reference<'a> {
    /// Returns the kind that is referred to.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Secret(_) => "Secret",
            Self::ConfigMap(_) => "ConfigMap",
            Self::ServiceAccount(_) => "ServiceAccount",
        }
    }

    /// Returns the name that is referred to.
    pub(super) fn name(self) -> &'a str {
        match self {
            Self::Secret(name) | Self::ConfigMap(name) | Self::ServiceAccount(name) => name,
        }
    }
}

/// Returns the pod template of an object, where it brings pods.
pub(super) fn pod_template<'a>(kind: &str, manifest: &'a Value) -> Option<PodTemplate<'a>> {
    let holder = match kind {
        "Pod" => manifest,
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "ReplicationController" => manifest.pointer("/spec/template")?,
        "CronJob" => manifest.pointer("/spec/jobTemplate/spec/template")?,
        _ => return None,
    };
    Some(PodTemplate {
        metadata: holder.get("metadata"),
        spec: holder.get("spec")?,
    })
}

impl<'a> PodTemplate<'a> {
    /// Returns every container, init containers first.
    pub(super) fn containers(self) -> impl Iterator<Item = &'a Value> {
        ["initContainers", "containers"]
            .into_iter()
            .flat_map(move |key| items(self.spec, key))
    }

    /// Returns what the pods cannot start without, optional references left out.
    pub(super) fn references(self) -> Vec<Reference<'a>> {
        let mut found = Vec::new();
        if let Some(name) = text(self.spec, "/serviceAccountName") {
            found.push(Reference::ServiceAccount(name));
        }
        // A missing image pull secret is only a warning of the kubelet: the image may be public.
        for volume in items(self.spec, "volumes") {
            references_of_volume(volume, &mut found);
        }
        for container in self.containers() {
            for source in items(container, "envFrom") {
                push(source, "/secretRef", "/name", Reference::Secret, &mut found);
                push(
                    source,
                    "/configMapRef",
                    "/name",
                    Reference::ConfigMap,
                    &mut found,
                );
            }
            for variable in items(container, "env") {
                let from = |key| format!("/valueFrom/{key}");
                push(
                    variable,
                    &from("secretKeyRef"),
                    "/name",
                    Reference::Secret,
                    &mut found,
                );
                push(
                    variable,
                    &from("configMapKeyRef"),
                    "/name",
                    Reference::ConfigMap,
                    &mut found,
                );
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn references_of_volume<'a>(volume: &'a Value, found: &mut Vec<Reference<'a>>) {
    push(volume, "/secret", "/secretName", Reference::Secret, found);
    push(volume, "/configMap", "/name", Reference::ConfigMap, found);
    if let Some(projected) = volume.get("projected") {
        for source in items(projected, "sources") {
            push(source, "/secret", "/name", Reference::Secret, found);
            push(source, "/configMap", "/name", Reference::ConfigMap, found);
        }
    }
}

fn push<'a>(
    holder: &'a Value,
    at: &str,
    name: &str,
    make: impl Fn(&'a str) -> Reference<'a>,
    found: &mut Vec<Reference<'a>>,
) {
    let Some(reference) = holder.pointer(at) else {
        return;
    };
    if reference.get("optional").and_then(Value::as_bool) == Some(true) {
        return;
    }
    if let Some(name) = text(reference, name) {
        found.push(make(name));
    }
}

/// Returns the items of a list below `key`, none where there is no list.
pub(super) fn items<'a>(holder: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    holder
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Returns the non-empty text at a JSON pointer.
pub(super) fn text<'a>(holder: &'a Value, pointer: &str) -> Option<&'a str> {
    holder
        .pointer(pointer)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_found_wherever_a_pod_can_have_them() {
        let manifest = json!({"spec": {"jobTemplate": {"spec": {"template": {"spec": {
            "serviceAccountName": "account",
            "volumes": [
                {"name": "a", "secret": {"secretName": "volume-secret"}},
                {"name": "b", "configMap": {"name": "perhaps", "optional": true}},
                {"name": "c", "projected": {"sources": [{"configMap": {"name": "projected"}}]}},
            ],
            "initContainers": [{"envFrom": [{"secretRef": {"name": "from-secret"}}]}],
            "containers": [{"env": [
                {"name": "X", "valueFrom": {"configMapKeyRef": {"name": "variables", "key": "x"}}},
            ]}],
        }}}}}});
        let template = pod_template("CronJob", &manifest).expect("a template");
        assert_eq!(
            template.references(),
            [
                Reference::Secret("from-secret"),
                Reference::Secret("volume-secret"),
                Reference::ConfigMap("projected"),
                Reference::ConfigMap("variables"),
                Reference::ServiceAccount("account"),
            ]
        );
    }
}
