//! Versions and ranges: takes both as texts, gives them to the parser, and checks that their order
//! is one.

use chart::{Constraint, Version, VersionError, is_compatible};

/// A range and versions.
pub(crate) fn run(input: &[u8]) {
    let mut parts = crate::parts(input);
    let range = parts.next().unwrap_or_default();
    let parsed = Constraint::parse(&range);
    let texts: Vec<_> = parts.take(8).collect();
    let mut versions = Vec::new();
    for text in &texts {
        let version = Version::parse(text);
        let fits = match (&parsed, &version) {
            (Ok(range), Ok(version)) => range.check(version),
            _ => false,
        };
        assert_eq!(is_compatible(&range, text), fits);
        versions.extend(version);
    }
    for one in &versions {
        match Version::parse(&one.to_string()) {
            Ok(shown) => assert!(shown.compare(one).is_eq(), "{one} is itself"),
            // The parts that were left out are shown.
            Err(error) => assert_eq!(error, VersionError::VersionTooLong, "{one} can be read"),
        }
        for other in &versions {
            assert_eq!(one.compare(other), other.compare(one).reverse());
            for third in &versions {
                if one.compare(other).is_lt() && other.compare(third).is_lt() {
                    assert!(one.compare(third).is_lt(), "{one} < {other} < {third}");
                }
            }
        }
    }
}
