//! The graph for other programs: takes the graph, gives Graphviz or Mermaid text, never draws.
//!
//! An arrow goes from a service to the one that waits for it: the direction in which the platform
//! comes up. Of several edges between two services only the strongest milestone is drawn.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::build::Graph;
use super::edge::Milestone;

/// Returns the graph in Graphviz' language.
pub fn dot(environment: &str, graph: &Graph) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "digraph {} {{", quoted(environment));
    let _ = writeln!(text, "  rankdir=LR;");
    let _ = writeln!(text, "  node [shape=box, style=rounded];");
    for (wave, names) in waves(graph) {
        let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
        let _ = writeln!(
            text,
            "  {{ rank=same; {}; }} // wave {wave}",
            names.join("; ")
        );
    }
    for (from, to, until) in arrows(graph) {
        let _ = writeln!(
            text,
            "  {} -> {} [label={}];",
            quoted(from),
            quoted(to),
            quoted(until.name())
        );
    }
    text.push_str("}\n");
    text
}

/// Returns the graph in Mermaid's language.
pub fn mermaid(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    let ids: BTreeMap<&str, String> = graph
        .services
        .iter()
        .enumerate()
        .map(|(index, service)| (service.name.as_str(), format!("s{index}")))
        .collect();
    for (wave, names) in waves(graph) {
        let _ = writeln!(text, "  subgraph wave{wave} [wave {wave}]");
        for name in names {
            let _ = writeln!(text, "    {}[{}]", ids[name], quoted(name));
        }
        text.push_str("  end\n");
    }
    for (from, to, until) in arrows(graph) {
        if let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) {
            let _ = writeln!(text, "  {from} -- {} --> {to}", until.name());
        }
    }
    text
}

fn waves(graph: &Graph) -> BTreeMap<u32, Vec<&str>> {
    let mut waves: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for service in &graph.services {
        waves.entry(service.wave).or_default().push(&service.name);
    }
    waves
}

fn arrows(graph: &Graph) -> Vec<(&str, &str, Milestone)> {
    let mut arrows: BTreeMap<(&str, &str), Milestone> = BTreeMap::new();
    for service in &graph.services {
        for edge in &service.edges {
            let until = arrows
                .entry((&edge.service, &service.name))
                .or_insert(edge.until);
            *until = edge.until.max(*until);
        }
    }
    arrows
        .into_iter()
        .map(|((from, to), until)| (from, to, until))
        .collect()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
