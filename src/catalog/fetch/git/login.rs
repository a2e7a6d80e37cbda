//! How a repository is logged in to: takes Argo CD's Secrets as they stand in the definition, gives
//! git what it needs for one run, never writes a secret where it stays.
//!
//! Without a Secret git's own ways hold: credential helpers, the agent and the configuration of ssh.
//! With one, it holds alone, as in Argo CD: Secrets with the label
//! `argocd.argoproj.io/secret-type: repository` (of this URL) or `repo-creds` (of the longest
//! beginning of the URL that ends where a host or a part of the path does).
//!
//! What a Secret holds goes to the scheme, host and port of the address alone: a server that leads
//! git elsewhere gets it nowhere.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::Command;

use crate::catalog::fetch::secret::Secret;

use super::address::{Address, normalized};
use super::error::GitError;

/// A credential helper that gives what stands in the run's own environment.
const HELPER: &str = "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \
                      \"$FIRSTLIGHT_GIT_USER\" \"$FIRSTLIGHT_GIT_PASSWORD\"; }; f";

/// The user's name that Argo CD gives where a Secret has none.
const ANYBODY: &str = "x-access-token";

/// Fields that need a service beside the repository, with the name of what they log in by.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("githubAppID", "a GitHub App"),
    ("githubAppInstallationID", "a GitHub App"),
    ("githubAppPrivateKey", "a GitHub App"),
    ("githubAppEnterpriseBaseUrl", "a GitHub App"),
    ("gcpServiceAccountKey", "Google's service accounts"),
    ("useAzureWorkloadIdentity", "Azure's workload identities"),
];

/// One Secret of Argo CD about a repository, or about all below an address.
#[derive(Clone)]
pub struct RepositoryLogin {
    /// The Secret's name.
    pub secret: String,
    /// True for `repo-creds`: for all repositories whose address begins so.
    pub template: bool,
    /// Its fields.
    fields: BTreeMap<String, Secret>,
}

impl std::fmt::Debug for RepositoryLogin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RepositoryLogin")
            .field("secret", &self.secret)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

