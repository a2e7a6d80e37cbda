//! Which failures of a request pass by themselves: one table that takes an error, gives whether
//! and how long to wait, never sleeps.

use std::time::Duration;

use crate::cluster::ApiError;

/// That a request is worth another attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Retry {
    /// Why it failed, in a few words.
    pub(super) why: &'static str,
    /// How long the server asks to wait, where it does.
    pub(super) after: Option<Duration>,
    /// How long attempts may go on.
    pub(super) limit: Limit,
}

/// How long attempts may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// What a moment mends: a kind or a namespace that was just created.
    Short,
    /// What may last as long as a service may stand still.
    Stall,
}

/// How long the attempts under [`Limit::Short`] go on.
pub(super) const SHORT: Duration = Duration::from_secs(30);

/// Texts of refusals that pass by themselves, in lower case, with the words to show for them.
const MESSAGES: &[(&str, &str)] = &[
    ("failed calling webhook", "a webhook does not answer yet"),
    ("no endpoints available", "a service has no endpoints yet"),
    (
        "x509: certificate signed by unknown authority",
        "a webhook's certificate is not trusted yet",
    ),
    (
        "x509: certificate has expired or is not yet valid",
        "a webhook's certificate is not valid yet",
    ),
    (
        "because it is being terminated",
        "the namespace is being deleted",
    ),
    (
        "object is being deleted",
        "the former object is being deleted",
    ),
    ("etcdserver:", "the cluster's store is busy"),
    (
        "the object has been modified",
        "the object was changed meanwhile",
    ),
    (
        "not yet ready to handle request",
        "the API server is starting",
    ),
    ("storage is (re)initializing", "the API server is starting"),
];

/// Returns whether a failed request is worth another attempt.
pub(super) fn classify(error: &ApiError) -> Option<Retry> {
    let (why, limit) = match error {
        ApiError::Unreachable { .. } => ("the API server does not answer", Limit::Stall),
        ApiError::KindUnknown { .. } => ("the kind is not there yet", Limit::Short),
        ApiError::Refused(refusal) => {
            if !error.field_conflicts().is_empty() {
                return None;
            }
            let message = refusal.message.to_lowercase();
            let known = MESSAGES.iter().find(|(text, _)| message.contains(text));
            match (refusal.code, known) {
                (_, Some((_, why))) => (*why, Limit::Stall),
                (429, _) => ("the API server asks to slow down", Limit::Stall),
                (404, _) if refusal.resource == "namespaces" => {
                    ("the namespace is not there yet", Limit::Short)
                }
                // A path that is not served: the definition is new, and this API server has not
                // heard of it yet.
                (404, _) if message.contains("could not find the requested resource") => {
                    ("the kind is not served yet", Limit::Short)
                }
                (409, _) => ("the object was changed meanwhile", Limit::Short),
                (500..=599, _) => ("the API server has a problem", Limit::Stall),
                (403, _) if message.contains("unable to create new content in namespace") => {
                    ("the namespace is being deleted", Limit::Stall)
                }
                (403, _) if message.contains("error looking up service account") => {
                    ("the service account is not there yet", Limit::Short)
                }
                _ => return None,
            }
        }
        ApiError::Credentials { .. } | ApiError::Unreadable { .. } => return None,
    };
    Some(Retry {
        why,
        after: error.retry_after(),
        limit,
    })
}

/// Returns how long to wait before the next attempt: doubling from 100 ms up to 10 s, between
/// half and all of it by the jitter (0 to 1), and never less than the server asked for.
pub(super) fn delay(attempt: u32, jitter: f64, after: Option<Duration>) -> Duration {
    let full = Duration::from_millis(100)
        .saturating_mul(1_u32 << attempt.min(10))
        .min(Duration::from_secs(10));
    let jittered = full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
    after.map_or(jittered, |after| jittered.max(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Cause, Refusal};

    fn refused(code: u16, message: &str) -> ApiError {
        ApiError::Refused(Refusal {
            code,
            reason: String::new(),
            message: message.to_owned(),
            retry_after_seconds: None,
            resource: String::new(),
            causes: Vec::new(),
        })
    }

    #[test]
    fn what_passes_by_itself_is_retried() {
        for (code, message) in [
            (429, "Too many requests"),
            (503, "unavailable"),
            (
                500,
                "Internal error occurred: failed calling webhook \"x\": connection refused",
            ),
            (500, "no endpoints available for service \"webhook\""),
            (500, "x509: certificate signed by unknown authority"),
            (
                409,
                "Operation cannot be fulfilled: the object has been modified",
            ),
            (404, "the server could not find the requested resource"),
            (
                403,
                "unable to create new content in namespace a because it is being terminated",
            ),
        ] {
            assert!(
                classify(&refused(code, message)).is_some(),
                "{code} {message}"
            );
        }
        assert!(
            classify(&ApiError::Unreachable {
                message: "reset".into()
            })
            .is_some()
        );
    }

    #[test]
    fn what_stays_wrong_is_not() {
        for (code, message) in [
            (422, "spec.selector: Invalid value: field is immutable"),
            (
                403,
                "deployments.apps is forbidden: User \"x\" cannot patch",
            ),
            (400, "strict decoding error"),
            (404, "secrets \"a\" not found"),
            (400, "admission webhook \"x\" denied the request"),
        ] {
            assert_eq!(classify(&refused(code, message)), None, "{code} {message}");
        }
    }

    #[test]
    fn a_field_that_another_manager_owns_is_no_passing_conflict() {
        let ApiError::Refused(mut refusal) = refused(409, "Apply failed with 1 conflict") else {
            unreachable!()
        };
        refusal.causes.push(Cause {
            reason: "FieldManagerConflict".into(),
            message: "conflict with \"kubectl\"".into(),
            field: ".spec.replicas".into(),
        });
        assert_eq!(classify(&ApiError::Refused(refusal)), None);
    }

    #[test]
    fn a_namespace_that_was_just_made_is_waited_for_shortly() {
        let ApiError::Refused(mut refusal) = refused(404, "namespaces \"a\" not found") else {
            unreachable!()
        };
        refusal.resource = "namespaces".into();
        let retry = classify(&ApiError::Refused(refusal)).unwrap();
        assert_eq!(retry.limit, Limit::Short);
    }

    #[test]
    fn delays_grow_are_bounded_and_obey_the_server() {
        assert_eq!(delay(0, 1.0, None), Duration::from_millis(100));
        assert_eq!(delay(0, 0.0, None), Duration::from_millis(50));
        assert_eq!(delay(3, 1.0, None), Duration::from_millis(800));
        assert_eq!(delay(60, 1.0, None), Duration::from_secs(10));
        assert_eq!(
            delay(0, 1.0, Some(Duration::from_secs(7))),
            Duration::from_secs(7)
        );
    }
}
