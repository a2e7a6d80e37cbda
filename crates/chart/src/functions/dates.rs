//! Sprig's functions on dates and Helm's on durations: takes times, texts and Go layouts, gives
//! the other, reads the clock only through the run's context.

use gotemplate::{Call, FunctionError, FunctionTable, Parameter, Signature, Value};

use super::arguments::{ANY, Outcome, any, text};
use super::duration::{self, Duration};
use super::layout::Layout;
use super::moment::time;
use super::time::{Time, Zone};
use crate::context::context;

const TEXT_ANY: Signature = Signature::fixed(&[Parameter::String, Parameter::Any]);
const TIME: Parameter = Parameter::Host("time.Time");

pub(super) fn register(table: &mut FunctionTable) {
    table.register("now", Signature::fixed(&[]), |call, _| {
        Ok(Value::host(now(call)?))
    });
    table.register("date", TEXT_ANY, |call, a| {
        formatted(call, &text(a, 0), &any(a, 1), "Local")
    });
    table.register("htmlDate", ANY, |call, a| {
        formatted(call, "2006-01-02", &any(a, 0), "Local")
    });
    let signature = Signature::fixed(&[Parameter::Any, Parameter::String]);
    table.register("htmlDateInZone", signature, |call, a| {
        formatted(call, "2006-01-02", &any(a, 0), &text(a, 1))
    });
    let signature = Signature::fixed(&[Parameter::String, Parameter::Any, Parameter::String]);
    for name in ["dateInZone", "date_in_zone"] {
        table.register(name, signature, |call, a| {
            formatted(call, &text(a, 0), &any(a, 1), &text(a, 2))
        });
    }
    let signature = Signature::fixed(&[Parameter::String, TIME]);
    for name in ["dateModify", "date_modify"] {
        table.register(name, signature, |_, a| {
            let moved = duration::parse(&text(a, 0))
                .ok()
                .and_then(|by| Some(time(&any(a, 1))?.plus(by)));
            Ok(moved.map_or_else(|| any(a, 1), Value::host))
        });
    }
    for name in ["mustDateModify", "must_date_modify"] {
        table.register(name, signature, |_, a| {
            let by = duration::parse(&text(a, 0)).map_err(FunctionError::new)?;
            Ok(Value::host(time(&any(a, 1)).unwrap_or_default().plus(by)))
        });
    }
    let signature = Signature::fixed(&[Parameter::String, Parameter::String]);
    table.register("toDate", signature, |_, a| {
        let found = Layout(&text(a, 0)).parse(&text(a, 1)).unwrap_or_default();
        Ok(Value::host(found))
    });
    table.register("mustToDate", signature, |_, a| {
        Ok(Value::host(
            Layout(&text(a, 0))
                .parse(&text(a, 1))
                .map_err(FunctionError::new)?,
        ))
    });
    table.register("unixEpoch", Signature::fixed(&[TIME]), |_, a| {
        Ok(time(&any(a, 0))
            .unwrap_or_default()
            .seconds
            .to_string()
            .into())
    });
    table.register("ago", ANY, |call, a| {
        let now = now(call)?;
        let then = moment(&any(a, 0)).unwrap_or_else(|| now.clone());
        let seconds = Duration(now.nanoseconds_since(&then)).rounded(1_000_000_000);
        Ok(seconds.to_string().into())
    });
    table.register("duration", ANY, |_, a| {
        let seconds = match any(a, 0) {
            Value::String(text) => text.to_str().parse().unwrap_or(0),
            Value::Int64(number) => number,
            _ => 0,
        };
        Ok(Duration(seconds.wrapping_mul(1_000_000_000))
            .to_string()
            .into())
    });
    table.register("durationRound", ANY, |call, a| {
        let value = any(a, 0);
        let length = match &value {
            Value::String(text) => duration::parse(&text.to_str()).unwrap_or_default(),
            Value::Int64(number) => Duration(*number),
            other => match time(other) {
                Some(then) => Duration(now(call)?.nanoseconds_since(&then)),
                None => Duration(0),
            },
        };
        Ok(coarse(length).into())
    });
    register_durations(table);
}

/// Takes one measure of a duration.
type Part = fn(Duration) -> Value;

fn register_durations(table: &mut FunctionTable) {
    table.register("mustToDuration", ANY, |_, a| {
        Ok(Value::host(
            duration::of(&any(a, 0)).map_err(FunctionError::new)?,
        ))
    });
    let parts: [(&str, Part); 8] = [
        ("durationSeconds", |d| Value::Float64(d.seconds())),
        ("durationMilliseconds", |d| Value::Int64(d.0 / 1_000_000)),
        ("durationMicroseconds", |d| Value::Int64(d.0 / 1_000)),
        ("durationNanoseconds", |d| Value::Int64(d.0)),
        ("durationMinutes", |d| Value::Float64(d.minutes())),
        ("durationHours", |d| Value::Float64(d.hours())),
        ("durationDays", |d| Value::Float64(d.hours() / 24.0)),
        ("durationWeeks", |d| Value::Float64(d.hours() / 24.0 / 7.0)),
    ];
    for (name, part) in parts {
        table.register(name, ANY, move |_, a| {
            Ok(part(duration::of(&any(a, 0)).unwrap_or_default()))
        });
    }
    let signature = Signature::fixed(&[Parameter::Any, Parameter::Any]);
    table.register("durationRoundTo", signature, |_, a| {
        let length = duration::of(&any(a, 0)).unwrap_or_default();
        let unit = duration::of(&any(a, 1)).unwrap_or_default();
        Ok(Value::host(length.rounded(unit.0)))
    });
    table.register("durationTruncateTo", signature, |_, a| {
        let length = duration::of(&any(a, 0)).unwrap_or_default();
        let unit = duration::of(&any(a, 1)).unwrap_or_default();
        Ok(Value::host(length.truncated(unit.0)))
    });
}

fn now(call: &Call<'_>) -> Result<Time, FunctionError> {
    let context = context(call)?;
    context.note(call);
    let (seconds, nanoseconds) = context.now();
    Ok(Time {
        seconds,
        nanoseconds,
        zone: Zone::default(),
    })
}

/// Returns the time that a value stands for: seconds since 1970 are one, too.
fn moment(value: &Value) -> Option<Time> {
    match value {
        Value::Int(seconds) | Value::Int64(seconds) => Some(Time {
            seconds: *seconds,
            nanoseconds: 0,
            zone: Zone::default(),
        }),
        other => time(other),
    }
}

fn formatted(call: &Call<'_>, layout: &str, value: &Value, zone: &str) -> Outcome {
    let moment = match moment(value) {
        Some(moment) => moment,
        // Sprig takes the present for what is no time.
        None => now(call)?,
    };
    Ok(Layout(layout).format(&moment.in_zone(zone)).into())
}

fn coarse(length: Duration) -> String {
    const UNITS: [(u64, &str); 6] = [
        (365 * 24 * 3600, "y"),
        (30 * 24 * 3600, "mo"),
        (24 * 3600, "d"),
        (3600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    let size = length.0.unsigned_abs();
    UNITS
        .iter()
        .map(|(seconds, unit)| (seconds * 1_000_000_000, unit))
        .find(|(unit, _)| size > *unit)
        .map_or_else(
            || "0s".to_owned(),
            |(unit, name)| format!("{}{name}", size / unit),
        )
}
