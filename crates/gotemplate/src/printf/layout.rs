//! Flags, widths and precisions: takes digits and strings, gives them padded and cut as a
//! directive asks, never looks at values.

use super::Printer;
use crate::quote::{Decoded, can_backquote, decode, quote};

/// What stands between `%` and the verb.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one character of a directive"
)]
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`, which shows the names of fields.
    pub(super) plus_v: bool,
    /// `%#v`.
    pub(super) sharp_v: bool,
}

const LOWER: &[u8; 17] = b"0123456789abcdefx";
const UPPER: &[u8; 17] = b"0123456789ABCDEFX";

/// Returns the byte length of the first characters, counting bytes that are none.
fn prefix(bytes: &[u8], characters: usize) -> usize {
    let mut length = 0;
    for _ in 0..characters {
        if length >= bytes.len() {
            break;
        }
        length += match decode(&bytes[length..]) {
            Decoded::Character(_, size) => size,
            Decoded::Invalid(_) => 1,
        };
    }
    length
}

fn count_characters(bytes: &[u8]) -> usize {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.chars().count();
    }
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        at += prefix(&bytes[at..], 1);
        count += 1;
    }
    count
}

impl Printer {
    pub(super) fn padding(&mut self, count: usize) {
        let byte = if self.flags.zero && !self.flags.minus {
            b'0'
        } else {
            b' '
        };
        self.out.resize(self.out.len() + count, byte);
    }

    /// Writes bytes, padded to the width.
    pub(super) fn pad(&mut self, bytes: &[u8]) {
        let Some(width) = self.flags.width.filter(|width| *width > 0) else {
            self.out.extend_from_slice(bytes);
            return;
        };
        let missing = width.saturating_sub(count_characters(bytes));
        if self.flags.minus {
            self.out.extend_from_slice(bytes);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.out.extend_from_slice(bytes);
        }
    }

