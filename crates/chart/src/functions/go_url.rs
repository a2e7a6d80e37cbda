//! URLs as Go's `net/url` reads and writes them: takes text, gives its parts, and the other way
//! round, with Go's complaints; never resolves a name.
//!
//! Source: Go's `net/url/url.go`.

use std::fmt;
use std::net::IpAddr;

/// A URL with its parts decoded.
#[derive(Debug, Default, Clone)]
pub(super) struct Url {
    pub(super) scheme: String,
    /// What follows the scheme where that is no path.
    pub(super) opaque: String,
    /// The user, and the password where there is one.
    pub(super) user: Option<(String, Option<String>)>,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) fragment: String,
    /// The path as it was written, where that is not how Go would write it.
    pub(super) raw_path: String,
    pub(super) raw_fragment: String,
    /// There is a scheme and a path, but no `//`.
    pub(super) without_host: bool,
    /// There is a question mark without a query.
    pub(super) has_empty_query: bool,
}

/// Which part of a URL is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

impl Mode {
    /// Whether a byte stands for itself in this part.
    fn keeps(self, byte: u8) -> bool {
        let extra: &[u8] = match self {
            Self::Path => b"$&+,/:;=@",
            Self::Host | Self::Zone => b"!\"$&'()*+,:;<=>[]",
            Self::User => b"$&+,;=",
            Self::Fragment => b"!$&()*+,/:;=?@",
        };
        byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || extra.contains(&byte)
    }
}

impl Url {
    /// Reads a URL.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let told =
            |text: &str, why: String| format!("parse {}: {why}", gotemplate::format::quote(text));
        let (main, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut url = Self::parse_main(main).map_err(|why| told(main, why))?;
        if !fragment.is_empty() {
            url.fragment = unescape(fragment, Mode::Fragment).map_err(|why| told(text, why))?;
            if escape(&url.fragment, Mode::Fragment) != fragment {
                fragment.clone_into(&mut url.raw_fragment);
            }
        }
        Ok(url)
    }

    fn parse_main(text: &str) -> Result<Self, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Self::default();
        if text == "*" {
            text.clone_into(&mut url.path);
            return Ok(url);
        }
        let (scheme, rest) = scheme(text)?;
        url.scheme = scheme.to_ascii_lowercase();
        let mut rest = if rest.ends_with('?') && rest.matches('?').count() == 1 {
            url.has_empty_query = true;
            &rest[..rest.len() - 1]
        } else {
            let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
            query.clone_into(&mut url.query);
            rest
        };
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                rest.clone_into(&mut url.opaque);
                return Ok(url);
            }
            if first_segment(rest).contains(':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_authority = !url.scheme.is_empty() || !rest.starts_with("///");
        if let Some(authority) = rest.strip_prefix("//").filter(|_| has_authority) {
            let end = authority.find('/').unwrap_or(authority.len());
            url.authority(&authority[..end])?;
            rest = &authority[end..];
        } else if !url.scheme.is_empty() && rest.starts_with('/') {
            url.without_host = true;
        }
        url.path = unescape(rest, Mode::Path)?;
        if escape(&url.path, Mode::Path) != rest {
            rest.clone_into(&mut url.raw_path);
        }
        Ok(url)
    }

    fn authority(&mut self, text: &str) -> Result<(), String> {
        let Some((user, host)) = text.rsplit_once('@') else {
            self.host = host(&self.scheme, text)?;
            return Ok(());
        };
        self.host = self::host(&self.scheme, host)?;
        let known = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
        if !user.chars().all(known) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        let decoded = |text: &str| unescape(text, Mode::User);
        self.user = Some(match user.split_once(':') {
            None => (decoded(user)?, None),
            Some((name, password)) => (decoded(name)?, Some(decoded(password)?)),
        });
        Ok(())
    }

    /// The host without its port and brackets.
    pub(super) fn hostname(&self) -> &str {
        let host = match self.host.rfind(':') {
            Some(at) if is_optional_port(&self.host[at..]) => &self.host[..at],
            _ => &self.host,
        };
        host.strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
    }

    /// The user and the password, encoded.
    pub(super) fn user_text(&self) -> String {
        match &self.user {
            None => String::new(),
            Some((name, None)) => escape(name, Mode::User),
            Some((name, Some(password))) => {
                format!(
                    "{}:{}",
                    escape(name, Mode::User),
                    escape(password, Mode::User)
                )
            }
        }
    }

    fn escaped_path(&self) -> String {
        if is_written_form(&self.raw_path, &self.path, Mode::Path) {
            return self.raw_path.clone();
        }
        if self.path == "*" {
            return "*".to_owned();
        }
        escape(&self.path, Mode::Path)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            let has_host = !self.host.is_empty() || self.user.is_some();
            if has_host || !self.scheme.is_empty() && !self.without_host {
                if has_host || !self.path.is_empty() {
                    out.push_str("//");
                }
                if self.user.is_some() {
                    out.push_str(&self.user_text());
                    out.push('@');
                }
                out.push_str(&escape(&self.host, Mode::Host));
            }
            let path = self.escaped_path();
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                out.push('/');
            }
            if out.is_empty() && first_segment(&path).contains(':') {
                out.push_str("./");
            }
            out.push_str(&path);
        } else {
            out.push_str(&self.opaque);
        }
        if self.has_empty_query || !self.query.is_empty() {
            out.push('?');
            out.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            if is_written_form(&self.raw_fragment, &self.fragment, Mode::Fragment) {
                out.push_str(&self.raw_fragment);
            } else {
                out.push_str(&escape(&self.fragment, Mode::Fragment));
            }
        }
        formatter.write_str(&out)
    }
}

