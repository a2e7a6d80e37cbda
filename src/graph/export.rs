//! The graph for other programs: takes the graph, gives Graphviz or Mermaid text, never draws.
//!
//! An arrow goes from a service to the one that waits for it: the direction in which the platform
//! comes up. Of several edges between two services only the strongest milestone is drawn; what
//! follows from other arrows is left out unless all is asked for.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::build::{Graph, GraphService};
use super::edge::Milestone;
use super::reduce::{Wait, waits};

/// Which arrows are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrows {
    /// Those that do not follow from others.
    Reduced,
    /// All.
    All,
}

/// Returns the graph in Graphviz' language: a cluster for each wave, each in a rank of its own.
pub fn dot(environment: &str, graph: &Graph, arrows: Arrows) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "digraph {} {{", dot_text(environment));
    text.push_str(
        "  // solid: until ready, dashed: until established, dotted: until applied, grey: soft\n",
    );
    text.push_str("  graph [rankdir=LR, newrank=true, ranksep=1.2, nodesep=0.15, style=rounded, color=gray80, fontname=\"sans-serif\"];\n");
    text.push_str("  node [shape=box, style=rounded, height=0.3, fontname=\"sans-serif\"];\n");
    text.push_str("  edge [arrowsize=0.7];\n");
    for (wave, services) in by_wave(graph) {
        let _ = writeln!(text, "  subgraph \"cluster_wave_{wave}\" {{");
        let _ = writeln!(text, "    label=\"wave {wave}\"; rank=same;");
        for (_, service) in services {
            let _ = writeln!(text, "    {};", dot_text(&service.name));
        }
        text.push_str("  }\n");
    }
    for wait in drawn(graph, arrows) {
        let style = match wait.until {
            Milestone::Ready => "solid",
            Milestone::Established => "dashed",
            Milestone::Applied => "dotted",
        };
        let mut attributes = format!("style={style}, tooltip=\"until {}\"", wait.until.name());
        if wait.is_soft() {
            attributes.push_str(", color=gray60, arrowhead=empty");
        }
        if is_backward(graph, &wait) {
            attributes.push_str(", constraint=false");
        }
        let _ = writeln!(
            text,
            "  {} -> {} [{attributes}];",
            dot_text(&graph.services[wait.on].name),
            dot_text(&graph.services[wait.service].name),
        );
    }
    text.push_str("}\n");
    text
}

/// Returns the graph in Mermaid's language: a subgraph for each wave; what is not said is `ready`.
pub fn mermaid(graph: &Graph, arrows: Arrows) -> String {
    let mut text = String::from("flowchart LR\n");
    for (wave, services) in by_wave(graph) {
        let _ = writeln!(text, "  subgraph wave{wave} [wave {wave}]");
        for (index, service) in services {
            let _ = writeln!(text, "    s{index}[{}]", mermaid_text(&service.name));
        }
        text.push_str("  end\n");
    }
    for wait in drawn(graph, arrows) {
        let arrow = match (wait.until, wait.is_soft()) {
            (Milestone::Ready, false) => "-->".to_owned(),
            (until, false) => format!("-- {} -->", until.name()),
            (Milestone::Ready, true) => "-. soft .->".to_owned(),
            (until, true) => format!("-. soft, {} .->", until.name()),
        };
        let _ = writeln!(text, "  s{} {arrow} s{}", wait.on, wait.service);
    }
    text
}

fn by_wave(graph: &Graph) -> BTreeMap<u32, Vec<(usize, &GraphService)>> {
    let mut waves: BTreeMap<u32, Vec<(usize, &GraphService)>> = BTreeMap::new();
    for (index, service) in graph.services.iter().enumerate() {
        waves
            .entry(service.wave)
            .or_default()
            .push((index, service));
    }
    waves
}

fn drawn(graph: &Graph, arrows: Arrows) -> Vec<Wait<'_>> {
    let mut waits = waits(graph);
    waits.retain(|wait| arrows == Arrows::All || !wait.implied);
    waits.sort_by_key(|wait| (wait.on, wait.service));
    waits
}

/// Tells whether an arrow goes against the waves, as one of two services that need each other.
fn is_backward(graph: &Graph, wait: &Wait<'_>) -> bool {
    graph.services[wait.on].wave >= graph.services[wait.service].wave
}

/// Source: the DOT language, "an ID": in quotes only the quote is escaped; in labels a backslash
/// begins an escape.
fn dot_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Source: Mermaid's documentation, "Entity codes to escape characters".
fn mermaid_text(text: &str) -> String {
    let mut escaped = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("#quot;"),
            '#' | '<' | '>' | '&' | '`' | '\\' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            character => escaped.push(character),
        }
    }
    escaped.push('"');
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_syntax() {
        assert_eq!(dot_text("a\"b\\"), r#""a\"b\\""#);
        assert_eq!(mermaid_text("a\"b<#`"), "\"a#quot;b#60;#35;#96;\"");
    }
}
