//! One GET with everything that may go wrong: takes an address with what it may be told, gives an
//! answer whose body is read piece by piece, follows redirects itself and tells credentials to the
//! origin that they are for and to nobody else, never waits or reads without a limit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, HeaderValue, IF_RANGE, LOCATION, RANGE,
};
use reqwest::{Response, Url};
use tokio::time::{Instant, timeout};

use super::credentials::{Credentials, Login, TlsFiles};
use super::error::FetchError;
use super::request::without_credentials;
use super::secret::Secret;
use super::settings::{FetchLimits, FetchSettings};
use super::tls;

/// Longer chains of redirects lead nowhere.
const MAXIMUM_REDIRECTS: usize = 10;

/// What a request shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authorization {
    /// A name and a password.
    Basic(String, Secret),
    /// A token.
    Bearer(Secret),
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(super) struct Get<'g> {
    pub(super) url: &'g Url,
    pub(super) accept: &'g str,
    pub(super) authorization: Option<&'g Authorization>,
    /// The first byte that is wanted, with what tells whether the content is still the same.
    pub(super) from: Option<(u64, Option<&'g str>)>,
    /// When it has to be done.
    pub(super) deadline: Instant,
}

/// An answer whose body is still to be read.
#[derive(Debug)]
pub(super) struct Answer {
    response: Response,
    /// The address that answered, fit to be shown.
    pub(super) url: String,
    /// True where the origin that was asked answered itself.
    pub(super) same_origin: bool,
    idle: Duration,
    total: Duration,
    deadline: Instant,
}

/// Makes requests.
#[derive(Debug)]
pub(super) struct Client {
    settings: FetchSettings,
    pub(super) credentials: Arc<Credentials>,
    /// One client for each set of files.
    clients: Mutex<BTreeMap<TlsFiles, reqwest::Client>>,
}

/// Returns an address fit to be shown: queries may hold signatures.
pub(super) fn shown(url: &Url) -> String {
    without_credentials(url.as_str())
}

impl Client {
    pub(super) fn new(settings: &FetchSettings) -> Self {
        Self {
            settings: settings.clone(),
            credentials: Arc::new(Credentials::new(settings)),
            clients: Mutex::default(),
        }
    }

    pub(super) fn limits(&self) -> &FetchLimits {
        &self.settings.limits
    }

