//! Repositories with an index.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::super::server::{Asked, Reply, Server};
use super::*;

/// `ann:hunter2`, as a header has it.
const ANN: &str = "Basic YW5uOmh1bnRlcjI=";

/// Starts a repository with redis 1.2.3 whose archive is answered by this function.
fn repository(
    archive: Vec<u8>,
    answer: impl Fn(&Asked, &[u8]) -> Reply + Send + Sync + 'static,
) -> Server {
    let digest = Digest::of(&archive);
    Server::start(move |asked| match asked.path.as_str() {
        "/stable/index.yaml" => Reply::ok(index(&[("1.2.3", "redis.tgz", Some(&digest))])),
        "/stable/redis.tgz" => answer(asked, &archive),
        _ => Reply::new(404),
    })
}

fn whole(_: &Asked, archive: &[u8]) -> Reply {
    Reply::ok(archive)
}

fn of(server: &Server) -> ChartRequest {
    request(&server.url("/stable"), "^1")
}

#[test]
fn a_chart_is_fetched_once() {
    let mut machine = Machine::new();
    let archive = chart("redis", "1.2.3", 200_000);
    let server = repository(archive.clone(), whole);
    let chosen = machine.locked(&of(&server));
    assert_eq!(chosen.version, "1.2.3");
    assert_eq!(chosen.digest, Digest::of(&archive));
    assert_eq!(server.paths(), ["/stable/index.yaml", "/stable/redis.tgz"]);
    assert_eq!(machine.cached().len(), 1);
    let events = machine.events();
    assert!(matches!(
        events.first(),
        Some(FetchEvent::FetchStarted { charts: 1 })
    ));
    assert!(events.iter().any(|event| matches!(event,
        FetchEvent::ChartProgress { total: Some(total), .. } if *total == archive.len() as u64)));
    assert_eq!(events.last(), Some(&FetchEvent::FetchFinished));
    // What is locked and cached asks nobody.
    assert_eq!(machine.one(&of(&server)), Ok("1.2.3".into()));
    assert_eq!(server.paths().len(), 2);
    // Another project finds it by the digest of the index.
    machine.lock = ChartLock::default();
    assert_eq!(machine.one(&of(&server)), Ok("1.2.3".into()));
    assert_eq!(server.paths()[2..], ["/stable/index.yaml"]);
}

#[test]
fn an_archive_is_fetched_by_its_address() {
    let machine = Machine::new();
    let server = repository(chart("redis", "1.2.3", 100), whole);
    let archive = ChartRequest::of_archive(&server.url("/stable/redis.tgz"));
    let request = archive.expect("an archive").expect("a request");
    assert_eq!(machine.one(&request), Ok("1.2.3".into()));
    assert_eq!(server.paths(), ["/stable/redis.tgz"]);
    let none = ChartRequest::of_archive(&server.url("/stable/none.tgz"));
    let request = none.expect("an archive").expect("a request");
    assert!(machine.one(&request).is_err());
    let page = Server::start(|_| Reply::ok("<!DOCTYPE html><html></html>"));
    let html = ChartRequest::of_archive(&page.url("/redis.tgz"));
    let request = html.expect("an archive").expect("a request");
    assert!(machine.one(&request).is_err());
    assert_eq!(machine.cached().len(), 1, "only the chart is kept");
}

#[test]
fn many_charts_of_one_repository_read_its_index_once() {
    let machine = Machine::new();
    let archives: Vec<Vec<u8>> = (0..20)
        .map(|n| chart("redis", &format!("1.0.{n}"), 100))
        .collect();
    let server = Server::start(move |asked| {
        if asked.path == "/index.yaml" {
            let digests: Vec<Digest> = archives.iter().map(|one| Digest::of(one)).collect();
            let texts: Vec<(String, String)> = (0..20)
                .map(|n| (format!("1.0.{n}"), format!("{n}.tgz")))
                .collect();
            let versions: Vec<_> = texts
                .iter()
                .zip(&digests)
                .map(|((version, url), digest)| (version.as_str(), url.as_str(), Some(digest)))
                .collect();
            return Reply::ok(index(&versions));
        }
        let number = asked.path.trim_matches(|c: char| !c.is_ascii_digit());
        Reply::ok(archives[number.parse::<usize>().expect("a number")].clone())
    });
    let requests: Vec<ChartRequest> = (0..20)
        .map(|n| request(&server.url(""), &format!("1.0.{n}")))
        .collect();
    let archives = machine.fetch(&requests).expect("charts");
    assert_eq!(archives.len(), 20);
    let paths = server.paths();
    assert_eq!(
        paths.iter().filter(|path| *path == "/index.yaml").count(),
        1
    );
    assert_eq!(paths.len(), 21);
}

