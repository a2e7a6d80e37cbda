//! What of Git can be known without a server: addresses, revisions, logins, links.

use std::collections::BTreeMap;

use super::address::{Address, normalized, same_repository};
use super::error::GitError;
use super::login::{RepositoryLogin, RepositoryLogins};
use super::reference::{References, check};

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";

#[test]
fn urls_are_compared_as_argo_cd_compares_them() {
    for (left, right, expected) in [
        (
            "https://git.example.org/a/b",
            "HTTPS://git.example.org/A/b.git",
            true,
        ),
        (
            "git@git.example.org:a/b.git",
            "ssh://git@git.example.org/a/b",
            true,
        ),
        (
            "git@git.example.org:a/b",
            "https://git.example.org/a/b",
            false,
        ),
        (
            "https://git.example.org/a/b",
            "https://git.example.org/a/b/",
            false,
        ),
        (
            " https://git.example.org/a/b ",
            "https://git.example.org/a/b",
            true,
        ),
        ("", "", false),
    ] {
        assert_eq!(same_repository(left, right), expected, "{left} {right}");
    }
    assert_eq!(normalized("git@Example.org:a/b.git"), "git@example.org/a/b");
}

#[test]
fn only_addresses_of_servers_are_asked() {
    for good in [
        "https://git.example.org/a/b.git",
        "git://git.example.org:9418/a",
        "ssh://git@git.example.org:2222/a/b",
        "git@git.example.org:a/b.git",
    ] {
        assert_eq!(Address::parse(good).expect("an address").to_string(), good);
    }
    for bad in [
        "",
        "/srv/git/a",
        "../a",
        "file:///srv/git/a",
        "ext::sh -c id",
        "ext::id",
        "-oProxyCommand=id",
        "ssh://-oProxyCommand=id/a",
        "git@-oProxyCommand=id:a",
        "https:///a",
        "https://git.example.org/a\nb",
        "fd::17@a:b",
    ] {
        assert!(Address::parse(bad).is_err(), "{bad}");
    }
    for url in [
        "https://ann:geheim@git.example.org/a",
        "https://geheim@git.example.org/a",
    ] {
        let error = Address::parse(url).expect_err("credentials");
        assert!(
            matches!(error, GitError::CredentialsInAddress { .. }),
            "{error:?}"
        );
        assert!(
            !format!("{error} {error:?}").contains("geheim"),
            "{error:?}"
        );
    }
}

#[test]
fn submodules_may_have_relative_addresses() {
    for (base, url, expected) in [
        (
            "https://git.example.org/a/b.git",
            "../c.git",
            "https://git.example.org/a/c.git",
        ),
        (
            "https://git.example.org/a/b",
            "../../c",
            "https://git.example.org/c",
        ),
        (
            "https://git.example.org/a/b",
            "./c",
            "https://git.example.org/a/b/c",
        ),
        (
            "git@git.example.org:a/b.git",
            "../c.git",
            "git@git.example.org:a/c.git",
        ),
        (
            "git@git.example.org:b.git",
            "../c.git",
            "git@git.example.org:c.git",
        ),
        (
            "https://git.example.org/a",
            "https://other.example.org/x",
            "https://other.example.org/x",
        ),
    ] {
        let base = Address::parse(base).expect("an address");
        let found = base.of_submodule(url).map(|address| address.to_string());
        assert_eq!(found.as_deref(), Ok(expected), "{base} {url}");
    }
    let base = Address::parse("https://git.example.org/a").expect("an address");
    assert!(base.of_submodule("../../../x").is_err());
    assert!(base.of_submodule("file:///srv/x").is_err());
}

fn listed() -> References {
    References::parse(&format!(
        "ref: refs/heads/main\tHEAD\n{A}\tHEAD\n{A}\trefs/heads/main\n{B}\trefs/heads/1.x\n\
         {A}\trefs/tags/v1.0.0\n{C}\trefs/tags/v1.2.0\n{B}\trefs/tags/v1.2.0^{{}}\n\
         {C}\trefs/tags/v2.0.0-rc.1\n{A}\trefs/tags/both\n{B}\trefs/heads/both\n{C}\trefs/pull/7/head\n"
    ))
}

