//! Go's syntax of regular expressions: takes a pattern, gives the same pattern in the syntax of the
//! `regex` crate with the names of its groups, or Go's complaint; never matches.
//!
//! Source: Go's `regexp/syntax/parse.go`. Both engines find the leftmost match and try alternatives
//! in order; what differs is how a pattern is written and which mistakes it may have.

use std::fmt::Write as _;

/// How deep groups may nest.
const MAXIMUM_DEPTH: usize = 250;
/// No upper bound.
const ANY: u64 = u64::MAX;
/// The largest number of repetitions, nested ones multiplied.
const MAXIMUM_REPEAT: u64 = 1_000;

/// A pattern for the `regex` crate.
#[derive(Debug)]
pub(super) struct Translated {
    pub(super) pattern: String,
    /// The names of the groups, the whole match first.
    pub(super) names: Vec<Option<String>>,
}

/// Translates a pattern.
pub(super) fn translate(pattern: &str) -> Result<Translated, String> {
    let mut translator = Translator {
        whole: pattern,
        rest: pattern,
        out: String::new(),
        names: vec![None],
        groups: vec![Group::default()],
    };
    translator.run()?;
    Ok(Translated {
        pattern: translator.out,
        names: translator.names,
    })
}

fn fail<T>(what: &str, text: &str) -> Result<T, String> {
    Err(format!("error parsing regexp: {what}: `{text}`"))
}

/// A group that is open, or the pattern itself.
#[derive(Debug, Default, Clone, Copy)]
struct Group {
    /// There is something before that can be repeated.
    has_item: bool,
    /// How often the last item is repeated at the most, all nested repetitions multiplied.
    last: u64,
    /// The largest of these numbers in the group.
    most: u64,
}

