//! The types of scalars: takes a tag and a text, gives the value that Go's reader makes of it,
//! never looks at quotes (a text in quotes without a tag is not asked about).

use crate::timestamp::is_timestamp;

/// Which of Go's YAML libraries is followed where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flavour {
    /// go.yaml.in/yaml/v2 and sigs.k8s.io/yaml: `yes`, `on`, `y` and the like are truth values,
    /// every key becomes a string, of equal keys the last wins, times stay texts.
    #[default]
    V2,
    /// go.yaml.in/yaml/v3, as Kustomize uses it: only `true` and `false` are truth values, keys
    /// must be strings and different, a key wins over a merged one, and a time without quotes
    /// becomes a text in RFC 3339.
    V3,
}

/// A scalar with its type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Resolved {
    /// `null`, `~` or nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer that fits 64 bits with a sign.
    Integer(i64),
    /// An integer that only fits 64 bits without a sign.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
    /// What looks like a time; it stays a text.
    Timestamp,
    /// Anything else.
    String,
}

impl Resolved {
    /// Returns the tag of the type, in its short form.
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Integer(_) | Self::Unsigned(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::String => "!!str",
        }
    }
}

/// What tags of the standard begin with.
const LONG_PREFIX: &str = "tag:yaml.org,2002:";

/// Returns the tag with `!!` for what the standard's tags begin with.
pub(crate) fn short_tag(tag: &str) -> String {
    match tag.strip_prefix(LONG_PREFIX) {
        Some(name) => format!("!!{name}"),
        None => tag.to_owned(),
    }
}

/// Returns the value of a text with a tag (empty for none), or the sentence that refuses it.
pub(crate) fn resolve(flavour: Flavour, tag: &str, text: &str) -> Result<Resolved, String> {
    let tag = short_tag(tag);
    match tag.as_str() {
        "" => return Ok(resolve_spelling(flavour, text, true)),
        "!!bool" | "!!int" | "!!float" | "!!null" | "!!timestamp" => {}
        _ => return Ok(Resolved::String),
    }
    let found = resolve_spelling(flavour, text, tag == "!!timestamp");
    if found.tag() == tag {
        return Ok(found);
    }
    #[expect(clippy::cast_precision_loss, reason = "Go converts so too")]
    match found {
        Resolved::Integer(integer) if tag == "!!float" => Ok(Resolved::Float(integer as f64)),
        found => Err(format!("cannot decode {} `{text}` as a {tag}", found.tag())),
    }
}

/// Returns the value of a text without a tag and without quotes.
pub(crate) fn resolve_spelled(flavour: Flavour, text: &str) -> Resolved {
    resolve_spelling(flavour, text, true)
}

/// Returns the value that the older library gives a text without a tag and without quotes.
pub(crate) fn resolve_untagged(text: &str) -> Resolved {
    resolve_spelling(Flavour::V2, text, true)
}

fn resolve_spelling(flavour: Flavour, text: &str, timestamps: bool) -> Resolved {
    // The first character rules most texts out quickly.
    let Some(first) = text.bytes().next() else {
        return Resolved::Null;
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            resolve_word(flavour, text).unwrap_or(Resolved::String)
        }
        b'.' => resolve_word(flavour, text)
            .or_else(|| parse_fraction(text).map(Resolved::Float))
            .unwrap_or(Resolved::String),
        b'+' | b'-' | b'0'..=b'9' => {
            if timestamps && is_timestamp(text) {
                return Resolved::Timestamp;
            }
            resolve_word(flavour, text)
                .or_else(|| resolve_number(text))
                .unwrap_or(Resolved::String)
        }
        _ => Resolved::String,
    }
}

