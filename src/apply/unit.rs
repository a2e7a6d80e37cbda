//! One service from its first write to Ready: takes its plan, goes through its stages in Argo CD's
//! order, tells the dispatcher what was reached and changed, never looks at another service.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::context::{Context, Scope, interrupted};
use super::event::Event;
use super::gate::{self, Probe};
use super::hook;
use super::outcome::{Failure, FailureKind};
use super::readiness;
use super::stage::{Stage, stages};
use super::wait::{Awaited, until_ready};
use crate::cluster::Apply;
use crate::graph::{Milestone, is_foundation};
use crate::plan::{Action, PlannedService, Step};
use crate::render::ObjectId;

/// What a unit tells the dispatcher.
#[derive(Debug)]
pub(super) enum Message {
    Reached(String, Milestone),
    Changed(String, ObjectId, Action),
    Unchanged(String),
}

/// One service's run.
pub(super) struct Unit {
    pub(super) context: Context,
    pub(super) service: Arc<PlannedService>,
    pub(super) probes: Vec<Probe>,
    pub(super) messages: mpsc::UnboundedSender<Message>,
    /// Comes when the rest of a service in two parts may be written; never, where it may not.
    pub(super) release: Option<oneshot::Receiver<()>>,
}

impl Unit {
    /// Runs the service to its end.
    pub(super) async fn run(mut self) -> Result<(), Vec<Failure>> {
        let scope = Scope {
            service: self.service.name.clone(),
            stall_timeout: self.service.stall_timeout,
        };
        let service = Arc::clone(&self.service);
        let release = self.release.take();
        let (first, steps) = match &release {
            Some(_) => in_parts(&service.steps),
            None => (Vec::new(), service.steps.iter().collect()),
        };
        let mut definitions = self.definitions();
        if let Some(release) = release {
            self.write_first(&scope, &first, &mut definitions).await?;
            self.reached(Milestone::Established);
            tokio::select! {
                released = release => if released.is_err() {
                    // The dispatcher knows whom it is blocked by.
                    return Err(Vec::new());
                },
                () = self.context.cancel.cancelled() => return Err(vec![interrupted(&scope, None)]),
            }
        }
        let stages = stages(steps);
        let mut journal = self.kept_hooks();
        let last = stages.len().saturating_sub(1);
        for (index, stage) in stages.iter().enumerate() {
            let awaited = self.write_stage(&scope, stage, &mut definitions).await?;
            if index == last {
                self.reached(Milestone::Applied);
            }
            self.finish_stage(&scope, stage, awaited, &mut journal)
                .await?;
        }
        // A service that was found as wanted has been asked before.
        if self
            .service
            .steps
            .iter()
            .any(|step| step.action != Action::Keep)
        {
            let passed = gate::pass(&self.context, &scope, &self.probes).await;
            passed.map_err(|failure| vec![failure])?;
        }
        if stages.is_empty() {
            self.reached(Milestone::Applied);
        }
        // Definitions or not: whoever waits for them may start now at the latest.
        self.reached(Milestone::Established);
        Ok(())
    }

    /// Writes the Namespaces and definitions of a service in two parts.
    async fn write_first(
        &self,
        scope: &Scope,
        steps: &[&Step],
        definitions: &mut usize,
    ) -> Result<(), Vec<Failure>> {
        for stage in stages(steps.iter().copied()) {
            let awaited = self.write_stage(scope, &stage, definitions).await?;
            until_ready(&self.context, scope, awaited).await?;
        }
        Ok(())
    }

    /// How many definitions are still to be established.
    fn definitions(&self) -> usize {
        self.service
            .steps
            .iter()
            .filter(|step| is_definition(step))
            .count()
    }

    /// The journal's entries for hooks that need not run: they must not be lost.
    fn kept_hooks(&self) -> BTreeMap<String, String> {
        self.service
            .steps
            .iter()
            .filter(|step| step.object.hook && step.action == Action::Keep)
            .map(hook::entry)
            .collect()
    }

    fn reached(&self, milestone: Milestone) {
        self.tell(Message::Reached(self.service.name.clone(), milestone));
    }

    fn tell(&self, message: Message) {
        // The dispatcher outlives its units.
        let _ = self.messages.send(message);
    }

