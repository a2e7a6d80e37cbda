//! Which chart is wanted, from where, in which versions: takes texts of an Application or a
//! `Chart.yaml`, gives a request that can be looked up, never resolves or fetches it.

use serde::Serialize;

/// A chart that has to be fetched. Requests are compared by what was written, not by what it
/// resolves to: that is what the lock file keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ChartRequest {
    /// Where it comes from: `https://host/path`, `oci://host/path`, or `@name` of a repository that
    /// Helm knows.
    pub repository: String,
    /// The name of the chart.
    pub name: String,
    /// The versions that will do: a range, one version, or `sha256:...` of an OCI manifest.
    pub range: String,
}

/// Why something cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The repository is of a kind that nothing can be fetched from.
    #[error(
        "charts are fetched from https://, http:// and oci:// repositories, not from {repository}"
    )]
    Scheme {
        /// The repository, without credentials.
        repository: String,
    },
    /// The repository's address cannot be read.
    #[error("{repository} is no address of a repository: {cause}")]
    Address {
        /// The repository, without credentials.
        repository: String,
        /// Why.
        cause: String,
    },
    /// The address holds a password.
    #[error("the address of the repository {repository} holds credentials")]
    Credentials {
        /// The repository, without credentials.
        repository: String,
    },
    /// The name could lead to another file or another address.
    #[error("{name:?} is no name of a chart")]
    Name {
        /// The name.
        name: String,
    },
}

/// What a repository speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// An `index.yaml` beside archives.
    Http,
    /// Nothing: an archive is named itself.
    Archive,
    /// The distribution specification.
    Oci,
    /// A name of Helm's `repositories.yaml`.
    Alias,
}

/// The ending of archives; no chart has a name that ends so.
const ARCHIVE: &str = ".tgz";

impl ChartRequest {
    /// Returns a request for a chart of a repository.
    pub fn new(
        repository: impl Into<String>,
        name: impl Into<String>,
        range: impl Into<String>,
    ) -> Result<Self, RequestError> {
        let request = Self {
            repository: repository.into().trim().trim_end_matches('/').to_owned(),
            name: name.into(),
            range: range.into().trim().to_owned(),
        };
        request.check()?;
        Ok(request)
    }

    /// Returns a request for `oci://host/path/name[:version][@sha256:...]`, as Helm writes one
    /// chart; a version in the address wins where no other is given.
    pub fn of_reference(reference: &str, range: &str) -> Result<Self, RequestError> {
        let (rest, digest) = match reference.split_once('@') {
            Some((rest, digest)) if digest.starts_with("sha256:") => (rest, Some(digest)),
            _ => (reference, None),
        };
        let (repository, last) =
            rest.trim_end_matches('/')
                .rsplit_once('/')
                .ok_or_else(|| RequestError::Scheme {
                    repository: without_credentials(reference),
                })?;
        let (name, tag) = last.split_once(':').unwrap_or((last, ""));
        let range = match digest {
            Some(digest) => digest,
            None if range.is_empty() => tag,
            None => range,
        };
        Self::new(repository, name, range)
    }

    /// Returns a request for one archive, such as `https://host/path/name-1.2.3.tgz`; `None` where
    /// the address is not that of one.
    pub fn of_archive(address: &str) -> Option<Result<Self, RequestError>> {
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        let (directory, file) = address.rsplit_once('/')?;
        (is_web && !address.contains(['?', '#']) && file.ends_with(ARCHIVE))
            .then(|| Self::new(directory, file, ""))
    }

    /// Returns whether an archive is named itself: the chart's name and version are known once it is
    /// there.
    pub fn is_archive(&self) -> bool {
        self.protocol() == Protocol::Archive
    }

    /// Returns the chart's own name: the last part of a name with slashes.
    pub fn chart_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    pub(super) fn protocol(&self) -> Protocol {
        if self.repository.starts_with("oci://") {
            Protocol::Oci
        } else if self.alias().is_some() {
            Protocol::Alias
        } else if self.name.ends_with(ARCHIVE) {
            Protocol::Archive
        } else {
            Protocol::Http
        }
    }

    /// Returns the name by which Helm knows the repository, where one is meant.
    pub(super) fn alias(&self) -> Option<&str> {
        self.repository
            .strip_prefix('@')
            .or_else(|| self.repository.strip_prefix("alias:"))
    }

