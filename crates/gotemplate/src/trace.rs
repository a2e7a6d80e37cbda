//! Where a text comes from: takes what a traced run writes, gives the places in templates that gave
//! a line of it, never changes what is written.

use std::sync::Arc;

use crate::ast::{At, Node, Source, Tree};
use crate::error::Place;

/// So many pieces are kept of a run at the most, and so many bytes.
const MOST_PIECES: usize = 500_000;
const MOST_BYTES: usize = 64 << 20;

/// The text that a template gave, piece by piece.
#[derive(Debug, Default)]
pub struct Trace {
    text: Vec<u8>,
    /// In the order of the text, without gaps.
    pieces: Vec<Piece>,
    /// What was executed on the way, as `include` does.
    below: Vec<Trace>,
}

/// What one node wrote.
#[derive(Debug)]
struct Piece {
    start: usize,
    source: Arc<Source>,
    executing: Arc<str>,
    /// Where the node stands in the source.
    offset: usize,
    /// Whether the node is a text, which stands in the source as it is.
    is_text: bool,
    /// How much of what was executed on the way was there already.
    below: usize,
}

/// What a run keeps while it is traced.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    /// The texts that are being written, the outermost first.
    open: Vec<Trace>,
    last: Option<Trace>,
    pieces: usize,
    bytes: usize,
}

impl Tracer {
    pub(crate) fn begin(&mut self) {
        self.open.push(Trace::default());
    }

    pub(crate) fn end(&mut self, text: &[u8]) {
        let Some(mut trace) = self.open.pop() else {
            return;
        };
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > MOST_BYTES {
            return;
        }
        trace.text = text.to_vec();
        match self.open.last_mut() {
            Some(outer) => outer.below.push(trace),
            None => self.last = Some(trace),
        }
    }

    /// Keeps that a node writes at this byte of the innermost text.
    pub(crate) fn wrote(&mut self, tree: &Tree, at: At<'_>, start: usize) {
        self.pieces += 1;
        let Some(trace) = self.open.last_mut().filter(|_| self.pieces <= MOST_PIECES) else {
            return;
        };
        trace.pieces.push(Piece {
            start,
            source: Arc::clone(&tree.source),
            executing: Arc::clone(&tree.name),
            offset: at.offset(),
            is_text: matches!(at, At::Node(Node::Text { .. })),
            below: trace.below.len(),
        });
    }

    /// Returns what was written last; nothing where it was too much to keep.
    pub(crate) fn take(&mut self) -> Option<Trace> {
        let pieces = std::mem::take(&mut self.pieces);
        let last = self.last.take();
        *self = Self::default();
        last.filter(|_| pieces <= MOST_PIECES)
    }
}

impl Trace {
    /// Returns where the text at a line and column comes from, both counted from 1 and the column
    /// in characters: the innermost place first, then those of the actions around it. Places of
    /// text have no context.
    pub fn places(&self, line: u32, column: u32) -> Vec<Place> {
        let mut found = Vec::new();
        self.collect(line, column.saturating_sub(1) as usize, &mut found);
        found
    }

    /// Returns a line of the text.
    pub fn line(&self, line: u32) -> Option<String> {
        let (start, end) = self.bounds(line)?;
        Some(String::from_utf8_lossy(&self.text[start..end]).into_owned())
    }

    /// Returns a line of the text with something else in the place of all that actions gave.
    pub fn masked(&self, line: u32, mask: &str) -> Option<String> {
        let (start, end) = self.bounds(line)?;
        let mut shown = String::new();
        for (number, piece) in self.pieces.iter().enumerate() {
            let next = self.pieces.get(number + 1);
            let piece_end = next.map_or(self.text.len(), |next| next.start);
            let (from, to) = (piece.start.max(start), piece_end.min(end));
            if from >= to {
                continue;
            }
            if piece.is_text {
                shown.push_str(&String::from_utf8_lossy(&self.text[from..to]));
            } else {
                shown.push_str(mask);
            }
        }
        Some(shown)
    }

    /// Returns the action before a line and column that gave several lines, some of which stand
    /// further left than its first: what people do who forget to indent.
    pub fn unindented(&self, line: u32, column: u32) -> Option<Place> {
        const FURTHEST: usize = 6;
        let (start, end) = self.bounds(line)?;
        let at = (start + column as usize).min(end);
        let number = self.pieces.partition_point(|piece| piece.start < at);
        let before = (0..number).rev().take(FURTHEST);
        let found = before
            .into_iter()
            .find(|&number| self.is_unindented(number))?;
        let piece = &self.pieces[found];
        Some(piece.place(piece.offset, piece.action()))
    }

    fn is_unindented(&self, number: usize) -> bool {
        let piece = &self.pieces[number];
        if piece.is_text {
            return false;
        }
        let end = self
            .pieces
            .get(number + 1)
            .map_or(self.text.len(), |next| next.start);
        let line_start = self.text[..piece.start]
            .iter()
            .rposition(|&byte| byte == b'\n');
        let first = &self.text[line_start.map_or(0, |at| at + 1)..piece.start];
        // Where more than space stands before it, the lines behind may well stand further left.
        let indent = first.iter().take_while(|byte| **byte == b' ').count();
        let given = String::from_utf8_lossy(&self.text[piece.start..end]);
        let further_left = |line: &str| {
            let own = line.len() - line.trim_start_matches(' ').len();
            !line.trim().is_empty() && own < indent
        };
        given.lines().skip(1).any(further_left)
    }

    fn bounds(&self, line: u32) -> Option<(usize, usize)> {
        let mut start = 0;
        for _ in 1..line {
            start += self.text[start..].iter().position(|&byte| byte == b'\n')? + 1;
        }
        let length = self.text[start..].iter().position(|&byte| byte == b'\n');
        Some((
            start,
            length.map_or(self.text.len(), |length| start + length),
        ))
    }

