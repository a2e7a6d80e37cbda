//! Identities: takes API version, kind, name and namespace, gives what tells resources apart, never
//! asks a cluster which kinds have namespaces.

use std::borrow::Cow;

/// Stands for the namespace of kinds that have none.
const NO_NAMESPACE: &str = "_non_namespaceable_";
/// What an absent namespace stands for.
const DEFAULT_NAMESPACE: &str = "default";

/// Splits an API version into group, empty for the core group, and version.
pub(crate) fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Returns the namespace that counts of a kind that has some.
pub(crate) fn counted(namespace: &str) -> &str {
    if namespace.is_empty() {
        DEFAULT_NAMESPACE
    } else {
        namespace
    }
}

/// Group, version and kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Gvk {
    /// The API group, empty for the core group.
    pub(crate) group: String,
    /// The version.
    pub(crate) version: String,
    /// The kind.
    pub(crate) kind: String,
}

impl Gvk {
    /// Returns group, version and kind of a manifest's first two fields.
    pub(crate) fn new(api_version: &str, kind: &str) -> Self {
        let (group, version) = split_api_version(api_version);
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
        }
    }

    /// Returns true for kinds that Kustomize knows to have no namespace: those of Kubernetes 1.21,
    /// in the versions of that time. It takes any other to have one.
    pub(crate) fn is_cluster_scoped(&self) -> bool {
        let stable = self.version == "v1";
        let early = stable || self.version == "v1beta1";
        match (self.group.as_str(), self.kind.as_str()) {
            ("", "ComponentStatus" | "Namespace" | "Node" | "PersistentVolume")
            | (
                "admissionregistration.k8s.io",
                "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding",
            ) => stable,
            (
                "admissionregistration.k8s.io",
                "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration",
            )
            | ("apiextensions.k8s.io", "CustomResourceDefinition")
            | ("apiregistration.k8s.io", "APIService")
            | ("certificates.k8s.io", "CertificateSigningRequest")
            | ("networking.k8s.io", "IngressClass")
            | ("node.k8s.io", "RuntimeClass")
            | ("rbac.authorization.k8s.io", "ClusterRole" | "ClusterRoleBinding")
            | ("scheduling.k8s.io", "PriorityClass")
            | ("storage.k8s.io", "CSIDriver" | "CSINode" | "StorageClass" | "VolumeAttachment") => {
                early
            }
            ("flowcontrol.apiserver.k8s.io", "FlowSchema" | "PriorityLevelConfiguration")
            | ("policy", "PodSecurityPolicy") => self.version == "v1beta1",
            _ => false,
        }
    }

    /// Returns true where each field that `selector` gives is the same here.
    pub(crate) fn is_selected(&self, selector: &Selector) -> bool {
        (selector.group.is_empty() || selector.group == self.group)
            && (selector.version.is_empty() || selector.version == self.version)
            && (selector.kind.is_empty() || selector.kind == self.kind)
    }
}

impl std::fmt::Display for Gvk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let or = |text: &str, other: &str| {
            if text.is_empty() {
                other.to_owned()
            } else {
                text.to_owned()
            }
        };
        let kind = or(&self.kind, "[noKind]");
        let version = or(&self.version, "[noVer]");
        write!(formatter, "{kind}.{version}.{}", or(&self.group, "[noGrp]"))
    }
}

/// A text of a table that is built in, or one that was read.
pub(crate) type Text = Cow<'static, str>;

/// Group, version and kind of which empty ones do not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Selector {
    /// The API group.
    pub(crate) group: Text,
    /// The version.
    pub(crate) version: Text,
    /// The kind.
    pub(crate) kind: Text,
}

impl Selector {
    /// Returns the selector of a table that is built in.
    pub(crate) const fn fixed(
        group: &'static str,
        version: &'static str,
        kind: &'static str,
    ) -> Self {
        Self {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed(version),
            kind: Cow::Borrowed(kind),
        }
    }

    /// Returns true where each field that `other` gives is the same here.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        (other.group.is_empty() || other.group == self.group)
            && (other.version.is_empty() || other.version == self.version)
            && (other.kind.is_empty() || other.kind == self.kind)
    }
}

/// What tells one resource from another within a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Id {
    /// Group, version and kind.
    pub(crate) gvk: Gvk,
    /// The name.
    pub(crate) name: String,
    /// The namespace as it is written, or empty.
    pub(crate) namespace: String,
}

impl Id {
    /// Returns the namespace that counts.
    pub(crate) fn effective_namespace(&self) -> &str {
        if self.gvk.is_cluster_scoped() {
            NO_NAMESPACE
        } else {
            counted(&self.namespace)
        }
    }

    /// Returns true for the same resource.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.gvk == other.gvk
            && self.name == other.name
            && self.effective_namespace() == other.effective_namespace()
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = &self.gvk.kind;
        if self.namespace.is_empty() {
            write!(formatter, "{kind} {}", self.name)
        } else {
            write!(formatter, "{kind} {}/{}", self.namespace, self.name)
        }
    }
}
