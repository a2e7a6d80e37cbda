//! Charts of a registry: takes a repository of the distribution specification, gives the tags, and
//! the address and digest of a chart's archive, never pushes and never reads more than a manifest.

use reqwest::Url;
use reqwest::header::{HeaderName, LINK};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use chart::Version;

use super::client::{Answer, Authorization, Client, Get, shown};
use super::digest::Digest;
use super::error::FetchError;
use super::token::Asking;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const LEGACY_CHART: &str = "application/tar+gzip";

/// No chart has so many pages of versions.
const MAXIMUM_PAGES: usize = 200;

/// One repository of one registry.
#[derive(Debug)]
pub(super) struct Registry<'r> {
    client: &'r Client,
    /// Host and port as they are written.
    host: String,
    /// The repository, such as `charts/redis`.
    name: String,
    base: OnceCell<Url>,
    authorization: OnceCell<Authorization>,
}

/// Where a chart's archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) url: Url,
    pub(super) digest: Digest,
}

impl<'r> Registry<'r> {
    /// Returns the repository of a chart: `oci://host/path` and its name.
    pub(super) fn new(client: &'r Client, repository: &str, chart: &str) -> Self {
        let rest = repository.strip_prefix("oci://").unwrap_or(repository);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = path.trim_matches('/');
        Self {
            client,
            host: host.to_owned(),
            name: if path.is_empty() {
                chart.to_owned()
            } else {
                format!("{path}/{chart}")
            },
            base: OnceCell::new(),
            authorization: OnceCell::new(),
        }
    }

    /// Returns what its requests show, as far as it has been asked for.
    pub(super) fn authorization(&self) -> Option<&Authorization> {
        self.authorization.get()
    }

    /// Returns its versions: tags that are whole versions, with `_` for `+` as Helm pushes them.
    pub(super) async fn versions(&self) -> Result<Vec<String>, FetchError> {
        let deadline = self.client.deadline();
        let first = self.address("tags/list?n=1000").await?;
        let mut url = first.clone();
        let mut versions = Vec::new();
        for _ in 0..MAXIMUM_PAGES {
            let answer = self.get(&url, "application/json", deadline).await?;
            let following = answer.header(&LINK).and_then(next_page);
            let following = following.and_then(|link| url.join(&link).ok());
            let address = answer.url.clone();
            let body = answer.body(self.client.limits().answer_bytes).await?;
            let page: Value = json(&body, &address, "list of tags")?;
            let tags = page.get("tags").and_then(Value::as_array);
            versions.extend(
                tags.into_iter()
                    .flatten()
                    .filter_map(|tag| version_of(tag.as_str()?)),
            );
            match following {
                Some(next) if next.origin() == first.origin() && next != url => url = next,
                _ => break,
            }
        }
        Ok(versions)
    }

    /// Returns the archive of a version or of a manifest's digest.
    pub(super) async fn layer(&self, version: &str) -> Result<Layer, FetchError> {
        let deadline = self.client.deadline();
        let by_digest = Digest::parse(version).filter(|_| version.starts_with("sha256:"));
        let reference = match &by_digest {
            Some(digest) => digest.to_string(),
            None => tag_of(version)?,
        };
        let url = self.address(&format!("manifests/{reference}")).await?;
        let answer = self.get(&url, MANIFEST, deadline).await?;
        let address = answer.url.clone();
        let header = HeaderName::from_static("docker-content-digest");
        let told = answer.header(&header).and_then(Digest::parse);
        let html = answer.says_html();
        let body = answer.body(self.client.limits().answer_bytes).await?;
        if html || super::index::looks_like_html(&body) {
            return Err(FetchError::Html {
                url: address,
                expected: "a manifest",
            });
        }
        let found = Digest::of(&body);
        for (expected, who) in [(by_digest, "the request"), (told, "the registry")] {
            if let Some(expected) = expected.filter(|expected| *expected != found) {
                return Err(FetchError::WrongDigest {
                    url: address,
                    found,
                    expected,
                    who,
                });
            }
        }
        let manifest: Value = json(&body, &address, "manifest")?;
        let digest = self.archive(&manifest, &address)?;
        let url = self.address(&format!("blobs/{digest}")).await?;
        Ok(Layer { url, digest })
    }