#[test]
fn revisions_are_what_argo_cd_takes_them_for() {
    let listed = listed();
    for (revision, commit, fixed) in [
        ("", A, false),
        ("HEAD", A, false),
        ("main", A, false),
        ("refs/heads/main", A, false),
        ("v1.0.0", A, true),
        ("refs/tags/v1.2.0", B, true),
        // A range comes before a branch of the same name.
        ("1.x", B, false),
        ("^1", B, false),
        (">=1.0.0 <1.2.0", A, false),
        ("pull/7/head", C, false),
        (C, C, true),
        ("abcdef1", "abcdef1", true),
    ] {
        let found = listed.resolve(revision).expect(revision);
        assert_eq!(
            (found.commit.as_str(), found.fixed),
            (commit, fixed),
            "{revision}"
        );
    }
    assert!(matches!(
        listed.resolve("both"),
        Err(GitError::Ambiguous { .. })
    ));
    let error = listed.resolve("mian").expect_err("an error");
    assert_eq!(
        error.to_string(),
        "it has no revision `mian` (did you mean main?)"
    );
    assert!(listed.resolve("^3").is_err());
    assert!(check("--upload-pack=id").is_err());
    assert!(check("a\nb").is_err());
}

fn login(secret: &str, template: bool, fields: &[(&str, &str)]) -> RepositoryLogin {
    let fields: BTreeMap<String, String> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    RepositoryLogin::new(secret.to_owned(), template, fields)
}

#[test]
fn secrets_are_found_by_address_and_never_shown() {
    let logins = RepositoryLogins {
        logins: vec![
            login(
                "all",
                true,
                &[("url", "https://git.example.org"), ("password", "geheim1")],
            ),
            login(
                "team",
                true,
                &[
                    ("url", "https://git.example.org/team"),
                    ("password", "geheim2"),
                ],
            ),
            login(
                "bare",
                false,
                &[("url", "https://git.example.org/team/a.git")],
            ),
            login(
                "own",
                false,
                &[
                    ("url", "https://git.example.org/team/b"),
                    ("username", "ann"),
                ],
            ),
            login(
                "app",
                false,
                &[
                    ("url", "https://git.example.org/team/c"),
                    ("githubAppID", "1"),
                ],
            ),
            login(
                "lfs",
                false,
                &[
                    ("url", "https://git.example.org/team/d"),
                    ("enableLfs", "true"),
                ],
            ),
            login(
                "helm",
                false,
                &[("url", "https://git.example.org/x"), ("type", "helm")],
            ),
        ],
        ..RepositoryLogins::default()
    };
    let of = |path: &str| {
        let address = format!("https://git.example.org/{path}");
        let address = Address::parse(&address).expect("an address");
        logins.of(&address).map(|login| format!("{login:?}"))
    };
    for (path, expected) in [("x", "all"), ("team/a", "team"), ("team/b.git", "own")] {
        let found = of(path).expect("a login");
        assert!(
            found.contains(&format!("\"{expected}\"")),
            "{path}: {found}"
        );
        assert!(!found.contains("geheim"), "{found}");
    }
    let error = of("team/c").expect_err("an app").to_string();
    assert_eq!(
        error,
        "the Secret app logs in by a GitHub App (githubAppID), whose tokens cannot be asked for here"
    );
    assert!(of("team/d").is_err());
    let elsewhere = Address::parse("https://other.example.org/a").expect("an address");
    assert!(!logins.of(&elsewhere).expect("none").is_given());
}

#[test]
fn credentials_of_a_prefix_stay_with_its_host_and_path() {
    let with = |url: &str| RepositoryLogins {
        logins: vec![login("all", true, &[("url", url), ("password", "geheim")])],
        ..RepositoryLogins::default()
    };
    for (template, address, expected) in [
        ("https://git.example.org", "https://git.example.org/a", true),
        (
            "https://git.example.org/",
            "https://git.example.org/a",
            true,
        ),
        (
            "https://git.example.org",
            "https://git.example.org.other.example/a",
            false,
        ),
        (
            "https://git.example.org",
            "https://git.example.org:8443/a",
            false,
        ),
        ("https://git.example.org", "http://git.example.org/a", false),
        (
            "https://git.example.org/team",
            "https://git.example.org/team/a",
            true,
        ),
        (
            "https://git.example.org/team",
            "https://git.example.org/team",
            true,
        ),
        (
            "https://git.example.org/team",
            "https://git.example.org/teams/a",
            false,
        ),
        (
            "https://git.example.org/team",
            "https://git.example.org/team/../other/a",
            false,
        ),
        (
            "https://git.example.org/team/a.git",
            "https://git.example.org/team/a",
            true,
        ),
        (
            "git@git.example.org",
            "git@git.example.org:team/a.git",
            true,
        ),
        (
            "git@git.example.org:team",
            "ssh://git@git.example.org/team/a",
            true,
        ),
        (
            "git@git.example.org:team",
            "git@git.example.org:teams/a",
            false,
        ),
        (
            "git@git.example.org",
            "git@git.example.org.other.example:a",
            false,
        ),
        ("https://", "https://git.example.org/a", false),
        ("", "https://git.example.org/a", false),
    ] {
        let address = Address::parse(address).expect("an address");
        let found = with(template).of(&address).expect("a login");
        assert_eq!(found.is_given(), expected, "{template} {address}");
    }
}

