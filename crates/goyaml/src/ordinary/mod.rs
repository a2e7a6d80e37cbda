//! The short way: takes a text, gives the tree of its first document where that is written the way
//! nearly all manifests and values are; never guesses (anything else is left to the scanner, the
//! composer and the decoder, which take several times as long).
//!
//! Ordinary are maps and lists in block style, scalars on one line, literal and folded scalars, and
//! small collections in flow style on one line. Anchors, tags, directives, tabs outside of texts,
//! scalars over several lines, keys given twice and every error are not.

mod block;
mod build;
mod flow;
mod scalar;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

use crate::node::{Kind, Node, Span};
use crate::number::through_json;
use crate::resolve::{Flavour, Resolved, resolve_spelled};
use crate::timestamp::to_rfc3339;
pub use build::{Build, Scalar};
use build::{Data, Outline, Tree};

/// Deeper documents are left to the full reader, which has its own limit.
const MAX_DEPTH: usize = 150;

/// Larger documents are left to the full reader, which has its own limit.
const MAX_VALUES: usize = 1_000_000;

/// Returns the tree of the first document, or none where the full reader must decide.
pub(crate) fn parse(text: &str) -> Option<Node> {
    read(text, Tree)
}

/// Returns the trees of all documents, or none where the full reader must decide: the first must
/// have content.
pub(crate) fn stream(text: &str, flavour: Flavour) -> Option<Vec<Node>> {
    let documents = stream_with(text, flavour, Tree)?;
    Some(documents.into_iter().map(|(node, _)| node).collect())
}

/// Returns what is made of all documents, each with its place, or none where the full reader must
/// decide.
pub(crate) fn stream_with<'t, B: Build<'t>>(
    text: &'t str,
    flavour: Flavour,
    build: B,
) -> Option<Vec<(B::Value, Span)>> {
    let mut reader = Reader::new(text, build)?;
    reader.flavour = flavour;
    reader.further = Further::Read;
    let mut documents = Vec::new();
    loop {
        let line = reader.line?;
        let place = reader.span(line, line.content());
        documents.push((reader.document()?, place));
        if reader.further == Further::Read {
            return reader.line.is_none().then_some(documents);
        }
        reader.further = Further::Read;
        reader.begun = false;
        reader.advance()?;
        // Documents without content are null where the next one begins, or after the last line.
        while let Some(line) = reader.line.filter(|line| reader.is_marker(*line)) {
            if !reader.is_start(line) {
                return None;
            }
            let place = reader.span(line, line.start);
            documents.push((reader.build.scalar(Scalar::Null, place), place));
            reader.advance()?;
        }
        if reader.line.is_none() {
            let place = Span {
                line: reader.lines.checked_add(1)?,
                column: 1,
                offset: text.len(),
            };
            documents.push((reader.build.scalar(Scalar::Null, place), place));
            return Some(documents);
        }
    }
}

/// Returns the first document as data, or none where the full reader must decide.
pub(crate) fn data(text: &str) -> Option<Value> {
    read(text, Data)
}

/// Returns the wanted keys of the outermost map of the first document, or none where the full
/// reader must decide; the rest is read, too, and nothing is made of it.
pub(crate) fn outline(text: &str, wanted: &dyn Fn(&str) -> bool) -> Option<Value> {
    read(text, Outline::new(wanted))
}

fn read<'t, B: Build<'t>>(text: &'t str, build: B) -> Option<B::Value> {
    let mut reader = Reader::new(text, build)?;
    let node = reader.document()?;
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

/// What becomes of a document after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Further {
    /// It is left to the full reader.
    Refused,
    /// It is read.
    Read,
    /// It has begun.
    Met,
}

struct Reader<'t, B> {
    text: &'t str,
    is_ascii: bool,
    /// Where the line after the current one begins.
    next: usize,
    /// How many lines were begun.
    lines: u32,
    /// The current line; none at the end.
    line: Option<Line>,
    /// The first line of the document with content was taken.
    begun: bool,
    further: Further,
    flavour: Flavour,
    values: usize,
    build: B,
}

