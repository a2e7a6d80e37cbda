//! Applications against Argo CD's own repo-server: every Application of `e2e/sources/`, which a real
//! `git daemon` serves (and git's http-backend, for remote bases), is rendered by the repository service of Argo CD (`e2e/repo-server`) and by
//! firstlight; objects with their tracking metadata are equal, or both refuse. Takes the checkout,
//! needs no cluster.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Context, Failure};
use crate::command::Command;
use crate::manifest;
use crate::report;
use crate::wait::{self, TooLate};

/// The environments: three with another way of tracking each, and two in which `argocd-cm` says
/// something about the tools.
const ENVIRONMENTS: &[&str] = &["annotation", "label", "both", "tools", "without"];

/// The environment whose Applications are all fine, but for what their projects forbid.
const PROJECTS: &str = "projects";

/// The files that name the servers.
const WITH_ADDRESSES: &[&str] = &[
    "environments/values.yaml",
    "bootstrap/applications/remote.yaml",
    "kustomize/remote/kustomization.yaml",
    "kustomize/remote-component/kustomization.yaml",
    "kustomize/remote-refused/gone/kustomization.yaml",
    "kustomize/remote-refused/folder/kustomization.yaml",
    "kustomize/remote-refused/file/kustomization.yaml",
    "kustomize/remote-refused/circle/kustomization.yaml",
    "kustomize/remote-refused/outside/kustomization.yaml",
];

/// Applications of this name must be refused, others must not.
const REFUSED: &str = "refused-";

/// What no chart of the test needs more of.
const API_VERSIONS: &[&str] = &["v1", "apps/v1", "example.org/v1", "example.org/v1/Widget"];

/// The kinds of the test that have no namespace.
const CLUSTER_SCOPED: &[&str] = &[
    "/Namespace",
    "apiextensions.k8s.io/CustomResourceDefinition",
    "rbac.authorization.k8s.io/ClusterRole",
    "rbac.authorization.k8s.io/ClusterRoleBinding",
];

pub(crate) fn run(context: &mut Context) -> Result<(), Failure> {
    let origin = Origin::new(context)?;
    let mut told = Vec::new();
    for environment in ENVIRONMENTS {
        let (applications, answers) = origin.answers(environment)?;
        let found = origin.render(context, environment, &applications)?;
        let (mut equal, mut refused) = (0, 0);
        for ((application, answer), found) in applications.iter().zip(&answers).zip(found) {
            let name = text(&application["metadata"]["name"]);
            let before = told.len();
            let differences = compare(name, answer, found);
            told.extend(
                differences
                    .iter()
                    .map(|line| format!("{environment} {name}: {line}")),
            );
            match told.len() == before {
                true if name.starts_with(REFUSED) => refused += 1,
                true => equal += 1,
                false => {}
            }
        }
        report::step(&format!(
            "{environment}: {equal} Applications equal, {refused} refused by both, of {}",
            applications.len()
        ));
    }
    told.extend(origin.forbidden(context)?);
    Failure::unless_empty("firstlight renders something else than Argo CD", told)
}

/// Returns what differs between Argo CD's answer for one Application and firstlight's.
fn compare(name: &str, answer: &Value, found: Result<Vec<Value>, String>) -> Vec<String> {
    let error = answer["error"].as_str();
    match (error, found) {
        (Some(_), Err(_)) if name.starts_with(REFUSED) => Vec::new(),
        (Some(error), Err(message)) => {
            vec![format!(
                "both refuse, which is not expected: {error}; {message}"
            )]
        }
        (Some(error), Ok(found)) => vec![format!(
            "Argo CD refuses ({error}), firstlight renders {} objects",
            found.len()
        )],
        (None, Err(message)) => vec![format!("firstlight refuses: {message}")],
        (None, Ok(_)) if name.starts_with(REFUSED) => vec!["nobody refuses it".to_owned()],
        (None, Ok(mut found)) => {
            let expected = answer["manifests"].as_array().into_iter().flatten();
            // Tests of charts are rendered by Argo CD and applied by nobody.
            let expected: Vec<Value> = expected.filter(|each| !is_test(each)).cloned().collect();
            for manifest in &mut found {
                // Hooks that give only a prefix get their name when they run.
                if let Some(metadata) = manifest["metadata"].as_object_mut()
                    && metadata.contains_key("generateName")
                {
                    metadata.remove("name");
                }
            }
            manifest::differences(&expected, &found)
        }
    }
}

fn is_test(manifest: &Value) -> bool {
    let hook = &manifest["metadata"]["annotations"]["helm.sh/hook"];
    matches!(
        hook.as_str(),
        Some("test" | "test-success" | "test-failure")
    )
}

/// The repository, being served.
struct Origin {
    folder: PathBuf,
    /// Where `helm` is Helm 3, as in Argo CD's image.
    tools: PathBuf,
    daemon: Child,
    web: Child,
}

