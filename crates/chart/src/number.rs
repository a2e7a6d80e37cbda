//! Go's shortest decimal form of a floating point number: takes Rust's scientific form, gives
//! `strconv.FormatFloat(x, 'g', -1, bits)`, never rounds.

/// Turns `d.ddde±x`, as Rust prints with `{:e}`, into Go's `%g`.
pub(crate) fn shortest(scientific: &str) -> String {
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return match scientific {
            "inf" => "+Inf",
            "-inf" => "-Inf",
            other => other,
        }
        .to_owned();
    };
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |rest| ("-", rest));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits: String = digits.chars().filter(|&c| c != '.').collect();
    if !(-4..6).contains(&exponent) {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign_of_exponent = if exponent < 0 { '-' } else { '+' };
        return format!(
            "{sign}{first}{point}{rest}e{sign_of_exponent}{:02}",
            exponent.abs()
        );
    }
    let point = exponent + 1;
    if point <= 0 {
        let zeros = "0".repeat(usize::try_from(-point).unwrap_or_default());
        return format!("{sign}0.{zeros}{digits}");
    }
    let point = usize::try_from(point).unwrap_or_default();
    if point >= digits.len() {
        let zeros = "0".repeat(point - digits.len());
        return format!("{sign}{digits}{zeros}");
    }
    format!("{sign}{}.{}", &digits[..point], &digits[point..])
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn numbers_look_as_in_go() {
        let show = |value: f32| shortest(&format!("{value:e}"));
        assert_eq!(show(1.1), "1.1");
        assert_eq!(show(0.5), "0.5");
        assert_eq!(show(100_000.0), "100000");
        assert_eq!(show(1_000_000.0), "1e+06");
        assert_eq!(show(1_234_567.0), "1.234567e+06");
        assert_eq!(show(-0.000_01), "-1e-05");
    }
}
