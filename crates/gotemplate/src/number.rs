//! Numbers as text: takes numbers or Go's literals for them, gives the other as `strconv` does,
//! never rounds other than to the nearest.

/// Parses an integer literal with `strconv.ParseInt(text, 0, 64)`'s syntax into sign and
/// magnitude.
fn parse_magnitude(text: &str) -> Option<(bool, u64)> {
    let (negative, digits) = split_sign(text);
    if digits.contains('_') && !underscores_fit(digits) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    let (radix, number) = if let Some(number) = lower.strip_prefix("0x") {
        (16, number)
    } else if let Some(number) = lower.strip_prefix("0b") {
        (2, number)
    } else if let Some(number) = lower.strip_prefix("0o") {
        (8, number)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, &lower[1..])
    } else {
        (10, lower.as_str())
    };
    let number = number.replace('_', "");
    if number.is_empty() || !number.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    Some((negative, u64::from_str_radix(&number, radix).ok()?))
}

/// `strconv.ParseInt(text, 0, 64)`.
pub(crate) fn parse_int(text: &str) -> Option<i64> {
    let (negative, magnitude) = parse_magnitude(text)?;
    if negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// `strconv.ParseUint(text, 0, 64)`, which takes no sign.
pub(crate) fn parse_uint(text: &str) -> Option<u64> {
    if text.starts_with(['+', '-']) {
        None
    } else {
        parse_magnitude(text).map(|(_, value)| value)
    }
}

/// `strconv.ParseFloat(text, 64)` for what the lexer lets through; out of range is refused.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let (negative, digits) = split_sign(text);
    if digits.contains('_') && !underscores_fit(digits) {
        return None;
    }
    let plain = digits.replace('_', "").to_ascii_lowercase();
    let value = match plain.strip_prefix("0x") {
        Some(hexadecimal) => parse_hexadecimal(hexadecimal)?,
        None if plain.starts_with(|first: char| first.is_ascii_digit() || first == '.') => {
            plain.parse().ok()?
        }
        None => return None,
    };
    value
        .is_finite()
        .then_some(if negative { -value } else { value })
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// Underscores may stand only between digits, or between a base prefix and a digit.
fn underscores_fit(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let prefixed = bytes.len() >= 2
        && bytes[0] == b'0'
        && matches!(bytes[1].to_ascii_lowercase(), b'x' | b'b' | b'o');
    let hexadecimal = prefixed && bytes[1].eq_ignore_ascii_case(&b'x');
    let is_digit = |byte: u8| byte.is_ascii_digit() || hexadecimal && byte.is_ascii_hexdigit();
    bytes.iter().enumerate().all(|(index, &byte)| {
        byte != b'_' || {
            let before = index > 0 && is_digit(bytes[index - 1]) || prefixed && index == 2;
            before && bytes.get(index + 1).is_some_and(|&next| is_digit(next))
        }
    })
}

/// Parses the part of a hexadecimal floating-point literal after `0x`.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let mut exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut bits: u64 = 0;
    let mut sticky = false;
    for (index, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
            exponent -= if index >= whole.len() { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            exponent += if index < whole.len() { 4 } else { 0 };
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "rounding to the nearest is what is wanted"
    )]
    let value = (bits | u64::from(sticky)) as f64;
    // Two steps, so that neither power of two leaves the range on its own.
    let half = exponent.clamp(-2200, 2200) / 2;
    let rest = exponent.clamp(-2200, 2200) - half;
    Some(value * 2_f64.powi(half) * 2_f64.powi(rest))
}

/// No float has more digits, or more places behind the point; further ones are zeros, and the
/// standard library refuses to write very many.
const EXACT: usize = 1100;

/// A decimal number: digits without leading or trailing zeros and the place of the point.
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    /// Where the point stands: `0.digits` times ten to this power.
    point: i32,
}

