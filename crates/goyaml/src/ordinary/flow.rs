//! Collections in flow style on one line: takes the position of the bracket, gives the collection
//! and where it ends; its scalars are quoted or made of letters, digits and `_./-`.

use super::{Line, Reader, deeper, has_duplicates, typed};
use crate::node::{Entry, Kind, Node};
use crate::resolve::{Flavour, Resolved, resolve};

impl Reader<'_> {
    /// Reads the collection at the offset.
    pub(super) fn flow_collection(
        &mut self,
        line: Line,
        at: usize,
        depth: usize,
    ) -> Option<(Kind, usize)> {
        let depth = deeper(depth)?;
        let is_list = self.byte(at) == Some(b'[');
        let closing = if is_list { b']' } else { b'}' };
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        let mut here = self.flow_space(line, at + 1)?;
        if self.byte(here) != Some(closing) {
            loop {
                if is_list {
                    let (item, end) = self.flow_value(line, here, depth)?;
                    items.push(item);
                    here = end;
                } else {
                    let (entry, end) = self.flow_entry(line, here, depth)?;
                    entries.push(entry);
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
        let kind = if is_list {
            Kind::Sequence(items)
        } else if has_duplicates(&entries) {
            return None;
        } else {
            Kind::Mapping(entries)
        };
        Some((kind, here + 1))
    }

    fn flow_entry(&mut self, line: Line, at: usize, depth: usize) -> Option<(Entry, usize)> {
        let key_span = self.span(line, at);
        let (key, end) = if matches!(self.byte(at)?, b'"' | b'\'') {
            self.quoted(line, at)?
        } else {
            let (text, end) = self.flow_plain(line, at)?;
            match resolve(Flavour::V2, "", text).ok()? {
                Resolved::String if text != "<<" => (text.to_owned(), end),
                _ => return None,
            }
        };
        if self.byte(end)? != b':' || self.byte(end + 1)? != b' ' {
            return None;
        }
        let here = self.flow_space(line, end + 1)?;
        let (value, end) = self.flow_value(line, here, depth)?;
        let entry = Entry {
            key,
            key_span,
            value,
        };
        Some((entry, end))
    }

    fn flow_value(&mut self, line: Line, at: usize, depth: usize) -> Option<(Node, usize)> {
        let (kind, end) = match self.byte(at)? {
            b'[' | b'{' => self.flow_collection(line, at, depth)?,
            b'"' | b'\'' => {
                let (text, end) = self.quoted(line, at)?;
                (Kind::String(text), end)
            }
            _ => {
                let (text, end) = self.flow_plain(line, at)?;
                (typed(text)?, end)
            }
        };
        Some((self.node(line, at, kind)?, end))
    }

    fn flow_plain(&self, line: Line, at: usize) -> Option<(&str, usize)> {
        let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_./-".contains(byte);
        let rest = &self.text.as_bytes()[at..line.end];
        let length = rest.iter().take_while(|byte| allowed(byte)).count();
        // A dash alone, and what other characters would make of the text, are not looked into.
        let first = rest.first().filter(|byte| **byte != b'-' || length > 1)?;
        let follows = rest.get(length)?;
        (allowed(first) && b" ,]}:".contains(follows))
            .then(|| (&self.text[at..at + length], at + length))
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
