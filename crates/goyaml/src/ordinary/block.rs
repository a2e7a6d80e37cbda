//! Literal and folded scalars: takes the line with the `|` or `>`, gives the text, never what has
//! a comment behind it.

use super::build::Build;
use super::{Line, Reader};

impl<'t, B: Build<'t>> Reader<'t, B> {
    /// Reads a block scalar, and moves to the next line with content.
    pub(super) fn block_scalar(&mut self, line: Line, at: usize, parent: usize) -> Option<String> {
        let folded = self.byte(at) == Some(b'>');
        let mut header = self.text[at + 1..line.end].trim_end_matches(' ').bytes();
        let (mut strip, mut keep, mut indent) = (false, false, None);
        if header.len() > 2 {
            return None;
        }
        for byte in &mut header {
            match byte {
                b'-' | b'+' if !strip && !keep => (strip, keep) = (byte == b'-', byte == b'+'),
                // It is counted from the collection that the scalar is in.
                b'1'..=b'9' if indent.is_none() => indent = Some(parent + usize::from(byte - b'0')),
                _ => return None,
            }
        }
        let mut value = String::new();
        // A line's own break, and those of the empty lines after it, kept back until it is known
        // what follows.
        let (mut own_break, mut breaks) = (false, 0);
        let mut after_blank = false;
        loop {
            let begin = (self.next, self.lines);
            let Some(next) = self.take_line() else {
                self.line = None;
                break;
            };
            let spaces = indent.map_or(next.indent, |indent: usize| next.indent.min(indent));
            if next.start + spaces == next.end {
                // An empty line that is deeper than the first full one is an indentation, too.
                if indent.is_none() && next.indent > parent + 1 {
                    return None;
                }
                breaks += usize::from(next.end < self.text.len());
                continue;
            }
            if self.byte(next.start + spaces) == Some(b'\t')
                && indent.is_none_or(|one| spaces < one)
            {
                return None;
            }
            // The first full line says how deep the text stands; there may be none.
            let depth = *indent.get_or_insert(next.indent);
            if spaces < depth || depth <= parent {
                (self.next, self.lines) = begin;
                self.advance()?;
                break;
            }
            let content = &self.text[next.start + depth..next.end];
            let blank = content.starts_with([' ', '\t']);
            if own_break {
                if !folded || after_blank || blank {
                    value.push('\n');
                } else if breaks == 0 {
                    value.push(' ');
                }
            }
            value.extend(std::iter::repeat_n('\n', breaks));
            value.push_str(content);
            breaks = 0;
            after_blank = blank;
            own_break = next.end < self.text.len();
        }
        if !strip && own_break {
            value.push('\n');
        }
        if keep {
            value.extend(std::iter::repeat_n('\n', breaks));
        }
        Some(value)
    }
}
