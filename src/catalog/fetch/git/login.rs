//! How a repository is logged in to: takes Argo CD's Secrets as they stand in the definition, gives
//! git what it needs for one run, never writes a secret where it stays.
//!
//! Without a Secret git's own ways hold: credential helpers, the agent and the configuration of ssh.
//! With one, it holds alone, as in Argo CD: Secrets with the label
//! `argocd.argoproj.io/secret-type: repository` (of this URL) or `repo-creds` (of the longest
//! beginning of the URL).

use std::collections::BTreeMap;
use std::ffi::OsString;
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

/// Fields that need a service beside the repository.
const UNSUPPORTED: &[&str] = &[
    "githubAppID",
    "githubAppInstallationID",
    "githubAppPrivateKey",
    "githubAppEnterpriseBaseUrl",
    "gcpServiceAccountKey",
    "useAzureWorkloadIdentity",
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
        .chain(UNSUPPORTED)
        .any(|field| !self.text(field).is_empty())
    }
}

/// All Secrets about repositories that a definition has.
#[derive(Debug, Clone, Default)]
pub struct RepositoryLogins {
    /// The Secrets.
    pub logins: Vec<RepositoryLogin>,
}

impl RepositoryLogins {
    /// Returns how a repository is logged in to.
    pub(super) fn of(&self, address: &Address) -> Result<Login, GitError> {
        let asked = normalized(address.as_str());
        let mut git = self.logins.iter().filter(|login| login.is_for_git());
        let exact = git.find(|login| !login.template && normalized(login.text("url")) == asked);
        let templates = self.logins.iter().filter(|login| login.is_for_git());
        let template = templates
            .filter(|login| login.template && !login.text("url").is_empty())
            .filter(|login| asked.starts_with(&normalized(login.text("url"))))
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
            if let Some(field) = UNSUPPORTED
                .iter()
                .find(|field| !login.text(field).is_empty())
            {
                return Err(refused(&format!(
                    "has {field}: tokens of other services cannot be asked for"
                )));
            }
            if login.is_true("enableLfs") {
                return Err(refused("has enableLfs: Git LFS cannot be fetched"));
            }
        }
        Ok(chosen.cloned().map_or(Login::Own, Login::Given))
    }
}

/// How one repository is logged in to.
#[derive(Debug, Clone)]
pub(super) enum Login {
    /// As git does it by itself.
    Own,
    /// With a Secret of the definition.
    Given(RepositoryLogin),
}

impl Login {
    /// Returns true where a Secret of the definition is used.
    pub(super) fn is_given(&self) -> bool {
        matches!(self, Self::Given(login) if login.has_credentials())
    }

    /// Gives a run what it needs; what is returned must live as long as the run.
    pub(super) fn apply(
        &self,
        address: &Address,
        connect: Duration,
        command: &mut Command,
    ) -> Result<Option<TempDir>, GitError> {
        let seconds = connect.as_secs().max(1);
        let mut ssh = format!("ssh -o BatchMode=yes -o ConnectTimeout={seconds}");
        let Self::Given(login) = self else {
            // What the user says about ssh holds; ssh's own configuration does in any case.
            let says = ["GIT_SSH_COMMAND", "GIT_SSH"];
            if address.is_ssh() && says.iter().all(|name| std::env::var_os(name).is_none()) {
                let configured = std::process::Command::new("git")
                    .args(["config", "--get", "core.sshCommand"])
                    .stdin(std::process::Stdio::null())
                    .output();
                if !configured.is_ok_and(|output| output.status.success()) {
                    command.env("GIT_SSH_COMMAND", ssh);
                }
            }
            return Ok(None);
        };
        let failed = |error: std::io::Error| GitError::File {
            path: "a folder for the time of a fetch".to_owned(),
            cause: error.to_string(),
        };
        let folder = TempDir::new().map_err(failed)?;
        let kept = |name: &str, text: &str| -> Result<OsString, GitError> {
            let path = folder.path().join(name);
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
        };
        let mut settings: Vec<(&str, OsString)> = Vec::new();
        let insecure = login.is_true("insecure") || login.is_true("insecureIgnoreHostKey");
        if address.is_ssh() {
            if !login.text("sshPrivateKey").is_empty() {
                let key = kept("key", login.text("sshPrivateKey"))?;
                let key = key.to_string_lossy().replace('\'', "'\\''");
                ssh = format!("{ssh} -o IdentitiesOnly=yes -i '{key}'");
                command.env_remove("SSH_AUTH_SOCK");
            }
            if insecure {
                ssh = format!("{ssh} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null");
            }
            command.env("GIT_SSH_COMMAND", ssh);
        } else {
            let (user, password) = (login.text("username"), login.text("password"));
            if !user.is_empty() || !password.is_empty() {
                let user = if user.is_empty() { ANYBODY } else { user };
                // An empty helper takes away those that are configured.
                settings.push(("credential.helper", OsString::new()));
                settings.push(("credential.helper", HELPER.into()));
                command
                    .env("FIRSTLIGHT_GIT_USER", user)
                    .env("FIRSTLIGHT_GIT_PASSWORD", password)
                    .env_remove("GIT_ASKPASS")
                    .env_remove("SSH_ASKPASS");
            }
            if !login.text("bearerToken").is_empty() {
                let header = format!("Authorization: Bearer {}", login.text("bearerToken"));
                settings.push(("http.extraHeader", header.into()));
            }
            if insecure {
                settings.push(("http.sslVerify", "false".into()));
            }
            for (field, name, file) in [
                ("tlsClientCertData", "http.sslCert", "certificate"),
                ("tlsClientCertKey", "http.sslKey", "certificate-key"),
            ] {
                if !login.text(field).is_empty() {
                    settings.push((name, kept(file, login.text(field))?));
                }
            }
            if !login.text("proxy").is_empty() {
                settings.push(("http.proxy", login.text("proxy").into()));
            }
            if !login.text("noProxy").is_empty() {
                command.env("no_proxy", login.text("noProxy"));
            }
        }
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (index, (name, value)) in settings.into_iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        Ok(Some(folder))
    }
}
