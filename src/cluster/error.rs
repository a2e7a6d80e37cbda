//! What can go wrong with one request: takes kube's error, gives ours as plain data, never decides
//! whether to try again.

use std::time::Duration;

use serde::Serialize;

/// Why a request to the API server has no result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
pub enum ApiError {
    /// The API server answered with a status that is no success.
    #[error("{0}")]
    Refused(Refusal),
    /// No answer came: the connection failed or broke.
    #[error("the API server did not answer: {message}")]
    Unreachable {
        /// What the connection said.
        message: String,
    },
    /// Discovery knows no such kind.
    #[error("the cluster has no kind {kind} in {api_version}")]
    KindUnknown {
        /// Group and version.
        api_version: String,
        /// The kind.
        kind: String,
    },
    /// The credentials could not be made, for example by the kubeconfig's plugin.
    #[error("no credentials: {message}")]
    Credentials {
        /// What failed.
        message: String,
    },
    /// An answer that cannot be read.
    #[error("the API server's answer cannot be read: {message}")]
    Unreadable {
        /// What is wrong with it.
        message: String,
    },
}

/// A Kubernetes `Status` that tells of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
pub struct Refusal {
    /// The HTTP status code.
    pub code: u16,
    /// The machine-readable reason, such as `Conflict`.
    pub reason: String,
    /// The sentence for people.
    pub message: String,
    /// How long the server asks to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// The kind of object that the status is about, in the plural, such as `namespaces`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource: String,
    /// What exactly is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// One field that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The machine-readable reason, such as `FieldManagerConflict`.
    pub reason: String,
    /// The sentence for people; it names the other owner for a conflict.
    pub message: String,
    /// The field.
    pub field: String,
}

impl ApiError {
    /// Returns the HTTP status code where the server answered.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.code),
            _ => None,
        }
    }

    /// Tells whether the object or its kind is not there.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(404)
    }

    /// Tells whether the request is forbidden.
    pub fn is_forbidden(&self) -> bool {
        self.code() == Some(403)
    }

    /// Returns the fields that other managers own, with their owners, where this is such a
    /// conflict of server-side apply.
    pub fn field_conflicts(&self) -> Vec<&Cause> {
        match self {
            Self::Refused(refusal) => refusal
                .causes
                .iter()
                .filter(|cause| cause.reason == "FieldManagerConflict")
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Returns how long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after_seconds.map(Duration::from_secs),
            _ => None,
        }
    }
}

impl From<kube::core::Status> for Refusal {
    fn from(status: kube::core::Status) -> Self {
        let mut refusal = Self {
            code: status.code,
            reason: status.reason,
            message: status.message,
            retry_after_seconds: None,
            resource: String::new(),
            causes: Vec::new(),
        };
        let Some(details) = status.details else {
            return refusal;
        };
        refusal.retry_after_seconds =
            (details.retry_after_seconds > 0).then(|| u64::from(details.retry_after_seconds));
        refusal.resource = details.kind;
        refusal.causes = details
            .causes
            .into_iter()
            .map(|cause| Cause {
                reason: cause.reason,
                message: cause.message,
                field: cause.field,
            })
            .collect();
        refusal
    }
}

impl From<kube::Error> for ApiError {
    fn from(error: kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => Self::Refused((*status).into()),
            kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => Self::Unreadable {
                message: chain(&error),
            },
            kube::Error::Auth(_) => Self::Credentials {
                message: chain(&error),
            },
            other => match credentials_failure(&other) {
                Some(message) => Self::Credentials { message },
                // What the layers of the client wrap around it tells a person nothing.
                None => Self::Unreachable {
                    message: cause(&other).to_string(),
                },
            },
        }
    }
}

/// Returns the innermost cause of an error.
fn cause<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> &'a (dyn std::error::Error + 'static) {
    let mut current = error;
    while let Some(inner) = current.source() {
        current = inner;
    }
    current
}

/// Returns the message of a credentials failure that the client's layers wrapped.
fn credentials_failure(error: &kube::Error) -> Option<String> {
    let kube::Error::Service(inner) = error else {
        return None;
    };
    let mut current: Option<&(dyn std::error::Error + 'static)> = Some(inner.as_ref());
    while let Some(error) = current {
        if error.is::<kube::client::AuthError>() {
            return Some(chain(error));
        }
        current = error.source();
    }
    None
}

/// Joins an error and its causes, leaving out what the outer text already holds.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut current = error.source();
    while let Some(cause) = current {
        let words = cause.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        current = cause.source();
    }
    text
}
