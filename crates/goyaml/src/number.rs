//! Numbers in Go's spelling: takes a number, gives the text that Go's strconv or encoding/json
//! prints, never parses.

use crate::node::Kind;

/// Returns what `strconv.FormatFloat(value, 'g', -1, 64)` does, with YAML's infinities.
pub(crate) fn format_float(value: f64) -> String {
    format_shortest(
        value.is_nan(),
        value.is_infinite(),
        value < 0.0,
        &format!("{value:e}"),
    )
}

/// Returns what `strconv.FormatFloat(value, 'g', -1, 32)` does, with YAML's infinities.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the shortest digits of the narrowed number"
)]
pub(crate) fn format_float_narrow(value: f64) -> String {
    let narrow = value as f32;
    let digits = format!("{narrow:e}");
    format_shortest(narrow.is_nan(), narrow.is_infinite(), narrow < 0.0, &digits)
}

/// Lays out shortest digits given as `d.ddde-7`.
fn format_shortest(nan: bool, infinite: bool, negative: bool, scientific: &str) -> String {
    if nan {
        return ".nan".to_owned();
    }
    if infinite {
        return if negative { "-.inf" } else { ".inf" }.to_owned();
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if mantissa.starts_with('-') { "-" } else { "" };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // strconv's 'g' with the fewest digits uses an exponent below -4 and from 6 on.
    if !(-4..6).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!(
            "{sign}{first}{dot}{rest}e{exponent_sign}{:02}",
            exponent.abs()
        );
    }
    let whole = usize::try_from(exponent + 1).unwrap_or(0);
    if whole == 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{digits}");
    }
    if digits.len() <= whole {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (integer, fraction) = digits.split_at(whole);
    format!("{sign}{integer}.{fraction}")
}

/// Words what JSON says to a number that is not finite.
pub(crate) fn not_in_json(value: f64) -> String {
    let shown = if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    };
    format!("json: unsupported value: {shown}")
}

/// Returns a finite number as it is after Go has passed it through JSON: what prints there as an
/// integer comes back as one.
pub(crate) fn through_json(value: f64) -> Kind {
    if value.fract() == 0.0 && value.abs() < 1e21 && !(value == 0.0 && value.is_sign_negative()) {
        let text = format!("{value}");
        if let Ok(integer) = text.parse() {
            return Kind::Integer(integer);
        }
        if let Ok(integer) = text.parse() {
            return Kind::Unsigned(integer);
        }
    }
    Kind::Float(value)
}