    /// Writes the groups of a stage one after the other and returns what is to be waited for.
    async fn write_stage(
        &self,
        scope: &Scope,
        stage: &Stage<'_>,
        definitions: &mut usize,
    ) -> Result<Vec<Awaited>, Vec<Failure>> {
        let mut awaited = Vec::new();
        for group in &stage.groups {
            if self.context.cancel.is_cancelled() {
                return Err(vec![interrupted(scope, None)]);
            }
            // The run's limit on requests bounds them, not the size of the group.
            let writes: Vec<_> = group.iter().map(|step| self.write(scope, step)).collect();
            let results = join_all(writes).await;
            let mut written = Vec::new();
            let mut failures = Vec::new();
            for result in results {
                match result {
                    Ok(found) => written.extend(found),
                    Err(failure) => failures.push(failure),
                }
            }
            if !failures.is_empty() {
                return Err(failures);
            }
            if group.first().is_some_and(|step| is_definition(step)) {
                until_ready(&self.context, scope, written).await?;
                *definitions = definitions.saturating_sub(group.len());
                if *definitions == 0 {
                    self.reached(Milestone::Established);
                }
            } else {
                awaited.append(&mut written);
            }
        }
        Ok(awaited)
    }

    /// Waits for a stage and cleans up after its hooks.
    async fn finish_stage(
        &self,
        scope: &Scope,
        stage: &Stage<'_>,
        awaited: Vec<Awaited>,
        journal: &mut BTreeMap<String, String>,
    ) -> Result<(), Vec<Failure>> {
        let hooks: Vec<&Step> = stage
            .groups
            .iter()
            .flatten()
            .copied()
            .filter(|step| step.object.hook && step.action != Action::Keep)
            .collect();
        if let Err(failures) = until_ready(&self.context, scope, awaited).await {
            for step in hooks {
                let failed = failures.iter().any(|failure| {
                    failure.kind == FailureKind::Hook
                        && failure.object.as_ref() == Some(&step.object.id)
                });
                if failed {
                    hook::failed(&self.context, scope, step).await;
                }
            }
            return Err(failures);
        }
        if hooks.is_empty() {
            return Ok(());
        }
        journal.extend(hooks.iter().map(|step| hook::entry(step)));
        let one = |failure| vec![failure];
        // First the record, then the deletion: a run that is killed in between runs no hook twice.
        hook::record(&self.context, scope, &self.service.namespace, journal)
            .await
            .map_err(one)?;
        for step in hooks {
            hook::succeeded(&self.context, scope, step)
                .await
                .map_err(one)?;
        }
        Ok(())
    }

    /// Writes one object and returns it where there is something to wait for.
    async fn write(&self, scope: &Scope, step: &Step) -> Result<Option<Awaited>, Failure> {
        let object = &step.object;
        let id = &object.id;
        if step.action == Action::Keep {
            self.unchanged(id);
            let watched = !object.hook && readiness::has_state(id);
            return Ok(watched.then(|| awaited(id, 0)));
        }
        if object.hook {
            let started = hook::start(&self.context, scope, step).await?;
            if started.written {
                self.changed(id, step.action);
            } else {
                self.unchanged(id);
            }
            return Ok(readiness::has_state(id).then_some(started.awaited));
        }
        let cluster = &self.context.cluster;
        let apply = || cluster.apply(id, &object.manifest, Apply::default());
        let live = self.context.request(scope, id, apply).await?;
        self.changed(id, step.action);
        let generation = live
            .pointer("/metadata/generation")
            .and_then(Value::as_i64)
            .unwrap_or(0);
        Ok(readiness::has_state(id).then(|| awaited(id, generation)))
    }

    fn changed(&self, id: &ObjectId, action: Action) {
        let service = self.service.name.clone();
        self.context.send(Event::ObjectApplied {
            service: service.clone(),
            object: id.clone(),
            action,
        });
        self.tell(Message::Changed(service, id.clone(), action));
    }

    fn unchanged(&self, id: &ObjectId) {
        let service = self.service.name.clone();
        self.context.send(Event::ObjectUnchanged {
            service: service.clone(),
            object: id.clone(),
        });
        self.tell(Message::Unchanged(service));
    }
}

fn awaited(id: &ObjectId, generation: i64) -> Awaited {
    Awaited {
        id: id.clone(),
        generation,
        uid: None,
        hook: false,
    }
}

/// Parts the Namespaces and definitions of a service from its other steps; each part keeps its order.
fn in_parts(steps: &[Step]) -> (Vec<&Step>, Vec<&Step>) {
    (steps.iter()).partition(|step| !step.object.hook && is_foundation(&step.object.id))
}

fn is_definition(step: &Step) -> bool {
    step.object.id.group_kind() == ("apiextensions.k8s.io", "CustomResourceDefinition")
}
