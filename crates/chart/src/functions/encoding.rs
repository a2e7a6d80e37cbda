//! Encodings and digests: takes texts as bytes, gives texts, never keeps a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{FunctionTable, Text, Value};
use sha2::Digest as _;

use super::arguments::{TEXT, bytes};

pub(super) fn register(table: &mut FunctionTable) {
    table.register("b64enc", TEXT, |_, a| {
        Ok(STANDARD.encode(bytes(a, 0)).into())
    });
    table.register("b64dec", TEXT, |_, a| {
        Ok(match decode_base64(bytes(a, 0)) {
            Ok(bytes) => Value::String(Text::from_bytes(bytes)),
            Err(message) => message.into(),
        })
    });
    table.register("b32enc", TEXT, |_, a| Ok(base32(bytes(a, 0)).into()));
    table.register("b32dec", TEXT, |_, a| {
        Ok(match from_base32(bytes(a, 0)) {
            Ok(bytes) => Value::String(Text::from_bytes(bytes)),
            Err(at) => format!("illegal base32 data at input byte {at}").into(),
        })
    });
    table.register("sha1sum", TEXT, |_, a| {
        Ok(hex(&sha1::Sha1::digest(bytes(a, 0))).into())
    });
    table.register("sha256sum", TEXT, |_, a| {
        Ok(hex(&sha2::Sha256::digest(bytes(a, 0))).into())
    });
    table.register("sha512sum", TEXT, |_, a| {
        Ok(hex(&sha2::Sha512::digest(bytes(a, 0))).into())
    });
    table.register("adler32sum", TEXT, |_, a| {
        Ok(adler32(bytes(a, 0)).to_string().into())
    });
}

/// Reads base64 as Go does: line ends are skipped, and the position of a mistake counts them.
pub(super) fn decode_base64(text: &[u8]) -> Result<Vec<u8>, String> {
    let told = |at: usize| format!("illegal base64 data at input byte {at}");
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count) = (0_u32, 0);
    let mut rest = text
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, byte)| !matches!(byte, b'\r' | b'\n'));
    while let Some((at, byte)) = rest.next() {
        if let Some(value) = digit(byte) {
            group = group << 6 | u32::from(value);
            count += 1;
            if count == 4 {
                out.extend_from_slice(&group.to_be_bytes()[1..]);
                (group, count) = (0, 0);
            }
            continue;
        }
        if byte != b'=' || count < 2 {
            return Err(told(at));
        }
        if count == 2 {
            match rest.next() {
                None => return Err(told(text.len())),
                Some((at, byte)) if byte != b'=' => return Err(told(at - 1)),
                Some(_) => {}
            }
        }
        if let Some((at, _)) = rest.next() {
            return Err(told(at));
        }
        let bytes = (group << (6 * (4 - count))).to_be_bytes();
        out.extend_from_slice(&bytes[1..count]);
        return Ok(out);
    }
    if count > 0 {
        return Err(told(text.len() - count));
    }
    Ok(out)
}

/// Writes bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("writing to a string");
        out
    })
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let group = (0..5).fold(0_u64, |group, index| {
            group << 8 | u64::from(chunk.get(index).copied().unwrap_or(0))
        });
        let digits = (chunk.len() * 8).div_ceil(5);
        for position in 0..8 {
            if position < digits {
                let digit = group >> (35 - 5 * position) & 31;
                out.push(char::from(
                    BASE32[usize::try_from(digit).unwrap_or_default()],
                ));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// Reads base32 as Go does; the error is the position of the mistake, line ends not counted.
///
/// Source: Go's `encoding/base32`, whose positions depend on how far it has looked.
fn from_base32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (mut group, mut count) = (0_u64, 0);
        let mut is_last = false;
        while count < 8 {
            let Some(&byte) = text.get(at) else {
                return Err(text.len() - count);
            };
            at += 1;
            let left = text.len() - at;
            if byte == b'=' && count >= 2 && left < 8 {
                if left + count < 7 {
                    return Err(text.len());
                }
                let wrong = (0..7 - count).find(|&more| text.get(at + more) != Some(&b'='));
                if let Some(more) = wrong {
                    return Err(at + more - 1);
                }
                if matches!(count, 3 | 6) {
                    return Err(at - 1);
                }
                is_last = true;
                break;
            }
            let value = BASE32
                .iter()
                .position(|&known| known == byte)
                .ok_or(at - 1)?;
            group = group << 5 | u64::try_from(value).unwrap_or_default();
            count += 1;
        }
        let bytes = (group << (5 * (8 - count))).to_be_bytes();
        out.extend_from_slice(&bytes[3..3 + count * 5 / 8]);
        if is_last {
            break;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_goes_there_and_back() {
        assert_eq!(base32(b"hello"), "NBSWY3DP");
        assert_eq!(base32(b"hi"), "NBUQ====");
        assert_eq!(from_base32(b"NBUQ====").unwrap(), b"hi");
        assert_eq!(from_base32(b"NBU1===="), Err(3));
        assert_eq!(adler32(b"Wikipedia"), 300_286_872);
    }
}
