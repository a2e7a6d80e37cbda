//! Clusters that cannot be used: each with its whole message and exit code, and nothing written.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use crate::support::{Fixture, assert_output};

/// A small platform beside a kubeconfig whose one server is at this address.
fn fixture(address: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write(
        "kubeconfig",
        &format!(
            "apiVersion: v1
kind: Config
current-context: production
clusters:
  - {{name: c, cluster: {{server: \"http://{address}\"}}}}
contexts:
  - {{name: production, context: {{cluster: c, user: u}}}}
  - {{name: kind-test, context: {{cluster: c, user: u}}}}
users:
  - {{name: u, user: {{token: sesame}}}}
"
        ),
    );
    fixture
}

fn install(fixture: &Fixture, more: &[&str]) -> String {
    let words = ["install", "test", "--kubeconfig", "kubeconfig"];
    fixture.run(&[&words, more].concat())
}

#[test]
fn a_write_needs_a_named_context() {
    // The kubeconfig has a current context: it is never used.
    assert_output!("bad_no_context", install(&fixture("127.0.0.1:1"), &["-y"]));
}

#[test]
fn unknown_context() {
    assert_output!(
        "bad_context",
        install(&fixture("127.0.0.1:1"), &["--context", "kind-tset", "-y"])
    );
}

#[test]
fn no_cluster() {
    assert_output!(
        "bad_unreachable",
        install(&fixture("127.0.0.1:1"), &["--context", "kind-test", "-y"])
    );
}

#[test]
fn no_kubeconfig() {
    assert_output!(
        "bad_no_kubeconfig",
        Fixture::new().run(&[
            "status",
            "test",
            "--context",
            "kind-test",
            "--kubeconfig",
            "nowhere"
        ])
    );
}

#[test]
fn broken_kubeconfig() {
    let fixture = Fixture::new();
    fixture.write(
        "kubeconfig",
        "apiVersion: v1\nusers: [{name: u, user: {token: [sesame]}}]\n",
    );
    let output = install(&fixture, &["--context", "kind-test", "-y"]);
    assert!(!output.contains("sesame"), "the token is shown");
    assert_output!("bad_kubeconfig", output);
}

#[test]
fn no_permission() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = server.local_addr().expect("an address").to_string();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    std::thread::spawn(move || {
        for connection in server.incoming().flatten() {
            let told = Arc::clone(&told);
            std::thread::spawn(move || refuse(connection, &told));
        }
    });
    let output = install(&fixture(&address), &["--context", "kind-test", "-y"]);
    assert_output!("bad_forbidden", output.replace(&address, "ADDRESS"));
    assert!(!output.contains("sesame"), "the token is shown");
    let seen = seen.lock().expect("no panic");
    assert!(!seen.is_empty(), "the server was asked nothing");
    let writes: Vec<_> = seen
        .iter()
        .filter(|line| !line.starts_with("GET"))
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
}

/// Answers every request of a connection as an API server does where a user may do nothing.
fn refuse(connection: std::net::TcpStream, seen: &Mutex<Vec<String>>) {
    let body = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"forbidden: User \"guest\" cannot get path \"/\"","reason":"Forbidden","code":403}"#;
    let mut reader = BufReader::new(connection);
    loop {
        let mut head = Vec::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
            head.push(line);
        }
        let mut ignored = vec![0; length];
        if reader.read_exact(&mut ignored).is_err() {
            return;
        }
        seen.lock().expect("no panic").push(head.concat());
        let answer = format!(
            "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
