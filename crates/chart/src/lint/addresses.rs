//! Addresses of people and pages: takes a text, tells whether it is one as far as Helm's linter
//! minds, never asks anybody.

/// Tells whether a text is an address with a scheme, or a path from the root, that Go's parser for
/// requests takes.
pub(super) fn is_request_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    is_scheme(scheme) && is_printable(text) && (!rest.is_empty()) && authority_is_good(rest)
}

/// Tells whether a text is an address; a scheme may be missing.
pub(super) fn is_url(text: &str) -> bool {
    if text.len() < 4 || text.len() > 2082 || text.starts_with('.') || !is_printable(text) {
        return false;
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        Some(_) => return false,
        None => text.strip_prefix("mailto:").unwrap_or(text),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (host, None),
    };
    let port_is_good =
        port.is_none_or(|port| !port.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0));
    port_is_good && is_host(host)
}

/// Tells whether a text is an address for mail.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let local_is_good = (local.len() > 2 && local.starts_with('"') && local.ends_with('"'))
        || local
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(atom));
    local_is_good && domain.contains('.') && domain.split('.').all(is_label)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn is_printable(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() || c == ' ')
}

fn authority_is_good(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix("//") else {
        return true;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !authority.contains(['<', '>', '"', '\\', '^', '`', '{', '|', '}'])
        && authority.rsplit_once(':').is_none_or(|(before, port)| {
            before.contains('@') && port.contains('@')
                || port.contains(']')
                || port.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    if host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let top_is_good = labels.last().is_some_and(|top| {
        top.chars().count() >= 2 && !top.bytes().all(|byte| byte.is_ascii_digit())
    });
    labels.len() >= 2 && top_is_good && labels.iter().all(|label| is_label(label))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_pages() {
        for good in [
            "https://example.com",
            "http://example.com:8080/a?b#c",
            "oci://example.com/x",
            "file:///a",
            "git@example.com:a/b",
        ] {
            assert_eq!(is_request_url(good), !good.starts_with("git@"), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "/a",
            "https://a b",
            "://x",
            "https://x:port/",
        ] {
            assert!(!is_request_url(bad), "{bad}");
        }
        for good in [
            "https://example.com/a",
            "example.org",
            "http://localhost:80",
            "http://[::1]/x",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "abc",
            ".example.com",
            "https://",
            "https://a_b",
            "http://example.com:x",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_of_people() {
        for good in ["a@example.com", "a.b+c@sub.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a..b@example.com",
            "a b@example.com",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
