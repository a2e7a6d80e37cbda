//! Charts from real servers: a registry with encryption and a password that the real helm filled, and
//! web servers with an index that the real helm made. Takes the checkout, needs no cluster.

mod authority;
mod error;
mod publish;
mod servers;
mod user;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Context, Failure};
use crate::command::Command;
use crate::manifest;
use crate::report;

use authority::Authority;
pub(crate) use error::ChartsError;
use error::{read, write};
use publish::{index, lay, pack, publish, push};
use servers::{Registry, Request, Shelves};
use user::{Origin, User};

/// Nobody else uses it, so it can be looked for in every output.
const PASSWORD: &str = "e2e-reader-8c41d7";

/// What the run has.
struct Stage<'c> {
    context: &'c Context,
    folder: PathBuf,
    authority: Authority,
    registry: Registry,
    shelves: Shelves,
    user: User,
}

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    let stage = Stage::new(context)?;
    report::step("servers are up and filled");
    stage.ranges_are_resolved_as_helm_does()?;
    stage.credentials_stay_with_their_host()?;
    stage.chart_commands_do_what_helm_does()?;
    stage.a_lock_holds_against_newer_versions()?;
    stage.the_cache_is_enough_without_network()?;
    stage.vendored_charts_are_enough_for_anybody()?;
    stage.other_content_under_a_locked_version_is_refused()?;
    stage.a_wrong_password_is_told()?;
    stage.a_server_that_nobody_vouches_for_is_refused()
}

impl<'c> Stage<'c> {
    fn new(context: &'c Context) -> Result<Self, Failure> {
        let folder = context.output.join("charts");
        std::fs::create_dir_all(&folder).map_err(ChartsError::file(&folder))?;
        let authority = Authority::new(&folder, "firstlight e2e")?;
        let users = servers::users(&folder, PASSWORD)?;
        let registry = Registry::start(&folder, &authority, &users)?;
        let shelves = Shelves::start(&folder, &users)?;
        let origin = Origin {
            folder: &folder,
            checkout: &context.repository,
            firstlight: &context.firstlight,
            authority: &authority.certificate,
            password: PASSWORD,
        };
        let user = User::new(&origin, &registry, &shelves)?;
        // The web server's index must be there before helm adds the repository.
        write(
            &shelves.closed_files.join("index.yaml"),
            "apiVersion: v1\nentries: {}\n",
        )?;
        user.log_in(&registry, &shelves)?;
        publish(
            &user,
            &context.repository,
            &authority.certificate,
            (&registry, &shelves),
        )?;
        Ok(Self {
            context,
            folder,
            authority,
            registry,
            shelves,
            user,
        })
    }

    /// Every range gives the version that helm chooses, and the manifests that helm renders with it.
    fn ranges_are_resolved_as_helm_does(&self) -> Result<(), Failure> {
        self.user.must(&["lock"])?;
        let found = versions(&self.user.rendered(&[])?);
        let expected: BTreeMap<String, String> = [
            ("registry-greeting", "1.2.0"),
            ("web-greeting", "1.1.1"),
            ("login-greeting", "1.2.0"),
            ("moved-farewell", "1.0.0"),
            ("chart-of-registry-greeting", "2.0.0"),
            ("chart-of-web-greeting", "1.0.0"),
        ]
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .into();
        same("the versions", &expected, &found)?;
        for service in ["registry", "web", "login", "moved"] {
            self.helm_renders_the_same(service)?;
        }
        self.the_lock_has_the_digests_of_helm()?;
        report::step(&format!(
            "{} ranges are resolved as helm does",
            expected.len()
        ));
        Ok(())
    }

