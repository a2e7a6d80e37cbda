//! A person with a platform repository and a home of their own, logged in to the servers by the real
//! helm: runs firstlight and helm as this person, and sees to it that no output tells a password.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::{ChartsError, read, write};
use super::servers::{Registry, Shelves, USER};
use crate::command::{Command, Output};
use crate::scenario::Failure;

/// The name that the person gave the repository with a password.
const CLOSED: &str = "closed";

/// A person.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// The platform's repository.
    pub(super) platform: PathBuf,
    /// Where everything of this person lies.
    pub(super) home: PathBuf,
    firstlight: PathBuf,
    /// Whose certificates are trusted.
    authority: PathBuf,
    password: String,
}

/// What makes a person.
pub(super) struct Origin<'o> {
    /// The folder of the run.
    pub(super) folder: &'o Path,
    /// The checkout.
    pub(super) checkout: &'o Path,
    /// The firstlight to test.
    pub(super) firstlight: &'o Path,
    /// The authority's certificate.
    pub(super) authority: &'o Path,
    /// The password for the servers.
    pub(super) password: &'o str,
}

impl User {
    /// Makes a person with a copy of the platform that names these servers.
    pub(super) fn new(
        origin: &Origin<'_>,
        registry: &Registry,
        shelves: &Shelves,
    ) -> Result<Self, Failure> {
        let user = Self {
            platform: origin.folder.join("platform"),
            home: origin.folder.join("home"),
            firstlight: origin.firstlight.to_owned(),
            authority: origin.authority.to_owned(),
            password: origin.password.to_owned(),
        };
        std::fs::create_dir_all(&user.home).map_err(ChartsError::file(&user.home))?;
        let own = origin.checkout.join("e2e/charts/platform");
        Command::new("cp")
            .arg("-R")
            .arg(own)
            .arg(&user.platform)
            .text()?;
        fill_in(&user.platform, registry, shelves)?;
        Ok(user)
    }

    /// Returns the same person with another home, where nothing is: no login, no cache.
    pub(super) fn with_home(&self, home: &Path) -> Self {
        Self {
            home: home.to_owned(),
            ..self.clone()
        }
    }

    /// Returns the same person, who trusts another authority.
    pub(super) fn trusting(&self, authority: &Path) -> Self {
        Self {
            authority: authority.to_owned(),
            ..self.clone()
        }
    }

    /// Returns the same person with another copy of the repository.
    pub(super) fn with_copy_of_platform(&self, platform: &Path) -> Result<Self, Failure> {
        Command::new("cp")
            .arg("-R")
            .arg(&self.platform)
            .arg(platform)
            .text()?;
        Ok(Self {
            platform: platform.to_owned(),
            ..self.clone()
        })
    }

    /// Logs in with the real helm.
    pub(super) fn log_in(&self, registry: &Registry, shelves: &Shelves) -> Result<(), Failure> {
        self.helm()
            .args(["registry", "login", &registry.address, "--username", USER])
            .args(["--password-stdin", "--ca-file"])
            .arg(&self.authority)
            .input(&self.password)
            .text()?;
        self.helm()
            .args(["repo", "add", CLOSED, &shelves.closed, "--username", USER])
            .arg("--password-stdin")
            .input(&self.password)
            .text()?;
        Ok(())
    }

    /// Puts another password in the place of the right one in all files of helm, as if it had been
    /// changed on the servers.
    pub(super) fn forget_password(&mut self, wrong: &str) -> Result<(), ChartsError> {
        for file in ["registry.json", "repositories.yaml"] {
            let path = self.home.join(file);
            let text = String::from_utf8_lossy(&read(&path)?)
                .replace(&encoded(&self.password), &encoded(wrong))
                .replace(&self.password, wrong);
            write(&path, text)?;
        }
        wrong.clone_into(&mut self.password);
        Ok(())
    }

    /// Returns the real helm as this person.
    pub(super) fn helm(&self) -> Command {
        self.own(Command::new("helm"))
    }

