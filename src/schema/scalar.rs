//! Scalars as the API server reads them: takes a JSON value, gives whether it is one of a kind, never
//! shows it.

use serde_json::Value;

/// Returns what a value is, in words.
pub(super) fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// Returns whether it is a whole number; what YAML writes as 1e6 or 1.0 is one too.
pub(super) fn is_integer(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_i64()
                || number.is_u64()
                || number.as_f64().is_some_and(|float| float.fract() == 0.0)
        }
        _ => false,
    }
}

/// Returns whether a text is a quantity, such as 100m or 2Gi.
///
/// Source: the Kubernetes API reference, "Quantity".
pub(super) fn is_quantity(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (number, suffix) = text.split_at(digits.unwrap_or(text.len()));
    let has_number = number.matches('.').count() <= 1 && number.chars().any(|one| one != '.');
    let is_suffix = matches!(
        suffix,
        "" | "n"
            | "u"
            | "m"
            | "k"
            | "M"
            | "G"
            | "T"
            | "P"
            | "E"
            | "Ki"
            | "Mi"
            | "Gi"
            | "Ti"
            | "Pi"
            | "Ei"
    );
    let exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && digits.chars().all(|one| one.is_ascii_digit())
    });
    has_number && (is_suffix || exponent)
}

/// Returns whether a text is base64 as Go reads it: with padding, ends of lines anywhere.
pub(super) fn is_base64(text: &str) -> bool {
    let letters: Vec<u8> = text
        .bytes()
        .filter(|one| !matches!(one, b'\n' | b'\r'))
        .collect();
    let body = letters
        .iter()
        .rposition(|one| *one != b'=')
        .map_or(0, |last| last + 1);
    let padding = letters.len() - body;
    letters.len().is_multiple_of(4)
        && padding <= 2
        && letters[..body]
            .iter()
            .all(|one| one.is_ascii_alphanumeric() || matches!(one, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_told_from_other_texts() {
        for good in [
            "1", "100m", "2Gi", "0.5", ".5", "1e3", "-1", "1E", "12e-3", "1.5Ki",
        ] {
            assert!(is_quantity(good), "{good}");
        }
        for bad in ["", "1GB", "100 m", "one", "1.2.3", "Gi", "2gi", "1e", "."] {
            assert!(!is_quantity(bad), "{bad}");
        }
    }

    #[test]
    fn base64_is_told_from_plain_text() {
        assert!(is_base64("aGVsbG8=") && is_base64("") && is_base64("aGVs\nbG8=\n"));
        assert!(!is_base64("hello") && !is_base64("a===") && !is_base64("pass word"));
    }
}
