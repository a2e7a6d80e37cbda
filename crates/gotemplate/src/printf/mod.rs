//! Go's `fmt`: takes values and formats, gives bytes as `Sprint` and `Sprintf` do, never fails
//! (mistakes become text such as `%!d(string=x)`).

mod directive;
mod layout;
mod value;

use crate::meter::MAX_TEXT_BYTES;
use crate::text::Text;
use crate::value::{Kind, Value};
use layout::Flags;

/// A buffer that values are printed to.
#[derive(Debug, Default)]
pub(crate) struct Printer {
    out: Vec<u8>,
    flags: Flags,
    /// Inside `%!d(...)`, where no method is called.
    erroring: bool,
    /// A pointer to a structure is printed as what it points to, as templates do.
    follows_pointers: bool,
    /// How deep the value being printed is nested.
    depth: usize,
    /// The value is nested too deep or is too long, and no more of it is printed.
    overflow: bool,
}

impl Printer {
    /// A printer that shows a structure where it is given a pointer to one.
    pub(crate) fn following_pointers() -> Self {
        Self {
            follows_pointers: true,
            ..Self::default()
        }
    }

    pub(crate) fn into_text(self) -> Text {
        Text::from_bytes(self.out)
    }

    pub(crate) fn into_string(self) -> String {
        match String::from_utf8(self.out) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        }
    }

    /// Returns whether there is no room for more: what was printed is longer than a text may be.
    pub(crate) fn is_full(&mut self) -> bool {
        self.overflow |= self.out.len() > MAX_TEXT_BYTES;
        self.overflow
    }

    /// Prints one value with `%v`.
    pub(crate) fn value(&mut self, value: &Value) {
        self.argument(value, 'v');
    }

    /// Prints values with a space between two of which neither is a string.
    pub(crate) fn print(&mut self, values: &[Value]) {
        let mut after_string = true;
        for value in values {
            let is_string = value.kind() == Kind::String;
            if !is_string && !after_string {
                self.out.push(b' ');
            }
            self.value(value);
            after_string = is_string;
        }
    }

    /// Prints values with a space between each two and a line's end.
    pub(crate) fn print_line(&mut self, values: &[Value]) {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.out.push(b' ');
            }
            self.value(value);
        }
        self.out.push(b'\n');
    }

    fn push_str(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn push_char(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }
}
