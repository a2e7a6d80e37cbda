//! Formats: takes a format with its arguments, gives the text that `Sprintf` gives, never prints a
//! value itself.

use super::Printer;
use super::layout::Flags;
use crate::value::Value;

/// The largest width, precision or argument number that Go accepts.
const LARGEST: i64 = 1_000_000;

/// Where the scan of a format stands.
struct Scan<'format> {
    format: &'format str,
    at: usize,
    arguments: &'format [Value],
    /// The number of the next argument.
    argument: usize,
    /// The directive before had an argument number.
    reordered: bool,
    good_number: bool,
}

impl Scan<'_> {
    fn byte(&self) -> Option<u8> {
        self.format.as_bytes().get(self.at).copied()
    }

    /// Reads a number; one that is too large ends the format, as in Go.
    fn number(&mut self) -> Option<i64> {
        let mut number = None;
        while let Some(digit) = self.byte().filter(u8::is_ascii_digit) {
            let so_far = number.unwrap_or(0);
            if so_far > LARGEST {
                self.at = self.format.len();
                return None;
            }
            number = Some(so_far * 10 + i64::from(digit - b'0'));
            self.at += 1;
        }
        number
    }

    /// Reads an argument number such as `[2]` and returns whether there was one.
    fn argument_number(&mut self) -> bool {
        if self.byte() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.format[self.at..];
        let Some(close) = rest.find(']').filter(|_| rest.len() >= 3) else {
            self.good_number = false;
            self.at += 1;
            return false;
        };
        let inner = &rest[1..close];
        self.at += close + 1;
        let is_number = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
        let number = inner
            .parse::<usize>()
            .ok()
            .filter(|_| is_number && inner.len() <= 7);
        match number.and_then(|number| number.checked_sub(1)) {
            Some(index) if index < self.arguments.len() => {
                self.argument = index;
                true
            }
            _ => {
                self.good_number = false;
                is_number
            }
        }
    }

    /// Takes a width or precision from the arguments.
    fn star(&mut self) -> Option<i64> {
        let value = self.arguments.get(self.argument)?;
        self.argument += 1;
        let number = match &*value.underlying() {
            Value::Int(number) | Value::Int64(number) => *number,
            Value::Uint8(number) => i64::from(*number),
            Value::Uint64(number) => i64::try_from(*number).ok()?,
            _ => return None,
        };
        (-LARGEST..=LARGEST).contains(&number).then_some(number)
    }
}

impl Printer {
    /// Prints the arguments as the format says.
    pub(crate) fn format(&mut self, format: &str, arguments: &[Value]) {
        let mut scan = Scan {
            format,
            at: 0,
            arguments,
            argument: 0,
            reordered: false,
            good_number: true,
        };
        while scan.at < format.len() && !self.is_full() {
            let text = &format[scan.at..];
            let length = text.find('%').unwrap_or(text.len());
            self.push_str(&text[..length]);
            scan.at += length;
            if scan.at >= format.len() {
                break;
            }
            scan.at += 1;
            scan.good_number = true;
            self.flags = Flags::default();
            if !self.directive(&mut scan) {
                self.push_str("%!(NOVERB)");
                break;
            }
        }
        if !scan.reordered && scan.argument < arguments.len() {
            self.extra(&arguments[scan.argument..]);
        }
        self.flags = Flags::default();
    }

    /// Prints one directive; returns false where the format ends before its verb.
    fn directive(&mut self, scan: &mut Scan<'_>) -> bool {
        while let Some(byte) = scan.byte() {
            match byte {
                b'#' => self.flags.sharp = true,
                b'0' => self.flags.zero = true,
                b'+' => self.flags.plus = true,
                b'-' => self.flags.minus = true,
                b' ' => self.flags.space = true,
                _ => break,
            }
            scan.at += 1;
        }
        let mut after_number = scan.argument_number();
        after_number = self.width(scan, after_number);
        after_number = self.precision(scan, after_number);
        if !after_number {
            scan.argument_number();
        }
        let Some(verb) = scan.format[scan.at..].chars().next() else {
            return false;
        };
        scan.at += verb.len_utf8();
        if verb == '%' {
            self.push_str("%");
        } else if !scan.good_number {
            self.mistake(verb, "(BADINDEX)");
        } else if let Some(value) = scan.arguments.get(scan.argument) {
            if matches!(verb, 'v' | 'w') {
                self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
                self.flags.plus_v = std::mem::take(&mut self.flags.plus);
            }
            self.argument(value, verb);
            scan.argument += 1;
        } else {
            self.mistake(verb, "(MISSING)");
        }
        true
    }

    fn width(&mut self, scan: &mut Scan<'_>, after_number: bool) -> bool {
        if scan.byte() == Some(b'*') {
            scan.at += 1;
            match scan.star() {
                None => self.push_str("%!(BADWIDTH)"),
                Some(width) => {
                    if width < 0 {
                        self.flags.minus = true;
                        self.flags.zero = false;
                    }
                    self.flags.width = usize::try_from(width.unsigned_abs()).ok();
                }
            }
            return false;
        }
        let width = scan.number();
        if after_number && width.is_some() {
            scan.good_number = false;
        }
        self.flags.width = width.and_then(|width| usize::try_from(width).ok());
        after_number
    }

    fn precision(&mut self, scan: &mut Scan<'_>, after_number: bool) -> bool {
        if scan.byte() != Some(b'.') || scan.at + 1 >= scan.format.len() {
            return after_number;
        }
        scan.at += 1;
        if after_number {
            scan.good_number = false;
        }
        let after_number = scan.argument_number();
        if scan.byte() == Some(b'*') {
            scan.at += 1;
            let precision = scan
                .star()
                .and_then(|precision| usize::try_from(precision).ok());
            if precision.is_none() {
                self.push_str("%!(BADPREC)");
            }
            self.flags.precision = precision;
            return false;
        }
        let precision = scan.number().unwrap_or(0);
        self.flags.precision = usize::try_from(precision).ok();
        after_number
    }

    fn mistake(&mut self, verb: char, what: &str) {
        self.push_str("%!");
        self.push_char(verb);
        self.push_str(what);
    }
}
