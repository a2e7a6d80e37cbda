//! What the TOML lexer gives: tokens with their texts and lines, and how its complaints show
//! characters; never reads.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Error,
    End,
    Text,
    String,
    EscapedString,
    RawString,
    MultilineString,
    RawMultilineString,
    Bool,
    Integer,
    Float,
    Datetime,
    Array,
    ArrayEnd,
    TableStart,
    TableEnd,
    ArrayTableStart,
    ArrayTableEnd,
    KeyStart,
    KeyEnd,
    CommentStart,
    InlineTableStart,
    InlineTableEnd,
}

/// A token with its text, or with the complaint.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) token: Token,
    pub(super) text: String,
    pub(super) line: i64,
}

/// The end of the text, which can be told from no other character: a NUL is refused before.
pub(super) const END: char = '\0';

/// Go's quoting of one character.
pub(super) fn quote_character(c: char) -> String {
    let value = gotemplate::Value::Int(i64::from(u32::from(c)));
    gotemplate::format::sprintf("%q", &[value])
        .to_str()
        .into_owned()
}

/// Names a character, or the end of the text.
pub(super) fn shown(c: char) -> String {
    if c == END {
        "end of file".to_owned()
    } else {
        format!("'{c}'")
    }
}
