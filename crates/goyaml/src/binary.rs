//! `!!binary`: takes base64, gives the text in it as JSON would carry it, never raw bytes.

/// Decodes standard base64 with padding; line breaks in it do not count. What is not UTF-8 becomes
/// U+FFFD, one for each byte, as Go's JSON encoder does.
pub(crate) fn decode(text: &str) -> Option<String> {
    let symbols: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    if !symbols.len().is_multiple_of(4) {
        return None;
    }
    let padding = symbols
        .iter()
        .rev()
        .take_while(|symbol| **symbol == b'=')
        .count();
    if padding > 2 {
        return None;
    }
    let mut bytes = Vec::with_capacity(symbols.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for symbol in &symbols[..symbols.len() - padding] {
        buffer = (buffer << 6 | sextet(*symbol)?) & 0x3FFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xFF).ok()?);
        }
    }
    Some(lossy(&bytes))
}

fn sextet(symbol: u8) -> Option<u32> {
    Some(u32::from(match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

fn lossy(bytes: &[u8]) -> String {
    bytes
        .utf8_chunks()
        .flat_map(|chunk| {
            let replaced = std::iter::repeat_n('\u{FFFD}', chunk.invalid().len());
            chunk.valid().chars().chain(replaced)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_and_refuses() {
        assert_eq!(decode("aGVs\nbG8="), Some("hello".to_owned()));
        assert_eq!(decode("/w=="), Some("\u{FFFD}".to_owned()));
        assert_eq!(decode(""), Some(String::new()));
        assert_eq!(decode("aGVsbG8"), None);
        assert_eq!(decode("a b="), None);
    }
}
