//! Patterns of paths: takes a pattern and a path in a repository, gives whether they fit.
//!
//! Sources: Go's `path.Match` for directories; Git's pathspecs (`dir.c`, `wildmatch.c`, without
//! `WM_PATHNAME`) for files, which Argo CD has `git ls-files` look up.

/// A pattern that cannot be used, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadPattern(pub(crate) String);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// One character.
    One,
    /// Any number of characters.
    Many,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// A pattern of directories: `*` and `?` stay within one part of the path.
#[derive(Debug, Clone)]
pub(crate) struct DirectoryPattern(Vec<Token>);

impl DirectoryPattern {
    pub(crate) fn parse(pattern: &str) -> Result<Self, BadPattern> {
        parse(pattern, Style::Go).map(Self)
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        matches(&self.0, path, false)
    }
}

/// A pattern of files: a path, a directory with all below, or wildcards that also take slashes.
#[derive(Debug, Clone)]
pub(crate) struct FilePattern {
    literal: String,
    wildcards: Option<Vec<Token>>,
}

impl FilePattern {
    pub(crate) fn parse(pattern: &str) -> Result<Self, BadPattern> {
        if let Some(magic) = pattern.strip_prefix(':') {
            let reason = format!(
                "begins with Git's `:{}`, which is not supported",
                first(magic)
            );
            return Err(BadPattern(reason));
        }
        if pattern.starts_with('/') {
            let reason = "begins with a slash: paths are relative to the repository";
            return Err(BadPattern(reason.to_owned()));
        }
        let literal = normal(pattern)?;
        let wildcards = if literal.contains(['*', '?', '[', '\\']) {
            Some(parse(&literal, Style::Git)?)
        } else {
            None
        };
        Ok(Self { literal, wildcards })
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        let literal = &self.literal;
        let below = path
            .strip_prefix(literal.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || literal.ends_with('/'));
        literal.is_empty()
            || below
            || (self.wildcards.as_ref()).is_some_and(|tokens| matches(tokens, path, true))
    }
}

fn first(text: &str) -> String {
    text.chars().take(1).collect()
}

/// Takes `.` and `..` out of a path.
fn normal(pattern: &str) -> Result<String, BadPattern> {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err(BadPattern("leads out of the repository".to_owned()));
                }
            }
            other => parts.push(other),
        }
    }
    let mut normal = parts.join("/");
    if pattern.ends_with('/') && !normal.is_empty() {
        normal.push('/');
    }
    Ok(normal)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Go,
    Git,
}

fn parse(pattern: &str, style: Style) -> Result<Vec<Token>, BadPattern> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        tokens.push(match c {
            '*' => {
                if tokens.last() == Some(&Token::Many) {
                    continue;
                }
                Token::Many
            }
            '?' => Token::One,
            '\\' => match rest.next() {
                Some(escaped) => Token::Literal(escaped),
                None => return Err(BadPattern("ends in a backslash".to_owned())),
            },
            '[' => class(&mut rest, style)?,
            other => Token::Literal(other),
        });
    }
    Ok(tokens)
}

fn class(rest: &mut std::str::Chars<'_>, style: Style) -> Result<Token, BadPattern> {
    let open = || BadPattern("has a `[` without its `]`".to_owned());
    let mut ranges = Vec::new();
    let mut ahead = rest.clone();
    let negated = match ahead.next() {
        Some('^') => true,
        Some('!') => style == Style::Git,
        _ => false,
    };
    if negated {
        *rest = ahead;
    }
    loop {
        let is_first = ranges.is_empty();
        let low = match rest.next().ok_or_else(open)? {
            ']' if !is_first => break,
            ']' if style == Style::Go => return Err(BadPattern("has an empty `[]`".to_owned())),
            '-' if style == Style::Go => {
                return Err(BadPattern("has a range without a beginning".to_owned()));
            }
            '\\' => rest.next().ok_or_else(open)?,
            '[' if style == Style::Git && rest.as_str().starts_with(':') => {
                let (name, after) = rest.as_str()[1..].split_once(":]").ok_or_else(open)?;
                ranges.extend(posix(name)?);
                *rest = after.chars();
                continue;
            }
            other => other,
        };
        let mut high = low;
        let is_range = rest.as_str().strip_prefix('-');
        if is_range.is_some_and(|after| style == Style::Go || !after.starts_with(']')) {
            rest.next();
            high = match rest.next().ok_or_else(open)? {
                '\\' => rest.next().ok_or_else(open)?,
                ']' => return Err(BadPattern("has a range without an end".to_owned())),
                other => other,
            };
        }
        ranges.push((low, high));
    }
    Ok(Token::Class { negated, ranges })
}