struct Translator<'p> {
    whole: &'p str,
    rest: &'p str,
    out: String,
    names: Vec<Option<String>>,
    groups: Vec<Group>,
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), String> {
        let mut last_repeat = "";
        while let Some(c) = self.rest.chars().next() {
            let before = self.rest;
            let after = &before[c.len_utf8()..];
            let mut repeat = "";
            match c {
                '(' if after.starts_with('?') => self.perl_group()?,
                '(' => {
                    self.open("(")?;
                    self.names.push(None);
                    self.rest = after;
                }
                ')' => {
                    if self.groups.len() == 1 {
                        return fail("unexpected )", self.whole);
                    }
                    self.out.push(')');
                    self.rest = after;
                    let inner = self.groups.pop().unwrap_or_default();
                    self.item(inner.most);
                }
                '|' => {
                    self.out.push('|');
                    self.rest = after;
                    self.group().has_item = false;
                }
                '*' | '+' | '?' => {
                    self.rest = after;
                    self.out_repeat(before, &before[..1], last_repeat)?;
                    repeat = before;
                }
                '{' => match repetition(before) {
                    None => {
                        self.out.push_str("\\{");
                        self.rest = after;
                        self.item(1);
                    }
                    Some((low, high, behind)) => {
                        self.rest = behind;
                        self.out_counted(before, (low, high), last_repeat)?;
                        repeat = before;
                    }
                },
                '^' | '$' | '.' => {
                    self.out.push(c);
                    self.rest = after;
                    self.item(1);
                }
                '[' => {
                    self.class()?;
                    self.item(1);
                }
                '\\' => self.escape()?,
                c => {
                    push_literal(&mut self.out, c);
                    self.rest = after;
                    self.item(1);
                }
            }
            last_repeat = repeat;
        }
        if self.groups.len() > 1 {
            return fail("missing closing )", self.whole);
        }
        Ok(())
    }

    fn group(&mut self) -> &mut Group {
        let last = self.groups.len() - 1;
        &mut self.groups[last]
    }

    fn item(&mut self, repeats: u64) {
        let group = self.group();
        group.has_item = true;
        group.last = repeats.max(1);
        group.most = group.most.max(group.last);
    }

    fn open(&mut self, text: &str) -> Result<(), String> {
        if self.groups.len() > MAXIMUM_DEPTH {
            return fail("expression nests too deeply", self.whole);
        }
        self.out.push_str(text);
        self.groups.push(Group::default());
        Ok(())
    }

    /// Takes a question mark that makes a repetition reluctant, and checks that there is something
    /// to repeat.
    fn check_repeat(&mut self, before: &str, last_repeat: &str) -> Result<&'static str, String> {
        let reluctant = self.rest.starts_with('?');
        if reluctant {
            self.rest = &self.rest[1..];
        }
        if !last_repeat.is_empty() {
            let text = &last_repeat[..last_repeat.len() - self.rest.len()];
            return fail("invalid nested repetition operator", text);
        }
        if !self.group().has_item {
            let text = &before[..before.len() - self.rest.len()];
            return fail("missing argument to repetition operator", text);
        }
        Ok(if reluctant { "?" } else { "" })
    }

    fn out_repeat(&mut self, before: &str, sign: &str, last_repeat: &str) -> Result<(), String> {
        let reluctant = self.check_repeat(before, last_repeat)?;
        self.out.push_str(sign);
        self.out.push_str(reluctant);
        Ok(())
    }

    /// `{low,high}`.
    fn out_counted(
        &mut self,
        before: &str,
        (low, high): (Option<u64>, Option<u64>),
        last_repeat: &str,
    ) -> Result<(), String> {
        let text = &before[..before.len() - self.rest.len()];
        let (Some(low), Some(high)) = (low, high) else {
            return fail("invalid repeat count", text);
        };
        let most = if high == ANY { low } else { high };
        if low > MAXIMUM_REPEAT || most > MAXIMUM_REPEAT || low > most {
            return fail("invalid repeat count", text);
        }
        let reluctant = self.check_repeat(before, last_repeat)?;
        let product = self.group().last.saturating_mul(most.max(1));
        if (low >= 2 || most >= 2) && product > MAXIMUM_REPEAT {
            let text = &before[..before.len() - self.rest.len()];
            return fail("invalid repeat count", text);
        }
        let written = match high {
            ANY => write!(self.out, "{{{low},}}{reluctant}"),
            high => write!(self.out, "{{{low},{high}}}{reluctant}"),
        };
        written.expect("writing to a string");
        self.item(product);
        Ok(())
    }

    /// `(?...`: a named group, or flags with or without a group.
    fn perl_group(&mut self) -> Result<(), String> {
        let text = self.rest;
        let named = if text.starts_with("(?P<") && text.len() > 4 {
            Some(4)
        } else if text.starts_with("(?<") && text.len() > 3 {
            Some(3)
        } else {
            None
        };
        if let Some(begin) = named {
            let Some(end) = text.find('>') else {
                return fail("invalid named capture", text);
            };
            let name = text.get(begin..end).unwrap_or_default();
            let known = |c: char| c == '_' || c.is_ascii_alphanumeric();
            if name.is_empty() || !name.chars().all(known) {
                return fail("invalid named capture", &text[..=end]);
            }
            // Names may be given twice or begin with a digit in Go: they stay here.
            self.open("(")?;
            self.names.push(Some(name.to_owned()));
            self.rest = &text[end + 1..];
            return Ok(());
        }
        let (mut negative, mut saw_flag) = (false, false);
        for (at, c) in text.char_indices().skip(2) {
            match c {
                'i' | 'm' | 's' | 'U' => saw_flag = true,
                '-' if !negative => (negative, saw_flag) = (true, false),
                ':' | ')' if !negative || saw_flag => {
                    let head = &text[..=at];
                    self.rest = &text[at + 1..];
                    // Empty flags have no form of their own.
                    if c == ':' {
                        return self.open(head);
                    }
                    if head != "(?)" {
                        self.out.push_str(head);
                    }
                    return Ok(());
                }
                c => {
                    let end = at + c.len_utf8();
                    return fail("invalid or unsupported Perl syntax", &text[..end]);
                }
            }
        }
        fail("invalid or unsupported Perl syntax", text)
    }

    /// What a backslash begins, outside of a class.
    fn escape(&mut self) -> Result<(), String> {
        let text = self.rest;
        let anchor = match text.as_bytes().get(1) {
            Some(b'A') => Some("\\A"),
            Some(b'z') => Some("\\z"),
            Some(b'b') => Some("(?-u:\\b)"),
            Some(b'B') => Some("(?-u:\\B)"),
            Some(b'C') => return fail("invalid escape sequence", &text[..2]),
            Some(b'Q') => {
                let (literal, rest) = text[2..].split_once("\\E").unwrap_or((&text[2..], ""));
                for c in literal.chars() {
                    push_literal(&mut self.out, c);
                    self.item(1);
                }
                self.rest = rest;
                return Ok(());
            }
            _ => None,
        };
        if let Some(anchor) = anchor {
            self.out.push_str(anchor);
            self.rest = &text[2..];
        } else if let Some((class, rest)) = unicode_class(text)? {
            self.out.push_str(&class);
            self.rest = rest;
        } else if let Some(class) = perl_class(text) {
            self.out.push_str(class);
            self.rest = &text[2..];
        } else {
            let (code, rest) = escaped(text)?;
            push_code(&mut self.out, code);
            self.rest = rest;
        }
        self.item(1);
        Ok(())
    }

    /// `[...]`.
    fn class(&mut self) -> Result<(), String> {
        let whole = self.rest;
        let mut rest = &whole[1..];
        self.out.push('[');
        if let Some(after) = rest.strip_prefix('^') {
            self.out.push('^');
            rest = after;
        }
        let mut is_first = true;
        while is_first || !rest.starts_with(']') {
            is_first = false;
            if let Some(named) = rest.strip_prefix("[:")
                && let Some(end) = named.find(":]")
            {
                let name = &rest[..end + 4];
                if !is_posix(&named[..end]) {
                    return fail("invalid character class range", name);
                }
                self.out.push_str(name);
                rest = &rest[name.len()..];
                continue;
            }
            if let Some((class, after)) = unicode_class(rest)? {
                self.out.push_str(&class);
                rest = after;
                continue;
            }
            if let Some(class) = perl_class(rest) {
                self.out.push_str(class);
                rest = &rest[2..];
                continue;
            }
            let range = rest;
            let (low, after) = class_character(rest, whole)?;
            rest = after;
            let mut high = low;
            if rest.len() >= 2 && rest.starts_with('-') && !rest[1..].starts_with(']') {
                (high, rest) = class_character(&rest[1..], whole)?;
                if high < low {
                    let text = &range[..range.len() - rest.len()];
                    return fail("invalid character class range", text);
                }
            }
            push_code(&mut self.out, low);
            if high > low {
                self.out.push('-');
                push_code(&mut self.out, high);
            }
        }
        self.out.push(']');
        self.rest = &rest[1..];
        Ok(())
    }
}

