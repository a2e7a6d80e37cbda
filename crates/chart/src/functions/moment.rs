//! `time.Time` as templates see it: takes moments, gives their methods with Go's signatures, never
//! reads a clock.

use std::borrow::Cow;

use gotemplate::{FunctionError, Host, Kind, Parameter, Signature, Value};

use super::arguments::{int, text};
use super::duration::{self, DURATION, Duration};
use super::layout::Layout;
use super::time::{Time, day_name, month_name};

const NONE: Signature = Signature::fixed(&[]);
const TEXT: Signature = Signature::fixed(&[Parameter::String]);
const OTHER: Signature = Signature::fixed(&[Parameter::Host("time.Time")]);
const LENGTH: Signature = Signature::fixed(&[DURATION]);
const LOCATION: &str = "*time.Location";

/// Returns the time, where the value is one.
pub(super) fn time(value: &Value) -> Option<Time> {
    match value {
        Value::Host(host) => (&**host as &dyn std::any::Any)
            .downcast_ref::<Time>()
            .cloned(),
        _ => None,
    }
}

/// A month or a day of the week: a number with a name.
#[derive(Debug)]
struct Named {
    kind: &'static str,
    number: i64,
    name: &'static str,
}

impl Named {
    fn month(number: i64) -> Self {
        Self {
            kind: "time.Month",
            number,
            name: month_name(number),
        }
    }

    fn weekday(number: i64) -> Self {
        Self {
            kind: "time.Weekday",
            number,
            name: day_name(number),
        }
    }
}

impl Host for Named {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.kind)
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Int(self.number))
    }

    fn display(&self) -> Option<String> {
        Some(self.name.to_owned())
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        (method == "String").then_some(NONE)
    }

    fn method(&self, _: &str, _: &[Value]) -> Result<Value, FunctionError> {
        Ok(self.name.into())
    }
}

/// A time zone.
#[derive(Debug)]
struct Location(String);

impl Host for Location {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(LOCATION)
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn display(&self) -> Option<String> {
        Some(self.0.clone())
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        (method == "String").then_some(NONE)
    }

    fn method(&self, _: &str, _: &[Value]) -> Result<Value, FunctionError> {
        Ok(self.0.as_str().into())
    }
}

/// The bytes of a text, as methods give them that write to a buffer.
fn bytes(text: &str) -> Value {
    Value::Bytes(text.as_bytes().into())
}

impl Time {
    /// What needs no argument.
    fn part(&self, name: &str) -> Value {
        let of_day = self.seconds_of_day();
        let (year, month, day) = self.date();
        let nanoseconds = i64::from(self.nanoseconds);
        match name {
            "Unix" => Value::Int64(self.seconds),
            "UnixMilli" => Value::Int64(
                self.seconds
                    .wrapping_mul(1_000)
                    .wrapping_add(nanoseconds / 1_000_000),
            ),
            "UnixMicro" => Value::Int64(
                self.seconds
                    .wrapping_mul(1_000_000)
                    .wrapping_add(nanoseconds / 1_000),
            ),
            "UnixNano" => Value::Int64(
                self.seconds
                    .wrapping_mul(1_000_000_000)
                    .wrapping_add(nanoseconds),
            ),
            "Year" => Value::Int(year),
            "Month" => Value::host(Named::month(month)),
            "Day" => Value::Int(day),
            "Hour" => Value::Int(of_day / 3600),
            "Minute" => Value::Int(of_day / 60 % 60),
            "Second" => Value::Int(of_day % 60),
            "Nanosecond" => Value::Int(nanoseconds),
            "YearDay" => Value::Int(self.day_of_year()),
            "Weekday" => Value::host(Named::weekday(self.weekday())),
            "UTC" => Value::host(self.in_zone("UTC")),
            "Local" => Value::host(self.in_zone("Local")),
            "Location" => Value::host(Location(self.zone.location.clone())),
            "IsZero" => {
                let zero = Self::default();
                Value::Bool((self.seconds, self.nanoseconds) == (zero.seconds, zero.nanoseconds))
            }
            "IsDST" => Value::Bool(self.zone.summer),
            "MarshalText" => bytes(&self.rfc3339()),
            "MarshalJSON" => bytes(&format!("\"{}\"", self.rfc3339())),
            _ => Value::from(self.to_string()),
        }
    }

