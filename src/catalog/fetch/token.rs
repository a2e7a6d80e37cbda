//! How a registry lets one in: takes its challenge and a login, gives what the next request shows,
//! sends credentials to the registry itself and to its own place for tokens alone.

use reqwest::Url;
use reqwest::header::WWW_AUTHENTICATE;
use serde_json::Value;
use tokio::time::Instant;

use super::client::{Answer, Authorization, Client, Get, shown};
use super::credentials::Login;
use super::error::FetchError;
use super::secret::Secret;

/// What a registry asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// Who asks, and for what.
pub(super) struct Asking<'a> {
    pub(super) client: &'a Client,
    /// The registry.
    pub(super) registry: &'a Url,
    /// Its host as people write it.
    pub(super) host: &'a str,
    /// The repository that is read.
    pub(super) repository: &'a str,
    pub(super) deadline: Instant,
}

impl Asking<'_> {
    /// Returns what to show after a registry refused; nothing where nothing would help.
    pub(super) async fn authorize(
        &self,
        refusal: &Answer,
    ) -> Result<Option<Authorization>, FetchError> {
        // Another host's challenge is none of the registry's.
        if !refusal.same_origin {
            return Ok(None);
        }
        let challenges = refusal.headers(&WWW_AUTHENTICATE);
        let Some(challenge) = challenges.iter().find_map(|text| parse(text)) else {
            return Ok(None);
        };
        let login = self.client.credentials.registry(self.host).await?;
        match challenge {
            Challenge::Basic => Ok(match login {
                Some(Login::Password { user, password }) => {
                    Some(Authorization::Basic(user, password))
                }
                Some(Login::Bearer(token)) => Some(Authorization::Bearer(token)),
                Some(Login::Identity(_)) | None => None,
            }),
            Challenge::Bearer { realm, service } => {
                if let Some(Login::Bearer(token)) = login {
                    return Ok(Some(Authorization::Bearer(token)));
                }
                let token = self.token(&realm, service.as_deref(), login).await?;
                Ok(Some(Authorization::Bearer(token)))
            }
        }
    }

    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        login: Option<Login>,
    ) -> Result<Secret, FetchError> {
        let no_address = || FetchError::Content {
            url: shown(self.registry),
            expected: "address for tokens",
            cause: "it cannot be read".to_owned(),
        };
        let mut url = Url::parse(realm).map_err(|_| no_address())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(no_address());
        }
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if login.is_some() && !may_be_told(self.registry, &url) {
            return Err(FetchError::Realm {
                host: self.host.to_owned(),
                realm: shown(&url),
            });
        }
        // What is asked for is ours to say: reading this repository, and nothing more.
        let scope = format!("repository:{}:pull", self.repository);
        let answer = match login {
            Some(Login::Identity(token)) => {
                let mut form = Url::parse("https://form.invalid/").map_err(|_| no_address())?;
                form.query_pairs_mut()
                    .append_pair("grant_type", "refresh_token")
                    .append_pair("service", service.unwrap_or_default())
                    .append_pair("client_id", "firstlight")
                    .append_pair("scope", &scope)
                    .append_pair("refresh_token", token.reveal());
                let form = Secret::new(form.query().unwrap_or_default());
                self.client.post_form(&url, form, self.deadline).await?
            }
            login => {
                let mut query = url.query_pairs_mut();
                if let Some(service) = service {
                    query.append_pair("service", service);
                }
                query.append_pair("scope", &scope);
                drop(query);
                let authorization = match login {
                    Some(Login::Password { user, password }) => {
                        Some(Authorization::Basic(user, password))
                    }
                    _ => None,
                };
                let get = Get {
                    url: &url,
                    accept: "application/json",
                    authorization: authorization.as_ref(),
                    from: None,
                    deadline: self.deadline,
                };
                let answer = self.client.get(&get).await?;
                if let Some(failure) = answer.failure(authorization.is_some(), self.registry) {
                    return Err(failure);
                }
                answer
            }
        };
        if let Some(failure) = answer.failure(true, self.registry) {
            return Err(failure);
        }
        let address = answer.url.clone();
        let body = answer.body(self.client.limits().answer_bytes).await?;
        read(&body).ok_or(FetchError::Content {
            url: address,
            expected: "token",
            cause: "the answer has none".to_owned(),
        })
    }
}

