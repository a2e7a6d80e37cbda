//! Sources in other Git repositories and at other revisions: a small platform, `git daemon` on
//! loopback, and the program with and without it.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::Fixture;

/// Runs git as nobody in particular, at a time that never changes.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory)
        .args([
            "-c",
            "protocol.file.allow=always",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
            [
                ("NAME", "Ann"),
                ("EMAIL", "ann@example.org"),
                ("DATE", "2026-01-01T00:00:00Z"),
            ]
            .map(|(what, value)| (format!("GIT_{who}_{what}"), value))
        }))
        .output()
        .expect("git");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// `git daemon` over repositories that can be written to.
struct Server {
    folder: TempDir,
    port: u16,
    daemon: Child,
}

/// Waits until a port answers; false where the server ended, or does not come up.
fn answers(port: u16, server: &mut Child) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(10) {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        if server.try_wait().expect("a status").is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    false
}

impl Server {
    fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        // The port may be taken by another between the two: then another one is tried.
        for _ in 0..20 {
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            let port = free.local_addr().expect("an address").port();
            drop(free);
            // Started without `git` before it, which would outlive its own end.
            let programs = git(folder.path(), &["--exec-path"]);
            let mut daemon = Command::new(Path::new(&programs).join("git-daemon"))
                .args(["--export-all", "--reuseaddr", "--listen=127.0.0.1"])
                .arg("--informative-errors")
                .arg(format!("--port={port}"))
                .arg(format!("--base-path={}", folder.path().display()))
                .arg(folder.path())
                .stderr(Stdio::null())
                .spawn()
                .expect("git daemon");
            if answers(port, &mut daemon) {
                return Self {
                    folder,
                    port,
                    daemon,
                };
            }
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        panic!("git daemon does not answer");
    }

    fn url(&self, name: &str) -> String {
        format!("git://127.0.0.1:{}/{name}.git", self.port)
    }

    /// Returns the working tree of a repository, made at first.
    fn tree(&self, name: &str) -> PathBuf {
        let tree = self.folder.path().join(format!("{name}-tree"));
        if !tree.exists() {
            let bare = self.folder.path().join(format!("{name}.git"));
            fs::create_dir(&bare).expect("a folder");
            git(&bare, &["init", "--quiet", "--bare"]);
            fs::create_dir(&tree).expect("a folder");
            git(&tree, &["init", "--quiet"]);
            git(&tree, &["remote", "add", "origin", &bare.to_string_lossy()]);
        }
        tree
    }

