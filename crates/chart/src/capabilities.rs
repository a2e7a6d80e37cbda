//! What a chart may ask about the cluster: takes versions, gives `.Capabilities`, never asks a
//! cluster.

use std::borrow::Cow;

use gotemplate::{FunctionError, Host, List, Text, Value};
use serde_json::json;

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
    /// Reads a version such as `1.34`, `v1.34.4` or `v1.34.4-gke.1`.
    pub fn parse(text: &str) -> Result<Self, InvalidKubeVersion> {
        let invalid = || InvalidKubeVersion(text.to_owned());
        let plain = text.trim();
        let plain = plain.strip_prefix('v').unwrap_or(plain);
        let end = plain
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(plain.len());
        let parts: Vec<&str> = plain[..end].split('.').collect();
        let rest = &plain[end..];
        let well_formed = parts.len() >= 2
            && parts.iter().all(|part| {
                !part.is_empty() && (*part == "0" || !part.starts_with('0')) && part.len() < 19
            })
            && !rest.starts_with(char::is_alphanumeric);
        if !well_formed {
            return Err(invalid());
        }
        let version = if text.starts_with('v') {
            text.to_owned()
        } else {
            format!("v{text}")
        };
        let normalized = if parts.len() == 2 {
            format!("v{}.{}", parts[0], parts[1])
        } else {
            format!("v{}", parts.join("."))
        };
        Ok(Self {
            version,
            normalized,
            major: parts[0].to_owned(),
            minor: parts[1].to_owned(),
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
        Value::host(CapabilitiesValue(self.clone()))
    }
}

#[derive(Debug)]
struct CapabilitiesValue(Capabilities);

impl CapabilitiesValue {
    fn versions(&self) -> Value {
        Value::host(VersionSet(self.0.api_versions.clone()))
    }

    fn helm(&self) -> Value {
        Value::host(self.0.helm_version.clone())
    }

    fn kubernetes(&self) -> Value {
        Value::host(self.0.kube_version.clone())
    }
}

impl Host for CapabilitiesValue {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*common.Capabilities")
    }

    fn kind(&self) -> gotemplate::Kind {
        gotemplate::Kind::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(self.kubernetes()),
            "APIVersions" => Some(self.versions()),
            "HelmVersion" => Some(self.helm()),
            _ => None,
        }
    }

    fn method(&self, name: &str, _: &[Value]) -> Option<Result<Value, FunctionError>> {
        (name == "Copy").then(|| Ok(self.0.to_value()))
    }

    fn display(&self) -> Option<String> {
        let KubeVersion {
            version,
            normalized,
            major,
            minor,
        } = &self.0.kube_version;
        let apis = self.0.api_versions.join(" ");
        let helm = helm_text(&self.0.helm_version);
        Some(format!(
            "&{{{{{version} {normalized} {major} {minor}}} [{apis}] {helm}}}"
        ))
    }

    fn json(&self) -> Option<serde_json::Value> {
        Some(json!({
            "KubeVersion": self.0.kube_version.json(),
            "APIVersions": self.0.api_versions,
            "HelmVersion": self.0.helm_version.json(),
        }))
    }
}

impl Host for KubeVersion {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("common.KubeVersion")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::from(self.version.as_str())),
            "Major" => Some(Value::from(self.major.as_str())),
            "Minor" => Some(Value::from(self.minor.as_str())),
            _ => None,
        }
    }

    fn method(&self, name: &str, _: &[Value]) -> Option<Result<Value, FunctionError>> {
        match name {
            "GitVersion" => Some(Ok(Value::from(self.version.as_str()))),
            "String" => Some(Ok(Value::from(self.normalized.as_str()))),
            _ => None,
        }
    }

    fn display(&self) -> Option<String> {
        Some(self.normalized.clone())
    }

    fn json(&self) -> Option<serde_json::Value> {
        Some(json!({"Version": self.version, "Major": self.major, "Minor": self.minor}))
    }
}

fn helm_text(version: &HelmVersion) -> String {
    let HelmVersion {
        version,
        git_commit,
        git_tree_state,
        go_version,
        kube_client_version,
    } = version;
    format!("{{{version} {git_commit} {git_tree_state} {go_version} {kube_client_version}}}")
}

impl Host for HelmVersion {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("version.BuildInfo")
    }

    fn field(&self, name: &str) -> Option<Value> {
        let text = match name {
            "Version" => &self.version,
            "GitCommit" => &self.git_commit,
            "GitTreeState" => &self.git_tree_state,
            "GoVersion" => &self.go_version,
            "KubeClientVersion" => &self.kube_client_version,
            _ => return None,
        };
        Some(Value::from(text.as_str()))
    }

    fn display(&self) -> Option<String> {
        Some(helm_text(self))
    }

    fn json(&self) -> Option<serde_json::Value> {
        let mut object = serde_json::Map::new();
        for (key, text) in [
            ("version", &self.version),
            ("git_commit", &self.git_commit),
            ("git_tree_state", &self.git_tree_state),
            ("go_version", &self.go_version),
        ] {
            if !text.is_empty() {
                object.insert(key.to_owned(), text.as_str().into());
            }
        }
        object.insert(
            "kube_client_version".to_owned(),
            self.kube_client_version.as_str().into(),
        );
        Some(serde_json::Value::Object(object))
    }
}

#[derive(Debug)]
struct VersionSet(Vec<String>);

impl Host for VersionSet {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("common.VersionSet")
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::List(List::strings(
            self.0.iter().map(String::as_str),
        )))
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        if name != "Has" {
            return None;
        }
        Some(match arguments {
            [Value::String(wanted)] => Ok(Value::Bool(
                self.0.iter().any(|version| *wanted == version.as_str()),
            )),
            other => Err(wrong_arguments("Has", 1, other)),
        })
    }
}

/// Words Go's complaint about the arguments of a method that takes strings.
pub(crate) fn wrong_arguments(method: &str, wanted: usize, given: &[Value]) -> FunctionError {
    if given.len() != wanted {
        let given = given.len();
        return FunctionError::new(format!(
            "wrong number of args for {method}: want {wanted} got {given}"
        ));
    }
    let wrong = given
        .iter()
        .find(|value| !matches!(value, Value::String(_)));
    let found = wrong.map_or_else(|| "string".into(), Value::type_name);
    FunctionError::new(format!(
        "wrong type for value; expected string; got {found}"
    ))
}

/// Returns the text of an argument that must be one.
pub(crate) fn text_argument<'a>(
    method: &str,
    arguments: &'a [Value],
) -> Result<&'a Text, FunctionError> {
    match arguments {
        [Value::String(text)] => Ok(text),
        other => Err(wrong_arguments(method, 1, other)),
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
        assert!(KubeVersion::parse("x").is_err());
        assert!(KubeVersion::parse("1").is_err());
    }
}
