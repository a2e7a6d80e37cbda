//! Go's quoted strings: takes bytes or a literal, gives the other as `strconv` does, never accepts
//! what Go refuses.

use crate::printable::is_printable;

const LOWER: &[u8; 16] = b"0123456789abcdef";

/// One step of reading bytes as UTF-8.
pub(crate) enum Decoded {
    /// A character and its length.
    Character(char, usize),
    /// A byte that begins no character.
    Invalid(u8),
}

/// Reads the first character; the bytes must not be empty.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    let first = bytes[0];
    if first < 0x80 {
        return Decoded::Character(char::from(first), 1);
    }
    for length in 2..=bytes.len().min(4) {
        if let Ok(text) = std::str::from_utf8(&bytes[..length])
            && let Some(character) = text.chars().next()
        {
            return Decoded::Character(character, length);
        }
    }
    Decoded::Invalid(first)
}

/// Quotes bytes as `strconv.Quote` does; `ascii` escapes all that is not ASCII.
pub(crate) fn quote(bytes: &[u8], mark: u8, ascii: bool) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push(char::from(mark));
    let mut rest = bytes;
    while !rest.is_empty() {
        match decode(rest) {
            Decoded::Character(character, length) => {
                escape(&mut quoted, character, mark, ascii);
                rest = &rest[length..];
            }
            Decoded::Invalid(byte) => {
                quoted.push_str("\\x");
                push_hex(&mut quoted, u32::from(byte), 2);
                rest = &rest[1..];
            }
        }
    }
    quoted.push(char::from(mark));
    quoted
}

/// Writes one character of a quoted string.
fn escape(quoted: &mut String, character: char, mark: u8, ascii: bool) {
    let code = u32::from(character);
    match character {
        '\\' => quoted.push_str("\\\\"),
        _ if character == char::from(mark) => {
            quoted.push('\\');
            quoted.push(character);
        }
        _ if is_printable(character) && (!ascii || character.is_ascii()) => quoted.push(character),
        '\x07' => quoted.push_str("\\a"),
        '\x08' => quoted.push_str("\\b"),
        '\x0c' => quoted.push_str("\\f"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        '\x0b' => quoted.push_str("\\v"),
        _ if code < 0x20 || code == 0x7f => {
            quoted.push_str("\\x");
            push_hex(quoted, code, 2);
        }
        _ if code < 0x10000 => {
            quoted.push_str("\\u");
            push_hex(quoted, code, 4);
        }
        _ => {
            quoted.push_str("\\U");
            push_hex(quoted, code, 8);
        }
    }
}

fn push_hex(quoted: &mut String, code: u32, digits: u32) {
    for place in (0..digits).rev() {
        quoted.push(char::from(LOWER[(code >> (4 * place) & 15) as usize]));
    }
}

/// Returns whether Go can write the bytes between backquotes.
pub(crate) fn can_backquote(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.chars().all(|character| match character {
            '\t' => true,
            '\u{feff}' | '`' | '\x7f' => false,
            other => other >= ' ',
        })
    })
}

/// A literal that Go refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidSyntax;

/// Takes the quotes and escapes off a literal of either kind.
pub(crate) fn unquote(literal: &str) -> Result<Vec<u8>, InvalidSyntax> {
    let bytes = literal.as_bytes();
    let (Some(&mark), Some(&last)) = (bytes.first(), bytes.last()) else {
        return Err(InvalidSyntax);
    };
    if bytes.len() < 2 || last != mark {
        return Err(InvalidSyntax);
    }
    let mut inner = &literal[1..literal.len() - 1];
    if mark == b'`' {
        if !inner.contains('\r') {
            return Ok(inner.as_bytes().to_vec());
        }
        return Ok(inner.bytes().filter(|byte| *byte != b'\r').collect());
    }
    let is_special = |byte: &u8| matches!(byte, b'\\' | b'\n') || *byte == mark;
    if mark == b'"' && !inner.bytes().any(|byte| is_special(&byte)) {
        return Ok(inner.as_bytes().to_vec());
    }
    let mut unquoted = Vec::with_capacity(inner.len());
    while !inner.is_empty() {
        if inner.starts_with('\n') {
            return Err(InvalidSyntax);
        }
        let unit;
        (unit, inner) = unquote_character(inner, mark)?;
        match unit {
            Unit::Byte(byte) => unquoted.push(byte),
            Unit::Character(character) => {
                unquoted.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
    Ok(unquoted)
}

/// What one unit of a literal stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A byte by its number, possibly not UTF-8.
    Byte(u8),
    /// A character.
    Character(char),
}

impl Unit {
    /// Returns the number of the unit.
    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Byte(byte) => u32::from(byte),
            Self::Character(character) => u32::from(character),
        }
    }
}

/// Reads one character or escape of a literal and returns the rest.
pub(crate) fn unquote_character(text: &str, mark: u8) -> Result<(Unit, &str), InvalidSyntax> {
    let mut characters = text.chars();
    let first = characters.next().ok_or(InvalidSyntax)?;
    if first == char::from(mark) {
        return Err(InvalidSyntax);
    }
    if first != '\\' {
        return Ok((Unit::Character(first), characters.as_str()));
    }
    let kind = characters.next().ok_or(InvalidSyntax)?;
    let rest = characters.as_str();
    let simple = |code: u8| Ok((Unit::Byte(code), rest));
    match kind {
        'a' => simple(7),
        'b' => simple(8),
        'f' => simple(12),
        'n' => simple(b'\n'),
        'r' => simple(b'\r'),
        't' => simple(b'\t'),
        'v' => simple(11),
        '\\' => simple(b'\\'),
        '\'' | '"' if kind == char::from(mark) => simple(mark),
        'x' => {
            let (code, rest) = digits(rest, 2, 16)?;
            Ok((
                Unit::Byte(u8::try_from(code).map_err(|_| InvalidSyntax)?),
                rest,
            ))
        }
        'u' | 'U' => {
            let (code, rest) = digits(rest, if kind == 'u' { 4 } else { 8 }, 16)?;
            Ok((
                Unit::Character(char::from_u32(code).ok_or(InvalidSyntax)?),
                rest,
            ))
        }
        '0'..='7' => {
            let (code, rest) = digits(&text[1..], 3, 8)?;
            Ok((
                Unit::Byte(u8::try_from(code).map_err(|_| InvalidSyntax)?),
                rest,
            ))
        }
        _ => Err(InvalidSyntax),
    }
}

/// Reads a fixed number of digits.
fn digits(text: &str, count: usize, radix: u32) -> Result<(u32, &str), InvalidSyntax> {
    let number = text.get(..count).ok_or(InvalidSyntax)?;
    if !number.chars().all(|digit| digit.is_digit(radix)) {
        return Err(InvalidSyntax);
    }
    let code = u32::from_str_radix(number, radix).map_err(|_| InvalidSyntax)?;
    Ok((code, &text[count..]))
}