#[test]
fn a_login_reaches_its_repository_and_no_other_host() {
    let machine = Machine::new();
    let archive = chart("redis", "1.2.3", 100);
    let bytes = archive.clone();
    let foreign = Server::start(move |_| Reply::ok(bytes.clone()));
    let target = foreign.url("/redis.tgz?signature=hunter3");
    let server = repository(archive, move |asked, _| {
        match asked.header("authorization") {
            Some(ANN) => Reply::redirect(&target),
            _ => Reply::new(401),
        }
    });
    machine.write(
        "repositories.yaml",
        &format!(
            "repositories:\n- {{name: stable, url: '{}', username: ann, password: hunter2}}\n",
            server.url("/stable")
        ),
    );
    assert_eq!(machine.one(&of(&server)), Ok("1.2.3".into()));
    let asked = foreign.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].header("authorization"), None);
    assert_eq!(asked[0].header("referer"), None);
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.header("authorization") == Some(ANN))
    );
    // By its name in Helm's list, too.
    let alias = ChartRequest::new("@stable", "redis", "*").expect("a request");
    assert_eq!(machine.one(&alias), Ok("1.2.3".into()));
    let unknown = ChartRequest::new("@other", "redis", "*").expect("a request");
    assert!(matches!(
        machine.one(&unknown),
        Err(FetchError::UnknownAlias { .. })
    ));
}

#[test]
fn an_archive_on_another_host_gets_no_login() {
    let machine = Machine::new();
    let archive = chart("redis", "1.2.3", 100);
    let digest = Digest::of(&archive);
    let foreign = Server::start(move |_| Reply::ok(archive.clone()));
    let text = index(&[("1.2.3", &foreign.url("/redis.tgz"), Some(&digest))]);
    let server = Server::start(move |_| Reply::ok(text.clone()));
    machine.write(
        "repositories.yaml",
        &format!(
            "repositories:\n- {{name: a, url: '{}', username: ann, password: hunter2, \
             pass_credentials_all: true}}\n",
            server.url("/")
        ),
    );
    assert_eq!(
        machine.one(&request(&server.url(""), "^1")),
        Ok("1.2.3".into())
    );
    assert_eq!(server.asked()[0].header("authorization"), Some(ANN));
    assert_eq!(foreign.asked()[0].header("authorization"), None);
}

#[test]
fn who_has_to_log_in_is_told_where() {
    let machine = Machine::new();
    let server = repository(chart("redis", "1.2.3", 100), |_, _| Reply::new(401));
    let request = of(&server);
    let error = machine.one(&request).expect_err("refused");
    assert!(
        matches!(&error, FetchError::Unauthorized { sent: false, .. }),
        "{error}"
    );
    assert!(
        error
            .help(&request)
            .is_some_and(|help| help.contains("helm repo add"))
    );
}

#[test]
fn redirects_end() {
    let machine = Machine::new();
    let server = repository(chart("redis", "1.2.3", 100), |_, _| {
        Reply::redirect("redis.tgz")
    });
    let error = machine.one(&of(&server)).expect_err("a loop");
    assert!(
        matches!(
            &error,
            FetchError::Redirect {
                why: "there are too many",
                ..
            }
        ),
        "{error}"
    );
    for target in ["file:///etc/passwd", "ftp://example.org/x", "http://", ""] {
        let server = repository(chart("redis", "1.2.3", 100), move |_, _| {
            Reply::redirect(target)
        });
        let error = machine.one(&of(&server)).expect_err("nowhere");
        assert!(
            matches!(&error, FetchError::Redirect { .. }),
            "{target}: {error}"
        );
    }
    assert!(machine.cached().is_empty());
}

#[test]
fn a_broken_download_goes_on_where_it_stopped() {
    let machine = Machine::new();
    let archive = chart("redis", "1.2.3", 300_000);
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let server = repository(archive.clone(), move |asked, archive| {
        let reply = Reply::part(asked, archive).with("etag", "\"one\"");
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => reply.cut(100_000),
            1 => reply.cut(50_000).stall(Duration::from_secs(4)),
            _ => reply,
        }
    });
    assert_eq!(machine.one(&of(&server)), Ok("1.2.3".into()));
    let from: Vec<usize> = server.asked()[1..].iter().map(Asked::from).collect();
    assert_eq!(from, [0, 100_000, 150_000]);
    assert_eq!(server.asked()[2].header("if-range"), Some("\"one\""));
    let resumed = machine
        .events()
        .into_iter()
        .filter_map(|event| match event {
            FetchEvent::ChartResumed { bytes, .. } => Some(bytes),
            _ => None,
        });
    assert_eq!(resumed.collect::<Vec<_>>(), [100_000, 150_000]);
    assert_eq!(machine.cached().len(), 1);
}