    fn helm_renders_the_same(&self, service: &str) -> Result<(), Failure> {
        let copy = self.folder.join("by-helm").join(service);
        std::fs::create_dir_all(&copy).map_err(ChartsError::file(&copy))?;
        let chart = self.user.platform.join("services").join(service);
        Command::new("cp")
            .arg("-R")
            .arg(chart.join("."))
            .arg(&copy)
            .text()?;
        self.user
            .helm()
            .args(["dependency", "update", "--ca-file"])
            .arg(&self.authority.certificate)
            .arg(&copy)
            .text()?;
        let text = self
            .user
            .helm()
            .args(["template", service])
            .arg(&copy)
            .args(["--namespace", service])
            .text()?;
        let mut helm = manifest::from_yaml(&text)?;
        for each in &mut helm {
            each["metadata"]["namespace"] = service.into();
        }
        let ours = self
            .user
            .must(&["render", "test", service, "--format", "json"])?;
        let ours: Vec<Value> = serde_json::from_str(&ours)?;
        Failure::unless_empty(
            &format!("{service} is rendered otherwise than by helm"),
            manifest::differences(&helm, &ours),
        )
    }

    /// The lock names each archive by the digest that helm's index gives it. The registry has the same
    /// archives.
    fn the_lock_has_the_digests_of_helm(&self) -> Result<(), Failure> {
        let documents = |path: PathBuf| -> Result<Value, Failure> {
            let text = String::from_utf8_lossy(&read(&path)?).into_owned();
            let mut documents = manifest::from_yaml(&text)?;
            documents
                .pop()
                .ok_or_else(|| Failure::of(format!("{} is empty", path.display())))
        };
        let index = documents(self.shelves.closed_files.join("index.yaml"))?;
        let lock = documents(self.user.platform.join("firstlight.lock"))?;
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let locked = list(&lock["charts"]);
        let mut wrong: Vec<String> = Vec::new();
        for chart in &locked {
            let entries = list(&index["entries"][chart["name"].as_str().unwrap_or_default()]);
            let helm = entries
                .iter()
                .find(|entry| entry["version"] == chart["version"])
                .and_then(|entry| entry["digest"].as_str());
            let digest = chart["digest"].as_str().unwrap_or_default();
            if helm.map(|helm| format!("sha256:{helm}")).as_deref() != Some(digest) {
                wrong.push(format!("{chart}, helm: {helm:?}"));
            }
        }
        same("the number of locked charts", &6, &locked.len())?;
        Failure::unless_empty("the lock has other digests than helm's index", wrong)
    }

    /// A server that redirects to another host makes nobody show the password there.
    fn credentials_stay_with_their_host(&self) -> Result<(), Failure> {
        let requests = self.shelves.requests()?;
        for server in ["closed", "elsewhere"] {
            let asked =
                |each: &Request| each.server == server && each.path == "/moved/farewell-1.0.0.tgz";
            if !requests.iter().any(asked) {
                let what = format!("the redirected chart was not asked for at {server}");
                return Err(Failure::of(what));
            }
        }
        let closed = |each: &Request| each.server == "closed";
        if !(requests.iter()).any(|each| closed(each) && each.authorized && each.status == 200) {
            return Err(Failure::of("the closed web server saw no password at all"));
        }
        let leaked: Vec<String> = requests
            .iter()
            .filter(|each| each.authorized && !closed(each))
            .map(|each| format!("{} {}", each.server, each.path))
            .collect();
        Failure::unless_empty("a password went to a host that it is not for", leaked)?;
        report::step("a redirect to another host carries no password");
        Ok(())
    }