impl Drop for Origin {
    fn drop(&mut self) {
        // They may have ended by themselves.
        for server in [&mut self.daemon, &mut self.web] {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Origin {
    fn new(context: &Context) -> Result<Self, Failure> {
        let folder = context.output.join("sources");
        let written = |path: &Path, error: std::io::Error| {
            Failure::of(format!("failed to write {}: {error}", path.display()))
        };
        std::fs::create_dir_all(&folder).map_err(|error| written(&folder, error))?;
        let from = context.repository.join("e2e/sources");
        Command::new("cp")
            .arg("-RT")
            .arg(from)
            .arg(&folder)
            .text()?;
        let (port, web_port) = (free_port()?, free_port()?);
        for file in WITH_ADDRESSES {
            let file = folder.join(file);
            let before = std::fs::read_to_string(&file).map_err(|error| written(&file, error))?;
            let after = before
                .replace("127.0.0.1:9418", &format!("127.0.0.1:{port}"))
                .replace("127.0.0.1:9419", &format!("127.0.0.1:{web_port}"));
            std::fs::write(&file, after).map_err(|error| written(&file, error))?;
        }
        for words in [
            &["init", "--quiet", "--initial-branch", "main"][..],
            &["add", "--all", "--force"],
            &["commit", "--quiet", "--message", "Sources"],
        ] {
            Command::new("git")
                .args([
                    "-c",
                    "user.name=Sources",
                    "-c",
                    "user.email=sources@example.org",
                ])
                .args(["-c", "commit.gpgsign=false"])
                .args(words)
                .folder(&folder)
                .variable("GIT_CONFIG_GLOBAL", "/dev/null")
                .text()?;
        }
        let tools = context.output.join("helm3");
        std::fs::create_dir_all(&tools).map_err(|error| written(&tools, error))?;
        let helm = Command::new("which").arg("helm3").text()?;
        std::os::unix::fs::symlink(helm.trim(), tools.join("helm"))
            .map_err(|error| written(&tools, error))?;
        let served = context.output.join("served");
        std::fs::create_dir_all(&served).map_err(|error| written(&served, error))?;
        let page = served.join("remote.yaml");
        let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: by-http}\n";
        std::fs::write(&page, object).map_err(|error| written(&page, error))?;
        Command::new("git")
            .args(["clone", "--quiet", "--bare"])
            .arg(&folder)
            .arg(served.join("sources.git"))
            .text()?;
        let web = serve_web(&context.repository, &served, web_port)?;
        let daemon = match serve(&context.output, &folder, port) {
            Ok(daemon) => daemon,
            Err(error) => {
                end(web);
                return Err(error);
            }
        };
        Ok(Self {
            folder,
            tools,
            daemon,
            web,
        })
    }

    /// Returns the Applications of an environment, and what Argo CD makes of each.
    fn answers(&self, environment: &str) -> Result<(Vec<Value>, Vec<Value>), Failure> {
        let text = Command::new("helm")
            .args(["template", "root", "bootstrap", "--namespace", "argocd"])
            .args(["--values", "environments/values.yaml", "--values"])
            .arg(format!("environments/values-{environment}.yaml"))
            .folder(&self.folder)
            .text()?;
        let all = manifest::from_yaml(&text)?;
        let of_kind = |kind: &str| -> Vec<Value> {
            let one = all.iter().filter(|each| each["kind"] == kind);
            one.filter(|each| each["spec"]["source"]["path"] != "bootstrap")
                .cloned()
                .collect()
        };
        let (applications, projects) = (of_kind("Application"), of_kind("AppProject"));
        let configuration = Command::new("helm")
            .args(["template", "argocd", "services/argocd", "--set"])
            .arg(format!("environment={environment}"))
            .folder(&self.folder)
            .text()?;
        let configuration = manifest::from_yaml(&configuration)?;
        let path = std::env::var("PATH").unwrap_or_default();
        let request = json!({
            "applications": applications,
            "projects": projects,
            "configuration": configuration[0]["data"],
            "kubeVersion": "1.34.0",
            "apiVersions": API_VERSIONS,
            "clusterScoped": CLUSTER_SCOPED,
        });
        let answers = Command::new("repo-server")
            .variable("PATH", format!("{}:{path}", self.tools.display()))
            // Neither this machine's settings nor its network have a say.
            .variable("HOME", &self.tools)
            .variable("ARGOCD_EXEC_TIMEOUT", "60s")
            .input(request.to_string())
            .json()?;
        match answers {
            Value::Array(answers) if answers.len() == applications.len() => {
                Ok((applications, answers))
            }
            _ => Err(Failure::of(
                "repo-server did not answer for each Application",
            )),
        }
    }

    /// Returns what firstlight makes of Applications: objects, or what it says of them.
    fn render(
        &self,
        context: &Context,
        environment: &str,
        applications: &[Value],
    ) -> Result<Vec<Result<Vec<Value>, String>>, Failure> {
        let folder = context.output.join(format!("rendered-{environment}"));
        let output = Command::new(&context.firstlight)
            .args(["render", environment, "--tracking", "--format", "json"])
            .arg("--output")
            .arg(&folder)
            .folder(&self.folder)
            .variable("XDG_CACHE_HOME", context.output.join("cache"))
            .output()?;
        // 3 is what a service that cannot be rendered gives, others are no refusals.
        if !matches!(output.code, 0 | 3) {
            let what = format!("firstlight ended with {}: {}", output.code, output.stderr);
            return Err(Failure::of(what));
        }
        let name_of = |application: &Value| text(&application["metadata"]["name"]).to_owned();
        let rendered = applications.iter().map(|application| {
            let name = name_of(application);
            let folder = folder.join(&name);
            if folder.is_dir() {
                return objects(&folder);
            }
            let about = output.stderr.lines().find(|line| {
                let mut words = line.split(|at: char| at.is_whitespace() || at == ':');
                words.any(|word| word == name)
            });
            Err(about.unwrap_or("it says nothing of it").to_owned())
        });
        Ok(rendered.collect())
    }

    /// Returns what differs in what projects forbid.
    fn forbidden(&self, context: &Context) -> Result<Vec<String>, Failure> {
        let (applications, answers) = self.answers(PROJECTS)?;
        let plan = Command::new(&context.firstlight)
            .args(["plan", PROJECTS, "--format", "json"])
            .folder(&self.folder)
            .output()?;
        let plan: Value = serde_json::from_str(&plan.stdout)?;
        let mut told = Vec::new();
        let (mut objects, mut refused) = (0, 0);
        for (application, answer) in applications.iter().zip(&answers) {
            let name = text(&application["metadata"]["name"]);
            let findings = plan["findings"].as_array().into_iter().flatten();
            let (about_objects, about_it): (Vec<&Value>, Vec<&Value>) = findings
                .filter(|each| {
                    let code = text(&each["code"]);
                    matches!(code, "project-forbids" | "missing-project") && each["service"] == name
                })
                .partition(|each| each["object"].is_object());
            if answer["error"].is_string() == about_it.is_empty() {
                told.push(format!(
                    "{PROJECTS} {name}: Argo CD says {}, firstlight {about_it:?}",
                    answer["error"]
                ));
            }
            if answer["error"].is_string() {
                refused += 1;
                continue;
            }
            let mut wanted: Vec<String> = strings(&answer["forbidden"]);
            let mut found: Vec<String> = about_objects
                .iter()
                .map(|each| identity(&each["object"]))
                .collect();
            wanted.sort();
            found.sort();
            objects += wanted.len();
            if wanted != found {
                told.push(format!(
                    "{PROJECTS} {name}: its project forbids {wanted:?}, firstlight says {found:?}"
                ));
            }
        }
        report::step(&format!(
            "{PROJECTS}: {objects} objects and {refused} Applications forbidden, of {}",
            applications.len()
        ));
        Ok(told)
    }
}

fn free_port() -> Result<u16, Failure> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let free = free.map_err(|error| Failure::of(format!("no port is free: {error}")))?;
    Ok(free.port())
}

fn serve_web(repository: &Path, folder: &Path, port: u16) -> Result<Child, Failure> {
    let server = std::process::Command::new("python3")
        .arg(repository.join("e2e/lib/git-server.py"))
        .arg(port.to_string())
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Failure::of(format!("failed to start a web server: {error}")))?;
    answering("the web server", server, port)
}

