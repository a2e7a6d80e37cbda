//! Real servers of charts on this machine's loopback: Debian's docker-registry with encryption and a
//! password, and Debian's nginx with plain files. They stop when they are dropped.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use super::authority::Authority;
use super::error::{ChartsError, write};
use crate::wait::{self, TooLate};

/// Who may read the charts.
pub(super) const USER: &str = "reader";

/// A server as a process.
#[derive(Debug)]
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A registry.
#[derive(Debug)]
pub(super) struct Registry {
    /// Host and port.
    pub(super) address: String,
    /// Where its content lies.
    pub(super) storage: PathBuf,
    _server: Server,
}

/// Web servers with files: one that everybody may read, one with a password, and one at another
/// address to which the second one redirects.
#[derive(Debug)]
pub(super) struct Shelves {
    /// The address of the open one.
    pub(super) open: String,
    /// The address of the one with a password. What lies below `/moved` is redirected elsewhere.
    pub(super) closed: String,
    /// Where the files of the open one lie.
    pub(super) open_files: PathBuf,
    /// Where the files of the closed one lie.
    pub(super) closed_files: PathBuf,
    /// Where the files lie that are elsewhere.
    pub(super) elsewhere_files: PathBuf,
    log: PathBuf,
    _server: Server,
}

/// One request that a web server answered.
#[derive(Debug)]
pub(super) struct Request {
    /// `open`, `closed` or `elsewhere`.
    pub(super) server: String,
    /// The status of the answer.
    pub(super) status: u16,
    /// The path.
    pub(super) path: String,
    /// Whether it carried credentials.
    pub(super) authorized: bool,
}

impl Registry {
    /// Starts a registry that wants this password.
    pub(super) fn start(
        folder: &Path,
        authority: &Authority,
        users: &Path,
    ) -> Result<Self, ChartsError> {
        let port = free_port("127.0.0.1")?;
        let address = format!("127.0.0.1:{port}");
        let storage = folder.join("registry");
        let configuration = folder.join("registry.yml");
        let text = format!(
            "version: 0.1
storage: {{filesystem: {{rootdirectory: {storage}}}}}
http:
  addr: {address}
  secret: of-this-run-alone
  tls: {{certificate: {certificate}, key: {key}}}
auth: {{htpasswd: {{realm: charts, path: {users}}}}}
",
            storage = storage.display(),
            certificate = authority.server_certificate.display(),
            key = authority.server_key.display(),
            users = users.display(),
        );
        write(&configuration, text)?;
        let words = ["serve".into(), configuration.into_os_string()];
        let log = folder.join("registry.log");
        let server = start("docker-registry", &words, &log, &address)?;
        Ok(Self {
            address,
            storage,
            _server: server,
        })
    }
}

impl Shelves {
    /// Starts the web servers.
    pub(super) fn start(folder: &Path, users: &Path) -> Result<Self, ChartsError> {
        let open = format!("127.0.0.1:{}", free_port("127.0.0.1")?);
        let closed = format!("127.0.0.1:{}", free_port("127.0.0.1")?);
        // Another host, not only another port.
        let elsewhere = format!("127.0.0.2:{}", free_port("127.0.0.2")?);
        let files = |name: &str| -> Result<PathBuf, ChartsError> {
            let path = folder.join(name);
            std::fs::create_dir_all(&path).map_err(ChartsError::file(&path))?;
            Ok(path)
        };
        let log = folder.join("web.log");
        let (open_files, closed_files) = (files("open")?, files("closed")?);
        let elsewhere_files = files("elsewhere")?;
        let text = format!(
            "daemon off;
master_process off;
pid {folder}/web.pid;
error_log {folder}/web-error.log;
events {{}}
http {{
  default_type application/octet-stream;
  log_format who '$server_name $status $uri $http_authorization';
  access_log {log} who;
  client_body_temp_path {folder}/web-body;
  proxy_temp_path {folder}/web-proxy;
  fastcgi_temp_path {folder}/web-fastcgi;
  uwsgi_temp_path {folder}/web-uwsgi;
  scgi_temp_path {folder}/web-scgi;
  server {{ listen {open}; server_name open; root {open_files}; }}
  server {{
    listen {closed};
    server_name closed;
    root {closed_files};
    auth_basic charts;
    auth_basic_user_file {users};
    location /moved/ {{ return 302 http://{elsewhere}$uri; }}
  }}
  server {{ listen {elsewhere}; server_name elsewhere; root {elsewhere_files}; }}
}}
",
            folder = folder.display(),
            log = log.display(),
            users = users.display(),
            open_files = open_files.display(),
            closed_files = closed_files.display(),
            elsewhere_files = elsewhere_files.display(),
        );
        let configuration = folder.join("web.conf");
        write(&configuration, text)?;
        let words = [
            "-p".into(),
            folder.into(),
            "-e".into(),
            folder.join("web-error.log").into_os_string(),
            "-c".into(),
            configuration.into_os_string(),
        ];
        let server = start("nginx", &words, &folder.join("web-output.log"), &open)?;
        Ok(Self {
            open: format!("http://{open}"),
            closed: format!("http://{closed}"),
            open_files,
            closed_files,
            elsewhere_files,
            log,
            _server: server,
        })
    }

    /// Returns what was asked for since the beginning.
    pub(super) fn requests(&self) -> Result<Vec<Request>, ChartsError> {
        let text = std::fs::read_to_string(&self.log).map_err(ChartsError::file(&self.log))?;
        Ok(text
            .lines()
            .filter_map(|line| {
                let mut words = line.split(' ');
                Some(Request {
                    server: words.next()?.to_owned(),
                    status: words.next()?.parse().ok()?,
                    path: words.next()?.to_owned(),
                    authorized: words.next().is_some_and(|word| word != "-"),
                })
            })
            .collect())
    }
}

/// Writes the file of those who may read, in the form of htpasswd.
pub(super) fn users(folder: &Path, password: &str) -> Result<PathBuf, ChartsError> {
    /// Whoever reads the file may know the password: it belongs to this run.
    const COST: u32 = 4;
    let path = folder.join("users");
    // docker-registry and nginx both know it by this letter.
    let hash = bcrypt::hash_with_result(password, COST)?.format_for_version(bcrypt::Version::TwoY);
    write(&path, format!("{USER}:{hash}\n"))?;
    Ok(path)
}

/// Returns a port that nobody uses now.
fn free_port(address: &str) -> Result<u16, ChartsError> {
    let bound = TcpListener::bind((address, 0)).and_then(|socket| socket.local_addr());
    Ok(bound.map_err(ChartsError::Port)?.port())
}

/// Starts a server and waits until it takes connections.
fn start(
    program: &str,
    words: &[std::ffi::OsString],
    log: &Path,
    address: &str,
) -> Result<Server, ChartsError> {
    let file = std::fs::File::create(log).map_err(ChartsError::file(log))?;
    let output = file.try_clone().map_err(ChartsError::file(log))?;
    let child = std::process::Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(file)
        .spawn()
        .map_err(|source| ChartsError::Server {
            program: program.to_owned(),
            source,
        })?;
    let server = Server(child);
    wait::until::<(), TooLate>(program, Duration::from_secs(20), || {
        Ok(TcpStream::connect(address)
            .map(drop)
            .map_err(|error| format!("{error}; its output: {}", log.display())))
    })?;
    Ok(server)
}
