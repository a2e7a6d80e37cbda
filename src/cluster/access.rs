//! Whether the user may write what the plan writes: takes kinds and verbs, gives what is denied,
//! never writes (a `SelfSubjectAccessReview` is a question, no object).

use futures::stream::{self, StreamExt as _};
use serde_json::{Value, json};

use super::client::Cluster;
use super::error::ApiError;

/// One permission that a run needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessRule {
    /// The API group, empty for the core group.
    pub group: String,
    /// The plural name of the resource.
    pub resource: String,
    /// The namespace; absent for all of them.
    pub namespace: Option<String>,
    /// The verb, such as `patch`.
    pub verb: &'static str,
}

/// A permission that is lacking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// What was asked for.
    pub rule: AccessRule,
    /// What the API server said, often nothing.
    pub reason: String,
}

impl std::fmt::Display for Denied {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rule = &self.rule;
        write!(formatter, "{} {}", rule.verb, rule.resource)?;
        if !rule.group.is_empty() {
            write!(formatter, ".{}", rule.group)?;
        }
        match &rule.namespace {
            Some(namespace) => write!(formatter, " in {namespace}")?,
            None => formatter.write_str(" in all namespaces")?,
        }
        if !self.reason.is_empty() {
            write!(formatter, " ({})", self.reason)?;
        }
        Ok(())
    }
}

impl Cluster {
    /// Returns those of the permissions that the user lacks.
    ///
    /// One question for everything comes first: an administrator is answered at once.
    pub async fn denied(&self, rules: &[AccessRule]) -> Result<Vec<Denied>, ApiError> {
        let everything = AccessRule {
            group: "*".to_owned(),
            resource: "*".to_owned(),
            namespace: None,
            verb: "*",
        };
        if rules.is_empty() || self.may(&everything).await?.is_none() {
            return Ok(Vec::new());
        }
        let answers: Vec<Result<Option<Denied>, ApiError>> = stream::iter(rules)
            .map(|rule| self.may(rule))
            .buffered(16)
            .collect()
            .await;
        answers.into_iter().filter_map(Result::transpose).collect()
    }

    async fn may(&self, rule: &AccessRule) -> Result<Option<Denied>, ApiError> {
        let mut attributes = json!({
            "group": rule.group, "resource": rule.resource, "verb": rule.verb,
        });
        if let Some(namespace) = &rule.namespace {
            attributes["namespace"] = Value::String(namespace.clone());
        }
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        });
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        let answer = self.post(path, &review).await?;
        if answer["status"]["allowed"] == true {
            return Ok(None);
        }
        let reason = answer["status"]["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(Some(Denied {
            rule: rule.clone(),
            reason,
        }))
    }
}
