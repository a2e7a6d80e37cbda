//! The composer: takes tokens, gives one document after the other with aliases bound to their
//! anchors, never decides types.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::limits::MAX_DEPTH;
use crate::raw::{RawDocument, RawKind, RawNode, RawScalar};
use crate::scan::{Mark, Scanner, Token, TokenKind};

/// What tags without a directive begin with.
const STANDARD_TAGS: &str = "tag:yaml.org,2002:";

/// The composer's state.
#[derive(Debug)]
pub(crate) struct Composer {
    scanner: Scanner,
    document: RawDocument,
    anchors: BTreeMap<String, usize>,
    tag_handles: BTreeMap<String, String>,
    /// The next document is the first.
    first: bool,
    depth: usize,
}

/// What stands before a node's content.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: String,
}

/// Where a node stands, which decides what it may be.
#[derive(Clone, Copy, PartialEq)]
enum Context {
    /// In block style.
    Block,
    /// The key or value of a map in block style: a list may stand at the map's own indentation.
    BlockMapping,
    /// In flow style.
    Flow,
}

impl Composer {
    /// Returns a composer at the beginning of a text.
    pub(crate) fn new(text: &str) -> Self {
        Self {
            scanner: Scanner::new(text),
            document: RawDocument::default(),
            anchors: BTreeMap::new(),
            tag_handles: BTreeMap::new(),
            first: true,
            depth: 0,
        }
    }

    /// Returns the next document, or none at the end.
    pub(crate) fn next_document(&mut self) -> Result<Option<RawDocument>, Error> {
        let implicit = std::mem::take(&mut self.first);
        if !implicit {
            while self.scanner.peek()?.kind == TokenKind::DocumentEnd {
                self.scanner.next()?;
            }
        }
        self.anchors.clear();
        self.tag_handles.clear();
        let explicit = matches!(
            self.scanner.peek()?.kind,
            TokenKind::Version { .. } | TokenKind::TagDirective { .. } | TokenKind::DocumentStart
        );
        let root = if self.scanner.peek()?.kind == TokenKind::StreamEnd {
            return Ok(None);
        } else if explicit || !implicit {
            self.process_directives()?;
            let token = self.scanner.peek()?;
            if token.kind != TokenKind::DocumentStart {
                let mark = token.start;
                return Err(parser_error(
                    mark,
                    mark,
                    "did not find expected <document start>",
                ));
            }
            self.scanner.next()?;
            self.document_content()?
        } else {
            self.add_default_handles();
            self.node(Context::Block)?
        };
        if self.scanner.peek()?.kind == TokenKind::DocumentEnd {
            self.scanner.next()?;
        }
        let mut document = std::mem::take(&mut self.document);
        document.root = root;
        Ok(Some(document))
    }

    fn document_content(&mut self) -> Result<usize, Error> {
        let token = self.scanner.peek()?;
        if matches!(
            token.kind,
            TokenKind::Version { .. }
                | TokenKind::TagDirective { .. }
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        ) {
            let mark = token.start;
            return Ok(self.empty(mark));
        }
        self.node(Context::Block)
    }

    fn process_directives(&mut self) -> Result<(), Error> {
        let mut versioned = false;
        loop {
            let mark = self.scanner.peek()?.start;
            let refuse = |message| Err(parser_error(mark, Mark::default(), message));
            match &self.scanner.peek()?.kind {
                TokenKind::Version { major, minor } => {
                    if versioned {
                        return refuse("found duplicate %YAML directive");
                    }
                    if (*major, *minor) != (1, 1) {
                        return refuse("found incompatible YAML document");
                    }
                    versioned = true;
                }
                TokenKind::TagDirective { handle, prefix } => {
                    let (handle, prefix) = (handle.clone(), prefix.clone());
                    if self.tag_handles.insert(handle, prefix).is_some() {
                        return refuse("found duplicate %TAG directive");
                    }
                }
                _ => break,
            }
            self.scanner.next()?;
        }
        self.add_default_handles();
        Ok(())
    }

