//! Keys and scalars: takes the position where one begins, gives its text and where it
//! ends, never what has an unusual escape.

use std::borrow::Cow;

use super::build::Build;
use super::{Begin, Key, Line, Reader};
use crate::resolve::{Flavour, Resolved, resolve_spelled};

/// A key may reach over 1,024 characters; the full reader counts them.
const LONGEST_KEY: usize = 1000;

/// How far one line of a scalar in quotes goes.
enum Part {
    /// To the end of the closing quote, which is here.
    Closed(usize),
    /// To the end of the line.
    Open,
    /// To the end of the line, whose break does not count.
    Joined,
}

impl<'t, B: Build<'t>> Reader<'t, B> {
    /// Reads the key at the offset; or that there is none.
    pub(super) fn key(&self, line: Line, at: usize) -> Option<Begin<'t>> {
        let bytes = &self.text.as_bytes()[..line.end];
        let ends = |colon: usize| colon + 1 == line.end || bytes[colon + 1] == b' ';
        if matches!(bytes[at], b'"' | b'\'') {
            let mut text = Cow::Borrowed("");
            let Part::Closed(end) = self.quoted_part(line, at + 1, bytes[at], &mut text)? else {
                return Some(Begin::Other);
            };
            let is_key = end < line.end && bytes[end] == b':';
            return match is_key {
                true if ends(end) && end - at <= LONGEST_KEY => {
                    Some(Begin::Key(Key { text, end: end + 1 }))
                }
                true => None,
                false => Some(Begin::Other),
            };
        }
        if matches!(bytes[at], b'|' | b'>' | b'[' | b'{') {
            return Some(Begin::Other);
        }
        begins_plain(bytes, at)?;
        let mut here = at;
        while here < line.end {
            match bytes[here] {
                b':' if ends(here) => break,
                b'\t' => return None,
                b'#' if bytes[here - 1] == b' ' => return Some(Begin::Other),
                _ => here += 1,
            }
        }
        if here == line.end {
            return Some(Begin::Other);
        }
        let whole: &'t str = self.text;
        let text = &whole[at..here];
        if text.ends_with(' ') || text.len() > LONGEST_KEY || text == "<<" {
            return None;
        }
        let text = match resolve_spelled(self.flavour, text) {
            // The newer library refuses keys that are no texts.
            Resolved::Bool(_) | Resolved::Integer(_) if self.flavour == Flavour::V3 => return None,
            Resolved::Bool(value) => value.to_string().into(),
            Resolved::Integer(value) => value.to_string().into(),
            Resolved::Timestamp | Resolved::String => text.into(),
            Resolved::Null | Resolved::Unsigned(_) | Resolved::Float(_) => return None,
        };
        Some(Begin::Key(Key {
            text,
            end: here + 1,
        }))
    }

    /// Reads a scalar without quotes, up to the line's end or a comment; tells which.
    pub(super) fn plain(&self, line: Line, at: usize) -> Option<(&'t str, bool)> {
        begins_plain(&self.text.as_bytes()[..line.end], at)?;
        let end = self.plain_end(line, at)?;
        let text: &'t str = self.text;
        Some((text[at..end].trim_end_matches(' '), end < line.end))
    }

    /// Where a comment begins, or the line ends.
    fn plain_end(&self, line: Line, at: usize) -> Option<usize> {
        let bytes = &self.text.as_bytes()[..line.end];
        for here in at..line.end {
            match bytes[here] {
                b'\t' => return None,
                b':' if here + 1 == line.end || bytes[here + 1] == b' ' => return None,
                b'#' if bytes[here - 1] == b' ' => return Some(here),
                _ => {}
            }
        }
        Some(line.end)
    }

    /// Reads on in the lines below as far as they are deeper than the collection that the scalar
    /// is in: a line's break is a space, and each empty line is a break.
    pub(super) fn continued(&mut self, first: &'t str, parent: usize) -> Option<Cow<'t, str>> {
        let mut text = Cow::Borrowed(first);
        let mut empty = 0;
        loop {
            let begin = (self.next, self.lines);
            let Some(line) = self.take_line() else {
                return Some(text);
            };
            if line.content() == line.end {
                empty += 1;
                continue;
            }
            // A comment ends a scalar, however deep it stands.
            if line.indent <= parent || self.byte(line.content()) == Some(b'#') {
                (self.next, self.lines) = begin;
                return Some(text);
            }
            if self.plain_end(line, line.content())? < line.end {
                return None;
            }
            let whole = text.to_mut();
            if empty == 0 {
                whole.push(' ');
            }
            whole.extend(std::iter::repeat_n('\n', empty));
            whole.push_str(self.text[line.content()..line.end].trim_end_matches(' '));
            empty = 0;
        }
    }

    /// Reads a scalar in quotes on one line; gives where the closing quote ends.
    pub(super) fn quoted(&self, line: Line, at: usize) -> Option<(Cow<'t, str>, usize)> {
        let mut text = Cow::Borrowed("");
        match self.quoted_part(line, at + 1, self.byte(at)?, &mut text)? {
            Part::Closed(end) => Some((text, end)),
            Part::Open | Part::Joined => None,
        }
    }

    /// Reads a scalar in quotes, over several lines if need be: a line's break is a space, and
    /// each empty line is a break. Gives the line of the closing quote, and where that ends.
    pub(super) fn quoted_lines(
        &mut self,
        line: Line,
        at: usize,
        parent: usize,
    ) -> Option<(Cow<'t, str>, Line, usize)> {
        let quote = self.byte(at)?;
        let mut text = Cow::Borrowed("");
        let (mut line, mut from) = (line, at + 1);
        loop {
            let is_joined = match self.quoted_part(line, from, quote, &mut text)? {
                Part::Closed(end) => return Some((text, line, end)),
                Part::Open => false,
                Part::Joined => true,
            };
            let mut empty = 0;
            line = loop {
                let next = self.take_line()?;
                if next.content() < next.end {
                    break next;
                }
                empty += 1;
            };
            from = line.content();
            if line.indent <= parent || self.byte(from) == Some(b'\t') {
                return None;
            }
            if empty > 0 || !is_joined {
                let text = text.to_mut();
                if empty == 0 {
                    text.push(' ');
                }
                text.extend(std::iter::repeat_n('\n', empty));
            }
        }
    }

    /// Reads on to the closing quote, and gives where it ends, or to the end of the line.
    fn quoted_part(
        &self,
        line: Line,
        from: usize,
        quote: u8,
        text: &mut Cow<'t, str>,
    ) -> Option<Part> {
        let whole: &'t str = self.text;
        let bytes = &whole.as_bytes()[..line.end];
        let (mut from, mut here) = (from, from);
        while here < line.end {
            match bytes[here] {
                byte if byte == quote => {
                    add(text, &whole[from..here]);
                    if quote == b'"' || bytes.get(here + 1) != Some(&b'\'') {
                        return Some(Part::Closed(here + 1));
                    }
                    text.to_mut().push('\'');
                    here += 2;
                    from = here;
                }
                b'\\' if quote == b'"' => {
                    add(text, &whole[from..here]);
                    let Some(&letter) = bytes.get(here + 1) else {
                        return Some(Part::Joined);
                    };
                    here += 2;
                    let mut code = |digits: usize| {
                        let number = whole.get(here..here + digits)?;
                        let is_digit = |byte: u8| byte.is_ascii_hexdigit();
                        here += digits;
                        let code = number.bytes().all(is_digit).then_some(number)?;
                        char::from_u32(u32::from_str_radix(code, 16).ok()?)
                    };
                    text.to_mut().push(match letter {
                        b'n' => '\n',
                        b't' => '\t',
                        b'r' => '\r',
                        b'x' => code(2)?,
                        b'u' => code(4)?,
                        b'"' | b'\\' | b' ' => char::from(letter),
                        _ => return None,
                    });
                    from = here;
                }
                _ => here += 1,
            }
        }
        let rest = whole[from..line.end].trim_end_matches(' ');
        if rest.ends_with('\t') {
            return None;
        }
        add(text, rest);
        Some(Part::Open)
    }
}

/// Adds a part to a text, without a copy where it is the first.
fn add<'t>(text: &mut Cow<'t, str>, part: &'t str) {
    if text.is_empty() {
        *text = Cow::Borrowed(part);
    } else {
        text.to_mut().push_str(part);
    }
}

/// Refuses what a scalar without quotes cannot begin with, and the few cases in which only what
/// follows tells.
fn begins_plain(bytes: &[u8], at: usize) -> Option<()> {
    match bytes.get(at)? {
        // Elsewhere than in front of a space they are letters.
        b'-' | b'?' | b':' => {
            matches!(bytes.get(at + 1), Some(byte) if !matches!(byte, b' ' | b'\t')).then_some(())
        }
        b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
        | b'"' | b'%' | b'@' | b'`' | b'\t' => None,
        _ => Some(()),
    }
}
