//! Remote bases: takes a URL as Kustomize takes it, gives the repository, the revision and the
//! folder, never fetches.
//!
//! The grammar is that of Kustomize's `RepoSpec`: `host/owner/repository//folder?ref=x`, where the
//! end of the repository is told by `//`, `.git`, `_git/`, or else by its second part.

use std::time::Duration;

/// A remote base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// What Git clones, credentials included: not for messages.
    pub repository: String,
    /// The folder in it, empty for its root.
    pub folder: String,
    /// The revision: a branch, a tag or a commit; empty for the default branch.
    pub revision: String,
    /// How long each step of the fetch may take, where the URL says it; Kustomize's own patience is
    /// 27 seconds.
    pub timeout: Option<Duration>,
    /// Submodules are fetched too.
    pub submodules: bool,
}

impl Remote {
    /// Reads a URL; none where it is a path or no URL of a repository.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        if url.starts_with('/') {
            return None;
        }
        let (url, query) = url.split_once('?').unwrap_or((url, ""));
        let (host, path) = split_host(url)?;
        let (repository, folder) = split_path(path, host.starts_with("file://"))?;
        let folder = folder.trim_start_matches('/');
        let leaves = crate::files::resolve("", folder).is_none();
        if repository.is_empty() || leaves {
            return None;
        }
        let mut remote = Self {
            repository: format!("{host}{repository}"),
            folder: folder.trim_end_matches('/').to_owned(),
            revision: String::new(),
            timeout: None,
            submodules: true,
        };
        remote.read_query(query);
        Some(remote)
    }

    /// Tells whether a URL says itself that it is a repository's, and not a file's: by the marks
    /// between the repository and the folder in it. Without them only its server can tell.
    #[must_use]
    pub fn is_marked(url: &str) -> bool {
        let path = url.split('?').next().unwrap_or_default();
        let rest = path.split_once("://").map_or(path, |(_, rest)| rest);
        let marked = rest.contains("//") || rest.contains(".git") || rest.contains("_git/");
        let file = [".yaml", ".yml", ".json"];
        !is_http(url) || marked && !file.iter().any(|ending| rest.ends_with(ending))
    }

    /// Returns the URL for messages: without credentials and without query.
    #[must_use]
    pub fn shown(&self) -> String {
        let repository = without_credentials(&self.repository);
        let mut shown = if self.folder.is_empty() {
            repository
        } else {
            format!("{repository}//{}", self.folder)
        };
        if !self.revision.is_empty() {
            shown.push_str("?ref=");
            shown.push_str(&self.revision);
        }
        shown
    }

    fn read_query(&mut self, query: &str) {
        let mut version = String::new();
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            match key {
                "ref" if self.revision.is_empty() => self.revision = value,
                "version" if version.is_empty() => version = value,
                "timeout" => self.timeout = duration(&value),
                "submodules" => match value.as_str() {
                    "0" | "f" | "F" | "false" | "FALSE" | "False" => self.submodules = false,
                    _ => {}
                },
                _ => {}
            }
        }
        if self.revision.is_empty() {
            self.revision = version;
        }
    }
}

/// Returns a URL without user and password, and without its query.
pub(crate) fn without_credentials(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = match rest[..end].rfind('@') {
        Some(at) => &rest[at + 1..],
        None => rest,
    };
    format!("{scheme}{host}")
}

/// Returns true for what is read over HTTP.
pub(crate) fn is_http(path: &str) -> bool {
    let lower = path.get(..8).unwrap_or(path).to_ascii_lowercase();
    lower.starts_with("http://") || lower.starts_with("https://")
}

fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let front = text.get(..prefix.len())?;
    front
        .eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// Splits the host off, with scheme, user and the separator after it.
