//! What a cluster holds of an environment, as text: one line for each service, below it what is
//! not as it should be.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::handover::ApplicationState;
use crate::ops::{ServiceState, ServiceStatus, Status};

use super::words::{BAD, FAINT, GOOD, STRONG, WARN, count};

/// So many objects of a kind of trouble are named; `--verbose` names all.
const SHOWN: usize = 5;

/// Returns the status.
pub(in crate::cli) fn status(status: &Status, verbosity: Verbosity) -> String {
    let mut text = format!(
        "{STRONG}{}{STRONG:#} on {}\n\n",
        status.environment, status.cluster
    );
    let width = status
        .services
        .iter()
        .map(|service| service.name.len())
        .max()
        .unwrap_or(0);
    for service in &status.services {
        let (mark, word) = state(service.state);
        let _ = writeln!(
            text,
            "{mark} {STRONG}{:width$}{STRONG:#}  {word:<12} {}",
            service.name,
            application(service.application.as_ref())
        );
        details(&mut text, service, verbosity);
    }
    if let Some(root) = &status.root {
        let _ = writeln!(text, "\nroot Application {}: {}", root.name, verdict(root));
    }
    let ready = status
        .services
        .iter()
        .filter(|it| it.state == ServiceState::Ready)
        .count();
    let _ = writeln!(
        text,
        "\n{ready} of {} are ready",
        count(status.services.len(), "service", "services")
    );
    text
}

fn state(state: ServiceState) -> (String, &'static str) {
    let good = format!("{GOOD}✔{GOOD:#}");
    let warn = format!("{WARN}~{WARN:#}");
    let bad = format!("{BAD}✘{BAD:#}");
    let none = format!("{FAINT}·{FAINT:#}");
    match state {
        ServiceState::Ready => (good, "ready"),
        ServiceState::Differs => (warn, "differs"),
        ServiceState::Progressing => (warn, "progressing"),
        ServiceState::Failed => (bad, "failed"),
        ServiceState::Incomplete => (bad, "incomplete"),
        ServiceState::Absent => (none, "absent"),
    }
}

fn application(state: Option<&ApplicationState>) -> String {
    state.map_or_else(String::new, |state| {
        let verdict = verdict(state);
        format!("{FAINT}Argo CD: {verdict}{FAINT:#}")
    })
}

fn verdict(state: &ApplicationState) -> String {
    if state.is_well() {
        "Synced, Healthy".to_owned()
    } else {
        state.lack()
    }
}

fn details(text: &mut String, service: &ServiceStatus, verbosity: Verbosity) {
    if service.state == ServiceState::Absent {
        return;
    }
    let mut lines: Vec<String> = Vec::new();
    lines.extend(
        service
            .unready
            .iter()
            .map(|it| format!("{}: {}", it.object, it.why)),
    );
    lines.extend(
        service
            .absent
            .iter()
            .map(|object| format!("{object} is not there")),
    );
    lines.extend(
        service
            .differing
            .iter()
            .map(|it| format!("{} differs at {}", it.object, it.fields.join(", "))),
    );
    let shown = if verbosity == Verbosity::Verbose {
        lines.len()
    } else {
        SHOWN
    };
    for line in lines.iter().take(shown) {
        let _ = writeln!(text, "    {line}");
    }
    if lines.len() > shown {
        let _ = writeln!(text, "    {FAINT}and {} more{FAINT:#}", lines.len() - shown);
    }
}
