//! The short way: takes a text, gives the tree of its first document where that is written the way
//! nearly all manifests and values are; never guesses (anything else is left to the scanner, the
//! composer and the decoder, which take several times as long).
//!
//! Ordinary are maps and lists in block style, scalars on one line, literal and folded scalars, and
//! small collections in flow style on one line. Anchors, tags, directives, tabs outside of texts,
//! scalars over several lines, keys given twice and every error are not.

mod block;
mod flow;
mod scalar;
#[cfg(test)]
mod tests;

use crate::node::{Entry, Kind, Node, Span};
use crate::number::through_json;
use crate::resolve::{Flavour, Resolved, resolve};

/// Deeper documents are left to the full reader, which has its own limit.
const MAX_DEPTH: usize = 150;

/// Larger documents are left to the full reader, which has its own limit.
const MAX_VALUES: usize = 1_000_000;

/// Returns the tree of the first document, or none where the full reader must decide.
pub(crate) fn parse(text: &str) -> Option<Node> {
    let is_ascii = text.is_ascii();
    let unusual = |text: &str| text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{FEFF}']);
    if text.contains('\r') || (!is_ascii && unusual(text)) {
        return None;
    }
    let mut reader = Reader {
        text,
        is_ascii,
        next: 0,
        lines: 0,
        line: None,
        begun: false,
        values: 0,
    };
    reader.advance()?;
    if reader.line.is_some_and(|line| reader.is_marker(line)) {
        reader.skip_document_start()?;
    }
    let line = reader.line?;
    reader.begun = true;
    let node = reader.root(line)?;
    // What follows must be nothing; a further document is left to the full reader.
    reader.line.is_none().then_some(node)
}

/// A line with content.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Its number, counted from 0.
    number: u32,
    /// Where it begins in the text.
    start: usize,
    /// Where it ends, its line feed left out.
    end: usize,
    /// How many spaces it begins with.
    indent: usize,
}

impl Line {
    /// Where the content begins.
    fn content(self) -> usize {
        self.start + self.indent
    }
}

struct Reader<'t> {
    text: &'t str,
    is_ascii: bool,
    /// Where the line after the current one begins.
    next: usize,
    /// How many lines were begun.
    lines: u32,
    /// The current line; none at the end.
    line: Option<Line>,
    /// The first line with content was taken.
    begun: bool,
    values: usize,
}

