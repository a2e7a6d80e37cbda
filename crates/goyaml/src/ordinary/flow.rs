//! Collections in flow style on one line: takes the position of the bracket, gives the collection
//! and where it ends; its scalars are quoted or made of letters, digits and `_./-`.

use std::borrow::Cow;

use super::build::{Build, Scalar};
use super::{Line, Reader, deeper, typed};
use crate::node::Span;
use crate::resolve::{Resolved, resolve_spelled};

/// A key with its place, its value, and where that ends.
type Pair<'t, V> = (Cow<'t, str>, Span, V, usize);

impl<'t, B: Build<'t>> Reader<'t, B> {
    /// Reads the collection at the offset.
    pub(super) fn flow_collection(
        &mut self,
        line: Line,
        at: usize,
        depth: usize,
    ) -> Option<(B::Value, usize)> {
        let depth = deeper(depth)?;
        let is_list = self.byte(at) == Some(b'[');
        let closing = if is_list { b']' } else { b'}' };
        let (mut items, mut entries) = (B::List::default(), B::Map::default());
        let mut here = self.flow_space(line, at + 1)?;
        if self.byte(here) != Some(closing) {
            loop {
                if is_list {
                    let (item, end) = self.flow_value(line, here, depth)?;
                    self.build.item(&mut items, item);
                    here = end;
                } else {
                    let (key, span, value, end) = self.flow_entry(line, here, depth)?;
                    self.build.entry(&mut entries, key, span, value);
                    here = end;
                }
                here = self.flow_space(line, here)?;
                match self.byte(here)? {
                    b',' => here = self.flow_space(line, here + 1)?,
                    byte if byte == closing => break,
                    _ => return None,
                }
            }
        }
        let span = self.counted(line, at)?;
        let value = if is_list {
            self.build.list(items, span)
        } else {
            self.build.map(entries, span)?
        };
        Some((value, here + 1))
    }

    fn flow_entry(&mut self, line: Line, at: usize, depth: usize) -> Option<Pair<'t, B::Value>> {
        let key_span = self.span(line, at);
        let (key, end) = if matches!(self.byte(at)?, b'"' | b'\'') {
            self.quoted(line, at)?
        } else {
            let (text, end) = self.flow_plain(line, at)?;
            match resolve_spelled(self.flavour, text) {
                Resolved::String if text != "<<" => (Cow::Borrowed(text), end),
                _ => return None,
            }
        };
        if self.byte(end)? != b':' || self.byte(end + 1)? != b' ' {
            return None;
        }
        let here = self.flow_space(line, end + 1)?;
        let (value, end) = self.flow_value(line, here, depth)?;
        Some((key, key_span, value, end))
    }

    fn flow_value(&mut self, line: Line, at: usize, depth: usize) -> Option<(B::Value, usize)> {
        let (scalar, end) = match self.byte(at)? {
            b'[' | b'{' => return self.flow_collection(line, at, depth),
            b'"' | b'\'' => {
                let (text, end) = self.quoted(line, at)?;
                (Scalar::Text(text), end)
            }
            _ => {
                let (text, end) = self.flow_plain(line, at)?;
                (typed(self.flavour, Cow::Borrowed(text))?, end)
            }
        };
        Some((self.scalar(line, at, scalar)?, end))
    }

    fn flow_plain(&self, line: Line, at: usize) -> Option<(&'t str, usize)> {
        let text: &'t str = self.text;
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./-".contains(byte);
        let rest = &self.text.as_bytes()[at..line.end];
        let length = rest.iter().take_while(|byte| allowed(byte)).count();
        // A dash alone, and what other characters would make of the text, are not looked into.
        let first = rest.first().filter(|byte| **byte != b'-' || length > 1)?;
        let follows = rest.get(length)?;
        (allowed(first) && b" ,]}:".contains(follows))
            .then(|| (&text[at..at + length], at + length))
    }

    /// Where the next token is, on this line.
    fn flow_space(&self, line: Line, from: usize) -> Option<usize> {
        let mut at = from;
        while at < line.end && self.byte(at) == Some(b' ') {
            at += 1;
        }
        (at < line.end && !matches!(self.byte(at), Some(b'\t' | b'#'))).then_some(at)
    }
}
