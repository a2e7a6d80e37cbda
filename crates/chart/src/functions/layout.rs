//! Go's layouts of times: takes layouts such as `2006-01-02` with moments or texts, gives texts or
//! moments with Go's complaints, never reads a clock. "Local" is UTC.
//!
//! Source: Go's `time/format.go`.

use super::time::{DAY, DAYS, MONTHS, Time, Zone, day_name, days_of, month_name};

/// A layout written as Go's reference time.
pub(super) struct Layout<'a>(pub(super) &'a str);

/// The parts of a layout, longer ones before their beginnings.
const PARTS: [&str; 38] = [
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
    ",9",
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
            ".0" | ".9" | ",0" | ",9" => {
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

fn is_fraction(part: &str) -> bool {
    part.starts_with(['.', ','])
}

/// Go's own quoting of what it complains about: bytes beyond ASCII by their numbers.
fn quote(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b' '..0x80 => out.push(char::from(byte)),
            _ => write!(out, "\\x{byte:02x}").expect("writing to a string"),
        }
    }
    out.push('"');
    out
}

/// Why a part of a text does not fit its part of the layout.
enum Bad {
    /// It is not of the form.
    Form,
    /// It is of the form, but no such thing exists.
    Range(&'static str),
}

/// Reads a text from its front.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn digit(&self, at: usize) -> Option<i64> {
        let byte = self.rest.get(at).filter(|byte| byte.is_ascii_digit())?;
        Some(i64::from(byte - b'0'))
    }

    /// Takes what stands before a part of the layout; blanks stand for any number of blanks.
    fn skip(&mut self, prefix: &str) -> Result<(), String> {
        let mut prefix = prefix.as_bytes();
        while let Some((&first, after)) = prefix.split_first() {
            let here = self.rest.first();
            if first == b' ' {
                if here.is_some_and(|&byte| byte != b' ') {
                    return Err(lossy(self.rest));
                }
                prefix = prefix.trim_start_spaces();
                self.rest = self.rest.trim_start_spaces();
            } else if here == Some(&first) {
                prefix = after;
                self.rest = &self.rest[1..];
            } else {
                return Err(lossy(self.rest));
            }
        }
        Ok(())
    }

    /// Takes bytes off the front.
    fn take(&mut self, count: usize) -> Result<Vec<u8>, Bad> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Bad::Form)?;
        self.rest = rest;
        Ok(taken.to_vec())
    }

    /// A number of one or two digits, or of exactly two.
    fn number(&mut self, is_fixed: bool) -> Result<i64, Bad> {
        let first = self.digit(0).ok_or(Bad::Form)?;
        let Some(second) = self.digit(1) else {
            if is_fixed {
                return Err(Bad::Form);
            }
            self.rest = &self.rest[1..];
            return Ok(first);
        };
        self.rest = &self.rest[2..];
        Ok(first * 10 + second)
    }

    /// A number of one to three digits, or of exactly three.
    fn number_of_three(&mut self, is_fixed: bool) -> Result<i64, Bad> {
        let digits = (0..3).take_while(|&at| self.digit(at).is_some()).count();
        if digits == 0 || is_fixed && digits != 3 {
            return Err(Bad::Form);
        }
        let number = (0..digits).fold(0, |number, at| {
            number * 10 + self.digit(at).unwrap_or_default()
        });
        self.rest = &self.rest[digits..];
        Ok(number)
    }

    /// One of some names, of which so many letters count; returns its index.
    fn name(&mut self, names: &[&str], letters: usize) -> Result<i64, Bad> {
        for (index, name) in (0_i64..).zip(names) {
            let name = &name.as_bytes()[..letters.min(name.len())];
            if self
                .rest
                .get(..name.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(name))
            {
                self.rest = &self.rest[name.len()..];
                return Ok(index);
            }
        }
        Err(Bad::Form)
    }

    /// A fraction of a second in so many bytes, the separator included.
    fn fraction(&mut self, bytes: usize) -> Result<u32, Bad> {
        let text = self.take(bytes)?;
        if !text.starts_with(b".") && !text.starts_with(b",") {
            return Err(Bad::Form);
        }
        let digits = &text[1..];
        // Go reads a sign here, and says that the fraction is out of range.
        if digits.first() == Some(&b'-')
            && digits.len() > 1
            && digits[1..].iter().all(u8::is_ascii_digit)
        {
            return Err(Bad::Range("fractional second"));
        }
        let digits = digits.strip_prefix(b"+").unwrap_or(digits);
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Bad::Form);
        }
        let nine = digits.iter().chain(b"000000000").take(9);
        Ok(nine.fold(0, |number, byte| number * 10 + u32::from(byte - b'0')))
    }

    /// How many bytes a fraction of any length takes; 0 where there is none.
    fn fraction_length(&self) -> usize {
        if !matches!(self.rest.first(), Some(b'.' | b',')) {
            return 0;
        }
        let digits = self.rest[1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 { 0 } else { digits + 1 }
    }

    /// An offset from UTC in seconds, in the form of its part of the layout.
    fn offset(&mut self, part: &str) -> Result<i64, Bad> {
        let text = self.take(part.len())?;
        let form = part.as_bytes();
        let colons = form
            .iter()
            .zip(&text)
            .all(|(&form, &byte)| form != b':' || byte == b':');
        if !colons {
            return Err(Bad::Form);
        }
        let digits: Vec<u8> = text[1..]
            .iter()
            .zip(&form[1..])
            .filter(|&(_, &form)| form != b':')
            .map(|(&byte, _)| byte)
            .collect();
        let mut numbers = [0; 3];
        for (number, two) in numbers.iter_mut().zip(digits.chunks(2)) {
            *number = Reader { rest: two }.number(true)?;
        }
        let [hours, minutes, seconds] = numbers;
        if seconds > 60 {
            return Err(Bad::Range("time zone offset second"));
        }
        if minutes > 60 {
            return Err(Bad::Range("time zone offset minute"));
        }
        if hours > 24 {
            return Err(Bad::Range("time zone offset hour"));
        }
        let offset = (hours * 60 + minutes) * 60 + seconds;
        match text[0] {
            b'+' => Ok(offset),
            b'-' => Ok(-offset),
            _ => Err(Bad::Form),
        }
    }

    /// The abbreviation of a time zone.
    fn zone_name(&mut self) -> Result<String, Bad> {
        let length = zone_name_length(self.rest).ok_or(Bad::Form)?;
        Ok(lossy(&self.take(length)?))
    }
}

