//! Which fields hold names of other resources: takes nothing, gives a table, never looks at a
//! manifest.

use std::borrow::Cow;

use crate::fieldspec::FieldSpec;
use crate::id::{Gvk, Selector, Text};

/// A field that holds a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Which resources it names.
    pub(crate) target: Selector,
    /// Where it is.
    pub(crate) field: FieldSpec,
}

/// Fields that hold names: those that are built in, or a table that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum References {
    /// What Kustomize has built in.
    BuiltIn,
    /// Any other table.
    Own(Vec<Reference>),
}

impl References {
    /// Returns the whole table.
    pub(crate) fn all(&self) -> Cow<'_, [Reference]> {
        match self {
            Self::BuiltIn => Cow::Owned(built_in(None)),
            Self::Own(references) => Cow::Borrowed(references),
        }
    }

    /// Returns the fields of a kind, in the order of the table.
    pub(crate) fn of(&self, gvk: &Gvk) -> Vec<Reference> {
        match self {
            Self::BuiltIn => built_in(Some(gvk)),
            Self::Own(references) => {
                let of_kind = |it: &&Reference| gvk.is_selected(&it.field.of);
                references.iter().filter(of_kind).cloned().collect()
            }
        }
    }

    /// Returns the table to be changed.
    pub(crate) fn to_mut(&mut self) -> &mut Vec<Reference> {
        if *self == Self::BuiltIn {
            *self = Self::Own(built_in(None));
        }
        match self {
            Self::Own(references) => references,
            Self::BuiltIn => unreachable!("it was made its own"),
        }
    }
}

impl Default for References {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl From<Vec<Reference>> for References {
    fn from(references: Vec<Reference>) -> Self {
        Self::Own(references)
    }
}

/// Kinds of this table; an empty text stands for any.
#[derive(Clone, Copy, Default)]
struct Kinds {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
}

impl From<Kinds> for Selector {
    fn from(kinds: Kinds) -> Self {
        Self::fixed(kinds.group, kinds.version, kinds.kind)
    }
}

/// Kinds with pods, and where the pods are. The second is for kinds of the core group's version.
const PODS: [(&str, &str, &str); 8] = [
    ("v1", "Pod", "spec"),
    ("", "PodTemplate", "template/spec"),
    ("", "Deployment", "spec/template/spec"),
    ("", "ReplicaSet", "spec/template/spec"),
    ("", "DaemonSet", "spec/template/spec"),
    ("", "StatefulSet", "spec/template/spec"),
    ("", "Job", "spec/template/spec"),
    ("", "CronJob", "spec/jobTemplate/spec/template/spec"),
];

/// Kinds with pods whose fields for service accounts, claims and priorities are known: others than
/// those for configuration.
const ACCOUNT_PODS: [(&str, &str); 7] = [
    ("Pod", "spec"),
    ("StatefulSet", "spec/template/spec"),
    ("Deployment", "spec/template/spec"),
    ("ReplicationController", "spec/template/spec"),
    ("CronJob", "spec/jobTemplate/spec/template/spec"),
    ("Job", "spec/template/spec"),
    ("DaemonSet", "spec/template/spec"),
];

const CONFIG_MAP_IN_POD: [&str; 6] = [
    "volumes/configMap/name",
    "containers/env/valueFrom/configMapKeyRef/name",
    "initContainers/env/valueFrom/configMapKeyRef/name",
    "containers/envFrom/configMapRef/name",
    "initContainers/envFrom/configMapRef/name",
    "volumes/projected/sources/configMap/name",
];

const SECRET_IN_POD: [&str; 7] = [
    "volumes/secret/secretName",
    "containers/env/valueFrom/secretKeyRef/name",
    "initContainers/env/valueFrom/secretKeyRef/name",
    "containers/envFrom/secretRef/name",
    "initContainers/envFrom/secretRef/name",
    "imagePullSecrets/name",
    "volumes/projected/sources/secret/name",
];

/// The API group of roles and their bindings.
const RBAC: &str = "rbac.authorization.k8s.io";
/// The API group of webhooks and policies.
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Collects the table, or what it has for a kind.
struct Table<'g> {
    of: Option<&'g Gvk>,
    rows: Vec<Reference>,
}

impl Table<'_> {
    /// Returns true where fields of kinds are wanted.
    fn wants(&self, of: Kinds) -> bool {
        let is = |wanted: &str, one: &str| wanted.is_empty() || wanted == one;
        self.of.is_none_or(|gvk| {
            is(of.kind, &gvk.kind) && is(of.group, &gvk.group) && is(of.version, &gvk.version)
        })
    }

    /// Adds a field of a kind of any group.
    fn add(&mut self, target: Kinds, kind: &'static str, path: impl Into<Text>) {
        self.add_in(
            target,
            Kinds {
                kind,
                ..Kinds::default()
            },
            path,
        );
    }

    /// Adds a field of kinds.
    fn add_in(&mut self, target: Kinds, of: Kinds, path: impl Into<Text>) {
        if self.wants(of) {
            self.rows.push(Reference {
                target: target.into(),
                field: FieldSpec {
                    of: of.into(),
                    path: path.into(),
                    create: false,
                },
            });
        }
    }

    /// Adds a field of all pods.
    fn add_in_pods(&mut self, target: Kinds, path: &str) {
        for (version, kind, pod) in PODS {
            let of = Kinds {
                group: "",
                version,
                kind,
            };
            if self.wants(of) {
                self.add_in(target, of, format!("{pod}/{path}"));
            }
        }
    }
}

