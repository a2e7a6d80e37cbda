//! Sync waves as text: what each Application declares, what the order asks for, and what was written.

use std::fmt::Write;

use crate::graph::{SyncWave, Verdict};
use crate::ops::WaveEdit;

use super::words::{BAD, FAINT, GOOD, STRONG, WARN, count, shortened};

/// The width that is left for a reason.
const WIDTH: usize = 84;

/// Returns the waves of all services.
pub(in crate::cli) fn waves(
    environment: &str,
    waves: &[SyncWave],
    assesses_health: Option<bool>,
) -> String {
    let mut text = format!("{STRONG}{environment}{STRONG:#}: the sync waves of Applications\n\n");
    let width = waves
        .iter()
        .map(|wave| wave.service.len())
        .max()
        .unwrap_or(0);
    for wave in waves {
        let declared = wave
            .declared
            .map_or("-".to_owned(), |wave| wave.to_string());
        let (style, told) = match wave.verdict {
            Verdict::Right => (GOOD, "right".to_owned()),
            Verdict::Missing => (WARN, format!("missing: {}", wave.wanted)),
            Verdict::Wrong => (BAD, format!("wrong: {}", wave.wanted)),
            Verdict::Moved => (WARN, format!("has to move: {}", wave.wanted)),
            Verdict::Needless => (FAINT, "needless".to_owned()),
        };
        let because = wave
            .because
            .as_ref()
            .filter(|_| wave.verdict != Verdict::Needless);
        let because = because.map_or_else(String::new, |edge| {
            let reason = shortened(&edge.evidence, WIDTH);
            format!("  {FAINT}after {}: {reason}{FAINT:#}", edge.service)
        });
        let told = if because.is_empty() {
            told
        } else {
            format!("{told:15}")
        };
        let _ = writeln!(
            text,
            "  {STRONG}{:width$}{STRONG:#} {declared:>4}  {style}{told}{style:#}{because}",
            wave.service
        );
    }
    let changes = waves.iter().filter(|wave| wave.is_to_change()).count();
    let _ = match changes {
        0 => writeln!(text, "\nnothing has to change"),
        _ => writeln!(
            text,
            "\n{} to change: --write-waves enters them",
            count(changes, "wave", "waves")
        ),
    };
    text.push_str(&health(assesses_health));
    text
}

fn health(assesses: Option<bool>) -> String {
    match assesses {
        Some(true) => String::new(),
        Some(false) => format!(
            "{WARN}Argo CD does not assess the health of Applications here{WARN:#}: without \
             resource.customizations.health.argoproj.io_Application\nin argocd-cm it starts the next \
             wave as soon as the one before is written\n"
        ),
        None => format!(
            "{FAINT}waves only hold where Argo CD assesses the health of Applications \
             (resource.customizations.health.argoproj.io_Application\nin argocd-cm): this platform \
             does not say whether it does{FAINT:#}\n"
        ),
    }
}

/// Returns what became of the waves that should change.
pub(in crate::cli) fn wave_edits(
    edits: &[WaveEdit],
    untaken: &[String],
    assesses_health: Option<bool>,
) -> String {
    let mut text = String::new();
    for edit in edits {
        let before = edit
            .before
            .map_or("none".to_owned(), |wave| wave.to_string());
        let head = format!(
            "{STRONG}{}{STRONG:#}: {before} -> {}",
            edit.service, edit.wave
        );
        let _ = match (&edit.written, &edit.by_hand) {
            (Some((file, key)), _) => writeln!(text, "{head}  {FAINT}{key} in {file}{FAINT:#}"),
            (None, Some(hand)) => writeln!(
                text,
                "{head}  {WARN}by hand{WARN:#} in {}\n  {FAINT}{}{FAINT:#}",
                hand.source, hand.why
            ),
            (None, None) => Ok(()),
        };
    }
    let written = edits.iter().filter(|edit| edit.written.is_some()).count();
    let left = edits.len() - written;
    let _ = match (written, left) {
        (0, 0) => writeln!(text, "nothing has to change"),
        (_, 0) => writeln!(text, "\n{} written", count(written, "wave", "waves")),
        _ => writeln!(
            text,
            "\n{} written, {left} to be entered by hand",
            count(written, "wave", "waves")
        ),
    };
    if !untaken.is_empty() {
        let _ = writeln!(
            text,
            "{WARN}the Applications do not take them over{WARN:#}: {}; the root's template has to set \
             the annotation argocd.argoproj.io/sync-wave from `wave`",
            untaken.join(", ")
        );
    }
    text.push_str(&health(assesses_health));
    text
}
