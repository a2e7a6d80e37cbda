//! Sprig's regular expressions: takes Go's RE2 syntax, gives what Go's `regexp` finds, never runs
//! in more than linear time.
//!
//! Sources: Sprig's `regex.go`, Go's `regexp`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use gotemplate::{
    ElementKind, FunctionError, FunctionTable, List, Parameter, Signature, Text, Value,
};
use regex::bytes::{Captures, Regex, RegexBuilder};

use super::arguments::{TEXT, TEXT_TEXT, TEXT_TEXT_TEXT, bytes, int, text};
use super::regex_syntax::translate;

const TEXT_TEXT_INT: Signature =
    Signature::fixed(&[Parameter::String, Parameter::String, Parameter::Int]);
/// How many patterns are kept compiled.
const KEPT: usize = 256;

/// A pattern that was compiled.
#[derive(Debug)]
struct Pattern {
    regex: Regex,
    names: Vec<Option<String>>,
    is_empty: bool,
}

thread_local! {
    /// Charts ask the same few patterns again and again.
    static COMPILED: RefCell<BTreeMap<String, Rc<Pattern>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Registers a function and its `must` form, which words a bad pattern differently.
fn both<F>(table: &mut FunctionTable, name: &str, signature: Signature, body: F)
where
    F: Fn(&Pattern, &[Value]) -> Value + Send + Sync + Copy + 'static,
{
    table.register(name, signature, move |_, a| {
        let pattern = text(a, 0);
        let compiled = find(&pattern).map_err(|error| {
            let shown = gotemplate::format::sprintf("%#q", &[Value::from(&*pattern)]);
            FunctionError::new(format!("regexp: Compile({shown}): {error}"))
        })?;
        Ok(body(&compiled, a))
    });
    let must = format!("must{}{}", name[..1].to_uppercase(), &name[1..]);
    table.register(&must, signature, move |_, a| {
        Ok(body(&*find(&text(a, 0)).map_err(FunctionError::new)?, a))
    });
}

fn value(bytes: &[u8]) -> Value {
    Value::String(Text::from_bytes(bytes.to_vec()))
}

/// A list of texts; none at all is Go's nil slice.
fn texts<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Value {
    let parts: Vec<Value> = parts.map(value).collect();
    Value::List(if parts.is_empty() {
        List::nil(ElementKind::String)
    } else {
        List::strings(parts)
    })
}

pub(super) fn register(table: &mut FunctionTable) {
    table.register("regexMatch", TEXT_TEXT, |_, a| {
        Ok(find(&text(a, 0))
            .is_ok_and(|pattern| pattern.regex.is_match(bytes(a, 1)))
            .into())
    });
    table.register("mustRegexMatch", TEXT_TEXT, |_, a| {
        let pattern = find(&text(a, 0)).map_err(FunctionError::new)?;
        Ok(pattern.regex.is_match(bytes(a, 1)).into())
    });
    both(table, "regexFind", TEXT_TEXT, |pattern, a| {
        pattern
            .regex
            .find(bytes(a, 1))
            .map_or_else(|| "".into(), |found| value(found.as_bytes()))
    });
    both(table, "regexFindAll", TEXT_TEXT_INT, |pattern, a| {
        let limit = usize::try_from(int(a, 2)).unwrap_or(usize::MAX);
        let found = pattern.regex.find_iter(bytes(a, 1)).take(limit);
        texts(found.map(|found| found.as_bytes()))
    });
    both(table, "regexReplaceAll", TEXT_TEXT_TEXT, |pattern, a| {
        let template = bytes(a, 2);
        let replaced = pattern
            .regex
            .replace_all(bytes(a, 1), |found: &Captures<'_>| {
                expand(template, found, &pattern.names)
            });
        value(&replaced)
    });
    both(
        table,
        "regexReplaceAllLiteral",
        TEXT_TEXT_TEXT,
        |pattern, a| {
            let with = regex::bytes::NoExpand(bytes(a, 2));
            value(&pattern.regex.replace_all(bytes(a, 1), with))
        },
    );
    both(table, "regexSplit", TEXT_TEXT_INT, |pattern, a| {
        texts(split(pattern, bytes(a, 1), int(a, 2)).into_iter())
    });
    table.register("regexQuoteMeta", TEXT, |_, a| {
        let mut out = Vec::new();
        for &byte in bytes(a, 0) {
            if br"\.+*?()|[]{}^$".contains(&byte) {
                out.push(b'\\');
            }
            out.push(byte);
        }
        Ok(Value::String(Text::from_bytes(out)))
    });
}