    fn archive(&self, manifest: &Value, address: &str) -> Result<Digest, FetchError> {
        let wrong = |cause: String| FetchError::Content {
            url: address.to_owned(),
            expected: "Helm chart",
            cause,
        };
        let text = |value: &Value, pointer: &str| {
            value
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let config = text(manifest, "/config/mediaType");
        if config != CONFIG {
            return Err(wrong(if config.is_empty() {
                "its manifest names no configuration".to_owned()
            } else {
                format!("it is of the kind {config}")
            }));
        }
        let layers = manifest.get("layers").and_then(Value::as_array);
        let layer = layers
            .into_iter()
            .flatten()
            .rfind(|layer| [CHART, LEGACY_CHART].contains(&text(layer, "/mediaType").as_str()))
            .ok_or_else(|| wrong(format!("it has no layer of the kind {CHART}")))?;
        let limit = self.client.limits().archive_bytes;
        if layer
            .get("size")
            .and_then(Value::as_u64)
            .is_some_and(|size| size > limit)
        {
            return Err(FetchError::TooLarge {
                url: address.to_owned(),
                limit,
            });
        }
        Digest::parse(&text(layer, "/digest"))
            .filter(|_| text(layer, "/digest").starts_with("sha256:"))
            .ok_or_else(|| wrong("its layer has no SHA-256 digest".to_owned()))
    }

    async fn address(&self, rest: &str) -> Result<Url, FetchError> {
        let base = self.base.get_or_try_init(|| self.find_base()).await?;
        base.join(&format!("v2/{}/{rest}", self.name))
            .map_err(|error| FetchError::Content {
                url: shown(base),
                expected: "address",
                cause: error.to_string(),
            })
    }

    /// Returns the registry's address. Registries are encrypted; one on this machine may be not, as
    /// Docker has it.
    async fn find_base(&self) -> Result<Url, FetchError> {
        let host = match self.host.as_str() {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            host => host,
        };
        let parse = |scheme: &str| {
            Url::parse(&format!("{scheme}://{host}/")).map_err(|error| FetchError::Unreachable {
                url: format!("oci://{host}"),
                cause: error.to_string(),
            })
        };
        let encrypted = parse("https")?;
        if !is_loopback(&encrypted) {
            return Ok(encrypted);
        }
        let probe = Get {
            url: &encrypted.join("v2/").unwrap_or_else(|_| encrypted.clone()),
            accept: "*/*",
            authorization: None,
            from: None,
            deadline: self.client.deadline(),
        };
        match self.client.get(&probe).await {
            // A server that speaks TLS and is not trusted must not be spoken to in clear.
            Err(FetchError::Unreachable { cause, .. }) if !cause.contains("certificate") => {
                parse("http")
            }
            Err(error @ FetchError::Stalled { .. }) => Err(error),
            _ => Ok(encrypted),
        }
    }

    /// Asks; where the registry refuses, asks again with what it wants to see.
    async fn get(&self, url: &Url, accept: &str, deadline: Instant) -> Result<Answer, FetchError> {
        let mut get = Get {
            url,
            accept,
            authorization: self.authorization.get(),
            from: None,
            deadline,
        };
        let answer = self.retried(&get).await?;
        if answer.status() != 401 || get.authorization.is_some() {
            return checked(answer, &get);
        }
        let base = self.base.get().unwrap_or(url);
        let asking = Asking {
            client: self.client,
            registry: base,
            host: &self.host,
            repository: &self.name,
            deadline,
        };
        let Some(found) = asking.authorize(&answer).await? else {
            return checked(answer, &get);
        };
        get.authorization = Some(self.authorization.get_or_init(|| async { found }).await);
        let answer = self.retried(&get).await?;
        checked(answer, &get)
    }

    async fn retried(&self, get: &Get<'_>) -> Result<Answer, FetchError> {
        self.client.get_patiently(get).await
    }
}

fn checked(answer: Answer, get: &Get<'_>) -> Result<Answer, FetchError> {
    match answer.failure(get.authorization.is_some(), get.url) {
        Some(failure) => Err(failure),
        None => Ok(answer),
    }
}

fn json(body: &[u8], address: &str, expected: &'static str) -> Result<Value, FetchError> {
    if super::index::looks_like_html(body) {
        return Err(FetchError::Html {
            url: address.to_owned(),
            expected,
        });
    }
    serde_json::from_slice(body).map_err(|error| FetchError::Content {
        url: address.to_owned(),
        expected,
        cause: format!("it is not valid JSON (line {})", error.line()),
    })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Returns the version that a tag stands for; nothing where it is not a whole one.
fn version_of(tag: &str) -> Option<String> {
    let text = tag.replace('_', "+");
    let version = Version::parse(&text).ok()?;
    // Helm passes over loose tags such as `1.2` and `v1.2.3`: they move.
    (version.to_string() == version.original || format!("{version}+{}", version.metadata) == text)
        .then_some(text)
}

/// Returns the tag of a version; tags have no `+`.
fn tag_of(version: &str) -> Result<String, FetchError> {
    let tag = version.replace('+', "_");
    let valid = !tag.is_empty()
        && tag.len() <= 128
        && !tag.starts_with(['.', '-'])
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    valid.then_some(tag).ok_or_else(|| FetchError::Range {
        range: version.to_owned(),
        cause: "it is no tag".to_owned(),
    })
}

/// Returns the address of `<address>; rel="next"`.
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|one| {
        let (address, rest) = one.trim().strip_prefix('<')?.split_once('>')?;
        rest.contains("rel=\"next\"").then(|| address.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_versions_with_another_sign() {
        assert_eq!(version_of("1.2.3_5"), Some("1.2.3+5".into()));
        assert_eq!(version_of("1.2.3-rc.1"), Some("1.2.3-rc.1".into()));
        for tag in ["latest", "1.2", "v1.2.3", "sha256-abc.sig"] {
            assert_eq!(version_of(tag), None, "{tag}");
        }
        assert_eq!(tag_of("1.2.3+5"), Ok("1.2.3_5".into()));
        for wrong in ["", "../x", "a b", "a/b", "a?b", ".."] {
            assert!(tag_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pages_are_followed_by_their_links() {
        assert_eq!(
            next_page("</v2/x/tags/list?last=a>; rel=\"next\""),
            Some("/v2/x/tags/list?last=a".into())
        );
        assert_eq!(next_page("</v2/x>; rel=\"prev\""), None);
    }

    #[test]
    fn this_machine_is_known() {
        let of = |text: &str| is_loopback(&Url::parse(text).expect("an address"));
        for text in [
            "https://localhost:5000",
            "https://127.0.0.2",
            "https://[::1]:5000",
        ] {
            assert!(of(text), "{text}");
        }
        for text in [
            "https://example.org",
            "https://10.0.0.1",
            "https://localhost.example.org",
        ] {
            assert!(!of(text), "{text}");
        }
    }
}
