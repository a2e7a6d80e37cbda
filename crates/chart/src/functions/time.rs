//! Go's `time.Time` and its layouts: takes moments and layouts such as `2006-01-02`, gives texts
//! and the other way round, never reads a clock. "Local" is UTC here.

use std::fmt;

use super::duration::Duration;

/// An offset from UTC with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Zone {
    /// Seconds east of UTC.
    pub(super) offset: i64,
    /// The abbreviation, such as `CET`.
    pub(super) name: String,
}

impl Default for Zone {
    fn default() -> Self {
        Self {
            offset: 0,
            name: "UTC".to_owned(),
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

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] = [
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
const DAYS: [&str; 7] = [
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

    /// Returns the same moment as another zone shows it; an unknown zone is UTC.
    pub(super) fn in_zone(&self, name: &str) -> Self {
        let known = !matches!(name, "" | "UTC" | "Local");
        let zone = known
            .then(|| {
                let zone = jiff::tz::TimeZone::get(name).ok()?;
                let moment = jiff::Timestamp::from_second(self.seconds).ok()?;
                let info = zone.to_offset_info(moment);
                Some(Zone {
                    offset: i64::from(info.offset().seconds()),
                    name: info.abbreviation().to_owned(),
                })
            })
            .flatten()
            .unwrap_or_default();
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
fn days_of(year: i64, month: i64, day: i64) -> i64 {
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

/// A layout written as Go's reference time.
pub(super) struct Layout<'a>(pub(super) &'a str);

/// The parts of a layout, longer ones before their beginnings.
const PARTS: [&str; 37] = [
    "January",
    "Jan",
    "Monday",
    "Mon",
    "MST",
    "2006",
    "Z070000",
    "Z07:00:00",
    "Z0700",
    "Z07:00",
    "Z07",
    "-070000",
    "-07:00:00",
    "-0700",
    "-07:00",
    "-07",
    "002",
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "15",
    "__2",
    "_2006",
    "_2",
    "PM",
    "pm",
    "1",
    "2",
    "3",
    "4",
    "5",
    ".0",
    ".9",
    ",0",
];

/// Takes the first part off a layout: what stands before it, the part, the rest.
fn split(layout: &str) -> Option<(&str, &str, &str)> {
    for (at, _) in layout.char_indices() {
        let here = &layout[at..];
        let Some(part) = PARTS.iter().find(|part| here.starts_with(**part)) else {
            continue;
        };
        match *part {
            // A literal underscore before a year.
            "_2006" => return Some((&layout[..=at], "2006", &here[5..])),
            ".0" | ".9" | ",0" => {
                let digit = char::from(here.as_bytes()[1]);
                let digits = here[1..].find(|c| c != digit).unwrap_or(here.len() - 1) + 1;
                if !here[digits..].starts_with(|c: char| c.is_ascii_digit()) {
                    return Some((&layout[..at], &here[..digits], &here[digits..]));
                }
            }
            "Jan" | "Mon" if here[3..].starts_with(|c: char| c.is_ascii_lowercase()) => {}
            part => return Some((&layout[..at], part, &here[part.len()..])),
        }
    }
    None
}

impl Layout<'_> {
    /// Writes a moment.
    pub(super) fn format(&self, time: &Time) -> String {
        let mut out = String::new();
        let mut rest = self.0;
        while let Some((before, part, after)) = split(rest) {
            out.push_str(before);
            out.push_str(&shown(part, time));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// Reads a moment.
    pub(super) fn parse(&self, text: &str) -> Result<Time, String> {
        let layout = self.0;
        let failed = |at: &str, part: &str| {
            format!("parsing time {text:?} as {layout:?}: cannot parse {at:?} as {part:?}")
        };
        let (mut year, mut month, mut day) = (0, 1, 1);
        let (mut hour, mut minute, mut second, mut nanoseconds) = (0, 0, 0, 0_u32);
        let (mut afternoon, mut zone) = (None, Zone::default());
        let mut rest = layout;
        let mut value = text;
        while let Some((before, part, after)) = split(rest) {
            value = value
                .strip_prefix(before)
                .ok_or_else(|| failed(value, before))?;
            let wrong = || failed(value, part);
            let name = |names: &[&str], length: Option<usize>| {
                names.iter().zip(0_i64..).find_map(|(name, index)| {
                    let name = &name[..length.unwrap_or(name.len())];
                    let head = value.get(..name.len())?;
                    head.eq_ignore_ascii_case(name)
                        .then(|| (index, &value[name.len()..]))
                })
            };
            match part {
                "2006" => (year, value) = digits(value, 4).ok_or_else(wrong)?,
                "06" => {
                    (year, value) = digits(value, 2).ok_or_else(wrong)?;
                    year += if year >= 69 { 1900 } else { 2000 };
                }
                "January" | "Jan" => {
                    let length = (part == "Jan").then_some(3);
                    let (index, after) = name(&MONTHS, length).ok_or_else(wrong)?;
                    (month, value) = (index + 1, after);
                }
                "Monday" | "Mon" => {
                    let length = (part == "Mon").then_some(3);
                    (_, value) = name(&DAYS, length).ok_or_else(wrong)?;
                }
                "01" | "1" => (month, value) = digits(value, 2).ok_or_else(wrong)?,
                "02" | "2" => (day, value) = digits(value, 2).ok_or_else(wrong)?,
                "_2" => {
                    let padded = value.trim_start_matches(' ');
                    (day, value) = digits(padded, 2).ok_or_else(wrong)?;
                }
                "15" | "03" | "3" => (hour, value) = digits(value, 2).ok_or_else(wrong)?,
                "04" | "4" => (minute, value) = digits(value, 2).ok_or_else(wrong)?,
                "05" | "5" => {
                    (second, value) = digits(value, 2).ok_or_else(wrong)?;
                    // A fraction may follow the seconds even where the layout has none.
                    if value.starts_with('.') && !after.starts_with('.') {
                        (nanoseconds, value) = fraction(value);
                    }
                }
                "PM" | "pm" => {
                    let (index, after) = name(&["AM", "PM"], None).ok_or_else(wrong)?;
                    (afternoon, value) = (Some(index == 1), after);
                }
                "MST" => {
                    let end = value
                        .find(|c: char| !c.is_ascii_uppercase())
                        .unwrap_or(value.len());
                    value[..end].clone_into(&mut zone.name);
                    value = &value[end..];
                }
                part if part.starts_with(['.', ',']) => (nanoseconds, value) = fraction(value),
                part if part.starts_with(['Z', '-']) => {
                    (zone, value) = offset(part, value).ok_or_else(wrong)?;
                }
                _ => return Err(wrong()),
            }
            rest = after;
        }
        if value != rest {
            return Err(format!("parsing time {text:?}: extra text: {value:?}"));
        }
        let out_of_range = |what: &str| format!("parsing time {text:?}: {what} out of range");
        if !(1..=12).contains(&month) {
            return Err(out_of_range("month"));
        }
        let next_month = days_of(year + month / 12, month % 12 + 1, 1);
        if day < 1 || day > next_month - days_of(year, month, 1) {
            return Err(out_of_range("day"));
        }
        if hour > 23 || minute > 59 || second > 59 {
            let what = if hour > 23 {
                "hour"
            } else if minute > 59 {
                "minute"
            } else {
                "second"
            };
            return Err(out_of_range(what));
        }
        hour = match afternoon {
            Some(true) if hour < 12 => hour + 12,
            Some(false) if hour == 12 => 0,
            _ => hour,
        };
        let seconds = days_of(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
        Ok(Time {
            seconds: seconds - zone.offset,
            nanoseconds,
            zone,
        })
    }
}

/// Takes a number of a few digits off the front.
fn digits(value: &str, most: usize) -> Option<(i64, &str)> {
    let end = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len())
        .min(most);
    Some((value[..end].parse().ok()?, &value[end..]))
}

fn fraction(value: &str) -> (u32, &str) {
    let digits = value.get(1..).unwrap_or_default();
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let nine: String = digits[..end]
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    (nine.parse().unwrap_or(0), &digits[end..])
}

fn offset<'a>(part: &str, value: &'a str) -> Option<(Zone, &'a str)> {
    if part.starts_with('Z') && value.starts_with('Z') {
        return Some((Zone::default(), &value[1..]));
    }
    let head = value.get(..part.len())?;
    let sign = match head.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = head[1..].chars().filter(|&c| c != ':').collect();
    let number = |from: usize| {
        digits
            .get(from..from + 2)
            .map_or(Some(0), |two| two.parse().ok())
    };
    let seconds: i64 = number(0)? * 3600_i64 + number(2)? * 60 + number(4)?;
    let name = if seconds == 0 {
        "UTC".to_owned()
    } else {
        String::new()
    };
    Some((
        Zone {
            offset: sign * seconds,
            name,
        },
        &value[part.len()..],
    ))
}

fn shown(part: &str, time: &Time) -> String {
    let (year, month, day) = time.date();
    let of_day = time.seconds_of_day();
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    match part {
        "January" => month_name(month).to_owned(),
        "Jan" => month_name(month)[..3].to_owned(),
        "Monday" => day_name(time.weekday()).to_owned(),
        "Mon" => day_name(time.weekday())[..3].to_owned(),
        "MST" if time.zone.name.is_empty() => shown("-07", time),
        "MST" => time.zone.name.clone(),
        "2006" => format!("{year:04}"),
        "06" => format!("{:02}", year.rem_euclid(100)),
        "01" => format!("{month:02}"),
        "1" => month.to_string(),
        "02" => format!("{day:02}"),
        "_2" => format!("{day:2}"),
        "2" => day.to_string(),
        "002" => format!("{:03}", time.day_of_year()),
        "__2" => format!("{:3}", time.day_of_year()),
        "15" => format!("{hour:02}"),
        "03" => format!("{twelve:02}"),
        "3" => twelve.to_string(),
        "04" => format!("{minute:02}"),
        "4" => minute.to_string(),
        "05" => format!("{second:02}"),
        "5" => second.to_string(),
        "PM" => if hour >= 12 { "PM" } else { "AM" }.to_owned(),
        "pm" => if hour >= 12 { "pm" } else { "am" }.to_owned(),
        part if part.starts_with(['.', ',']) => {
            let digits = format!("{:09}", time.nanoseconds);
            let digits = &digits[..(part.len() - 1).min(9)];
            let digits = if part.contains('9') {
                digits.trim_end_matches('0')
            } else {
                digits
            };
            if digits.is_empty() {
                String::new()
            } else {
                format!("{}{digits}", &part[..1])
            }
        }
        part if part.starts_with('Z') && time.zone.offset == 0 => "Z".to_owned(),
        part => {
            let sign = if time.zone.offset < 0 { '-' } else { '+' };
            let size = time.zone.offset.abs();
            let (hours, minutes, seconds) = (size / 3600, size / 60 % 60, size % 60);
            match &part[1..] {
                "0700" => format!("{sign}{hours:02}{minutes:02}"),
                "07:00" => format!("{sign}{hours:02}:{minutes:02}"),
                "07" => format!("{sign}{hours:02}"),
                "070000" => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
                _ => format!("{sign}{hours:02}:{minutes:02}:{seconds:02}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_write_and_read() {
        let time = Time {
            seconds: 1_700_000_000,
            nanoseconds: 5_000_000,
            zone: Zone::default(),
        };
        let show = |layout: &str| Layout(layout).format(&time);
        assert_eq!(show("2006-01-02T15:04:05Z07:00"), "2023-11-14T22:13:20Z");
        assert_eq!(show("Mon Jan _2 3:04PM 06"), "Tue Nov 14 10:13PM 23");
        assert_eq!(show("20060102150405.000"), "20231114221320.005");
        assert_eq!(show("January 2, 2006 -0700"), "November 14, 2023 +0000");
        assert_eq!(time.to_string(), "2023-11-14 22:13:20.005 +0000 UTC");
        let read = Layout("2006-01-02T15:04:05-07:00")
            .parse("2023-11-15T00:13:20+02:00")
            .unwrap();
        assert_eq!(read.seconds, 1_700_000_000);
        assert!(Layout("2006-01-02").parse("2023-02-30").is_err());
        assert_eq!(Layout("2006-01-02").format(&Time::default()), "0001-01-01");
        assert_eq!(time.plus_date(0, 3, 20).date(), (2024, 3, 5));
    }
}
