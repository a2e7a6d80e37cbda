//! Why the files of a revision cannot be had: takes nothing, gives errors that name repositories
//! without credentials, never what a server said to a login.

use std::time::Duration;

/// Why the files of a revision cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// The address cannot be asked.
    #[error("{url} is no address of a Git repository: {why}")]
    Address {
        /// The address, without credentials.
        url: String,
        /// Why.
        why: String,
    },
    /// The address holds credentials, which would stand in the definition for all to read.
    #[error("{url} is given with a name or a password in it")]
    CredentialsInAddress {
        /// The address, without credentials.
        url: String,
    },
    /// The revision cannot be one.
    #[error("`{revision}` is no revision: {why}")]
    Revision {
        /// The revision.
        revision: String,
        /// Why.
        why: &'static str,
    },
    /// The program is missing.
    #[error("the program git cannot be started: {cause}")]
    NoProgram {
        /// Why.
        cause: String,
    },
    /// The network may not be asked, and nothing was chosen for the revision.
    #[error("no commit is chosen for `{revision}` in firstlight.lock")]
    OfflineUnlocked {
        /// The revision.
        revision: String,
    },
    /// The network may not be asked, and the commit is not at hand.
    #[error("the commit {commit} is not in the cache")]
    Offline {
        /// The commit.
        commit: String,
    },
    /// No connection, or it broke.
    #[error("{host} cannot be reached: {cause}")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        cause: String,
    },
    /// Nothing came for too long, or all of it took too long.
    #[error("{host} {}", if *.stalled { format!("has sent nothing for {} s", .after.as_secs_f64()) } else { format!("was not done after {} s", .after.as_secs_f64()) })]
    Slow {
        /// The host.
        host: String,
        /// Whether nothing came any more.
        stalled: bool,
        /// After which time.
        after: Duration,
    },
    /// More bytes than the limit.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// Credentials are missing or wrong.
    #[error("{host} {}", if *.sent { "does not accept the credentials of the repository's Secret" } else { "asks for credentials, or does not accept those that git has" })]
    Unauthorized {
        /// The host.
        host: String,
        /// Whether a Secret of the definition was used.
        sent: bool,
        /// Whether it is asked over ssh.
        ssh: bool,
    },
    /// The server's key is unknown or another one.
    #[error("the key of {host} is unknown, or another one than before")]
    HostKey {
        /// The host.
        host: String,
    },
    /// There is no such repository, or it is private and says so in this way.
    #[error("{host} has no repository there, or does not show it without credentials")]
    NotFound {
        /// The host.
        host: String,
    },
    /// The repository has no such branch or tag.
    #[error("it has no revision `{revision}`{}", .nearest.as_ref().map_or_else(String::new, |nearest| format!(" (did you mean {nearest}?)")))]
    UnknownRevision {
        /// The revision.
        revision: String,
        /// A branch or tag that is there.
        nearest: Option<String>,
    },
    /// A branch and a tag have this name, and Argo CD takes either.
    #[error("`{revision}` is a branch ({branch}) and a tag ({tag})")]
    Ambiguous {
        /// The revision.
        revision: String,
        /// The branch's commit.
        branch: String,
        /// The tag's commit.
        tag: String,
    },
    /// The commit is not there any more.
    #[error("the commit {commit} is gone")]
    Gone {
        /// The commit.
        commit: String,
    },
    /// The tag names another commit than when it was locked.
    #[error(
        "the tag {tag} was moved: firstlight.lock has {locked}, the repository now has {found}"
    )]
    Moved {
        /// The tag.
        tag: String,
        /// The commit in the lock.
        locked: String,
        /// The commit that it names now.
        found: String,
    },
    /// A pack of the repository cannot be used.
    #[error("{file} is no pack with the objects of its commit")]
    Pack {
        /// The file.
        file: String,
    },
    /// A link leads out, for which Argo CD refuses the whole repository.
    #[error("its file {path} is a link that leads out of the repository")]
    Link {
        /// The link.
        path: String,
    },
    /// A submodule cannot be had.
    #[error("its submodule {path} cannot be had: {cause}")]
    Submodule {
        /// Its path.
        path: String,
        /// Why.
        cause: Box<GitError>,
    },
    /// A submodule without an address.
    #[error("its .gitmodules names no address for the submodule {path}")]
    SubmoduleAddress {
        /// Its path.
        path: String,
    },
    /// Submodules of submodules without an end.
    #[error("its submodules are nested more than {limit} levels deep, or are more than a thousand")]
    Submodules {
        /// The limit.
        limit: usize,
    },
    /// A Secret asks for what firstlight cannot do.
    #[error("the Secret {secret} {what}")]
    Login {
        /// The Secret's name.
        secret: String,
        /// What it asks for.
        what: String,
    },
    /// Something else that git says.
    #[error("git says: {message}")]
    Other {
        /// Its words, without what may be secret.
        message: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// The file.
        path: String,
        /// Why.
        cause: String,
    },
}

impl GitError {
    /// Returns what to do about it, where something can be said.
    pub fn help(&self, url: &str) -> Option<String> {
        let text = match self {
            Self::CredentialsInAddress { .. } => {
                "leave them out, and keep them where git has them (`git credential approve`), or in \
                 a Secret with the label argocd.argoproj.io/secret-type: repository"
                    .to_owned()
            }
            Self::NoProgram { .. } => {
                "install git; firstlight needs it for sources in other repositories".to_owned()
            }
            Self::OfflineUnlocked { .. } | Self::Offline { .. } => {
                "run `firstlight lock` once with the network: it fills the lock and the cache"
                    .to_owned()
            }
            Self::Unauthorized { ssh: true, .. } => {
                format!("`git ls-remote {url}` must work: ssh-add a key that the server knows")
            }
            Self::Unauthorized { ssh: false, .. } | Self::NotFound { .. } => format!(
                "`git ls-remote {url}` must work: give git a credential helper, or the definition a \
                 Secret with the label argocd.argoproj.io/secret-type: repository"
            ),
            Self::HostKey { host } => format!(
                "`ssh-keyscan {host}` shows its keys: compare them with those that the host \
                 publishes, and add them to ~/.ssh/known_hosts"
            ),
            Self::Ambiguous { revision, .. } => {
                format!("write refs/heads/{revision} or refs/tags/{revision}")
            }
            Self::Gone { .. } => {
                "history was rewritten, or a branch was deleted; `firstlight lock --update` takes \
                 what is there now"
                    .to_owned()
            }
            Self::Moved { .. } => {
                "find out why it was moved; `firstlight lock --update` accepts what it names now"
                    .to_owned()
            }
            Self::Pack { .. } => "`firstlight vendor` writes it anew once it is deleted".to_owned(),
            Self::Link { .. } => "Argo CD refuses the whole repository for it, too".to_owned(),
            Self::Login { what, .. } if what.contains("enableLfs") => {
                "keep what the platform renders out of Git LFS, and take enableLfs away".to_owned()
            }
            Self::Login { .. } => {
                "give the Secret a token in `password`, or a deploy key in `sshPrivateKey`; or leave \
                 the Secret to the cluster, and log in with git's own credential helper here"
                    .to_owned()
            }
            Self::Submodule { cause, .. } => return cause.help(url),
            _ => return None,
        };
        Some(text)
    }

    /// Tells whether the same may work a moment later.
    pub(super) fn passes_by_itself(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}