#[test]
fn a_server_without_ranges_is_asked_for_the_whole() {
    let machine = Machine::new();
    let tries = Arc::new(AtomicUsize::new(0));
    let server = repository(
        chart("redis", "1.2.3", 300_000),
        move |_, archive| match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::ok(archive).cut(100_000),
            _ => Reply::ok(archive).chunked(),
        },
    );
    assert_eq!(machine.one(&of(&server)), Ok("1.2.3".into()));
}

#[test]
fn a_large_download_goes_on_in_a_later_run() {
    let machine = Machine::new();
    let allowed = Arc::new(AtomicUsize::new(1_500_000));
    let limit = Arc::clone(&allowed);
    let server = repository(chart("redis", "1.2.3", 2_000_000), move |asked, archive| {
        let rest = limit.load(Ordering::SeqCst).saturating_sub(asked.from());
        Reply::part(asked, archive).cut(rest)
    });
    let error = machine.one(&of(&server)).expect_err("cut short");
    assert!(
        matches!(
            &error,
            FetchError::Truncated {
                received: 1_500_000,
                ..
            }
        ),
        "{error}"
    );
    allowed.store(usize::MAX, Ordering::SeqCst);
    assert_eq!(machine.one(&of(&server)), Ok("1.2.3".into()));
    assert_eq!(server.asked().last().map(Asked::from), Some(1_500_000));
    assert_eq!(machine.cached().len(), 1);
}

#[test]
fn stalls_end_in_bounded_time() {
    let mut machine = Machine::new();
    machine.settings.limits.idle = Duration::from_millis(400);
    let long = Duration::from_secs(30);
    for server in [
        repository(chart("redis", "1.2.3", 9000), move |_, archive| {
            Reply::ok(archive).cut(0).stall(long)
        }),
        Server::start(move |_| {
            std::thread::sleep(long);
            Reply::new(500)
        }),
    ] {
        let begun = Instant::now();
        let error = machine.one(&of(&server)).expect_err("a stall");
        assert!(matches!(&error, FetchError::Stalled { .. }), "{error}");
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{:?}",
            begun.elapsed()
        );
    }
    assert!(machine.cached().is_empty());
}

