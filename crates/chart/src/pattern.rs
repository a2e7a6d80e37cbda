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

/// A pattern of Go's `path.Match`.
///
/// A regular expression would do, too, but takes a thousand times as long to make, and every chart
/// has two dozen of these in its `.helmignore`.
#[derive(Debug, Clone)]
pub(crate) struct ShellPattern {
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    /// Any characters but slashes.
    Star,
    /// One character that is no slash.
    Any,
    /// This character.
    Literal(char),
    /// One character, even a slash, that lies in one of the ranges, or in none where it is negated.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Part {
    fn admits(&self, c: char) -> bool {
        match self {
            Self::Star | Self::Any => c != '/',
            Self::Literal(wanted) => c == *wanted,
            Self::Class { negated, ranges } => {
                let inside = |(low, high): &(char, char)| (*low..=*high).contains(&c);
                ranges.iter().any(inside) != *negated
            }
        }
    }
}

/// Reads a pattern of Go's `path.Match`.
pub(crate) fn shell_pattern(pattern: &str) -> Result<ShellPattern, BadPattern> {
    let mut parts = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        parts.push(match c {
            '*' => Part::Star,
            '?' => Part::Any,
            '\\' => Part::Literal(rest.next().ok_or(BadPattern)?),
            '[' => Part::Class {
                negated: rest.next_if_eq(&'^').is_some(),
                ranges: class(&mut rest, Backwards::Empty)?,
            },
            other => Part::Literal(other),
        });
    }
    Ok(ShellPattern { parts })
}

impl ShellPattern {
    /// Returns whether the whole path fits.
    pub(crate) fn is_match(&self, path: &str) -> bool {
        let (mut part, mut rest) = (0, path.chars());
        // Where to go on when what follows the last star does not fit: the star takes one more.
        let mut star = None;
        loop {
            let before = rest.clone();
            match (self.parts.get(part), rest.next()) {
                (Some(Part::Star), _) => {
                    part += 1;
                    star = Some((part, before.clone()));
                    rest = before;
                }
                (None, None) => return true,
                (Some(one), Some(c)) if one.admits(c) => part += 1,
                _ => {
                    let Some((after, taken)) = &mut star else {
                        return false;
                    };
                    if taken.next().is_none_or(|c| c == '/') {
                        return false;
                    }
                    part = *after;
                    rest = taken.clone();
                }
            }
        }
    }
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

/// Reads the ranges of a bracket expression; the opening bracket and the negation have been read.
fn class(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    backwards: Backwards,
) -> Result<Vec<(char, char)>, BadPattern> {
    let mut ranges = Vec::new();
    let mut count = 0;
    loop {
        if count > 0 && rest.next_if_eq(&']').is_some() {
            return Ok(ranges);
        }
        count += 1;
        let low = class_member(rest)?;
        let high = match rest.next_if_eq(&'-') {
            None => low,
            Some(_) => class_member(rest)?,
        };
        if low <= high {
            ranges.push((low, high));
        } else if backwards == Backwards::Malformed {
            return Err(BadPattern);
        }
    }
}

/// Writes a bracket expression of a regular expression.
fn push_class(out: &mut String, negated: bool, ranges: &[(char, char)]) {
    out.push_str(if negated { "[^" } else { "[" });
    for (low, high) in ranges {
        push_member(out, *low);
        out.push('-');
        push_member(out, *high);
    }
    // A star never crosses a slash, but a negated class in Go may match one.
    out.push(']');
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
                let ranges = class(&mut rest, Backwards::Malformed).ok()?;
                push_class(&mut out, negated, &ranges);
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
        assert!(shell_pattern("*a*b").unwrap().is_match("xaab"));
        assert!(!shell_pattern("*a*b").unwrap().is_match("xa/b"));
        assert!(shell_pattern("[^a]*").unwrap().is_match("/x"));
        assert!(shell_pattern("*").unwrap().is_match(""));
        assert!(!shell_pattern("a?").unwrap().is_match("a/"));
        assert!(shell_pattern(r"\*").unwrap().is_match("*"));
        assert!(!shell_pattern("a").unwrap().is_match("ab"));
    }

    #[test]
    fn two_stars_cross_slashes_and_braces_choose() {
        assert!(files_glob("config/**").is_match("config/a/b.toml"));
        assert!(files_glob("**.{toml,json}").is_match("a/b.json"));
        assert!(!files_glob("config/*").is_match("config/a/b.toml"));
        assert!(files_glob("[!a]*").is_match("b"));
    }
}