/// Waits until a server answers.
fn answering(name: &str, server: Child, port: u16) -> Result<Child, Failure> {
    let answered = wait::until::<(), TooLate>(name, Duration::from_secs(10), || {
        Ok(TcpStream::connect(("127.0.0.1", port))
            .map(drop)
            .map_err(|error| error.to_string()))
    });
    if let Err(error) = answered {
        end(server);
        return Err(error.into());
    }
    Ok(server)
}

fn end(mut server: Child) {
    let _ = server.kill();
    let _ = server.wait();
}

fn serve(base: &Path, folder: &Path, port: u16) -> Result<Child, Failure> {
    // The program itself: `git daemon` would start it as a child that outlives it.
    let programs = Command::new("git").arg("--exec-path").text()?;
    let daemon = std::process::Command::new(Path::new(programs.trim()).join("git-daemon"))
        .args(["--reuseaddr", "--export-all", "--listen=127.0.0.1"])
        .arg(format!("--port={port}"))
        .arg(format!("--interpolated-path={}", folder.display()))
        .arg(format!("--base-path={}", base.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| Failure::of(format!("failed to start git daemon: {error}")))?;
    answering("git daemon", daemon, port)
}

/// Reads the objects that were written for a service.
fn objects(folder: &Path) -> Result<Vec<Value>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut objects = Vec::new();
    for entry in entries.flatten() {
        let text = std::fs::read_to_string(entry.path()).map_err(|error| error.to_string())?;
        objects.push(serde_json::from_str(&text).map_err(|error| error.to_string())?);
    }
    Ok(objects)
}

/// Returns an object's identity in the words of `repo-server`.
fn identity(object: &Value) -> String {
    format!(
        "{} {} {}/{}",
        text(&object["apiVersion"]),
        text(&object["kind"]),
        text(&object["namespace"]),
        text(&object["name"])
    )
}

fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.map(|item| text(item).to_owned()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
