//! Bytes as text: takes the content of a file, gives text as Go's YAML reader decodes it, never
//! guesses an encoding that no byte order mark tells.

use std::borrow::Cow;

use crate::error::Error;
use crate::node::Span;

/// Decodes UTF-8, and UTF-16 that begins with a byte order mark. The mark is taken away.
pub fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes).map(Cow::Owned),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf_8(rest).map(Cow::Borrowed),
        _ => utf_8(bytes).map(Cow::Borrowed),
    }
}

fn utf_8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let message = wrong_octets(&bytes[offset..]);
        Error::at(place(&bytes[..offset]), message)
    })
}

/// Says what is wrong with the first octets, in the words and the order of Go's reader.
fn wrong_octets(bytes: &[u8]) -> &'static str {
    let first = bytes.first().copied().unwrap_or_default();
    let width = match first {
        0x00..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => return "invalid leading UTF-8 octet",
    };
    if bytes.len() < width {
        return "incomplete UTF-8 octet sequence";
    }
    if bytes[1..width].iter().any(|byte| byte & 0xc0 != 0x80) {
        return "invalid trailing UTF-8 octet";
    }
    let overlong = match first {
        0xc0 | 0xc1 => true,
        0xe0 => bytes[1] < 0xa0,
        0xf0 => bytes[1] < 0x90,
        _ => false,
    };
    if overlong {
        return "invalid length of a UTF-8 sequence";
    }
    "invalid Unicode character"
}

fn place(before: &[u8]) -> Span {
    let text = String::from_utf8_lossy(before);
    let line = text.matches('\n').count();
    let column = text.chars().rev().take_while(|c| *c != '\n').count();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX - 1) + 1;
    Span {
        line: count(line),
        column: count(column),
        offset: before.len(),
    }
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let refuse = |message: &str| Err(Error::nowhere(message));
    let pairs = bytes.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    for character in char::decode_utf16(units) {
        match character {
            Ok(character) => text.push(character),
            Err(error) if (0xdc00..0xe000).contains(&error.unpaired_surrogate()) => {
                return refuse("unexpected low surrogate area");
            }
            Err(_) => return refuse("expected low surrogate area"),
        }
    }
    if odd {
        return refuse("incomplete UTF-16 character");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_tell_the_encoding() {
        assert_eq!(text_of(b"a: 1").unwrap(), "a: 1");
        assert_eq!(text_of(b"\xef\xbb\xbfa").unwrap(), "a");
        assert_eq!(text_of(b"\xff\xfea\0").unwrap(), "a");
        assert_eq!(text_of(b"\xfe\xff\0a").unwrap(), "a");
    }

    #[test]
    fn what_is_no_text_is_refused_in_gos_words() {
        let told = |bytes: &[u8]| text_of(bytes).unwrap_err().message;
        assert_eq!(told(b"a\xff"), "invalid leading UTF-8 octet");
        assert_eq!(told(b"a\xe9"), "incomplete UTF-8 octet sequence");
        assert_eq!(told(b"\xe9abc"), "invalid trailing UTF-8 octet");
        assert_eq!(told(b"\xc0\x80"), "invalid length of a UTF-8 sequence");
        assert_eq!(told(b"\xed\xa0\x80"), "invalid Unicode character");
        assert_eq!(told(b"\xff\xfea"), "incomplete UTF-16 character");
    }
}
