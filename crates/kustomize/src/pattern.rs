//! Patterns of targets and paths: takes a regular expression, gives whether texts fit, never sets up
//! the machinery of regular expressions for one that is only a text.

use regex::Regex;

/// A regular expression made ready.
pub(crate) enum Pattern {
    /// The whole text: the same characters, a dot standing for any one.
    Whole(String),
    /// A text that the other contains.
    Part(String),
    /// Anything else.
    Regex(Regex),
}

impl Pattern {
    /// Returns the pattern of whole texts; the sentence refuses what is no regular expression.
    pub(crate) fn whole(pattern: &str) -> Result<Self, String> {
        if is_plain(pattern, true) {
            return Ok(Self::Whole(pattern.to_owned()));
        }
        Self::regex(pattern, &format!("^(?:{pattern})$"))
    }

    /// Returns the pattern of texts that contain what fits.
    pub(crate) fn anywhere(pattern: &str) -> Result<Self, String> {
        if is_plain(pattern, false) {
            return Ok(Self::Part(pattern.to_owned()));
        }
        Self::regex(pattern, pattern)
    }

    fn regex(shown: &str, pattern: &str) -> Result<Self, String> {
        Regex::new(pattern)
            .map(Self::Regex)
            .map_err(|_| format!("{shown} is no regular expression"))
    }

    /// Returns true where a text fits.
    pub(crate) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Whole(pattern) => rest_after(pattern, text) == Some(""),
            Self::Part(part) => text.contains(part.as_str()),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// What images are replaced: a name, which is a pattern, and any tag and digest.
pub(crate) enum ImagePattern {
    /// A name of the same characters, a dot standing for any one.
    Name(String),
    /// Anything else.
    Regex(Regex),
}

impl ImagePattern {
    /// Returns the pattern of a name; none where it is no regular expression.
    pub(crate) fn new(name: &str) -> Option<Self> {
        if is_plain(name, true) {
            return Some(Self::Name(name.to_owned()));
        }
        let tag = "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?";
        Regex::new(&format!("^{name}{tag}$")).ok().map(Self::Regex)
    }

    /// Returns true where an image fits.
    pub(crate) fn fits(&self, image: &str) -> bool {
        match self {
            Self::Name(name) => rest_after(name, image).is_some_and(is_tag_and_digest),
            Self::Regex(regex) => regex.is_match(image),
        }
    }
}

/// Returns true for a pattern in which each character stands for itself, or a dot for any.
fn is_plain(pattern: &str, with_dots: bool) -> bool {
    let stands_for_itself = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'/' | b':')
            || (byte == b'.' && with_dots)
    };
    pattern.bytes().all(stands_for_itself)
}

/// Returns what follows the characters of a plain pattern.
fn rest_after<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    let mut characters = text.chars();
    for wanted in pattern.chars() {
        let character = characters.next()?;
        if wanted != character && (wanted != '.' || character == '\n') {
            return None;
        }
    }
    Some(characters.as_str())
}

/// Returns true for nothing, `:TAG`, `@ALGORITHM:DIGEST`, or both.
fn is_tag_and_digest(text: &str) -> bool {
    let is_of_tag =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'{' | b'}' | b'-');
    let (tag, digest) = match text.split_once('@') {
        Some((tag, digest)) => (tag, Some(digest)),
        None => (text, None),
    };
    let is_whole = |tag: &str| {
        tag.is_empty()
            || tag
                .strip_prefix(':')
                .is_some_and(|it| it.bytes().all(is_of_tag))
    };
    let is_digest = |digest: &str| {
        digest.split_once(':').is_some_and(|(algorithm, digest)| {
            let mut words = algorithm.split(['.', '+', '_', '-']);
            words.all(|word| !word.is_empty() && word.bytes().all(|it| it.is_ascii_alphanumeric()))
                && digest.bytes().all(is_of_tag)
        })
    };
    is_whole(tag) && digest.is_none_or(is_digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 24] = [
        "",
        "a",
        "a.b/c",
        "axb/c",
        "a\nb/c",
        "xa.b/cx",
        "a.b/c:1",
        "a.b/c:",
        "a.b/c:{x}",
        "a.b/c:1:2",
        "a.b/c:ü",
        "aüb/c:1.2-3_4",
        "a.b/c@sha256:12",
        "a.b/c@sha256:",
        "a.b/c@:12",
        "a.b/c:1@sha256:12",
        "a.b/c:1@sha256+b64u:12",
        "a.b/c:1@sha256+:12",
        "a.b/c@sha256",
        "a.b/c@sha256:1:2",
        "a.b/c:1@a@b:2",
        "a.b/c\n",
        "a.b/c:1\n",
        "a.b/cd",
    ];

    #[test]
    fn plain_patterns_fit_what_regular_expressions_fit() {
        for pattern in ["", "a", "a.b/c", "a-b", "...", "a:b"] {
            let whole = Pattern::whole(pattern).unwrap();
            let part = Pattern::anywhere(pattern).unwrap();
            let image = ImagePattern::new(pattern).unwrap();
            assert!(matches!(whole, Pattern::Whole(_)), "{pattern}");
            assert!(matches!(image, ImagePattern::Name(_)), "{pattern}");
            // A group changes nothing, but is not plain.
            let grouped = format!("(?:{pattern})");
            let (full, full_image) = (
                Pattern::whole(&grouped).unwrap(),
                ImagePattern::new(&grouped).unwrap(),
            );
            let full_part = Pattern::anywhere(&grouped).unwrap();
            assert!(matches!(full, Pattern::Regex(_)));
            for text in TEXTS {
                assert_eq!(whole.fits(text), full.fits(text), "{pattern} {text:?}");
                assert_eq!(part.fits(text), full_part.fits(text), "{pattern} {text:?}");
                assert_eq!(
                    image.fits(text),
                    full_image.fits(text),
                    "{pattern} {text:?}"
                );
            }
        }
        assert!(Pattern::whole("(").is_err());
        assert!(ImagePattern::new("(").is_none());
    }
}
