//! How Helm's validator writes values: takes texts and numbers, gives them in its quotes and with
//! its digits, never decides anything.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Writes a text in single quotes, with Go's escapes.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '\'' => quoted.push_str("\\'"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\u{a0}' | '\u{ad}' | '\u{2028}'..='\u{2029}' | '\u{feff}' => {
                let code = u32::from(character);
                write!(quoted, "\\u{code:04x}").expect("writing to a string");
            }
            character if character.is_control() => {
                let code = u32::from(character);
                write!(quoted, "\\x{code:02x}").expect("writing to a string");
            }
            character => quoted.push(character),
        }
    }
    quoted.push('\'');
    quoted
}

/// Writes several texts in quotes.
pub(super) fn quoted_list<S: AsRef<str>>(texts: &[S]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| quote(text.as_ref())).collect();
    quoted.join(", ")
}

/// Writes a value of a schema.
pub(super) fn value(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        other => other.to_string(),
    }
}

/// Writes a number as Go's English printer does: commas between thousands, and large and small ones
/// as powers of ten.
pub(super) fn number(value: f64) -> String {
    let scientific = format!("{value:e}");
    if let Some((digits, exponent)) = scientific.split_once('e')
        && let Ok(exponent) = exponent.parse::<i32>()
        && !(-4..6).contains(&exponent)
        && value != 0.0
    {
        let sign = if exponent < 0 { "\u{207b}" } else { "" };
        let raised: String = format!("{:02}", exponent.abs())
            .chars()
            .map(superscript)
            .collect();
        return format!("{digits}\u{d7}10{sign}{raised}");
    }
    let text = format!("{value}");
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, String::new()), |(whole, rest)| {
            (whole, format!(".{rest}"))
        });
    format!("{sign}{}{fraction}", grouped(whole))
}

fn superscript(digit: char) -> char {
    match digit {
        '1' => '\u{b9}',
        '2' => '\u{b2}',
        '3' => '\u{b3}',
        other => char::from_u32(0x2070 + other.to_digit(10).unwrap_or_default()).unwrap_or(other),
    }
}

/// Writes a count with commas between thousands.
pub(super) fn count(value: usize) -> String {
    grouped(&value.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns the JSON name of a value's type.
pub(super) fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_between_thousands() {
        assert_eq!(number(123_456.5), "123,456.5");
        assert_eq!(number(1_234_567.25), "1.23456725×10⁰⁶");
        assert_eq!(number(-12.0), "-12");
        assert_eq!(count(1000), "1,000");
    }

    #[test]
    fn texts_stand_in_single_quotes() {
        assert_eq!(quote("it's \"so\"\n"), "'it\\'s \"so\"\\n'");
    }
}
