//! The lock, vendored archives, and no network.

use super::super::server::{Reply, Server};
use super::super::{prune_vendored, write_vendored};
use super::*;

fn serving(archive: Vec<u8>, digest: Option<Digest>) -> Server {
    Server::start(move |asked| match asked.path.as_str() {
        "/index.yaml" => Reply::ok(index(&[("1.2.3", "redis.tgz", digest.as_ref())])),
        _ => Reply::ok(archive.clone()),
    })
}

#[test]
fn without_a_network_all_that_is_missing_is_named() {
    let mut machine = Machine::new();
    let archive = chart("redis", "1.2.3", 100);
    let server = serving(archive.clone(), Some(Digest::of(&archive)));
    machine.settings.offline = true;
    let requests = [
        request(&server.url(""), "^1"),
        request(&server.url(""), "1.2.3"),
    ];
    machine.lock.charts.insert(
        requests[0].clone(),
        LockedChart {
            version: "1.2.3".into(),
            digest: Digest::of(&archive),
        },
    );
    let failures = machine.fetch(&requests).expect_err("offline");
    let errors: Vec<FetchError> = failures
        .failed
        .into_iter()
        .map(|(_, error)| error)
        .collect();
    assert_eq!(errors, [FetchError::OfflineUnlocked, FetchError::Offline]);
    assert!(server.paths().is_empty());
    // With the archive in the cache the locked one is there.
    machine.settings.offline = false;
    machine.locked(&requests[1]);
    machine.settings.offline = true;
    let asked = server.paths().len();
    assert_eq!(machine.one(&requests[0]), Ok("1.2.3".into()));
    assert_eq!(server.paths().len(), asked);
}

#[test]
fn what_changed_since_it_was_locked_is_refused() {
    for announced in [true, false] {
        let mut machine = Machine::new();
        let archive = chart("redis", "1.2.3", 100);
        let server = serving(archive.clone(), announced.then(|| Digest::of(&archive)));
        let request = request(&server.url(""), "^1");
        machine.lock.charts.insert(
            request.clone(),
            LockedChart {
                version: "1.2.3".into(),
                digest: Digest::of(b"another"),
            },
        );
        let error = machine.one(&request).expect_err("changed");
        assert!(matches!(&error, FetchError::Changed { .. }), "{error}");
        assert!(
            error.to_string().contains("firstlight.lock has sha256:"),
            "{error}"
        );
        let help = error.help(&request).expect("help");
        assert!(help.contains("`firstlight lock --update=redis`"), "{help}");
    }
}

#[test]
fn a_locked_version_is_kept_though_there_is_a_newer_one() {
    let mut machine = Machine::new();
    let (old, new) = (chart("redis", "1.2.3", 100), chart("redis", "1.3.0", 100));
    let text = index(&[
        ("1.3.0", "new.tgz", Some(&Digest::of(&new))),
        ("1.2.3", "old.tgz", Some(&Digest::of(&old))),
    ]);
    let content = old.clone();
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/index.yaml" => Reply::ok(text.clone()),
        "/old.tgz" => Reply::ok(content.clone()),
        _ => Reply::ok(new.clone()),
    });
    let request = request(&server.url(""), "^1");
    assert_eq!(machine.one(&request), Ok("1.3.0".into()));
    machine.lock.charts.insert(
        request.clone(),
        LockedChart {
            version: "1.2.3".into(),
            digest: Digest::of(&old),
        },
    );
    assert_eq!(machine.one(&request), Ok("1.2.3".into()));
}

#[test]
fn vendored_archives_need_neither_cache_nor_network() {
    let mut machine = Machine::new();
    let repository = tempfile::tempdir().expect("a directory");
    let archive = chart("redis", "1.2.3", 100);
    let wanted = request("https://charts.example.invalid", "^1");
    let chosen = LockedChart {
        version: "1.2.3".into(),
        digest: Digest::of(&archive),
    };
    machine.lock.charts.insert(wanted.clone(), chosen.clone());
    machine.root = Some(repository.path().to_owned());
    machine.settings = FetchSettings::sealed();
    let nothing = BTreeSet::new();
    let write = |bytes: &[u8], taken: &BTreeSet<String>| {
        write_vendored(repository.path(), &wanted, &chosen, taken, bytes).expect("written")
    };
    let (file, written) = write(&archive, &nothing);
    assert_eq!(
        (file.as_str(), written),
        ("vendor/charts/redis-1.2.3.tgz", true)
    );
    assert_eq!(write(&archive, &nothing), (file.clone(), false));
    assert_eq!(machine.one(&wanted), Ok("1.2.3".into()));
    // Somebody changes it.
    std::fs::write(repository.path().join(&file), b"tampered").expect("written");
    let error = machine.one(&wanted).expect_err("tampered");
    assert!(matches!(&error, FetchError::Vendored { .. }), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("vendor/charts/redis-1.2.3.tgz is sha256:"),
        "{error}"
    );
    // Another repository's chart has the name: this one gets a longer one.
    let taken = BTreeSet::from([file.clone()]);
    let (longer, _) = write(&archive, &taken);
    assert_ne!(longer, file);
    assert_eq!(machine.one(&wanted), Ok("1.2.3".into()));
    let kept = BTreeSet::from([longer.clone()]);
    assert_eq!(prune_vendored(repository.path(), &kept), Ok(vec![file]));
    assert_eq!(machine.one(&wanted), Ok("1.2.3".into()));
}
