//! Where a value comes from, as text.

use std::fmt::Write;

use crate::catalog::Origin;

use super::words::{FAINT, STRONG};

/// Returns one line a layer, the one with the last word last and marked.
pub(in crate::cli) fn origins(origins: &[Origin]) -> String {
    let width = origins
        .iter()
        .map(|origin| origin.source.to_string().len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (index, origin) in origins.iter().enumerate() {
        let place = origin.source.to_string();
        if index + 1 == origins.len() {
            let _ = writeln!(text, "{place:width$}  {STRONG}{}{STRONG:#}", origin.value);
        } else {
            let _ = writeln!(text, "{FAINT}{place:width$}  {}{FAINT:#}", origin.value);
        }
    }
    text
}
