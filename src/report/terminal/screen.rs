//! The lines of the live screen and those that stay above it: takes the model, gives text; pure.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::Style;

use crate::apply::Event;
use crate::report::model::{Model, Service, Stage};
use crate::report::words::{
    BAD, BUSY, FAINT, GOOD, STRONG, WARN, clock, count, one_line, styled, waits,
};

/// What the screen is drawn on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    /// Time since the beginning.
    pub(super) at: Duration,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) color: bool,
}

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Paints, or leaves plain.
struct Paint(bool);

impl Paint {
    fn on(&self, style: Style, text: &str) -> String {
        if self.0 {
            styled(style, text)
        } else {
            text.to_owned()
        }
    }
}

/// Returns the lines that stay above the live part for an event.
pub(super) fn permanent(model: &Model, at: Duration, event: &Event, color: bool) -> Vec<String> {
    let paint = Paint(color);
    let width = name_width(model);
    match event {
        Event::RunStarted {
            environment,
            cluster,
            services,
        } => {
            let objects = services.iter().map(|service| service.objects).sum();
            let head = format!(
                "{} {} {cluster}",
                paint.on(STRONG, environment),
                paint.on(FAINT, "on"),
            );
            let sum = format!(
                "{}, {}",
                count(services.len(), "service"),
                count(objects, "object")
            );
            vec![head, paint.on(FAINT, &sum), String::new()]
        }
        Event::ServiceReady { service, took } => {
            let Some(service) = model.service(service) else {
                return Vec::new();
            };
            let what = match (service.written, service.unchanged) {
                (0, _) => "nothing to write".to_owned(),
                (written, 0) => format!("{written} written"),
                (written, unchanged) => format!("{written} written, {unchanged} unchanged"),
            };
            let line = format!(
                "{} {:width$}  {}  {}",
                paint.on(GOOD, "✔"),
                service.name,
                paint.on(FAINT, &format!("{:>7}", clock(*took))),
                paint.on(FAINT, &what),
            );
            vec![line]
        }
        Event::ServiceFailed { service, failures } => {
            let mut lines = Vec::new();
            for failure in failures {
                let object = failure
                    .object
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                lines.push(format!(
                    "{} {:width$}  {} {}",
                    paint.on(BAD, "✘"),
                    paint.on(BAD, service),
                    paint.on(STRONG, &object),
                    one_line(&failure.reason),
                ));
            }
            lines
        }
        Event::ServiceBlocked {
            service,
            blocker,
            edge,
        } => {
            let mut why = format!("blocked by {blocker}");
            if edge.service != *blocker {
                let _ = write!(why, ", through {}", edge.service);
            }
            vec![format!(
                "{} {service:width$}  {}",
                paint.on(WARN, "⊘"),
                paint.on(FAINT, &why)
            )]
        }
        Event::HandoverStarted { applications } => {
            let text = format!(
                "handover of {} to Argo CD",
                count(applications.len(), "Application")
            );
            vec![String::new(), paint.on(STRONG, &text)]
        }
        Event::ApplicationReady { application } => {
            // Told once, though Argo CD is asked twice: before and after it may write by itself.
            let since = model
                .handover
                .as_ref()
                .map_or(at, |handover| handover.since);
            let took = format!("{:>7}", clock(at.saturating_sub(since)));
            vec![format!(
                "{} {application:width$}  {}  {}",
                paint.on(GOOD, "✔"),
                paint.on(FAINT, &took),
                paint.on(FAINT, "Synced, Healthy"),
            )]
        }
        Event::Stopping => {
            let text = "stopping: what is in flight ends, nothing new starts";
            vec![paint.on(WARN, text)]
        }
        _ => Vec::new(),
    }
}

fn name_width(model: &Model) -> usize {
    let names = model.services.iter().map(|service| service.name.len());
    let applications = model
        .handover
        .iter()
        .flat_map(|it| it.states.keys().map(String::len));
    names.chain(applications).max().unwrap_or(0)
}

