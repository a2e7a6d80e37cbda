//! One archive from the network: takes its address and the digest that it must have, gives it to
//! the cache, goes on where a connection broke, never keeps what is not what was announced.

use reqwest::Url;

use super::cache::{Cache, Partial};
use super::client::{Authorization, Client, Get};
use super::digest::Digest;
use super::error::FetchError;
use super::event::{FetchEmitter, FetchEvent};
use super::index::looks_like_html;
use super::request::ChartRequest;

/// Progress is told each time so many bytes came.
const STRIDE: u64 = 64 * 1024;

/// How archives are packed.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// One archive.
pub(super) struct Download<'d> {
    pub(super) client: &'d Client,
    pub(super) cache: &'d Cache,
    pub(super) emit: &'d FetchEmitter,
    /// What it is for.
    pub(super) request: &'d ChartRequest,
    pub(super) url: &'d Url,
    pub(super) authorization: Option<&'d Authorization>,
    /// The digest that it must have, and who says so.
    pub(super) announced: Option<(&'d Digest, &'static str)>,
}

impl Download<'_> {
    /// Downloads the archive into the cache.
    pub(super) async fn run(&self) -> Result<Digest, FetchError> {
        let limits = *self.client.limits();
        let mut partial = self.cache.begin(self.announced.map(|(digest, _)| digest))?;
        let deadline = self.client.deadline();
        let mut validator: Option<String> = None;
        let mut pause = limits.pause;
        for attempt in 1.. {
            let before = partial.length();
            let result = self.attempt(&mut partial, &mut validator, deadline).await;
            let error = match result {
                Ok(()) => break,
                Err(error) => error,
            };
            // A server that sends nothing at all will not begin to.
            let hopeless =
                matches!(error, FetchError::Stalled { .. }) && partial.length() == before;
            if attempt >= limits.attempts || hopeless || !error.passes_by_itself() {
                if error.passes_by_itself() {
                    partial.leave();
                }
                return Err(error);
            }
            (self.emit)(FetchEvent::ChartResumed {
                chart: self.request.clone(),
                bytes: partial.length(),
                why: error.to_string(),
            });
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.check(&partial)?;
        self.cache.commit(partial)
    }

    async fn attempt(
        &self,
        partial: &mut Partial,
        validator: &mut Option<String>,
        deadline: tokio::time::Instant,
    ) -> Result<(), FetchError> {
        let from = partial.length();
        // Without a digest to check it by, a rest is only asked for where the server can tell that
        // it is the rest of the same.
        if from > 0 && self.announced.is_none() && validator.is_none() {
            partial.restart()?;
        }
        let from = partial.length();
        let get = Get {
            url: self.url,
            accept: "application/gzip, application/octet-stream, */*",
            authorization: self.authorization,
            from: (from > 0).then_some((from, validator.as_deref())),
            deadline,
        };
        let mut answer = self.client.get(&get).await?;
        if from > 0 && answer.status() == 416 {
            // There is no rest: what is here is whole, or from something else.
            if self
                .announced
                .is_some_and(|(digest, _)| *digest == partial.digest())
            {
                return Ok(());
            }
            partial.restart()?;
            let get = Get { from: None, ..get };
            answer = self.client.get(&get).await?;
        }
        if let Some(failure) = answer.failure(self.authorization.is_some(), self.url) {
            return Err(failure);
        }
        let limit = self.client.limits().archive_bytes;
        let too_large = |url: &str| FetchError::TooLarge {
            url: url.to_owned(),
            limit,
        };
        // A server may answer with the whole instead of the rest.
        if partial.length() > 0
            && (answer.status() != 206 || answer.begins_at() != Some(partial.length()))
        {
            partial.restart()?;
            if answer.status() == 206 {
                return Err(FetchError::Unreachable {
                    url: answer.url,
                    cause: "it gave another part than was asked for".to_owned(),
                });
            }
        }
        *validator = answer.validator();
        let expected = answer.length().map(|length| partial.length() + length);
        if expected.is_some_and(|expected| expected > limit) {
            return Err(too_large(&answer.url));
        }
        let html = answer.says_html();
        let mut told = partial.length();
        loop {
            let piece = match answer.piece().await {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                // The library knows that something is missing, not how much.
                Err(FetchError::Unreachable { url, cause }) => {
                    return Err(match expected {
                        Some(expected) if partial.length() < expected => FetchError::Truncated {
                            url,
                            received: partial.length(),
                            expected,
                        },
                        _ => FetchError::Unreachable { url, cause },
                    });
                }
                Err(error) => return Err(error),
            };
            if partial.length() + piece.len() as u64 > limit {
                return Err(too_large(&answer.url));
            }
            if partial.length() == 0
                && (looks_like_html(&piece) || html)
                && !piece.starts_with(GZIP)
            {
                return Err(FetchError::Html {
                    url: answer.url,
                    expected: "a packed chart",
                });
            }
            partial.add(&piece)?;
            if partial.length() - told >= STRIDE {
                told = partial.length();
                (self.emit)(FetchEvent::ChartProgress {
                    chart: self.request.clone(),
                    bytes: told,
                    total: expected,
                });
            }
        }
        match expected {
            Some(expected) if partial.length() < expected => Err(FetchError::Truncated {
                url: answer.url,
                received: partial.length(),
                expected,
            }),
            _ => Ok(()),
        }
    }

    fn check(&self, partial: &Partial) -> Result<(), FetchError> {
        let url = || super::client::shown(self.url);
        let found = partial.digest();
        if let Some((expected, who)) = self.announced
            && found != *expected
        {
            return Err(FetchError::WrongDigest {
                url: url(),
                found,
                expected: expected.clone(),
                who,
            });
        }
        if !partial.head()?.starts_with(GZIP) {
            return Err(FetchError::Content {
                url: url(),
                expected: "packed chart",
                cause: "it is not compressed with gzip".to_owned(),
            });
        }
        Ok(())
    }
}
