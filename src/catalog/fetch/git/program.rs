//! One run of `git`: takes arguments, gives what it prints, never lets it ask a person, run a hook,
//! go on without progress, or outlive its caller.
//!
//! Repositories are not trusted: transports are listed, hooks and file system monitors are off,
//! submodules are never git's own business, and variables that would lead it to another repository
//! are taken away. The user's own configuration holds, since it says how to log in.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::Instant;

use super::address::Address;
use super::error::GitError;
use super::login::Login;

/// Transports that may be asked. `ext::` would run programs, and `file` reads this machine.
const TRANSPORTS: &str = "https:http:ssh:git";

/// Transports where the repository is a folder of this machine, which a person named.
const LOCAL_TRANSPORTS: &str = "https:http:ssh:git:file";

/// Variables that lead git elsewhere, or make it write what it does.
const TAKEN_AWAY: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET",
    "GIT_TRACE2",
    "GIT_CURL_VERBOSE",
    "GIT_EXTERNAL_DIFF",
    "GIT_CONFIG_PARAMETERS",
];

/// What git says is no longer than this.
const MAXIMUM_WORDS: usize = 64 * 1024;

/// How long, and how much.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How long nothing may come.
    pub(super) idle: Duration,
    /// How long it may take in all.
    pub(super) total: Duration,
    /// How long a connection may take.
    pub(super) connect: Duration,
    /// How many bytes may be received, and be printed.
    pub(super) bytes: u64,
}

/// One run.
pub(super) struct Run<'r> {
    /// The repository on this machine.
    pub(super) directory: &'r Path,
    pub(super) arguments: Vec<OsString>,
    /// What is written to it.
    pub(super) input: Vec<u8>,
    pub(super) bounds: Bounds,
    /// The repository that is asked, where one is.
    pub(super) remote: Option<(&'r Address, &'r Login)>,
    /// More variables.
    pub(super) environment: Vec<(&'static str, OsString)>,
}

/// Returns arguments as git takes them.
pub(super) fn words<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Vec<OsString> {
    let of = arguments.into_iter();
    of.map(|argument| argument.as_ref().to_owned()).collect()
}

impl<'r> Run<'r> {
    /// Makes a run that asks no other repository: it may be silent for as long as it may take.
    pub(super) fn local(directory: &'r Path, arguments: Vec<OsString>, bounds: Bounds) -> Self {
        Self {
            directory,
            arguments,
            input: Vec::new(),
            bounds: Bounds {
                idle: bounds.total,
                ..bounds
            },
            remote: None,
            environment: Vec::new(),
        }
    }

    /// Runs it to its end and returns what it printed.
    pub(super) async fn output(&self) -> Result<Vec<u8>, GitError> {
        let mut command = self.command();
        let login = match self.remote {
            Some((address, login)) => login.apply(address, self.bounds.connect, &mut command)?,
            None => None,
        };
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(|error| GitError::NoProgram {
            cause: error.to_string(),
        })?;
        let group = Group(child.id());
        let mut input = child.stdin.take();
        let write = async {
            if let Some(mut input) = input.take() {
                // One that ends early tells why.
                let _ = input.write_all(&self.input).await;
            }
        };
        let progress = Progress::new(self.bounds);
        let (output, complaints) = (child.stdout.take(), child.stderr.take());
        let read = async {
            tokio::try_join!(
                progress.read(output, usize::MAX),
                progress.read(complaints, MAXIMUM_WORDS),
            )
        };
        let run = async {
            let ((), result) = tokio::join!(write, read);
            let (printed, said) = result?;
            let status = child
                .wait()
                .await
                .map_err(|error| Stopped::Failed(error.to_string()))?;
            Ok((status, printed, said))
        };
        let result = tokio::select! {
            result = run => result,
            stopped = progress.watch() => Err(stopped),
        };
        drop(login);
        let host = self.remote.map_or("git", |(address, _)| address.host());
        let host = host.to_owned();
        match result {
            Ok((status, printed, _)) if status.success() => {
                group.ended();
                Ok(printed)
            }
            Ok((_, _, said)) => {
                group.ended();
                Err(self.failure(&String::from_utf8_lossy(&said)))
            }
            Err(Stopped::Idle) => Err(GitError::Slow {
                host,
                stalled: true,
                after: self.bounds.idle,
            }),
            Err(Stopped::Late) => Err(GitError::Slow {
                host,
                stalled: false,
                after: self.bounds.total,
            }),
            Err(Stopped::Large) => Err(GitError::TooLarge {
                limit: self.bounds.bytes,
            }),
            Err(Stopped::Failed(cause)) => Err(GitError::Other { message: cause }),
        }
    }

    fn command(&self) -> tokio::process::Command {
        let mut command = tokio::process::Command::new("git");
        command
            .arg("-C")
            .arg(self.directory)
            .args([
                "-c",
                "core.hooksPath=/dev/null",
                "-c",
                "core.fsmonitor=false",
                "-c",
                "gc.auto=0",
                "-c",
                "maintenance.auto=false",
                "-c",
                "protocol.version=2",
                "-c",
                "fetch.recurseSubmodules=false",
                "-c",
                "advice.detachedHead=false",
            ])
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let transports = match self.remote {
            Some((address, _)) if address.is_local() => LOCAL_TRANSPORTS,
            _ => TRANSPORTS,
        };
        for variable in TAKEN_AWAY {
            command.env_remove(variable);
        }
        command
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", transports)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .env("LC_ALL", "C");
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command
    }

