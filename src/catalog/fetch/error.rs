//! Why a chart could not be fetched: takes nothing, gives errors that name addresses without
//! credentials and without queries, never the content of a configuration file.

use std::time::Duration;

use super::digest::Digest;
use super::request::{ChartRequest, RequestError};

/// Why one chart could not be fetched. Addresses in it are fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It cannot be asked for.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Helm knows no repository of this name.
    #[error("no repository is called {alias} in {file}")]
    UnknownAlias {
        /// The name.
        alias: String,
        /// Helm's `repositories.yaml`, or where it would be named.
        file: String,
    },
    /// The network may not be asked, and the chart is not at hand.
    #[error("it is neither in vendor/charts nor in the cache")]
    Offline,
    /// The network may not be asked, and no version is chosen yet.
    #[error("no version of it is chosen in firstlight.lock")]
    OfflineUnlocked,
    /// No connection, or it broke.
    #[error("{url} cannot be reached: {cause}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        cause: String,
    },
    /// Nothing came for too long.
    #[error("{url} has sent nothing for {} s", .idle.as_secs_f64())]
    Stalled {
        /// The address.
        url: String,
        /// How long nothing came.
        idle: Duration,
    },
    /// It goes on, but far too slowly.
    #[error("{url} was not done after {} s", .total.as_secs_f64())]
    Slow {
        /// The address.
        url: String,
        /// How long it was given.
        total: Duration,
    },
    /// The connection ended before the content did.
    #[error("{url} ended after {received} of {expected} bytes")]
    Truncated {
        /// The address.
        url: String,
        /// The bytes that came.
        received: u64,
        /// The bytes that were announced.
        expected: u64,
    },
    /// An answer that is no success.
    #[error("{url} answered {status}")]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
    },
    /// Credentials are missing or wrong.
    #[error("{url} answered {status}: {}", if *.sent { "the credentials are not accepted" } else { "it asks for credentials" })]
    Unauthorized {
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// Whether credentials were sent.
        sent: bool,
        /// The host to log in to.
        host: String,
    },
    /// Redirects without an end, or to where nobody may be sent.
    #[error("{url} redirects to {target}, which is not followed: {why}")]
    Redirect {
        /// The address.
        url: String,
        /// Where it leads.
        target: String,
        /// Why it is not followed.
        why: &'static str,
    },
    /// A registry names a place for tokens that credentials may not be sent to.
    #[error(
        "the registry {host} asks to send its credentials to {realm}, which is another host: \
         nothing was sent"
    )]
    Realm {
        /// The registry.
        host: String,
        /// Where tokens are said to be had.
        realm: String,
    },
    /// A web page came where something else should be.
    #[error("{url} gives a web page, not {expected}")]
    Html {
        /// The address.
        url: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Something came that it cannot be.
    #[error("{url} gives no {expected}: {cause}")]
    Content {
        /// The address.
        url: String,
        /// What it should be.
        expected: &'static str,
        /// What is wrong with it.
        cause: String,
    },
    /// More bytes than the limit.
    #[error("{url} is larger than {limit} bytes")]
    TooLarge {
        /// The address.
        url: String,
        /// The limit.
        limit: u64,
    },
    /// The repository has no chart of this name.
    #[error("{repository} has no chart {name}{}", nearest_words(.nearest.as_deref()))]
    UnknownChart {
        /// The repository.
        repository: String,
        /// The name.
        name: String,
        /// A name that is there.
        nearest: Option<String>,
    },
    /// The range cannot be read.
    #[error("`{range}` is no version and no range of versions: {cause}")]
    Range {
        /// The range.
        range: String,
        /// Why.
        cause: String,
    },
    /// No version lies in the range.
    #[error("{name} has no version in `{range}`{}", newest_words(.newest))]
    NoVersion {
        /// The chart.
        name: String,
        /// The range.
        range: String,
        /// The newest versions that there are.
        newest: Vec<String>,
    },
    /// What came is not what was announced.
    #[error("{url} gives {found}, but {who} says {expected}")]
    WrongDigest {
        /// The address.
        url: String,
        /// The digest of what came.
        found: Digest,
        /// The digest that was announced.
        expected: Digest,
        /// Who announced it.
        who: &'static str,
    },
    /// The same version has another content than when it was locked.
    #[error(
        "version {version} is not what it was: firstlight.lock has {locked}, {repository} now gives \
         {found}"
    )]
    Changed {
        /// The version.
        version: String,
        /// The repository.
        repository: String,
        /// The digest in the lock.
        locked: Digest,
        /// The digest that the repository gives.
        found: Digest,
    },
    /// A file has another content than when it was locked.
    #[error("{url} is not what it was: firstlight.lock has {locked}, its server now gives {found}")]
    FileChanged {
        /// The address.
        url: String,
        /// The digest in the lock.
        locked: Digest,
        /// The digest of what the server gives.
        found: Digest,
    },
    /// A vendored archive is not what the lock says.
    #[error("{file} is {found}, but firstlight.lock has {locked}")]
    Vendored {
        /// The file, relative to the repository.
        file: String,
        /// The digest in the lock.
        locked: Digest,
        /// The digest of the file.
        found: Digest,
    },
    /// The archive holds another chart.
    #[error("{url} holds the chart {found}, not {expected}")]
    OtherChart {
        /// The address.
        url: String,
        /// The chart that it holds.
        found: String,
        /// The chart that was asked for.
        expected: String,
    },
    /// A configuration file of Helm or Docker cannot be used. What it holds is not told.
    #[error("{file} cannot be used: {cause}")]
    Configuration {
        /// The file.
        file: String,
        /// Why.
        cause: String,
    },
    /// A credential helper failed. What it printed is not told.
    #[error("the credential helper {program}, which {file} names for {host}, failed: {cause}")]
    Helper {
        /// The program.
        program: String,
        /// The file that names it.
        file: String,
        /// The host.
        host: String,
        /// Why.
        cause: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
}