    fn rfc3339(&self) -> String {
        Layout("2006-01-02T15:04:05.999999999Z07:00").format(self)
    }
}

impl Host for Time {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("time.Time")
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        const DATE: Signature = Signature::fixed(&[Parameter::Int, Parameter::Int, Parameter::Int]);
        Some(match method {
            "Unix" | "UnixMilli" | "UnixMicro" | "UnixNano" | "Year" | "Month" | "Day" | "Hour"
            | "Minute" | "Second" | "Nanosecond" | "YearDay" | "Weekday" | "UTC" | "Local"
            | "Location" | "IsZero" | "IsDST" | "MarshalText" | "MarshalJSON" | "String" => NONE,
            "Format" => TEXT,
            "AppendFormat" => Signature::fixed(&[Parameter::Bytes, Parameter::String]),
            "Before" | "After" | "Equal" | "Compare" | "Sub" => OTHER,
            "Add" | "Round" | "Truncate" => LENGTH,
            "AddDate" => DATE,
            "In" => Signature::fixed(&[Parameter::Host(LOCATION)]),
            "Date" => {
                Signature::refused(&[], "function Date has 3 return values; should be 1 or 2")
            }
            "Clock" => {
                Signature::refused(&[], "function Clock has 3 return values; should be 1 or 2")
            }
            "Zone" => Signature::refused(
                &[],
                "invalid function signature for Zone: second return value should be error; is int",
            ),
            "ISOWeek" => Signature::refused(
                &[],
                "invalid function signature for ISOWeek: second return value should be error; is int",
            ),
            "ZoneBounds" => Signature::refused(
                &[],
                "invalid function signature for ZoneBounds: second return value should be error; is time.Time",
            ),
            _ => return None,
        })
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let other = || arguments.first().and_then(time).unwrap_or_default();
        let length = || {
            let value = arguments.first().cloned().unwrap_or_default();
            duration::nanoseconds(&value)
        };
        let since = || self.nanoseconds_since(&other());
        Ok(match name {
            "Format" => Layout(&text(arguments, 0)).format(self).into(),
            "AppendFormat" => {
                let mut written = super::arguments::bytes(arguments, 0).to_vec();
                written.extend_from_slice(Layout(&text(arguments, 1)).format(self).as_bytes());
                Value::Bytes(written.into())
            }
            "Before" => Value::Bool(since() < 0),
            "After" => Value::Bool(since() > 0),
            "Equal" => Value::Bool(since() == 0),
            "Compare" => Value::Int(since().signum()),
            "Sub" => Value::host(Duration(since())),
            "Add" => Value::host(self.clone().plus(length())),
            "Round" => Value::host(self.rounded(length())),
            "Truncate" => Value::host(self.truncated(length())),
            "AddDate" => {
                Value::host(self.plus_date(int(arguments, 0), int(arguments, 1), int(arguments, 2)))
            }
            "In" => match arguments {
                [Value::Host(host)] => {
                    Value::host(self.in_zone(&host.display().unwrap_or_default()))
                }
                _ => return Err("time: missing Location in call to Time.In".into()),
            },
            name => self.part(name),
        })
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let since = self.seconds.saturating_sub(Self::default().seconds);
        Some(vec![
            ("wall", Value::Uint64(u64::from(self.nanoseconds))),
            ("ext", Value::Int64(since)),
            ("loc", Value::host(Location(self.zone.location.clone()))),
        ])
    }

    fn display(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn go_string(&self) -> Option<String> {
        let (year, month, day) = self.date();
        let of_day = self.seconds_of_day();
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        let zone = match self.zone.location.as_str() {
            "" | "UTC" => "time.UTC".to_owned(),
            "Local" => "time.Local".to_owned(),
            other => format!("time.Location({other:?})"),
        };
        let month = month_name(month);
        let nanoseconds = self.nanoseconds;
        Some(format!(
            "time.Date({year}, time.{month}, {day}, {hour}, {minute}, {second}, {nanoseconds}, {zone})"
        ))
    }

    fn json(&self) -> Option<serde_json::Value> {
        Some(self.rfc3339().into())
    }
}
