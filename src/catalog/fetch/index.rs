//! The index of a chart repository: takes the bytes of an `index.yaml`, gives the versions of a
//! chart with their addresses and digests, chooses one by Helm's rules, never fetches.

use std::collections::BTreeMap;

use chart::{Constraint, Version};
use goyaml::Node;
use reqwest::Url;
use serde::Deserialize;

use super::digest::Digest;
use super::error::FetchError;

/// So many versions show which ones there are.
const SHOWN: usize = 5;

/// The charts of a repository.
#[derive(Debug)]
pub(super) struct Index {
    entries: Entries,
}

/// The versions of each chart.
type Entries = Vec<(String, Vec<Entry>)>;

/// One version of one chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) version: String,
    pub(super) urls: Vec<String>,
    pub(super) digest: Option<String>,
}

/// Why bytes are no index.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoIndex {
    Html,
    Other(String),
}

impl Index {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, NoIndex> {
        if looks_like_html(bytes) {
            return Err(NoIndex::Html);
        }
        let other = |text: &str| NoIndex::Other(text.to_owned());
        let text = std::str::from_utf8(bytes).map_err(|_| other("it is not UTF-8"))?;
        if text.trim().is_empty() {
            return Err(other("it is empty"));
        }
        // JSON is much faster to read, and some repositories have it.
        let json: Option<Json> = text
            .trim_start()
            .starts_with('{')
            .then(|| serde_json::from_str(text).ok())
            .flatten();
        let (api_version, entries) = match json {
            Some(json) => (json.api_version.clone(), json.entries()),
            None => read_yaml(text)?,
        };
        if api_version.is_none() {
            return Err(other("it has no apiVersion"));
        }
        Ok(Self { entries })
    }

    /// Returns the version that Helm would take: the one that is named exactly, else the newest in
    /// the range.
    pub(super) fn select(
        &self,
        repository: &str,
        name: &str,
        range: &str,
    ) -> Result<&Entry, FetchError> {
        let versions = self.entries.iter().find(|(known, _)| known == name);
        let Some((_, versions)) = versions else {
            let names = self.entries.iter().map(|(known, _)| known.as_str());
            return Err(FetchError::UnknownChart {
                repository: repository.to_owned(),
                name: name.to_owned(),
                nearest: crate::suggest::nearest(name, names).map(str::to_owned),
            });
        };
        if let Some(exact) = versions.iter().find(|entry| entry.version == range) {
            return Ok(exact);
        }
        let texts = versions.iter().map(|entry| entry.version.as_str());
        let chosen = choose(name, range, texts)?;
        versions
            .iter()
            .find(|entry| entry.version == chosen)
            .ok_or_else(|| FetchError::NoVersion {
                name: name.to_owned(),
                range: range.to_owned(),
                newest: Vec::new(),
            })
    }
}

/// Returns the newest of the versions that lies in a range; an empty range takes any.
pub(super) fn choose<'v>(
    name: &str,
    range: &str,
    versions: impl Iterator<Item = &'v str>,
) -> Result<String, FetchError> {
    let wanted = if range.is_empty() { "*" } else { range };
    let constraint = Constraint::parse(wanted).map_err(|error| FetchError::Range {
        range: range.to_owned(),
        cause: error.to_string(),
    })?;
    let mut versions: Vec<Version> = versions
        .filter_map(|text| Version::parse(text).ok())
        .collect();
    versions.sort_by(|left, right| right.compare(left));
    let found = versions.iter().find(|version| constraint.check(version));
    found
        .map(|version| version.original.clone())
        .ok_or_else(|| FetchError::NoVersion {
            name: name.to_owned(),
            range: range.to_owned(),
            newest: versions
                .iter()
                .take(SHOWN)
                .map(|version| version.original.clone())
                .collect(),
        })
}