/// What git is told, by the names of its variables.
fn told(logins: &RepositoryLogins, address: &str) -> BTreeMap<String, String> {
    let address = Address::parse(address).expect("an address");
    let mut command = tokio::process::Command::new("git");
    let login = logins.of(&address).expect("a login");
    let files = login.apply(&address, std::time::Duration::from_secs(5), &mut command);
    let files = files.expect("files").expect("a folder");
    let variables: BTreeMap<String, String> = (command.as_std().get_envs())
        .filter_map(|(name, value)| {
            let value = value?.to_string_lossy().into_owned();
            let value = value.replace(&*files.path().to_string_lossy(), "RUN");
            Some((name.to_string_lossy().into_owned(), value))
        })
        .collect();
    let settings = variables.iter().filter_map(|(name, setting)| {
        let number = name.strip_prefix("GIT_CONFIG_KEY_")?;
        let value = variables.get(&format!("GIT_CONFIG_VALUE_{number}"))?;
        Some((setting.clone(), value.clone()))
    });
    variables.clone().into_iter().chain(settings).collect()
}

#[test]
fn what_git_is_told_holds_for_one_server_alone() {
    let mut logins = RepositoryLogins {
        logins: vec![login(
            "own",
            false,
            &[
                ("url", "https://git.example.org:8443/a.git"),
                ("bearerToken", "geheim"),
                ("username", "ann"),
                ("password", "geheim"),
            ],
        )],
        ..RepositoryLogins::default()
    };
    logins
        .authorities
        .insert("git.example.org".to_owned(), "CERTIFICATE".to_owned());
    let of = |logins: &RepositoryLogins| told(logins, "https://git.example.org:8443/a.git");
    let settings = of(&logins);
    let origin = "https://git.example.org:8443";
    assert_eq!(settings["credential.helper"], "");
    assert!(settings[&format!("credential.{origin}.helper")].contains("FIRSTLIGHT_GIT_PASSWORD"));
    assert!(settings[&format!("http.{origin}.extraHeader")].contains("Bearer"));
    assert_eq!(
        settings[&format!("http.{origin}.sslCAInfo")],
        "RUN/authorities"
    );
    assert!(settings.keys().all(|name| !name.starts_with("http.extra")));
    logins.known_hosts = Some("git.example.org ssh-ed25519 AAAA".to_owned());
    let ssh = told(&logins, "git@git.example.org:a.git");
    let ssh = &ssh["GIT_SSH_COMMAND"];
    assert!(
        ssh.contains("UserKnownHostsFile='RUN/known-hosts'"),
        "{ssh}"
    );
    assert!(ssh.contains("StrictHostKeyChecking=yes"), "{ssh}");
}

#[test]
fn kustomize_has_git_fetch_what_is_written() {
    let listed = listed();
    for (revision, commit, fixed) in [
        ("", A, false),
        ("main", A, false),
        ("1.x", B, false),
        ("v1.2.0", B, true),
        ("refs/pull/7/head", C, false),
        // A tag comes before a branch.
        ("both", A, true),
        (C, C, true),
    ] {
        let found = listed.fetched(revision).expect(revision);
        let found = (found.commit.as_str(), found.fixed);
        assert_eq!(found, (commit, fixed), "{revision}");
    }
    for none in ["^1", "abcdef1", "pull/8/head"] {
        assert!(listed.fetched(none).is_err(), "{none}");
    }
}

/// Asks a server that takes connections and never answers.
#[test]
fn servers_that_stall_are_given_up() {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::checkout::{GitFetcher, GitRequest, Known};
    use crate::catalog::fetch::{FetchEmitter, FetchLimits, FetchSettings};

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = listener.local_addr().expect("an address");
    let limits = FetchLimits {
        idle: Duration::from_millis(300),
        attempts: 1,
        ..FetchLimits::default()
    };
    let settings = FetchSettings {
        offline: false,
        limits,
        ..FetchSettings::sealed()
    };
    let scratch = tempfile::tempdir().expect("a folder");
    let emit: FetchEmitter = Arc::new(|_| {});
    let fetcher = GitFetcher {
        settings: &settings,
        logins: &RepositoryLogins::default(),
        emit: &emit,
        scratch: scratch.path(),
        root: None,
        local: false,
    };
    for scheme in ["git", "http"] {
        let url = format!("{scheme}://{server}/a.git");
        let request = GitRequest::of_application(&url, "main");
        let begun = Instant::now();
        let wanted = BTreeMap::from([(request, Known::default())]);
        let (_, result) = fetcher.checkouts(&wanted).remove(0);
        assert_eq!(
            result.expect_err("an error").to_string(),
            "127.0.0.1 has sent nothing for 0.3 s",
            "{scheme}"
        );
        assert!(begun.elapsed() < Duration::from_secs(10), "{scheme}");
    }
}
