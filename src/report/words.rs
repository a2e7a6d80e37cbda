//! How times, names and actions are worded, once for all sinks.

use std::collections::BTreeMap;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::graph::{Edge, Milestone};

pub(super) const STRONG: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BUSY: Style = AnsiColor::Cyan.on_default();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Words a time: `0.4s`, `14s`, `2m05s`, `1h02m`.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", duration.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// Words a count with its noun.
pub(super) fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}

/// Words what a service waits for: each other service once, with the furthest milestone.
pub(super) fn waits<'a>(edges: impl IntoIterator<Item = &'a Edge>) -> String {
    let mut furthest: BTreeMap<&str, Milestone> = BTreeMap::new();
    for edge in edges {
        let until = furthest.entry(&edge.service).or_insert(edge.until);
        *until = (*until).max(edge.until);
    }
    let names: Vec<String> = furthest
        .iter()
        .map(|(service, until)| match until {
            Milestone::Ready => (*service).to_owned(),
            Milestone::Established => format!("{service}'s definitions"),
            Milestone::Applied => format!("{service} to be applied"),
        })
        .collect();
    names.join(", ")
}

/// Returns the text with line breaks made visible: what a cluster says is one line here.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes a text in a style, followed by the style's end.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let words: Vec<String> = [0.04, 9.96, 10.0, 59.9, 60.0, 125.0, 3720.0]
            .iter()
            .map(|seconds| clock(Duration::from_secs_f64(*seconds)))
            .collect();
        assert_eq!(
            words,
            ["0.0s", "10.0s", "10s", "59s", "1m00s", "2m05s", "1h02m"]
        );
    }

    #[test]
    fn each_service_is_named_once() {
        let edge = Edge::for_test;
        let edges = [
            edge("b", Milestone::Applied),
            edge("a", Milestone::Established),
            edge("b", Milestone::Ready),
        ];
        assert_eq!(waits(&edges), "a's definitions, b");
    }
}