    /// Runs firstlight in the repository; fails where its output tells a password.
    pub(super) fn firstlight(&self, words: &[&str]) -> Result<Output, Failure> {
        let output = self
            .own(Command::new(&self.firstlight))
            .args(words)
            .folder(&self.platform)
            .output()?;
        for secret in [self.password.clone(), encoded(&self.password)] {
            if output.stdout.contains(&secret) || output.stderr.contains(&secret) {
                let what = format!("`firstlight {}` tells the password", words.join(" "));
                return Err(Failure::of(what));
            }
        }
        Ok(output)
    }

    /// Runs firstlight, which must do what it is asked.
    pub(super) fn must(&self, words: &[&str]) -> Result<String, Failure> {
        let output = self.firstlight(words)?;
        if output.code == 0 {
            return Ok(output.stdout);
        }
        let what = format!(
            "`firstlight {}` ended with {}",
            words.join(" "),
            output.code
        );
        Err(Failure::Assertion {
            what,
            details: output.stderr.lines().map(str::to_owned).collect(),
        })
    }

    /// Runs firstlight, which must refuse, and say these words.
    pub(super) fn must_refuse(
        &self,
        what: &str,
        words: &[&str],
        told: &[&str],
    ) -> Result<(), Failure> {
        let output = self.firstlight(words)?;
        let said: Vec<String> = output.stderr.lines().map(str::to_owned).collect();
        // Kept for people: what firstlight says is worth reading, too.
        write(&self.home.join(format!("{what}.txt")), &output.stderr)?;
        if output.code == 0 || output.code == 1 {
            return Err(Failure::Assertion {
                what: format!(
                    "{what}: `firstlight {}` ended with {}",
                    words.join(" "),
                    output.code
                ),
                details: said,
            });
        }
        let silent: Vec<&&str> = told
            .iter()
            .filter(|word| !output.stderr.contains(**word))
            .collect();
        if silent.is_empty() {
            return Ok(());
        }
        Err(Failure::Assertion {
            what: format!("{what}: nothing is said of {silent:?}"),
            details: said,
        })
    }

    /// Returns what firstlight renders for all services.
    pub(super) fn rendered(&self, more: &[&str]) -> Result<Vec<Value>, Failure> {
        let words = [&["render", "test", "--format", "json"], more].concat();
        Ok(serde_json::from_str(&self.must(&words)?)?)
    }

    fn own(&self, command: Command) -> Command {
        let at = |path: &str| self.home.join(path);
        command
            .variable("HOME", &self.home)
            .variable("XDG_CACHE_HOME", at("cache"))
            .variable("XDG_CONFIG_HOME", at("config"))
            .variable("XDG_DATA_HOME", at("data"))
            .variable("HELM_CACHE_HOME", at("helm-cache"))
            .variable("HELM_CONFIG_HOME", at("helm-config"))
            .variable("HELM_DATA_HOME", at("helm-data"))
            .variable("HELM_REGISTRY_CONFIG", at("registry.json"))
            .variable("HELM_REPOSITORY_CONFIG", at("repositories.yaml"))
            .variable("HELM_REPOSITORY_CACHE", at("helm-cache/repository"))
            .variable("DOCKER_CONFIG", at("docker"))
            .variable("SSL_CERT_FILE", &self.authority)
            // Nothing of this run goes through a proxy.
            .variable("NO_PROXY", "127.0.0.1,127.0.0.2,localhost")
    }
}

/// Puts the servers' addresses into all files of a folder.
fn fill_in(folder: &Path, registry: &Registry, shelves: &Shelves) -> Result<(), ChartsError> {
    for entry in std::fs::read_dir(folder).map_err(ChartsError::file(folder))? {
        let path = entry.map_err(ChartsError::file(folder))?.path();
        if path.is_dir() {
            fill_in(&path, registry, shelves)?;
            continue;
        }
        let text = String::from_utf8_lossy(&read(&path)?)
            .replace("REGISTRY", &registry.address)
            .replace("http://OPEN", &shelves.open)
            .replace("http://CLOSED", &shelves.closed);
        write(&path, text)?;
    }
    Ok(())
}

/// Returns what stands for the password in Docker's files and in requests.
fn encoded(password: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{password}"))
}
