//! Sprig's regular expressions: takes Go's RE2 syntax, gives what Go's `regexp` finds, never runs
//! in more than linear time.

use gotemplate::{FunctionError, FunctionTable, List, Parameter, Signature, Value};
use regex::Regex;

use super::arguments::{TEXT, TEXT_TEXT, TEXT_TEXT_TEXT, int, text};

const TEXT_TEXT_INT: Signature =
    Signature::fixed(&[Parameter::String, Parameter::String, Parameter::Int]);

/// Registers a function and its `must` form, which words a bad pattern differently.
fn both<F>(table: &mut FunctionTable, name: &str, signature: Signature, body: F)
where
    F: Fn(&Regex, &[Value]) -> Value + Send + Sync + Copy + 'static,
{
    table.register(name, signature, move |_, a| {
        let pattern = text(a, 0);
        let regex = compile(&pattern).map_err(|error| {
            FunctionError::new(format!("regexp: Compile(`{pattern}`): {error}"))
        })?;
        Ok(body(&regex, a))
    });
    let must = format!("must{}{}", name[..1].to_uppercase(), &name[1..]);
    table.register(&must, signature, move |_, a| {
        Ok(body(&compile(&text(a, 0)).map_err(FunctionError::new)?, a))
    });
}

pub(super) fn register(table: &mut FunctionTable) {
    table.register("regexMatch", TEXT_TEXT, |_, a| {
        Ok(compile(&text(a, 0))
            .is_ok_and(|regex| regex.is_match(&text(a, 1)))
            .into())
    });
    table.register("mustRegexMatch", TEXT_TEXT, |_, a| {
        let regex = compile(&text(a, 0)).map_err(FunctionError::new)?;
        Ok(regex.is_match(&text(a, 1)).into())
    });
    both(table, "regexFind", TEXT_TEXT, |regex, a| {
        regex
            .find(&text(a, 1))
            .map_or("", |found| found.as_str())
            .into()
    });
    both(table, "regexFindAll", TEXT_TEXT_INT, |regex, a| {
        let limit = usize::try_from(int(a, 2)).unwrap_or(usize::MAX);
        let subject = text(a, 1);
        Value::List(List::strings(
            regex
                .find_iter(&subject)
                .take(limit)
                .map(|found| found.as_str()),
        ))
    });
    both(table, "regexReplaceAll", TEXT_TEXT_TEXT, |regex, a| {
        regex.replace_all(&text(a, 1), &*text(a, 2)).into()
    });
    both(
        table,
        "regexReplaceAllLiteral",
        TEXT_TEXT_TEXT,
        |regex, a| {
            regex
                .replace_all(&text(a, 1), regex::NoExpand(&text(a, 2)))
                .into()
        },
    );
    both(table, "regexSplit", TEXT_TEXT_INT, |regex, a| {
        Value::List(List::strings(split(regex, &text(a, 1), int(a, 2))))
    });
    table.register("regexQuoteMeta", TEXT, |_, a| {
        let mut out = String::new();
        for c in text(a, 0).chars() {
            if r"\.+*?()|[]{}^$".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
        Ok(out.into())
    });
}

fn split<'a>(regex: &Regex, subject: &'a str, limit: i64) -> Vec<&'a str> {
    if limit == 0 {
        return Vec::new();
    }
    if subject.is_empty() && !regex.as_str().is_empty() {
        return vec![""];
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut parts, mut begin, mut end) = (Vec::new(), 0, 0);
    for found in regex.find_iter(subject).take(limit) {
        if parts.len() + 1 == limit {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(&subject[begin..end]);
        }
        begin = found.end();
    }
    if end != subject.len() {
        parts.push(&subject[begin..]);
    }
    parts
}

/// Compiles a pattern of Go's syntax.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    regex::RegexBuilder::new(&translated)
        .size_limit(16 << 20)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            format!(
                "error parsing regexp: {}: `{pattern}`",
                last.trim_start_matches("error: ")
            )
        })
}

/// Rewrites what RE2 and the `regex` crate read differently.
fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = escape(&mut out, after, false)?,
            '[' => rest = class(&mut out, after)?,
            // A brace that begins no repetition is an ordinary one.
            '{' if !begins_repetition(after)? => {
                out.push_str("\\{");
                rest = after;
            }
            '}' => {
                // The end of a repetition has been copied with it only as text: both are fine.
                out.push('}');
                rest = after;
            }
            c => {
                out.push(c);
                rest = after;
            }
        }
    }
    Ok(out)
}

fn begins_repetition(after: &str) -> Result<bool, String> {
    let Some((inner, _)) = after.split_once('}') else {
        return Ok(false);
    };
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if low.is_empty() || !digits(low) || !digits(high) {
        return Ok(false);
    }
    let large = |text: &str| !text.is_empty() && text.parse::<u32>().map_or(true, |n| n > 1000);
    if large(low) || large(high) {
        return Err(format!(
            "error parsing regexp: invalid repeat count: `{{{inner}}}`"
        ));
    }
    Ok(true)
}