fn split_host(url: &str) -> Option<(String, &str)> {
    let url = strip(url, "git::").unwrap_or(url);
    let schemes = ["ssh://", "https://", "http://", "file://"];
    let found = schemes
        .iter()
        .find_map(|scheme| strip(url, scheme).map(|rest| (*scheme, rest)));
    let (scheme, rest) = found.unwrap_or(("", url));
    if scheme == "file://" {
        return Some((scheme.to_owned(), rest));
    }
    let user_end = rest.find('@').filter(|at| {
        let user = &rest[..*at];
        user.starts_with(|first: char| first.is_ascii_alphabetic())
            && user
                .chars()
                .all(|other| other.is_ascii_alphanumeric() || other == '-')
    });
    let (user, rest) = user_end.map_or(("", rest), |at| rest.split_at(at + 1));
    let github = strip(rest, "github.com/").is_some() || strip(rest, "github.com:").is_some();
    let like_scp = scheme.is_empty() && (!user.is_empty() || github);
    if scheme.is_empty() && !like_scp {
        return None;
    }
    let mut separator = rest.find('/');
    if like_scp {
        let colon = rest.find(':');
        if separator.is_none_or(|slash| colon.is_some_and(|colon| colon > 0 && colon < slash)) {
            separator = colon;
        }
    }
    let (host, path) = separator.map_or((rest, ""), |at| rest.split_at(at + 1));
    if github {
        return Some(if scheme == "ssh://" || !user.is_empty() {
            (format!("{user}github.com:"), path)
        } else {
            ("https://github.com/".to_owned(), path)
        });
    }
    (!host.is_empty()).then(|| (format!("{scheme}{user}{host}"), path))
}

/// Splits a path into repository and folder.
fn split_path(path: &str, is_file: bool) -> Option<(&str, &str)> {
    if let Some(at) = path.find("_git/") {
        let start = at + "_git/".len();
        let end = path[start..].find('/').map_or(path.len(), |at| start + at);
        return Some((&path[..end], path[end..].trim_start_matches('/')));
    }
    if let Some(at) = path.find("//") {
        return Some((&path[..at], &path[at + 2..]));
    }
    if let Some(at) = path.find(".git") {
        return Some(path.split_at(at + ".git".len()));
    }
    if is_file {
        return Some((path, ""));
    }
    let slash = path.find('/')?;
    let end = path[slash + 1..]
        .find('/')
        .map_or(path.len(), |at| slash + 1 + at);
    Some((&path[..end], path[end..].trim_start_matches('/')))
}

/// Decodes `%2F` and `+` in a query.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = hex {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(if first == b'+' { b' ' } else { first });
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads a number of seconds, or a number with `s`, `m`, `h` or `ms`.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|other: char| !other.is_ascii_digit());
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    match unit {
        "" | "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3600)?)),
        "ms" => Some(Duration::from_millis(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_repository_folder_and_revision() {
        for (url, repository, folder, revision) in [
            ("github.com/o/r", "https://github.com/o/r", "", ""),
            (
                "github.com/o/r/a/b?ref=v1",
                "https://github.com/o/r",
                "a/b",
                "v1",
            ),
            (
                "https://github.com/o/r//a?version=x",
                "https://github.com/o/r",
                "a",
                "x",
            ),
            (
                "https://example.org/o/r.git/a?ref=m&version=n",
                "https://example.org/o/r.git",
                "/a",
                "m",
            ),
            ("git@github.com:o/r.git", "git@github.com:o/r.git", "", ""),
            (
                "git@example.org:o/r.git//a/b",
                "git@example.org:o/r.git",
                "a/b",
                "",
            ),
            (
                "ssh://git@example.org/o/r//a",
                "ssh://git@example.org/o/r",
                "a",
                "",
            ),
            (
                "git::https://example.org/o/r//a",
                "https://example.org/o/r",
                "a",
                "",
            ),
            (
                "https://example.org/x/_git/r/a",
                "https://example.org/x/_git/r",
                "a",
                "",
            ),
            ("file:///srv/r//a", "file:///srv/r", "a", ""),
        ] {
            let remote = Remote::parse(url).unwrap_or_else(|| panic!("{url} is no remote"));
            assert_eq!(remote.repository, repository, "{url}");
            assert_eq!(remote.folder, folder.trim_start_matches('/'), "{url}");
            assert_eq!(remote.revision, revision, "{url}");
        }
        for path in [
            "../base",
            "base",
            "/base",
            "https://example.org",
            "github.com/o/r//../x",
        ] {
            assert_eq!(Remote::parse(path), None, "{path}");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        let url = "https://user:secret@example.org/o/r//a?ref=v1&token=secret";
        assert_eq!(without_credentials(url), "https://example.org/o/r//a");
        let remote = Remote::parse("https://user@example.org/o/r//a?ref=v1&timeout=90").unwrap();
        assert_eq!(remote.shown(), "https://example.org/o/r//a?ref=v1");
        assert_eq!(remote.timeout, Some(Duration::from_secs(90)));
    }
}