type Bounds<'p> = (Option<u64>, Option<u64>, &'p str);

/// Reads `{low,high}`: the bounds, `None` for a number that is too long, and what follows. `None`
/// where it is no repetition but a brace.
fn repetition(text: &str) -> Option<Bounds<'_>> {
    let (low, rest) = count(&text[1..])?;
    let (high, rest) = match rest.strip_prefix(',') {
        None => (low, rest),
        Some(rest) if rest.starts_with('}') => (Some(ANY), rest),
        Some(rest) => count(rest)?,
    };
    Some((low, high, rest.strip_prefix('}')?))
}

fn count(text: &str) -> Option<(Option<u64>, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 1 && text.starts_with('0') {
        return None;
    }
    let number = (digits <= 8).then(|| text[..digits].parse().unwrap_or_default());
    Some((number, &text[digits..]))
}

fn is_posix(name: &str) -> bool {
    let name = name.strip_prefix('^').unwrap_or(name);
    matches!(
        name,
        "alnum"
            | "alpha"
            | "ascii"
            | "blank"
            | "cntrl"
            | "digit"
            | "graph"
            | "lower"
            | "print"
            | "punct"
            | "space"
            | "upper"
            | "word"
            | "xdigit"
    )
}

/// Perl's classes know ASCII only.
fn perl_class(text: &str) -> Option<&'static str> {
    Some(match text.get(..2)? {
        "\\d" => "[0-9]",
        "\\D" => "[^0-9]",
        "\\s" => "[\\t\\n\\x0C\\r ]",
        "\\S" => "[^\\t\\n\\x0C\\r ]",
        "\\w" => "[0-9A-Za-z_]",
        "\\W" => "[^0-9A-Za-z_]",
        _ => return None,
    })
}

