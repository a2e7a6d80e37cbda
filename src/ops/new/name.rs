//! Names that Kubernetes takes: takes a text, gives what is wrong with it and a name like it, never
//! changes a name unasked.

use super::error::NewError;

/// The longest name of a release, as Helm has it: charts add to it.
pub(super) const RELEASE: usize = 53;
/// The longest label of a host name: RFC 1123.
pub(super) const LABEL: usize = 63;

/// Checks a name: small letters, digits and dashes, a letter or digit at both ends.
///
/// Source: Kubernetes, "Object Names and IDs", RFC 1123 label names.
pub(super) fn check(what: &'static str, name: &str, longest: usize) -> Result<(), NewError> {
    let is_end = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let wrong = name
        .chars()
        .find(|&character| !is_end(character) && character != '-');
    let cause = match wrong {
        _ if name.is_empty() => "it is empty".to_owned(),
        Some(character) => format!(
            "`{}` is no small letter, digit or dash",
            character.escape_default()
        ),
        None if name.starts_with('-') || name.ends_with('-') => {
            "it begins or ends with a dash".to_owned()
        }
        None if name.len() > longest => {
            format!("it has {} characters, {longest} is the most", name.len())
        }
        None => return Ok(()),
    };
    let near = near(name, longest);
    Err(NewError::Name {
        what,
        name: name.to_owned(),
        cause,
        near,
    })
}

fn near(name: &str, longest: usize) -> Option<String> {
    let folded: String = name
        .to_lowercase()
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .take(longest)
        .collect();
    let near = folded.trim_matches('-').to_owned();
    (!near.is_empty() && near != name).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> Option<(String, Option<String>)> {
        match check("a service", name, 10) {
            Err(NewError::Name { cause, near, .. }) => Some((cause, near)),
            _ => None,
        }
    }

    #[test]
    fn names_are_labels() {
        assert_eq!(told("web-2"), None);
        let (cause, near) = told("My_App").expect("wrong");
        assert_eq!(cause, "`M` is no small letter, digit or dash");
        assert_eq!(near.as_deref(), Some("my-app"));
        assert_eq!(told("-a").expect("wrong").1.as_deref(), Some("a"));
        assert_eq!(told("").expect("wrong"), ("it is empty".to_owned(), None));
        let (cause, near) = told("elevencharacters").expect("wrong");
        assert_eq!(cause, "it has 16 characters, 10 is the most");
        assert_eq!(near.as_deref(), Some("elevenchar"));
        assert!(told("../x").is_some() && told("a\nb").is_some() && told("é").is_some());
    }
}