impl Decimal {
    /// Takes the digits from Rust's scientific form, which has the shortest or exact ones.
    fn new(value: f64, digits: Option<usize>) -> Self {
        let text = match digits {
            None => format!("{:e}", value.abs()),
            Some(digits) => {
                let digits = digits.saturating_sub(1).min(EXACT);
                format!("{:.*e}", digits, value.abs())
            }
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let mut digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let point = if digits.is_empty() {
            0
        } else {
            exponent.parse::<i32>().unwrap_or_default() + 1
        };
        Self {
            negative: value.is_sign_negative(),
            digits,
            point,
        }
    }

    fn exponential(&self, precision: usize, mark: char) -> String {
        let mut text = self.sign();
        text.push(char::from(self.digits.first().copied().unwrap_or(b'0')));
        if precision > 0 {
            text.push('.');
            for index in 1..=precision {
                text.push(char::from(self.digits.get(index).copied().unwrap_or(b'0')));
            }
        }
        let exponent = if self.digits.is_empty() {
            0
        } else {
            self.point - 1
        };
        text.push(mark);
        text.push(if exponent < 0 { '-' } else { '+' });
        if exponent.abs() < 10 {
            text.push('0');
        }
        text.push_str(&exponent.unsigned_abs().to_string());
        text
    }

    fn fixed(&self, precision: usize) -> String {
        let mut text = self.sign();
        let digit = |place: i32| {
            let digit = usize::try_from(place)
                .ok()
                .and_then(|place| self.digits.get(place));
            char::from(digit.copied().unwrap_or(b'0'))
        };
        if self.point > 0 {
            text.extend((0..self.point).map(digit));
        } else {
            text.push('0');
        }
        if precision > 0 {
            text.push('.');
            let precision = i32::try_from(precision).unwrap_or(i32::MAX / 2);
            text.extend((self.point..self.point + precision).map(digit));
        }
        text
    }

    fn sign(&self) -> String {
        if self.negative {
            "-".to_owned()
        } else {
            String::new()
        }
    }
}

/// `strconv.FormatFloat(value, format, precision, 64)`; no precision gives the fewest digits that
/// read back the same.
pub(crate) fn format_float(value: f64, format: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 {
            "+Inf".to_owned()
        } else {
            "-Inf".to_owned()
        };
    }
    match format {
        'e' | 'E' => {
            let decimal = Decimal::new(value, precision.map(|precision| precision + 1));
            let shown = precision.unwrap_or(decimal.digits.len().saturating_sub(1));
            decimal.exponential(shown, format)
        }
        'f' | 'F' => {
            if let Some(precision) = precision {
                let exact = precision.min(EXACT);
                let mut text = format!("{value:.exact$}");
                text.extend(std::iter::repeat_n('0', precision - exact));
                return text;
            }
            let decimal = Decimal::new(value, None);
            let places = i64::try_from(decimal.digits.len()).unwrap_or(0);
            decimal.fixed(usize::try_from(places - i64::from(decimal.point)).unwrap_or(0))
        }
        'b' => binary(value),
        'x' | 'X' => hexadecimal(value, format, precision),
        _ => general(value, if format == 'G' { 'E' } else { 'e' }, precision),
    }
}

/// `%g`: scientific for large and small exponents, plain otherwise.
fn general(value: f64, mark: char, precision: Option<usize>) -> String {
    let wanted = precision.map(|precision| precision.max(1));
    let decimal = Decimal::new(value, wanted);
    let count = decimal.digits.len();
    let places = i32::try_from(count).unwrap_or(i32::MAX);
    let threshold = match wanted {
        None => 6,
        Some(wanted) => {
            let wanted = i32::try_from(wanted).unwrap_or(i32::MAX);
            if wanted > places && places >= decimal.point {
                places
            } else {
                wanted
            }
        }
    };
    let exponent = decimal.point - 1;
    if exponent < -4 || exponent >= threshold {
        let shown = wanted.map_or(count, |wanted| wanted.min(count));
        return decimal.exponential(shown.saturating_sub(1), mark);
    }
    decimal.fixed(usize::try_from(places - decimal.point).unwrap_or(0))
}

/// The binary parts of a finite number: `mantissa * 2^exponent`.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = (bits >> 52 & 0x7ff) as i32;
    if exponent == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, exponent - 1075)
    }
}

/// `%b`: the mantissa and the power of two.
fn binary(value: f64) -> String {
    let (mantissa, exponent) = parts(value);
    let sign = if value.is_sign_negative() { "-" } else { "" };
    format!("{sign}{mantissa}p{exponent:+}")
}

/// `%x`: `0x1.8p+01`.
fn hexadecimal(value: f64, format: char, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(value);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // The leading one at bit 60, so that the fraction is fifteen whole digits.
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - i32::try_from(shift).unwrap_or(0);
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let dropped = 60 - 4 * precision;
        let (rest, half) = (mantissa & ((1 << dropped) - 1), 1 << (dropped - 1));
        mantissa >>= dropped;
        if rest > half || rest == half && mantissa & 1 == 1 {
            mantissa += 1;
        }
        mantissa <<= dropped;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    match precision {
        Some(precision) => {
            fraction.truncate(precision);
            while fraction.len() < precision {
                fraction.push('0');
            }
        }
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    let way = if exponent < 0 { '-' } else { '+' };
    let text = format!(
        "{sign}0x{}{point}{fraction}p{way}{:02}",
        mantissa >> 60,
        exponent.unsigned_abs()
    );
    if format == 'X' {
        text.to_uppercase()
    } else {
        text
    }
}
