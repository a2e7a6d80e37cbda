//! The owner of a run's state: takes a plan and a cluster, starts each service when its edges are
//! met, gives the outcome; never writes an object itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::event::{Emitter, Event, ServiceOutline};
use super::gate;
use super::outcome::{Change, Failure, FailureKind, Outcome, ServiceOutcome, ServiceResult};
use super::queue::{Blocked, Queue};
use super::unit::{Message, Unit};
use crate::cluster::{Cluster, Identity};
use crate::graph::{Holds, Milestone};
use crate::plan::{Plan, PlannedService};
use crate::render::Object;

/// How a run is made.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How many services may be under way at once.
    pub services: usize,
    /// How many requests may be under way at once.
    pub requests: usize,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            services: 24,
            requests: 32,
        }
    }
}

/// One execution of a plan.
pub struct Run<'a> {
    /// Where it is written to.
    pub cluster: &'a Cluster,
    /// Which cluster that is, for the record.
    pub identity: Identity,
    /// What is written.
    pub plan: &'a Plan,
    /// How.
    pub options: RunOptions,
    /// Who hears of it.
    pub emit: Emitter,
    /// Ends it early: nothing new starts, what is in flight ends.
    pub cancel: CancellationToken,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Run")
            .field("environment", &self.plan.environment)
            .finish_non_exhaustive()
    }
}

/// What is known of one service while the run lasts.
struct Record {
    plan: Arc<PlannedService>,
    started: Option<Instant>,
    ended: Option<Instant>,
    result: ServiceResult,
    written: usize,
    unchanged: usize,
    released_by: Option<String>,
}

struct Dispatcher<'a> {
    run: Run<'a>,
    context: Context,
    begun: Instant,
    queue: Queue,
    records: BTreeMap<String, Record>,
    tasks: JoinSet<Result<(), Vec<Failure>>>,
    names: BTreeMap<Id, String>,
    /// What lets the rest of services in two parts go on; dropped where it never may.
    releases: BTreeMap<String, oneshot::Sender<()>>,
    sender: mpsc::UnboundedSender<Message>,
    changes: Vec<Change>,
    failures: Vec<Failure>,
    blocked: Vec<Blocked>,
    last_reached: Option<String>,
    stopping: bool,
}

impl Run<'_> {
    /// Executes the plan.
    pub async fn execute(self) -> Outcome {
        let (sender, receiver) = mpsc::unbounded_channel();
        let context = Context {
            cluster: self.cluster.clone(),
            emit: Arc::clone(&self.emit),
            cancel: self.cancel.clone(),
            requests: Arc::new(Semaphore::new(self.options.requests.max(1))),
        };
        let services = &self.plan.services;
        let queue = Queue::new(
            services
                .iter()
                .map(|service| (service.name.clone(), service.edges.clone())),
        );
        let records = services
            .iter()
            .map(|service| {
                let record = Record {
                    plan: Arc::new(service.clone()),
                    started: None,
                    ended: None,
                    result: ServiceResult::Stopped,
                    written: 0,
                    unchanged: 0,
                    released_by: None,
                };
                (service.name.clone(), record)
            })
            .collect();
        let dispatcher = Dispatcher {
            context,
            begun: Instant::now(),
            queue,
            records,
            tasks: JoinSet::new(),
            names: BTreeMap::new(),
            releases: BTreeMap::new(),
            sender,
            changes: Vec::new(),
            failures: Vec::new(),
            blocked: Vec::new(),
            last_reached: None,
            stopping: false,
            run: self,
        };
        dispatcher.execute(receiver).await
    }
}