    /// Commits files, pushes them with these tags, returns the commit.
    fn commit(&self, name: &str, files: &[(&str, &str)], tags: &[&str]) -> String {
        let tree = self.tree(name);
        for (path, text) in files {
            let path = tree.join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        self.push(name, tags)
    }

    fn push(&self, name: &str, tags: &[&str]) -> String {
        let tree = self.tree(name);
        git(&tree, &["add", "--all"]);
        git(
            &tree,
            &["commit", "--quiet", "--allow-empty", "--message=change"],
        );
        for tag in tags {
            git(
                &tree,
                &["tag", "--force", "--annotate", "--message=tag", tag],
            );
        }
        git(
            &tree,
            &[
                "push",
                "--quiet",
                "--force",
                "--tags",
                "origin",
                "HEAD:main",
            ],
        );
        git(&tree, &["rev-parse", "HEAD"])
    }

    fn stop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A platform with one Application of another repository, and a cache of its own.
struct Platform {
    fixture: Fixture,
    cache: TempDir,
}

fn object(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
}

impl Platform {
    fn new(url: &str, revision: &str, path: &str) -> Self {
        let platform = Self {
            fixture: Fixture::new(),
            cache: TempDir::new().expect("a folder"),
        };
        platform.source(url, revision, path);
        platform
    }

    fn source(&self, url: &str, revision: &str, path: &str) {
        let application = format!(
            "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: elsewhere, namespace: argocd}}
spec:
  project: default-project
  source: {{repoURL: '{url}', targetRevision: '{revision}', path: {path}}}
  destination: {{server: https://kubernetes.default.svc, namespace: elsewhere}}
"
        );
        let file = "bootstrap/templates/elsewhere.yaml";
        self.fixture.write(file, &application);
    }

    /// Runs the program; returns exit code and both outputs.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_firstlight"))
            .current_dir(self.fixture.path())
            .env_clear()
            .env("XDG_CACHE_HOME", self.cache.path())
            .args(arguments)
            .output()
            .expect("the program runs");
        let text =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
        (output.status.code().expect("an exit code"), text.concat())
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let (code, text) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    }

    fn fails(&self, arguments: &[&str], expected: &[&str]) -> String {
        let (code, text) = self.run(arguments);
        assert_ne!(code, 0, "{arguments:?}: {text}");
        for expected in expected {
            assert!(
                text.contains(expected),
                "{arguments:?} lacks {expected}: {text}"
            );
        }
        text
    }

    fn lock(&self) -> String {
        self.fixture.read("firstlight.lock")
    }
}

const RENDER: &[&str] = &["render", "test", "elsewhere", "--source-comments"];

#[test]
fn a_branch_is_locked_and_then_needs_no_network() {
    let mut server = Server::start();
    let first = server.commit("app", &[("deploy/a.yaml", &object("first"))], &[]);
    let platform = Platform::new(&server.url("app"), "main", "deploy");
    platform.fails(
        &["render", "test", "elsewhere", "--offline"],
        &["no commit is chosen for `main`"],
    );
    let text = platform.succeeds(RENDER);
    assert!(text.contains("name: first"), "{text}");
    let place = format!("/app@{}:deploy/a.yaml:1", &first[..8]);
    assert!(text.contains(&place), "{text}");
    assert!(
        platform.lock().contains(&format!("commit: {first}")),
        "{}",
        platform.lock()
    );

    // Argo CD follows the branch; the plan does not, until it is told to.
    let second = server.commit("app", &[("deploy/a.yaml", &object("second"))], &[]);
    assert!(platform.succeeds(RENDER).contains("name: first"));
    let text = platform.succeeds(&["lock", "--update=app"]);
    assert!(
        text.contains(&format!("{} -> {}", &first[..8], &second[..8])),
        "{text}"
    );
    assert!(platform.succeeds(RENDER).contains("name: second"));

    server.stop();
    assert!(platform.succeeds(RENDER).contains("name: second"));
    platform.succeeds(&["render", "test", "--offline"]);
    // Another cache has nothing.
    let other = Platform {
        cache: TempDir::new().expect("a folder"),
        ..platform
    };
    other.fails(
        &["plan", "test", "--offline"],
        &["is not in the cache", "firstlight lock"],
    );
    other.fails(RENDER, &["127.0.0.1 cannot be reached"]);
}

#[test]
fn ranges_take_the_highest_tag_and_a_moved_tag_is_told() {
    let server = Server::start();
    server.commit("app", &[("a.yaml", &object("one"))], &["v1.0.0"]);
    let tagged = server.commit("app", &[("a.yaml", &object("two"))], &["v1.2.0"]);
    server.commit("app", &[("a.yaml", &object("three"))], &["v2.0.0-rc.1"]);
    let platform = Platform::new(&server.url("app"), "^1", ".");
    assert!(platform.succeeds(RENDER).contains("name: two"));
    platform.source(&server.url("app"), "v1.2.0", ".");
    assert!(platform.succeeds(RENDER).contains("name: two"));
    platform.succeeds(&["lock"]);
    assert!(!platform.lock().contains("^1"), "{}", platform.lock());

    let moved = server.commit("app", &[("a.yaml", &object("four"))], &["v1.2.0"]);
    let expected = format!("the tag v1.2.0 was moved: firstlight.lock has {tagged}");
    platform.fails(&["lock"], &[&expected, &moved, "lock --update"]);
    assert!(platform.lock().contains(&tagged));
    platform.succeeds(&["lock", "--update"]);
    assert!(platform.lock().contains(&moved));
    assert!(platform.succeeds(RENDER).contains("name: four"));
    // A commit is what it is: there is nothing to choose.
    platform.source(&server.url("app"), &tagged, ".");
    assert!(platform.succeeds(RENDER).contains("name: two"));
    platform.source(&server.url("app"), &tagged[..9], ".");
    assert!(platform.succeeds(RENDER).contains("name: two"));
}

#[test]
fn what_is_not_there_is_told_with_its_place() {
    let server = Server::start();
    server.commit("app", &[("deploy/a.yaml", &object("a"))], &[]);
    let url = server.url("app");
    let place = "bootstrap/templates/elsewhere.yaml:1";
    let platform = Platform::new(&url, "mian", "deploy");
    platform.fails(
        RENDER,
        &["it has no revision `mian` (did you mean main?)", place],
    );
    platform.source(&url, "main", "deplyo");
    platform.fails(
        RENDER,
        &["no directory of git://", "did you mean `deploy`?"],
    );
    platform.source(&url, "0123456789012345678901234567890123456789", "deploy");
    platform.fails(
        RENDER,
        &["the commit 0123456789012345678901234567890123456789 is gone"],
    );
    platform.source(&server.url("other"), "main", "deploy");
    platform.fails(RENDER, &["has no repository there", place]);
    platform.source("file:///srv/git/app", "main", "deploy");
    platform.fails(
        RENDER,
        &["git is asked by https, http, ssh or git:// alone"],
    );
    platform.source("https://ann:geheim@git.example.org/app", "main", "deploy");
    let text = platform.fails(RENDER, &["with a name or a password in it"]);
    assert!(!text.contains("geheim"), "{text}");
    platform.source(&url, "--upload-pack=id", "deploy");
    platform.fails(RENDER, &["is no revision"]);
}

#[test]
fn submodules_are_there_and_links_that_lead_out_are_refused() {
    let server = Server::start();
    server.commit("library", &[("x.yaml", &object("of-the-submodule"))], &[]);
    let tree = server.tree("app");
    let library = server.folder.path().join("library.git");
    git(
        &tree,
        &[
            "submodule",
            "--quiet",
            "add",
            &library.to_string_lossy(),
            "deploy/library",
        ],
    );
    let modules = fs::read_to_string(tree.join(".gitmodules")).expect("a file");
    let relative = modules.replace(&*library.to_string_lossy(), "../library.git");
    fs::write(tree.join(".gitmodules"), relative).expect("a file");
    server.push("app", &["with"]);
    let platform = Platform::new(&server.url("app"), "with", "deploy/library");
    assert!(platform.succeeds(RENDER).contains("name: of-the-submodule"));

    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../../../etc", tree.join("deploy/etc")).expect("a link");
        server.push("app", &["out"]);
        platform.source(&server.url("app"), "out", "deploy/library");
        platform.fails(RENDER, &["its file deploy/etc is a link that leads out"]);
    }
    git(&tree, &["rm", "--quiet", "--cached", ".gitmodules"]);
    fs::write(tree.join(".gitmodules"), "").expect("a file");
    let _ = fs::remove_file(tree.join("deploy/etc"));
    server.push("app", &["without"]);
    platform.source(&server.url("app"), "without", "deploy/library");
    platform.fails(
        RENDER,
        &["names no address for the submodule deploy/library"],
    );
}

#[test]
fn credentials_of_a_secret_are_sent_and_not_shown() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!(
        "http://{}/team/app.git",
        listener.local_addr().expect("an address")
    );
    let heads = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&heads);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(stream.try_clone().expect("a stream")).lines();
            for line in lines
                .map_while(Result::ok)
                .take_while(|line| !line.is_empty())
            {
                let mut seen = seen.lock().expect("heads");
                seen.push_str(&line);
                seen.push('\n');
            }
            let answer = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                          content-length: 0\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let platform = Platform::new(&url, "main", ".");
    platform.fails(
        RENDER,
        &["127.0.0.1 asks for credentials", "credential helper"],
    );
    platform.fixture.write(
        "bootstrap/templates/secret.yaml",
        &format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: team\n  namespace: argocd\n  labels: \
             {{argocd.argoproj.io/secret-type: repo-creds}}\nstringData: {{url: '{}', username: ann, \
             password: geheim}}\n",
            url.replace("/app.git", "")
        ),
    );
    let text = platform.fails(
        RENDER,
        &["does not accept the credentials of the repository's Secret"],
    );
    assert!(!text.contains("geheim"), "{text}");
    let heads = heads.lock().expect("heads");
    // ann:geheim
    assert!(
        heads.contains("Authorization: Basic YW5uOmdlaGVpbQ=="),
        "{heads}"
    );
}

