//! Charts that do not stand in the repository: a small platform with one Application of a chart
//! repository and one dependency, a server on loopback, and the program with and without a network.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use assert_cmd::Command;

use crate::support::{Fixture, assert_output};

/// A chart repository with `cache` in two versions, and how often it was asked.
struct Repository {
    address: String,
    asked: Arc<AtomicUsize>,
}

fn packed(name: &str, version: &str) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut archive = tar::Builder::new(encoder);
    for (path, text) in [
        (
            "Chart.yaml",
            format!("apiVersion: v2\nname: {name}\nversion: {version}\n"),
        ),
        ("values.yaml", "size: 1\n".to_owned()),
        ("values-large.yaml", "size: 3\n".to_owned()),
        (
            "templates/configmap.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-cache}\n\
             data: {size: {{ .Values.size | quote }}, version: {{ .Chart.Version }}}\n"
                .to_owned(),
        ),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, format!("{name}/{path}"), text.as_bytes())
            .expect("an entry");
    }
    let finished = archive
        .into_inner()
        .and_then(flate2::write::GzEncoder::finish);
    finished.expect("an archive")
}

impl Repository {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                for line in lines.map_while(Result::ok) {
                    if line.is_empty() {
                        break;
                    }
                }
                count.fetch_add(1, Ordering::SeqCst);
                let body = match first.split(' ').nth(1).unwrap_or_default() {
                    "/index.yaml" => "apiVersion: v1\nentries:\n  cache:\n  \
                        - {name: cache, version: 1.2.0, urls: [cache-1.2.0.tgz]}\n  \
                        - {name: cache, version: 1.1.0, urls: [cache-1.1.0.tgz]}\n"
                        .as_bytes()
                        .to_vec(),
                    "/cache-1.2.0.tgz" => packed("cache", "1.2.0"),
                    "/cache-1.1.0.tgz" => packed("cache", "1.1.0"),
                    _ => Vec::new(),
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(&body);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn platform(repository: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write(
        "bootstrap/templates/cache.yaml",
        &format!(
            "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: cache, namespace: argocd}}
spec:
  project: default-project
  source:
    repoURL: {repository}
    chart: cache
    targetRevision: ^1.0
    helm: {{valueFiles: [values-large.yaml]}}
  destination: {{server: https://kubernetes.default.svc, namespace: cache}}
  syncPolicy: {{syncOptions: [CreateNamespace=true]}}
"
        ),
    );
    fixture.write(
        "services/web/Chart.yaml",
        &format!(
            "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n\
             - {{name: cache, version: 1.1.0, repository: '{repository}'}}\n"
        ),
    );
    fixture
}

/// Runs the program with a cache, if there is one; returns exit code and both outputs.
fn run(fixture: &Fixture, cache: Option<&Path>, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstlight"));
    command
        .current_dir(fixture.path())
        .env_clear()
        .args(arguments);
    if let Some(cache) = cache {
        command.env("XDG_CACHE_HOME", cache);
    }
    let output = command.output().expect("the program runs");
    let mut text = String::from_utf8(output.stdout).expect("UTF-8");
    text.push_str(&String::from_utf8(output.stderr).expect("UTF-8"));
    (output.status.code().expect("an exit code"), text)
}

#[test]
fn what_cannot_be_had_without_a_network() {
    let fixture = platform("https://charts.example.org/stable");
    let application = |name: &str, source: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: default-project
  source: {{{source}}}
  destination: {{server: https://kubernetes.default.svc, namespace: cache}}
"
        );
        fixture.write(&format!("bootstrap/templates/{name}.yaml"), &text);
    };
    // Registries as Argo CD writes them: without a scheme, and with the whole chart as address.
    application(
        "queue",
        "repoURL: registry.example.org/charts, chart: queue, targetRevision: 2.x",
    );
    application(
        "whole",
        "repoURL: 'oci://registry.example.org/charts/whole', path: ., targetRevision: 1.2.3",
    );
    assert_output!("bad_offline", fixture.run(&["plan", "test", "--offline"]));
    assert!(!fixture.path().join("firstlight.lock").exists());
}

#[test]
fn a_lock_that_cannot_be_read() {
    let fixture = platform("https://charts.example.org/stable");
    fixture.write("firstlight.lock", "version: 1\ncharts:\n- name: cache\n");
    assert_output!("bad_lock", fixture.run(&["plan", "test", "--offline"]));
}

#[test]
fn a_chart_lock_that_does_not_fit() {
    let fixture = platform("https://charts.example.org/stable");
    fixture.write(
        "services/web/Chart.lock",
        "dependencies:\n- {name: cache, version: 1.1.0, \
         repository: 'https://charts.example.org/stable'}\ndigest: sha256:00\n",
    );
    assert_output!(
        "bad_chart_lock",
        fixture.run(&["plan", "test", "--offline"])
    );
}

#[test]
fn from_the_network_to_none() {
    let repository = Repository::start();
    let fixture = platform(&repository.address);
    let cache = tempfile::tempdir().expect("a directory");
    let arguments = ["render", "test", "--source-comments"];
    let (code, text) = run(&fixture, Some(cache.path()), &arguments);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("fetched cache 1.2.0 from http://127.0.0.1"),
        "{text}"
    );
    // The chart's own value file was read, and the dependency has its own version.
    assert!(text.contains("name: cache-cache\n"), "{text}");
    assert!(text.contains("size: \"3\"\n  version: 1.2.0"), "{text}");
    assert!(text.contains("name: web-cache\n"), "{text}");
    assert!(text.contains("size: \"1\"\n  version: 1.1.0"), "{text}");
    assert!(
        text.contains("# cache: cache/templates/configmap.yaml:1"),
        "{text}"
    );
    let lock = fs::read_to_string(fixture.path().join("firstlight.lock")).expect("a lock");
    assert!(lock.contains("range: ^1.0"), "{lock}");
    let asked = repository.asked();
    // A second run asks nobody and writes nothing.
    let (code, text) = run(&fixture, Some(cache.path()), &["plan", "test"]);
    assert_eq!(code, 0, "{text}");
    assert!(!text.contains("fetched"), "{text}");
    assert_eq!(repository.asked(), asked);
    // Vendored, neither cache nor network are needed.
    let (code, text) = run(&fixture, Some(cache.path()), &["--offline", "vendor"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("+ vendor/charts/cache-1.1.0.tgz\n+ vendor/charts/cache-1.2.0.tgz"),
        "{text}"
    );
    let (code, text) = run(&fixture, None, &["plan", "test", "--offline"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(repository.asked(), asked);
    // Somebody changes what is vendored.
    fixture.write("vendor/charts/cache-1.2.0.tgz", "tampered");
    let (code, text) = run(&fixture, None, &["plan", "test"]);
    assert_eq!(code, 9, "{text}");
    assert!(
        text.contains("vendor/charts/cache-1.2.0.tgz is sha256:"),
        "{text}"
    );
    // Somebody changes the lock.
    let tampered = lock.replace("version: 1.2.0", "version: 1.1.0");
    fixture.write("firstlight.lock", &tampered);
    let empty = tempfile::tempdir().expect("a directory");
    fs::remove_dir_all(fixture.path().join("vendor")).expect("removed");
    let (code, text) = run(&fixture, Some(empty.path()), &["plan", "test"]);
    assert_eq!(code, 9, "{text}");
    assert!(
        text.contains("is not what it was: firstlight.lock has sha256:"),
        "{text}"
    );
    assert!(text.contains("`firstlight lock --update=cache`"), "{text}");
    let (code, text) = run(&fixture, Some(empty.path()), &["lock", "--update=cache"]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(
        fs::read_to_string(fixture.path().join("firstlight.lock")).ok(),
        Some(lock)
    );
    let (code, text) = run(&fixture, Some(empty.path()), &["lock", "--update=cahce"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("did you mean `cache`?"), "{text}");
}

#[test]
fn what_nothing_needs_any_more_is_removed() {
    let repository = Repository::start();
    let fixture = platform(&repository.address);
    let cache = tempfile::tempdir().expect("a directory");
    let (code, text) = run(&fixture, Some(cache.path()), &["vendor"]);
    assert_eq!(code, 0, "{text}");
    fixture.write(
        "services/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    );
    let (code, text) = run(&fixture, None, &["vendor", "--offline"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("1.1.0, which nothing needs any more"),
        "{text}"
    );
    assert!(text.contains("- vendor/charts/cache-1.1.0.tgz"), "{text}");
    fs::remove_file(fixture.path().join("bootstrap/templates/cache.yaml")).expect("removed");
    let (code, text) = run(&fixture, None, &["vendor"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        !fixture
            .path()
            .join("vendor/charts/cache-1.2.0.tgz")
            .exists()
    );
}

#[test]
fn two_programs_at_once() {
    let repository = Repository::start();
    let fixture = platform(&repository.address);
    let cache = tempfile::tempdir().expect("a directory");
    std::thread::scope(|scope| {
        let programs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| run(&fixture, Some(cache.path()), &["plan", "test"])))
            .collect();
        for program in programs {
            let (code, text) = program.join().expect("a thread");
            assert_eq!(code, 0, "{text}");
        }
    });
    let (code, text) = run(&fixture, Some(cache.path()), &["--offline", "lock", "test"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("2 charts, as before"), "{text}");
    let whole = cache.path().join("firstlight/charts/sha256");
    assert_eq!(fs::read_dir(whole).expect("a cache").count(), 2);
}
