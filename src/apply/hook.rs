//! Hooks: takes a hook's step, runs it once for its content and cleans up by its policies, never
//! runs it a second time where it already ran or is still running.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::context::{Context, Scope};
use super::event::Event;
use super::outcome::Failure;
use super::readiness::{self, Verdict};
use super::view::{Question, View, look};
use super::wait::Awaited;
use crate::cluster::{Apply, Propagation};
use crate::plan::{DIGEST_ANNOTATION, Step, digest, journal_id, journal_key};
use crate::render::{HookDeletePolicy, ObjectId};

/// A hook that was started.
pub(super) struct Started {
    pub(super) awaited: Awaited,
    /// False where a hook of a former run was still running and was taken over.
    pub(super) written: bool,
}

/// Starts a hook.
pub(super) async fn start(
    context: &Context,
    scope: &Scope,
    step: &Step,
) -> Result<Started, Failure> {
    let id = &step.object.id;
    let fingerprint = digest(&step.object.manifest);
    context.send(Event::HookStarted {
        service: scope.service.clone(),
        object: id.clone(),
    });
    let live = context
        .request(scope, id, || context.cluster.get(id))
        .await?;
    if let Some(live) = &live {
        if live["metadata"]["annotations"][DIGEST_ANNOTATION] == *fingerprint
            && runs(id)
            && !matches!(readiness::verdict(id, live, 0), Verdict::Failed(_))
            && live.pointer("/metadata/deletionTimestamp").is_none()
        {
            return Ok(Started {
                awaited: awaited(id, live),
                written: false,
            });
        }
        // A Job cannot be changed, whatever its policies say.
        if step
            .object
            .hook_delete_policies
            .contains(&HookDeletePolicy::BeforeHookCreation)
            || runs(id)
        {
            remove(context, scope, id).await?;
            gone(context, live, id).await;
        }
    }
    let mut manifest = step.object.manifest.clone();
    manifest["metadata"]["annotations"][DIGEST_ANNOTATION] = Value::String(fingerprint);
    let apply = || context.cluster.apply(id, &manifest, Apply::default());
    let live = context.request(scope, id, apply).await?;
    Ok(Started {
        awaited: awaited(id, &live),
        written: true,
    })
}

fn runs(id: &ObjectId) -> bool {
    matches!(id.group_kind(), ("batch", "Job") | ("", "Pod"))
}

fn awaited(id: &ObjectId, live: &Value) -> Awaited {
    Awaited {
        id: id.clone(),
        generation: 0,
        uid: live
            .pointer("/metadata/uid")
            .and_then(Value::as_str)
            .map(str::to_owned),
        hook: true,
    }
}

/// Waits until a deleted object is no longer seen. What comes after it is retried anyhow.
async fn gone(context: &Context, live: &Value, id: &ObjectId) {
    let uid = live.pointer("/metadata/uid").and_then(Value::as_str);
    let mut changes = context.cluster.changes();
    let question = Question {
        id,
        generation: 0,
        uid,
    };
    for _ in 0..100 {
        changes.borrow_and_update();
        if let View::Absent = look(&context.cluster, &question).await {
            return;
        }
        tokio::select! {
            seen = changes.changed() => if seen.is_err() { return },
            () = tokio::time::sleep(std::time::Duration::from_millis(300)) => {}
            () = context.cancel.cancelled() => return,
        }
    }
}

async fn remove(context: &Context, scope: &Scope, id: &ObjectId) -> Result<(), Failure> {
    let delete = || context.cluster.delete(id, Propagation::Background);
    if context.request(scope, id, delete).await? {
        context.send(Event::ObjectDeleted {
            service: scope.service.clone(),
            object: id.clone(),
        });
    }
    Ok(())
}

/// Cleans up after a hook that ended well.
pub(super) async fn succeeded(
    context: &Context,
    scope: &Scope,
    step: &Step,
) -> Result<(), Failure> {
    let id = &step.object.id;
    context.send(Event::HookSucceeded {
        service: scope.service.clone(),
        object: id.clone(),
    });
    if step
        .object
        .hook_delete_policies
        .contains(&HookDeletePolicy::HookSucceeded)
    {
        remove(context, scope, id).await?;
    }
    Ok(())
}

/// Cleans up after a hook that failed. The failure itself is what counts, not this.
pub(super) async fn failed(context: &Context, scope: &Scope, step: &Step) {
    if step
        .object
        .hook_delete_policies
        .contains(&HookDeletePolicy::HookFailed)
    {
        let _ = remove(context, scope, &step.object.id).await;
    }
}

/// Records the hooks that ran, for those whose objects are deleted after they succeeded.
pub(super) async fn record(
    context: &Context,
    scope: &Scope,
    namespace: &str,
    done: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let id = journal_id(&scope.service, namespace);
    let manifest = json!({
        "apiVersion": id.api_version,
        "kind": id.kind,
        "metadata": {
            "name": id.name,
            "namespace": namespace,
            "labels": {"app.kubernetes.io/managed-by": "firstlight"},
        },
        "data": done,
    });
    let options = Apply {
        own: true,
        ..Apply::default()
    };
    context
        .request(scope, &id, || {
            context.cluster.apply(&id, &manifest, options)
        })
        .await?;
    Ok(())
}

/// Returns the journal's entry for a hook.
pub(super) fn entry(step: &Step) -> (String, String) {
    (journal_key(&step.object), digest(&step.object.manifest))
}
