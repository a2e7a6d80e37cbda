//! The formats of Helm's validator, which drafts up to 7 assert: takes a text, tells what is wrong
//! with it, never looks anything up.

use std::net::Ipv6Addr;

/// What is wrong with a text, in the words of Helm's validator.
type Check = fn(&str) -> Result<(), String>;

/// All formats by name; others are not checked.
pub(super) const FORMATS: [(&str, Check); 19] = [
    ("json-pointer", json_pointer),
    ("relative-json-pointer", relative_json_pointer),
    ("uuid", uuid),
    ("duration", duration),
    ("period", period),
    ("ipv4", ipv4),
    ("ipv6", ipv6),
    ("hostname", hostname),
    ("email", email),
    ("date", date),
    ("time", time),
    ("date-time", date_time),
    ("uri", uri),
    ("iri", uri),
    ("uri-reference", uri_reference),
    ("iri-reference", uri_reference),
    ("uri-template", uri_template),
    ("semver", semver),
    ("regex", regex),
];

/// Names of formats of later drafts that Helm's validator does not know.
pub(super) const UNKNOWN: [&str; 2] = ["idn-email", "idn-hostname"];

/// Checks a text against a format.
pub(super) fn check(format: &str, text: &str) -> Result<(), String> {
    FORMATS
        .iter()
        .find(|(name, _)| *name == format)
        .map_or(Ok(()), |(_, check)| check(text))
}

fn refuse(why: impl Into<String>) -> Result<(), String> {
    Err(why.into())
}

fn json_pointer(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    if !text.starts_with('/') {
        return refuse("not starting with /");
    }
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character == '~' && !matches!(rest.peek(), Some('0' | '1')) {
            return refuse("~ must be followed by 0 or 1");
        }
    }
    Ok(())
}

fn relative_json_pointer(text: &str) -> Result<(), String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return refuse("must start with non-negative integer");
    }
    if digits > 1 && text.starts_with('0') {
        return refuse("starts with zero");
    }
    match &text[digits..] {
        "#" => Ok(()),
        pointer => json_pointer(pointer),
    }
}

fn uuid(text: &str) -> Result<(), String> {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    if groups.len() != lengths.len() {
        return refuse("must have 5 elements");
    }
    for (index, (group, length)) in groups.iter().zip(lengths).enumerate() {
        if group.len() != length {
            let number = index + 1;
            return refuse(format!("element {number} must be {length} characters long"));
        }
        if let Some(odd) = group.chars().find(|c| !c.is_ascii_hexdigit()) {
            return refuse(format!("non-hex character {odd:?}"));
        }
    }
    Ok(())
}

fn duration(text: &str) -> Result<(), String> {
    let Some(text) = text.strip_prefix('P') else {
        return refuse("must start with P");
    };
    if text.is_empty() {
        return refuse("nothing after P");
    }
    if let Some(weeks) = text.strip_suffix('W') {
        if weeks.is_empty() {
            return refuse("no number in week");
        }
        if !weeks.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse("invalid week");
        }
        return Ok(());
    }
    let all = ["YMD", "HMS"];
    for (index, part) in text.split('T').enumerate() {
        if index > 0 && part.is_empty() {
            return refuse("no time elements");
        }
        let Some(&known) = all.get(index) else {
            return refuse("more than one T");
        };
        duration_part(part, known)?;
    }
    Ok(())
}

fn duration_part(mut part: &str, known: &str) -> Result<(), String> {
    let mut units = known;
    while !part.is_empty() {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return refuse("missing number");
        }
        part = &part[digits..];
        let Some(unit) = part.chars().next() else {
            return refuse("missing unit");
        };
        let Some(at) = units.find(unit) else {
            let out_of_order = known.contains(unit);
            return refuse(if out_of_order {
                format!("unit {unit:?} out of order")
            } else {
                format!("invalid unit {unit:?}")
            });
        };
        units = &units[at + 1..];
        part = &part[unit.len_utf8()..];
    }
    Ok(())
}

fn period(text: &str) -> Result<(), String> {
    let Some((start, end)) = text.split_once('/') else {
        return refuse("missing slash");
    };
    let place = |at: &str, error: String| format!("invalid {at}: {error}");
    if start.starts_with('P') {
        duration(start).map_err(|error| place("start duration", error))?;
        return date_time(end).map_err(|error| place("end date-time", error));
    }
    date_time(start).map_err(|error| place("start date-time", error))?;
    if end.starts_with('P') {
        return duration(end).map_err(|error| place("end duration", error));
    }
    date_time(end).map_err(|error| place("end date-time", error))
}

