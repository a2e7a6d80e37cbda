//! Registries of the distribution specification.

use super::super::server::{Asked, Reply, Server};
use super::*;

const CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
const LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

/// What a registry holds under `charts/redis`.
#[derive(Clone)]
struct Content {
    archive: Vec<u8>,
    manifest: String,
}

impl Content {
    fn new(archive: Vec<u8>) -> Self {
        let manifest = manifest(CONFIG, LAYER, &archive);
        Self { archive, manifest }
    }

    fn answer(&self, asked: &Asked) -> Reply {
        let blob = format!("/v2/charts/redis/blobs/{}", Digest::of(&self.archive));
        let manifest = Digest::of(self.manifest.as_bytes()).to_string();
        match asked.path.as_str() {
            "/v2/charts/redis/tags/list?n=1000" => {
                Reply::ok(r#"{"name": "charts/redis", "tags": ["1.2.3", "latest", "1.2"]}"#)
                    .with("link", "</v2/charts/redis/tags/list?last=x>; rel=\"next\"")
            }
            "/v2/charts/redis/tags/list?last=x" => {
                Reply::ok(r#"{"name": "charts/redis", "tags": ["2.0.0-rc.1", "1.3.0_5"]}"#)
            }
            path if path == blob => Reply::part(asked, &self.archive),
            path if path.starts_with("/v2/charts/redis/manifests/") => {
                Reply::ok(self.manifest.clone()).with("docker-content-digest", &manifest)
            }
            _ => Reply::new(404),
        }
    }
}

fn manifest(config: &str, layer: &str, archive: &[u8]) -> String {
    serde_json::json!({
        "schemaVersion": 2,
        "config": {"mediaType": config, "digest": Digest::of(b"{}"), "size": 2},
        "layers": [
            {"mediaType": "application/vnd.cncf.helm.chart.provenance.v1.prov",
             "digest": Digest::of(b"x"), "size": 1},
            {"mediaType": layer, "digest": Digest::of(archive), "size": archive.len()},
        ],
    })
    .to_string()
}

fn of(server: &Server, range: &str) -> ChartRequest {
    request(&format!("oci://{}/charts", server.host()), range)
}

fn basic(text: &str) -> String {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    format!("Basic {encoded}")
}

#[test]
fn charts_come_by_tag_by_range_and_by_digest() {
    let mut machine = Machine::new();
    let content = Content::new(chart("redis", "1.3.0+5", 100));
    let digest = Digest::of(content.manifest.as_bytes()).to_string();
    let archive = Digest::of(&content.archive);
    let server = Server::start(move |asked| content.answer(asked));
    for (range, version) in [("^1", "1.3.0+5"), ("1.3.0+5", "1.3.0+5"), ("1.2", "1.2")] {
        assert_eq!(
            machine.one(&of(&server, range)),
            Ok(version.to_owned()),
            "{range}"
        );
    }
    let paths = server.paths();
    assert!(
        paths.contains(&"/v2/charts/redis/manifests/1.3.0_5".to_owned()),
        "{paths:?}"
    );
    let by_digest = of(&server, &digest);
    let chosen = machine.locked(&by_digest);
    assert_eq!(
        (chosen.version.as_str(), chosen.digest),
        ("1.3.0+5", archive)
    );
    let asked = server.paths().len();
    assert_eq!(machine.one(&by_digest), Ok("1.3.0+5".into()));
    assert_eq!(server.paths().len(), asked);
}

#[test]
fn what_is_no_chart_is_refused() {
    let archive = chart("redis", "1.2.3", 100);
    for (manifest, words) in [
        (
            manifest("application/vnd.oci.image.config.v1+json", LAYER, &archive),
            "of the kind",
        ),
        (
            manifest(CONFIG, "application/octet-stream", &archive),
            "no layer of the kind",
        ),
        ("{}".to_owned(), "names no configuration"),
        ("[".to_owned(), "not valid JSON"),
        ("<html>".to_owned(), "web page"),
    ] {
        let content = Content {
            archive: archive.clone(),
            manifest,
        };
        let server = Server::start(move |asked| content.answer(asked));
        let error = Machine::new()
            .one(&of(&server, "1.2.3"))
            .expect_err("no chart");
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut machine = Machine::new();
    machine.settings.limits.archive_bytes = 10;
    let content = Content::new(archive);
    let server = Server::start(move |asked| content.answer(asked));
    let error = machine.one(&of(&server, "1.2.3")).expect_err("too large");
    assert!(matches!(&error, FetchError::TooLarge { .. }), "{error}");
    assert!(!server.paths().iter().any(|path| path.contains("blobs")));
}

#[test]
fn lies_about_digests_are_refused() {
    let archive = chart("redis", "1.2.3", 100);
    let content = Content::new(archive);
    let lying = content.clone();
    let other = chart("redis", "1.2.3", 101);
    let server = Server::start(move |asked| {
        if asked.path.contains("blobs") {
            return Reply::ok(other.clone());
        }
        lying.answer(asked)
    });
    let machine = Machine::new();
    let error = machine.one(&of(&server, "1.2.3")).expect_err("a lie");
    assert!(
        matches!(
            &error,
            FetchError::WrongDigest {
                who: "its manifest",
                ..
            }
        ),
        "{error}"
    );
    let other = format!("sha256:{}", "0".repeat(64));
    let error = machine.one(&of(&server, &other)).expect_err("a lie");
    assert!(
        matches!(
            &error,
            FetchError::WrongDigest {
                who: "the request",
                ..
            }
        ),
        "{error}"
    );
    let server = Server::start(move |_| {
        Reply::ok(content.manifest.clone()).with("docker-content-digest", &other)
    });
    let error = machine.one(&of(&server, "1.2.3")).expect_err("a lie");
    assert!(
        matches!(
            &error,
            FetchError::WrongDigest {
                who: "the registry",
                ..
            }
        ),
        "{error}"
    );
    assert!(machine.cached().is_empty());
}

#[test]
fn passwords_reach_the_registry_and_not_where_it_redirects_to() {
    let machine = Machine::new();
    let content = Content::new(chart("redis", "1.2.3", 100));
    let archive = content.archive.clone();
    let foreign = Server::start(move |_| Reply::ok(archive.clone()));
    let target = foreign.url("/blob?signature=hunter3");
    let wanted = basic("ann:hunter2");
    let server = Server::start(move |asked| match asked.header("authorization") {
        Some(shown) if shown == wanted && asked.path.contains("blobs") => Reply::redirect(&target),
        Some(shown) if shown == wanted => content.answer(asked),
        _ => Reply::new(401).with("www-authenticate", "Basic realm=\"registry\""),
    });
    let error = machine.one(&of(&server, "1.2.3")).expect_err("no login");
    assert!(
        matches!(&error, FetchError::Unauthorized { sent: false, .. }),
        "{error}"
    );
    machine.write(
        "registry.json",
        &format!(
            r#"{{"auths": {{"{}": {{"auth": "YW5uOmh1bnRlcjI="}}}}}}"#,
            server.host()
        ),
    );
    assert_eq!(machine.one(&of(&server, "1.2.3")), Ok("1.2.3".into()));
    assert_eq!(foreign.asked().len(), 1);
    assert_eq!(foreign.asked()[0].header("authorization"), None);
    machine.write(
        "registry.json",
        &format!(
            r#"{{"auths": {{"{}": {{"auth": "YW5uOmh1bnRlcjQ="}}}}}}"#,
            server.host()
        ),
    );
    let error = machine
        .one(&of(&server, "1.2.3"))
        .expect_err("a wrong login");
    assert!(
        matches!(&error, FetchError::Unauthorized { sent: true, .. }),
        "{error}"
    );
    assert!(
        !format!("{error} {error:?}").contains("hunter"),
        "{error:?}"
    );
}

/// Starts a registry that wants tokens of this realm; its own where there is none.
fn with_tokens(content: Content, realm: Option<String>) -> Server {
    let own = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let known = std::sync::Arc::clone(&own);
    let server = Server::start(move |asked| {
        if asked.path.starts_with("/token") {
            return Reply::ok(r#"{"token": "t1"}"#);
        }
        if asked.header("authorization") == Some("Bearer t1") {
            return content.answer(asked);
        }
        let realm = realm
            .clone()
            .or_else(|| known.get().cloned())
            .unwrap_or_default();
        let challenge = format!(
            "Bearer realm=\"{realm}\",service=\"reg\",scope=\"repository:charts/redis:pull,push\""
        );
        Reply::new(401).with("www-authenticate", &challenge)
    });
    own.set(server.url("/token")).expect("once");
    server
}

#[test]
fn tokens_are_asked_for_with_the_login_and_for_reading_alone() {
    let content = Content::new(chart("redis", "1.2.3", 100));
    let token = |server: &Server| {
        let mut asked = server.asked().into_iter();
        asked.rfind(|asked| asked.path.starts_with("/token"))
    };
    // Without a login.
    let server = with_tokens(content.clone(), None);
    let machine = Machine::new();
    assert_eq!(machine.one(&of(&server, "^1.2.0")).map(|_| ()), Ok(()));
    let asked = token(&server).expect("a token was asked for");
    assert_eq!(
        asked.path,
        "/token?service=reg&scope=repository%3Acharts%2Fredis%3Apull"
    );
    assert_eq!(asked.header("authorization"), None);
    // Docker's login.
    let server = with_tokens(content.clone(), None);
    let host = server.host();
    let machine_with = |name: &str, text: &str| {
        let machine = Machine::new();
        machine.write(name, text);
        machine
    };
    let docker = machine_with(
        "docker.json",
        &format!(r#"{{"auths": {{"https://{host}/v1/": {{"auth": "YW5uOmh1bnRlcjI="}}}}}}"#),
    );
    assert_eq!(docker.one(&of(&server, "1.2.3")), Ok("1.2.3".into()));
    let asked = token(&server).expect("a token was asked for");
    assert_eq!(
        asked.header("authorization"),
        Some(basic("ann:hunter2").as_str())
    );
    // A token that stands for a login.
    let identity = machine_with(
        "registry.json",
        &format!(r#"{{"auths": {{"{host}": {{"identitytoken": "i1"}}}}}}"#),
    );
    assert_eq!(identity.one(&of(&server, "1.2.3")), Ok("1.2.3".into()));
    let asked = token(&server).expect("a token was asked for");
    assert_eq!(asked.method, "POST");
    assert!(
        asked.body.contains("grant_type=refresh_token"),
        "{}",
        asked.body
    );
    assert!(asked.body.contains("refresh_token=i1"), "{}", asked.body);
}

#[test]
fn a_login_is_not_told_to_another_place_for_tokens() {
    let content = Content::new(chart("redis", "1.2.3", 100));
    let foreign = Server::start(|_| Reply::ok(r#"{"token": "t1"}"#));
    let server = with_tokens(content, Some(foreign.url("/token?x=hunter3")));
    let machine = Machine::new();
    machine.write(
        "registry.json",
        &format!(
            r#"{{"auths": {{"{}": {{"auth": "YW5uOmh1bnRlcjI="}}}}}}"#,
            server.host()
        ),
    );
    let error = machine
        .one(&of(&server, "1.2.3"))
        .expect_err("another host");
    assert!(matches!(&error, FetchError::Realm { .. }), "{error}");
    assert!(!error.to_string().contains("hunter"), "{error}");
    assert!(foreign.asked().is_empty());
    // Who has no login has nothing to lose.
    assert_eq!(
        Machine::new().one(&of(&server, "1.2.3")),
        Ok("1.2.3".into())
    );
    assert_eq!(foreign.asked()[0].header("authorization"), None);
}
