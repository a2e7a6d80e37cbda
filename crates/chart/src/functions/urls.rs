//! Sprig's functions on URLs: takes a URL or its parts, gives the other, never opens one.

use gotemplate::{FunctionError, FunctionTable, Map, Parameter, Signature, Value};

use super::arguments::{TEXT, kind, map, text};

pub(super) fn register(table: &mut FunctionTable) {
    table.register("urlParse", TEXT, |_, a| {
        let url = text(a, 0);
        let parts = Url::parse(&url).map_err(|message| {
            FunctionError::new(format!("unable to parse url: parse {url:?}: {message}"))
        })?;
        let map = Map::new();
        map.set("scheme", parts.scheme.as_str());
        map.set("host", parts.host.as_str());
        map.set("hostname", hostname(&parts.host));
        map.set("path", decode(&parts.path));
        map.set("query", parts.query.as_str());
        map.set("opaque", parts.opaque.as_str());
        map.set("fragment", decode(&parts.fragment));
        map.set("userinfo", parts.user.as_str());
        Ok(Value::Map(map))
    });
    table.register("urlJoin", Signature::fixed(&[Parameter::Map]), |_, a| {
        let map = map(a, 0);
        let part = |name: &str| match map.get(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.to_str().into_owned()),
            Some(other) => Err(FunctionError::new(format!(
                "unable to parse {name} key, must be of type string, but {} found",
                kind(&other)
            ))),
        };
        let url = Url {
            scheme: part("scheme")?,
            host: part("host")?,
            path: encode(&part("path")?),
            query: part("query")?,
            opaque: part("opaque")?,
            fragment: encode(&part("fragment")?),
            user: part("userinfo")?,
        };
        Ok(url.join().into())
    });
}

#[derive(Debug, Default)]
struct Url {
    scheme: String,
    user: String,
    host: String,
    path: String,
    query: String,
    opaque: String,
    fragment: String,
}

impl Url {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().any(|c| c.is_ascii_control()) {
            return Err("net/url: invalid control character in URL");
        }
        let mut url = Self::default();
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        fragment.clone_into(&mut url.fragment);
        let mut rest = rest;
        if let Some((scheme, after)) = rest.split_once(':') {
            let well_formed = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            if scheme.is_empty() {
                return Err("missing protocol scheme");
            }
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(well_formed)
            {
                url.scheme = scheme.to_ascii_lowercase();
                rest = after;
            } else if !scheme.contains('/') {
                return Err("first path segment in URL cannot contain colon");
            }
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        query.clone_into(&mut url.query);
        if !rest.starts_with('/') && !url.scheme.is_empty() {
            rest.clone_into(&mut url.opaque);
            return Ok(url);
        }
        let authority = rest
            .strip_prefix("//")
            .filter(|after| !url.scheme.is_empty() || !after.starts_with('/'));
        let Some(authority) = authority else {
            rest.clone_into(&mut url.path);
            return Ok(url);
        };
        let end = authority.find('/').unwrap_or(authority.len());
        let (authority, path) = authority.split_at(end);
        path.clone_into(&mut url.path);
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        user.clone_into(&mut url.user);
        host.clone_into(&mut url.host);
        let port = host
            .rsplit_once(':')
            .filter(|(_, port)| !port.ends_with(']'));
        if port.is_some_and(|(_, port)| !port.bytes().all(|b| b.is_ascii_digit())) {
            return Err("invalid port after host");
        }
        Ok(url)
    }

    fn join(&self) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out.push_str(&self.scheme);
            out.push(':');
        }
        if self.opaque.is_empty() {
            if !self.scheme.is_empty() || !self.host.is_empty() || !self.user.is_empty() {
                if !self.host.is_empty() || !self.path.is_empty() || !self.user.is_empty() {
                    out.push_str("//");
                }
                if !self.user.is_empty() {
                    out.push_str(&self.user);
                    out.push('@');
                }
                out.push_str(&self.host);
            }
            if !self.path.is_empty() && !self.path.starts_with('/') && !self.host.is_empty() {
                out.push('/');
            }
            out.push_str(&self.path);
        } else {
            out.push_str(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push('?');
            out.push_str(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push('#');
            out.push_str(&self.fragment);
        }
        out
    }
}

fn hostname(host: &str) -> &str {
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a string");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn urls_are_taken_apart_and_joined() {
        let url = Url::parse("https://a:b@host:80/x/y?q=1#f").unwrap();
        assert_eq!((url.user.as_str(), url.host.as_str()), ("a:b", "host:80"));
        assert_eq!(url.join(), "https://a:b@host:80/x/y?q=1#f");
        assert_eq!(Url::parse("mailto:x@y").unwrap().opaque, "x@y");
        assert_eq!(Url::parse("/only/path").unwrap().path, "/only/path");
        assert!(Url::parse("http://h:x/").is_err());
    }
}
