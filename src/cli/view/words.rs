//! Small pieces of text that the views share.

use anstyle::{AnsiColor, Style};

use crate::graph::{Edge, Milestone};

pub(super) const STRONG: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(super) const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// Returns a number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Returns a milestone in words.
pub(super) fn until(milestone: Milestone) -> &'static str {
    match milestone {
        Milestone::Applied => "is applied",
        Milestone::Established => "is established",
        Milestone::Ready => "is ready",
    }
}

/// Why one service waits for one other.
pub(super) struct Wait<'e> {
    pub(super) service: &'e str,
    pub(super) until: Milestone,
    /// The reasons, those of the strongest milestone first.
    pub(super) reasons: Vec<&'e Edge>,
}

/// Returns edges gathered by the service that is waited for.
pub(super) fn waits(edges: &[Edge]) -> Vec<Wait<'_>> {
    let mut waits: Vec<Wait<'_>> = Vec::new();
    for edge in edges {
        match waits.iter_mut().find(|wait| wait.service == edge.service) {
            Some(wait) => {
                wait.until = wait.until.max(edge.until);
                wait.reasons.push(edge);
            }
            None => waits.push(Wait {
                service: &edge.service,
                until: edge.until,
                reasons: vec![edge],
            }),
        }
    }
    waits
}

/// Returns a sentence without the places in brackets: `Ingress a/b (x.yaml:3) uses ...`.
pub(super) fn without_places(sentence: &str) -> String {
    let mut short = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(start) = rest.find(" (") {
        let Some(length) = rest[start..].find(')') else {
            break;
        };
        let inside = &rest[start + 2..start + length];
        short.push_str(&rest[..start]);
        // A place is a path: one word with a dot in it.
        if inside.contains(' ') || !inside.contains('.') {
            short.push_str(&rest[start..=start + length]);
        }
        rest = &rest[start + length + 1..];
    }
    short.push_str(rest);
    short
}

#[cfg(test)]
mod tests {
    use super::without_places;

    #[test]
    fn only_places_are_left_out() {
        assert_eq!(
            without_places("Ingress a/b (s/a.yaml:3) uses IngressClass n (s/c.yaml:1); so (it is)"),
            "Ingress a/b uses IngressClass n; so (it is)"
        );
    }
}