fn ipv4(text: &str) -> Result<(), String> {
    let groups: Vec<&str> = text.split('.').collect();
    if groups.len() != 4 {
        return refuse("expected four decimals");
    }
    for group in groups {
        if group.len() > 1 && group.starts_with('0') {
            return refuse("leading zeros");
        }
        match group.parse::<i64>() {
            Ok(0..=255) => {}
            Ok(_) => return refuse("decimal must be between 0 and 255"),
            Err(_) => {
                return refuse(format!("strconv.Atoi: parsing {group:?}: invalid syntax"));
            }
        }
    }
    Ok(())
}

fn ipv6(text: &str) -> Result<(), String> {
    if !text.contains(':') {
        return refuse("missing colon");
    }
    if text.contains('%') {
        return refuse("zone id is not a part of ipv6 address");
    }
    text.parse::<Ipv6Addr>()
        .map(|_| ())
        .map_err(|_| format!("ParseAddr({text:?}): unable to parse IP"))
}

fn hostname(text: &str) -> Result<(), String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() > 253 {
        return refuse("more than 253 characters long");
    }
    for label in text.split('.') {
        if !(1..=63).contains(&label.len()) {
            return refuse("label must be 1 to 63 characters long");
        }
        if label.starts_with('-') {
            return refuse("label starts with hyphen");
        }
        if label.ends_with('-') {
            return refuse("label ends with hyphen");
        }
        let odd = label
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && *c != '-');
        if let Some(odd) = odd {
            return refuse(format!("invalid character {odd:?}"));
        }
    }
    Ok(())
}

fn email(text: &str) -> Result<(), String> {
    if text.len() > 254 {
        return refuse("more than 255 characters long");
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return refuse("missing @");
    };
    if local.len() > 64 {
        return refuse("local part more than 64 characters long");
    }
    local_part(local)?;
    if let Some(address) = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return match address.strip_prefix("IPv6:") {
            Some(address) => {
                ipv6(address).map_err(|error| format!("invalid ipv6 address: {error}"))
            }
            None => ipv4(address).map_err(|error| format!("invalid ipv4 address: {error}")),
        };
    }
    hostname(domain).map_err(|error| format!("invalid domain: {error}"))
}

fn local_part(local: &str) -> Result<(), String> {
    if local.len() > 1 && local.starts_with('"') && local.ends_with('"') {
        if local[1..local.len() - 1].contains(['\\', '"']) {
            return refuse("backslash and quote are not allowed within quoted local part");
        }
        return Ok(());
    }
    if local.starts_with('.') {
        return refuse("starts with dot");
    }
    if local.ends_with('.') {
        return refuse("ends with dot");
    }
    if local.contains("..") {
        return refuse("consecutive dots");
    }
    let odd = local
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !".!#$%&'*+-/=?^_`{|}~".contains(*c));
    odd.map_or(Ok(()), |odd| refuse(format!("invalid character {odd:?}")))
}

fn date(text: &str) -> Result<(), String> {
    let wrong = || format!("parsing time {text:?} as \"2006-01-02\": cannot parse");
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return Err(wrong());
    }
    text.parse::<jiff::civil::Date>().map(|_| ()).map_err(|_| {
        let month = text[5..7].parse::<u8>().unwrap_or_default();
        let part = if (1..=12).contains(&month) {
            "day"
        } else {
            "month"
        };
        format!("parsing time {text:?}: {part} out of range")
    })
}

fn time(text: &str) -> Result<(), String> {
    if text.len() < 9 || !text.is_char_boundary(8) {
        return refuse("less than 9 characters long");
    }
    let (clock, rest) = text.split_at(8);
    let (hour, minute, second) = clock_of(clock)?;
    if hour > 23 || minute > 59 || second > 60 {
        return refuse("hour/min/sec out of range");
    }
    let rest = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return refuse("no digits in second fraction");
            }
            &fraction[digits..]
        }
    };
    let (mut hour, mut minute) = (hour, minute);
    if !matches!(rest, "z" | "Z") {
        let minutes = (hour * 60 + minute + offset(rest)?).rem_euclid(24 * 60);
        (hour, minute) = (minutes / 60, minutes % 60);
    }
    if second >= 60 && (hour, minute) != (23, 59) {
        return refuse("invalid leap second");
    }
    Ok(())
}

