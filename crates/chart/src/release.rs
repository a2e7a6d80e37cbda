//! Names of releases: takes a name or the template of one, gives a name that Helm would accept,
//! never asks whether it is taken.

use gotemplate::{Engine, Limits, MissingKey, TemplateSet, Value};

use crate::context::{Context, Entropy};
use crate::error::TemplateError;
use crate::functions;

/// The longest name that Helm accepts.
const MAXIMUM_LENGTH: usize = 53;

/// A name that no release can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReleaseName {
    /// There is none.
    #[error("no name provided")]
    Missing,
    /// It has other letters than it may have, or too many.
    #[error(
        "release name {0:?}: only lowercase letters, digits, `-` and `.` may stand in it, each part must begin and end with a letter or digit, and it may have no more than {MAXIMUM_LENGTH} characters"
    )]
    Malformed(String),
}

/// Checks the name of a release.
pub fn check_release_name(name: &str) -> Result<(), InvalidReleaseName> {
    if name.is_empty() {
        return Err(InvalidReleaseName::Missing);
    }
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let part_is_good = |part: &str| {
        let bytes = part.as_bytes();
        bytes.iter().all(|&byte| plain(byte) || byte == b'-')
            && bytes.first().is_some_and(|&byte| plain(byte))
            && bytes.last().is_some_and(|&byte| plain(byte))
    };
    if name.len() > MAXIMUM_LENGTH || !name.split('.').all(part_is_good) {
        return Err(InvalidReleaseName::Malformed(name.to_owned()));
    }
    Ok(())
}

/// Renders the template of a name: what `--name-template` takes.
pub fn release_name(template: &str) -> Result<String, Box<TemplateError>> {
    const NAME: &str = "name-template";
    let mut set = TemplateSet::new(functions::table())
        .with_name(NAME)
        .with_missing_key(MissingKey::Default);
    set.parse(NAME, template)
        .map_err(|error| Box::new(TemplateError::parse(&error)))?;
    let context = Context::new(None, Entropy::System);
    Engine::new(&set, &context, Limits::default())
        .execute(NAME, Value::Nil)
        .map(|name| name.to_str().into_owned())
        .map_err(|error| Box::new(TemplateError::execute(NAME, &error, None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_helm_accepts() {
        for good in ["a", "portal", "a-b.c0", &"x".repeat(53)] {
            assert_eq!(check_release_name(good), Ok(()), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a..b", "a_b", &"x".repeat(54)] {
            assert!(check_release_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_made_of_templates() {
        assert_eq!(release_name("{{ \"AB\" | lower }}-1").unwrap(), "ab-1");
        assert!(release_name("{{ nosuch }}").is_err());
        assert!(release_name("{{ fail \"x\" }}").is_err());
    }
}
