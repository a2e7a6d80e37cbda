//! Functions whose results differ from rendering to rendering: what they give, that a seed makes
//! them repeat themselves, and that each call is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::{Duration, UNIX_EPOCH};

use chart::{
    Capabilities, Chart, Entropy, File, KubeVersion, ReleaseOptions, RenderOptions, Rendered,
    Values, render,
};

const TEMPLATE: &str = r#"{{- $ca := genCA "authority" 365 }}
{{- $cert := genSignedCert "server" (list "10.0.0.1") (list "server.ns") 30 $ca }}
cert: {{ $cert.Cert | quote }}
key: {{ $cert.Key | quote }}
again: {{ (genSignedCert "x" nil nil 3 (buildCustomCert (b64enc $ca.Cert) (b64enc $ca.Key))).Key | quote }}
password: {{ randAlphaNum 12 | quote }}
digits: {{ randNumeric 5 | quote }}
hash: {{ htpasswd "user" "word" }}
id: {{ uuidv4 }}
now: {{ now | date "2006-01-02T15:04:05" | quote }}
epoch: {{ now | unixEpoch | quote }}
"#;

fn rendered(options: &RenderOptions) -> Rendered {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        data: text.into(),
    };
    let chart = Chart::from_files(vec![
        file("Chart.yaml", "apiVersion: v2\nname: r\nversion: 1.0.0\n"),
        file("templates/random.yaml", TEMPLATE),
        file("templates/plain.yaml", "a: {{ upper \"x\" }}\n"),
    ])
    .unwrap();
    let capabilities = Capabilities::new(KubeVersion::parse("1.34").unwrap(), ["a/v1"]);
    let release = ReleaseOptions::new("rel", "ns");
    render(&chart, &release, &Values::new(), &capabilities, options).unwrap()
}

#[test]
fn a_seed_and_a_clock_make_renderings_equal() {
    let options = RenderOptions {
        clock: Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)),
        entropy: Entropy::Seed([7; 32]),
        ..RenderOptions::default()
    };
    let (first, second) = (rendered(&options), rendered(&options));
    assert_eq!(first.manifests, second.manifests);
    let document = &first.manifests[1].document;
    let text = |key: &str| document[key].as_str().unwrap();
    assert!(text("cert").starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert!(text("key").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert_ne!(text("key"), text("again"));
    assert_eq!(text("password").len(), 12);
    assert!(text("digits").bytes().all(|byte| byte.is_ascii_digit()));
    assert!(text("hash").starts_with("user:$2a$10$"));
    assert_eq!(text("id").len(), 36);
    assert_eq!(text("now"), "2023-11-14T22:13:20");
    assert_eq!(text("epoch"), "1700000000");
}

#[test]
fn each_call_is_told_with_its_place() {
    let options = RenderOptions {
        entropy: Entropy::Seed([1; 32]),
        ..RenderOptions::default()
    };
    let rendered = rendered(&options);
    let told: Vec<_> = rendered
        .nondeterministic
        .iter()
        .map(|call| (call.function.as_str(), call.line, call.column))
        .collect();
    let expected = [
        ("genCA", 1, 12),
        ("genSignedCert", 2, 14),
        ("genSignedCert", 5, 12),
        ("randAlphaNum", 6, 14),
        ("randNumeric", 7, 12),
        ("htpasswd", 8, 10),
        ("uuidv4", 9, 8),
        ("now", 10, 9),
        ("now", 11, 11),
    ];
    assert_eq!(told, expected);
    let places = rendered
        .nondeterministic
        .iter()
        .map(|call| call.template.as_str());
    assert!(
        places
            .into_iter()
            .all(|place| place == "r/templates/random.yaml")
    );
}