/// Everything returns none where the full reader must decide.
impl<'t, B: Build<'t>> Reader<'t, B> {
    /// Begins a text, and moves to the first line of its first document.
    fn new(text: &'t str, build: B) -> Option<Self> {
        let is_ascii = text.is_ascii();
        let unusual = |text: &str| text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{FEFF}']);
        if has_return(text) || (!is_ascii && unusual(text)) {
            return None;
        }
        let mut reader = Self {
            text,
            is_ascii,
            next: 0,
            lines: 0,
            line: None,
            begun: false,
            further: Further::Refused,
            flavour: Flavour::V2,
            values: 0,
            build,
        };
        reader.advance()?;
        if reader.line.is_some_and(|line| reader.is_marker(line)) {
            reader.skip_document_start()?;
        }
        Some(reader)
    }

    /// Reads the document that begins with the line.
    fn document(&mut self) -> Option<B::Value> {
        let line = self.line?;
        self.begun = true;
        self.root(line)
    }

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
        let length = self.text[start..].find('\n');
        let end = start + length.unwrap_or(rest.len());
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
                _ if self.begun && self.is_marker(line) => {
                    if self.further == Further::Refused || !self.is_start(line) {
                        return None;
                    }
                    self.further = Further::Met;
                    self.line = None;
                    return Some(());
                }
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

    /// Whether `---` stands alone on the line.
    fn is_start(&self, line: Line) -> bool {
        self.text[line.start..line.end].trim_end_matches(' ') == "---"
    }

    /// Passes over a `---` that stands alone.
    fn skip_document_start(&mut self) -> Option<()> {
        if !self.is_start(self.line?) {
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

    /// Counts a value that begins at the offset, and tells its place.
    fn counted(&mut self, line: Line, offset: usize) -> Option<Span> {
        self.values += 1;
        (self.values <= MAX_VALUES).then(|| self.span(line, offset))
    }

    fn scalar(&mut self, line: Line, offset: usize, scalar: Scalar<'t>) -> Option<B::Value> {
        let span = self.counted(line, offset)?;
        Some(self.build.scalar(scalar, span))
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

    fn root(&mut self, line: Line) -> Option<B::Value> {
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
    fn below(&mut self, line: Line, parent: usize, depth: usize) -> Option<B::Value> {
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
    ) -> Option<B::Value> {
        let depth = deeper(depth)?;
        let begin = self.line?;
        let mut items = B::List::default();
        let mut at = first;
        loop {
            let line = self.line?;
            let content = self.skip_spaces(line, at + 1)?;
            let item = if content == line.end {
                self.advance()?;
                match self.line {
                    Some(next) if next.indent > indent => self.below(next, indent, depth)?,
                    _ => self.scalar(line, at + 1, Scalar::Null)?,
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
            self.build.item(&mut items, item);
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
        let span = self.counted(begin, first)?;
        Some(self.build.list(items, span))
    }

    /// Reads a map whose first key, which was read, is at the offset.
    fn mapping(
        &mut self,
        first: usize,
        key: Key<'t>,
        indent: usize,
        depth: usize,
    ) -> Option<B::Value> {
        let depth = deeper(depth)?;
        let begin = self.line?;
        let mut entries = B::Map::default();
        let (mut at, mut key) = (first, key);
        loop {
            let line = self.line?;
            if depth == 1 {
                self.build.outer_key(&key.text);
            }
            let content = self.skip_spaces(line, key.end)?;
            let value = if content == line.end {
                self.advance()?;
                match self.line {
                    Some(next) if next.indent > indent => self.below(next, indent, depth)?,
                    Some(next) if next.indent == indent && self.is_item(next, next.content()) => {
                        self.sequence(next.content(), indent, true, depth)?
                    }
                    _ => self.scalar(line, key.end, Scalar::Null)?,
                }
            } else {
                self.value(line, content, indent, depth)?
            };
            let key_span = self.span(line, at);
            self.build.entry(&mut entries, key.text, key_span, value);
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
        let span = self.counted(begin, first)?;
        self.build.map(entries, span)
    }

    /// Reads a value that begins on the line at the offset, and moves to the line after it.
    fn value(&mut self, line: Line, at: usize, indent: usize, depth: usize) -> Option<B::Value> {
        let value = match self.byte(at)? {
            b'|' | b'>' => {
                let text = self.block_scalar(line, at, indent)?;
                return self.scalar(line, at, Scalar::Text(text.into()));
            }
            b'[' | b'{' => {
                let (value, end) = self.flow_collection(line, at, depth)?;
                self.nothing_follows(line, end)?;
                value
            }
            b'"' | b'\'' => {
                let (text, last, end) = self.quoted_lines(line, at, indent)?;
                self.nothing_follows(last, end)?;
                self.scalar(line, at, Scalar::Text(text))?
            }
            _ => {
                let (text, commented) = self.plain(line, at)?;
                let text = if commented {
                    Cow::Borrowed(text)
                } else {
                    self.continued(text, indent)?
                };
                self.scalar(line, at, typed(self.flavour, text)?)?
            }
        };
        self.advance()?;
        match self.line {
            // The scalar might go on there.
            Some(next) if next.indent > indent => None,
            _ => Some(value),
        }
    }

    fn nothing_follows(&self, line: Line, end: usize) -> Option<()> {
        (self.skip_spaces(line, end)? == line.end).then_some(())
    }
}

/// What stands where a key may.
enum Begin<'t> {
    /// A key.
    Key(Key<'t>),
    /// A scalar or a collection in flow style.
    Other,
}

/// A key of a map in block style.
struct Key<'t> {
    text: Cow<'t, str>,
    /// Where its colon ends.
    end: usize,
}

/// Tells whether there is a carriage return. Bytes are looked at many at once.
fn has_return(text: &str) -> bool {
    let mut chunks = text.as_bytes().chunks(256);
    let is_return = |byte: u8| byte == b'\r';
    chunks.any(|bytes| bytes.iter().fold(false, |any, &one| any | is_return(one)))
}

fn deeper(depth: usize) -> Option<usize> {
    (depth < MAX_DEPTH).then_some(depth + 1)
}

/// Returns what a scalar without quotes is.
fn typed(flavour: Flavour, text: Cow<'_, str>) -> Option<Scalar<'_>> {
    Some(match resolve_spelled(flavour, &text) {
        Resolved::Null => Scalar::Null,
        Resolved::Bool(value) => Scalar::Bool(value),
        Resolved::Integer(value) => Scalar::Integer(value),
        Resolved::Unsigned(value) => Scalar::Unsigned(value),
        Resolved::Float(value) if value.is_finite() => match through_json(value) {
            Kind::Integer(value) => Scalar::Integer(value),
            Kind::Unsigned(value) => Scalar::Unsigned(value),
            _ => Scalar::Float(value),
        },
        Resolved::Float(_) => return None,
        Resolved::Timestamp if flavour == Flavour::V3 => {
            Scalar::Text(to_rfc3339(&text).map_or(text, Cow::Owned))
        }
        Resolved::Timestamp | Resolved::String => Scalar::Text(text),
    })
}
