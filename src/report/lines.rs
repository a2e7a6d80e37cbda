//! One plain line for each thing worth knowing: for logs, and wherever no terminal is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::words::{clock, count, one_line};
use super::{Output, Sink};
use crate::apply::Event;
use crate::plan::Action;

/// Writes events as plain lines.
pub struct PlainLines {
    output: Output,
    verbose: bool,
    /// What is waited for and was not told yet, by service and object, with its time.
    held: BTreeMap<(String, String), (Duration, String)>,
}

/// What is waited for is told after this time: most of it has passed by then.
const PATIENCE: Duration = Duration::from_secs(3);

impl PlainLines {
    /// Writes to this output; each object only where it is verbose.
    pub fn new(output: Output, verbose: bool) -> Self {
        Self {
            output,
            verbose,
            held: BTreeMap::new(),
        }
    }
}

impl std::fmt::Debug for PlainLines {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PlainLines")
            .field("verbose", &self.verbose)
            .finish_non_exhaustive()
    }
}

impl PlainLines {
    fn write(&mut self, at: Duration, text: &str) {
        let _ = writeln!(self.output, "{:>7}  {text}", clock(at));
        let _ = self.output.flush();
    }

    /// Tells what has been waited for long enough.
    fn release(&mut self, at: Duration) {
        let due: Vec<(String, String)> = self
            .held
            .iter()
            .filter(|(_, (since, _))| at.saturating_sub(*since) >= PATIENCE)
            .map(|(key, _)| key.clone())
            .collect();
        for key in due {
            if let Some((_, text)) = self.held.remove(&key) {
                self.write(at, &text);
            }
        }
    }

    /// Forgets what was held about an object, or about a whole service.
    fn forget(&mut self, service: &str, object: Option<&str>) {
        self.held
            .retain(|(of, what), _| of != service || object.is_some_and(|it| it != what));
    }
}

impl Sink for PlainLines {
    fn hear(&mut self, at: Duration, event: &Event) {
        match event {
            Event::ObjectWaiting {
                service, object, ..
            } if !self.verbose => {
                if let Some(text) = line(event, false) {
                    self.held
                        .insert((service.clone(), object.to_string()), (at, text));
                }
                return;
            }
            Event::ApplicationWaiting { application, .. } if !self.verbose => {
                if let Some(text) = line(event, false) {
                    self.held
                        .insert((application.clone(), String::new()), (at, text));
                }
                return;
            }
            Event::ObjectReady { service, object } => {
                self.forget(service, Some(&object.to_string()));
            }
            Event::ServiceReady { service, .. }
            | Event::ServiceFailed { service, .. }
            | Event::ApplicationReady {
                application: service,
            } => self.forget(service, None),
            _ => {}
        }
        self.release(at);
        if let Some(text) = line(event, self.verbose) {
            self.write(at, &text);
        }
    }

    fn tick(&mut self, at: Duration) {
        self.release(at);
    }
}

fn line(event: &Event, verbose: bool) -> Option<String> {
    let text = match event {
        Event::RunStarted {
            environment,
            cluster,
            services,
        } => {
            format!(
                "{environment} on {cluster}: {}",
                count(services.len(), "service")
            )
        }
        Event::ServiceStarted { service } => format!("{service}: started"),
        Event::ServiceReady { service, took } => format!("{service}: ready after {}", clock(*took)),
        Event::ServiceFailed { service, failures } => {
            let mut text = format!("{service}: failed");
            for failure in failures {
                match &failure.object {
                    Some(object) => {
                        let _ = write!(text, "; {object}: {}", one_line(&failure.reason));
                    }
                    None => {
                        let _ = write!(text, "; {}", one_line(&failure.reason));
                    }
                }
            }
            text
        }
        Event::ServiceBlocked {
            service, blocker, ..
        } => {
            format!("{service}: blocked by {blocker}")
        }
        Event::ObjectWaiting {
            service,
            object,
            why,
        } => {
            format!("{service}: {object}: {}", one_line(why))
        }
        Event::Retry {
            service,
            object,
            why,
            attempt,
            wait,
            ..
        } => {
            format!(
                "{service}: {object}: {why}; attempt {attempt} failed, next in {}",
                clock(*wait)
            )
        }
        Event::HookStarted { service, object } => format!("{service}: hook {object} runs"),
        Event::HookSucceeded { service, object } => format!("{service}: hook {object} succeeded"),
        Event::ObjectDeleted { service, object } => format!("{service}: {object} deleted"),
        Event::ObjectApplied {
            service,
            object,
            action,
        } if verbose => {
            let word = match action {
                Action::Create => "created",
                Action::Change | Action::Recreate => "changed",
                Action::Keep => "kept",
                Action::Run => "run",
            };
            format!("{service}: {object} {word}")
        }
        Event::ObjectUnchanged { service, object } if verbose => {
            format!("{service}: {object} unchanged")
        }
        Event::ObjectReady { service, object } if verbose => format!("{service}: {object} ready"),
        Event::ServiceReached { service, milestone } if verbose => {
            format!("{service}: {milestone:?}").to_lowercase()
        }
        Event::HandoverStarted { applications } => {
            format!(
                "handover of {} to Argo CD",
                count(applications.len(), "Application")
            )
        }
        Event::HandoverApplied { object } if verbose => format!("handover: {object} written"),
        Event::ApplicationWaiting { application, why } => {
            format!("Application {application}: {}", one_line(why))
        }
        Event::ApplicationReady { application } => {
            format!("Application {application}: Synced, Healthy")
        }
        Event::HandoverFinished { reason: None, .. } => "Argo CD owns the platform".to_owned(),
        Event::HandoverFinished {
            reason: Some(reason),
            ..
        } => {
            format!("handover incomplete: {}", one_line(reason))
        }
        Event::Stopping => "stopping: what is in flight ends, nothing new starts".to_owned(),
        Event::ObjectApplied { .. }
        | Event::ObjectUnchanged { .. }
        | Event::ObjectReady { .. }
        | Event::ServiceReached { .. }
        | Event::HandoverApplied { .. }
        | Event::Finished { .. } => return None,
    };
    Some(text)
}
