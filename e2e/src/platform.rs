//! A user's own copy of the reference platform: takes the checkout, gives a Git repository that a
//! `git daemon` serves at an address that pods reach. Stops serving when it is dropped.

use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use thiserror::Error;

use crate::command::{Command, CommandError};
use crate::wait::{self, TooLate};

const PORT: u16 = 9418;

/// The repository cannot be made or served.
#[derive(Debug, Error)]
pub(crate) enum PlatformError {
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A file cannot be read or written.
    #[error("failed to write {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The daemon did not start.
    #[error("failed to start git daemon")]
    Daemon(#[source] io::Error),
    /// The daemon does not answer.
    #[error(transparent)]
    TooLate(#[from] TooLate),
}

/// The repository and its server.
#[derive(Debug)]
pub(crate) struct Platform {
    /// The work tree, which a user would edit.
    pub(crate) folder: PathBuf,
    daemon: Child,
}

impl Drop for Platform {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Platform {
    /// Copies the platform out of the checkout, points this environment at the server, commits and
    /// pushes it.
    pub(crate) fn new(
        checkout: &Path,
        into: &Path,
        environment: &str,
        address: &str,
    ) -> Result<Self, PlatformError> {
        let folder = into.join("platform");
        let served = into.join("served");
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| PlatformError::File { path, source }
        };
        for old in [&folder, &served] {
            if old.exists() {
                std::fs::remove_dir_all(old).map_err(file(old))?;
            }
        }
        std::fs::create_dir_all(&folder).map_err(file(&folder))?;
        for part in ["environments", "services", "bootstrap", "firstlight.yaml"] {
            let from = checkout.join(part);
            if from.exists() {
                Command::new("cp").arg("-R").arg(from).arg(&folder).text()?;
            }
        }
        let values = folder.join(format!("environments/values-{environment}.yaml"));
        let before = std::fs::read_to_string(&values).map_err(file(&values))?;
        let url = format!("git://{address}:{PORT}/platform.git");
        std::fs::write(&values, with_repository(&before, &url)).map_err(file(&values))?;

        let git = |words: &[&str]| git(&folder, words);
        git(&["init", "--quiet", "--initial-branch", "main"])?;
        git(&["add", "--all"])?;
        git(&["commit", "--quiet", "--message", "Our platform"])?;
        let bare = served.join("platform.git");
        std::fs::create_dir_all(&bare).map_err(file(&bare))?;
        Command::new("git")
            .args(["init", "--quiet", "--bare", "--initial-branch", "main"])
            .arg(&bare)
            .text()?;
        git(&["remote", "add", "origin", &bare.to_string_lossy()])?;
        git(&["push", "--quiet", "origin", "main"])?;
        let daemon = serve(&served, address)?;
        Ok(Self { folder, daemon })
    }

    /// Commits everything and pushes it.
    pub(crate) fn push(&self, message: &str) -> Result<(), PlatformError> {
        git(&self.folder, &["add", "--all"])?;
        git(&self.folder, &["commit", "--quiet", "--message", message])?;
        git(&self.folder, &["push", "--quiet", "origin", "main"])?;
        Ok(())
    }
}

/// Runs git as a person whom no configuration of this machine changes.
fn git(folder: &Path, words: &[&str]) -> Result<String, CommandError> {
    Command::new("git")
        .args([
            "-c",
            "user.name=Platform",
            "-c",
            "user.email=platform@example.org",
        ])
        .args(["-c", "commit.gpgsign=false"])
        .args(words)
        .folder(folder)
        .variable("GIT_CONFIG_GLOBAL", "/dev/null")
        .text()
}

fn serve(folder: &Path, address: &str) -> Result<Child, PlatformError> {
    // A name, such as that of docker's host on other systems, is no address to listen on.
    let listen = if address.parse::<std::net::IpAddr>().is_ok() {
        address
    } else {
        "0.0.0.0"
    };
    let daemon = std::process::Command::new("git")
        .args([
            "daemon",
            "--reuseaddr",
            "--export-all",
            "--informative-errors",
        ])
        .arg(format!("--listen={listen}"))
        .arg(format!("--port={PORT}"))
        .arg(format!("--base-path={}", folder.display()))
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(PlatformError::Daemon)?;
    let reach = if listen == "0.0.0.0" {
        "127.0.0.1"
    } else {
        listen
    };
    let answered = wait::until::<(), TooLate>("git daemon", Duration::from_secs(10), || {
        Ok(TcpStream::connect((reach, PORT))
            .map(drop)
            .map_err(|error| error.to_string()))
    });
    let platform = daemon;
    match answered {
        Ok(()) => Ok(platform),
        Err(error) => {
            let mut platform = platform;
            let _ = platform.kill();
            let _ = platform.wait();
            Err(error.into())
        }
    }
}

/// Returns an environment's values with this repository: in place of the one that it names, or added.
fn with_repository(values: &str, url: &str) -> String {
    let mut kept = String::new();
    let mut dropping = false;
    for line in values.lines() {
        if line.starts_with("repository:") {
            dropping = true;
            continue;
        }
        // What is indented, or empty, below it belongs to it.
        if dropping && (line.starts_with(' ') || line.is_empty()) {
            continue;
        }
        dropping = false;
        kept.push_str(line);
        kept.push('\n');
    }
    format!("{kept}\nrepository:\n  url: {url}\n  revision: main\n")
}

#[cfg(test)]
mod tests {
    use super::with_repository;

    #[test]
    fn the_repository_is_replaced_or_added() {
        let added = "\nrepository:\n  url: git://x/y\n  revision: main\n";
        assert_eq!(
            with_repository("name: a\n", "git://x/y"),
            format!("name: a\n{added}")
        );
        for old in ["repository: {url: z}\n", "repository:\n  url: z\n\n"] {
            let values = format!("name: a\n{old}fqdn: b\n");
            assert_eq!(
                with_repository(&values, "git://x/y"),
                format!("name: a\nfqdn: b\n{added}")
            );
        }
    }
}
