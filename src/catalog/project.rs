//! What AppProjects permit: takes them as the root renders them, tells whether a source, a
//! destination or a kind of object is permitted, as Argo CD decides it; never reads a file.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::glob::Glob;

use super::fetch::git::normalized;
use super::manifest::Manifest;

/// The cluster that everything goes to, as Argo CD calls it.
pub(super) const IN_CLUSTER: (&str, &str) = ("https://kubernetes.default.svc", "in-cluster");

/// The project that is always there.
const DEFAULT: &str = "default";

/// One `AppProject`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Project {
    /// Its name.
    pub name: String,
    source_repositories: Vec<String>,
    destinations: Vec<Destination>,
    cluster: Kinds,
    namespaced: Kinds,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Destination {
    server: String,
    name: String,
    namespace: String,
}

/// Kinds that are permitted, and those that are not all the same; group and kind are patterns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Kinds {
    allowed: Option<Vec<(String, String)>>,
    denied: Vec<(String, String)>,
}

/// Reads the projects among manifests. `default` is among them: Argo CD makes it where nobody does, and
/// permits everything in it.
pub fn projects<'m>(
    manifests: impl IntoIterator<Item = &'m Manifest>,
) -> BTreeMap<String, Project> {
    let everything = || vec![("*".to_owned(), "*".to_owned())];
    let default = Project {
        name: DEFAULT.to_owned(),
        source_repositories: vec!["*".to_owned()],
        destinations: vec![Destination {
            server: "*".to_owned(),
            name: String::new(),
            namespace: "*".to_owned(),
        }],
        cluster: Kinds {
            allowed: Some(everything()),
            denied: Vec::new(),
        },
        namespaced: Kinds::default(),
    };
    let mut projects = BTreeMap::from([(DEFAULT.to_owned(), default)]);
    let is_project =
        |manifest: &&Manifest| (manifest.group(), manifest.kind()) == ("argoproj.io", "AppProject");
    for manifest in manifests.into_iter().filter(is_project) {
        let project = Project::read(manifest);
        projects.insert(project.name.clone(), project);
    }
    projects
}

