//! What all units of a run share, and the one way to make a request: takes an operation, gives its
//! result after as many attempts as the retry table allows, never hides an attempt.

use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::event::{Emitter, Event};
use super::outcome::{Failure, FailureKind};
use super::retry::{self, Limit, Retry};
use crate::cluster::{ApiError, Cluster};
use crate::render::ObjectId;

/// What all units of a run share.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) cluster: Cluster,
    pub(crate) emit: Emitter,
    pub(crate) cancel: CancellationToken,
    /// How many requests may be under way at once.
    pub(crate) requests: Arc<Semaphore>,
}

/// On whose behalf a request is made.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub(crate) service: String,
    pub(crate) stall_timeout: Duration,
}

impl Context {
    pub(crate) fn send(&self, event: Event) {
        (self.emit)(event);
    }

    /// Makes a request until it succeeds, fails for good, or has failed for too long.
    pub(crate) async fn request<T, F>(
        &self,
        scope: &Scope,
        object: &ObjectId,
        mut operation: impl FnMut() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let begun = Instant::now();
        let mut attempt = 0;
        loop {
            let result = {
                // The semaphore is never closed.
                let _permit = self.requests.acquire().await;
                operation().await
            };
            let error = match result {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Some(retry) = retry::classify(&error) else {
                return Err(refusal(scope, object, &error));
            };
            let wait = retry::delay(attempt, jitter(), retry.after);
            if begun.elapsed() + wait > patience(&retry, scope) {
                return Err(refusal(scope, object, &error));
            }
            attempt += 1;
            self.send(Event::Retry {
                service: scope.service.clone(),
                object: object.clone(),
                why: retry.why.to_owned(),
                message: error.to_string(),
                attempt,
                wait,
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.cancel.cancelled() => return Err(interrupted(scope, Some(object))),
            }
        }
    }
}

fn patience(retry: &Retry, scope: &Scope) -> Duration {
    match retry.limit {
        Limit::Short => retry::SHORT.min(scope.stall_timeout),
        Limit::Stall => scope.stall_timeout,
    }
}

/// A number from 0 to 1 that differs from call to call; nothing depends on its quality.
fn jitter() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}

/// Words an API error as a failure of the object.
pub(crate) fn refusal(scope: &Scope, object: &ObjectId, error: &ApiError) -> Failure {
    let conflict = !error.field_conflicts().is_empty();
    let kind = if conflict {
        FailureKind::Conflict
    } else {
        FailureKind::Refused
    };
    let reason = refusal_words(error);
    let mut details = Vec::new();
    if reason.contains("field is immutable") {
        details.push(format!(
            "a field that cannot be changed differs: delete {object} and run again to have it made anew"
        ));
    }
    Failure {
        service: scope.service.clone(),
        object: Some(object.clone()),
        kind,
        reason,
        details,
    }
}

/// Words an API error: owners and fields of a conflict, else what the API server said.
pub(crate) fn refusal_words(error: &ApiError) -> String {
    let conflicts = error.field_conflicts();
    if conflicts.is_empty() {
        return error.to_string();
    }
    let fields: Vec<String> = conflicts
        .iter()
        .map(|cause| {
            format!(
                "{} ({})",
                cause.field.trim_start_matches('.'),
                cause.message
            )
        })
        .collect();
    format!("others own {}", fields.join(", "))
}

/// The failure of a unit that the user stopped.
pub(crate) fn interrupted(scope: &Scope, object: Option<&ObjectId>) -> Failure {
    Failure {
        service: scope.service.clone(),
        object: object.cloned(),
        kind: FailureKind::Interrupted,
        reason: "the run was stopped before it was ready".to_owned(),
        details: Vec::new(),
    }
}

#[cfg(test)]
#[path = "context_tests.rs"]
mod tests;
