//! Config management plugins: takes sources that name one, runs the command that `firstlight.yaml`
//! gives for it, in a folder of its own with a time and size limit and a clean environment, gives
//! what it writes. Never runs a command that the user did not name.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::catalog::{Catalogue, PluginOptions, PluginOutputs, Renderer, Service, ServiceSource};
use crate::definition::PluginCommand;
use crate::problem::Problem;
use crate::render;

use super::plan::Request;

/// What a command may write.
const MAXIMUM_OUTPUT: u64 = 64 << 20;
/// What it may say while it fails.
const MAXIMUM_WORDS: u64 = 64 << 10;
/// What is copied for it: larger repositories are no place for manifests.
const MAXIMUM_COPY: u64 = 512 << 20;
/// Where programs are where nobody says so.
const PROGRAMS: &str = "/usr/local/bin:/usr/bin:/bin";
/// How many lines of its words are shown.
const LINES: usize = 10;

/// Runs the plugins of some services of a catalogue, as far as the repository has commands for them.
pub(super) fn add_outputs(
    request: &Request<'_>,
    catalogue: &Catalogue,
    services: &[String],
    outputs: &mut PluginOutputs,
) {
    let wanted = |service: &&Service| services.contains(&service.name);
    for service in catalogue.services.iter().filter(wanted) {
        for (index, source) in service.sources.iter().enumerate() {
            let Renderer::Plugin(options) = &source.renderer else {
                continue;
            };
            let commands = &catalogue.environment.supplement.plugins;
            if let Some(command) = commands.iter().find(|one| one.name == options.name) {
                let run = Run {
                    request,
                    service,
                    source,
                    options,
                    command,
                };
                outputs.insert((service.name.clone(), index), run.output());
            }
        }
    }
}

struct Run<'r> {
    request: &'r Request<'r>,
    service: &'r Service,
    source: &'r ServiceSource,
    options: &'r PluginOptions,
    command: &'r PluginCommand,
}

impl Run<'_> {
    fn problem(&self, what: impl std::fmt::Display) -> Problem {
        Problem::new(format!("the plugin {}: {what}", self.options.name))
            .at(self.command.source.clone())
    }

    fn output(&self) -> Result<String, Problem> {
        let folder = tempfile::tempdir()
            .map_err(|error| self.problem(format!("a folder cannot be made: {error}")))?;
        let files = self.source.repository(self.request.repository);
        let copy = folder.path().join("repository");
        let mut left = MAXIMUM_COPY;
        copy_tree(files.root(), &copy, &mut left)
            .map_err(|error| self.problem(format!("the repository cannot be copied: {error}")))?;
        let home = folder.path().join("home");
        std::fs::create_dir(&home)
            .map_err(|error| self.problem(format!("a folder cannot be made: {error}")))?;
        self.run(&copy.join(&self.source.path), &home)
    }

    fn run(&self, folder: &Path, home: &Path) -> Result<String, Problem> {
        let Some((program, words)) = self.command.words.split_first() else {
            return Err(self.problem("its command has no words"));
        };
        let capabilities = render::empty_cluster(self.request.kubernetes_version);
        let mut command = Command::new(program);
        command
            .args(words)
            .current_dir(folder)
            .env_clear()
            .env(
                "PATH",
                std::env::var_os("PATH").unwrap_or_else(|| PROGRAMS.into()),
            )
            .env("HOME", home)
            .env("TMPDIR", home)
            .env("KUBE_VERSION", &capabilities.kubernetes_version)
            .env("KUBE_API_VERSIONS", capabilities.api_versions.join(","))
            .envs(self.options.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .spawn()
            .map_err(|error| self.problem(format!("`{program}` cannot be started: {error}")))?;
        let result = self.wait(&mut child);
        // Whatever it started ends with it, and nothing is left behind.
        end(&mut child);
        result
    }

    fn wait(&self, child: &mut Child) -> Result<String, Problem> {
        let limit = self.command.timeout;
        let until = Instant::now() + limit;
        let output = read(child.stdout.take(), MAXIMUM_OUTPUT);
        let words = read(child.stderr.take(), MAXIMUM_WORDS);
        let in_time = |channel: &mpsc::Receiver<Vec<u8>>| {
            channel.recv_timeout(until.saturating_duration_since(Instant::now()))
        };
        let late = || {
            self.problem(format!("it was stopped after {} s", limit.as_secs()))
                .help("firstlight.yaml may give it another `timeout`")
        };
        let output = in_time(&output).map_err(|_| late())?;
        if output.len() as u64 > MAXIMUM_OUTPUT {
            return Err(self.problem(format!("it wrote more than {MAXIMUM_OUTPUT} bytes")));
        }
        let words = in_time(&words).map_err(|_| late())?;
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < until => {
                    // Its output is at its end: it is about to be.
                    std::thread::sleep(Duration::from_millis(5));
                }
                Ok(None) => return Err(late()),
                Err(error) => return Err(self.problem(error)),
            }
        };
        if !status.success() {
            let words = String::from_utf8_lossy(&words);
            let lines: Vec<&str> = words.lines().take(LINES).collect();
            let problem = self.problem(format!("it failed ({status})"));
            return Err(match lines.as_slice() {
                [] => problem.help(format!("it is run for {}", self.service.name)),
                lines => problem.help(format!("it says: {}", lines.join("\n"))),
            });
        }
        String::from_utf8(output).map_err(|_| self.problem("it wrote what is no UTF-8"))
    }
}

/// Reads a stream up to a limit, and one byte more, on a thread of its own.
fn read(stream: Option<impl Read + Send + 'static>, limit: u64) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut content = Vec::new();
        if let Some(stream) = stream {
            // What was read until it broke off is all there is.
            let _ = stream.take(limit + 1).read_to_end(&mut content);
        }
        let _ = sender.send(content);
    });
    receiver
}

/// Ends a process and all that it started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(group) = i32::try_from(child.id()) {
        use nix::sys::signal::{Signal, killpg};
        let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Copies files, but for those of Git; links stay links, and those that leave the folder are left out.
fn copy_tree(from: &Path, to: &Path, left: &mut u64) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        let (source, target) = (entry.path(), to.join(&name));
        if kind.is_dir() {
            if name != ".git" {
                copy_tree(&source, &target, left)?;
            }
        } else if kind.is_file() {
            let length = entry.metadata()?.len();
            *left = left.checked_sub(length).ok_or_else(|| {
                std::io::Error::other(format!("it has more than {MAXIMUM_COPY} bytes"))
            })?;
            std::fs::copy(&source, &target)?;
        } else if kind.is_symlink() {
            let leads = std::fs::read_link(&source)?;
            #[cfg(unix)]
            if leads.is_relative() && source.canonicalize().is_ok() {
                std::os::unix::fs::symlink(leads, &target)?;
            }
            #[cfg(not(unix))]
            drop(leads);
        }
    }
    Ok(())
}