/// `\pL`, `\p{Greek}` and their negations.
fn unicode_class(text: &str) -> Result<Option<(String, &str)>, String> {
    if !text.starts_with("\\p") && !text.starts_with("\\P") {
        return Ok(None);
    }
    let mut negative = text.starts_with("\\P");
    let Some(first) = text[2..].chars().next() else {
        return fail("invalid character class range", text);
    };
    let (whole, name) = if first == '{' {
        let Some(end) = text.find('}') else {
            return fail("invalid character class range", text);
        };
        (&text[..=end], &text[3..end])
    } else {
        let end = 2 + first.len_utf8();
        (&text[..end], &text[2..end])
    };
    let name = match name.strip_prefix('^') {
        Some(name) => {
            negative = !negative;
            name
        }
        None => name,
    };
    let known = |class: &str| regex_accepts(&format!("\\p{{{class}}}"));
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' '));
    let compact: String = name
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .collect::<String>()
        .to_ascii_lowercase();
    // Categories and scripts, and a few more; not the other properties of characters.
    let is_class = matches!(compact.as_str(), "any" | "ascii" | "assigned" | "cn" | "lc")
        || known(&format!("gc={name}"))
        || known(&format!("sc={name}"));
    if name.is_empty() || !plain || !is_class || !known(name) {
        return fail("invalid character class range", whole);
    }
    let letter = if negative { 'P' } else { 'p' };
    Ok(Some((
        format!("\\{letter}{{{name}}}"),
        &text[whole.len()..],
    )))
}

fn regex_accepts(pattern: &str) -> bool {
    regex::bytes::Regex::new(pattern).is_ok()
}

fn class_character<'p>(text: &'p str, whole: &str) -> Result<(u32, &'p str), String> {
    match text.chars().next() {
        None => fail("missing closing ]", whole),
        Some('\\') => escaped(text),
        Some(c) => Ok((u32::from(c), &text[c.len_utf8()..])),
    }
}

/// Reads the escape of one character; returns its number and what follows.
fn escaped(text: &str) -> Result<(u32, &str), String> {
    let mut rest = text[1..].chars();
    let Some(kind) = rest.next() else {
        return fail("trailing backslash at end of expression", "");
    };
    let simple = match kind {
        'a' => Some(7),
        'f' => Some(12),
        'n' => Some(10),
        'r' => Some(13),
        't' => Some(9),
        'v' => Some(11),
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
        _ => None,
    };
    if let Some(code) = simple {
        return Ok((code, rest.as_str()));
    }
    let invalid = |rest: &str| fail("invalid escape sequence", &text[..text.len() - rest.len()]);
    let after = rest.as_str();
    let octal = |text: &str| {
        text.bytes()
            .take_while(|byte| matches!(byte, b'0'..=b'7'))
            .count()
    };
    match kind {
        '0'..='7' if kind == '0' || octal(after) > 0 => {
            let digits = octal(after).min(2);
            let code = after[..digits]
                .bytes()
                .fold(u32::from(kind) - 48, |code, digit| {
                    code * 8 + u32::from(digit - b'0')
                });
            Ok((code, &after[digits..]))
        }
        'x' => {
            let Some(first) = rest.next() else {
                return invalid(after);
            };
            if first != '{' {
                let second = rest.next();
                let digits = (first.to_digit(16), second.and_then(|c| c.to_digit(16)));
                return match digits {
                    (Some(high), Some(low)) => Ok((high * 16 + low, rest.as_str())),
                    _ => invalid(rest.as_str()),
                };
            }
            let (mut code, mut count) = (0_u32, 0);
            loop {
                match rest.next() {
                    Some('}') if count > 0 => return Ok((code, rest.as_str())),
                    Some(c) => {
                        let Some(digit) = c.to_digit(16) else {
                            return invalid(rest.as_str());
                        };
                        code = code * 16 + digit;
                        count += 1;
                        if code > 0x10_ffff {
                            return invalid(rest.as_str());
                        }
                    }
                    None => return invalid(rest.as_str()),
                }
            }
        }
        _ => invalid(after),
    }
}

fn push_literal(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || c == '_' {
        out.push(c);
    } else {
        push_code(out, u32::from(c));
    }
}

/// Writes a character by its number. Surrogates are none, and match nothing.
fn push_code(out: &mut String, code: u32) {
    let written = if char::from_u32(code).is_some() {
        write!(out, "\\x{{{code:X}}}")
    } else {
        write!(out, "[^\\x{{0}}-\\x{{10FFFF}}]")
    };
    written.expect("writing to a string");
}