impl Entry {
    /// Returns where the archive is: relative to the repository, unless it is a whole address.
    pub(super) fn address(&self, repository: &Url) -> Result<Url, String> {
        let text = self
            .urls
            .first()
            .ok_or_else(|| "the index has no address for it".to_owned())?;
        let unreadable = |_| "the index has an address for it that cannot be read".to_owned();
        let mut url = if let Ok(absolute) = Url::parse(text) {
            absolute
        } else {
            let mut base = directory(repository);
            let query = base.query().map(str::to_owned);
            base.set_query(None);
            let mut url = base.join(text).map_err(unreadable)?;
            // As Helm does: a repository's own query is that of its archives, too.
            url.set_query(query.as_deref());
            url
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!(
                "the index has an address for it that is no http or https: {}",
                super::client::shown(&url)
            ));
        }
        // Credentials in an index are not ours to show.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(url)
    }

    /// Returns the digest that the index announces; an unreadable one is an error.
    pub(super) fn announced(&self) -> Result<Option<Digest>, String> {
        match self.digest.as_deref() {
            None | Some("") => Ok(None),
            Some(text) => Digest::parse(text)
                .map(Some)
                .ok_or_else(|| "the index has a digest for it that is no SHA-256".to_owned()),
        }
    }
}

/// Returns an address with a slash at its end.
pub(super) fn directory(url: &Url) -> Url {
    let mut url = url.clone();
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}

/// Tells whether bytes begin as a web page does.
pub(super) fn looks_like_html(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let text = bytes.trim_ascii_start();
    text.starts_with(b"<")
}

/// An index as JSON; what is not needed is not kept.
#[derive(Deserialize)]
struct Json {
    #[serde(rename = "apiVersion")]
    api_version: Option<String>,
    entries: Option<BTreeMap<String, Option<Vec<Option<JsonEntry>>>>>,
}

#[derive(Deserialize)]
struct JsonEntry {
    version: Option<String>,
    urls: Option<Vec<String>>,
    digest: Option<String>,
}

impl Json {
    fn entries(self) -> Entries {
        let charts = self.entries.unwrap_or_default().into_iter();
        let versions = |versions: Option<Vec<Option<JsonEntry>>>| {
            let versions = versions.unwrap_or_default().into_iter().flatten();
            versions
                .filter_map(|one| entry(one.version?, one.urls.unwrap_or_default(), one.digest))
                .collect()
        };
        charts.map(|(name, list)| (name, versions(list))).collect()
    }
}

fn read_yaml(text: &str) -> Result<(Option<String>, Entries), NoIndex> {
    let root = goyaml::parse(text)
        .map_err(|error| NoIndex::Other(format!("it is not valid YAML (line {})", error.line)))?;
    let text_of = |node: &Node, key: &str| Some(node.get(key)?.as_str()?.to_owned());
    let one = |item: &Node| {
        let urls = item.get("urls").and_then(Node::as_sequence);
        let urls = urls.unwrap_or_default().iter();
        entry(
            text_of(item, "version")?,
            urls.filter_map(|url| Some(url.as_str()?.to_owned()))
                .collect(),
            text_of(item, "digest"),
        )
    };
    let charts = root.get("entries").and_then(Node::as_mapping);
    let entries = charts.unwrap_or_default().iter().map(|chart| {
        let versions = chart.value.as_sequence().unwrap_or_default().iter();
        (chart.key.clone(), versions.filter_map(one).collect())
    });
    Ok((text_of(&root, "apiVersion"), entries.collect()))
}