    /// Writes bytes padded with spaces whatever the flag says.
    fn pad_with_spaces(&mut self, bytes: &[u8]) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(bytes);
        self.flags.zero = zero;
    }

    /// `%s`.
    pub(super) fn plain(&mut self, bytes: &[u8]) {
        let length = self
            .flags
            .precision
            .map_or(bytes.len(), |precision| prefix(bytes, precision));
        self.pad(&bytes[..length]);
    }

    /// `%q`.
    pub(super) fn quoted(&mut self, bytes: &[u8]) {
        let length = self
            .flags
            .precision
            .map_or(bytes.len(), |precision| prefix(bytes, precision));
        let bytes = &bytes[..length];
        if self.flags.sharp && can_backquote(bytes) {
            self.pad(&[b"`", bytes, b"`"].concat());
        } else {
            let quoted = quote(bytes, b'"', self.flags.plus);
            self.pad(quoted.as_bytes());
        }
    }

    /// `%x` and `%X` of strings.
    pub(super) fn hexadecimal(&mut self, bytes: &[u8], upper: bool) {
        let digits = if upper { UPPER } else { LOWER };
        let Flags {
            width,
            precision,
            space,
            sharp,
            minus,
            ..
        } = self.flags;
        let shown = precision.map_or(bytes.len(), |precision| precision.min(bytes.len()));
        if shown == 0 {
            self.padding(width.unwrap_or(0));
            return;
        }
        let length = match (space, sharp) {
            (true, true) => shown * 4 + shown - 1,
            (true, false) => shown * 2 + shown - 1,
            (false, true) => shown * 2 + 2,
            (false, false) => shown * 2,
        };
        let missing = width.unwrap_or(0).saturating_sub(length);
        if !minus {
            self.padding(missing);
        }
        for (index, byte) in bytes[..shown].iter().enumerate() {
            if space && index > 0 {
                self.out.push(b' ');
            }
            if sharp && (space || index == 0) {
                self.out.extend_from_slice(&[b'0', digits[16]]);
            }
            self.out.push(digits[usize::from(byte >> 4)]);
            self.out.push(digits[usize::from(byte & 15)]);
        }
        if minus {
            self.padding(missing);
        }
    }

    /// Integers in any base; `verb` is `O` for the prefix `0o`.
    pub(super) fn integer(&mut self, negative: bool, magnitude: u64, base: u64, verb: char) {
        let digits = if verb == 'X' { UPPER } else { LOWER };
        let Flags {
            width,
            precision,
            minus,
            plus,
            space,
            sharp,
            zero,
            ..
        } = self.flags;
        let mut least = 0;
        if let Some(precision) = precision {
            least = precision;
            if precision == 0 && magnitude == 0 {
                let zero = std::mem::take(&mut self.flags.zero);
                self.padding(width.unwrap_or(0));
                self.flags.zero = zero;
                return;
            }
        } else if let Some(width) = width.filter(|_| zero && !minus) {
            least = width - usize::from(width > 0 && (negative || plus || space));
        }
        // Written backwards.
        let mut number = Vec::with_capacity(24);
        let mut rest = magnitude;
        loop {
            number.push(digits[usize::try_from(rest % base).unwrap_or(0)]);
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        if number.len() < least {
            number.resize(least, b'0');
        }
        if sharp {
            match base {
                2 => number.extend_from_slice(b"b0"),
                8 if number.last() != Some(&b'0') => number.push(b'0'),
                16 => number.extend_from_slice(&[digits[16], b'0']),
                _ => {}
            }
        }
        if verb == 'O' {
            number.extend_from_slice(b"o0");
        }
        if negative {
            number.push(b'-');
        } else if plus {
            number.push(b'+');
        } else if space {
            number.push(b' ');
        }
        number.reverse();
        self.pad_with_spaces(&number);
    }

    /// `%c`.
    pub(super) fn character(&mut self, code: u64) {
        self.pad(rune(code).encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// `%q` of integers.
    pub(super) fn quoted_character(&mut self, code: u64) {
        let quoted = quote(
            rune(code).encode_utf8(&mut [0; 4]).as_bytes(),
            b'\'',
            self.flags.plus,
        );
        self.pad(quoted.as_bytes());
    }

    /// `%U`.
    pub(super) fn unicode(&mut self, code: u64) {
        let digits = self.flags.precision.unwrap_or(4).max(4);
        let hexadecimal = format!("{code:X}");
        let zeros = "0".repeat(digits.saturating_sub(hexadecimal.len()));
        let mut text = format!("U+{zeros}{hexadecimal}");
        if self.flags.sharp
            && let Some(character) = u32::try_from(code).ok().and_then(char::from_u32)
            && crate::printable::is_printable(character)
        {
            text.push_str(" '");
            text.push(character);
            text.push('\'');
        }
        self.pad_with_spaces(text.as_bytes());
    }

    /// Floating-point numbers; the precision is that of the verb unless the directive has one.
    pub(super) fn float(&mut self, value: f64, verb: char, usual: Option<usize>) {
        let precision = self.flags.precision.or(usual);
        let text = crate::number::format_float(value, verb, precision);
        let (sign, digits) = match text.as_bytes()[0] {
            sign @ (b'+' | b'-') => (sign, text[1..].to_owned()),
            _ => (b'+', text),
        };
        let Flags { plus, space, .. } = self.flags;
        let shown_sign = match sign {
            b'+' if plus => Some(b'+'),
            b'+' if space => Some(b' '),
            b'+' => None,
            _ => Some(b'-'),
        };
        if !value.is_finite() {
            // Infinity keeps its sign, and neither is padded with zeros.
            let sign = if value.is_infinite() {
                shown_sign.or(Some(b'+'))
            } else {
                shown_sign
            };
            let text: Vec<u8> = sign.into_iter().chain(digits.bytes()).collect();
            self.pad_with_spaces(&text);
            return;
        }
        let digits = if self.flags.sharp && verb != 'b' {
            with_point(&digits, verb, precision)
        } else {
            digits
        };
        if let Some(sign) = shown_sign {
            let width = self.flags.width.unwrap_or(0);
            if self.flags.zero && !self.flags.minus && width > digits.len() + 1 {
                self.out.push(sign);
                self.padding(width - digits.len() - 1);
                self.push_str(&digits);
                return;
            }
        }
        let text: Vec<u8> = shown_sign.into_iter().chain(digits.bytes()).collect();
        self.pad(&text);
    }
}

/// `%#g`: the point is kept, and so are zeros after it up to the precision.
fn with_point(number: &str, verb: char, precision: Option<usize>) -> String {
    let is_hexadecimal = matches!(verb, 'x' | 'X');
    let marks: &[char] = if is_hexadecimal {
        &['p', 'P']
    } else {
        &['e', 'E']
    };
    let split = number.find(marks).unwrap_or(number.len());
    let (mantissa, tail) = number.split_at(split);
    let mut wanted = match verb {
        'v' | 'g' | 'G' | 'x' => precision.unwrap_or(6),
        _ => 0,
    };
    let mut significant = false;
    for digit in mantissa.bytes().filter(|digit| *digit != b'.') {
        significant |= digit != b'0';
        if significant {
            wanted = wanted.saturating_sub(1);
        }
    }
    let mut text = mantissa.to_owned();
    if !mantissa.contains('.') {
        if mantissa == "0" {
            wanted = wanted.saturating_sub(1);
        }
        text.push('.');
    }
    text.extend(std::iter::repeat_n('0', wanted));
    text.push_str(tail);
    text
}

/// The character of a number, or U+FFFD.
fn rune(code: u64) -> char {
    u32::try_from(code)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or('\u{fffd}')
}