    fn add_default_handles(&mut self) {
        for (handle, prefix) in [("!", "!"), ("!!", STANDARD_TAGS)] {
            self.tag_handles
                .entry(handle.to_owned())
                .or_insert_with(|| prefix.to_owned());
        }
    }

    /// Adds a node and binds the anchor to it.
    fn add(&mut self, kind: RawKind, mark: Mark, anchor: Option<String>) -> usize {
        let number = self.document.nodes.len();
        self.document.nodes.push(RawNode { kind, mark });
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, number);
        }
        number
    }

    /// Adds a node for nothing at all, which is null.
    fn empty(&mut self, mark: Mark) -> usize {
        let scalar = RawScalar {
            implicit: true,
            ..RawScalar::default()
        };
        self.add(RawKind::Scalar(scalar), mark, None)
    }

    /// Composes one node with everything in it.
    fn node(&mut self, context: Context) -> Result<usize, Error> {
        let start = self.scanner.peek()?.start;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("exceeded max depth of {MAX_DEPTH}");
            return Err(Error::with_go_line(start.into(), start.line + 1, message));
        }
        let node = self.node_within_depth(context, start);
        self.depth -= 1;
        node
    }

    fn node_within_depth(&mut self, context: Context, start: Mark) -> Result<usize, Error> {
        if matches!(self.scanner.peek()?.kind, TokenKind::Alias(_)) {
            return self.alias();
        }
        let Properties { anchor, tag } = self.properties(start)?;
        let block = context != Context::Flow;
        let token = self.scanner.peek()?;
        match &token.kind {
            TokenKind::BlockEntry if context == Context::BlockMapping => {
                let list = self.add(RawKind::Sequence(Vec::new()), start, anchor);
                self.indentless_sequence(list)
            }
            TokenKind::Scalar { .. } => self.scalar(start, anchor, tag),
            TokenKind::FlowSequenceStart => {
                let list = self.add(RawKind::Sequence(Vec::new()), start, anchor);
                self.flow_sequence(list)
            }
            TokenKind::FlowMappingStart => {
                let map = self.add(RawKind::Mapping(Vec::new()), start, anchor);
                self.flow_mapping(map)
            }
            TokenKind::BlockSequenceStart if block => {
                let list = self.add(RawKind::Sequence(Vec::new()), start, anchor);
                self.block_sequence(list)
            }
            TokenKind::BlockMappingStart if block => {
                let map = self.add(RawKind::Mapping(Vec::new()), start, anchor);
                self.block_mapping(map)
            }
            _ if anchor.is_some() || !tag.is_empty() => {
                let implicit = tag.is_empty();
                let scalar = RawScalar {
                    value: String::new(),
                    tag,
                    implicit,
                };
                Ok(self.add(RawKind::Scalar(scalar), start, anchor))
            }
            _ => {
                let mark = token.start;
                Err(parser_error(
                    mark,
                    start,
                    "did not find expected node content",
                ))
            }
        }
    }

    fn alias(&mut self) -> Result<usize, Error> {
        let Token {
            kind: TokenKind::Alias(name),
            start,
            ..
        } = self.scanner.next()?
        else {
            unreachable!("an alias was just peeked")
        };
        let Some(&target) = self.anchors.get(&name) else {
            return Err(Error::at(
                start.into(),
                format!("unknown anchor '{name}' referenced"),
            ));
        };
        Ok(self.add(RawKind::Alias { name, target }, start, None))
    }

    /// Takes an anchor and a tag, in either order.
    fn properties(&mut self, start: Mark) -> Result<Properties, Error> {
        let mut anchor = None;
        let mut tag = None;
        for _ in 0..2 {
            match &self.scanner.peek()?.kind {
                TokenKind::Anchor(name) if anchor.is_none() => anchor = Some(name.clone()),
                TokenKind::Tag { .. } if tag.is_none() => tag = Some(self.scanner.peek()?.clone()),
                _ => break,
            }
            self.scanner.next()?;
        }
        // The token after them is looked at first, for its errors come first.
        self.scanner.peek()?;
        let tag = match tag {
            Some(Token {
                kind: TokenKind::Tag { handle, suffix },
                start: mark,
                ..
            }) => {
                if handle.is_empty() {
                    suffix
                } else if let Some(prefix) = self.tag_handles.get(&handle) {
                    format!("{prefix}{suffix}")
                } else {
                    return Err(parser_error(mark, start, "found undefined tag handle"));
                }
            }
            _ => String::new(),
        };
        Ok(Properties { anchor, tag })
    }

    fn scalar(&mut self, start: Mark, anchor: Option<String>, tag: String) -> Result<usize, Error> {
        let TokenKind::Scalar { value, plain } = self.scanner.next()?.kind else {
            unreachable!("a scalar was just peeked")
        };
        let implicit = (tag.is_empty() && plain) || tag == "!";
        Ok(self.add(
            RawKind::Scalar(RawScalar {
                value,
                tag,
                implicit,
            }),
            start,
            anchor,
        ))
    }

    fn push_item(&mut self, list: usize, item: usize) {
        if let RawKind::Sequence(items) = &mut self.document.nodes[list].kind {
            items.push(item);
        }
    }

    fn push_entry(&mut self, map: usize, key: usize, value: usize) {
        if let RawKind::Mapping(entries) = &mut self.document.nodes[map].kind {
            entries.push((key, value));
        }
    }

    fn block_sequence(&mut self, list: usize) -> Result<usize, Error> {
        let context = self.scanner.next()?.start;
        loop {
            let Token { kind, start, end } = self.scanner.next()?;
            match kind {
                TokenKind::BlockEntry => {
                    let item = match self.scanner.peek()?.kind {
                        TokenKind::BlockEntry | TokenKind::BlockEnd => self.empty(end),
                        _ => self.node(Context::Block)?,
                    };
                    self.push_item(list, item);
                }
                TokenKind::BlockEnd => return Ok(list),
                _ => {
                    return Err(parser_error(
                        start,
                        context,
                        "did not find expected '-' indicator",
                    ));
                }
            }
        }
    }

    fn indentless_sequence(&mut self, list: usize) -> Result<usize, Error> {
        while self.scanner.peek()?.kind == TokenKind::BlockEntry {
            let end = self.scanner.next()?.end;
            let item = match self.scanner.peek()?.kind {
                TokenKind::BlockEntry | TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => {
                    self.empty(end)
                }
                _ => self.node(Context::Block)?,
            };
            self.push_item(list, item);
        }
        Ok(list)
    }

    fn block_mapping(&mut self, map: usize) -> Result<usize, Error> {
        let context = self.scanner.next()?.start;
        loop {
            let Token { kind, start, end } = self.scanner.next()?;
            match kind {
                TokenKind::Key => {
                    let key = self.block_mapping_part(end)?;
                    let token = self.scanner.peek()?;
                    let value = if token.kind == TokenKind::Value {
                        let end = self.scanner.next()?.end;
                        self.block_mapping_part(end)?
                    } else {
                        let mark = token.start;
                        self.empty(mark)
                    };
                    self.push_entry(map, key, value);
                }
                TokenKind::BlockEnd => return Ok(map),
                _ => return Err(parser_error(start, context, "did not find expected key")),
            }
        }
    }

    /// Composes a key or a value of a map in block style, which may be nothing.
    fn block_mapping_part(&mut self, end: Mark) -> Result<usize, Error> {
        match self.scanner.peek()?.kind {
            TokenKind::Key | TokenKind::Value | TokenKind::BlockEnd => Ok(self.empty(end)),
            _ => self.node(Context::BlockMapping),
        }
    }

    fn flow_sequence(&mut self, list: usize) -> Result<usize, Error> {
        let context = self.scanner.next()?.start;
        let mut first = true;
        loop {
            if !self.next_in_flow(&TokenKind::FlowSequenceEnd, first, context)? {
                return Ok(list);
            }
            first = false;
            let item = if self.scanner.peek()?.kind == TokenKind::Key {
                self.flow_pair()?
            } else {
                self.node(Context::Flow)?
            };
            self.push_item(list, item);
        }
    }

    /// Moves to the next entry of a flow collection; returns false at its end, which is taken.
    fn next_in_flow(
        &mut self,
        closing: &TokenKind,
        first: bool,
        context: Mark,
    ) -> Result<bool, Error> {
        if self.scanner.peek()?.kind != *closing {
            if !first {
                let token = self.scanner.peek()?;
                if token.kind != TokenKind::FlowEntry {
                    let mark = token.start;
                    let message = if *closing == TokenKind::FlowSequenceEnd {
                        "did not find expected ',' or ']'"
                    } else {
                        "did not find expected ',' or '}'"
                    };
                    return Err(parser_error(mark, context, message));
                }
                self.scanner.next()?;
            }
            if self.scanner.peek()?.kind != *closing {
                return Ok(true);
            }
        }
        self.scanner.next()?;
        Ok(false)
    }

    /// Composes `key: value` in a list in flow style, which is a map of one entry.
    fn flow_pair(&mut self) -> Result<usize, Error> {
        let start = self.scanner.next()?.start;
        let map = self.add(RawKind::Mapping(Vec::new()), start, None);
        let token = self.scanner.peek()?;
        let key = match token.kind {
            TokenKind::FlowEntry | TokenKind::FlowSequenceEnd | TokenKind::Value => {
                // libyaml takes the token after an absent key; what follows is its value.
                let end = token.end;
                self.scanner.next()?;
                self.empty(end)
            }
            _ => self.node(Context::Flow)?,
        };
        let value = self.flow_value(&TokenKind::FlowSequenceEnd)?;
        self.push_entry(map, key, value);
        Ok(map)
    }

    /// Composes `: value` in flow style where it is there.
    fn flow_value(&mut self, closing: &TokenKind) -> Result<usize, Error> {
        if self.scanner.peek()?.kind == TokenKind::Value {
            self.scanner.next()?;
            let token = self.scanner.peek()?;
            if token.kind != TokenKind::FlowEntry && token.kind != *closing {
                return self.node(Context::Flow);
            }
        }
        let mark = self.scanner.peek()?.start;
        Ok(self.empty(mark))
    }

    fn flow_mapping(&mut self, map: usize) -> Result<usize, Error> {
        let context = self.scanner.next()?.start;
        let mut first = true;
        loop {
            if !self.next_in_flow(&TokenKind::FlowMappingEnd, first, context)? {
                return Ok(map);
            }
            first = false;
            if self.scanner.peek()?.kind == TokenKind::Key {
                self.scanner.next()?;
                let token = self.scanner.peek()?;
                let key = match token.kind {
                    TokenKind::Value | TokenKind::FlowEntry | TokenKind::FlowMappingEnd => {
                        let mark = token.start;
                        self.empty(mark)
                    }
                    _ => self.node(Context::Flow)?,
                };
                let value = self.flow_value(&TokenKind::FlowMappingEnd)?;
                self.push_entry(map, key, value);
            } else {
                let key = self.node(Context::Flow)?;
                let mark = self.scanner.peek()?.start;
                let value = self.empty(mark);
                self.push_entry(map, key, value);
            }
        }
    }
}

/// Returns an error of the grammar; Go prints its line as counted from 0.
fn parser_error(mark: Mark, context: Mark, message: &str) -> Error {
    let go_line = if mark.line == 0 {
        context.line
    } else {
        mark.line
    };
    Error::with_go_line(mark.into(), go_line, message)
}
