//! Times: takes a text, gives whether Go's reader takes it for a time, and how Go spells it.

/// Returns true for the four forms that Go's reader knows: a date; a date and a time after spaces;
/// a date, `T` or `t`, a time and a zone.
pub(crate) fn is_timestamp(text: &str) -> bool {
    to_rfc3339(text).is_some()
}

/// Returns a time as Go's JSON encoder spells it, where the text is one.
pub(crate) fn to_rfc3339(text: &str) -> Option<String> {
    let year = text.get(..4)?;
    if !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (month, rest) = number(text[4..].strip_prefix('-')?)?;
    let (day, rest) = number(rest.strip_prefix('-')?)?;
    let leap = year.parse().unwrap_or(0);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(month, leap) {
        return None;
    }
    let date = format!("{year}-{month:02}-{day:02}");
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let (time, zone) = if let Some(time) = rest.strip_prefix(['T', 't']) {
        clock(time).filter(|(_, zone)| is_zone(zone))?
    } else {
        clock(rest.strip_prefix(' ')?.trim_start_matches(' '))
            .filter(|(_, zone)| zone.is_empty())?
    };
    let zone = if matches!(zone, "" | "+00:00" | "-00:00") {
        "Z"
    } else {
        zone
    };
    Some(format!("{date}T{time}{zone}"))
}

/// Takes one or two digits.
fn number(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    Some((text.get(..length)?.parse().ok()?, &text[length..]))
}

/// Takes hours, minutes, seconds and a fraction; returns them in full and what follows.
fn clock(text: &str) -> Option<(String, &str)> {
    let (hour, rest) = number(text)?;
    let (minute, rest) = number(rest.strip_prefix(':')?)?;
    let (second, rest) = number(rest.strip_prefix(':')?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let digits = rest.strip_prefix(['.', ',']).map_or(0, |fraction| {
        fraction.bytes().take_while(u8::is_ascii_digit).count()
    });
    if digits == 0 {
        return Some((time, rest));
    }
    // Go keeps nanoseconds and drops zeros at the end.
    let fraction = rest[1..=digits.min(9)].trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    Some((format!("{time}{dot}{fraction}"), &rest[1 + digits..]))
}

/// Returns true for `Z` or `+hh:mm`.
fn is_zone(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let bytes = text.as_bytes();
    let [b'+' | b'-', h1, h2, b':', m1, m2] = bytes else {
        return false;
    };
    let two = |tens: &u8, ones: &u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    };
    two(h1, h2).is_some_and(|hours| hours <= 24) && two(m1, m2).is_some_and(|minutes| minutes <= 60)
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn knows_times_as_go_does() {
        for text in [
            "2020-01-01",
            "2020-1-1",
            "2020-02-29",
            "2020-01-01 10:00:00",
            "2020-01-01   1:2:3.5",
            "2020-01-01T10:00:00Z",
            "2020-01-01t10:00:00.123+02:00",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in [
            "2021-02-29",
            "2020-13-01",
            "2020-01",
            "20-01-01",
            "2020-01-01T10:00:00",
            "2020-01-01 10:00:00Z",
            "2020-01-01 24:00:00",
            "2020-01-01 ",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