fn split<'a>(pattern: &Pattern, subject: &'a [u8], limit: i64) -> Vec<&'a [u8]> {
    if limit == 0 {
        return Vec::new();
    }
    if subject.is_empty() && !pattern.is_empty {
        return vec![b""];
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut parts, mut begin, mut end): (Vec<&[u8]>, usize, usize) = (Vec::new(), 0, 0);
    for found in pattern.regex.find_iter(subject).take(limit) {
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

/// Puts what groups matched in place of `$1`, `$name` and `${name}`, as `Regexp.Expand` does.
fn expand(template: &[u8], found: &Captures<'_>, names: &[Option<String>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.iter().position(|&byte| byte == b'$') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(b"$") {
            out.push(b'$');
            rest = after;
            continue;
        }
        let Some((name, after)) = group_name(rest) else {
            out.push(b'$');
            continue;
        };
        rest = after;
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit())
            && name.len() <= 8
            && (name.len() == 1 || !name.starts_with('0'));
        let group = if is_number {
            found.get(name.parse().unwrap_or(usize::MAX))
        } else {
            let mut groups = names.iter().enumerate();
            groups.find_map(|(index, known)| {
                found
                    .get(index)
                    .filter(|_| known.as_deref() == Some(&*name))
            })
        };
        if let Some(group) = group {
            out.extend_from_slice(group.as_bytes());
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Reads the name of a group behind a dollar sign, perhaps in braces; returns what follows.
fn group_name(text: &[u8]) -> Option<(String, &[u8])> {
    let inner = text.strip_prefix(b"{");
    let start = inner.unwrap_or(text);
    let valid = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let name: String = valid
        .chars()
        .take_while(|&c| c.is_alphanumeric() || c == '_')
        .collect();
    if name.is_empty() {
        return None;
    }
    let after = &start[name.len()..];
    match inner {
        Some(_) => Some((name, after.strip_prefix(b"}")?)),
        None => Some((name, after)),
    }
}

/// Gives a pattern of Go's syntax in that of the `regex` crate.
pub(crate) fn translated(pattern: &str) -> Result<String, String> {
    translate(pattern).map(|translated| translated.pattern)
}

/// Compiles a pattern of Go's syntax.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    find(pattern).map(|found| found.regex.clone())
}

/// Compiles a pattern of Go's syntax, or finds it among those compiled before.
fn find(pattern: &str) -> Result<Rc<Pattern>, String> {
    if let Some(known) = COMPILED.with_borrow(|known| known.get(pattern).cloned()) {
        return Ok(known);
    }
    let translated = translate(pattern)?;
    let regex = RegexBuilder::new(&translated.pattern)
        .size_limit(32 << 20)
        .nest_limit(1_000)
        .build()
        .map_err(|_| format!("error parsing regexp: expression too large: `{pattern}`"))?;
    let compiled = Rc::new(Pattern {
        regex,
        names: translated.names,
        is_empty: pattern.is_empty(),
    });
    COMPILED.with_borrow_mut(|known| {
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(pattern.to_owned(), Rc::clone(&compiled));
    });
    Ok(compiled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap().is_match(text.as_bytes())
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
        assert!(matches("(?P<1a>x)(?P<1a>y)", "xy"));
        for (pattern, wanted) in [
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("(a{100}){11}", "invalid repeat count: `{11}`"),
            ("[a", "missing closing ]: `[a`"),
            ("(a", "missing closing ): `(a`"),
            ("a)", "unexpected ): `a)`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("*", "missing argument to repetition operator: `*`"),
            (r"\8", r"invalid escape sequence: `\8`"),
            (r"\", "trailing backslash at end of expression: ``"),
            ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            (r"\p{Foo}", r"invalid character class range: `\p{Foo}`"),
        ] {
            let error = compile(pattern).unwrap_err();
            assert_eq!(
                error,
                format!("error parsing regexp: {wanted}"),
                "{pattern}"
            );
        }
    }

    #[test]
    fn splitting_follows_go() {
        let cut = |pattern: &str, text: &'static str, limit| {
            let parts = split(&find(pattern).unwrap(), text.as_bytes(), limit);
            let parts: Vec<_> = parts.into_iter().map(String::from_utf8_lossy).collect();
            parts
        };
        assert_eq!(cut("a", "banana", -1), ["b", "n", "n", ""]);
        assert_eq!(cut("a", "banana", 2), ["b", "nana"]);
        assert_eq!(cut("z+", "pizza", -1), ["pi", "a"]);
        assert_eq!(cut("", "ab", -1), ["a", "b"]);
        assert_eq!(cut("a", "", -1), [""]);
    }
}