/// Returns an entry; what cannot be compared cannot be chosen, and Helm passes over it, too.
fn entry(version: String, urls: Vec<String>, digest: Option<String>) -> Option<Entry> {
    Version::parse(&version).is_ok().then_some(Entry {
        version,
        urls,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "apiVersion: v1\n\
        entries:\n  redis:\n\
        \x20 - {version: 1.9.0, urls: [a.tgz]}\n\
        \x20 - {version: 1.10.0, urls: ['https://cdn.example.org/b.tgz']}\n\
        \x20 - {version: 2.0.0-rc.1, urls: [c.tgz], digest: abc}\n\
        \x20 - {version: 1.2.3+5, urls: [d.tgz]}\n\
        \x20 - {version: nonsense, urls: [e.tgz]}\n\
        \x20 -\n";

    fn selected(range: &str) -> Result<String, String> {
        let index = Index::parse(INDEX.as_bytes()).expect("an index");
        let entry = index.select("https://charts.example.org", "redis", range);
        entry
            .map(|entry| entry.version.clone())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_newest_version_of_the_range_is_taken() {
        for (range, version) in [
            ("", "1.10.0"),
            ("*", "1.10.0"),
            ("^1.2", "1.10.0"),
            ("1.9", "1.9.0"),
            ("<1.9.0", "1.2.3+5"),
            ("1.2.3+5", "1.2.3+5"),
            ("v1.9.0", "1.9.0"),
            (">=2.0.0-0", "2.0.0-rc.1"),
            ("2.0.0-rc.1", "2.0.0-rc.1"),
        ] {
            assert_eq!(selected(range), Ok(version.to_owned()), "{range}");
        }
        assert_eq!(
            selected("^3"),
            Err(
                "redis has no version in `^3`; the newest are 2.0.0-rc.1, 1.10.0, 1.9.0, 1.2.3+5"
                    .to_owned()
            )
        );
        assert!(selected("main").is_err());
    }

    #[test]
    fn names_are_suggested() {
        let index = Index::parse(INDEX.as_bytes()).expect("an index");
        let error = index.select("https://charts.example.org", "rediss", "1");
        assert_eq!(
            error.expect_err("unknown").to_string(),
            "https://charts.example.org has no chart rediss (did you mean redis?)"
        );
    }

    #[test]
    fn addresses_are_relative_to_the_repository() {
        let of = |repository: &str, url: &str| {
            let entry = Entry {
                version: "1.0.0".into(),
                urls: vec![url.into()],
                digest: None,
            };
            let repository = Url::parse(repository).expect("an address");
            entry.address(&repository).map(|url| url.to_string())
        };
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(
            of("https://a.example.org/x", "b.tgz"),
            ok("https://a.example.org/x/b.tgz")
        );
        assert_eq!(
            of("https://a.example.org/x/", "y/b.tgz"),
            ok("https://a.example.org/x/y/b.tgz")
        );
        assert_eq!(
            of("https://a.example.org/x", "/b.tgz"),
            ok("https://a.example.org/b.tgz")
        );
        assert_eq!(
            of("https://a.example.org/x?k=v", "b.tgz"),
            ok("https://a.example.org/x/b.tgz?k=v")
        );
        assert_eq!(
            of(
                "https://a.example.org/x",
                "https://u:p@cdn.example.org/b.tgz"
            ),
            ok("https://cdn.example.org/b.tgz")
        );
        assert!(of("https://a.example.org/x", "file:///etc/passwd").is_err());
    }

    #[test]
    fn what_is_no_index_is_told() {
        let no = |text: &str| Index::parse(text.as_bytes()).expect_err("no index");
        assert_eq!(no("\n <!DOCTYPE html><html>"), NoIndex::Html);
        for text in ["", "entries: {}", "a: [", "{\"entries\": {}}", "- x"] {
            assert!(matches!(no(text), NoIndex::Other(_)), "{text}");
        }
        assert!(Index::parse(b"{\"apiVersion\": \"v1\", \"entries\": null}").is_ok());
    }

    #[test]
    fn unreadable_digests_are_errors() {
        let entry = |digest: Option<&str>| Entry {
            version: "1.0.0".into(),
            urls: Vec::new(),
            digest: digest.map(str::to_owned),
        };
        assert_eq!(entry(None).announced(), Ok(None));
        assert_eq!(entry(Some("")).announced(), Ok(None));
        assert!(entry(Some("abc")).announced().is_err());
        assert!(
            entry(Some(&"a".repeat(64)))
                .announced()
                .is_ok_and(|one| one.is_some())
        );
    }
}