/// Returns the lines of the live part, no more than fit the screen.
pub(super) fn live(model: &Model, screen: &Screen) -> Vec<String> {
    let paint = Paint(screen.color);
    let width = name_width(model);
    let mut running = Vec::new();
    let mut waiting = Vec::new();
    for service in &model.services {
        match service.stage {
            Stage::Running { since } => {
                let text = activity(service);
                let time = clock(screen.at.saturating_sub(since));
                running.push(line(&paint, screen, width, (&service.name, &time, &text)));
            }
            Stage::Waiting => {
                let text = format!("waits for {}", waits(model.unmet(service)));
                let text = cut(&text, screen.width.saturating_sub(width + 13));
                waiting.push(format!(
                    "{} {:width$}  {:>7}  {}",
                    paint.on(FAINT, "·"),
                    paint.on(FAINT, &format!("{:width$}", service.name)),
                    "",
                    paint.on(FAINT, &text),
                ));
            }
            _ => {}
        }
    }
    if let Some(handover) = model.handover.as_ref().filter(|handover| !handover.over) {
        let time = clock(screen.at.saturating_sub(handover.since));
        for (name, state) in &handover.states {
            let text = match state {
                Some(Ok(())) => continue,
                Some(Err(why)) => one_line(why),
                None => "not compared yet".to_owned(),
            };
            running.push(line(&paint, screen, width, (name, &time, &text)));
        }
    }
    let mut lines = fit(&paint, running, waiting, screen.height.saturating_sub(4));
    lines.push(bar(&paint, model, screen));
    lines
}

fn line(paint: &Paint, screen: &Screen, width: usize, row: (&str, &str, &str)) -> String {
    let (name, time, text) = row;
    let frame = usize::try_from(screen.at.as_millis() / 100).unwrap_or_default() % SPINNER.len();
    let text = cut(text, screen.width.saturating_sub(width + 13));
    format!(
        "{} {:width$}  {}  {text}",
        paint.on(BUSY, SPINNER[frame]),
        name,
        paint.on(FAINT, &format!("{time:>7}")),
    )
}

/// What a service is doing now.
fn activity(service: &Service) -> String {
    if let Some(retry) = &service.retry {
        return one_line(retry);
    }
    let done = service.written + service.unchanged;
    match service.waiting.split_last() {
        Some(((object, why), rest)) => {
            let mut text = format!("{object}: {}", one_line(why));
            if !rest.is_empty() {
                let _ = write!(text, " (and {} more)", rest.len());
            }
            text
        }
        None => format!("{done} of {} objects", service.objects),
    }
}

/// Leaves out what does not fit: first those that wait, then those that run.
fn fit(paint: &Paint, running: Vec<String>, waiting: Vec<String>, height: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let room = height.max(2);
    let (many, hidden) = (running.len(), running.len().saturating_sub(room));
    lines.extend(running.into_iter().take(room));
    if hidden > 0 {
        lines.push(paint.on(FAINT, &format!("  and {hidden} more under way")));
    }
    let left = room.saturating_sub(many);
    let total = waiting.len();
    let shown = if total > left {
        left.saturating_sub(1)
    } else {
        total
    };
    lines.extend(waiting.into_iter().take(shown));
    if total > shown {
        lines.push(paint.on(FAINT, &format!("· {} more wait", total - shown)));
    }
    lines
}

fn bar(paint: &Paint, model: &Model, screen: &Screen) -> String {
    /// Wide enough to show progress, narrow enough for the numbers beside it.
    const CELLS: usize = 30;
    let (ready, services) = model.services_ready();
    let (done, objects) = model.objects_done();
    // Half of the way is writing, half is waiting for readiness.
    let (part, whole) = (
        done * services + ready * objects,
        (2 * objects * services).max(1),
    );
    let full = CELLS * part / whole;
    let mut text = paint.on(GOOD, &"━".repeat(full));
    text.push_str(&paint.on(FAINT, &"━".repeat(CELLS - full)));
    let _ = write!(
        text,
        " {ready}/{} · {done}/{} · {}",
        count(services, "service"),
        count(objects, "object"),
        clock(screen.at),
    );
    if model.stopping {
        text.push_str(&paint.on(WARN, " · stopping"));
    }
    text
}

/// Cuts a text to a width, with a mark where something is missing.
fn cut(text: &str, width: usize) -> String {
    let width = width.max(10);
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
