//! How a chart is rendered: takes the caller's wishes, gives them to the renderer, never decides.

use std::time::SystemTime;

use gotemplate::Limits;

use crate::context::Entropy;

/// What `.Release` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseOptions {
    /// The name of the release.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// How often the release has been rendered; `helm template` says 1.
    pub revision: i64,
    /// Whether this is an upgrade.
    pub is_upgrade: bool,
    /// Whether this is a first installation.
    pub is_install: bool,
    /// Who renders; Helm says `Helm`.
    pub service: String,
}

impl ReleaseOptions {
    /// Makes what `helm template NAME CHART --namespace NAMESPACE` uses.
    pub fn new(name: impl Into<String>, namespace: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            namespace: namespace.into(),
            revision: 1,
            is_upgrade: false,
            is_install: true,
            service: "Helm".to_owned(),
        }
    }
}

/// How a chart is rendered.
#[derive(Debug, Clone)]
pub struct RenderOptions {
    /// Whether the files in `crds/` are among the manifests.
    pub include_crds: bool,
    /// Whether `values.schema.json` is left unread.
    pub skip_schema_validation: bool,
    /// Whether the chart is only looked at: `required` and `fail` let everything pass, and library
    /// charts and those for other versions of Kubernetes are rendered too.
    pub linting: bool,
    /// What templates may use before they are stopped.
    pub limits: Limits,
    /// The time that `now` gives; the system's where it is left out.
    pub clock: Option<SystemTime>,
    /// Where random functions get their numbers from.
    pub entropy: Entropy,
}

impl Default for RenderOptions {
    fn default() -> Self {
        Self {
            include_crds: true,
            skip_schema_validation: false,
            linting: false,
            limits: Limits::default(),
            clock: None,
            entropy: Entropy::default(),
        }
    }
}