    /// `firstlight chart` is for people without helm: the same archives, the same output.
    fn chart_commands_do_what_helm_does(&self) -> Result<(), Failure> {
        let registry = format!("oci://{}/charts/greeting", self.registry.address);
        let oci = [registry.as_str(), "--version", "^1.0.0"];
        let web = [
            "greeting",
            "--repo",
            &self.shelves.open,
            "--version",
            "~1.1",
        ];
        let authority = self.authority.certificate.display().to_string();
        for (chart, archive) in [
            (oci.as_slice(), "greeting-1.2.0.tgz"),
            (&web, "greeting-1.1.1.tgz"),
        ] {
            for words in [
                &["show", "chart"][..],
                &["show", "values"],
                &["template", "rel"],
            ] {
                let helm = self.user.helm().args(words).args(chart);
                let helm = helm.args(["--ca-file", &authority]).text()?;
                let ours = self.user.must(&[&["chart"], words, chart].concat())?;
                same(&format!("`chart {}`", words.join(" ")), &helm, &ours)?;
            }
            let (ours, helm) = (
                self.folder.join("pulled"),
                self.folder.join("pulled-by-helm"),
            );
            for folder in [&ours, &helm] {
                std::fs::create_dir_all(folder).map_err(ChartsError::file(folder))?;
            }
            let into = ours.display().to_string();
            self.user
                .must(&[&["chart", "pull"], chart, &["--destination", &into]].concat())?;
            let pull = self.user.helm().arg("pull").args(chart);
            pull.args(["--ca-file", &authority, "--destination"])
                .arg(&helm)
                .text()?;
            let same_bytes = read(&ours.join(archive))? == read(&helm.join(archive))?;
            same(&format!("the bytes of {archive}"), &true, &same_bytes)?;
        }
        self.dependencies_are_built_as_by_helm()?;
        report::step("chart template, show, pull and dependency do what helm does");
        Ok(())
    }

    /// After `chart dependency update`, the folder holds what helm left in its own copy.
    fn dependencies_are_built_as_by_helm(&self) -> Result<(), Failure> {
        for service in ["registry", "web", "login", "moved"] {
            let helm = self.folder.join("by-helm").join(service);
            let ours = self.folder.join("by-firstlight").join(service);
            std::fs::create_dir_all(&ours).map_err(ChartsError::file(&ours))?;
            let metadata = read(&helm.join("Chart.yaml"))?;
            write(&ours.join("Chart.yaml"), metadata)?;
            let folder = ours.display().to_string();
            self.user
                .must(&["chart", "dependency", "update", &folder])?;
            let content = |root: &Path| -> Result<Vec<(String, Vec<u8>)>, ChartsError> {
                let archives = files(&root.join("charts"))?;
                archives
                    .iter()
                    .map(|path| {
                        let name = path.strip_prefix(root).unwrap_or(path);
                        Ok((name.display().to_string(), read(path)?))
                    })
                    .collect()
            };
            let lock = |root: &Path| -> Result<Vec<Value>, Failure> {
                let text = String::from_utf8_lossy(&read(&root.join("Chart.lock"))?).into_owned();
                let mut lock = manifest::from_yaml(&text)?;
                for each in &mut lock {
                    // Each was written at its own time.
                    each["generated"] = Value::Null;
                }
                Ok(lock)
            };
            let what = format!("the charts that {service} depends on");
            same(&what, &true, &(content(&helm)? == content(&ours)?))?;
            same(
                &format!("Chart.lock of {service}"),
                &lock(&helm)?,
                &lock(&ours)?,
            )?;
        }
        Ok(())
    }

    /// What is locked stays, also when there is something newer, until it is asked for.
    fn a_lock_holds_against_newer_versions(&self) -> Result<(), Failure> {
        let user = self
            .user
            .with_copy_of_platform(&self.folder.join("newer"))?;
        let newer = self.pack("newer", ("greeting", "1.1.2", "hello"))?;
        lay(&newer, &self.shelves.open_files)?;
        index(&user, &self.shelves.open_files, &self.shelves.open)?;
        let version = |user: &User| -> Result<Option<String>, Failure> {
            Ok(versions(&user.rendered(&[])?).remove("web-greeting"))
        };
        user.must(&["lock"])?;
        same(
            "the locked version",
            &Some("1.1.1".to_owned()),
            &version(&user)?,
        )?;
        user.must(&["lock", "--update"])?;
        same(
            "the updated version",
            &Some("1.1.2".to_owned()),
            &version(&user)?,
        )?;
        report::step("a lock holds against newer versions until it is updated");
        Ok(())
    }

