//! The name of an image: takes it as people write it, gives its parts with what is left out filled
//! in as container runtimes do, never asks whether it exists.
//!
//! Source: `distribution/reference`, which docker, containerd and kubelets read names with.

use std::fmt;

use serde::Serialize;

/// The registry of names without one.
const DEFAULT_REGISTRY: &str = "docker.io";
/// What `docker.io` was called before.
const OLD_DEFAULT_REGISTRY: &str = "index.docker.io";
/// Where `docker.io` keeps names of one word.
const OFFICIAL: &str = "library/";
/// The tag of names without tag and digest.
const DEFAULT_TAG: &str = "latest";
/// The longest repository.
const MAXIMUM_REPOSITORY: usize = 255;
/// The longest tag.
const MAXIMUM_TAG: usize = 128;

/// A name of an image, with nothing left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reference {
    /// The registry's host, with its port where it has one.
    pub registry: String,
    /// The repository in the registry.
    pub repository: String,
    /// The tag; absent where only a digest is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The digest, which decides where there is a tag as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Why a text is not the name of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReference {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// There are blanks.
    #[error("it has a blank in it")]
    Blank,
    /// It is an address.
    #[error("it is a URL: leave out the scheme")]
    Url,
    /// A repository is in small letters.
    #[error("the repository has capital letters")]
    Capitals,
    /// The registry's host is none.
    #[error("the registry is no host name")]
    Registry,
    /// The repository is none.
    #[error("the repository is not made of letters, digits and single separators between them")]
    Repository,
    /// The repository is too long.
    #[error("the repository is longer than {MAXIMUM_REPOSITORY} characters")]
    Long,
    /// The tag is none.
    #[error("the tag is not made of letters, digits, `_`, `.` and `-`")]
    Tag,
    /// The digest is none.
    #[error("the digest is not of the form sha256: and 64 hexadecimal digits")]
    Digest,
}

impl Reference {
    /// Reads a name; the registry, `library/` and the tag are filled in.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        if text.is_empty() {
            return Err(InvalidReference::Empty);
        }
        if text.contains(char::is_whitespace) {
            return Err(InvalidReference::Blank);
        }
        if text.contains("://") {
            return Err(InvalidReference::Url);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon in the last part begins a tag; one before it, a port.
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[last..].split_once(':') {
            Some((word, tag)) => (&rest[..last + word.len()], Some(tag)),
            None => (rest, None),
        };
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err(InvalidReference::Digest);
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(InvalidReference::Tag);
        }
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if is_registry(first) => (first, rest),
            _ => (DEFAULT_REGISTRY, name),
        };
        if !is_host(registry) {
            return Err(InvalidReference::Registry);
        }
        let registry = match registry {
            OLD_DEFAULT_REGISTRY => DEFAULT_REGISTRY,
            other => other,
        };
        let official = registry == DEFAULT_REGISTRY && !repository.contains('/');
        let repository = format!("{}{repository}", if official { OFFICIAL } else { "" });
        if repository.contains(|character: char| character.is_ascii_uppercase()) {
            return Err(InvalidReference::Capitals);
        }
        if !repository.split('/').all(is_path_component) {
            return Err(InvalidReference::Repository);
        }
        if repository.len() > MAXIMUM_REPOSITORY {
            return Err(InvalidReference::Long);
        }
        let tag = match (tag, digest) {
            (None, None) => Some(DEFAULT_TAG),
            (tag, _) => tag,
        };
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// Tells whether what is pulled may be another image tomorrow because no version is named.
    pub fn is_latest(&self) -> bool {
        self.digest.is_none() && self.tag.as_deref() == Some(DEFAULT_TAG)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(formatter, "@{digest}")?;
        }
        Ok(())
    }
}

/// Tells whether the first part of a name is a registry: hosts have a dot, a port or capitals.
fn is_registry(first: &str) -> bool {
    first.contains(['.', ':'])
        || first == "localhost"
        || first.contains(|character: char| character.is_ascii_uppercase())
}

fn is_host(host: &str) -> bool {
    let (is_name, port) = if let Some(rest) = host.strip_prefix('[') {
        match rest.split_once(']') {
            Some((address, port)) => (is_address(address), port),
            None => (false, ""),
        }
    } else {
        let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
        (name.split('.').all(is_label), port)
    };
    let is_port = |digits: &str| {
        !digits.is_empty() && digits.chars().all(|character| character.is_ascii_digit())
    };
    is_name && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_address(address: &str) -> bool {
    !address.is_empty()
        && address
            .chars()
            .all(|character| character.is_ascii_hexdigit() || character == ':')
}

fn is_label(label: &str) -> bool {
    let is_edge = |character: char| character.is_ascii_alphanumeric();
    label.starts_with(is_edge)
        && label.ends_with(is_edge)
        && label
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '-')
}