fn nearest_words(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

fn newest_words(newest: &[String]) -> String {
    if newest.is_empty() {
        String::new()
    } else {
        format!("; the newest are {}", newest.join(", "))
    }
}

impl FetchError {
    /// Returns what to do about it, where something can be said.
    pub fn help(&self, request: &ChartRequest) -> Option<String> {
        let text = match self {
            Self::Request(RequestError::Credentials { .. }) => {
                "keep them in Helm's repositories.yaml (`helm repo add --username`), or log in to \
                 the registry (`helm registry login`)"
                    .to_owned()
            }
            Self::Changed { .. } | Self::Vendored { .. } => format!(
                "find out why it changed; `firstlight lock --update={}` accepts what the repository \
                 gives now",
                request.name
            ),
            Self::Offline | Self::OfflineUnlocked => {
                "`firstlight vendor` puts every chart into the repository, where no network is \
                 needed"
                    .to_owned()
            }
            Self::Unauthorized { host, .. } => match request.protocol() {
                super::request::Protocol::Oci => {
                    format!(
                        "`helm registry login {host}` or `docker login {host}` keeps credentials"
                    )
                }
                _ => format!(
                    "`helm repo add NAME {} --username USER` keeps credentials",
                    request.repository
                ),
            },
            Self::Unreachable { cause, .. } if cause.contains("UnknownIssuer") => {
                "SSL_CERT_FILE names a file with the authorities to trust; a repository of Helm's \
                 may have its own (`helm repo add --ca-file`)"
                    .to_owned()
            }
            Self::Html { .. } => {
                "is this the address of the repository itself, or that of a page about it?"
                    .to_owned()
            }
            _ => return None,
        };
        Some(text)
    }

    /// Returns what to do about a file of a kustomization, where something can be said.
    pub fn help_with_file(&self) -> Option<&'static str> {
        match self {
            Self::FileChanged { .. } | Self::Vendored { .. } => Some(
                "find out why it changed; `firstlight lock --update` accepts what its server gives now",
            ),
            Self::Offline | Self::OfflineUnlocked => Some(
                "run `firstlight lock` once with the network; `firstlight vendor` puts it into the \
                 repository",
            ),
            Self::Request(RequestError::Credentials { .. }) => {
                Some("files are fetched without credentials: put a copy beside the kustomization")
            }
            Self::Html { .. } => {
                Some("is this the address of the file itself, or that of a page that shows it?")
            }
            _ => None,
        }
    }

    /// Tells whether the same may work a moment later.
    pub(super) fn passes_by_itself(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Stalled { .. } | Self::Truncated { .. } => true,
            Self::Status { status, .. } => matches!(status, 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}

/// The charts that could not be had; all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", failures_words(.failed.len()))]
pub struct FetchFailures {
    /// What was asked for, and why it did not come.
    pub failed: Vec<(ChartRequest, FetchError)>,
}

fn failures_words(count: usize) -> String {
    match count {
        1 => "a chart cannot be had".to_owned(),
        count => format!("{count} charts cannot be had"),
    }
}
