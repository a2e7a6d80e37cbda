//! Who logs in where: takes the configuration files of Helm and Docker, gives the login of one
//! origin, runs a credential helper only where such a file names it for that registry, never shows
//! what the files hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine as _;
use reqwest::Url;
use serde_json::Value;

use super::error::FetchError;
use super::helper;
use super::secret::Secret;
use super::settings::FetchSettings;

/// No configuration file is larger.
const MAXIMUM_BYTES: u64 = 4 * 1024 * 1024;

/// How Docker calls its own registry in its configuration.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// How somebody shows who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// A name and a password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A token that is exchanged for others.
    Identity(Secret),
    /// A token that is shown as it is.
    Bearer(Secret),
}

/// One repository of Helm's `repositories.yaml`.
#[derive(Debug, Clone)]
pub(super) struct KnownRepository {
    pub(super) name: String,
    pub(super) url: Url,
    pub(super) login: Option<Login>,
    pub(super) tls: TlsFiles,
}

/// Files for the encryption to one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TlsFiles {
    /// Whom to trust besides the system's authorities.
    pub(super) authorities: Option<PathBuf>,
    /// The client's own certificate with its key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

/// The configuration files, read when they are first needed.
#[derive(Debug)]
pub(super) struct Credentials {
    settings: FetchSettings,
    repositories: OnceLock<Result<Vec<KnownRepository>, FetchError>>,
    registries: OnceLock<Result<Vec<RegistryFile>, FetchError>>,
}

/// One `config.json`.
#[derive(Debug)]
struct RegistryFile {
    path: String,
    /// Logins by host; nothing stands for one that cannot be read.
    logins: BTreeMap<String, Option<Login>>,
    helpers: BTreeMap<String, String>,
    store: Option<String>,
}

impl Credentials {
    pub(super) fn new(settings: &FetchSettings) -> Self {
        Self {
            settings: settings.clone(),
            repositories: OnceLock::new(),
            registries: OnceLock::new(),
        }
    }

    /// Returns the repositories that Helm knows.
    pub(super) fn repositories(&self) -> Result<&[KnownRepository], FetchError> {
        let read = || match &self.settings.repository_config {
            Some(path) => read_repositories(path),
            None => Ok(Vec::new()),
        };
        match self.repositories.get_or_init(read) {
            Ok(repositories) => Ok(repositories),
            Err(error) => Err(error.clone()),
        }
    }

    /// Returns the address of a repository by Helm's name for it.
    pub(super) fn alias(&self, name: &str) -> Result<Url, FetchError> {
        let known = self.repositories()?.iter().find(|known| known.name == name);
        known.map(|known| known.url.clone()).ok_or_else(|| {
            let file = self.settings.repository_config.as_ref();
            FetchError::UnknownAlias {
                alias: name.to_owned(),
                file: file.map_or("repositories.yaml".to_owned(), |file| {
                    file.display().to_string()
                }),
            }
        })
    }

    /// Returns the repository that an address belongs to: same origin, and the longest path.
    pub(super) fn repository_of(&self, url: &Url) -> Result<Option<&KnownRepository>, FetchError> {
        let below = |known: &KnownRepository| {
            let path = known.url.path().trim_end_matches('/');
            url.path()
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let repositories = self.repositories()?.iter();
        Ok(repositories
            .filter(|known| known.url.origin() == url.origin() && below(known))
            .max_by_key(|known| known.url.path().len()))
    }

    /// Returns the files for the encryption to an origin.
    pub(super) fn tls_of(&self, url: &Url) -> Result<TlsFiles, FetchError> {
        if url.scheme() != "https" {
            return Ok(TlsFiles::default());
        }
        Ok(self
            .repository_of(url)?
            .map(|known| known.tls.clone())
            .unwrap_or_default())
    }

    /// Returns the login to a registry: Helm's own first, then Docker's. Programs that a file names
    /// for the registry are run.
    pub(super) async fn registry(&self, host: &str) -> Result<Option<Login>, FetchError> {
        let read = || {
            let files = [&self.settings.registry_config, &self.settings.docker_config];
            files
                .into_iter()
                .flatten()
                .filter_map(|path| read_registries(path).transpose())
                .collect()
        };
        let files: &Result<Vec<RegistryFile>, FetchError> = self.registries.get_or_init(read);
        let files = files.as_ref().map_err(Clone::clone)?;
        let key = normal_host(host);
        for file in files {
            let program = file.helpers.get(&key).or(file.store.as_ref());
            if let Some(name) = program {
                let address = if key == normal_host(DOCKER_HUB) {
                    DOCKER_HUB
                } else {
                    host
                };
                let asked = helper::Question {
                    name,
                    file: &file.path,
                    address,
                };
                if let Some(login) = helper::ask(&asked).await? {
                    return Ok(Some(login));
                }
            }
            match file.logins.get(&key) {
                Some(Some(login)) => return Ok(Some(login.clone())),
                Some(None) => {
                    let cause = format!("the login to {host} cannot be read");
                    return Err(wrong(Path::new(&file.path), cause));
                }
                None => {}
            }
        }
        Ok(None)
    }
}

fn wrong(path: &Path, cause: impl Into<String>) -> FetchError {
    FetchError::Configuration {
        file: path.display().to_string(),
        cause: cause.into(),
    }
}

/// Returns what stands in a file; nothing where there is none.
fn read(path: &Path) -> Result<Option<String>, FetchError> {
    use std::io::{ErrorKind, Read as _};
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(wrong(path, error.to_string())),
    };
    let mut text = String::new();
    file.take(MAXIMUM_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| wrong(path, error.to_string()))?;
    if text.len() as u64 > MAXIMUM_BYTES {
        return Err(wrong(
            path,
            format!("it is larger than {MAXIMUM_BYTES} bytes"),
        ));
    }
    Ok(Some(text))
}