/// Copies an escape whose backslash has been read; returns what follows it.
fn escape<'a>(out: &mut String, after: &'a str, in_class: bool) -> Result<&'a str, String> {
    let Some(c) = after.chars().next() else {
        return Err("error parsing regexp: trailing backslash at end of expression: ``".to_owned());
    };
    let rest = &after[c.len_utf8()..];
    match c {
        'Q' if !in_class => {
            let (literal, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(literal));
            return Ok(rest);
        }
        'd' => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
        'w' => out.push_str(if in_class {
            "0-9A-Za-z_"
        } else {
            "[0-9A-Za-z_]"
        }),
        's' => out.push_str(if in_class {
            "\\t\\n\\f\\r "
        } else {
            "[\\t\\n\\f\\r ]"
        }),
        'D' => out.push_str("[^0-9]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        'S' => out.push_str("[^\\t\\n\\f\\r ]"),
        'b' if !in_class => out.push_str("(?-u:\\b)"),
        'B' if !in_class => out.push_str("(?-u:\\B)"),
        'C' => return Err("error parsing regexp: invalid escape sequence: `\\C`".to_owned()),
        '0'..='7' => {
            let digits: String = after
                .chars()
                .take(3)
                .take_while(|c| ('0'..='7').contains(c))
                .collect();
            if c != '0' && digits.len() < 2 {
                return Err(format!(
                    "error parsing regexp: invalid escape sequence: `\\{c}`"
                ));
            }
            let code = u32::from_str_radix(&digits, 8).unwrap_or_default();
            out.push_str(&regex::escape(
                char::from_u32(code)
                    .unwrap_or_default()
                    .encode_utf8(&mut [0; 4]),
            ));
            return Ok(&after[digits.len()..]);
        }
        '<' | '>' | '_' => out.push(c),
        // Blanks and letters beyond ASCII cannot be escaped in Go either; let the crate tell.
        c => {
            out.push('\\');
            out.push(c);
        }
    }
    Ok(rest)
}

/// Copies a bracket expression whose bracket has been read; returns what follows it.
fn class<'a>(out: &mut String, after: &'a str) -> Result<&'a str, String> {
    out.push('[');
    let mut rest = after;
    if let Some(negated) = rest.strip_prefix('^') {
        out.push('^');
        rest = negated;
    }
    let mut first = true;
    while let Some(c) = rest.chars().next() {
        let next = &rest[c.len_utf8()..];
        if c == ']' && !first {
            out.push(']');
            return Ok(next);
        }
        first = false;
        if c == '[' && next.starts_with(':') && next.contains(":]") {
            let end = next.find(":]").map_or(0, |at| at + 2);
            out.push('[');
            out.push_str(&next[..end]);
            rest = &next[end..];
            continue;
        }
        // Classes within a class stand for themselves; they begin no range.
        let named = c == '\\' && next.starts_with(['d', 'D', 'w', 'W', 's', 'S', 'p', 'P']);
        rest = member(out, rest)?;
        if named {
            rest = property_name(out, next, rest);
        } else if let Some(high) = rest.strip_prefix('-').filter(|high| !high.starts_with(']')) {
            out.push('-');
            rest = member(out, high)?;
        }
    }
    Err(format!(
        "error parsing regexp: missing closing ]: `[{after}`"
    ))
}

/// Copies one character or escape of a bracket expression.
fn member<'a>(out: &mut String, rest: &'a str) -> Result<&'a str, String> {
    let Some(c) = rest.chars().next() else {
        return Ok(rest);
    };
    let next = &rest[c.len_utf8()..];
    if c == '\\' {
        return escape(out, next, true);
    }
    // Some of these mean sets to the crate, and all of them themselves to Go.
    if c.is_ascii_punctuation() && c != '_' {
        out.push('\\');
    }
    out.push(c);
    Ok(next)
}

/// Copies what follows `\p` in a bracket expression: `{Greek}` or one letter.
fn property_name<'a>(out: &mut String, escaped: &str, rest: &'a str) -> &'a str {
    if !escaped.starts_with(['p', 'P']) {
        return rest;
    }
    let end = if rest.starts_with('{') {
        rest.find('}').map_or(rest.len(), |at| at + 1)
    } else {
        rest.chars().next().map_or(0, char::len_utf8)
    };
    out.push_str(&rest[..end]);
    &rest[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap().is_match(text)
    }

    #[test]
    fn go_patterns_mean_the_same() {
        assert!(matches(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "my-name"));
        assert!(matches(r"^\d+$", "12"));
        assert!(!matches(r"^\d+$", "١٢"));
        assert!(matches(r"\Qa.b\E", "a.b"));
        assert!(!matches(r"\Qa.b\E", "axb"));
        assert!(matches("^{{", "{{ x"));
        assert!(matches("a{2}", "aa"));
        assert!(matches("[[]", "["));
        assert!(matches("[]a]", "]"));
        assert!(matches("[a&&b]", "&"));
        assert!(matches(r"[\w-]+", "-"));
        assert!(matches(r"^[\w-\.]+$", "a-.b"));
        assert!(matches(r"^[\pL_-]+$", "a-_"));
        assert!(matches(r"^[^\s]+$", "ab"));
        assert!(matches("[[:alpha:]]", "a"));
        assert!(compile("a{1001}").is_err());
        assert!(compile("[a").is_err());
    }

    #[test]
    fn splitting_follows_go() {
        let cut = |pattern: &str, text: &'static str, limit| {
            split(&compile(pattern).unwrap(), text, limit)
        };
        assert_eq!(cut("a", "banana", -1), ["b", "n", "n", ""]);
        assert_eq!(cut("a", "banana", 2), ["b", "nana"]);
        assert_eq!(cut("z+", "pizza", -1), ["pi", "a"]);
        assert_eq!(cut("", "ab", -1), ["a", "b"]);
        assert_eq!(cut("a", "", -1), [""]);
    }
}