    fn check(&self) -> Result<(), RequestError> {
        // Archives are named after versions.
        let marks: &[u8] = if self.name.ends_with(ARCHIVE) {
            b"._-+"
        } else {
            b"._-"
        };
        let segment = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
        };
        if self.name.len() > 250 || !self.name.split('/').all(segment) {
            return Err(RequestError::Name {
                name: self.name.clone(),
            });
        }
        if let Some(alias) = self.alias() {
            return if alias.is_empty() {
                Err(RequestError::Scheme {
                    repository: self.repository.clone(),
                })
            } else {
                Ok(())
            };
        }
        let shown = without_credentials(&self.repository);
        let Some((scheme, _)) = self.repository.split_once("://") else {
            return Err(RequestError::Scheme { repository: shown });
        };
        // The parser of addresses knows the rules of `https` only.
        let parsed = match scheme {
            "https" | "http" => reqwest::Url::parse(&self.repository),
            "oci" => reqwest::Url::parse(&self.repository.replacen("oci", "https", 1)),
            _ => return Err(RequestError::Scheme { repository: shown }),
        };
        match parsed {
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                Err(RequestError::Credentials { repository: shown })
            }
            Ok(_) => Ok(()),
            Err(error) => Err(RequestError::Address {
                repository: shown,
                cause: error.to_string(),
            }),
        }
    }
}

impl std::fmt::Display for ChartRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)?;
        if !self.range.is_empty() {
            write!(formatter, " {}", self.range)?;
        }
        write!(formatter, " of {}", self.repository)
    }
}

/// Returns an address without what stands before an `@` in its authority, and without its query:
/// what may be shown.
pub(super) fn without_credentials(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = address.split_once("://") else {
        return match address.rsplit_once('@') {
            Some((before, after)) if !before.is_empty() => after.to_owned(),
            _ => address.to_owned(),
        };
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_passwords_are_refused_and_not_shown() {
        for address in [
            "https://user:hunter2@charts.example.org/x?token=hunter2",
            "oci://user:hunter2@registry.example.org/charts",
            "ftp://user:hunter2@charts.example.org",
            "user:hunter2@charts.example.org",
        ] {
            let error = ChartRequest::new(address, "redis", "1").expect_err("refused");
            let text = format!("{error} {error:?}");
            assert!(!text.contains("hunter2"), "{text}");
            assert!(text.contains("example.org"), "{text}");
        }
    }

    #[test]
    fn names_never_lead_elsewhere() {
        let of = |name: &str| ChartRequest::new("https://charts.example.org/", name, "1");
        for name in [
            "", "..", "../x", "a/../b", "a//b", "/a", "a b", "a?b", "a%2fb",
        ] {
            assert!(of(name).is_err(), "{name}");
        }
        assert_eq!(
            of("redis").map(|one| one.repository),
            Ok("https://charts.example.org".into())
        );
        assert_eq!(
            of("group/redis").expect("a name with a group").chart_name(),
            "redis"
        );
    }

    #[test]
    fn archives_are_named_themselves() {
        let of = ChartRequest::of_archive;
        let address = "https://charts.example.org/stable/redis-1.2.3+4.tgz";
        let request = of(address).expect("an archive").expect("a request");
        assert!(request.is_archive());
        assert_eq!(
            request.to_string(),
            "redis-1.2.3+4.tgz of https://charts.example.org/stable"
        );
        for other in [
            "https://charts.example.org/stable",
            "https://charts.example.org/redis.tgz?token=hunter2",
            "file:///redis.tgz",
        ] {
            assert!(of(other).is_none(), "{other}");
        }
        let refused = of("https://ann:hunter2@charts.example.org/redis.tgz");
        let error = refused.expect("an archive").expect_err("refused");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn references_name_one_chart() {
        let of = |reference: &str, range: &str| {
            let request = ChartRequest::of_reference(reference, range).expect("a reference");
            (request.repository, request.name, request.range)
        };
        let expected = |repository: &str, name: &str, range: &str| {
            (repository.to_owned(), name.to_owned(), range.to_owned())
        };
        assert_eq!(
            of("oci://registry.example.org:5000/charts/redis:1.2.3", ""),
            expected("oci://registry.example.org:5000/charts", "redis", "1.2.3")
        );
        assert_eq!(
            of("oci://registry.example.org/redis", "^1"),
            expected("oci://registry.example.org", "redis", "^1")
        );
        let digest = format!("sha256:{}", "0".repeat(64));
        assert_eq!(
            of(&format!("oci://registry.example.org/redis@{digest}"), ""),
            expected("oci://registry.example.org", "redis", &digest)
        );
    }
}