fn read_repositories(path: &Path) -> Result<Vec<KnownRepository>, FetchError> {
    let Some(text) = read(path)? else {
        return Ok(Vec::new());
    };
    // The reader's words may quote the line, and the line may hold a password.
    let document = goyaml::parse(&text)
        .map_err(|error| wrong(path, format!("it is not valid YAML (line {})", error.line)))?
        .to_json();
    let entries = document.get("repositories").and_then(Value::as_array);
    let mut known = Vec::new();
    for entry in entries.into_iter().flatten() {
        let text = |key: &str| {
            let text = entry.get(key).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (Some(name), Some(address)) = (text("name"), text("url")) else {
            continue;
        };
        let Ok(mut url) = Url::parse(&address) else {
            continue;
        };
        let (mut user, mut password) = (text("username"), text("password"));
        // Helm takes a login from the address, too.
        if user.is_none() && !url.username().is_empty() {
            user = Some(url.username().to_owned());
            password = url.password().map(str::to_owned);
        }
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let file = |key: &str| text(key).map(PathBuf::from);
        known.push(KnownRepository {
            name,
            url,
            login: user.zip(password).map(|(user, password)| Login::Password {
                user,
                password: Secret::new(password),
            }),
            tls: TlsFiles {
                authorities: file("caFile"),
                identity: file("certFile").zip(file("keyFile")),
            },
        });
    }
    Ok(known)
}

fn read_registries(path: &Path) -> Result<Option<RegistryFile>, FetchError> {
    let Some(text) = read(path)? else {
        return Ok(None);
    };
    if text.trim().is_empty() {
        return Ok(None);
    }
    let document: Value = serde_json::from_str(&text).map_err(|error| {
        wrong(
            path,
            format!("it is not valid JSON (line {})", error.line()),
        )
    })?;
    let mut file = RegistryFile {
        path: path.display().to_string(),
        logins: BTreeMap::new(),
        helpers: BTreeMap::new(),
        store: document
            .get("credsStore")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
    };
    let table = |key: &str| {
        document
            .get(key)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
    };
    for (host, name) in table("credHelpers") {
        if let Some(name) = name.as_str() {
            file.helpers.insert(normal_host(host), name.to_owned());
        }
    }
    for (host, entry) in table("auths") {
        // The first of several spellings of a host wins.
        match login_of(entry) {
            Ok(None) => {}
            Ok(login) => {
                file.logins.entry(normal_host(host)).or_insert(login);
            }
            Err(Unreadable) => {
                file.logins.entry(normal_host(host)).or_insert(None);
            }
        }
    }
    Ok(Some(file))
}

/// An entry that cannot be read. What it holds is not told.
struct Unreadable;

/// Reads one entry of `auths`: nothing where it holds no login, as a credential store leaves it.
fn login_of(entry: &Value) -> Result<Option<Login>, Unreadable> {
    let text = |key: &str| {
        let text = entry.get(key).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    if let Some(token) = text("registrytoken") {
        return Ok(Some(Login::Bearer(Secret::new(token))));
    }
    if let Some(token) = text("identitytoken") {
        return Ok(Some(Login::Identity(Secret::new(token))));
    }
    if let Some(encoded) = text("auth") {
        let decoded = base64::engine::general_purpose::STANDARD
            .decode(encoded.trim())
            .map_err(|_| Unreadable)?;
        let decoded = String::from_utf8(decoded).map_err(|_| Unreadable)?;
        let (user, password) = decoded.split_once(':').ok_or(Unreadable)?;
        return Ok(Some(Login::Password {
            user: user.to_owned(),
            // Docker pads what it encodes.
            password: Secret::new(password.trim_end_matches('\0')),
        }));
    }
    Ok(text("username")
        .zip(text("password"))
        .map(|(user, password)| Login::Password {
            user: user.to_owned(),
            password: Secret::new(password),
        }))
}

/// Returns host and port of what Docker's files have as a key: with or without scheme and path.
fn normal_host(key: &str) -> String {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest).to_ascii_lowercase();
    match host.as_str() {
        "docker.io" | "registry-1.docker.io" | "index.docker.io" => "index.docker.io".to_owned(),
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("a file");
        (directory, path)
    }

    fn password(user: &str, password: &str) -> Login {
        Login::Password {
            user: user.into(),
            password: Secret::new(password),
        }
    }

    fn ready<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(future)
    }

    #[test]
    fn the_repository_with_the_longest_path_lends_its_login() {
        let (_directory, path) = file(
            "repositories.yaml",
            "repositories:\n\
             - {name: a, url: 'https://charts.example.org', username: ann, password: one}\n\
             - {name: b, url: 'https://charts.example.org/team/', username: bob, password: two}\n\
             - {name: c, url: 'https://eve:three@other.example.org:8443/x'}\n",
        );
        let settings = FetchSettings {
            repository_config: Some(path),
            ..FetchSettings::sealed()
        };
        let credentials = Credentials::new(&settings);
        let login = |address: &str| {
            let url = Url::parse(address).expect("an address");
            let known = credentials.repository_of(&url).expect("a readable file");
            known.and_then(|known| known.login.clone())
        };
        assert_eq!(
            login("https://charts.example.org/x.tgz"),
            Some(password("ann", "one"))
        );
        assert_eq!(
            login("https://charts.example.org/team/x.tgz"),
            Some(password("bob", "two"))
        );
        assert_eq!(
            login("https://charts.example.org/teams/x.tgz"),
            Some(password("ann", "one"))
        );
        assert_eq!(
            login("https://other.example.org:8443/x/y"),
            Some(password("eve", "three"))
        );
        for foreign in [
            "http://charts.example.org/x.tgz",
            "https://charts.example.org:8443/x.tgz",
            "https://other.example.org/x/y",
            "https://charts.example.org.evil.example/x.tgz",
        ] {
            assert_eq!(login(foreign), None, "{foreign}");
        }
        assert_eq!(
            credentials.alias("b").expect("known").as_str(),
            "https://charts.example.org/team/"
        );
        assert!(credentials.alias("d").is_err());
        assert!(!format!("{credentials:?}").contains("three"));
    }

    #[test]
    fn helms_logins_come_before_dockers() {
        let (_helm, registry) = file(
            "config.json",
            r#"{"auths": {"registry.example.org": {"auth": "YW5uOm9uZQ=="}}}"#,
        );
        let (_docker, docker) = file(
            "config.json",
            r#"{"auths": {
                "registry.example.org": {"auth": "Ym9iOnR3bw=="},
                "https://index.docker.io/v1/": {"username": "eve", "password": "three"},
                "localhost:5000": {"identitytoken": "four"},
                "empty.example.org": {}
            }}"#,
        );
        let settings = FetchSettings {
            registry_config: Some(registry),
            docker_config: Some(docker),
            ..FetchSettings::sealed()
        };
        let credentials = Credentials::new(&settings);
        let login = |host: &str| ready(credentials.registry(host)).expect("readable files");
        assert_eq!(login("registry.example.org"), Some(password("ann", "one")));
        assert_eq!(
            login("registry-1.docker.io"),
            Some(password("eve", "three"))
        );
        assert_eq!(
            login("localhost:5000"),
            Some(Login::Identity(Secret::new("four")))
        );
        for foreign in [
            "localhost",
            "localhost:5001",
            "empty.example.org",
            "example.org",
        ] {
            assert_eq!(login(foreign), None, "{foreign}");
        }
        assert!(!format!("{credentials:?}").contains("three"));
    }

    #[test]
    fn broken_files_are_named_and_not_quoted() {
        let (_directory, path) = file("config.json", "{\"auths\": hunter2");
        let settings = FetchSettings {
            registry_config: Some(path),
            ..FetchSettings::sealed()
        };
        let error = ready(Credentials::new(&settings).registry("a")).expect_err("broken");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains("config.json"), "{error}");
        let (_directory, path) = file("repositories.yaml", "a: 'hunter2\nb: {hunter2");
        let settings = FetchSettings {
            repository_config: Some(path),
            ..FetchSettings::sealed()
        };
        let error = Credentials::new(&settings)
            .repositories()
            .expect_err("broken");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}
