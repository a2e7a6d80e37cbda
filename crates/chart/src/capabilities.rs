//! What a chart may ask about the cluster: takes versions, gives `.Capabilities`, never asks a
//! cluster.

use gotemplate::Value;

/// The API versions that Helm assumes when it is told of none.
const DEFAULT_API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "lifecycle.k8s.io/v1alpha1",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];

/// A version of Kubernetes, as `.Capabilities.KubeVersion` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeVersion {
    /// The version as the cluster tells it, with a leading `v`.
    pub version: String,
    /// The three numbers alone, with a leading `v`: what `kubeVersion` of charts is held against.
    pub normalized: String,
    /// The first number.
    pub major: String,
    /// The second number.
    pub minor: String,
}

/// The text is no version of Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid kube version '{0}': could not parse {0:?} as version")]
pub struct InvalidKubeVersion(pub String);

impl KubeVersion {
    /// What Go's `String` gives: a deep copy has lost what is not exported.
    pub(crate) fn shown(&self) -> &str {
        if self.normalized.is_empty() {
            &self.version
        } else {
            &self.normalized
        }
    }

    /// Reads a version such as `1.34`, `v1.34.4` or `v1.34.4-gke.1`.
    pub fn parse(text: &str) -> Result<Self, InvalidKubeVersion> {
        let invalid = || InvalidKubeVersion(text.to_owned());
        let plain = text.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
        let plain = plain.strip_prefix('v').unwrap_or(plain);
        // The numbers, as long as each dot has one behind it; what follows is of no account.
        let mut parts: Vec<&str> = plain.split('.').collect();
        let digits = |part: &str| part.find(|c: char| !c.is_ascii_digit());
        if let Some(last) = parts.iter().position(|part| digits(part).is_some()) {
            let end = digits(parts[last]).unwrap_or_default();
            parts[last] = &parts[last][..end];
            parts.truncate(last + 1);
        }
        if let Some(empty) = parts.iter().position(|part| part.is_empty()) {
            parts.truncate(empty);
        }
        if parts.len() < 2
            || parts[0].len() > 1 && parts[0].starts_with('0')
            || plain.contains('\n')
        {
            return Err(invalid());
        }
        let numbers: Vec<u64> = parts
            .iter()
            .map(|part| part.parse().map_err(|_| invalid()))
            .collect::<Result<_, _>>()?;
        let parts: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let version = if text.starts_with('v') {
            text.to_owned()
        } else {
            format!("v{text}")
        };
        let normalized = format!("v{}", parts.join("."));
        Ok(Self {
            version,
            normalized,
            major: parts[0].clone(),
            minor: parts[1].clone(),
        })
    }
}

/// The version of Helm that charts are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelmVersion {
    /// The version of Helm, with a leading `v`.
    pub version: String,
    /// The revision that it was built from.
    pub git_commit: String,
    /// Whether that revision had been changed.
    pub git_tree_state: String,
    /// The version of Go.
    pub go_version: String,
    /// The version of the Kubernetes client.
    pub kube_client_version: String,
}

impl Default for HelmVersion {
    fn default() -> Self {
        Self {
            version: "v4.3.1".to_owned(),
            git_commit: String::new(),
            git_tree_state: String::new(),
            go_version: "go1.26.8".to_owned(),
            kube_client_version: "v1.37".to_owned(),
        }
    }
}

/// What the cluster can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The version of Kubernetes.
    pub kube_version: KubeVersion,
    /// The API versions that it serves, `group/version` and `group/version/Kind`.
    pub api_versions: Vec<String>,
    /// The version of Helm that charts are told.
    pub helm_version: HelmVersion,
}

impl Capabilities {
    /// Makes what `helm template --kube-version` assumes, with the further API versions of
    /// `--api-versions`.
    pub fn new<I>(kube_version: KubeVersion, api_versions: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let known = DEFAULT_API_VERSIONS
            .iter()
            .map(|&version| version.to_owned());
        Self {
            kube_version,
            api_versions: known
                .chain(api_versions.into_iter().map(Into::into))
                .collect(),
            helm_version: HelmVersion::default(),
        }
    }

    /// Returns `.Capabilities`.
    pub(crate) fn to_value(&self) -> Value {
        Value::host(crate::objects::CapabilitiesValue(self.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::KubeVersion;

    #[test]
    fn kube_versions_are_taken_apart() {
        let version = KubeVersion::parse("1.34.0-gke.1").unwrap();
        assert_eq!(version.version, "v1.34.0-gke.1");
        assert_eq!(version.normalized, "v1.34.0");
        assert_eq!(
            (version.major.as_str(), version.minor.as_str()),
            ("1", "34")
        );
        let shown = |text: &str| KubeVersion::parse(text).map(|version| version.shown().to_owned());
        assert_eq!(shown("1.030").unwrap(), "v1.30");
        assert_eq!(shown(" v1.20.").unwrap(), "v1.20");
        assert_eq!(shown("1.02.3a").unwrap(), "v1.2.3");
        assert_eq!(shown("1.2..3").unwrap(), "v1.2");
        assert!(shown("01.2").is_err());
        assert!(shown("1..2").is_err());
        assert!(shown("1.99999999999999999999").is_err());
        assert!(KubeVersion::parse("x").is_err());
        assert!(KubeVersion::parse("1").is_err());
    }
}
