//! Sources in Git repositories of real servers: `git daemon`, OpenSSH's with a key of its own, and git's
//! http-backend with a certificate and a password of its own (`e2e/lib/git-server.py`).
//! Takes the checkout and these programs, gives a failure or nothing, needs no cluster.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Context, Failure};
use crate::report;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that ends with its owner.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(command: impl Fn(u16) -> Command) -> Result<Self, Failure> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(failed("a free port"))?.port();
        let mut child = command(port)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed("a server cannot be started"))?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = child.try_wait().ok().flatten();
            if ended.is_some() || begun.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Failure::of(format!("a server does not answer: {ended:?}")));
            }
            std::thread::yield_now();
        }
        Ok(Self { child, port })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failed(what: &str) -> impl Fn(std::io::Error) -> Failure {
    move |error| Failure::of(format!("{what}: {error}"))
}

/// What the run has.
struct Stage<'c> {
    context: &'c Context,
    /// Everything that is written.
    folder: PathBuf,
    /// The platform of a user.
    platform: PathBuf,
    daemon: Server,
    sshd: Server,
    https: Server,
    /// The certificate of the server for https.
    certificate: String,
    /// The socket of an ssh agent that holds the user's key, where one is to be asked.
    agent: Option<PathBuf>,
}

/// Who may read over https.
const LOGIN: (&str, &str) = ("ann", "a-password-that-nobody-sees");

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    let mut stage = Stage::new(context)?;
    report::step("git daemon, sshd and a server for https are up");
    let first = stage.commit("one", "v1.0.0")?;
    stage.a_source_over_ssh_needs_a_key()?;
    stage.the_definitions_own_key_opens_it(&first)?;
    let second = stage.commit("two", "v1.1.0")?;
    stage.a_range_is_locked(&second)?;
    stage.a_moved_tag_is_told(&second)?;
    stage.an_agent_and_known_hosts_open_it()?;
    stage.a_password_opens_https()?;
    stage.a_kustomization_has_remote_bases(&first)?;
    stage.generators_read_other_repositories()?;
    stage.a_vendored_commit_needs_nothing(&first)?;
    stage.the_cache_is_enough_without_servers()
}