trait TrimStartSpaces {
    fn trim_start_spaces(&self) -> &Self;
}

impl TrimStartSpaces for [u8] {
    fn trim_start_spaces(&self) -> &Self {
        let blanks = self.iter().take_while(|&&byte| byte == b' ').count();
        &self[blanks..]
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// How many bytes look like the abbreviation of a time zone.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.len() < 3 {
        return None;
    }
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(after) = text.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(after));
    }
    if matches!(text[0], b'+' | b'-') {
        return Some(signed_offset_length(text)).filter(|&length| length > 0);
    }
    let capitals = text
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    match capitals {
        3 => Some(3),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        5 if text[4] == b'T' => Some(5),
        _ => None,
    }
}

/// How many bytes are a sign and an hour; 0 where there is none.
fn signed_offset_length(text: &[u8]) -> usize {
    if !matches!(text.first(), Some(b'+' | b'-')) {
        return 0;
    }
    let digits = text[1..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let hours = std::str::from_utf8(&text[1..=digits])
        .ok()
        .and_then(|digits| digits.parse::<u32>().ok());
    if hours.is_some_and(|hours| hours <= 23) {
        digits + 1
    } else {
        0
    }
}

/// What has been read so far.
#[derive(Default)]
struct Found {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: u32,
    morning: bool,
    afternoon: bool,
    is_utc: bool,
    offset: Option<i64>,
    zone_name: Option<String>,
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

    /// Reads a moment, as `time.ParseInLocation` does in UTC.
    pub(super) fn parse(&self, text: &str) -> Result<Time, String> {
        let layout = self.0;
        let failed = |at: &str, part: &str| {
            format!(
                "parsing time {} as {}: cannot parse {} as {}",
                quote(text),
                quote(layout),
                quote(at),
                quote(part)
            )
        };
        let mut found = Found::default();
        let mut reader = Reader {
            rest: text.as_bytes(),
        };
        let mut rest = layout;
        while let Some((before, part, after)) = split(rest) {
            reader.skip(before).map_err(|at| failed(&at, before))?;
            let hold = lossy(reader.rest);
            rest = after;
            match found.read(&mut reader, part, after) {
                Ok(()) => {}
                Err(Bad::Form) => return Err(failed(&hold, part)),
                Err(Bad::Range(what)) => {
                    return Err(format!("parsing time {}: {what} out of range", quote(text)));
                }
            }
        }
        reader.skip(rest).map_err(|at| failed(&at, rest))?;
        if !reader.rest.is_empty() {
            let extra = quote(&lossy(reader.rest));
            return Err(format!("parsing time {}: extra text: {extra}", quote(text)));
        }
        found
            .time()
            .map_err(|what| format!("parsing time {}: {what}", quote(text)))
    }
}

impl Found {
    /// Reads one part of a layout; `after` is what follows it there.
    fn read(&mut self, reader: &mut Reader<'_>, part: &str, after: &str) -> Result<(), Bad> {
        let within = |number: i64, most: i64, what| {
            if number > most {
                Err(Bad::Range(what))
            } else {
                Ok(number)
            }
        };
        match part {
            "06" => {
                let year = signed(&reader.take(2)?)?;
                self.year = year + if year >= 69 { 1900 } else { 2000 };
            }
            "2006" => {
                if reader.digit(0).is_none() {
                    return Err(Bad::Form);
                }
                self.year = signed(&reader.take(4)?)?;
            }
            "Jan" => self.month = Some(reader.name(&MONTHS, 3)? + 1),
            "January" => self.month = Some(reader.name(&MONTHS, usize::MAX)? + 1),
            "Mon" => drop(reader.name(&DAYS, 3)?),
            "Monday" => drop(reader.name(&DAYS, usize::MAX)?),
            "1" | "01" => {
                let month = within(reader.number(part == "01")?, 12, "month")?;
                self.month = Some(month);
                if month == 0 {
                    return Err(Bad::Range("month"));
                }
            }
            "2" | "02" | "_2" => {
                if part == "_2" && reader.rest.first() == Some(&b' ') {
                    reader.rest = &reader.rest[1..];
                }
                self.day = Some(reader.number(part == "02")?);
            }
            "002" | "__2" => {
                for _ in 0..2 {
                    if part == "__2" && reader.rest.first() == Some(&b' ') {
                        reader.rest = &reader.rest[1..];
                    }
                }
                self.day_of_year = Some(reader.number_of_three(part == "002")?);
            }
            "15" => self.hour = within(reader.number(false)?, 23, "hour")?,
            "3" | "03" => self.hour = within(reader.number(part == "03")?, 12, "hour")?,
            "4" | "04" => self.minute = within(reader.number(part == "04")?, 59, "minute")?,
            "5" | "05" => {
                self.second = within(reader.number(part == "05")?, 59, "second")?;
                // A fraction may follow the seconds even where the layout has none.
                let length = reader.fraction_length();
                let has_own = split(after).is_some_and(|(_, part, _)| is_fraction(part));
                if length > 0 && !has_own {
                    self.nanoseconds = reader.fraction(length)?;
                }
            }
            "PM" | "pm" => match &reader.take(2)?[..] {
                b"PM" if part == "PM" => self.afternoon = true,
                b"AM" if part == "PM" => self.morning = true,
                b"pm" if part == "pm" => self.afternoon = true,
                b"am" if part == "pm" => self.morning = true,
                _ => return Err(Bad::Form),
            },
            "MST" => {
                if let Some(after) = reader.rest.strip_prefix(b"UTC") {
                    reader.rest = after;
                    self.is_utc = true;
                } else {
                    self.zone_name = Some(reader.zone_name()?);
                }
            }
            part if is_fraction(part) && part.ends_with('0') => {
                self.nanoseconds = reader.fraction(part.len())?;
            }
            part if is_fraction(part) => {
                let length = reader.fraction_length();
                if length > 0 {
                    self.nanoseconds = reader.fraction(length)?;
                }
            }
            part if part.starts_with('Z') && reader.rest.first() == Some(&b'Z') => {
                reader.rest = &reader.rest[1..];
                self.is_utc = true;
            }
            part => self.offset = Some(reader.offset(part)?),
        }
        Ok(())
    }

    /// Puts the parts together.
    fn time(mut self) -> Result<Time, &'static str> {
        if self.afternoon && self.hour < 12 {
            self.hour += 12;
        } else if self.morning && self.hour == 12 {
            self.hour = 0;
        }
        let year = self.year;
        let first = days_of(year, 1, 1);
        if let Some(day_of_year) = self.day_of_year {
            let length = days_of(year + 1, 1, 1) - first;
            if day_of_year < 1 || day_of_year > length {
                return Err("day-of-year out of range");
            }
            let begins = |month: i64| days_of(year, month, 1) - first;
            let month = (1..=12).rfind(|&month| begins(month) < day_of_year);
            let month = month.unwrap_or(1);
            let day = day_of_year - begins(month);
            if self.month.is_some_and(|given| given != month) {
                return Err("day-of-year does not match month");
            }
            if self.day.is_some_and(|given| given != day) {
                return Err("day-of-year does not match day");
            }
            (self.month, self.day) = (Some(month), Some(day));
        }
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let next_month = days_of(year + month / 12, month % 12 + 1, 1);
        if day < 1 || day > next_month - days_of(year, month, 1) {
            return Err("day out of range");
        }
        let seconds =
            days_of(year, month, day) * DAY + self.hour * 3600 + self.minute * 60 + self.second;
        let at = |seconds: i64, zone: Zone| Time {
            seconds,
            nanoseconds: self.nanoseconds,
            zone,
        };
        let named = |offset: i64, name: &str| Zone {
            offset,
            name: name.to_owned(),
            location: name.to_owned(),
            summer: false,
        };
        let local = || Zone {
            location: "Local".to_owned(),
            ..Zone::default()
        };
        if self.is_utc {
            return Ok(at(seconds, Zone::default()));
        }
        let name = self.zone_name.as_deref().unwrap_or_default();
        if let Some(offset) = self.offset {
            let zone = if offset == 0 && matches!(name, "" | "UTC") {
                local()
            } else {
                named(offset, name)
            };
            return Ok(at(seconds - offset, zone));
        }
        if name.is_empty() {
            return Ok(at(seconds, local()));
        }
        // An abbreviation alone tells no offset, but for `GMT+3`, by which Go shifts what is shown
        // and not the moment.
        let hours = name
            .strip_prefix("GMT")
            .and_then(|hours| hours.parse().ok());
        Ok(at(seconds, named(hours.unwrap_or(0) * 3600, name)))
    }
}

/// A number that may have a sign, as Go reads years.
fn signed(text: &[u8]) -> Result<i64, Bad> {
    let (sign, digits) = match text.first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Bad::Form);
    }
    let number = digits
        .iter()
        .fold(0, |number, byte| number * 10 + i64::from(byte - b'0'));
    Ok(sign * number)
}

/// Writes a number with zeros before its digits.
fn padded(number: i64, width: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{:0width$}", number.unsigned_abs())
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
        "MST" if time.zone.name.is_empty() => shown("-0700", time),
        "MST" => time.zone.name.clone(),
        "2006" => padded(year, 4),
        "06" => padded(year.max(0) % 100, 2),
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
        part if is_fraction(part) => {
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
            let sign = if time.zone.offset <= -60 { '-' } else { '+' };
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
