//! Patterns for files as Argo CD reads them (gobwas/glob, without separators): takes a pattern,
//! tells which paths match, never reads a directory.
//!
//! `*` and `**` stand for any text, slashes too; `?` for one character; `[a-z]`, `[abc]` and `[!a]`
//! for one of a set; `{a,b}` for one of several patterns; `\` takes the next character as it is. So
//! `**/x.yaml` does not match `x.yaml`, other than elsewhere.

use regex::Regex;

/// A pattern.
#[derive(Debug)]
pub(super) struct Glob(Regex);

impl Glob {
    /// Reads a pattern; the error says what is wrong with it.
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let expression = format!("(?s)^(?:{})$", translated(pattern)?);
        Regex::new(&expression)
            .map(Self)
            .map_err(|_| "it is too large".to_owned())
    }

    /// Tells whether a path matches as a whole.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

fn translated(pattern: &str) -> Result<String, String> {
    let mut expression = String::new();
    let mut characters = pattern.chars();
    let mut depth = 0_usize;
    while let Some(character) = characters.next() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '{' => {
                depth += 1;
                expression.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                expression.push(')');
            }
            ',' if depth > 0 => expression.push('|'),
            '[' => set(&mut characters, &mut expression)?,
            '\\' => {
                let next = characters
                    .next()
                    .ok_or_else(|| "it ends with `\\`".to_owned())?;
                push(&mut expression, next);
            }
            other => push(&mut expression, other),
        }
    }
    if depth > 0 {
        return Err("a `{` has no `}`".to_owned());
    }
    Ok(expression)
}

/// Adds one of a set: `[abc]`, `[a-z]`, each with `!` before it for all others.
fn set(characters: &mut std::str::Chars<'_>, expression: &mut String) -> Result<(), String> {
    let mut members = Vec::new();
    loop {
        match characters.next() {
            None => return Err("a `[` has no `]`".to_owned()),
            Some(']') => break,
            Some('\\') => members.extend(characters.next()),
            Some(member) => members.push(member),
        }
    }
    let negated = members.first() == Some(&'!');
    if negated {
        members.remove(0);
    }
    if members.is_empty() {
        return Err("a set `[]` is empty".to_owned());
    }
    expression.push_str(if negated { "[^" } else { "[" });
    match members.as_slice() {
        &[from, '-', to] => {
            if from > to {
                return Err(format!("the set from `{from}` to `{to}` is empty"));
            }
            push(expression, from);
            expression.push('-');
            push(expression, to);
        }
        list => list.iter().for_each(|member| push(expression, *member)),
    }
    expression.push(']');
    Ok(())
}

fn push(expression: &mut String, character: char) {
    expression.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_match_as_argo_cd_has_them() {
        for (pattern, path, expected) in [
            ("*.yaml", "a/b.yaml", true),
            ("*.yaml", "a.json", false),
            ("**/b.yaml", "a/b.yaml", true),
            ("**/b.yaml", "b.yaml", false),
            ("{a,b}.yaml", "b.yaml", true),
            ("{a,{b,c}*}.yaml", "cd.yaml", true),
            ("{config.yaml,env-use2/*}", "env-use2/x/y.yaml", true),
            ("?.yaml", "/.yaml", true),
            ("[a-c].yaml", "b.yaml", true),
            ("[!a-c].yaml", "b.yaml", false),
            ("[a^].yaml", "^.yaml", true),
            ("a+(b).yaml", "a+(b).yaml", true),
            ("\\*.yaml", "a.yaml", false),
            ("\\*.yaml", "*.yaml", true),
            ("a,b", "a,b", true),
        ] {
            let glob = Glob::parse(pattern).expect("a pattern");
            assert_eq!(glob.matches(path), expected, "{pattern} {path}");
        }
        for pattern in ["[a", "{a", "a\\", "[]", "[z-a]"] {
            assert!(Glob::parse(pattern).is_err(), "{pattern}");
        }
    }
}