#[test]
fn the_platform_is_read_at_any_revision_without_a_checkout() {
    let platform = Platform::new(
        "https://github.com/example/small.git",
        "main",
        "services/plain",
    );
    let root = platform.fixture.path();
    git(root, &["init", "--quiet"]);
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message=one"]);
    git(root, &["tag", "one"]);
    let before = platform.succeeds(&["render", "test"]);
    let environment = "environments/values-test.yaml";
    platform
        .fixture
        .replace(environment, "  plain: {enabled: true}\n", "");
    let now = platform.succeeds(&["render", "test"]);
    assert_ne!(before, now);
    assert_eq!(
        platform.succeeds(&["render", "test", "--revision", "one"]),
        before
    );
    assert_eq!(
        platform.succeeds(&["render", "test", "--revision", "HEAD", "--offline"]),
        before
    );
    let changed = git(root, &["status", "--porcelain"]);
    assert_eq!(changed, "M environments/values-test.yaml");
    platform.fails(
        &["render", "test", "--revision", "two"],
        &["the revision `two` cannot be read: it has no revision `two`"],
    );
}

#[test]
fn another_revision_of_the_platforms_own_repository_is_another_source() {
    let server = Server::start();
    server.commit(
        "platform",
        &[("services/plain/x.yaml", &object("old"))],
        &["v1"],
    );
    let url = server.url("platform");
    let platform = Platform::new(&url, "v1", "services/plain");
    let shared = "environments/values.yaml";
    platform
        .fixture
        .replace(shared, "https://github.com/example/small.git", &url);
    let text = platform.succeeds(RENDER);
    assert!(text.contains("name: old"), "{text}");
    // Only those that name the revision come from there.
    let text = platform.succeeds(&["render", "test", "plain"]);
    assert!(!text.contains("name: old"), "{text}");
}