    /// Returns when something that begins now has to be done.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.settings.limits.total
    }

    /// Asks, and follows redirects. Any status is an answer.
    pub(super) async fn get(&self, get: &Get<'_>) -> Result<Answer, FetchError> {
        let mut url = get.url.clone();
        for _ in 0..=MAXIMUM_REDIRECTS {
            let same_origin = url.origin() == get.url.origin();
            let response = self.send(get, &url, same_origin).await?;
            if !response.status().is_redirection() || response.status().as_u16() == 304 {
                return Ok(Answer {
                    url: shown(&url),
                    response,
                    same_origin,
                    idle: self.settings.limits.idle,
                    total: self.settings.limits.total,
                    deadline: get.deadline,
                });
            }
            url = next(&url, response.headers())?;
        }
        Err(FetchError::Redirect {
            url: shown(get.url),
            target: shown(&url),
            why: "there are too many",
        })
    }

    /// Asks again where a failure passes by itself.
    pub(super) async fn get_patiently(&self, get: &Get<'_>) -> Result<Answer, FetchError> {
        let limits = &self.settings.limits;
        let mut pause = limits.pause;
        for attempt in 1.. {
            let result = self.get(get).await.and_then(|answer| {
                let status = answer.status();
                match answer.failure(false, get.url) {
                    Some(failure) if failure.passes_by_itself() && status != 401 => Err(failure),
                    _ => Ok(answer),
                }
            });
            match result {
                Err(error) if attempt < limits.attempts && worth_another(&error) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
        self.get(get).await
    }

    /// Reads a whole body, and again where a failure passes by itself. Returns the address that
    /// answered, too.
    pub(super) async fn body_patiently(
        &self,
        get: &Get<'_>,
        limit: u64,
    ) -> Result<(String, Vec<u8>), FetchError> {
        let limits = &self.settings.limits;
        let mut pause = limits.pause;
        for attempt in 1.. {
            match self.body_once(get, limit).await {
                Err(error) if attempt < limits.attempts && worth_another(&error) => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                result => return result,
            }
        }
        self.body_once(get, limit).await
    }

    async fn body_once(&self, get: &Get<'_>, limit: u64) -> Result<(String, Vec<u8>), FetchError> {
        let answer = self.get(get).await?;
        if let Some(failure) = answer.failure(get.authorization.is_some(), get.url) {
            return Err(failure);
        }
        let address = answer.url.clone();
        let compressed = answer.is_compressed();
        let body = answer.body(limit).await?;
        if !compressed {
            return Ok((address, body));
        }
        // Some stores send what they keep compressed, asked or not.
        match unpacked(&body, limit) {
            Ok(body) if body.len() as u64 <= limit => Ok((address, body)),
            Ok(_) => Err(FetchError::TooLarge {
                url: address,
                limit,
            }),
            Err(error) => Err(FetchError::Content {
                url: address,
                expected: "compressed answer",
                cause: error.to_string(),
            }),
        }
    }

    async fn send(
        &self,
        get: &Get<'_>,
        url: &Url,
        same_origin: bool,
    ) -> Result<Response, FetchError> {
        let mut request = self
            .client(url)?
            .get(url.clone())
            .header(ACCEPT, get.accept);
        if let (Some(authorization), true) = (get.authorization, same_origin) {
            request = request.header(AUTHORIZATION, header(authorization));
        }
        if let Some((from, validator)) = get.from {
            request = request.header(RANGE, format!("bytes={from}-"));
            if let Some(validator) = validator {
                request = request.header(IF_RANGE, validator);
            }
        }
        self.within(url, get.deadline, request.send()).await
    }

    /// Asks for a token with a form. Redirects are not followed: the form holds a secret.
    pub(super) async fn post_form(
        &self,
        url: &Url,
        body: Secret,
        deadline: Instant,
    ) -> Result<Answer, FetchError> {
        let request = self
            .client(url)?
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.reveal().to_owned());
        let response = self.within(url, deadline, request.send()).await?;
        Ok(Answer {
            url: shown(url),
            response,
            same_origin: true,
            idle: self.settings.limits.idle,
            total: self.settings.limits.total,
            deadline,
        })
    }

    async fn within(
        &self,
        url: &Url,
        deadline: Instant,
        sent: impl Future<Output = reqwest::Result<Response>>,
    ) -> Result<Response, FetchError> {
        let limits = &self.settings.limits;
        let patience = limits
            .idle
            .min(deadline.saturating_duration_since(Instant::now()));
        match timeout(patience, sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(unreachable(shown(url), error)),
            Err(_) if patience < limits.idle => Err(FetchError::Slow {
                url: shown(url),
                total: limits.total,
            }),
            Err(_) => Err(FetchError::Stalled {
                url: shown(url),
                idle: limits.idle,
            }),
        }
    }

    fn client(&self, url: &Url) -> Result<reqwest::Client, FetchError> {
        let files = self.credentials.tls_of(url)?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&files) {
            return Ok(client.clone());
        }
        let tls = tls::configuration(&files, self.settings.ca_file.as_deref())?;
        let client = reqwest::Client::builder()
            .user_agent(concat!("firstlight/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(self.settings.limits.connect)
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|error| unreachable(shown(url), error))?;
        clients.insert(files, client.clone());
        Ok(client)
    }
}

/// A server that sends nothing at all is not asked again: it would cost the same time once more.
fn worth_another(error: &FetchError) -> bool {
    error.passes_by_itself() && !matches!(error, FetchError::Stalled { .. })
}

/// Unpacks a body up to one byte more than the limit.
fn unpacked(body: &[u8], limit: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut unpacked = Vec::new();
    flate2::read::MultiGzDecoder::new(body)
        .take(limit + 1)
        .read_to_end(&mut unpacked)?;
    Ok(unpacked)
}

/// Returns what shows a login to a chart repository.
pub(super) fn of_login(login: Login) -> Option<Authorization> {
    match login {
        Login::Password { user, password } => Some(Authorization::Basic(user, password)),
        Login::Bearer(token) => Some(Authorization::Bearer(token)),
        Login::Identity(_) => None,
    }
}

