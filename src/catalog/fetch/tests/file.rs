//! Files that kustomizations name by URL.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::file::{FILES_DIRECTORY, FileAnswer, FileWanted};
use super::super::server::{Reply, Server};
use super::*;

const PLAIN: FileWanted = FileWanted {
    or_repository: false,
    verify: false,
};
const PERHAPS: FileWanted = FileWanted {
    or_repository: true,
    verify: false,
};

/// Asks for one file.
fn ask(machine: &Machine, url: &str, wanted: FileWanted) -> FileAnswer {
    let fetcher = machine.fetcher();
    let wanted = BTreeMap::from([(url.to_owned(), wanted)]);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(fetcher.files(&wanted)).remove(0).1
}

/// What stands in a file that must be there.
fn content(answer: FileAnswer) -> String {
    let file = answer.expect("an answer").expect("a file");
    String::from_utf8(file.bytes).expect("a text")
}

#[test]
fn a_file_is_fetched_kept_and_checked() {
    static CHANGED: AtomicBool = AtomicBool::new(false);
    let server = Server::start(|asked| match asked.path.as_str() {
        "/a.yaml" if CHANGED.load(Ordering::SeqCst) => Reply::ok("kind: B"),
        "/a.yaml" => Reply::ok("kind: A"),
        _ => Reply::new(404),
    });
    let mut machine = Machine::new();
    let url = server.url("/a.yaml");
    assert_eq!(content(ask(&machine, &url, PLAIN)), "kind: A");
    machine
        .lock
        .files
        .insert(url.clone(), Digest::of(b"kind: A"));
    CHANGED.store(true, Ordering::SeqCst);
    // What is locked and at hand asks nobody.
    assert_eq!(content(ask(&machine, &url, PLAIN)), "kind: A");
    assert_eq!(server.paths().len(), 1);
    let verify = FileWanted {
        verify: true,
        ..PLAIN
    };
    let error = ask(&machine, &url, verify).expect_err("a change");
    assert!(matches!(error, FetchError::FileChanged { .. }), "{error}");
    machine.settings.offline = true;
    assert_eq!(content(ask(&machine, &url, verify)), "kind: A");
    // A repository keeps it, too, and nothing else under its name.
    machine.settings.cache = None;
    assert_eq!(ask(&machine, &url, PLAIN), Err(FetchError::Offline));
    let root = tempfile::tempdir().expect("a folder");
    let kept = root.path().join(FILES_DIRECTORY);
    std::fs::create_dir_all(&kept).expect("a folder");
    let kept = kept.join(Digest::of(b"kind: A").hex());
    std::fs::write(&kept, "kind: A").expect("a file");
    machine.root = Some(root.path().to_owned());
    assert_eq!(content(ask(&machine, &url, PLAIN)), "kind: A");
    std::fs::write(&kept, "kind: C").expect("a file");
    let error = ask(&machine, &url, PLAIN).expect_err("another content");
    assert!(matches!(error, FetchError::Vendored { .. }), "{error}");
}

#[test]
fn what_is_no_file_may_be_a_repository() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/page" => Reply::ok("<!doctype html>"),
        "/private" => Reply::new(401),
        _ => Reply::new(404),
    });
    let machine = Machine::new();
    for path in ["/page", "/private", "/none"] {
        let url = server.url(path);
        assert_eq!(ask(&machine, &url, PERHAPS), Ok(None), "{path}");
        assert!(ask(&machine, &url, PLAIN).is_err(), "{path}");
    }
    // Nobody is told a password that stands in an address.
    let url = server.url("/a").replace("://", "://ann:hunter2@");
    let before = server.paths().len();
    let error = ask(&machine, &url, PLAIN).expect_err("credentials");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    assert_eq!(server.paths().len(), before);
}