#[test]
fn a_trickle_ends_too() {
    let mut machine = Machine::new();
    machine.settings.limits.total = Duration::from_millis(900);
    let server = repository(chart("redis", "1.2.3", 90_000), |asked, archive| {
        Reply::part(asked, archive)
            .cut(100)
            .stall(Duration::from_millis(350))
    });
    machine.settings.limits.attempts = 1000;
    let begun = Instant::now();
    let error = machine.one(&of(&server)).expect_err("too slow");
    assert!(matches!(&error, FetchError::Slow { .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn lies_about_a_digest_leave_nothing_behind() {
    let machine = Machine::new();
    let other = chart("redis", "1.2.3", 2_000_000);
    let server = repository(chart("redis", "1.2.3", 100), move |_, _| {
        Reply::ok(other.clone())
    });
    let error = machine.one(&of(&server)).expect_err("a lie");
    assert!(
        matches!(
            &error,
            FetchError::WrongDigest {
                who: "the index",
                ..
            }
        ),
        "{error}"
    );
    assert!(machine.cached().is_empty());
}

#[test]
fn another_chart_is_refused() {
    let machine = Machine::new();
    for (name, version) in [("nginx", "1.2.3"), ("redis", "9.9.9")] {
        let archive = chart(name, version, 100);
        let server = Server::start(move |asked| match asked.path.as_str() {
            "/stable/index.yaml" => Reply::ok(index(&[("1.2.3", "redis.tgz", None)])),
            _ => Reply::ok(archive.clone()),
        });
        let error = machine.one(&of(&server)).expect_err("another chart");
        assert!(matches!(&error, FetchError::OtherChart { .. }), "{error}");
    }
}

#[test]
fn web_pages_are_recognised() {
    let machine = Machine::new();
    let page = "<!DOCTYPE html><html><body>Please log in</body></html>";
    let site = Server::start(move |_| Reply::ok(page).with("content-type", "text/html"));
    let error = machine.one(&of(&site)).expect_err("a page");
    assert!(
        error.to_string().contains("web page, not the index"),
        "{error}"
    );
    let server = repository(chart("redis", "1.2.3", 100), move |_, _| Reply::ok(page));
    let error = machine.one(&of(&server)).expect_err("a page");
    assert!(
        error.to_string().contains("web page, not a packed chart"),
        "{error}"
    );
    let server = repository(b"no archive".to_vec(), whole);
    let error = machine.one(&of(&server)).expect_err("no archive");
    assert!(error.to_string().contains("gzip"), "{error}");
    assert!(machine.cached().is_empty());
}

#[test]
fn nothing_is_read_without_a_limit() {
    let mut machine = Machine::new();
    machine.settings.limits.archive_bytes = 50_000;
    machine.settings.limits.index_bytes = 50_000;
    for chunked in [false, true] {
        let limited = move |reply: Reply| if chunked { reply.chunked() } else { reply };
        let server = repository(chart("redis", "1.2.3", 90_000), move |_, archive| {
            limited(Reply::ok(archive))
        });
        let error = machine.one(&of(&server)).expect_err("too large");
        assert!(
            matches!(&error, FetchError::TooLarge { limit: 50_000, .. }),
            "{error}"
        );
        let server = Server::start(move |_| limited(Reply::ok(vec![b'#'; 90_000])));
        let error = machine.one(&of(&server)).expect_err("too large");
        assert!(
            matches!(&error, FetchError::TooLarge { limit: 50_000, .. }),
            "{error}"
        );
    }
    // An index that unpacks to more than it is.
    let bomb = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b'#'; 40_000_000]).expect("packed");
        encoder.finish().expect("packed")
    };
    let server = Server::start(move |_| Reply::ok(bomb.clone()).with("content-encoding", "gzip"));
    let error = machine.one(&of(&server)).expect_err("a bomb");
    assert!(
        matches!(&error, FetchError::TooLarge { limit: 50_000, .. }),
        "{error}"
    );
    assert!(machine.cached().is_empty());
}

#[test]
fn an_archive_that_expands_without_end_is_refused() {
    let machine = Machine::new();
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::best(),
    ));
    let mut header = tar::Header::new_gnu();
    let size = 150_u64 * 1024 * 1024;
    header.set_size(size);
    archive
        .append_data(
            &mut header,
            "redis/bomb",
            std::io::Read::take(std::io::repeat(0), size),
        )
        .expect("an entry");
    let archive = archive
        .into_inner()
        .and_then(flate2::write::GzEncoder::finish)
        .expect("an archive");
    let server = repository(archive, whole);
    let error = machine.one(&of(&server)).expect_err("a bomb");
    assert!(
        error.to_string().contains("larger than the maximum"),
        "{error}"
    );
}

#[test]
fn passing_failures_are_tried_again_and_others_are_not() {
    let machine = Machine::new();
    let archive = chart("redis", "1.2.3", 100);
    let tries = Arc::new(AtomicUsize::new(0));
    let server = repository(archive.clone(), move |_, archive| {
        match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::new(503),
            1 => Reply::new(429),
            _ => Reply::ok(archive),
        }
    });
    assert_eq!(machine.one(&of(&server)), Ok("1.2.3".into()));
    let server = repository(archive, |_, _| Reply::new(404));
    let error = Machine::new().one(&of(&server)).expect_err("not there");
    assert!(
        matches!(&error, FetchError::Status { status: 404, .. }),
        "{error}"
    );
    assert_eq!(server.paths().len(), 2);
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let machine = Machine::new();
    let server = repository(chart("redis", "1.2.3", 1_500_000), |_, archive| {
        Reply::ok(archive).chunked()
    });
    std::thread::scope(|scope| {
        let fetches: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| machine.one(&of(&server))))
            .collect();
        for fetch in fetches {
            assert_eq!(fetch.join().expect("a thread"), Ok("1.2.3".into()));
        }
    });
    assert_eq!(machine.cached().len(), 1);
}

#[test]
fn all_failures_are_told_at_once() {
    let machine = Machine::new();
    let server = repository(chart("redis", "1.2.3", 100), whole);
    let other = |name: &str, range: &str| {
        ChartRequest::new(server.url("/stable"), name, range).expect("a request")
    };
    let requests = [
        other("redis", "^9"),
        other("nginx", "^1"),
        other("redis", "^1"),
    ];
    let failures = machine.fetch(&requests).expect_err("two of three");
    let words: Vec<String> = failures
        .failed
        .iter()
        .map(|(_, error)| error.to_string())
        .collect();
    assert_eq!(
        words,
        [
            format!("{} has no chart nginx", server.url("/stable")),
            "redis has no version in `^9`; the newest are 1.2.3".to_owned(),
        ]
    );
}