/// Returns where a redirect leads, if it may be followed.
fn next(url: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
    let refuse = |target: String, why| {
        Err(FetchError::Redirect {
            url: shown(url),
            target,
            why,
        })
    };
    let location = headers
        .get(LOCATION)
        .and_then(|location| location.to_str().ok());
    let Some(mut target) = location.and_then(|location| url.join(location).ok()) else {
        return refuse("nowhere".to_owned(), "that is no address");
    };
    // What a redirect says about credentials is not ours.
    let _ = target.set_username("");
    let _ = target.set_password(None);
    match (url.scheme(), target.scheme()) {
        ("https", "https") | ("http", "http" | "https") => Ok(target),
        ("https", "http") => refuse(shown(&target), "it is not encrypted any more"),
        _ => refuse(shown(&target), "charts come over http and https alone"),
    }
}

fn header(authorization: &Authorization) -> HeaderValue {
    use base64::Engine as _;
    let text = match authorization {
        Authorization::Basic(user, password) => {
            let pair = format!("{user}:{}", password.reveal());
            let pair = base64::engine::general_purpose::STANDARD.encode(pair);
            format!("Basic {pair}")
        }
        Authorization::Bearer(token) => format!("Bearer {}", token.reveal()),
    };
    // A token that fits no header is no token: the server will say so.
    let mut value =
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}

/// Words what the libraries say, from the outermost to the innermost, without the address: its
/// query may hold a signature.
fn unreachable(url: String, error: reqwest::Error) -> FetchError {
    let error = error.without_url();
    let mut words: Vec<String> = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(one) = cause {
        let text = one.to_string();
        // Which part of the library failed helps nobody.
        let ours = text.starts_with("client error");
        if !ours && !words.iter().any(|known| known.contains(&text)) {
            words.push(text);
        }
        cause = one.source();
    }
    // The outermost says that a request failed, which is known.
    if words.len() > 1 {
        words.remove(0);
    }
    FetchError::Unreachable {
        url,
        cause: words.join(": "),
    }
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Returns all values of a header.
    pub(super) fn headers(&self, name: &HeaderName) -> Vec<String> {
        let values = self.response.headers().get_all(name).iter();
        values
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect()
    }

    /// Returns what tells this content from another of the same address.
    pub(super) fn validator(&self) -> Option<String> {
        let tag = self.header(&ETAG)?;
        (!tag.starts_with("W/")).then(|| tag.to_owned())
    }

    /// Returns how many bytes the body has, where the server says so.
    pub(super) fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Returns the first byte of a partial answer.
    pub(super) fn begins_at(&self) -> Option<u64> {
        let range = self.header(&CONTENT_RANGE)?;
        range
            .strip_prefix("bytes ")?
            .split('-')
            .next()?
            .parse()
            .ok()
    }

    pub(super) fn is_compressed(&self) -> bool {
        self.header(&CONTENT_ENCODING) == Some("gzip")
    }

    pub(super) fn says_html(&self) -> bool {
        self.header(&CONTENT_TYPE)
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"))
    }

    /// Returns the next piece of the body; nothing at its end.
    pub(super) async fn piece(&mut self) -> Result<Option<Vec<u8>>, FetchError> {
        let patience = self
            .idle
            .min(self.deadline.saturating_duration_since(Instant::now()));
        match timeout(patience, self.response.chunk()).await {
            Ok(Ok(piece)) => Ok(piece.map(|piece| piece.to_vec())),
            Ok(Err(error)) => Err(unreachable(self.url.clone(), error)),
            Err(_) if patience < self.idle => Err(FetchError::Slow {
                url: self.url.clone(),
                total: self.total,
            }),
            Err(_) => Err(FetchError::Stalled {
                url: self.url.clone(),
                idle: self.idle,
            }),
        }
    }

    /// Reads the whole body.
    pub(super) async fn body(mut self, limit: u64) -> Result<Vec<u8>, FetchError> {
        let too_large = || FetchError::TooLarge {
            url: self.url.clone(),
            limit,
        };
        if self.length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            if (body.len() + piece.len()) as u64 > limit {
                return Err(FetchError::TooLarge {
                    url: self.url,
                    limit,
                });
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// Returns why an answer is no success; nothing where it is one.
    pub(super) fn failure(&self, sent_credentials: bool, origin: &Url) -> Option<FetchError> {
        let status = self.status();
        let url = self.url.clone();
        match status {
            200..300 => None,
            401 | 403 => Some(FetchError::Unauthorized {
                url,
                status,
                sent: sent_credentials && self.same_origin,
                host: match (origin.host_str(), origin.port()) {
                    (Some(host), Some(port)) => format!("{host}:{port}"),
                    (host, _) => host.unwrap_or_default().to_owned(),
                },
            }),
            _ => Some(FetchError::Status { url, status }),
        }
    }
}