impl Dispatcher<'_> {
    async fn execute(mut self, mut messages: mpsc::UnboundedReceiver<Message>) -> Outcome {
        self.announce();
        let cancel = self.run.cancel.clone();
        loop {
            self.start();
            if self.tasks.is_empty() {
                break;
            }
            if self.queue.is_stuck(self.tasks.len()) {
                self.releases.clear();
            }
            tokio::select! {
                biased;
                Some(message) = messages.recv() => self.hear(message),
                Some(ended) = self.tasks.join_next_with_id() => {
                    // What the unit said before it ended comes first.
                    while let Ok(message) = messages.try_recv() {
                        self.hear(message);
                    }
                    self.ended(ended);
                }
                () = cancel.cancelled(), if !self.stopping => {
                    self.stopping = true;
                    self.context.send(Event::Stopping);
                }
            }
        }
        self.conclude()
    }

    fn announce(&self) {
        let services = self
            .run
            .plan
            .services
            .iter()
            .map(|service| ServiceOutline {
                name: service.name.clone(),
                wave: service.wave,
                objects: service.steps.len(),
                edges: service.edges.clone(),
            })
            .collect();
        self.context.send(Event::RunStarted {
            environment: self.run.plan.environment.clone(),
            cluster: self.run.identity.clone(),
            services,
        });
    }

    fn start(&mut self) {
        if self.stopping || self.run.cancel.is_cancelled() {
            return;
        }
        for name in self.queue.releasable() {
            self.queue.released(&name);
            if let Some(release) = self.releases.remove(&name) {
                // A unit that ended has no use for it.
                let _ = release.send(());
            }
        }
        for name in self.queue.startable() {
            // One that waits between its parts takes nobody's place.
            let busy = self.tasks.len().saturating_sub(self.queue.in_part());
            if busy >= self.run.options.services.max(1) {
                return;
            }
            let Some(record) = self.records.get_mut(&name) else {
                continue;
            };
            record.started = Some(Instant::now());
            record.released_by = self
                .last_reached
                .clone()
                .filter(|_| !record.plan.edges.is_empty());
            self.queue.started(&name);
            let discovery = self.run.cluster.discovery();
            let plural = |object: &Object| gate::plural(self.run.plan, &discovery, object);
            let is_in_parts = (record.plan.edges.iter()).any(|edge| edge.holds == Holds::Rest);
            let release = is_in_parts.then(|| {
                let (sender, receiver) = oneshot::channel();
                self.releases.insert(name.clone(), sender);
                receiver
            });
            let unit = Unit {
                release,
                context: self.context.clone(),
                service: Arc::clone(&record.plan),
                probes: gate::probes(self.run.plan, &record.plan, &plural),
                messages: self.sender.clone(),
            };
            self.context.send(Event::ServiceStarted {
                service: name.clone(),
            });
            let task = self.tasks.spawn(unit.run());
            self.names.insert(task.id(), name);
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Reached(service, milestone) => {
                self.queue.reached(&service, milestone);
                self.context.send(Event::ServiceReached {
                    service: service.clone(),
                    milestone,
                });
                self.last_reached = Some(service);
                // At once, so that `released_by` names the right service.
                self.start();
            }
            Message::Changed(service, object, action) => {
                if let Some(record) = self.records.get_mut(&service) {
                    record.written += 1;
                }
                self.changes.push(Change {
                    service,
                    object,
                    action,
                });
            }
            Message::Unchanged(service) => {
                if let Some(record) = self.records.get_mut(&service) {
                    record.unchanged += 1;
                }
            }
        }
    }

    fn ended(&mut self, ended: Result<(Id, Result<(), Vec<Failure>>), tokio::task::JoinError>) {
        let (id, result) = match ended {
            Ok((id, result)) => (id, result),
            Err(error) => (error.id(), Err(Vec::new())),
        };
        let Some(name) = self.names.remove(&id) else {
            return;
        };
        let now = Instant::now();
        let took = match self.records.get_mut(&name) {
            Some(record) => {
                record.ended = Some(now);
                record
                    .started
                    .map_or(Duration::ZERO, |started| now - started)
            }
            None => Duration::ZERO,
        };
        match result {
            Ok(()) => {
                self.set(&name, ServiceResult::Ready);
                self.context.send(Event::ServiceReady {
                    service: name.clone(),
                    took,
                });
                self.hear(Message::Reached(name, Milestone::Ready));
            }
            // What blocks it was told when that failed.
            Err(_) if self.is_blocked(&name) => {}
            Err(mut failures) => {
                if failures.is_empty() {
                    failures.push(Failure {
                        service: name.clone(),
                        object: None,
                        kind: FailureKind::Internal,
                        reason: "the service's task ended without a result".to_owned(),
                        details: Vec::new(),
                    });
                }
                self.failed(&name, failures);
            }
        }
    }

    fn failed(&mut self, name: &str, failures: Vec<Failure>) {
        if failures
            .iter()
            .all(|failure| failure.kind == FailureKind::Interrupted)
        {
            self.set(name, ServiceResult::Stopped);
            self.failures.extend(failures);
            return;
        }
        self.set(name, ServiceResult::Failed);
        self.context.send(Event::ServiceFailed {
            service: name.to_owned(),
            failures: failures.clone(),
        });
        self.failures.extend(failures);
        for blocked in self.queue.failed(name) {
            self.set(&blocked.service, ServiceResult::Blocked);
            self.releases.remove(&blocked.service);
            self.context.send(Event::ServiceBlocked {
                service: blocked.service.clone(),
                blocker: blocked.blocker.clone(),
                edge: blocked.edge.clone(),
            });
            self.blocked.push(blocked);
        }
    }

    fn is_blocked(&self, name: &str) -> bool {
        let record = self.records.get(name);
        record.is_some_and(|record| record.result == ServiceResult::Blocked)
    }

    fn set(&mut self, name: &str, result: ServiceResult) {
        if let Some(record) = self.records.get_mut(name) {
            record.result = result;
        }
    }

    fn conclude(self) -> Outcome {
        let begun = self.begun;
        let services = self
            .run
            .plan
            .services
            .iter()
            .filter_map(|service| self.records.get(&service.name))
            .map(|record| {
                let end = record.ended.or(record.started).unwrap_or(begun);
                let start = record.started.unwrap_or(begun);
                ServiceOutcome {
                    service: record.plan.name.clone(),
                    result: record.result.clone(),
                    started: start - begun,
                    took: end - start,
                    written: record.written,
                    unchanged: record.unchanged,
                    released_by: record.released_by.clone(),
                }
            })
            .collect();
        Outcome {
            environment: self.run.plan.environment.clone(),
            services,
            changes: self.changes,
            failures: self.failures,
            blocked: self.blocked,
            interrupted: self.run.cancel.is_cancelled(),
            took: begun.elapsed(),
        }
    }
}