fn clock_of(clock: &str) -> Result<(i64, i64, i64), String> {
    let bytes = clock.as_bytes();
    if bytes[2] != b':' || bytes[5] != b':' {
        return Err("missing colon in correct place".to_owned());
    }
    let part = |range: std::ops::Range<usize>| {
        clock
            .get(range)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse::<i64>().ok())
            .ok_or_else(|| "invalid hour/min/sec".to_owned())
    };
    Ok((part(0..2)?, part(3..5)?, part(6..8)?))
}

/// Returns the minutes that lead from local time to universal time.
fn offset(text: &str) -> Result<i64, String> {
    if text.len() != 6 || !text.is_ascii() {
        return Err("offset must be 6 characters long".to_owned());
    }
    let sign = match text.as_bytes()[0] {
        b'+' => -1,
        b'-' => 1,
        _ => return Err("offset must begin with plus/minus".to_owned()),
    };
    if text.as_bytes()[3] != b':' {
        return Err("missing colon in offset in correct place".to_owned());
    }
    let part = |digits: &str| {
        digits
            .parse::<i64>()
            .map_err(|_| "invalid hour/min in offset".to_owned())
    };
    let (hours, minutes) = (part(&text[1..3])?, part(&text[4..6])?);
    if !(0..=23).contains(&hours) || !(0..=59).contains(&minutes) {
        return Err("hour/min in offset out of range".to_owned());
    }
    Ok(sign * (hours * 60 + minutes))
}

fn date_time(text: &str) -> Result<(), String> {
    if text.len() < 20 || !text.is_char_boundary(10) || !text.is_char_boundary(11) {
        return refuse("less than 20 characters long");
    }
    if !matches!(text.as_bytes()[10], b't' | b'T') {
        return refuse("11th character must be t or T");
    }
    date(&text[..10]).map_err(|error| format!("invalid date element: {error}"))?;
    time(&text[11..]).map_err(|error| format!("invalid time element: {error}"))
}

fn uri(text: &str) -> Result<(), String> {
    reference(text)?;
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let absolute = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if absolute {
        return Ok(());
    }
    refuse("relative url")
}

fn uri_reference(text: &str) -> Result<(), String> {
    if text.contains('\\') {
        return refuse(r"contains \");
    }
    reference(text)
}

/// Checks what Go's `url.Parse` checks, as far as texts meant to be addresses break it.
fn reference(text: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("parse {text:?}: {why}"));
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return wrong("net/url: invalid control character in URL");
    }
    if text.starts_with(':') {
        return wrong("missing protocol scheme");
    }
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (path, _) = before.split_once('?').unwrap_or((before, ""));
    for part in [path, fragment] {
        if let Some(escape) = broken_escape(part) {
            return wrong(&format!("invalid URL escape {escape:?}"));
        }
    }
    let first = path.split('/').next().unwrap_or_default();
    let scheme = first.split_once(':').map(|(scheme, _)| scheme);
    if let Some(scheme) = scheme
        && !scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    {
        return wrong("first path segment in URL cannot contain colon");
    }
    let rest = scheme.map_or(path, |scheme| &path[scheme.len() + 1..]);
    let Some(authority) = rest.strip_prefix("//") else {
        return Ok(());
    };
    let authority = authority.split('/').next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    host_of(text, host)
}

fn host_of(text: &str, host: &str) -> Result<(), String> {
    let wrong = |why: String| Err(format!("parse {text:?}: {why}"));
    let port = if let Some(bracketed) = host.strip_prefix('[') {
        let Some((address, rest)) = bracketed.split_once(']') else {
            return wrong("missing ']' in host".to_owned());
        };
        ipv6(address).map_err(|error| format!("invalid ipv6 address: {error}"))?;
        rest
    } else {
        if let Some(odd) = host.chars().find(|c| " <>\"^`{|}\\".contains(*c)) {
            return wrong(format!(
                "invalid character {:?} in host name",
                odd.to_string()
            ));
        }
        host.find(':').map_or("", |at| &host[at..])
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return wrong(format!("invalid port {port:?} after host"));
    }
    Ok(())
}