    fn collect(&self, line: u32, column: usize, found: &mut Vec<Place>) {
        let Some((start, end)) = self.bounds(line) else {
            return;
        };
        let shown = String::from_utf8_lossy(&self.text[start..end]);
        let before: usize = shown.chars().take(column).map(char::len_utf8).sum();
        let at = (start + before).min(end);
        // An empty piece at the place gave nothing of it.
        let number = self.pieces.partition_point(|piece| piece.start <= at);
        let Some(number) = number.checked_sub(1) else {
            return;
        };
        let piece = &self.pieces[number];
        if piece.is_text {
            found.push(piece.place(piece.offset + (at - piece.start), String::new()));
            return;
        }
        let next = self.pieces.get(number + 1);
        let piece_end = next.map_or(self.text.len(), |next| next.start);
        let part_start = start.max(piece.start);
        let part = String::from_utf8_lossy(&self.text[part_start..end.min(piece_end)]);
        let within = at - part_start;
        self.descend(piece, &part, within, found);
        found.push(piece.place(piece.offset, piece.action()));
    }

    /// Goes on in what the action of a piece executed: what it gave has been indented, trimmed or
    /// quoted since, but its lines are the same.
    fn descend(&self, piece: &Piece, part: &str, within: usize, found: &mut Vec<Place>) {
        let wanted = part.trim();
        if wanted.is_empty() {
            return;
        }
        let indent = part.len() - part.trim_start().len();
        for below in self.below[..piece.below].iter().rev() {
            let text = String::from_utf8_lossy(&below.text);
            let Some((number, line)) = (1..)
                .zip(text.split('\n'))
                .find(|(_, line)| line.trim() == wanted)
            else {
                continue;
            };
            let own = line.len() - line.trim_start().len();
            let bytes = own + within.saturating_sub(indent);
            let column = line.get(..bytes).map_or(0, |text| text.chars().count());
            below.collect(number, column, found);
            return;
        }
    }
}

impl Piece {
    fn place(&self, offset: usize, context: String) -> Place {
        let position = self.source.position(offset);
        Place {
            template: Arc::clone(&self.source.name),
            line: position.line,
            column: position.column,
            byte_column: position.byte_column,
            executing: Arc::clone(&self.executing),
            context,
        }
    }

    /// Returns the action as it is written, without its delimiters.
    fn action(&self) -> String {
        let rest = self.source.text.get(self.offset..).unwrap_or_default();
        let end = rest.find("}}").unwrap_or(rest.len());
        let action = rest[..end].trim_end_matches('-').trim();
        crate::error::shortened(action.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Engine, FunctionTable, Limits, Map, Parameter, Signature, TemplateSet, Trace, Value,
    };

    const TEXT: &str = "{{ define \"labels\" }}app: web
  release: {{ .name }}{{ end -}}
kind: A
labels:
  {{ include \"labels\" . }}
name: {{ .name }} and more
";

    fn trace() -> Trace {
        let mut functions = FunctionTable::new();
        let signature = Signature::fixed(&[Parameter::String, Parameter::Any]);
        functions.register("include", signature, |call, arguments| match arguments {
            [Value::String(name), data] => {
                Ok(call.execute_template(&name.to_str(), data.clone())?.into())
            }
            _ => Err("no name".into()),
        });
        let mut set = TemplateSet::new(functions.into());
        set.parse("t.yaml", TEXT).unwrap();
        let data: Map = [("name", Value::from("hunter2"))].into_iter().collect();
        let engine = Engine::new(&set, &(), Limits::default()).traced();
        let text = engine.execute("t.yaml", Value::Map(data)).unwrap();
        assert_eq!(
            text.to_str(),
            "kind: A\nlabels:\n  app: web\n  release: hunter2\nname: hunter2 and more\n"
        );
        engine.trace().unwrap()
    }

    fn places(line: u32, column: u32) -> Vec<(u32, u32, String)> {
        let places = trace().places(line, column).into_iter();
        let place = places.map(|one| (one.line, one.column, one.context));
        place.collect()
    }

    #[test]
    fn texts_actions_and_what_they_include_have_their_places() {
        assert_eq!(places(1, 7), [(3, 7, String::new())]);
        assert_eq!(places(5, 7), [(6, 10, ".name".to_owned())]);
        assert_eq!(places(5, 15), [(6, 19, String::new())]);
        let include = (5, 6, "include \"labels\" .".to_owned());
        assert_eq!(places(4, 3), [(2, 3, String::new()), include.clone()]);
        assert_eq!(places(4, 13), [(2, 15, ".name".to_owned()), include]);
        assert_eq!(places(9, 1), []);
    }

    #[test]
    fn what_actions_gave_can_be_masked() {
        assert_eq!(trace().line(5).unwrap(), "name: hunter2 and more");
        assert_eq!(trace().masked(5, "…").unwrap(), "name: … and more");
    }

    #[test]
    fn several_lines_that_are_not_indented_are_found() {
        assert_eq!(trace().unindented(5, 1), None);
        let mut set = TemplateSet::new(FunctionTable::new().into());
        set.parse("t.yaml", "l:\n  {{ .lines }}\n  m: n\n").unwrap();
        let data: Map = [("lines", Value::from("a: 1\nb: 2"))].into_iter().collect();
        let engine = Engine::new(&set, &(), Limits::default()).traced();
        engine.execute("t.yaml", Value::Map(data)).unwrap();
        let place = engine.trace().unwrap().unindented(4, 4).unwrap();
        assert_eq!((place.line, place.context.as_str()), (2, ".lines"));
    }
}
