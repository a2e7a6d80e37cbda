//! The graph as text: services by wave, and below each whom it waits for.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::graph::{Edge, Graph};

use super::words::{FAINT, STRONG, Wait, count, count_waves, shortened, until, waits};

/// The width of lines with reasons: what fits most windows, and the same everywhere.
const WIDTH: usize = 120;

/// Returns the graph.
pub(in crate::cli) fn graph(environment: &str, graph: &Graph, verbosity: Verbosity) -> String {
    let mut text = format!(
        "{STRONG}{environment}{STRONG:#}: {} in {}\n",
        count(graph.services.len(), "service", "services"),
        count_waves(graph.services.iter().map(|service| service.wave)),
    );
    let columns = Columns::of(
        graph
            .services
            .iter()
            .map(|service| service.edges.as_slice()),
    );
    let mut wave = None;
    for service in &graph.services {
        if wave != Some(service.wave) {
            wave = Some(service.wave);
            let _ = writeln!(text, "\n{FAINT}wave {}{FAINT:#}", service.wave);
        }
        let _ = writeln!(text, "  {STRONG}{}{STRONG:#}", service.name);
        text.push_str(&columns.reasons(&service.edges, verbosity));
    }
    text
}

/// The widths that the reasons of all services share.
pub(super) struct Columns {
    name: usize,
    until: usize,
}

impl Columns {
    /// Returns the widths for these services' edges.
    pub(super) fn of<'e>(services: impl Iterator<Item = &'e [Edge]>) -> Self {
        let mut columns = Self { name: 0, until: 0 };
        for wait in services.flat_map(waits) {
            columns.name = columns.name.max(wait.service.len());
            columns.until = columns.until.max(until(wait.until).len());
        }
        columns
    }

    /// Returns for whom a service waits, until when and why: one line each, unless all is to be
    /// said.
    pub(super) fn reasons(&self, edges: &[Edge], verbosity: Verbosity) -> String {
        let mut text = String::new();
        for wait in waits(edges) {
            let (name, until_width) = (self.name, self.until);
            let head = format!(
                "    after {:name$} {:until_width$}",
                wait.service,
                until(wait.until)
            );
            match verbosity {
                Verbosity::Quiet => {
                    let _ = writeln!(text, "{}", head.trim_end());
                }
                Verbosity::Normal => {
                    let reason = reason(&wait, WIDTH.saturating_sub(head.len() + 2));
                    let _ = writeln!(text, "{head}  {FAINT}{reason}{FAINT:#}");
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
}

/// Returns the first reason in short, and how many there are besides.
fn reason(wait: &Wait<'_>, width: usize) -> String {
    let more = match wait.reasons.len() {
        0 | 1 => String::new(),
        number => format!(" (+{})", number - 1),
    };
    let first = wait.reasons.first().map(|edge| edge.evidence.as_str());
    let room = width.saturating_sub(more.len());
    format!("{}{more}", shortened(first.unwrap_or_default(), room))
}
