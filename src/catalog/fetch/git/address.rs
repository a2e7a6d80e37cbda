//! Where a Git repository is: takes the URL of an Application, gives what may be asked, never one
//! with credentials, and never one that makes git run a program or read this machine's files.

use std::fmt;

use super::error::GitError;

/// The address of a repository, fit to be shown and to be given to git.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    text: String,
    ssh: bool,
    /// A folder of this machine.
    local: bool,
}

impl Address {
    /// Reads an address as [`Self::parse`] does, or one of this machine: `file:///path`.
    pub(super) fn parse_local(text: &str) -> Result<Self, GitError> {
        let path = text.trim().strip_prefix("file://");
        match path.filter(|path| path.starts_with('/') && !path.contains(char::is_control)) {
            Some(_) => Ok(Self {
                text: text.trim().to_owned(),
                ssh: false,
                local: true,
            }),
            None => Self::parse(text),
        }
    }

    /// Reads an address: `https://`, `http://`, `ssh://`, `git://`, or `user@host:path`.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let refused = |why: &str| GitError::Address {
            url: shown(text),
            why: why.to_owned(),
        };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(refused("it is empty"));
        }
        if trimmed.starts_with('-') || trimmed.contains(|one: char| one.is_control() || one == ' ')
        {
            return Err(refused("it has characters that no address has"));
        }
        let ssh = if let Some((scheme, rest)) = trimmed.split_once("://") {
            let ssh = scheme.eq_ignore_ascii_case("ssh");
            let known = ["https", "http", "git"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known));
            if !ssh && !known {
                return Err(refused("git is asked by https, http, ssh or git:// alone"));
            }
            let authority = rest.split('/').next().unwrap_or_default();
            let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
            if host.is_empty() || host.starts_with('-') {
                return Err(refused("it has no host"));
            }
            if user.contains(':') || !user.is_empty() && !ssh {
                return Err(GitError::CredentialsInAddress { url: shown(text) });
            }
            ssh
        } else {
            let host = trimmed
                .split_once(':')
                .map(|(host, _)| host)
                .filter(|host| host.contains('@') && !host.contains('/'))
                .filter(|host| !host.ends_with('@') && !host.contains("@-"));
            if host.is_none() || trimmed.contains("::") {
                return Err(refused(
                    "it is neither a URL nor user@host:path; this machine's own folders are no \
                     source that Argo CD could read",
                ));
            }
            true
        };
        Ok(Self {
            text: trimmed.to_owned(),
            ssh,
            local: false,
        })
    }

    /// Returns the address as git takes it.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns true where it is asked over ssh.
    pub(super) fn is_ssh(&self) -> bool {
        self.ssh
    }

    /// Returns true for a folder of this machine.
    pub(super) fn is_local(&self) -> bool {
        self.local
    }

    /// Returns its scheme, host and port, where it is asked by http or https.
    pub(super) fn origin(&self) -> Option<&str> {
        let (scheme, rest) = self.text.split_once("://")?;
        let http = ["http", "https"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known));
        let host = rest.split('/').next()?;
        http.then(|| &self.text[..scheme.len() + "://".len() + host.len()])
    }

    /// Returns its host, and port where it has one, without user.
    pub(super) fn host_and_port(&self) -> &str {
        let rest = self
            .text
            .split_once("://")
            .map_or(&*self.text, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host)
    }

    /// Returns its host, without user and port.
    pub(super) fn host(&self) -> &str {
        if self.local {
            return "this machine";
        }
        let host = self.host_and_port();
        host.split(':').next().unwrap_or_default()
    }

    /// Returns the address of a submodule, which may be relative (`../other.git`).
    pub(super) fn of_submodule(&self, url: &str) -> Result<Self, GitError> {
        if !url.starts_with("./") && !url.starts_with("../") {
            return Self::parse(url);
        }
        let parse = |text: &str| {
            if self.local {
                Self::parse_local(text)
            } else {
                Self::parse(text)
            }
        };
        let mut base = self.text.trim_end_matches('/').to_owned();
        let mut rest = url;
        loop {
            if let Some(next) = rest.strip_prefix("./") {
                rest = next;
            } else if let Some(next) = rest.strip_prefix("../") {
                // The host stays: of `user@host:a` the part before the colon, of URLs the authority.
                let floor = base.find("://").map_or(0, |position| position + 3);
                let cut = base[floor..]
                    .rfind(['/', ':'])
                    .map(|position| position + floor);
                match cut {
                    Some(cut) if cut > floor => {
                        let separator = &base[cut..=cut];
                        let keep = separator == ":" && floor == 0;
                        base.truncate(if keep { cut + 1 } else { cut });
                        if keep && !next.starts_with("../") {
                            return parse(&format!("{base}{next}"));
                        }
                    }
                    _ => {
                        return Err(GitError::Address {
                            url: shown(url),
                            why: format!("it leads out of {}", self.host()),
                        });
                    }
                }
                rest = next;
            } else {
                break;
            }
        }
        parse(&format!("{base}/{rest}"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Returns an address without credentials, control characters and query.
pub fn shown(text: &str) -> String {
    let clean: String = text
        .trim()
        .chars()
        .filter(|one| !one.is_control())
        .collect();
    let clean = clean.split(['?', '#']).next().unwrap_or_default();
    match clean.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = match rest.find('/') {
                Some(position) => rest.split_at(position),
                None => (rest, ""),
            };
            let host = authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}{path}")
        }
        None => clean.to_owned(),
    }
}

/// Returns a repository's URL as Argo CD compares it (`NormalizeGitURL`): in small letters, without
/// `.git`, and `git@host:path` as `git@host/path`.
pub fn normalized(url: &str) -> String {
    let mut url = url.trim().to_lowercase();
    if is_ssh(&url) && !url.starts_with("ssh://") {
        url = format!("ssh://{}", url.replacen(':', "/", 1));
    }
    let url = url.strip_suffix(".git").unwrap_or(&url);
    url.strip_prefix("ssh://").unwrap_or(url).to_owned()
}

/// Tells whether an address is what Argo CD takes for one of ssh: `^(ssh://)?([^/:]*?)@[^@]+$`.
fn is_ssh(url: &str) -> bool {
    let rest = url.strip_prefix("ssh://").unwrap_or(url);
    match rest.split_once('@') {
        Some((user, host)) => !user.contains(['/', ':']) && !host.is_empty() && !host.contains('@'),
        None => false,
    }
}

/// Tells whether two URLs name the same repository for Argo CD.
pub fn same_repository(left: &str, right: &str) -> bool {
    let left = normalized(left);
    !left.is_empty() && left == normalized(right)
}