fn posix(name: &str) -> Result<Vec<(char, char)>, BadPattern> {
    Ok(match name {
        "alnum" => vec![('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => vec![('A', 'Z'), ('a', 'z')],
        "digit" => vec![('0', '9')],
        "lower" => vec![('a', 'z')],
        "upper" => vec![('A', 'Z')],
        "xdigit" => vec![('0', '9'), ('A', 'F'), ('a', 'f')],
        "space" => vec![(' ', ' '), ('\t', '\r')],
        "blank" => vec![(' ', ' '), ('\t', '\t')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        _ => return Err(BadPattern(format!("has an unknown class [:{name}:]"))),
    })
}

/// Matches with one place to come back to: the last `*`. A `*` that takes no slash needs no other,
/// for then every slash of the path has its own slash in the pattern.
fn matches(tokens: &[Token], path: &str, takes_slashes: bool) -> bool {
    let letters: Vec<char> = path.chars().collect();
    let (mut token, mut at) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    loop {
        let fits = match (tokens.get(token), letters.get(at)) {
            (None, None) => return true,
            (Some(Token::Many), _) => {
                back = Some((token + 1, at));
                token += 1;
                continue;
            }
            (Some(Token::Literal(literal)), Some(c)) => literal == c,
            (Some(Token::One), Some(c)) => takes_slashes || *c != '/',
            (Some(Token::Class { negated, ranges }), Some(c)) => {
                ranges.iter().any(|(low, high)| (low..=high).contains(&c)) != *negated
            }
            _ => false,
        };
        if fits {
            token += 1;
            at += 1;
            continue;
        }
        match back {
            Some((after, skipped))
                if letters
                    .get(skipped)
                    .is_some_and(|c| takes_slashes || *c != '/') =>
            {
                back = Some((after, skipped + 1));
                token = after;
                at = skipped + 1;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_match_as_in_go() {
        let fits =
            |pattern: &str, path: &str| DirectoryPattern::parse(pattern).unwrap().matches(path);
        assert!(fits("apps/*", "apps/portal"));
        assert!(!fits("apps/*", "apps/portal/base"));
        assert!(!fits("apps/*", "apps"));
        assert!(fits("*/p*l", "apps/portal"));
        assert!(fits("apps/[a-p]ort?l", "apps/portal"));
        assert!(!fits("apps/[^a-p]*", "apps/portal"));
        assert!(fits("a\\*b", "a*b"));
        assert!(DirectoryPattern::parse("apps/[").is_err());
        assert!(DirectoryPattern::parse("a\\").is_err());
    }

    #[test]
    fn files_match_as_git_finds_them() {
        let fits = |pattern: &str, path: &str| FilePattern::parse(pattern).unwrap().matches(path);
        assert!(fits("apps/*.json", "apps/a/b.json"));
        assert!(fits("apps/**/config.json", "apps/a/b/config.json"));
        assert!(!fits("apps/**/config.json", "apps/config.json"));
        assert!(fits("apps", "apps/a/b.json"));
        assert!(fits("apps/", "apps/a"));
        assert!(!fits("apps", "apps2/a"));
        assert!(fits("./apps/../apps/x.yaml", "apps/x.yaml"));
        assert!(fits(".", "a/b"));
        assert!(fits("[!a]*", "b/c"));
        assert!(fits("a[[:digit:]]", "a1"));
        assert!(FilePattern::parse("../x").is_err());
        assert!(FilePattern::parse(":(glob)x").is_err());
        assert!(FilePattern::parse("/x").is_err());
    }
}
