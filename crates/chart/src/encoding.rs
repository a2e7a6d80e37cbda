//! Bytes within text: takes bytes that need not be UTF-8, gives text that can carry them through,
//! and the bytes again; never loses any.
//!
//! Go's strings are bytes. Where ours must be text, a byte that belongs to no character becomes one
//! of the last 128 characters of the private planes, which nothing else uses.

use std::borrow::Cow;

/// The character that stands for byte 0x80.
const FIRST: u32 = 0x0010_ff80;

/// Gives bytes as text.
pub(crate) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let code = FIRST + u32::from(*byte) - 0x80;
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    Cow::Owned(text)
}

/// Gives the text of bytes as [`text_of`] does, without a copy of what is UTF-8.
pub(crate) fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| text_of(error.as_bytes()).into_owned())
}

/// Gives the bytes of a text that carries some; `None` for ordinary text.
pub(crate) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    if !carries_bytes(text) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character).wrapping_sub(FIRST)) {
            Ok(low) if is_byte(character) => bytes.push(low + 0x80),
            _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Some(bytes)
}

/// Gives the text with the replacement character for every byte.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if carries_bytes(text) {
        return Cow::Owned(text.replace(is_byte, "\u{fffd}"));
    }
    Cow::Borrowed(text)
}

fn carries_bytes(text: &str) -> bool {
    // The first byte of all such characters in UTF-8; hardly any text has one.
    const LEADING: u8 = 0xf4;
    memchr::memchr(LEADING, text.as_bytes()).is_some() && text.contains(is_byte)
}

fn is_byte(character: char) -> bool {
    (FIRST..FIRST + 0x80).contains(&u32::from(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for bytes in [&b"a\xffb\x80"[..], b"\xe9", b"\xed\xa0\x80\xc3\xa9"] {
            assert_eq!(bytes_of(&text_of(bytes)).unwrap(), bytes);
        }
        assert_eq!(text_of("é".as_bytes()), "é");
        assert_eq!(bytes_of("é"), None);
    }
}
