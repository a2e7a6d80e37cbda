//! The pods that an object brings: takes a manifest, gives its pod template and what that template
//! refers to, never judges whether it exists.

use serde_json::Value;

/// The template of the pods that an object brings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PodTemplate<'a> {
    /// `metadata` of the pods.
    pub(crate) metadata: Option<&'a Value>,
    /// `spec` of the pods.
    pub(crate) spec: &'a Value,
}

/// An image that the pods need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NeededImage<'a> {
    /// The field that names it, counted from the template: `spec.containers[0].image`.
    pub(crate) field: String,
    /// What stands there; absent where nothing does.
    pub(crate) image: Option<&'a Value>,
    /// When it is pulled, where that is said.
    pub(crate) pull_policy: Option<&'a str>,
}

/// The lists of containers that a pod can have, in the order of their start.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Something in the pods' own namespace that they cannot start without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference<'a> {
    /// A Secret that a volume, a variable or an image pull needs.
    Secret(&'a str),
    /// A ConfigMap that a volume or a variable needs.
    ConfigMap(&'a str),
    /// The ServiceAccount that they run as.
    ServiceAccount(&'a str),
}

impl<'a> Reference<'a> {
    /// Returns the kind that is referred to.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Secret(_) => "Secret",
            Self::ConfigMap(_) => "ConfigMap",
            Self::ServiceAccount(_) => "ServiceAccount",
        }
    }

    /// Returns the name that is referred to.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Secret(name) | Self::ConfigMap(name) | Self::ServiceAccount(name) => name,
        }
    }
}

/// Returns the keys that lead to the pod template of a kind, where it brings pods.
pub(crate) fn template_keys(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&[]),
        "Deployment"
        | "StatefulSet"
        | "DaemonSet"
        | "ReplicaSet"
        | "Job"
        | "ReplicationController" => Some(&["spec", "template"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template"]),
        _ => None,
    }
}

/// Returns the whole path of a field of the pod template of a kind.
pub(crate) fn template_field(kind: &str, field: &str) -> String {
    let keys = template_keys(kind).unwrap_or_default();
    let keys = keys.iter().copied().chain([field]);
    keys.collect::<Vec<_>>().join(".")
}

/// Returns the pod template of an object, where it brings pods.
pub(crate) fn pod_template<'a>(kind: &str, manifest: &'a Value) -> Option<PodTemplate<'a>> {
    let mut keys = template_keys(kind)?.iter();
    PodTemplate::of(keys.try_fold(manifest, |holder, key| holder.get(key))?)
}

impl<'a> PodTemplate<'a> {
    /// Reads a template: what has a `spec`, and perhaps `metadata`.
    pub(crate) fn of(holder: &'a Value) -> Option<Self> {
        Some(Self {
            metadata: holder.get("metadata"),
            spec: holder.get("spec")?,
        })
    }

    /// Returns every container, init containers first.
    pub(crate) fn containers(self) -> impl Iterator<Item = &'a Value> {
        self.indexed_containers().map(|(_, _, container)| container)
    }

    /// Returns every container with the list that it is in and its place there.
    pub(crate) fn indexed_containers(
        self,
    ) -> impl Iterator<Item = (&'static str, usize, &'a Value)> {
        CONTAINERS.into_iter().flat_map(move |key| {
            items(self.spec, key)
                .enumerate()
                .map(move |(index, container)| (key, index, container))
        })
    }

    /// Returns the images of all containers and volumes.
    pub(crate) fn images(self) -> Vec<NeededImage<'a>> {
        let mut found: Vec<NeededImage<'a>> = self
            .indexed_containers()
            .map(|(key, index, container)| NeededImage {
                field: format!("spec.{key}[{index}].image"),
                image: present(container.get("image")),
                pull_policy: text(container, "/imagePullPolicy"),
            })
            .collect();
        for (index, volume) in items(self.spec, "volumes").enumerate() {
            if let Some(image) = present(volume.get("image")) {
                found.push(NeededImage {
                    field: format!("spec.volumes[{index}].image.reference"),
                    image: present(image.get("reference")),
                    pull_policy: text(image, "/pullPolicy"),
                });
            }
        }
        found
    }

    /// Returns what the pods cannot start without, optional references left out.
    pub(crate) fn references(self) -> Vec<Reference<'a>> {
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
pub(crate) fn items<'a>(holder: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    holder
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// Absent, null and an empty text are the same to the API server.
fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// Returns the non-empty text at a JSON pointer.
pub(crate) fn text<'a>(holder: &'a Value, pointer: &str) -> Option<&'a str> {
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

    #[test]
    fn images_are_found_in_every_list_of_containers_and_in_volumes() {
        let template = json!({"spec": {
            "containers": [{"image": "b:1"}, {"name": "without"}],
            "initContainers": [{"image": "a:1", "imagePullPolicy": "Never"}],
            "ephemeralContainers": [{"image": "c:1"}],
            "volumes": [{"name": "x", "emptyDir": {}}, {"name": "y", "image": {"reference": "d:1"}}],
        }});
        let template = PodTemplate::of(&template).expect("a template");
        let found: Vec<String> = template
            .images()
            .into_iter()
            .map(|found| {
                let image = found.image.and_then(Value::as_str).unwrap_or("-");
                format!(
                    "{} {image} {}",
                    found.field,
                    found.pull_policy.unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "spec.initContainers[0].image a:1 Never",
                "spec.containers[0].image b:1 -",
                "spec.containers[1].image - -",
                "spec.ephemeralContainers[0].image c:1 -",
                "spec.volumes[1].image.reference d:1 -",
            ]
        );
    }
}