fn first_segment(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => return Ok(("", text)),
        }
    }
    Ok(("", text))
}

fn is_optional_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => text.is_empty(),
    }
}

fn check_port(text: &str) -> Result<(), String> {
    if is_optional_port(text) {
        return Ok(());
    }
    let shown = gotemplate::format::quote(text);
    Err(format!("invalid port {shown} after host"))
}

fn host(scheme: &str, text: &str) -> Result<String, String> {
    match text.rfind('[') {
        None => {}
        Some(0) => {
            let close = text.rfind(']').ok_or("missing ']' in host")?;
            check_port(&text[close + 1..])?;
            let port = unescape(&text[close + 1..], Mode::Host)?;
            let name = &text[1..close];
            let name = match name.find("%25") {
                Some(zone) => {
                    unescape(&name[..zone], Mode::Host)? + &unescape(&name[zone..], Mode::Zone)?
                }
                None => unescape(name, Mode::Host)?,
            };
            check_address(&name)?;
            return Ok(format!("[{name}]{port}"));
        }
        Some(_) => return Err("invalid IP-literal".to_owned()),
    }
    if let (Some(first), Some(last)) = (text.find(':'), text.rfind(':')) {
        // Lists of hosts with ports are known from databases, not from HTTP.
        let strict = matches!(scheme, "http" | "https");
        check_port(&text[if strict { first } else { last }..])?;
    }
    unescape(text, Mode::Host)
}

/// Checks that what stands in brackets is an address of IPv6, perhaps with a zone.
fn check_address(text: &str) -> Result<(), String> {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(_)) if !zone.is_empty() => Ok(()),
        Ok(IpAddr::V4(_)) if zone == "0" => Err("invalid IP-literal".to_owned()),
        _ => {
            let shown = gotemplate::format::quote(text);
            let why = if address.contains([':', '.']) {
                "invalid address"
            } else {
                "unable to parse IP"
            };
            Err(format!("invalid host: ParseAddr({shown}): {why}"))
        }
    }
}

fn unescape(text: &str, mode: Mode) -> Result<String, String> {
    let is_host = matches!(mode, Mode::Host | Mode::Zone);
    let invalid = |escape: &str| {
        let shown = gotemplate::format::quote(escape);
        format!("invalid URL escape {shown}")
    };
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'%' {
            if is_host && byte < 0x80 && !mode.keeps(byte) {
                let shown = gotemplate::format::quote(&char::from(byte).to_string());
                return Err(format!("invalid character {shown} in host name"));
            }
            out.push(byte);
            at += 1;
            continue;
        }
        let digits = bytes
            .get(at + 1..at + 3)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(digits) = digits else {
            let end = bytes.len().min(at + 3);
            return Err(invalid(&String::from_utf8_lossy(&bytes[at..end])));
        };
        let value = u8::from_str_radix(digits, 16).unwrap_or_default();
        let refused = match mode {
            Mode::Host => value < 0x80 && digits != "25",
            Mode::Zone => digits != "25" && value != b' ' && !Mode::Host.keeps(value),
            _ => false,
        };
        if refused {
            return Err(invalid(&format!("%{digits}")));
        }
        out.push(value);
        at += 3;
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn escape(text: &str, mode: Mode) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if mode.keeps(byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string");
        }
        out
    })
}

/// Whether a text is a valid encoding of its decoded form.
fn is_written_form(raw: &str, decoded: &str, mode: Mode) -> bool {
    !raw.is_empty()
        && raw
            .bytes()
            .all(|byte| b"!$&'()*+,;=:@[]%".contains(&byte) || mode.keeps(byte))
        && unescape(raw, mode).is_ok_and(|found| found == decoded)
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn urls_are_taken_apart_and_joined() {
        let url = Url::parse("https://a:b@host:80/x/y?q=1#f").unwrap();
        assert_eq!(
            (url.user_text().as_str(), url.host.as_str()),
            ("a:b", "host:80")
        );
        assert_eq!(url.to_string(), "https://a:b@host:80/x/y?q=1#f");
        assert_eq!(Url::parse("mailto:x@y").unwrap().opaque, "x@y");
        assert_eq!(Url::parse("/only/path").unwrap().path, "/only/path");
        assert_eq!(
            Url::parse("http://h:x/").unwrap_err(),
            "parse \"http://h:x/\": invalid port \":x\" after host"
        );
    }
}