/// Tells whether credentials of a registry may be told to its place for tokens: the registry
/// itself, or a host of the same domain (`auth.docker.io` for `registry-1.docker.io`), and never
/// with less encryption than the registry has.
fn may_be_told(registry: &Url, realm: &Url) -> bool {
    if registry.origin() == realm.origin() {
        return true;
    }
    let (Some(registry), Some(host), "https") =
        (registry.host_str(), realm.host_str(), realm.scheme())
    else {
        return false;
    };
    if registry == host {
        return true;
    }
    let is_address = |host: &str| host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    if is_address(registry) || is_address(host) {
        return false;
    }
    // `a.example.org` and `b.example.org`, `example.org` and `b.example.org`; two labels at least.
    let parent = |name: &str| {
        let rest = name.split_once('.').map(|(_, rest)| rest.to_owned());
        rest.filter(|rest| rest.contains('.'))
    };
    let above = |name: &str| [Some(name.to_owned()), parent(name)];
    above(registry).into_iter().flatten().any(|domain| {
        above(host)
            .into_iter()
            .flatten()
            .any(|other| other == domain)
    })
}

fn read(body: &[u8]) -> Option<Secret> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    ["token", "access_token"]
        .iter()
        .find_map(|key| answer.get(key)?.as_str())
        .filter(|token| !token.is_empty())
        .map(Secret::new)
}

/// Reads one `WWW-Authenticate` header; nothing where it is of another kind.
fn parse(header: &str) -> Option<Challenge> {
    let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, None);
    for (key, value) in parameters(rest) {
        match key.to_ascii_lowercase().as_str() {
            "realm" => realm = Some(value),
            "service" => service = Some(value),
            _ => {}
        }
    }
    realm.map(|realm| Challenge::Bearer { realm, service })
}

/// Splits `key="value",key=value`; commas and escaped quotes may stand in quotes.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while let Some((key, after)) = rest.split_once('=') {
        let key = key.trim_matches([' ', ',']).to_owned();
        let after = after.trim_start();
        let mut value = String::new();
        let mut end = after.len();
        if let Some(quoted) = after.strip_prefix('"') {
            let mut escaped = false;
            for (position, character) in quoted.char_indices() {
                match character {
                    '\\' if !escaped => escaped = true,
                    '"' if !escaped => {
                        end = position + 2;
                        break;
                    }
                    character => {
                        escaped = false;
                        value.push(character);
                    }
                }
            }
        } else {
            end = after.find(',').unwrap_or(after.len());
            value.push_str(after[..end].trim());
        }
        found.push((key, value));
        rest = after[end..].trim_start_matches([' ', ',']);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read() {
        assert_eq!(parse("Basic realm=\"x\""), Some(Challenge::Basic));
        assert_eq!(parse("Negotiate"), None);
        assert_eq!(
            parse(
                "Bearer realm=\"https://a.example.org/token?x=1,2\", service=\"a \\\"b\\\"\",\
                 scope=\"repository:x:pull,push\",error=invalid_token"
            ),
            Some(Challenge::Bearer {
                realm: "https://a.example.org/token?x=1,2".into(),
                service: Some("a \"b\"".into()),
            })
        );
        assert_eq!(parse("Bearer service=x"), None);
        assert_eq!(
            parse("Bearer realm=\"x"),
            Some(Challenge::Bearer {
                realm: "x".into(),
                service: None
            })
        );
    }

    #[test]
    fn credentials_stay_with_the_registry() {
        let told = |registry: &str, realm: &str| {
            may_be_told(
                &Url::parse(registry).expect("a registry"),
                &Url::parse(realm).expect("a realm"),
            )
        };
        for (registry, realm) in [
            (
                "https://registry-1.docker.io",
                "https://auth.docker.io/token",
            ),
            (
                "https://registry.example.org",
                "https://gitlab.example.org/jwt",
            ),
            ("https://ghcr.io", "https://ghcr.io/token"),
            ("https://example.org", "https://auth.example.org/token"),
            (
                "https://registry.example.org",
                "https://registry.example.org:8443/token",
            ),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000/token"),
        ] {
            assert!(told(registry, realm), "{registry} {realm}");
        }
        for (registry, realm) in [
            (
                "https://registry.example.org",
                "https://evil.example.com/token",
            ),
            (
                "https://registry.example.org",
                "http://registry.example.org/token",
            ),
            (
                "https://registry.example.org",
                "https://example.org.evil.com/token",
            ),
            ("https://ghcr.io", "https://evil.io/token"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token"),
            ("https://10.0.0.1", "https://10.0.0.2/token"),
            ("https://a.io", "https://b.io"),
        ] {
            assert!(!told(registry, realm), "{registry} {realm}");
        }
    }

    #[test]
    fn tokens_have_two_names() {
        assert_eq!(read(br#"{"token": "a"}"#), Some(Secret::new("a")));
        assert_eq!(read(br#"{"access_token": "b"}"#), Some(Secret::new("b")));
        assert_eq!(read(br#"{"token": ""}"#), None);
        assert_eq!(read(b"<html>"), None);
    }
}
