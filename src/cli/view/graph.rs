//! The graph as text: services by wave, and below each whom it waits for.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::graph::{Edge, Graph};

use super::words::{FAINT, STRONG, count, until, waits, without_places};

/// Returns the graph.
pub(in crate::cli) fn graph(environment: &str, graph: &Graph, verbosity: Verbosity) -> String {
    let waves = graph
        .services
        .iter()
        .map(|service| service.wave + 1)
        .max()
        .unwrap_or(0);
    let mut text = format!(
        "{STRONG}{environment}{STRONG:#}: {} in {}\n",
        count(graph.services.len(), "service", "services"),
        count(waves as usize, "wave", "waves"),
    );
    let mut wave = None;
    for service in &graph.services {
        if wave != Some(service.wave) {
            wave = Some(service.wave);
            let _ = writeln!(text, "\n{FAINT}wave {}{FAINT:#}", service.wave);
        }
        let _ = writeln!(text, "  {STRONG}{}{STRONG:#}", service.name);
        text.push_str(&reasons(&service.edges, verbosity));
    }
    text
}

/// Returns for whom a service waits, until when and why; one line each unless all is to be said.
pub(super) fn reasons(edges: &[Edge], verbosity: Verbosity) -> String {
    let mut text = String::new();
    let waits = waits(edges);
    let name_width = waits
        .iter()
        .map(|wait| wait.service.len())
        .max()
        .unwrap_or(0);
    let until_width = waits
        .iter()
        .map(|wait| until(wait.until).len())
        .max()
        .unwrap_or(0);
    for wait in &waits {
        let head = format!(
            "    after {:name_width$} {:until_width$}",
            wait.service,
            until(wait.until)
        );
        match verbosity {
            Verbosity::Quiet => {
                let _ = writeln!(text, "{}", head.trim_end());
            }
            Verbosity::Normal => {
                let sentence = wait
                    .reasons
                    .first()
                    .map(|edge| without_places(&edge.evidence));
                let more = match wait.reasons.len() {
                    0 | 1 => String::new(),
                    number => format!(" (+{})", number - 1),
                };
                let sentence = sentence.unwrap_or_default();
                let _ = writeln!(text, "{head}  {FAINT}{sentence}{more}{FAINT:#}");
            }
            Verbosity::Verbose => {
                let _ = writeln!(text, "{}", head.trim_end());
                for edge in &wait.reasons {
                    let _ = writeln!(
                        text,
                        "      {:11} {FAINT}{}{FAINT:#}",
                        edge.until.name(),
                        edge.evidence
                    );
                }
            }
        }
    }
    text
}
