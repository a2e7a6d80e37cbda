//! Escaping: takes values, gives their text safe for HTML, JavaScript or a URL's query, never
//! looks at where it will stand.

use crate::printf::Printer;
use crate::quote::{Decoded, decode};
use crate::text::Text;
use crate::value::Value;

const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// The text of the arguments, as `print` gives it.
fn text(values: &[Value]) -> Text {
    if let [Value::String(text)] = values {
        return text.clone();
    }
    let mut printer = Printer::following_pointers();
    // A nil among the arguments is printed as it is in the output of a template.
    let shown = |value: &Value| match value {
        Value::Nil => Value::from("<no value>"),
        other => other.clone(),
    };
    printer.print(&values.iter().map(shown).collect::<Vec<_>>());
    printer.into_text()
}

fn push_hex(out: &mut Vec<u8>, byte: u8) {
    out.push(UPPER[usize::from(byte >> 4)]);
    out.push(UPPER[usize::from(byte & 15)]);
}

/// `html`.
pub(super) fn html(values: &[Value]) -> Value {
    let text = text(values);
    let mut out = Vec::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            other => out.push(other),
        }
    }
    Value::String(Text::from_bytes(out))
}

/// `js`.
pub(super) fn javascript(values: &[Value]) -> Value {
    let text = text(values);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(&byte) = rest.first() {
        let mut length = 1;
        match byte {
            b'\\' | b'\'' | b'"' => out.extend_from_slice(&[b'\\', byte]),
            b'<' | b'>' | b'&' | b'=' | 0..0x20 => {
                out.extend_from_slice(b"\\u00");
                push_hex(&mut out, byte);
            }
            0x20..0x80 => out.push(byte),
            _ => match decode(rest) {
                Decoded::Character(character, size) => {
                    length = size;
                    if crate::printable::is_printable(character) {
                        out.extend_from_slice(&rest[..size]);
                    } else {
                        let code = u32::from(character);
                        out.extend_from_slice(format!("\\u{code:04X}").as_bytes());
                    }
                }
                // Go takes the replacement character as printable and keeps the byte.
                Decoded::Invalid(byte) => out.push(byte),
            },
        }
        rest = &rest[length..];
    }
    Value::String(Text::from_bytes(out))
}

/// `urlquery`.
pub(super) fn url_query(values: &[Value]) -> Value {
    let text = text(values);
    let mut out = Vec::with_capacity(text.len());
    for &byte in text.as_bytes() {
        match byte {
            b' ' => out.push(b'+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            other => {
                out.push(b'%');
                push_hex(&mut out, other);
            }
        }
    }
    Value::String(Text::from_bytes(out))
}
