//! What a run looks like now: takes events, gives the state of every service and the lines that
//! stay; pure, so that the screen can be tested without a terminal.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::apply::{Event, Failure};
use crate::cluster::Identity;
use crate::graph::{Edge, Milestone};
use crate::render::ObjectId;

/// How far a service is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    Waiting,
    Running { since: Duration },
    Ready { took: Duration },
    Failed,
    Blocked { by: String },
}

/// What is known of one service.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) wave: u32,
    pub(super) objects: usize,
    pub(super) written: usize,
    pub(super) unchanged: usize,
    pub(super) stage: Stage,
    pub(super) edges: Vec<Edge>,
    pub(super) reached: Option<Milestone>,
    /// What it waits for inside, the newest last.
    pub(super) waiting: Vec<(ObjectId, String)>,
    /// A request that is being tried again.
    pub(super) retry: Option<String>,
}

/// What is known of the handover.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Applications {
    pub(super) since: Duration,
    /// Each Application: nothing before Argo CD said anything, then what it lacks, or ready.
    pub(super) states: BTreeMap<String, Option<Result<(), String>>>,
    pub(super) over: bool,
}

/// What is known of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Model {
    pub(super) environment: String,
    pub(super) cluster: Option<Identity>,
    /// In the order of the plan.
    pub(super) services: Vec<Service>,
    pub(super) handover: Option<Applications>,
    pub(super) failures: Vec<Failure>,
    pub(super) stopping: bool,
    pub(super) finished: bool,
}

impl Model {
    /// Takes one event.
    pub(super) fn hear(&mut self, at: Duration, event: &Event) {
        match event {
            Event::RunStarted {
                environment,
                cluster,
                services,
            } => {
                self.environment.clone_from(environment);
                self.cluster = Some(cluster.clone());
                self.services = services
                    .iter()
                    .map(|outline| Service {
                        name: outline.name.clone(),
                        wave: outline.wave,
                        objects: outline.objects,
                        written: 0,
                        unchanged: 0,
                        stage: Stage::Waiting,
                        edges: outline.edges.clone(),
                        reached: None,
                        waiting: Vec::new(),
                        retry: None,
                    })
                    .collect();
            }
            Event::ServiceStarted { service } => {
                self.change(service, |it| it.stage = Stage::Running { since: at });
            }
            Event::ServiceReached { service, milestone } => {
                self.change(service, |it| it.reached = it.reached.max(Some(*milestone)));
            }
            Event::ServiceReady { service, took } => self.change(service, |it| {
                it.stage = Stage::Ready { took: *took };
                it.reached = Some(Milestone::Ready);
                it.waiting.clear();
            }),
            Event::ServiceFailed { service, failures } => {
                self.failures.extend(failures.iter().cloned());
                self.change(service, |it| it.stage = Stage::Failed);
            }
            Event::ServiceBlocked {
                service, blocker, ..
            } => {
                self.change(service, |it| {
                    it.stage = Stage::Blocked {
                        by: blocker.clone(),
                    }
                });
            }
            Event::ObjectApplied { service, .. } => self.change(service, |it| {
                it.written += 1;
                it.retry = None;
            }),
            Event::ObjectUnchanged { service, .. } => {
                self.change(service, |it| it.unchanged += 1);
            }
            Event::ObjectWaiting {
                service,
                object,
                why,
            } => self.change(service, |it| {
                it.retry = None;
                it.waiting.retain(|(other, _)| other != object);
                it.waiting.push((object.clone(), why.clone()));
            }),
            Event::ObjectReady { service, object }
            | Event::HookSucceeded { service, object }
            | Event::ObjectDeleted { service, object } => {
                self.change(service, |it| {
                    it.waiting.retain(|(other, _)| other != object);
                });
            }
            Event::Retry {
                service,
                object,
                why,
                attempt,
                ..
            } => {
                self.change(service, |it| {
                    it.retry = Some(format!("{object}: {why}, attempt {attempt} failed"));
                });
            }
            Event::HandoverStarted { applications } => {
                let states = applications
                    .iter()
                    .map(|name| (name.clone(), None))
                    .collect();
                self.handover = Some(Applications {
                    since: at,
                    states,
                    over: false,
                });
            }
            Event::ApplicationWaiting { application, why } => {
                self.application(application, Err(why.clone()));
            }
            Event::ApplicationReady { application } => self.application(application, Ok(())),
            Event::HandoverFinished { .. } => {
                if let Some(handover) = &mut self.handover {
                    handover.over = true;
                }
            }
            Event::Stopping => self.stopping = true,
            Event::Finished { .. } => self.finished = true,
            Event::HookStarted { .. } | Event::HandoverApplied { .. } => {}
        }
    }

    fn change(&mut self, name: &str, change: impl FnOnce(&mut Service)) {
        if let Some(service) = self
            .services
            .iter_mut()
            .find(|service| service.name == name)
        {
            change(service);
        }
    }

    fn application(&mut self, name: &str, state: Result<(), String>) {
        if let Some(handover) = &mut self.handover {
            handover.states.insert(name.to_owned(), Some(state));
        }
    }

    /// Returns a service.
    pub(super) fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Returns the edges of a service that are not met yet.
    pub(super) fn unmet<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a Edge> {
        service.edges.iter().filter(|edge| {
            self.service(&edge.service)
                .is_some_and(|other| other.reached.is_none_or(|reached| reached < edge.until))
        })
    }

    /// Returns how many services are ready, and how many there are.
    pub(super) fn services_ready(&self) -> (usize, usize) {
        let ready = self
            .services
            .iter()
            .filter(|service| matches!(service.stage, Stage::Ready { .. }))
            .count();
        (ready, self.services.len())
    }

    /// Returns how many objects are written or were as wanted, and how many there are.
    pub(super) fn objects_done(&self) -> (usize, usize) {
        let done = self
            .services
            .iter()
            .map(|service| service.written + service.unchanged)
            .sum();
        (
            done,
            self.services.iter().map(|service| service.objects).sum(),
        )
    }
}