    /// Whoever has fetched everything once needs no server any more.
    fn the_cache_is_enough_without_network(&self) -> Result<(), Failure> {
        let before = self.shelves.requests()?.len();
        let online = self.user.rendered(&[])?;
        same(
            "the rendering without network",
            &online,
            &self.user.rendered(&["--offline"])?,
        )?;
        same(
            "the number of requests",
            &before,
            &self.shelves.requests()?.len(),
        )?;
        let stranger = self.user.with_home(&self.folder.join("stranger"));
        stranger.must_refuse(
            "without cache and network",
            &["render", "test", "--offline"],
            &["greeting", "neither in vendor/charts nor in the cache"],
        )?;
        report::step("with the cache no server is asked; without it, --offline says what lacks");
        Ok(())
    }

    /// A repository with its charts in it is whole: no cache, no login, no network.
    fn vendored_charts_are_enough_for_anybody(&self) -> Result<(), Failure> {
        let user = self
            .user
            .with_copy_of_platform(&self.folder.join("vendored"))?;
        user.must(&["vendor"])?;
        let stranger = user.with_home(&self.folder.join("vendor-stranger"));
        same(
            "the rendering of vendored charts",
            &self.user.rendered(&[])?,
            &stranger.rendered(&["--offline"])?,
        )?;
        // One bit is enough.
        let archive = first_archive(&user.platform.join("vendor"))?;
        flip(&archive)?;
        stranger.must_refuse(
            "a vendored chart that was changed",
            &["render", "test", "--offline"],
            &["sha256:", "vendor"],
        )?;
        report::step("vendored charts need nothing else, and changed ones are refused");
        Ok(())
    }

    /// Who changes what a version is, on the server or on the way, is found out.
    fn other_content_under_a_locked_version_is_refused(&self) -> Result<(), Failure> {
        let other = self.pack("other", ("greeting", "1.1.1", "other"))?;
        lay(&other, &self.shelves.open_files)?;
        index(&self.user, &self.shelves.open_files, &self.shelves.open)?;
        let fresh = self.fresh("tampered")?;
        fresh.must_refuse(
            "another chart under a locked version of the web server",
            &["render", "test"],
            &["greeting", "sha256:", &self.shelves.open],
        )?;
        let packed = self.user.home.join("packed");
        lay(&packed.join("greeting-1.1.1.tgz"), &self.shelves.open_files)?;
        index(&self.user, &self.shelves.open_files, &self.shelves.open)?;
        report::step("another chart under a locked version is refused, from the web server");

        let other = self.pack("pushed", ("greeting", "1.2.0", "other"))?;
        push(
            &self.user,
            &self.registry,
            &self.authority.certificate,
            &other,
        )?;
        let fresh = self.fresh("pushed-over")?;
        fresh.must_refuse(
            "another chart under a locked version of the registry",
            &["render", "test"],
            &["greeting", "sha256:"],
        )?;
        let first = packed.join("greeting-1.2.0.tgz");
        push(
            &self.user,
            &self.registry,
            &self.authority.certificate,
            &first,
        )?;
        report::step("another chart under a locked version is refused, from the registry");

        // Now the registry itself lies about a blob: what it sends is not what it announces.
        let changed = flip_archives(&self.registry.storage)?;
        if changed == 0 {
            return Err(Failure::of("the registry's storage has no chart to change"));
        }
        let fresh = self.fresh("blob")?;
        std::fs::remove_file(fresh.platform.join("firstlight.lock"))
            .map_err(ChartsError::file(&fresh.platform))?;
        fresh.must_refuse(
            "a blob that is not what its digest says",
            &["lock"],
            &["greeting", "sha256:", &self.registry.address],
        )?;
        flip_archives(&self.registry.storage)?;
        let left = files(&fresh.home.join("cache"))?;
        let broken: Vec<String> = left
            .iter()
            .filter(|path| is_changed(path))
            .map(|path| path.display().to_string())
            .collect();
        Failure::unless_empty("a refused chart is left in the cache", broken)?;
        report::step("a blob that is not what its digest says is refused, and not kept");
        Ok(())
    }

