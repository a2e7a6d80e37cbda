//! Go's printing for the embedding program: takes values, gives what `fmt` and `strconv` print,
//! never writes anywhere.

use crate::printf::Printer;
use crate::text::Text;
use crate::value::Value;

/// Returns what `fmt.Sprint(value)` gives: `%v`.
pub fn display(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_str().into_owned(),
        other => {
            let mut printer = Printer::default();
            printer.value(other);
            printer.into_string()
        }
    }
}

/// Returns what `fmt.Sprintf` gives.
pub fn sprintf(format: &str, arguments: &[Value]) -> Text {
    let mut printer = Printer::default();
    printer.format(format, arguments);
    printer.into_text()
}

/// Returns what `fmt.Sprint` gives for several values.
pub fn sprint(arguments: &[Value]) -> Text {
    let mut printer = Printer::default();
    printer.print(arguments);
    printer.into_text()
}

/// Returns what `strconv.Quote` gives.
pub fn quote(text: &str) -> String {
    crate::quote::quote(text.as_bytes(), b'"', false)
}

/// Returns what `strconv.FormatFloat(value, format, precision, 64)` gives, for the formats `e`,
/// `E`, `f`, `g` and `G`; no precision stands for the fewest digits that read back the same.
pub fn float(value: f64, format: char, precision: Option<usize>) -> String {
    crate::number::format_float(value, format, precision)
}
