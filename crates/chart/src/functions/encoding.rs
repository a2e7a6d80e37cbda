//! Encodings and digests: takes texts as bytes, gives texts, never keeps a key.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use gotemplate::{FunctionTable, Text, Value};
use sha2::Digest as _;

use super::arguments::{TEXT, bytes};

/// Go does not look at the bits of the last digit that are left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

pub(super) fn register(table: &mut FunctionTable) {
    table.register("b64enc", TEXT, |_, a| {
        Ok(STANDARD.encode(bytes(a, 0)).into())
    });
    table.register("b64dec", TEXT, |_, a| {
        let text: Vec<u8> = bytes(a, 0)
            .iter()
            .copied()
            .filter(|byte| !b"\r\n".contains(byte))
            .collect();
        Ok(match LENIENT.decode(&text) {
            Ok(bytes) => Value::String(Text::from_bytes(bytes)),
            Err(error) => {
                let at = match error {
                    base64::DecodeError::InvalidByte(at, _)
                    | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                    // What is missing at the end is told of the beginning of its group.
                    _ => text.len() / 4 * 4,
                };
                format!("illegal base64 data at input byte {at}").into()
            }
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

fn from_base32(text: &[u8]) -> Result<Vec<u8>, usize> {
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    let digits: Vec<u8> = text
        .iter()
        .copied()
        .take_while(|&byte| byte != b'=')
        .collect();
    if let Some(at) = digits.iter().position(|digit| !BASE32.contains(digit)) {
        return Err(at);
    }
    let padded = text[digits.len()..].iter().all(|&byte| byte == b'=');
    if !text.len().is_multiple_of(8) || !padded || matches!(digits.len() % 8, 1 | 3 | 6) {
        return Err(text.len() / 8 * 8);
    }
    let mut out = Vec::new();
    let (mut group, mut bits) = (0_u32, 0);
    for digit in &digits {
        let value = BASE32
            .iter()
            .position(|known| known == digit)
            .unwrap_or_default();
        group = group << 5 | u32::try_from(value).unwrap_or_default();
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(group >> bits & 255).unwrap_or_default());
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