    fn a_wrong_password_is_told(&self) -> Result<(), Failure> {
        let mut user = self.fresh("password")?;
        user.forget_password("e2e-wrong-55ab02")?;
        user.must_refuse(
            "a wrong password",
            &["render", "test"],
            // Two ranges of each server; the open one has nothing to do with it.
            &[
                &self.registry.address,
                &self.shelves.closed,
                "401",
                "4 charts",
            ],
        )?;
        report::step("a wrong password is told by the names of the servers, not by itself");
        Ok(())
    }

    fn a_server_that_nobody_vouches_for_is_refused(&self) -> Result<(), Failure> {
        let user = self.fresh("unknown-authority")?;
        let other = Authority::new(&self.folder.join("other-authority"), "somebody else")?;
        user.trusting(&other.certificate).must_refuse(
            "a certificate of an unknown authority",
            &["render", "test"],
            &[&self.registry.address, "certificate", "2 charts"],
        )?;
        report::step("a registry with a certificate of an unknown authority is refused");
        Ok(())
    }

    /// Returns the person with the same logins and lock and an empty cache.
    fn fresh(&self, name: &str) -> Result<User, Failure> {
        let home = self.folder.join(name).join("home");
        for file in ["registry.json", "repositories.yaml"] {
            write(&home.join(file), read(&self.user.home.join(file))?)?;
        }
        let user = self.user.with_home(&home);
        user.with_copy_of_platform(&self.folder.join(name).join("platform"))
    }

    fn pack(&self, folder: &str, chart: (&str, &str, &str)) -> Result<PathBuf, Failure> {
        let into = self.folder.join("packed").join(folder);
        pack(&self.user, &self.context.repository, &into, chart)
    }
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: &T,
    found: &T,
) -> Result<(), Failure> {
    if expected == found {
        return Ok(());
    }
    Err(Failure::Assertion {
        what: format!("{what}: not as expected"),
        details: vec![
            format!("expected {expected:?}"),
            format!("found    {found:?}"),
        ],
    })
}

/// Returns which version of the chart stands behind each of its objects.
fn versions(manifests: &[Value]) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    manifests
        .iter()
        .filter(|each| each["kind"] == "ConfigMap")
        .map(|each| {
            (
                text(&each["metadata"]["name"]),
                text(&each["data"]["version"]),
            )
        })
        .collect()
}

/// Returns all files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, ChartsError> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(folder).map_err(ChartsError::file(folder))? {
        let path = entry.map_err(ChartsError::file(folder))?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn first_archive(folder: &Path) -> Result<PathBuf, Failure> {
    files(folder)?
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| Failure::of(format!("there is no packed chart in {}", folder.display())))
}

/// The first bytes of a file that gzip made.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Changes the last bit of a file.
fn flip(path: &Path) -> Result<(), ChartsError> {
    let mut content = read(path)?;
    if let Some(last) = content.last_mut() {
        *last ^= 1;
    }
    write(path, content)
}

/// Tells whether a file is a packed chart that [`flip`] changed: its size, which stands at the end, is
/// then an odd one out.
fn is_changed(path: &Path) -> bool {
    let Ok(content) = std::fs::read(path) else {
        return false;
    };
    // The size of what is packed is below 16 MiB, so its last byte is 0.
    content.starts_with(&GZIP) && content.last() == Some(&1)
}

/// Changes every packed chart that a registry keeps; returns how many.
fn flip_archives(storage: &Path) -> Result<usize, ChartsError> {
    let mut changed = 0;
    for path in files(storage)? {
        if read(&path)?.starts_with(&GZIP) {
            flip(&path)?;
            changed += 1;
        }
    }
    Ok(changed)
}
