//! One document as it was written: takes nothing, gives nodes that still have their tags and
//! aliases, never decides types.

use crate::scan::Mark;

/// A document: nodes that refer to each other by number.
#[derive(Debug, Default)]
pub(crate) struct RawDocument {
    /// All nodes; children stand anywhere.
    pub(crate) nodes: Vec<RawNode>,
    /// The outermost node.
    pub(crate) root: usize,
}

/// One node.
#[derive(Debug)]
pub(crate) struct RawNode {
    /// What it is.
    pub(crate) kind: RawKind,
    /// Where it begins, with its anchor and tag.
    pub(crate) mark: Mark,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum RawKind {
    /// A text, not yet typed.
    Scalar(RawScalar),
    /// A list.
    Sequence(Vec<usize>),
    /// A map: keys and values.
    Mapping(Vec<(usize, usize)>),
    /// A reference to an earlier node.
    Alias {
        /// The anchor's name.
        name: String,
        /// The node that the anchor names.
        target: usize,
    },
}

/// A text with what decides its type.
#[derive(Debug, Default)]
pub(crate) struct RawScalar {
    /// The text.
    pub(crate) value: String,
    /// The tag with its handle resolved; empty where there is none.
    pub(crate) tag: String,
    /// Its type follows from its spelling: it has neither quotes nor a tag (or the tag `!`).
    pub(crate) implicit: bool,
}