impl Project {
    fn read(manifest: &Manifest) -> Self {
        let empty = Value::Null;
        let spec = manifest.value.get("spec").unwrap_or(&empty);
        let text = |value: &Value, key: &str| {
            let text = value.get(key).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let list = |key: &str| spec.get(key).and_then(Value::as_array);
        let kinds = |key: &str| {
            let kinds = list(key)?.iter();
            Some(
                kinds
                    .map(|one| (text(one, "group"), text(one, "kind")))
                    .collect(),
            )
        };
        Self {
            name: manifest.name().to_owned(),
            source_repositories: list("sourceRepos")
                .into_iter()
                .flatten()
                .filter_map(|one| one.as_str().map(str::to_owned))
                .collect(),
            destinations: list("destinations")
                .into_iter()
                .flatten()
                .map(|one| Destination {
                    server: text(one, "server"),
                    name: text(one, "name"),
                    namespace: text(one, "namespace"),
                })
                .collect(),
            cluster: Kinds {
                // Without a list, nothing that lives outside of namespaces is permitted.
                allowed: Some(kinds("clusterResourceWhitelist").unwrap_or_default()),
                denied: kinds("clusterResourceBlacklist").unwrap_or_default(),
            },
            namespaced: Kinds {
                allowed: kinds("namespaceResourceWhitelist"),
                denied: kinds("namespaceResourceBlacklist").unwrap_or_default(),
            },
        }
    }

    /// Tells whether Applications of the project may be rendered from a repository.
    pub fn permits_source(&self, url: &str) -> bool {
        let url = comparable(url);
        let mut permitted = false;
        for pattern in &self.source_repositories {
            let pattern = match pattern.strip_prefix('!') {
                Some(denied) => format!("!{}", comparable(denied)),
                None => comparable(pattern),
            };
            if matches(&pattern, &url, &['/']) {
                permitted = true;
            } else if pattern.starts_with('!') {
                return false;
            }
        }
        permitted
    }

    /// Tells whether Applications of the project may go to a namespace of the cluster.
    pub fn permits_namespace(&self, namespace: &str) -> bool {
        let (server, name) = IN_CLUSTER;
        let mut permitted = false;
        for destination in &self.destinations {
            let denies = |pattern: &str| pattern.starts_with('!');
            let by_name = matches(&destination.name, name, &[]);
            let by_server = matches(&destination.server, server, &[]);
            let by_namespace = matches(&destination.namespace, namespace, &[]);
            if (by_server || by_name) && by_namespace {
                permitted = true;
            } else if (!by_name && denies(&destination.name))
                || (!by_server && denies(&destination.server) && by_namespace)
                || (!by_namespace && denies(&destination.namespace) && by_server)
            {
                return false;
            }
        }
        permitted
    }

    /// Tells whether Applications of the project may bring objects of a kind.
    pub fn permits_kind(&self, group: &str, kind: &str, namespaced: bool) -> bool {
        let kinds = if namespaced {
            &self.namespaced
        } else {
            &self.cluster
        };
        let is_in = |list: &[(String, String)]| {
            list.iter().any(|(groups, kinds)| {
                Glob::new(kinds, &['/']).matches(kind) && Glob::new(groups, &['/']).matches(group)
            })
        };
        kinds.allowed.as_ref().is_none_or(|list| is_in(list)) && !is_in(&kinds.denied)
    }
}

/// Tells whether a pattern matches; one that begins with `!` matches what the rest does not.
fn matches(pattern: &str, text: &str, separators: &[char]) -> bool {
    match pattern.strip_prefix('!') {
        Some(denied) => !Glob::new(denied, separators).matches(text),
        None => pattern == "*" || Glob::new(pattern, separators).matches(text),
    }
}

/// Returns a repository's URL as Argo CD compares it; nothing for one that is no URL.
fn comparable(url: &str) -> String {
    let has_port = |(_, rest): (&str, &str)| {
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let port = host.rsplit_once(':').filter(|_| !host.ends_with(']'));
        port.is_none_or(|(_, port)| port.chars().all(|digit| digit.is_ascii_digit()))
    };
    let without_end = url.trim().to_lowercase();
    let without_end = without_end.strip_suffix(".git").unwrap_or(&without_end);
    if without_end.split_once("://").is_none_or(has_port) {
        normalized(url)
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::Source;

    fn project(spec: &Value) -> Project {
        Project::read(&Manifest {
            value: json!({"metadata": {"name": "p"}, "spec": spec}),
            source: Source::file("projects.yaml"),
        })
    }

    #[test]
    fn sources_are_permitted_by_pattern_and_denied_by_negation() {
        let project =
            project(&json!({"sourceRepos": ["https://git.example.org/*", "!https://*/secret"]}));
        assert!(project.permits_source("https://git.example.org/platform.git"));
        // What a negation does not deny it permits.
        assert!(project.permits_source("https://git.example.org/team/platform.git"));
        assert!(!project.permits_source("https://git.example.org/secret.git"));
        assert_eq!(comparable("git@Example.org:a/b.git"), "git@example.org/a/b");
        assert_eq!(comparable("https://example.org:x/a"), "");
    }

    #[test]
    fn namespaces_are_permitted_as_argo_cd_does_it() {
        let server = IN_CLUSTER.0;
        let permitted = project(&json!({"destinations": [
            {"server": server, "namespace": "team-*"},
            {"server": server, "namespace": "!team-secret"},
        ]}));
        assert!(permitted.permits_namespace("team-a"));
        // What a negation matches is permitted by it.
        assert!(permitted.permits_namespace("other"));
        assert!(!permitted.permits_namespace("team-secret"));
        let by_name = project(&json!({"destinations": [{"name": "in-cluster", "namespace": "a"}]}));
        assert!(by_name.permits_namespace("a") && !by_name.permits_namespace("b"));
        assert!(!project(&json!({})).permits_namespace("a"));
    }

    #[test]
    fn kinds_are_permitted_by_lists() {
        let listed = project(&json!({
            "clusterResourceWhitelist": [{"group": "*", "kind": "Cluster*"}],
            "clusterResourceBlacklist": [{"group": "*", "kind": "ClusterRoleBinding"}],
            "namespaceResourceBlacklist": [{"group": "", "kind": "Secret"}],
        }));
        let group = "rbac.authorization.k8s.io";
        assert!(listed.permits_kind(group, "ClusterRole", false));
        assert!(!listed.permits_kind(group, "ClusterRoleBinding", false));
        assert!(!listed.permits_kind("", "Namespace", false));
        assert!(!listed.permits_kind("", "Secret", true));
        assert!(listed.permits_kind("", "ConfigMap", true));
        assert!(!project(&json!({})).permits_kind("", "Namespace", false));
        let none = project(&json!({"namespaceResourceWhitelist": []}));
        assert!(!none.permits_kind("", "ConfigMap", true));
        let default = &projects(&[])[DEFAULT];
        assert!(default.permits_kind("", "Namespace", false) && default.permits_namespace("x"));
        assert!(default.permits_source("https://example.org/a"));
    }
}