/// Returns the value of a word that stands for one, in the spellings that Go takes.
fn resolve_word(flavour: Flavour, text: &str) -> Option<Resolved> {
    let old = flavour == Flavour::V2;
    Some(match text {
        "true" | "True" | "TRUE" => Resolved::Bool(true),
        "false" | "False" | "FALSE" => Resolved::Bool(false),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if old => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if old => Resolved::Bool(false),
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// Returns the value of a number: decimal, `0x`, `0o`, `0b`, or octal by a leading 0; with
/// underscores anywhere.
fn resolve_number(text: &str) -> Option<Resolved> {
    let plain: String = text.chars().filter(|character| *character != '_').collect();
    let (sign, magnitude) = match plain.as_bytes().first() {
        Some(b'-') => ("-", &plain[1..]),
        Some(b'+') => ("+", &plain[1..]),
        _ => ("", plain.as_str()),
    };
    let (radix, digits) = match magnitude.get(..2) {
        Some("0x" | "0X") => (16, &magnitude[2..]),
        Some("0o" | "0O") => (8, &magnitude[2..]),
        Some("0b" | "0B") => (2, &magnitude[2..]),
        _ if magnitude.len() > 1 && magnitude.starts_with('0') => (8, &magnitude[1..]),
        _ => (10, magnitude),
    };
    // Rust's parser takes a sign; a second one is not a number.
    if digits.bytes().all(|digit| digit.is_ascii_alphanumeric()) {
        let signed = if sign == "-" {
            format!("-{digits}")
        } else {
            digits.to_owned()
        };
        if let Ok(integer) = i64::from_str_radix(&signed, radix) {
            return Some(Resolved::Integer(integer));
        }
        if sign.is_empty()
            && let Ok(integer) = u64::from_str_radix(digits, radix)
        {
            return Some(Resolved::Unsigned(integer));
        }
    }
    if has_float_form(&plain) {
        parse_float(&plain).map(Resolved::Float)
    } else {
        None
    }
}

/// Returns true for digits with an optional sign, fraction and exponent.
fn has_float_form(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (integer, fraction) = number.split_once('.').unwrap_or((number, ""));
    let exponent_holds = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    all_digits(integer)
        && all_digits(fraction)
        && !(integer.is_empty() && fraction.is_empty())
        && exponent_holds
}

/// Returns a decimal number that is finite; too large a one is none.
fn parse_float(text: &str) -> Option<f64> {
    if !has_float_form(text) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Returns a number that begins with a dot; underscores may stand between its digits.
fn parse_fraction(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let separates = |at: usize| digit(at.checked_sub(1)) && digit(Some(at + 1));
    if (0..bytes.len()).any(|at| bytes[at] == b'_' && !separates(at)) {
        return None;
    }
    parse_float(&text.replace('_', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_numbers_as_go_does() {
        for (text, expected) in [
            ("017", Resolved::Integer(15)),
            ("0o17", Resolved::Integer(15)),
            ("09", Resolved::Float(9.0)),
            ("0x_1F", Resolved::Integer(31)),
            ("-0b11", Resolved::Integer(-3)),
            ("1_000", Resolved::Integer(1000)),
            ("+12", Resolved::Integer(12)),
            ("18446744073709551615", Resolved::Unsigned(u64::MAX)),
            (
                "18446744073709551616",
                Resolved::Float(18_446_744_073_709_551_616.0),
            ),
            ("1e3", Resolved::Float(1000.0)),
            (".5", Resolved::Float(0.5)),
            (".5_0", Resolved::Float(0.5)),
            ("._5", Resolved::String),
            ("5.", Resolved::Float(5.0)),
            (".", Resolved::String),
            ("-", Resolved::String),
            ("+-1", Resolved::String),
            ("1:30", Resolved::String),
            ("1e400", Resolved::String),
            ("0x", Resolved::String),
            ("oFF", Resolved::String),
        ] {
            assert_eq!(resolve_untagged(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_contradicts_its_tag() {
        assert_eq!(
            resolve(Flavour::V2, "tag:yaml.org,2002:int", "1.5"),
            Err("cannot decode !!float `1.5` as a !!int".to_owned())
        );
        assert_eq!(
            resolve(Flavour::V2, "tag:yaml.org,2002:float", "1"),
            Ok(Resolved::Float(1.0))
        );
    }
}
