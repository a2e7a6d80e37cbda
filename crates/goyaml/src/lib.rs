//! YAML as Go's sigs.k8s.io/yaml reads and writes it: takes text, gives a tree with places, and
//! the other way round; never reads a file and knows neither Helm nor Kubernetes.
//!
//! Reading follows go.yaml.in/yaml/v2, on which sigs.k8s.io/yaml stands: YAML 1.1 as libyaml has
//! it (`yes`, `on` and `y` are truth values, also as keys; `010` is eight), then the conversion to
//! JSON (every key a string; `1.0` is the integer 1). Of keys given twice the last wins, merged
//! ones included. Writing gives what `yaml.Marshal` gives for the same data, but for two of its
//! defects: U+0085 in a text stays (Go makes it a space), and a key of over 1,024 characters is
//! written (Go fails). A third is kept: the key `<<` is written without quotes.

mod binary;
mod compose;
mod decode;
mod decode_bytes;
mod emit;
mod error;
mod gosyntax;
mod limits;
mod node;
mod number;
mod order;
mod ordinary;
mod raw;
mod resolve;
mod scan;
mod style;
mod timestamp;
mod write;

pub use decode_bytes::text_of;
pub use emit::{Emit, Shape};
pub use error::Error;
pub use limits::{MAX_BYTES, MAX_DEPTH, MAX_VALUES, MAX_WRITTEN};
pub use node::{Entry, Kind, Node, Span};
pub use order::compare_keys;
pub use ordinary::{Build, Scalar};
pub use resolve::Flavour;

use compose::Composer;

/// Reads the first document of a text, as Go's reader does; an empty text is null.
///
/// What follows the first document is not looked at, and may be broken.
pub fn parse(text: &str) -> Result<Node, Error> {
    parse_first(text, false)
}

/// Reads the first document of a text as plain data.
pub fn parse_data(text: &str) -> Result<serde_json::Value, Error> {
    let full = |text: &str| parse_in_full(text, false).map(Node::into_json);
    read_as(text, ordinary::data, full)
}

/// Reads the first document of a text and gives its outermost map with the wanted keys only; the
/// rest must be right, too. What is no map is given whole.
pub fn parse_outline(
    text: &str,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<serde_json::Value, Error> {
    let outline = |mut node: Node| {
        if let Kind::Mapping(entries) = &mut node.kind {
            entries.retain(|entry| wanted(&entry.key));
        }
        node.into_json()
    };
    let full = |text: &str| parse_in_full(text, false).map(outline);
    read_as(text, |text| ordinary::outline(text, wanted), full)
}

/// Reads the first document of a text and refuses keys given twice, as `UnmarshalStrict` does.
pub fn parse_strict(text: &str) -> Result<Node, Error> {
    parse_first(text, true)
}

/// Reads all documents of a text; one without content is null.
pub fn parse_stream(text: &str) -> Result<Vec<Node>, Error> {
    parse_stream_as(text, Flavour::V2)
}

/// Reads all documents of a text as one of Go's libraries does; one without content is null.
pub fn parse_stream_as(text: &str, flavour: Flavour) -> Result<Vec<Node>, Error> {
    read_as(
        text,
        |text| ordinary::stream(text, flavour),
        |text| parse_stream_in_full(text, flavour),
    )
}

/// Reads all documents of a text and gives what `build` makes of them, each with its place. Of a text
/// that is written in unusual ways it is what `convert` makes of the documents' trees.
pub fn parse_stream_with<'t, B: Build<'t>>(
    text: &'t str,
    flavour: Flavour,
    build: B,
    convert: impl Fn(Node) -> B::Value,
) -> Result<Vec<(B::Value, Span)>, Error> {
    let read = || {
        check(text)?;
        if let Some(documents) = ordinary::stream_with(text, flavour, build) {
            return Ok(documents);
        }
        let documents = parse_stream_in_full(text, flavour)?;
        let with_place = |node: Node| {
            let place = node.span;
            (convert(node), place)
        };
        Ok(documents.into_iter().map(with_place).collect())
    };
    read().map_err(|error: Error| error.within(text))
}

/// Writes a value as `yaml.Marshal` does, with a line feed at the end.
pub fn to_string<E: Emit + ?Sized>(value: &E) -> Result<String, Error> {
    write::write(value, Flavour::V2)
}

/// Writes a value as the encoder of go.yaml.in/yaml/v3 does with two spaces a level: lists stand
/// further in than their keys, no line is folded, and numbers do not pass through JSON.
pub fn to_string_pretty<E: Emit + ?Sized>(value: &E) -> Result<String, Error> {
    write::write(value, Flavour::V3)
}

fn parse_first(text: &str, strict: bool) -> Result<Node, Error> {
    read_as(text, ordinary::parse, |text| parse_in_full(text, strict))
}

/// Reads a text on the short way, where that can, or else in full.
fn read_as<T>(
    text: &str,
    ordinary: impl Fn(&str) -> Option<T>,
    full: impl Fn(&str) -> Result<T, Error>,
) -> Result<T, Error> {
    let read = || {
        check(text)?;
        ordinary(text).map_or_else(|| full(text), Ok)
    };
    read().map_err(|error: Error| error.within(text))
}

/// Reads the first document of any text.
fn parse_in_full(text: &str, strict: bool) -> Result<Node, Error> {
    match Composer::new(text).next_document()? {
        Some(document) => decode::decode(&document, Flavour::V2, strict),
        None => Ok(Node {
            kind: Kind::Null,
            span: Span {
                line: 1,
                column: 1,
                offset: 0,
            },
        }),
    }
}

/// Reads all documents of any text.
fn parse_stream_in_full(text: &str, flavour: Flavour) -> Result<Vec<Node>, Error> {
    let mut composer = Composer::new(text);
    let mut documents = Vec::new();
    while let Some(document) = composer.next_document()? {
        documents.push(decode::decode(&document, flavour, false)?);
    }
    Ok(documents)
}

/// Tells whether a character that is refused can begin with the byte.
fn is_suspect(byte: u8) -> bool {
    let is_control = byte < b' ' && byte != b'\t' && byte != b'\n' && byte != b'\r';
    is_control || byte == 0x7F || byte == 0xC2 || byte == 0xEF
}

/// Refuses what no part of a text may be.
fn check(text: &str) -> Result<(), Error> {
    if text.len() > MAX_BYTES {
        return Err(Error::nowhere(format!(
            "text is longer than {MAX_BYTES} bytes"
        )));
    }
    // Most texts have none. Bytes are looked at many at once, without a stop at the first.
    let is_suspicious = |bytes: &[u8]| bytes.iter().fold(false, |any, &one| any | is_suspect(one));
    if !text.as_bytes().chunks(256).any(is_suspicious) {
        return Ok(());
    }
    let refused = text.char_indices().find(|(_, character)| {
        matches!(
            character,
            '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{84}'
                | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}'
        )
    });
    let Some((offset, _)) = refused else {
        return Ok(());
    };
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let column = before
        .chars()
        .rev()
        .take_while(|character| *character != '\n')
        .count();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX - 1) + 1;
    let span = Span {
        line: count(line),
        column: count(column),
        offset,
    };
    Err(Error::at(span, "control characters are not allowed"))
}
