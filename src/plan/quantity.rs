//! Kubernetes quantities: takes two ways to write one, tells whether they are the same amount,
//! never rounds.

use serde_json::Value;

/// Names of fields below which quantities stand.
const PLACES: &[&str] = &[
    "limits",
    "requests",
    "hard",
    "capacity",
    "allocatable",
    "sizeLimit",
    "divisor",
    "averageValue",
    "default",
    "defaultRequest",
    "max",
    "min",
    "maxLimitRequestRatio",
    "overhead",
    "storage",
];

/// Tells whether a quantity may stand at a place.
pub(super) fn is_quantity_path(path: &[String]) -> bool {
    path.iter().any(|part| PLACES.contains(&part.as_str()))
}

/// Tells whether two values are the same quantity.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (nano(left), nano(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// Returns the amount in units of 10⁻⁹, or nothing where it is no quantity or too large.
fn nano(value: &Value) -> Option<i128> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let digits = text
        .char_indices()
        .find(|(index, it)| {
            !(it.is_ascii_digit() || *it == '.' || (*index == 0 && "+-".contains(*it)))
        })
        .map_or(text.len(), |(index, _)| index);
    let (number, suffix) = text.split_at(digits);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.trim_start_matches(['+', '-']).is_empty() && fraction.is_empty() {
        return None;
    }
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    let (base, exponent): (i128, i32) = match suffix {
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "" => (1, 0),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        _ => (1, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    let shift = 9 + exponent - i32::try_from(fraction.len()).ok()?;
    let scaled = mantissa.checked_mul(base)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    if shift >= 0 {
        scaled.checked_mul(power)
    } else {
        (scaled % power == 0).then(|| scaled / power)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_amount_written_in_several_ways() {
        for (left, right) in [
            (json!("1000m"), json!("1")),
            (json!(1), json!("1")),
            (json!(0.5), json!("500m")),
            (json!("1024Mi"), json!("1Gi")),
            (json!("1e3"), json!("1k")),
            (json!("0.5Gi"), json!("512Mi")),
            (json!("1G"), json!("1000M")),
        ] {
            assert!(same(&left, &right), "{left} {right}");
        }
    }

    #[test]
    fn other_amounts_and_what_is_no_quantity() {
        for (left, right) in [
            (json!("1G"), json!("1Gi")),
            (json!("1"), json!("2")),
            (json!("a"), json!("a ")),
            (json!(""), json!("0")),
            (json!("1x"), json!("1")),
        ] {
            assert!(!same(&left, &right), "{left} {right}");
        }
    }
}
