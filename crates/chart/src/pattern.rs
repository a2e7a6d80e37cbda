//! File name patterns: takes a pattern and a path with forward slashes, tells whether they match,
//! never touches the file system.
//!
//! Two dialects: Go's `path.Match`, which `.helmignore` uses, and the wider one of `.Files.Glob`
//! (`**`, `{a,b}`, `[!a-z]`).

use regex::Regex;

/// The pattern is malformed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub(crate) struct BadPattern;

/// Translates a pattern of Go's `path.Match` into a regular expression.
pub(crate) fn shell_pattern(pattern: &str) -> Result<Regex, BadPattern> {
    let mut out = String::from("(?s)^");
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '\\' => push_literal(&mut out, rest.next().ok_or(BadPattern)?),
            '[' => {
                let negated = rest.next_if_eq(&'^').is_some();
                push_class(&mut out, &mut rest, negated, Backwards::Empty)?;
            }
            other => push_literal(&mut out, other),
        }
    }
    out.push('$');
    Regex::new(&out).map_err(|_| BadPattern)
}

fn push_literal(out: &mut String, c: char) {
    out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

/// What a range that runs backwards means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Backwards {
    /// It holds no character.
    Empty,
    /// It makes the pattern malformed.
    Malformed,
}

/// Copies a bracket expression; the opening bracket and the negation have been read.
fn push_class(
    out: &mut String,
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    negated: bool,
    backwards: Backwards,
) -> Result<(), BadPattern> {
    let mut members = String::new();
    let mut count = 0;
    loop {
        if count > 0 && rest.next_if_eq(&']').is_some() {
            break;
        }
        count += 1;
        let low = class_member(rest)?;
        if rest.next_if_eq(&'-').is_none() {
            push_member(&mut members, low);
            continue;
        }
        let high = class_member(rest)?;
        if high < low {
            if backwards == Backwards::Malformed {
                return Err(BadPattern);
            }
            continue;
        }
        push_member(&mut members, low);
        members.push('-');
        push_member(&mut members, high);
    }
    // Without members nothing fits, or everything.
    let everything = r"\x{0}-\x{10ffff}";
    let (negated, members) = match members.as_str() {
        "" => (!negated, everything),
        members => (negated, members),
    };
    out.push_str(if negated { "[^" } else { "[" });
    out.push_str(members);
    // A star never crosses a slash, but a negated class in Go may match one.
    out.push(']');
    Ok(())
}

fn class_member(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char, BadPattern> {
    match rest.next() {
        None | Some('-' | ']') => Err(BadPattern),
        Some('\\') => rest.next().ok_or(BadPattern),
        Some(c) => Ok(c),
    }
}

fn push_member(out: &mut String, c: char) {
    if !c.is_alphanumeric() && c != '_' {
        out.push('\\');
    }
    out.push(c);
}

/// Translates a pattern of `.Files.Glob` into a regular expression; a malformed one matches
/// everything, as in Helm.
pub(crate) fn files_glob(pattern: &str) -> Regex {
    glob_source(pattern)
        .and_then(|source| Regex::new(&source).ok())
        .unwrap_or_else(|| Regex::new("").expect("the pattern is a constant"))
}

fn glob_source(pattern: &str) -> Option<String> {
    let mut out = String::from("(?s)^");
    let mut rest = pattern.chars().peekable();
    let mut depth = 0;
    while let Some(c) = rest.next() {
        match c {
            '*' if rest.next_if_eq(&'*').is_some() => out.push_str(".*"),
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '\\' => push_literal(&mut out, rest.next()?),
            '[' => {
                let negated = rest.next_if_eq(&'!').is_some();
                push_class(&mut out, &mut rest, negated, Backwards::Malformed).ok()?;
            }
            '{' => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            other => push_literal(&mut out, other),
        }
    }
    out.push('$');
    (depth == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stops_at_a_slash() {
        let pattern = shell_pattern("templates/*.yaml").unwrap();
        assert!(pattern.is_match("templates/a.yaml"));
        assert!(!pattern.is_match("templates/a/b.yaml"));
        assert!(shell_pattern("[").is_err());
        assert!(shell_pattern("[^a-c]x").unwrap().is_match("dx"));
        assert!(!shell_pattern("[c-a]x").unwrap().is_match("bx"));
        assert!(shell_pattern("[^c-a]x").unwrap().is_match("bx"));
    }

    #[test]
    fn two_stars_cross_slashes_and_braces_choose() {
        assert!(files_glob("config/**").is_match("config/a/b.toml"));
        assert!(files_glob("**.{toml,json}").is_match("a/b.json"));
        assert!(!files_glob("config/*").is_match("config/a/b.toml"));
        assert!(files_glob("[!a]*").is_match("b"));
    }
}