    /// Says what git means.
    fn failure(&self, said: &str) -> GitError {
        let message = shown(said);
        let Some((address, login)) = self.remote else {
            return GitError::Other { message };
        };
        let host = address.host().to_owned();
        let says = |texts: &[&str]| {
            let said = said.to_lowercase();
            texts.iter().any(|text| said.contains(text))
        };
        if says(&["host key verification failed"]) {
            GitError::HostKey { host }
        } else if says(&[
            "could not read username",
            "could not read password",
            "authentication failed",
            "terminal prompts disabled",
            "permission denied (",
            "access denied\n",
            "error: 401",
            "error: 403",
            "invalid username or",
        ]) {
            GitError::Unauthorized {
                host,
                sent: login.is_given(),
                ssh: address.is_ssh(),
            }
        } else if says(&[
            "repository not found",
            "does not appear to be a git repository",
            "not found\n",
            "repository not exported",
            "no such repository",
            "does not exist",
            "error: 404",
        ]) {
            GitError::NotFound { host }
        } else if says(&[
            "could not resolve",
            "connection refused",
            "connection timed out",
            "connection reset",
            "connection closed",
            "unable to connect",
            "failed to connect",
            "couldn't connect",
            "no route to host",
            "network is unreachable",
            "hung up unexpectedly",
            "early eof",
            "operation too slow",
            "operation timed out",
            "error: 5",
        ]) {
            GitError::Unreachable {
                host,
                cause: message,
            }
        } else {
            GitError::Other { message }
        }
    }
}

/// Returns what git said in one line: the last of its complaints, without credentials in addresses.
fn shown(said: &str) -> String {
    let complaint = |line: &&str| {
        ["fatal:", "error:", "ssh:", "remote: error:"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let lines: Vec<&str> = said
        .lines()
        .map(|line| line.rsplit('\r').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .collect();
    let line = lines
        .iter()
        .copied()
        .find(complaint)
        .or(lines.last().copied())
        .unwrap_or("nothing");
    let line = line
        .trim_start_matches("fatal: ")
        .trim_start_matches("error: ");
    let mut clean = String::new();
    for word in line.split_inclusive(' ') {
        // `https://user:password@host` and its like.
        match (word.find("://"), word.rfind('@')) {
            (Some(start), Some(end)) if start < end => {
                clean.push_str(&word[..start + 3]);
                clean.push_str(&word[end + 1..]);
            }
            _ => clean.push_str(word),
        }
    }
    clean
        .chars()
        .filter(|one| !one.is_control())
        .take(300)
        .collect()
}

/// Why a run was stopped.
enum Stopped {
    Idle,
    Late,
    Large,
    Failed(String),
}

/// What comes, and since when nothing does.
struct Progress {
    bounds: Bounds,
    begun: Instant,
    last: std::cell::Cell<Instant>,
    received: std::cell::Cell<u64>,
}

impl Progress {
    fn new(bounds: Bounds) -> Self {
        let now = Instant::now();
        Self {
            bounds,
            begun: now,
            last: std::cell::Cell::new(now),
            received: std::cell::Cell::new(0),
        }
    }

    async fn read(
        &self,
        stream: Option<impl AsyncRead + Unpin>,
        kept: usize,
    ) -> Result<Vec<u8>, Stopped> {
        let mut bytes = Vec::new();
        let Some(mut stream) = stream else {
            return Ok(bytes);
        };
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let count = stream
                .read(&mut chunk)
                .await
                .map_err(|error| Stopped::Failed(error.to_string()))?;
            if count == 0 {
                return Ok(bytes);
            }
            self.last.set(Instant::now());
            let received = self.received.get() + count as u64;
            self.received.set(received);
            if received > self.bounds.bytes || announced(&chunk[..count]) > self.bounds.bytes {
                return Err(Stopped::Large);
            }
            bytes.extend_from_slice(&chunk[..count]);
            // Of what it says while it works, the end tells what became of it.
            if bytes.len() > kept.saturating_mul(2) {
                bytes.drain(..bytes.len() - kept);
            }
        }
    }

    /// Ends when nothing has come for too long.
    async fn watch(&self) -> Stopped {
        loop {
            let idle = self.last.get() + self.bounds.idle;
            let late = self.begun + self.bounds.total;
            tokio::time::sleep_until(idle.min(late)).await;
            let now = Instant::now();
            if now >= late {
                return Stopped::Late;
            }
            if now >= self.last.get() + self.bounds.idle {
                return Stopped::Idle;
            }
        }
    }
}

/// Returns how much git says that it has received: `Receiving objects: 45% (9/20), 12.30 MiB | ...`.
fn announced(chunk: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(chunk);
    let mut most = 0;
    let mut before = "";
    for word in text.split([' ', '\r', '\n']) {
        let unit: u64 = match word {
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => 0,
        };
        let whole = before.split('.').next().unwrap_or_default();
        if unit > 0
            && let Ok(number) = whole.parse::<u64>()
        {
            most = most.max(number.saturating_mul(unit));
        }
        before = word;
    }
    most
}

/// All processes that a run started: git starts others, which would wait on.
struct Group(Option<u32>);

impl Group {
    /// Says that there is nothing left to stop.
    fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.0.take().and_then(|id| i32::try_from(id).ok()) {
            use nix::sys::signal::{Signal, killpg};
            let _ = killpg(nix::unistd::Pid::from_raw(leader), Signal::SIGKILL);
        }
    }
}
