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

/// Returns how many waves services come in, by the wave of each.
pub(super) fn count_waves(waves: impl Iterator<Item = u32>) -> String {
    let number = waves.map(|wave| wave + 1).max().unwrap_or(0);
    count(number as usize, "wave", "waves")
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

/// Returns evidence in few words: without places, namespaces and what only adds to it, and no longer
/// than `width`, with dots where it has to be cut.
pub(super) fn shortened(evidence: &str, width: usize) -> String {
    let sentence = without_places(evidence);
    // How many objects share a reason is for those who ask.
    let sentence = sentence.split("; so do").next().unwrap_or_default();
    let mut sentence = without_namespaces(sentence);
    for addition in [", which ", ", whose ", " that ships ", " of "] {
        if sentence.chars().count() > width
            && let Some(end) = sentence.rfind(addition)
        {
            sentence.truncate(end);
        }
    }
    if sentence.chars().count() <= width {
        return sentence;
    }
    let kept: String = sentence.chars().take(width.saturating_sub(3)).collect();
    // Half a word is worse than none.
    let end = kept.rfind(' ').unwrap_or(kept.len());
    format!("{}...", kept[..end].trim_end_matches([',', ';']))
}

/// Returns a sentence with `Ingress portal/web` shortened to `Ingress web`: the service is known.
fn without_namespaces(sentence: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in sentence.split(' ') {
        let after_kind = words
            .last()
            .is_some_and(|last| last.starts_with(|first: char| first.is_ascii_uppercase()));
        match word.split_once('/') {
            Some((_, name)) if after_kind => words.push(name),
            _ => words.push(word),
        }
    }
    words.join(" ")
}

/// Returns a sentence without the places in brackets: `Ingress a/b (x.yaml:3) uses ...`.
fn without_places(sentence: &str) -> String {
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
    use super::{shortened, without_places};

    #[test]
    fn evidence_is_shortened_by_what_matters_least() {
        let evidence = "Certificate a/web (s/a.yaml:3) must pass webhook.x.io of \
                        ValidatingWebhookConfiguration hooks (s/b.yaml:1); so does 1 more object";
        assert_eq!(
            shortened(evidence, 100),
            "Certificate web must pass webhook.x.io of ValidatingWebhookConfiguration hooks"
        );
        assert_eq!(
            shortened(evidence, 60),
            "Certificate web must pass webhook.x.io"
        );
        assert_eq!(shortened(evidence, 20), "Certificate web...");
    }

    #[test]
    fn only_places_are_left_out() {
        assert_eq!(
            without_places("Ingress a/b (s/a.yaml:3) uses IngressClass n (s/c.yaml:1); so (it is)"),
            "Ingress a/b uses IngressClass n; so (it is)"
        );
    }
}