fn broken_escape(text: &str) -> Option<String> {
    text.match_indices('%').find_map(|(at, _)| {
        let escape: String = text[at..].chars().take(3).collect();
        let well = escape.len() == 3 && escape[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
        (!well).then_some(escape)
    })
}

fn uri_template(text: &str) -> Result<(), String> {
    reference(text)?;
    for part in text.split('/') {
        let mut open = false;
        for character in part.chars() {
            match character {
                '{' if open => return refuse("nested curly braces"),
                '{' => open = true,
                '}' if !open => return refuse("no matching opening brace"),
                '}' => open = false,
                _ => {}
            }
        }
        if open {
            return refuse("no matching closing brace");
        }
    }
    Ok(())
}

fn semver(text: &str) -> Result<(), String> {
    let (text, build) = text
        .split_once('+')
        .map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, prerelease) = text
        .split_once('-')
        .map_or((text, None), |(core, pre)| (core, Some(pre)));
    let identifiers = |text: &str| {
        text.split('.').all(|one| {
            !one.is_empty() && one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
    };
    let numeric = |one: &str| one.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = |one: &str| one.len() > 1 && one.starts_with('0') && numeric(one);
    let parts: Vec<&str> = core.split('.').collect();
    if parts.len() != 3 {
        return refuse("versionCore must have 3 numbers separated by dot");
    }
    if parts.iter().any(|part| part.is_empty() || !numeric(part)) {
        return refuse("non-integer in version core");
    }
    if parts.iter().any(|part| leading_zero(part)) {
        return refuse("starting with zero");
    }
    if let Some(prerelease) = prerelease
        && (!identifiers(prerelease) || prerelease.split('.').any(leading_zero))
    {
        return refuse("invalid pre-release");
    }
    if build.is_some_and(|build| !identifiers(build)) {
        return refuse("invalid build");
    }
    Ok(())
}

fn regex(text: &str) -> Result<(), String> {
    crate::functions::regex::compile(text).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_all(format: &str, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(check(format, text), Ok(()), "{format} {text}");
        }
        for text in bad {
            assert!(check(format, text).is_err(), "{format} {text}");
        }
    }

    #[test]
    fn formats_admit_what_helm_admits() {
        check_all(
            "ipv4",
            &["10.0.0.1"],
            &["10.0.0", "10.0.0.256", "010.0.0.1", "a.b.c.d"],
        );
        check_all("ipv6", &["::1", "fe80::1:2"], &["1", "::1%eth0", ":::"]);
        check_all(
            "hostname",
            &["a.example.org.", "a-b"],
            &["-a", "a_b", "a..b", ""],
        );
        check_all(
            "email",
            &["a@example.org", "\"a b\"@[127.0.0.1]"],
            &["a", "a..b@c", "a@b_c"],
        );
        check_all("date", &["2024-02-29"], &["2023-02-29", "2024-2-9", "x"]);
        check_all(
            "time",
            &["10:00:00Z", "23:59:60Z", "10:00:00.5+01:00"],
            &["10:00:00", "24:00:00Z"],
        );
        check_all(
            "date-time",
            &["2024-01-01T10:00:00Z"],
            &["2024-01-01 10:00:00Z", "2024-01-01"],
        );
        check_all(
            "duration",
            &["P3D", "PT1H", "P1W"],
            &["1d", "P", "PT", "P1H", "PT1S1H"],
        );
        check_all(
            "uri",
            &["https://a.example.org/x?y#z", "urn:a:b"],
            &["/x", "x", ":x", "http://[::1"],
        );
        check_all(
            "uri-reference",
            &["/x", "x", "http://a b/", "a:b"][..2],
            &["a\\b", "%zz"],
        );
        check_all(
            "uuid",
            &["0f8fad5b-d9cb-469f-a165-70867728950e"],
            &["x", "0f8fad5b"],
        );
        check_all("semver", &["1.2.3-rc.1+b"], &["1.2", "01.2.3"]);
        check_all("json-pointer", &["", "/a~0b"], &["a", "/a~2"]);
        check_all("relative-json-pointer", &["0#", "1/a"], &["a", "01/a"]);
        check_all("regex", &["^a+$"], &["(", "(?=a)"]);
        check_all("something-else", &["x"], &[]);
    }
}
