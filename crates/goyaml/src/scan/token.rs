//! What the scanner hands to the composer: takes nothing, gives tokens with their places, never
//! looks at the text.

use crate::node::Span;

/// A place in the text while it is scanned; lines and columns are counted from 0 here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    /// The position in characters.
    pub(crate) index: usize,
    /// The line, from 0.
    pub(crate) line: u32,
    /// The column in characters, from 0.
    pub(crate) column: u32,
    /// The position in bytes.
    pub(crate) offset: usize,
}

impl From<Mark> for Span {
    fn from(mark: Mark) -> Self {
        Self {
            line: mark.line + 1,
            column: mark.column + 1,
            offset: mark.offset,
        }
    }
}

/// One token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: TokenKind,
    /// Where it begins.
    pub(crate) start: Mark,
    /// Where it ends.
    pub(crate) end: Mark,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// The end of the text.
    StreamEnd,
    /// `%YAML 1.1`.
    Version { major: u8, minor: u8 },
    /// `%TAG handle prefix`.
    TagDirective { handle: String, prefix: String },
    /// `---`.
    DocumentStart,
    /// `...`.
    DocumentEnd,
    /// A list in block style begins.
    BlockSequenceStart,
    /// A map in block style begins.
    BlockMappingStart,
    /// A collection in block style ends.
    BlockEnd,
    /// `[`.
    FlowSequenceStart,
    /// `]`.
    FlowSequenceEnd,
    /// `{`.
    FlowMappingStart,
    /// `}`.
    FlowMappingEnd,
    /// `-`.
    BlockEntry,
    /// `,`.
    FlowEntry,
    /// A key begins, with or without `?`.
    Key,
    /// `:`.
    Value,
    /// `*name`.
    Alias(String),
    /// `&name`.
    Anchor(String),
    /// `!handle!suffix`.
    Tag { handle: String, suffix: String },
    /// A text; only one without quotes can be something else than a string.
    Scalar { value: String, plain: bool },
}