impl<'c> Stage<'c> {
    fn new(context: &'c Context) -> Result<Self, Failure> {
        let folder = context.output.join("git");
        let platform = folder.join("platform");
        for path in [
            &folder,
            &folder.join("served"),
            &folder.join("home"),
            &platform,
        ] {
            std::fs::create_dir_all(path).map_err(failed("a folder"))?;
        }
        let served = folder.join("served");
        let programs = said(Command::new("git").arg("--exec-path"))?;
        let daemon = Server::start(|port| {
            let mut command = Command::new(Path::new(&programs).join("git-daemon"));
            command
                .args(["--export-all", "--reuseaddr", "--listen=127.0.0.1"])
                .arg(format!("--port={port}"))
                .arg(format!("--base-path={}", served.display()))
                .arg(&served);
            command
        })?;
        for key in ["host", "user"] {
            let file = folder.join(key);
            let mut command = Command::new("ssh-keygen");
            command
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(file);
            said(&mut command)?;
        }
        let authorized = folder.join("authorized_keys");
        std::fs::copy(folder.join("user.pub"), &authorized).map_err(failed("a key"))?;
        // The server must be started by its whole path, for it starts itself again.
        let program = ["/usr/sbin/sshd", "/usr/bin/sshd"]
            .into_iter()
            .find(|path| Path::new(path).is_file())
            .ok_or_else(|| Failure::of("sshd is missing: apt-get install openssh-server"))?;
        let sshd = Server::start(|port| {
            let mut command = Command::new(program);
            command
                .args([
                    "-D",
                    "-e",
                    "-f",
                    "/dev/null",
                    "-o",
                    "ListenAddress=127.0.0.1",
                ])
                .args([
                    "-o",
                    "StrictModes=no",
                    "-o",
                    "PidFile=none",
                    "-o",
                    "UsePAM=no",
                ])
                .args([
                    "-o",
                    "PasswordAuthentication=no",
                    "-o",
                    "PermitRootLogin=yes",
                ])
                .arg(format!("-oPort={port}"))
                .arg(format!("-oHostKey={}", folder.join("host").display()))
                .arg(format!("-oAuthorizedKeysFile={}", authorized.display()));
            command
        })?;
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])
            .map_err(|error| Failure::of(format!("a certificate: {error}")))?;
        let certificate = made.cert.pem();
        let (public, private) = (folder.join("server.pem"), folder.join("server.key"));
        std::fs::write(&public, &certificate).map_err(failed("a certificate"))?;
        std::fs::write(&private, made.signing_key.serialize_pem()).map_err(failed("a key"))?;
        let https = Server::start(|port| {
            let mut command = Command::new("python3");
            command
                .arg(context.repository.join("e2e/lib/git-server.py"))
                .arg(port.to_string())
                .args([&served, &public, &private])
                .env("GIT_SERVER_LOGIN", format!("{}:{}", LOGIN.0, LOGIN.1));
            command
        })?;
        let stage = Self {
            context,
            folder,
            platform,
            daemon,
            sshd,
            https,
            certificate,
            agent: None,
        };
        stage.repositories()?;
        Ok(stage)
    }

    /// Makes the served repository, its working tree, and the user's platform.
    fn repositories(&self) -> Result<(), Failure> {
        let bare = self.folder.join("served/app.git");
        git(
            &self.folder,
            &["init", "--quiet", "--bare", &bare.to_string_lossy()],
        )?;
        let tree = self.folder.join("tree");
        for folder in ["deploy", "base", "teams/blue", "teams/red"] {
            std::fs::create_dir_all(tree.join(folder)).map_err(failed("a folder"))?;
        }
        for (file, text) in [
            (
                "base/kustomization.yaml",
                "resources: [map.yaml]\nnamePrefix: based-\n",
            ),
            (
                "base/map.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\n",
            ),
            (
                "teams/blue/map.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: blue}\n",
            ),
            (
                "teams/red/map.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: red}\n",
            ),
        ] {
            std::fs::write(tree.join(file), text).map_err(failed("a file"))?;
        }
        git(&tree, &["init", "--quiet"])?;
        git(&tree, &["remote", "add", "origin", &bare.to_string_lossy()])?;
        self.write("environments/values.yaml", "repository: {url: https://git.example.org/platform.git, revision: main}\nservices: {}\n")?;
        self.write(
            "environments/values-e2e.yaml",
            "name: e2e\nfqdn: e2e.example.org\n",
        )?;
        self.write(
            "bootstrap/Chart.yaml",
            "apiVersion: v2\nname: bootstrap\nversion: 1.0.0\n",
        )?;
        self.write(
            "bootstrap/templates/root.yaml",
            &application(
                "platform",
                "https://git.example.org/platform.git",
                "main",
                "bootstrap",
            ),
        )
    }

    fn write(&self, path: &str, text: &str) -> Result<(), Failure> {
        let path = self.platform.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(failed("a folder"))?;
        }
        std::fs::write(path, text).map_err(failed("a file"))
    }

    /// Commits an object of this name and gives it this tag.
    fn commit(&self, name: &str, tag: &str) -> Result<String, Failure> {
        let tree = self.folder.join("tree");
        let object = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
        std::fs::write(tree.join("deploy/map.yaml"), object).map_err(failed("a file"))?;
        git(&tree, &["add", "--all"])?;
        git(
            &tree,
            &["commit", "--quiet", "--allow-empty", "--message=change"],
        )?;
        git(&tree, &["tag", "--force", tag])?;
        git(
            &tree,
            &[
                "push",
                "--quiet",
                "--force",
                "--tags",
                "origin",
                "HEAD:main",
            ],
        )?;
        git(&tree, &["rev-parse", "HEAD"])
    }

    fn over_ssh(&self) -> String {
        let user = std::env::var("USER").unwrap_or_else(|_| "root".to_owned());
        let path = self.folder.join("served/app.git");
        format!(
            "ssh://{user}@127.0.0.1:{}{}",
            self.sshd.port,
            path.display()
        )
    }

    fn source(&self, url: &str, revision: &str) -> Result<(), Failure> {
        let file = "bootstrap/templates/app.yaml";
        self.write(file, &application("app", url, revision, "deploy"))
    }

    /// Runs firstlight with a home of its own; gives whether it succeeded, and all that it said.
    fn firstlight(&self, arguments: &[&str]) -> Result<(bool, String), Failure> {
        let home = self.folder.join("home");
        let output = Command::new(&self.context.firstlight)
            .current_dir(&self.platform)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .envs((self.agent.iter()).map(|socket| ("SSH_AUTH_SOCK", socket)))
            .args(arguments)
            .output()
            .map_err(failed("firstlight"))?;
        let text = [output.stdout, output.stderr].concat();
        Ok((
            output.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        ))
    }

    fn expect(&self, arguments: &[&str], succeeds: bool, wanted: &[&str]) -> Result<(), Failure> {
        let (succeeded, text) = self.firstlight(arguments)?;
        let mut details: Vec<String> = wanted
            .iter()
            .filter(|wanted| !text.contains(**wanted))
            .map(|wanted| format!("it does not say: {wanted}"))
            .collect();
        if succeeded != succeeds {
            details.push(format!("it succeeded: {succeeded}"));
        }
        if text.contains("PRIVATE KEY") || text.contains(LOGIN.1) {
            details.push("it shows a private key, or a password".to_owned());
        }
        if !details.is_empty() {
            details.extend(text.lines().map(str::to_owned));
        }
        Failure::unless_empty(&format!("firstlight {}", arguments.join(" ")), details)
    }

    fn a_source_over_ssh_needs_a_key(&self) -> Result<(), Failure> {
        self.source(&self.over_ssh(), "main")?;
        let render = ["render", "e2e", "app"];
        self.expect(
            &render,
            false,
            &["the key of 127.0.0.1 is unknown", "ssh-keyscan"],
        )?;
        report::step("a server whose key nobody knows is not trusted");
        Ok(())
    }

    fn the_definitions_own_key_opens_it(&self, commit: &str) -> Result<(), Failure> {
        let key = std::fs::read_to_string(self.folder.join("user")).map_err(failed("a key"))?;
        let indented = key.replace('\n', "\n    ");
        let secret = |key: &str| {
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\n  namespace: argocd\n  labels: \
                 {{argocd.argoproj.io/secret-type: repository}}\nstringData:\n  url: {}\n  \
                 insecure: \"true\"\n{key}",
                self.over_ssh()
            )
        };
        let file = "bootstrap/templates/secret.yaml";
        self.write(file, &secret(""))?;
        let render = ["render", "e2e", "app"];
        self.expect(&render, false, &["asks for credentials", "ssh-add"])?;
        self.write(
            file,
            &secret(&format!("  sshPrivateKey: |\n    {indented}\n")),
        )?;
        self.expect(&render, true, &["name: one"])?;
        let lock = self.lock()?;
        if !lock.contains(commit) {
            return Err(Failure::of(format!("the lock lacks {commit}: {lock}")));
        }
        report::step("a source over ssh is read with the key of the repository's Secret");
        Ok(())
    }

    fn lock(&self) -> Result<String, Failure> {
        std::fs::read_to_string(self.platform.join("firstlight.lock")).map_err(failed("the lock"))
    }

    fn a_range_is_locked(&self, commit: &str) -> Result<(), Failure> {
        let url = format!("git://127.0.0.1:{}/app.git", self.daemon.port);
        self.source(&url, "^1")?;
        self.expect(&["lock"], true, &[&commit[..8]])?;
        self.commit("three", "v1.2.0")?;
        self.expect(&["render", "e2e", "app"], true, &["name: two"])?;
        report::step("a range of tags keeps its commit although there is a higher one");
        self.expect(&["lock", "--update"], true, &[&commit[..8], "->"])?;
        self.expect(&["render", "e2e", "app"], true, &["name: three"])
    }

    fn a_moved_tag_is_told(&self, commit: &str) -> Result<(), Failure> {
        let url = format!("git://127.0.0.1:{}/app.git", self.daemon.port);
        self.source(&url, "v1.1.0")?;
        self.expect(&["lock"], true, &[&commit[..8]])?;
        self.commit("four", "v1.1.0")?;
        let wanted = ["the tag v1.1.0 was moved", commit];
        self.expect(&["lock"], false, &wanted)?;
        self.expect(&["render", "e2e", "app"], true, &["name: two"])?;
        report::step("a moved tag is told, and the lock holds");
        Ok(())
    }

    /// The key of the server, as `argocd-ssh-known-hosts-cm` has it.
    fn known_hosts(&self, key: &str) -> String {
        let key = key.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-ssh-known-hosts-cm, namespace: \
             argocd}}\ndata:\n  ssh_known_hosts: \"[127.0.0.1]:{} {key}\"\n",
            self.sshd.port
        )
    }

    fn an_agent_and_known_hosts_open_it(&mut self) -> Result<(), Failure> {
        let (secret, hosts) = (
            "bootstrap/templates/secret.yaml",
            "bootstrap/templates/hosts.yaml",
        );
        self.write(secret, "")?;
        self.source(&self.over_ssh(), "refs/heads/main")?;
        let socket = self.folder.join("agent");
        let mut agent = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(failed("ssh-agent"))?;
        let begun = Instant::now();
        while !socket.exists() && begun.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
        let result = (|| {
            let mut add = Command::new("ssh-add");
            add.arg("-q").arg(self.folder.join("user"));
            said(add.env("SSH_AUTH_SOCK", &socket))?;
            self.agent = Some(socket.clone());
            let render = ["render", "e2e", "app"];
            let key = |name: &str| {
                std::fs::read_to_string(self.folder.join(name)).map_err(failed("a key"))
            };
            // Another key than that of the server.
            self.write(hosts, &self.known_hosts(&key("user.pub")?))?;
            self.expect(&render, false, &["the key of 127.0.0.1 is"])?;
            self.write(hosts, &self.known_hosts(&key("host.pub")?))?;
            self.expect(&render, true, &["name: four"])
        })();
        self.agent = None;
        let _ = agent.kill();
        let _ = agent.wait();
        result?;
        self.write(hosts, "")?;
        report::step(
            "a source over ssh is read with an agent's key, from hosts that the definition knows",
        );
        Ok(())
    }

    fn over_https(&self) -> String {
        format!("https://127.0.0.1:{}/app.git", self.https.port)
    }

    /// What the definition says about the server for https.
    fn login(&self, password: &str, trusted: bool) -> Result<(), Failure> {
        let (name, _) = LOGIN;
        let certificate = self.certificate.replace('\n', "\n    ");
        let authorities = if trusted {
            format!("data:\n  127.0.0.1: |\n    {certificate}\n")
        } else {
            String::new()
        };
        self.write(
            "bootstrap/templates/secret.yaml",
            &format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: argocd-tls-certs-cm, namespace: \
                 argocd}}\n{authorities}---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: all\n  \
                 namespace: argocd\n  labels: {{argocd.argoproj.io/secret-type: \
                 repo-creds}}\nstringData: {{url: 'https://127.0.0.1:{}', username: {name}, password: \
                 {password}}}\n",
                self.https.port
            ),
        )
    }

    fn a_password_opens_https(&self) -> Result<(), Failure> {
        let render = ["render", "e2e", "app"];
        self.source(&self.over_https(), "refs/heads/main")?;
        self.login(LOGIN.1, false)?;
        self.expect(&render, false, &["certificate"])?;
        self.login("wrong", true)?;
        let refused = "does not accept the credentials of the repository's Secret";
        self.expect(&render, false, &[refused])?;
        self.login(LOGIN.1, true)?;
        self.expect(&render, true, &["name: four"])?;
        report::step(
            "a source over https is read with the password of a prefix's Secret, and its certificate",
        );
        Ok(())
    }

    fn a_kustomization_has_remote_bases(&self, first: &str) -> Result<(), Failure> {
        let base = format!("{}//base?ref=v1.0.0&timeout=60", self.over_https());
        self.write(
            "services/kustomized/kustomization.yaml",
            &format!("resources: ['{base}']\nnameSuffix: -here\n"),
        )?;
        self.write(
            "bootstrap/templates/kustomized.yaml",
            &application(
                "kustomized",
                "https://git.example.org/platform.git",
                "main",
                "services/kustomized",
            ),
        )?;
        let render = ["render", "e2e", "kustomized"];
        self.expect(&render, true, &["name: based-map-here"])?;
        let lock = self.lock()?;
        for wanted in ["for: kustomize", "revision: v1.0.0", first] {
            if !lock.contains(wanted) {
                return Err(Failure::of(format!("the lock lacks {wanted}: {lock}")));
            }
        }
        report::step("a remote base of a kustomization is fetched, locked and built");
        Ok(())
    }

    fn generators_read_other_repositories(&self) -> Result<(), Failure> {
        let url = format!("git://127.0.0.1:{}/app.git", self.daemon.port);
        let set = format!(
            "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: teams, namespace: argocd}}
spec:
  generators:
    - git: {{repoURL: '{url}', revision: main, directories: [{{path: teams/*}}]}}
  template:
    metadata: {{name: 'team-{{{{`{{{{path.basename}}}}`}}}}'}}
    spec:
      project: default
      source: {{repoURL: '{url}', targetRevision: main, path: '{{{{`{{{{path}}}}`}}}}'}}
      destination: {{server: https://kubernetes.default.svc, namespace: teams}}
"
        );
        self.write("bootstrap/templates/teams.yaml", &set)?;
        self.expect(&["render", "e2e", "team-blue"], true, &["name: blue"])?;
        self.expect(&["render", "e2e", "team-red"], true, &["name: red"])?;
        report::step(
            "an ApplicationSet makes an Application for each directory of another repository",
        );
        Ok(())
    }

    /// Vendors everything, and reads it with another home and without servers.
    fn a_vendored_commit_needs_nothing(&self, first: &str) -> Result<(), Failure> {
        let url = format!("git://127.0.0.1:{}/app.git", self.daemon.port);
        self.source(&url, "v1.0.0")?;
        let pack = format!("vendor/repositories/{first}.pack");
        self.expect(&["vendor", "e2e"], true, &[&pack])?;
        let (home, aside) = (self.folder.join("home"), self.folder.join("aside"));
        std::fs::rename(&home, &aside).map_err(failed("a folder"))?;
        std::fs::create_dir(&home).map_err(failed("a folder"))?;
        let offline = |service| ["render", "e2e", service, "--offline"];
        let result = self
            .expect(&offline("app"), true, &["name: one"])
            .and_then(|()| self.expect(&offline("kustomized"), true, &["name: based-map-here"]))
            .and_then(|()| self.expect(&offline("team-red"), true, &["name: red"]))
            .and_then(|()| {
                let path = self.platform.join(&pack);
                let mut bytes = std::fs::read(&path).map_err(failed("a pack"))?;
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(&path, bytes).map_err(failed("a pack"))?;
                std::fs::remove_dir_all(&home).map_err(failed("a folder"))?;
                std::fs::create_dir(&home).map_err(failed("a folder"))?;
                self.expect(&offline("app"), false, &["is no pack with the objects"])
            });
        std::fs::remove_dir_all(&home).map_err(failed("a folder"))?;
        std::fs::rename(&aside, &home).map_err(failed("a folder"))?;
        result?;
        std::fs::remove_dir_all(self.platform.join("vendor")).map_err(failed("a folder"))?;
        self.source(&url, "v1.1.0")?;
        report::step(
            "vendored commits need neither servers nor cache, and one that was changed is refused",
        );
        Ok(())
    }

    fn the_cache_is_enough_without_servers(&mut self) -> Result<(), Failure> {
        for server in [&mut self.daemon, &mut self.sshd, &mut self.https] {
            let _ = server.child.kill();
            let _ = server.child.wait();
        }
        self.expect(&["render", "e2e", "app", "--offline"], true, &["name: two"])?;
        self.expect(&["render", "e2e", "app"], true, &["name: two"])?;
        self.expect(&["lock"], false, &["127.0.0.1 cannot be reached"])?;
        report::step("what was fetched once needs no server");
        Ok(())
    }
}

/// Runs git as nobody in particular.
fn git(directory: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .args(["-c", "user.name=e2e", "-c", "user.email=e2e@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null");
    said(&mut command)
}

/// Runs a program that must succeed and returns what it printed.
fn said(command: &mut Command) -> Result<String, Failure> {
    let output = command.output().map_err(failed("a program"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::of(format!("{command:?}: {complaint}")))
}

fn application(name: &str, url: &str, revision: &str, path: &str) -> String {
    let helm = match name {
        "platform" => {
            "\n    helm: {valueFiles: [../environments/values.yaml, \
             ../environments/values-e2e.yaml]}"
        }
        _ => "",
    };
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  project: default
  source:
    repoURL: '{url}'
    targetRevision: '{revision}'
    path: {path}{helm}
  destination: {{server: https://kubernetes.default.svc, namespace: argocd}}
"
    )
}