/// Everything returns none where the full reader must decide.
impl Reader<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Takes the next line as it is.
    fn take_line(&mut self) -> Option<Line> {
        if self.next >= self.text.len() {
            return None;
        }
        let start = self.next;
        let rest = &self.text.as_bytes()[start..];
        let end = start
            + rest
                .iter()
                .position(|&byte| byte == b'\n')
                .unwrap_or(rest.len());
        let indent = rest.iter().take_while(|&&byte| byte == b' ').count();
        let number = self.lines;
        self.next = end + 1;
        self.lines += 1;
        Some(Line {
            number,
            start,
            end,
            indent,
        })
    }

    /// Moves to the next line with content.
    fn advance(&mut self) -> Option<()> {
        loop {
            let Some(line) = self.take_line() else {
                self.line = None;
                return Some(());
            };
            match self.byte(line.content()) {
                _ if line.content() >= line.end => {}
                Some(b'#') => {}
                Some(b'\t' | b'%') => return None,
                _ if self.begun && self.is_end(line) => {
                    self.line = None;
                    self.next = self.text.len();
                    return Some(());
                }
                _ if self.begun && self.is_marker(line) => return None,
                _ => {
                    self.line = Some(line);
                    return Some(());
                }
            }
        }
    }

    /// Whether `---` or `...` stands at the beginning of the line.
    fn is_marker(&self, line: Line) -> bool {
        let text = &self.text[line.start..line.end];
        text.starts_with("---") || text.starts_with("...")
    }

    /// Whether `...` stands alone on the line, and nothing after it but comments.
    fn is_end(&self, line: Line) -> bool {
        let is_empty = |line: &str| {
            let content = line.trim_start_matches(' ');
            content.is_empty() || content.starts_with('#')
        };
        let mut rest = self.text[line.start..].lines();
        rest.next()
            .is_some_and(|line| line.trim_end_matches(' ') == "...")
            && rest.all(is_empty)
    }

    /// Passes over a `---` that stands alone.
    fn skip_document_start(&mut self) -> Option<()> {
        let line = self.line?;
        if self.text[line.start..line.end].trim_end_matches(' ') != "---" {
            return None;
        }
        self.advance()?;
        match self.line {
            Some(line) if self.is_marker(line) => None,
            _ => Some(()),
        }
    }

    fn span(&self, line: Line, offset: usize) -> Span {
        let before = &self.text[line.start..offset];
        let columns = if self.is_ascii {
            before.len()
        } else {
            before.chars().count()
        };
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX - 1) + 1;
        Span {
            line: count(line.number as usize),
            column: count(columns),
            offset,
        }
    }

    fn node(&mut self, line: Line, offset: usize, kind: Kind) -> Option<Node> {
        self.values += 1;
        let span = self.span(line, offset);
        (self.values <= MAX_VALUES).then_some(Node { kind, span })
    }

    /// Where content begins at or after the offset; the line's end where there is none but a
    /// comment.
    fn skip_spaces(&self, line: Line, from: usize) -> Option<usize> {
        let mut at = from;
        while at < line.end && self.byte(at) == Some(b' ') {
            at += 1;
        }
        match self.byte(at) {
            _ if at == line.end => Some(line.end),
            Some(b'\t') => None,
            Some(b'#') if at > from => Some(line.end),
            _ => Some(at),
        }
    }

    /// Whether a list's item begins at the offset.
    fn is_item(&self, line: Line, at: usize) -> bool {
        self.byte(at) == Some(b'-') && (at + 1 >= line.end || self.byte(at + 1) == Some(b' '))
    }

    fn root(&mut self, line: Line) -> Option<Node> {
        let at = line.content();
        if self.is_item(line, at) {
            return self.sequence(at, line.indent, false, 0);
        }
        match self.key(line, at)? {
            Begin::Key(key) => self.mapping(at, key, line.indent, 0),
            Begin::Other => None,
        }
    }

    /// Reads what begins with the line, deeper than the collection that it is in.
    fn below(&mut self, line: Line, parent: usize, depth: usize) -> Option<Node> {
        let at = line.content();
        if self.is_item(line, at) {
            return self.sequence(at, line.indent, false, depth);
        }
        match self.key(line, at)? {
            Begin::Key(key) => self.mapping(at, key, line.indent, depth),
            Begin::Other => self.value(line, at, parent, depth),
        }
    }

    /// Reads a list whose first `-` is at the offset. One without indentation of its own ends at
    /// the next key of its map.
    fn sequence(
        &mut self,
        first: usize,
        indent: usize,
        within: bool,
        depth: usize,
    ) -> Option<Node> {
        let depth = deeper(depth)?;
        let begin = self.line?;
        let mut items = Vec::new();
        let mut at = first;
        loop {
            let line = self.line?;
            let content = self.skip_spaces(line, at + 1)?;
            let item = if content == line.end {
                self.advance()?;
                match self.line {
                    Some(next) if next.indent > indent => self.below(next, indent, depth)?,
                    _ => self.node(line, at + 1, Kind::Null)?,
                }
            } else {
                let column = content - line.start;
                if self.is_item(line, content) {
                    self.sequence(content, column, false, depth)?
                } else {
                    match self.key(line, content)? {
                        Begin::Key(key) => self.mapping(content, key, column, depth)?,
                        Begin::Other => self.value(line, content, indent, depth)?,
                    }
                }
            };
            items.push(item);
            match self.line {
                Some(next) if next.indent == indent => {
                    at = next.content();
                    if !self.is_item(next, at) {
                        if within {
                            break;
                        }
                        return None;
                    }
                }
                Some(next) if next.indent > indent => return None,
                _ => break,
            }
        }
        self.node(begin, first, Kind::Sequence(items))
    }

    /// Reads a map whose first key, which was read, is at the offset.
    fn mapping(&mut self, first: usize, key: Key, indent: usize, depth: usize) -> Option<Node> {
        let depth = deeper(depth)?;
        let begin = self.line?;
        let mut entries: Vec<Entry> = Vec::new();
        let (mut at, mut key) = (first, key);
        loop {
            let line = self.line?;
            let content = self.skip_spaces(line, key.end)?;
            let value = if content == line.end {
                self.advance()?;
                match self.line {
                    Some(next) if next.indent > indent => self.below(next, indent, depth)?,
                    Some(next) if next.indent == indent && self.is_item(next, next.content()) => {
                        self.sequence(next.content(), indent, true, depth)?
                    }
                    _ => self.node(line, key.end, Kind::Null)?,
                }
            } else {
                self.value(line, content, indent, depth)?
            };
            entries.push(Entry {
                key: key.text,
                key_span: self.span(line, at),
                value,
            });
            match self.line {
                Some(next) if next.indent == indent => {
                    at = next.content();
                    if self.is_item(next, at) {
                        return None;
                    }
                    key = match self.key(next, at)? {
                        Begin::Key(key) => key,
                        Begin::Other => return None,
                    };
                }
                Some(next) if next.indent > indent => return None,
                _ => break,
            }
        }
        if has_duplicates(&entries) {
            return None;
        }
        self.node(begin, first, Kind::Mapping(entries))
    }

    /// Reads a value that begins on the line at the offset, and moves to the line after it.
    fn value(&mut self, line: Line, at: usize, indent: usize, depth: usize) -> Option<Node> {
        let kind = match self.byte(at)? {
            b'|' | b'>' => {
                let text = self.block_scalar(line, at, indent)?;
                return self.node(line, at, Kind::String(text));
            }
            b'[' | b'{' => {
                let (kind, end) = self.flow_collection(line, at, depth)?;
                self.nothing_follows(line, end)?;
                kind
            }
            b'"' | b'\'' => {
                let (text, last, end) = self.quoted_lines(line, at, indent)?;
                self.nothing_follows(last, end)?;
                Kind::String(text)
            }
            _ => {
                let (text, commented) = self.plain(line, at)?;
                if commented {
                    typed(text)?
                } else {
                    typed(&self.continued(text, indent)?)?
                }
            }
        };
        let node = self.node(line, at, kind)?;
        self.advance()?;
        match self.line {
            // The scalar might go on there.
            Some(next) if next.indent > indent => None,
            _ => Some(node),
        }
    }

    fn nothing_follows(&self, line: Line, end: usize) -> Option<()> {
        (self.skip_spaces(line, end)? == line.end).then_some(())
    }
}

/// What stands where a key may.
enum Begin {
    /// A key.
    Key(Key),
    /// A scalar or a collection in flow style.
    Other,
}

/// A key of a map in block style.
struct Key {
    text: String,
    /// Where its colon ends.
    end: usize,
}

fn deeper(depth: usize) -> Option<usize> {
    (depth < MAX_DEPTH).then_some(depth + 1)
}

/// Returns what a scalar without quotes is.
fn typed(text: &str) -> Option<Kind> {
    Some(match resolve(Flavour::V2, "", text).ok()? {
        Resolved::Null => Kind::Null,
        Resolved::Bool(value) => Kind::Bool(value),
        Resolved::Integer(value) => Kind::Integer(value),
        Resolved::Unsigned(value) => Kind::Unsigned(value),
        Resolved::Float(value) if value.is_finite() => through_json(value),
        Resolved::Float(_) => return None,
        Resolved::Timestamp | Resolved::String => Kind::String(text.to_owned()),
    })
}

fn has_duplicates(entries: &[Entry]) -> bool {
    const FEW: usize = 8;
    if entries.len() <= FEW {
        return entries
            .iter()
            .enumerate()
            .any(|(at, entry)| entries[..at].iter().any(|one| one.key == entry.key));
    }
    let mut keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}
