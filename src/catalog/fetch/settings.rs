//! Where fetching reads and writes besides the repository: takes the environment's variables as a
//! function, gives paths and limits, never reads a file.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// How charts are fetched.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Where archives are kept for all projects; nothing keeps them for this run alone.
    pub cache: Option<PathBuf>,
    /// Helm's list of repositories.
    pub repository_config: Option<PathBuf>,
    /// Helm's logins to registries.
    pub registry_config: Option<PathBuf>,
    /// Docker's logins to registries.
    pub docker_config: Option<PathBuf>,
    /// Certificates that are trusted besides the system's (PEM).
    pub ca_file: Option<PathBuf>,
    /// True where the network may not be asked.
    pub offline: bool,
    /// How much and how long.
    pub limits: FetchLimits,
}

/// How much is read at the most, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub struct FetchLimits {
    /// Bytes of one packed chart.
    pub archive_bytes: u64,
    /// Bytes of one index.
    pub index_bytes: u64,
    /// Bytes of an answer of a registry: a manifest, a list of tags, a token.
    pub answer_bytes: u64,
    /// Bytes of a Git repository that are fetched, and of the files of one commit.
    pub repository_bytes: u64,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long nothing may come.
    pub idle: Duration,
    /// How long one download may take.
    pub total: Duration,
    /// How many downloads are under way at once.
    pub parallel: usize,
    /// How often a download is tried.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles.
    pub pause: Duration,
}

impl Default for FetchLimits {
    fn default() -> Self {
        const MEBIBYTE: u64 = 1024 * 1024;
        Self {
            archive_bytes: 64 * MEBIBYTE,
            index_bytes: 32 * MEBIBYTE,
            answer_bytes: 4 * MEBIBYTE,
            repository_bytes: 2048 * MEBIBYTE,
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(20),
            total: Duration::from_mins(10),
            parallel: 8,
            attempts: 3,
            pause: Duration::from_millis(500),
        }
    }
}

impl FetchSettings {
    /// Returns the settings that read no file, keep nothing and ask nobody.
    pub fn sealed() -> Self {
        Self {
            cache: None,
            repository_config: None,
            registry_config: None,
            docker_config: None,
            ca_file: None,
            offline: true,
            limits: FetchLimits::default(),
        }
    }

    /// Returns the settings of an environment, with the variables that Helm and Docker obey:
    /// `HELM_REGISTRY_CONFIG`, `HELM_REPOSITORY_CONFIG`, `HELM_CONFIG_HOME`, `DOCKER_CONFIG`,
    /// `XDG_CONFIG_HOME`, `XDG_CACHE_HOME`, `HOME`.
    pub fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        // The specification of these directories has relative paths ignored.
        let directory = |name: &str| path(name).filter(|path| path.is_absolute());
        let home = path("HOME");
        let below_home = |parts: &str| home.as_ref().map(|home| home.join(parts));
        let (configuration, caches) = if cfg!(target_os = "macos") {
            ("Library/Preferences", "Library/Caches")
        } else {
            (".config", ".cache")
        };
        let helm = path("HELM_CONFIG_HOME").or_else(|| {
            directory("XDG_CONFIG_HOME")
                .or_else(|| below_home(configuration))
                .map(|directory| directory.join("helm"))
        });
        let in_helm = |file: &str| helm.as_ref().map(|helm| helm.join(file));
        Self {
            cache: directory("XDG_CACHE_HOME")
                .or_else(|| below_home(caches))
                .map(|directory| directory.join("firstlight")),
            repository_config: path("HELM_REPOSITORY_CONFIG")
                .or_else(|| in_helm("repositories.yaml")),
            registry_config: path("HELM_REGISTRY_CONFIG")
                .or_else(|| in_helm("registry/config.json")),
            docker_config: path("DOCKER_CONFIG")
                .or_else(|| below_home(".docker"))
                .map(|directory| directory.join("config.json")),
            ca_file: None,
            offline: false,
            limits: FetchLimits::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> FetchSettings {
        FetchSettings::from_environment(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn without_a_home_nothing_is_looked_for() {
        let none = settings(&[]);
        assert_eq!(none.cache, None);
        assert_eq!(none.repository_config, None);
        assert_eq!(none.registry_config, None);
        assert_eq!(none.docker_config, None);
    }

    #[test]
    fn helms_and_dockers_variables_are_obeyed() {
        let given = settings(&[
            ("HOME", "/home/ann"),
            ("XDG_CACHE_HOME", "relative"),
            ("HELM_REGISTRY_CONFIG", "/a/registry.json"),
            ("HELM_REPOSITORY_CONFIG", "/a/repositories.yaml"),
            ("DOCKER_CONFIG", "/a/docker"),
        ]);
        assert_eq!(given.registry_config, Some("/a/registry.json".into()));
        assert_eq!(given.repository_config, Some("/a/repositories.yaml".into()));
        assert_eq!(given.docker_config, Some("/a/docker/config.json".into()));
        if cfg!(target_os = "linux") {
            assert_eq!(given.cache, Some("/home/ann/.cache/firstlight".into()));
            let home = settings(&[("HOME", "/home/ann"), ("XDG_CONFIG_HOME", "/c")]);
            assert_eq!(
                home.registry_config,
                Some("/c/helm/registry/config.json".into())
            );
            let helm = settings(&[("HELM_CONFIG_HOME", "/h"), ("XDG_CACHE_HOME", "/x")]);
            assert_eq!(helm.repository_config, Some("/h/repositories.yaml".into()));
            assert_eq!(helm.cache, Some("/x/firstlight".into()));
        }
    }
}