/// Letters and digits, between them one dot, one or two underscores, or any number of dashes.
fn is_path_component(component: &str) -> bool {
    let alphanumeric =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let mut separator = String::new();
    let mut begun = false;
    for character in component.chars() {
        if alphanumeric(character) {
            let fits = match separator.as_str() {
                "" => true,
                _ if !begun => false,
                "." | "_" | "__" => true,
                dashes => dashes.chars().all(|dash| dash == '-'),
            };
            if !fits {
                return false;
            }
            separator.clear();
            begun = true;
        } else if matches!(character, '.' | '_' | '-') {
            separator.push(character);
        } else {
            return false;
        }
    }
    begun && separator.is_empty()
}

fn is_tag(tag: &str) -> bool {
    let word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    tag.len() <= MAXIMUM_TAG
        && tag.starts_with(word)
        && tag
            .chars()
            .all(|character| word(character) || matches!(character, '.' | '-'))
}

fn is_digest(digest: &str) -> bool {
    let Some((algorithm, encoded)) = digest.split_once(':') else {
        return false;
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    encoded.len() == length
        && encoded
            .chars()
            .all(|character| matches!(character, '0'..='9' | 'a'..='f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> String {
        Reference::parse(text).map_or_else(
            |error| format!("{error:?}"),
            |reference| reference.to_string(),
        )
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        for (text, expected) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.25", "docker.io/library/nginx:1.25"),
            ("grafana/grafana:12", "docker.io/grafana/grafana:12"),
            ("index.docker.io/nginx:1", "docker.io/library/nginx:1"),
            ("docker.io/nginx:1", "docker.io/library/nginx:1"),
            ("quay.io/a/b", "quay.io/a/b:latest"),
            ("localhost/a:1", "localhost/a:1"),
            ("localhost:5000/a:1", "localhost:5000/a:1"),
            ("Registry/a:1", "Registry/a:1"),
            ("[::1]:5000/a:1", "[::1]:5000/a:1"),
            (
                "a_b/c--d/e.f__g:X_1.2-3",
                "docker.io/a_b/c--d/e.f__g:X_1.2-3",
            ),
        ] {
            assert_eq!(full(text), expected, "{text}");
        }
        assert_eq!(
            full(&format!("a@{digest}")),
            format!("docker.io/library/a@{digest}")
        );
        assert_eq!(
            full(&format!("x.io/a:1@{digest}")),
            format!("x.io/a:1@{digest}")
        );
    }

    #[test]
    fn only_what_may_change_is_latest() {
        let latest = |text: &str| Reference::parse(text).expect(text).is_latest();
        let digest = format!("sha256:{}", "0".repeat(64));
        assert!(latest("nginx"));
        assert!(latest("nginx:latest"));
        assert!(!latest("nginx:1"));
        assert!(!latest(&format!("nginx:latest@{digest}")));
        assert!(!latest(&format!("nginx@{digest}")));
    }

    #[test]
    fn what_no_runtime_reads_is_refused() {
        for (text, expected) in [
            ("", "Empty"),
            ("a b", "Blank"),
            ("https://quay.io/a", "Url"),
            ("quay.io/Nginx:1", "Capitals"),
            ("Nginx", "Capitals"),
            ("quay.io/:1", "Repository"),
            ("a//b", "Repository"),
            ("a..b", "Repository"),
            ("a___b", "Repository"),
            ("-a", "Repository"),
            ("a-", "Repository"),
            ("/a", "Repository"),
            ("a:", "Tag"),
            ("a:-1", "Tag"),
            ("a:1:2", "Tag"),
            ("a:1+build", "Tag"),
            ("a@sha256:12", "Digest"),
            ("a@", "Digest"),
            ("-x.io/a", "Registry"),
            ("x.io:/a", "Registry"),
            ("<no value>:1", "Blank"),
        ] {
            assert_eq!(full(text), expected, "{text}");
        }
        assert_eq!(full(&"a/".repeat(200)), "Repository");
        assert_eq!(full(&"a".repeat(300)), "Long");
        assert_eq!(full(&format!("a:{}", "1".repeat(129))), "Tag");
    }
}