impl RepositoryLogin {
    /// Returns the login of a Secret's fields.
    pub fn new(secret: String, template: bool, fields: BTreeMap<String, String>) -> Self {
        let fields = fields.into_iter();
        Self {
            secret,
            template,
            fields: fields
                .map(|(name, value)| (name, Secret::new(value)))
                .collect(),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", Secret::reveal)
    }

    fn is_true(&self, field: &str) -> bool {
        self.text(field).eq_ignore_ascii_case("true")
    }

    fn is_for_git(&self) -> bool {
        matches!(self.text("type"), "" | "git")
    }

    fn has_credentials(&self) -> bool {
        [
            "username",
            "password",
            "bearerToken",
            "sshPrivateKey",
            "tlsClientCertData",
        ]
        .iter()
        .chain(UNSUPPORTED.iter().map(|(field, _)| field))
        .any(|field| self.says(field))
    }

    /// Tells whether a field asks for something: `useAzureWorkloadIdentity: "false"` does not.
    fn says(&self, field: &str) -> bool {
        !matches!(self.text(field), "" | "false")
    }
}

/// All that a definition has about logins to repositories.
#[derive(Debug, Clone, Default)]
pub struct RepositoryLogins {
    /// The Secrets.
    pub logins: Vec<RepositoryLogin>,
    /// The known keys of hosts for ssh (`argocd-ssh-known-hosts-cm`).
    pub known_hosts: Option<String>,
    /// Certificates by host name (`argocd-tls-certs-cm`).
    pub authorities: BTreeMap<String, String>,
}

/// Tells whether all below one address includes another; both are normalised.
///
/// Argo CD compares beginnings of texts: for it `https://git.example.org` includes
/// `https://git.example.org.elsewhere.example`, too. Here it must be the same host and port, and
/// whole parts of the path.
fn includes(template: &str, address: &str) -> bool {
    let host = template
        .split_once("://")
        .map_or(template, |(_, rest)| rest)
        .trim_start_matches('/');
    if host.is_empty() || address.split('/').any(|part| part == "..") {
        return false;
    }
    let template = template.trim_end_matches('/');
    address
        .strip_prefix(template)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl RepositoryLogins {
    /// Takes over those of another environment.
    pub fn extend(&mut self, other: &Self) {
        for login in &other.logins {
            let same = |one: &RepositoryLogin| {
                one.secret == login.secret && one.text("url") == login.text("url")
            };
            if !self.logins.iter().any(same) {
                self.logins.push(login.clone());
            }
        }
        if self.known_hosts.is_none() {
            self.known_hosts.clone_from(&other.known_hosts);
        }
        for (host, authority) in &other.authorities {
            let entry = self.authorities.entry(host.clone());
            entry.or_insert_with(|| authority.clone());
        }
    }

    /// Returns how a repository is logged in to.
    pub(super) fn of(&self, address: &Address) -> Result<Login, GitError> {
        let asked = normalized(address.as_str());
        let mut git = self.logins.iter().filter(|login| login.is_for_git());
        let exact = git.find(|login| !login.template && normalized(login.text("url")) == asked);
        let templates = self.logins.iter().filter(|login| login.is_for_git());
        let template = templates
            .filter(|login| login.template)
            .filter(|login| includes(&normalized(login.text("url")), &asked))
            .max_by_key(|login| normalized(login.text("url")).len());
        let chosen = match (exact, template) {
            (Some(exact), _) if exact.has_credentials() => Some(exact),
            (_, Some(template)) => Some(template),
            (exact, None) => exact,
        };
        for login in [exact, chosen].into_iter().flatten() {
            let refused = |what: &str| GitError::Login {
                secret: login.secret.clone(),
                what: what.to_owned(),
            };
            let unsupported = UNSUPPORTED.iter().find(|(field, _)| login.says(field));
            if let Some((field, service)) = unsupported {
                return Err(refused(&format!(
                    "logs in by {service} ({field}), whose tokens cannot be asked for here"
                )));
            }
            if login.is_true("enableLfs") {
                return Err(refused("has enableLfs: Git LFS cannot be fetched"));
            }
        }
        let host = address.host();
        let with_port = address.host_and_port();
        let authority = (self.authorities.get(with_port)).or_else(|| self.authorities.get(host));
        Ok(Login {
            given: chosen.cloned(),
            known_hosts: self.known_hosts.clone().filter(|_| address.is_ssh()),
            authority: authority.cloned(),
        })
    }
}

/// How one repository is logged in to.
#[derive(Debug, Clone, Default)]
pub(super) struct Login {
    /// A Secret of the definition; without one, as git does it by itself.
    given: Option<RepositoryLogin>,
    /// The known keys of hosts, where the definition has them.
    known_hosts: Option<String>,
    /// Whom to trust for https, where the definition says so.
    authority: Option<String>,
}

impl Login {
    /// Returns true where a Secret of the definition is used.
    pub(super) fn is_given(&self) -> bool {
        (self.given.as_ref()).is_some_and(RepositoryLogin::has_credentials)
    }

    /// Gives a run what it needs; what is returned must live as long as the run.
    pub(super) fn apply(
        &self,
        address: &Address,
        connect: Duration,
        command: &mut Command,
    ) -> Result<Option<TempDir>, GitError> {
        let failed = |error: std::io::Error| GitError::File {
            path: "a folder for the time of a fetch".to_owned(),
            cause: error.to_string(),
        };
        let run = ForRun {
            folder: TempDir::new().map_err(failed)?,
        };
        if address.is_ssh() {
            self.apply_ssh(connect, &run, command)?;
        } else {
            self.apply_http(address, &run, command)?;
        }
        Ok(Some(run.folder))
    }

    fn apply_ssh(
        &self,
        connect: Duration,
        run: &ForRun,
        command: &mut Command,
    ) -> Result<(), GitError> {
        let seconds = connect.as_secs().max(1);
        let mut ssh = format!("ssh -o BatchMode=yes -o ConnectTimeout={seconds}");
        let is_true = |field| (self.given.as_ref()).is_some_and(|login| login.is_true(field));
        if is_true("insecure") || is_true("insecureIgnoreHostKey") {
            ssh.push_str(" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null");
        } else if let Some(hosts) = &self.known_hosts {
            let file = quoted(&run.kept("known-hosts", hosts)?);
            let _ = write!(
                ssh,
                " -o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null \
                 -o UserKnownHostsFile={file}"
            );
        } else if self.given.is_none() {
            // What the user says about ssh holds; ssh's own configuration does in any case.
            let says = ["GIT_SSH_COMMAND", "GIT_SSH"];
            let configured = || {
                std::process::Command::new("git")
                    .args(["config", "--get", "core.sshCommand"])
                    .stdin(std::process::Stdio::null())
                    .output()
                    .is_ok_and(|output| output.status.success())
            };
            if says.iter().any(|name| std::env::var_os(name).is_some()) || configured() {
                return Ok(());
            }
        }
        let key = (self.given.as_ref()).map_or("", |login| login.text("sshPrivateKey"));
        if !key.is_empty() {
            let file = quoted(&run.kept("key", key)?);
            let _ = write!(ssh, " -o IdentitiesOnly=yes -i {file}");
            command.env_remove("SSH_AUTH_SOCK");
        }
        command.env("GIT_SSH_COMMAND", ssh);
        Ok(())
    }

    fn apply_http(
        &self,
        address: &Address,
        run: &ForRun,
        command: &mut Command,
    ) -> Result<(), GitError> {
        let mut settings: Vec<(String, OsString)> = Vec::new();
        let Some(origin) = address.origin() else {
            return Ok(());
        };
        // Settings of an origin hold for it alone, wherever a server leads git.
        let http = |name: &str| format!("http.{origin}.{name}");
        if let Some(authority) = &self.authority {
            settings.push((http("sslCAInfo"), run.kept("authorities", authority)?));
        }
        if let Some(login) = &self.given {
            let (user, password) = (login.text("username"), login.text("password"));
            if !user.is_empty() || !password.is_empty() {
                let user = if user.is_empty() { ANYBODY } else { user };
                let helper = format!("credential.{origin}.helper");
                // An empty helper takes away those that are configured.
                settings.push(("credential.helper".to_owned(), OsString::new()));
                settings.push((helper.clone(), OsString::new()));
                settings.push((helper, HELPER.into()));
                command
                    .env("FIRSTLIGHT_GIT_USER", user)
                    .env("FIRSTLIGHT_GIT_PASSWORD", password)
                    .env_remove("GIT_ASKPASS")
                    .env_remove("SSH_ASKPASS");
            }
            if !login.text("bearerToken").is_empty() {
                let header = format!("Authorization: Bearer {}", login.text("bearerToken"));
                settings.push((http("extraHeader"), header.into()));
            }
            if login.is_true("insecure") || login.is_true("insecureIgnoreHostKey") {
                settings.push((http("sslVerify"), "false".into()));
            }
            for (field, name, file) in [
                ("tlsClientCertData", "sslCert", "certificate"),
                ("tlsClientCertKey", "sslKey", "certificate-key"),
            ] {
                if !login.text(field).is_empty() {
                    settings.push((http(name), run.kept(file, login.text(field))?));
                }
            }
            if !login.text("proxy").is_empty() {
                settings.push((http("proxy"), login.text("proxy").into()));
            }
            if !login.text("noProxy").is_empty() {
                command.env("no_proxy", login.text("noProxy"));
            }
        }
        if settings.is_empty() {
            return Ok(());
        }
        // Those that the user's environment has come first, and lose.
        let count = std::env::var("GIT_CONFIG_COUNT").ok();
        let first: usize = count.and_then(|count| count.parse().ok()).unwrap_or(0);
        let all = first + settings.len();
        command.env("GIT_CONFIG_COUNT", all.to_string());
        for (index, (name, value)) in (first..).zip(settings) {
            command.env(format!("GIT_CONFIG_KEY_{index}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        Ok(())
    }
}

/// What is there as long as a run.
struct ForRun {
    folder: TempDir,
}

impl ForRun {
    /// Writes a file that nobody else may read.
    fn kept(&self, name: &str, text: &str) -> Result<OsString, GitError> {
        let failed = |error: std::io::Error| GitError::File {
            path: "a file for the time of a fetch".to_owned(),
            cause: error.to_string(),
        };
        let path = self.folder.path().join(name);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        // ssh takes no key whose last line has no end.
        if !text.ends_with('\n') {
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(path.into_os_string())
    }
}

/// Returns a path as a shell takes it for one word.
fn quoted(path: &std::ffi::OsStr) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', "'\\''"))
}
