//! Names of Kubernetes objects: takes a kind and a name, tells whether the API server takes it as
//! far as Helm's linter knows, never knows what custom resources allow.

/// Tells why an object of this kind cannot have this name.
pub(super) fn fault(kind: &str, name: &str) -> Option<String> {
    match kind.to_lowercase().as_str() {
        "service" => label(name, 63, true),
        "namespace" => label(name, 63, false),
        "certificatesigningrequest" => None,
        "role" | "clusterrole" | "rolebinding" | "clusterrolebinding" => segment(name),
        _ => subdomain(name),
    }
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|&byte| plain(byte) || byte == b'-')
        && bytes.first().is_some_and(|&byte| plain(byte))
        && bytes.last().is_some_and(|&byte| plain(byte))
}

fn label(name: &str, most: usize, begins_with_letter: bool) -> Option<String> {
    if name.len() > most {
        return Some(format!("it may have no more than {most} characters"));
    }
    let digit_first = name.starts_with(|c: char| c.is_ascii_digit());
    if is_label(name) && !(begins_with_letter && digit_first) {
        return None;
    }
    let first = if begins_with_letter {
        "begin with a letter"
    } else {
        "begin with a letter or digit"
    };
    Some(format!(
        "it must {first}, end with a letter or digit, and have lowercase letters, digits and `-` only"
    ))
}

fn subdomain(name: &str) -> Option<String> {
    if name.len() > 253 {
        return Some("it may have no more than 253 characters".to_owned());
    }
    if name.split('.').all(is_label) {
        return None;
    }
    Some(
        "each of its parts between dots must begin and end with a letter or digit, and have lowercase letters, digits and `-` only"
            .to_owned(),
    )
}

fn segment(name: &str) -> Option<String> {
    if name == "." || name == ".." {
        return Some(format!("it may not be `{name}`"));
    }
    name.contains(['/', '%'])
        .then(|| "it may not contain `/` or `%`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn kinds_have_their_own_rules() {
        for (kind, good, bad) in [
            ("Service", "a-1", "1-a"),
            ("Namespace", "1-a", "a.b"),
            ("Deployment", "a.b-c", "A"),
            ("Role", "system:a", "a/b"),
            ("Widget", "x", ""),
        ] {
            assert_eq!(fault(kind, good), None, "{kind} {good}");
            assert!(fault(kind, bad).is_some(), "{kind} {bad}");
        }
        assert_eq!(fault("CertificateSigningRequest", "A/B"), None);
    }
}
