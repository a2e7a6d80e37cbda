//! What function bodies ask of their arguments: takes the checked arguments of a call, gives Rust
//! values by the casts of Sprig, never fails where Sprig does not.

use std::borrow::Cow;

use gotemplate::{FunctionError, Map, Parameter, Signature, Text, Value};

/// One text.
pub(super) const TEXT: Signature = Signature::fixed(&[Parameter::String]);
/// Two texts.
pub(super) const TEXT_TEXT: Signature = Signature::fixed(&[Parameter::String, Parameter::String]);
/// Three texts.
pub(super) const TEXT_TEXT_TEXT: Signature =
    Signature::fixed(&[Parameter::String, Parameter::String, Parameter::String]);
/// A number and a text.
pub(super) const INT_TEXT: Signature = Signature::fixed(&[Parameter::Int, Parameter::String]);
/// Anything.
pub(super) const ANY: Signature = Signature::fixed(&[Parameter::Any]);
/// Two of anything.
pub(super) const ANY_ANY: Signature = Signature::fixed(&[Parameter::Any, Parameter::Any]);
/// Anything, and any number of anything.
pub(super) const ANY_REST: Signature = Signature::variadic(&[Parameter::Any], Parameter::Any);

/// What a function gives.
pub(super) type Outcome = Result<Value, FunctionError>;

/// Returns the text at a position.
pub(super) fn text(arguments: &[Value], index: usize) -> Cow<'_, str> {
    match arguments.get(index) {
        Some(Value::String(text)) => text.to_str(),
        Some(other) => Cow::Owned(strval(other).to_str().into_owned()),
        None => Cow::Borrowed(""),
    }
}

/// Returns the bytes of the text at a position.
pub(super) fn bytes(arguments: &[Value], index: usize) -> &[u8] {
    match arguments.get(index) {
        Some(Value::String(text)) => text.as_bytes(),
        Some(Value::Bytes(bytes)) => bytes,
        _ => &[],
    }
}

/// Returns the integer at a position.
pub(super) fn int(arguments: &[Value], index: usize) -> i64 {
    arguments.get(index).map_or(0, to_int)
}

/// Returns the value at a position, nil where there is none.
pub(super) fn any(arguments: &[Value], index: usize) -> Value {
    arguments.get(index).cloned().unwrap_or_default()
}

/// Returns the map at a position.
pub(super) fn map(arguments: &[Value], index: usize) -> Map {
    match arguments.get(index).map(Value::underlying).as_deref() {
        Some(Value::Map(map)) => map.clone(),
        _ => Map::new(),
    }
}

/// Returns the elements, where the value is a list of any kind.
pub(super) fn items(value: &Value) -> Option<Vec<Value>> {
    match &*value.underlying() {
        Value::List(list) => Some(list.to_vec()),
        Value::Bytes(bytes) => Some(bytes.iter().map(|&byte| Value::Uint8(byte)).collect()),
        _ => None,
    }
}

/// Returns Go's name of the kind.
pub(super) fn kind(value: &Value) -> &'static str {
    value.kind().name()
}

/// Fails as Go does where a value's type is asked for and there is none.
pub(super) fn nil_pointer() -> FunctionError {
    FunctionError::new("runtime error: invalid memory address or nil pointer dereference")
}

/// Makes text of anything: texts stay, everything else is printed.
pub(super) fn strval(value: &Value) -> Text {
    match value {
        Value::String(text) => text.clone(),
        Value::Bytes(bytes) => Text::from_bytes(bytes.to_vec()),
        other => Text::from(gotemplate::format::display(other)),
    }
}

/// Makes an integer of anything; what is no number is zero.
#[expect(clippy::cast_possible_wrap, reason = "Go's conversions wrap")]
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Uint8(number) => i64::from(*number),
        Value::Uint64(number) => *number as i64,
        Value::Float64(number) => float_to_int(*number),
        Value::Bool(flag) => i64::from(*flag),
        Value::String(text) => text
            .as_utf8()
            .and_then(|text| parse_int(without_zero_decimals(text)))
            .unwrap_or(0),
        Value::Host(host) => named_int(&**host).unwrap_or(0),
        _ => 0,
    }
}

/// The only named integers that Sprig's casts know: months and days of the week.
fn named_int(host: &dyn gotemplate::Host) -> Option<i64> {
    match (&*host.type_name(), host.underlying()) {
        ("time.Month" | "time.Weekday", Some(Value::Int(number))) => Some(number),
        _ => None,
    }
}

/// Converts as the processor does for Go: what does not fit is the smallest integer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "checked before"
)]
fn float_to_int(number: f64) -> i64 {
    if number.is_nan() || number >= i64::MAX as f64 || number < i64::MIN as f64 {
        i64::MIN
    } else {
        number as i64
    }
}

/// Makes a floating point number of anything; what is no number is zero.
#[expect(clippy::cast_precision_loss, reason = "Go's conversions round")]
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number as f64,
        Value::Uint8(number) => f64::from(*number),
        Value::Uint64(number) => *number as f64,
        Value::Float64(number) => *number,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::String(text) => text.as_utf8().and_then(parse_float).unwrap_or(0.0),
        Value::Host(host) => named_int(&**host).unwrap_or(0) as f64,
        _ => 0.0,
    }
}

/// Cuts `.0`, `.00` and so on off.
fn without_zero_decimals(text: &str) -> &str {
    match text.rsplit_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    }
}

/// Reads an integer as Go's `strconv.ParseInt(text, 0, 64)`: with prefixes and underscores.
pub(super) fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits, prefixed) = if let Some(rest) = lower.strip_prefix("0x") {
        (16, rest, true)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        (2, rest, true)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        (8, rest, true)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..], true)
    } else {
        (10, &*lower, false)
    };
    let well_spaced =
        !digits.ends_with('_') && !digits.contains("__") && (prefixed || !digits.starts_with('_'));
    if digits.is_empty() || !well_spaced || digits.contains(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(&digits.replace('_', ""), radix).ok()?;
    if negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// Reads a number as Go's `strconv.ParseFloat(text, 64)`, hexadecimal floats apart.
fn parse_float(text: &str) -> Option<f64> {
    let lower = text.to_ascii_lowercase();
    let bare = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    if matches!(bare, "nan" | "inf" | "infinity") {
        return lower.trim_start_matches('+').parse().ok();
    }
    if !text
        .bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
    {
        return None;
    }
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_follow_sprig() {
        let int = |text: &str| to_int(&Value::from(text));
        assert_eq!(int("12"), 12);
        assert_eq!(int("12.00"), 12);
        assert_eq!(int("12.5"), 0);
        assert_eq!(int("010"), 8);
        assert_eq!(int("08"), 0);
        assert_eq!(int("0x1f"), 31);
        assert_eq!(int("-3"), -3);
        assert_eq!(int(" 3"), 0);
        assert_eq!(to_int(&Value::Float64(3.9)), 3);
        assert_eq!(to_int(&Value::Bool(true)), 1);
        assert_eq!(to_int(&Value::Nil), 0);
        assert!((to_float(&Value::from("1.5e3")) - 1500.0).abs() < f64::EPSILON);
    }
}
