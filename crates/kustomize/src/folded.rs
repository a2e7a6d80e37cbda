//! Folded texts (`>`): takes a text, gives what is read back after Kustomize has printed it folded,
//! never touches a text that it prints right.
//!
//! Its YAML writer adds an empty line before every line that begins with a blank, and one where
//! several stand at the end. What it prints is what gets applied, so the fault is followed.

use std::fmt::Write;

/// Returns true where a text may be printed otherwise: where it has several lines.
pub(crate) fn is_touchy(text: &str) -> bool {
    text.contains('\n')
}

/// Returns what is read back.
pub(crate) fn refolded(text: String) -> String {
    match goyaml::parse(&written(&text)) {
        Ok(node) => node.as_str().map_or(text, str::to_owned),
        Err(_) => text,
    }
}

/// Writes a text as the writer does, at an indentation of two.
fn written(text: &str) -> String {
    let mut written = String::from(">");
    if text.starts_with([' ', '\n']) {
        written.push('2');
    }
    if !text.ends_with('\n') {
        written.push('-');
    } else if text == "\n" || text.ends_with("\n\n") {
        written.push('+');
    }
    written.push('\n');
    let first = text.trim_start_matches('\n').chars().next();
    let starts_plain = first.is_some_and(|first| !matches!(first, ' ' | '\t'));
    let (mut after_break, mut leading_blank) = (true, true);
    for character in text.chars() {
        if character == '\n' {
            if !after_break && !leading_blank && starts_plain {
                written.push('\n');
            }
            written.push('\n');
            after_break = true;
            continue;
        }
        if after_break {
            // Writing to a string does not fail.
            let _ = write!(written, "  ");
            leading_blank = matches!(character, ' ' | '\t');
        }
        written.push(character);
        after_break = false;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_added_before_lines_that_begin_with_a_blank() {
        for (text, expected) in [
            ("a\nb\n", "a\nb\n"),
            ("a (\n  b\n)", "a (\n\n  b\n)"),
            ("a\n\n  b", "a\n\n\n  b"),
            ("a\n\nb", "a\n\nb"),
            ("a\n\n", "a\n\n\n"),
        ] {
            assert_eq!(refolded(text.to_owned()), expected);
        }
    }
}
