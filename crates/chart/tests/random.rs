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

/// What one template gives, with other numbers each time.
fn one(template: &str) -> Result<String, String> {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        data: text.into(),
    };
    let template = format!("out: |-\n  {{{{- {template} | nindent 2 }}}}\n");
    let chart = Chart::from_files(vec![
        file("Chart.yaml", "apiVersion: v2\nname: r\nversion: 1.0.0\n"),
        file("templates/one.yaml", &template),
    ])
    .unwrap();
    let capabilities = Capabilities::new(KubeVersion::parse("1.34").unwrap(), ["a/v1"]);
    let release = ReleaseOptions::new("rel", "ns");
    let options = RenderOptions::default();
    match render(&chart, &release, &Values::new(), &capabilities, &options) {
        Ok(rendered) => Ok(rendered.manifests[0].document["out"]
            .as_str()
            .unwrap()
            .to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn what_is_encrypted_is_decrypted_and_differs_each_time() {
    let round = "decryptAES \"word\" (encryptAES \"word\" \"a secret é\")";
    assert_eq!(one(round).unwrap(), "a secret é");
    let encrypted = "encryptAES \"word\" \"a secret\"";
    assert_ne!(one(encrypted), one(encrypted));
    assert_ne!(
        one("decryptAES \"other\" (encryptAES \"word\" \"a secret\")"),
        Ok("a secret".to_owned())
    );
}

#[test]
fn keys_of_every_kind_sign_certificates() {
    for (kind, label) in [("ecdsa", "EC PRIVATE KEY"), ("ed25519", "PRIVATE KEY")] {
        let key = one(&format!("genPrivateKey {kind:?}")).unwrap();
        assert!(
            key.starts_with(&format!("-----BEGIN {label}-----\n"))
                && key.ends_with(&format!("-----END {label}-----")),
            "{key}"
        );
        let signed = format!(
            "(genSignedCertWithKey \"x\" nil (list \"x.example.org\") 3 (genCAWithKey \"ca\" 9 (genPrivateKey {kind:?})) (genPrivateKey {kind:?})).Cert"
        );
        let certificate = one(&signed).unwrap();
        assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----\n"));
    }
    // The key that a certificate is made with comes back as it was.
    let same = "$key := genPrivateKey \"ecdsa\" }}{{ eq $key (genSelfSignedCertWithKey \"x\" nil nil 1 $key).Key | toString";
    assert_eq!(one(same).unwrap(), "true");
}

#[test]
fn dsa_keys_are_made_and_sign_nothing() {
    let key = one("genPrivateKey \"dsa\"").unwrap();
    assert!(
        key.starts_with("-----BEGIN DSA PRIVATE KEY-----\n"),
        "{key}"
    );
    let error = one("(genCAWithKey \"x\" 1 (genPrivateKey \"dsa\")).Cert").unwrap_err();
    let told = "error creating certificate: x509: certificate private key does not implement crypto.Signer";
    assert!(error.contains(told), "{error}");
}

#[test]
fn a_certificate_and_a_key_that_do_not_fit_are_refused() {
    let template = "$a := genCAWithKey \"a\" 9 (genPrivateKey \"ecdsa\") }}{{ $k := genPrivateKey \"ecdsa\" }}{{ (genSignedCert \"x\" nil nil 1 (buildCustomCert (b64enc $a.Cert) (b64enc $k))).Cert";
    let error = one(template).unwrap_err();
    let told = "x509: provided PrivateKey doesn't match parent's PublicKey";
    assert!(error.contains(told), "{error}");
}