/// Returns every field that is known to hold a name, or those of a kind.
fn built_in(of: Option<&Gvk>) -> Vec<Reference> {
    let mut table = Table {
        of,
        rows: Vec::new(),
    };
    let core = |kind| Kinds {
        group: "",
        version: "v1",
        kind,
    };
    let of_group = |group, kind| Kinds {
        group,
        version: "",
        kind,
    };
    for kind in [
        "Deployment",
        "ReplicationController",
        "ReplicaSet",
        "StatefulSet",
    ] {
        table.add(
            of_group("", kind),
            "HorizontalPodAutoscaler",
            "spec/scaleTargetRef/name",
        );
    }
    add_configuration(&mut table, core("ConfigMap"), core("Secret"));
    let service = core("Service");
    table.add_in(service, of_group("apps", "StatefulSet"), "spec/serviceName");
    for path in [
        "spec/rules/http/paths/backend/serviceName",
        "spec/backend/serviceName",
        "spec/rules/http/paths/backend/service/name",
        "spec/defaultBackend/service/name",
    ] {
        table.add(service, "Ingress", path);
    }
    table.add_in(
        service,
        of_group("apiregistration.k8s.io", "APIService"),
        "spec/service/name",
    );
    for kind in [
        "ValidatingWebhookConfiguration",
        "MutatingWebhookConfiguration",
    ] {
        table.add_in(
            service,
            of_group(ADMISSION, kind),
            "webhooks/clientConfig/service",
        );
    }
    table.add_in(
        of_group(RBAC, "Role"),
        of_group(RBAC, "RoleBinding"),
        "roleRef/name",
    );
    for kind in ["RoleBinding", "ClusterRoleBinding"] {
        table.add_in(
            of_group(RBAC, "ClusterRole"),
            of_group(RBAC, kind),
            "roleRef/name",
        );
        table.add_in(core("ServiceAccount"), of_group(RBAC, kind), "subjects");
    }
    let priority = Kinds {
        group: "scheduling.k8s.io",
        version: "v1",
        kind: "PriorityClass",
    };
    for (kind, pod) in ACCOUNT_PODS {
        let pods = Kinds {
            kind,
            ..Kinds::default()
        };
        if !table.wants(pods) {
            continue;
        }
        table.add(
            core("ServiceAccount"),
            kind,
            format!("{pod}/serviceAccountName"),
        );
        let claim = format!("{pod}/volumes/persistentVolumeClaim/claimName");
        table.add(core("PersistentVolumeClaim"), kind, claim);
        table.add(priority, kind, format!("{pod}/priorityClassName"));
    }
    table.add(
        core("PersistentVolume"),
        "PersistentVolumeClaim",
        "spec/volumeName",
    );
    table.add(
        core("PersistentVolume"),
        "ClusterRole",
        "rules/resourceNames",
    );
    let storage = Kinds {
        group: "storage.k8s.io",
        version: "v1",
        kind: "StorageClass",
    };
    table.add(storage, "PersistentVolume", "spec/storageClassName");
    table.add(storage, "PersistentVolumeClaim", "spec/storageClassName");
    table.add(
        storage,
        "StatefulSet",
        "spec/volumeClaimTemplates/spec/storageClassName",
    );
    let policy = of_group(ADMISSION, "ValidatingAdmissionPolicy");
    let binding = of_group(ADMISSION, "ValidatingAdmissionPolicyBinding");
    table.add_in(policy, binding, "spec/policyName");
    table.rows
}

/// Adds the fields that name a `ConfigMap` or a `Secret`.
fn add_configuration(table: &mut Table<'_>, config_map: Kinds, secret: Kinds) {
    for path in CONFIG_MAP_IN_POD {
        table.add_in_pods(config_map, path);
    }
    table.add(config_map, "Node", "spec/configSource/configMap");
    table.add(
        config_map,
        "Ingress",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap",
    );
    for path in SECRET_IN_POD {
        table.add_in_pods(secret, path);
    }
    table.add(secret, "Ingress", "spec/tls/secretName");
    for path in [
        "metadata/annotations/ingress.kubernetes.io\\/auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret",
    ] {
        table.add(secret, "Ingress", path);
    }
    table.add(secret, "ServiceAccount", "imagePullSecrets/name");
    for path in [
        "parameters/secretName",
        "parameters/adminSecretName",
        "parameters/userSecretName",
        "parameters/secretRef",
    ] {
        table.add(secret, "StorageClass", path);
    }
    for target in [config_map, secret] {
        for kind in ["Role", "ClusterRole"] {
            table.add(target, kind, "rules/resourceNames");
        }
    }
    let knative = Kinds {
        group: "serving.knative.dev",
        version: "v1",
        kind: "Service",
    };
    let path = "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
    table.add_in(secret, knative, path);
    table.add(secret, "PersistentVolume", "spec/azureFile/secretName");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_kind_are_those_of_the_table() {
        let all = References::Own(built_in(None));
        for (api_version, kind) in [
            ("v1", "Pod"),
            ("v2", "Pod"),
            ("apps/v1", "Deployment"),
            ("apps/v1", "StatefulSet"),
            ("x.example.com/v1", "StatefulSet"),
            ("networking.k8s.io/v1", "Ingress"),
            ("rbac.authorization.k8s.io/v1", "RoleBinding"),
            ("storage.k8s.io/v1", "StorageClass"),
            ("v1", "ConfigMap"),
        ] {
            let gvk = Gvk::new(api_version, kind);
            assert_eq!(References::BuiltIn.of(&gvk), all.of(&gvk), "{kind}");
        }
    }
}
