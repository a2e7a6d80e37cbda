//! Go's `time.Duration`: takes texts and numbers, gives nanoseconds and their text form, never
//! reads a clock.

use std::borrow::Cow;
use std::fmt;

use gotemplate::{FunctionError, Host, Parameter, Signature, Value};

/// A length of time in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Duration(pub(super) i64);

const SECOND: i64 = 1_000_000_000;

#[expect(clippy::cast_precision_loss, reason = "Go converts the same way")]
impl Duration {
    pub(super) fn seconds(self) -> f64 {
        (self.0 / SECOND) as f64 + (self.0 % SECOND) as f64 / 1e9
    }

    pub(super) fn minutes(self) -> f64 {
        (self.0 / (60 * SECOND)) as f64 + (self.0 % (60 * SECOND)) as f64 / 60e9
    }

    pub(super) fn hours(self) -> f64 {
        (self.0 / (3600 * SECOND)) as f64 + (self.0 % (3600 * SECOND)) as f64 / 3600e9
    }

    /// Cuts off what is beyond a multiple.
    pub(super) fn truncated(self, unit: i64) -> Self {
        if unit <= 0 {
            return self;
        }
        Self(self.0 - self.0 % unit)
    }

    /// Rounds to the nearest multiple, halves away from zero.
    pub(super) fn rounded(self, unit: i64) -> Self {
        if unit <= 0 {
            return self;
        }
        let rest = self.0 % unit;
        let down = self.0 - rest;
        if rest.unsigned_abs() * 2 < unit.unsigned_abs() {
            return Self(down);
        }
        Self(down.saturating_add(if self.0 < 0 { -unit } else { unit }))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        if size == 0 {
            return formatter.write_str("0s");
        }
        if self.0 < 0 {
            formatter.write_str("-")?;
        }
        let fraction = |value: u64, unit: u64| {
            let text = format!(
                "{:0width$}",
                value % unit,
                width = unit.to_string().len() - 1
            );
            let text = text.trim_end_matches('0').to_owned();
            let point = if unit == 1 || text.is_empty() {
                ""
            } else {
                "."
            };
            let text = if unit == 1 { String::new() } else { text };
            format!("{}{point}{text}", value / unit)
        };
        if size < 1_000 {
            return write!(formatter, "{size}ns");
        }
        if size < 1_000_000 {
            return write!(formatter, "{}µs", fraction(size, 1_000));
        }
        if size < 1_000_000_000 {
            return write!(formatter, "{}ms", fraction(size, 1_000_000));
        }
        let minutes = size / 60_000_000_000;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        if hours > 0 {
            write!(formatter, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(formatter, "{minutes}m")?;
        }
        write!(
            formatter,
            "{}s",
            fraction(size % 60_000_000_000, 1_000_000_000)
        )
    }
}

impl Host for Duration {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("time.Duration")
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Int64(self.0))
    }

    fn display(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        match method {
            "Seconds" | "Minutes" | "Hours" | "Milliseconds" | "Microseconds" | "Nanoseconds"
            | "Abs" | "String" => Some(Signature::fixed(&[])),
            "Round" | "Truncate" => Some(Signature::fixed(&[DURATION])),
            _ => None,
        }
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let unit = || arguments.first().map_or(0, |value| nanoseconds(value).0);
        Ok(match name {
            "Seconds" => Value::Float64(self.seconds()),
            "Minutes" => Value::Float64(self.minutes()),
            "Hours" => Value::Float64(self.hours()),
            "Milliseconds" => Value::Int64(self.0 / 1_000_000),
            "Microseconds" => Value::Int64(self.0 / 1_000),
            "Nanoseconds" => Value::Int64(self.0),
            "Abs" => Value::host(Self(self.0.saturating_abs())),
            "Round" => Value::host(self.rounded(unit())),
            "Truncate" => Value::host(self.truncated(unit())),
            _ => Value::from(self.to_string()),
        })
    }
}

/// The parameter type of Go's functions that take a duration.
pub(super) const DURATION: Parameter = Parameter::HostInteger("time.Duration");

/// Returns the duration of an argument that was checked: a duration, or a constant number of
/// nanoseconds.
pub(super) fn nanoseconds(value: &Value) -> Duration {
    match &*value.underlying() {
        Value::Int64(number) => Duration(*number),
        _ => Duration(0),
    }
}

/// Reads a duration such as `1h2m3.5s`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "fractions are below one unit"
)]
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(Duration(0));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return Err(invalid());
        }
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit_name, after) = after.split_at(end);
        let unit = match unit_name {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3600 * SECOND,
            other => return Err(format!("time: unknown unit {other:?} in duration {text:?}")),
        };
        let whole: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| invalid())?
        };
        let fraction: f64 = format!("0.{fraction}0").parse().unwrap_or(0.0);
        total = whole
            .checked_mul(unit)
            .and_then(|part| part.checked_add((fraction * unit as f64) as i64))
            .and_then(|part| total.checked_add(part))
            .ok_or_else(invalid)?;
        rest = after;
    }
    Ok(Duration(if negative { -total } else { total }))
}

/// Takes what stands for a duration in Helm: a duration, its text, or a number of seconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "range checked"
)]
pub(super) fn of(value: &Value) -> Result<Duration, String> {
    let from_float = |seconds: f64| {
        let nanoseconds = seconds * 1e9;
        if seconds.is_nan() || seconds.is_infinite() {
            return Err(format!("invalid duration seconds: {seconds}"));
        }
        if nanoseconds.abs() > i64::MAX as f64 {
            return Err(format!("duration seconds overflow: {seconds}"));
        }
        Ok(Duration(nanoseconds as i64))
    };
    let from_integer = |seconds: i64| {
        seconds
            .checked_mul(SECOND)
            .map(Duration)
            .ok_or_else(|| format!("duration seconds overflow: {seconds}"))
    };
    match value {
        Value::Nil => Err("invalid duration".to_owned()),
        Value::String(text) => {
            let text = text.to_str();
            let trimmed = text.trim();
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            match (parse(trimmed), trimmed.parse::<f64>()) {
                (Ok(length), _) => Ok(length),
                (_, Ok(seconds)) => from_float(seconds),
                _ => Err(format!("could not parse duration {text:?}")),
            }
        }
        Value::Int(seconds) | Value::Int64(seconds) => from_integer(*seconds),
        Value::Uint8(seconds) => from_integer(i64::from(*seconds)),
        Value::Uint64(seconds) => i64::try_from(*seconds)
            .map_err(|_| format!("duration seconds overflow: {seconds}"))
            .and_then(from_integer),
        Value::Float64(seconds) => from_float(*seconds),
        Value::Host(host) => (&**host as &dyn std::any::Any)
            .downcast_ref::<Duration>()
            .copied()
            .ok_or_else(|| format!("unsupported duration type {}", host.type_name())),
        other => Err(format!("unsupported duration type {}", other.type_name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_write_as_in_go() {
        let show = |text: &str| parse(text).map(|length| length.to_string());
        assert_eq!(show("90m").unwrap(), "1h30m0s");
        assert_eq!(show("1.5s").unwrap(), "1.5s");
        assert_eq!(show("1500us").unwrap(), "1.5ms");
        assert_eq!(show("-2h").unwrap(), "-2h0m0s");
        assert_eq!(show("0").unwrap(), "0s");
        assert_eq!(
            show("3").unwrap_err(),
            "time: missing unit in duration \"3\""
        );
        assert_eq!(Duration(1_500_000_000).rounded(SECOND).to_string(), "2s");
        assert_eq!(of(&Value::Float64(2.5)).unwrap().to_string(), "2.5s");
    }
}
