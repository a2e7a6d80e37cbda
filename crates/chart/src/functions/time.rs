//! Go's `time.Time`: takes moments, zones and lengths of time, gives moments and their parts, never
//! reads a clock. "Local" is UTC here, for a rendering must not depend on the machine.

use std::fmt;

use super::duration::Duration;
use super::layout::Layout;

/// An offset from UTC with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    /// Seconds east of UTC.
    pub(super) offset: i64,
    /// The abbreviation, such as `CET`.
    pub(super) name: String,
    /// The name of the whole zone, such as `Europe/Berlin`.
    pub(super) location: String,
    /// Whether this is daylight saving time.
    pub(super) summer: bool,
}

impl Default for Zone {
    fn default() -> Self {
        Self {
            offset: 0,
            name: "UTC".to_owned(),
            location: "UTC".to_owned(),
            summer: false,
        }
    }
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Time {
    /// Seconds since 1970 in UTC.
    pub(super) seconds: i64,
    /// Nanoseconds of the second.
    pub(super) nanoseconds: u32,
    /// How it is shown.
    pub(super) zone: Zone,
}

impl Default for Time {
    /// Go's zero time: the first of January of the year 1.
    fn default() -> Self {
        Self {
            seconds: -62_135_596_800,
            nanoseconds: 0,
            zone: Zone::default(),
        }
    }
}

/// The seconds of a day.
pub(super) const DAY: i64 = 86_400;
/// The names of the months.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The names of the days of the week, Sunday first.
pub(super) const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

impl Time {
    fn local(&self) -> i64 {
        self.seconds.saturating_add(self.zone.offset)
    }

    /// Returns year, month and day as shown.
    pub(super) fn date(&self) -> (i64, i64, i64) {
        date_of(self.local().div_euclid(DAY))
    }

    /// Returns the seconds since midnight as shown.
    pub(super) fn seconds_of_day(&self) -> i64 {
        self.local().rem_euclid(DAY)
    }

    /// Returns the day of the week, Sunday being 0.
    pub(super) fn weekday(&self) -> i64 {
        (self.local().div_euclid(DAY) + 4).rem_euclid(7)
    }

    /// Returns the day of the year, from 1.
    pub(super) fn day_of_year(&self) -> i64 {
        let (year, _, _) = self.date();
        self.local().div_euclid(DAY) - days_of(year, 1, 1) + 1
    }

    /// Returns the moment later by a duration.
    pub(super) fn plus(self, by: Duration) -> Self {
        let total = i128::from(self.seconds) * 1_000_000_000
            + i128::from(self.nanoseconds)
            + i128::from(by.0);
        let seconds = total.div_euclid(1_000_000_000);
        Self {
            seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
            nanoseconds: u32::try_from(total.rem_euclid(1_000_000_000)).unwrap_or_default(),
            zone: self.zone,
        }
    }

    /// Returns the moment later by calendar years, months and days.
    pub(super) fn plus_date(&self, years: i64, months: i64, days: i64) -> Self {
        let (year, month, day) = self.date();
        let months = (year + years) * 12 + (month - 1) + months;
        let days = days_of(months.div_euclid(12), months.rem_euclid(12) + 1, 1) + day - 1 + days;
        let seconds = days * DAY + self.seconds_of_day() - self.zone.offset;
        Self {
            seconds,
            ..self.clone()
        }
    }

    /// Returns the nanoseconds from another moment to this one.
    pub(super) fn nanoseconds_since(&self, other: &Self) -> i64 {
        let seconds = i128::from(self.seconds) - i128::from(other.seconds);
        let difference =
            seconds * 1_000_000_000 + i128::from(self.nanoseconds) - i128::from(other.nanoseconds);
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }

    /// Returns the nanoseconds since Go's zero time, by which it rounds.
    fn since_zero(&self) -> i128 {
        let seconds = i128::from(self.seconds) - i128::from(Self::default().seconds);
        seconds * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    /// Returns the moment rounded down to a multiple of a duration.
    pub(super) fn truncated(&self, unit: Duration) -> Self {
        if unit.0 <= 0 {
            return self.clone();
        }
        let rest = self.since_zero().rem_euclid(i128::from(unit.0));
        let rest = i64::try_from(rest).unwrap_or_default();
        self.clone().plus(Duration(-rest))
    }

    /// Returns the moment rounded to a multiple of a duration, halves up.
    pub(super) fn rounded(&self, unit: Duration) -> Self {
        if unit.0 <= 0 {
            return self.clone();
        }
        let unit = i128::from(unit.0);
        let rest = self.since_zero().rem_euclid(unit);
        let by = if rest + rest < unit {
            -rest
        } else {
            unit - rest
        };
        self.clone()
            .plus(Duration(i64::try_from(by).unwrap_or_default()))
    }

    /// Returns the same moment as another zone shows it; an unknown zone is UTC.
    ///
    /// Zones are those of the time zone database that is built in, found by their exact names.
    pub(super) fn in_zone(&self, name: &str) -> Self {
        let known = !matches!(name, "" | "UTC" | "Local");
        let zone = known
            .then(|| {
                let zone = jiff::tz::TimeZoneDatabase::bundled().get(name).ok()?;
                if zone.iana_name() != Some(name) {
                    return None;
                }
                let moment = jiff::Timestamp::from_second(self.seconds).ok()?;
                let info = zone.to_offset_info(moment);
                Some(Zone {
                    offset: i64::from(info.offset().seconds()),
                    name: info.abbreviation().to_owned(),
                    location: name.to_owned(),
                    summer: info.dst().is_dst(),
                })
            })
            .flatten()
            .unwrap_or_else(|| Zone {
                location: if name == "Local" { name } else { "UTC" }.to_owned(),
                ..Zone::default()
            });
        Self {
            zone,
            ..self.clone()
        }
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&Layout("2006-01-02 15:04:05.999999999 -0700 MST").format(self))
    }
}

/// Returns the days since 1970 of a date.
pub(super) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // The calendar repeats every 400 years of 146097 days; years begin in March here.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Returns the name of a month, January being 1.
pub(super) fn month_name(month: i64) -> &'static str {
    MONTHS[usize::try_from(month - 1).unwrap_or_default() % MONTHS.len()]
}

/// Returns the name of a day of the week, Sunday being 0.
pub(super) fn day_name(day: i64) -> &'static str {
    DAYS[usize::try_from(day).unwrap_or_default() % DAYS.len()]
}
