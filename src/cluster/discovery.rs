//! Which kinds the cluster serves, and under which paths: takes the two aggregated discovery
//! documents, gives a table, never guesses a plural.

use std::collections::BTreeMap;

use serde::Deserialize;

/// How the cluster serves one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Group and version.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The name in the path, such as `deployments`.
    pub plural: String,
    /// True where objects live in namespaces.
    pub namespaced: bool,
    /// True where it can be listed and watched.
    pub watchable: bool,
}

impl Resource {
    /// Returns the path of one object, or of all where the name is absent.
    pub fn path(&self, namespace: Option<&str>, name: Option<&str>) -> String {
        let mut path = if self.api_version.contains('/') {
            format!("/apis/{}", self.api_version)
        } else {
            format!("/api/{}", self.api_version)
        };
        if let Some(namespace) = namespace.filter(|_| self.namespaced) {
            path.push_str("/namespaces/");
            path.push_str(&escape(namespace));
        }
        path.push('/');
        path.push_str(&self.plural);
        if let Some(name) = name {
            path.push('/');
            path.push_str(&escape(name));
        }
        path
    }
}

/// Escapes what may not stand in a path. Names of RBAC objects may hold almost anything.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// All kinds that the cluster serves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    resources: BTreeMap<(String, String), Resource>,
}

impl Discovery {
    /// Returns how a kind is served.
    pub fn get(&self, api_version: &str, kind: &str) -> Option<&Resource> {
        self.resources
            .get(&(api_version.to_owned(), kind.to_owned()))
    }

    /// Returns all kinds, in each of their versions.
    pub fn kinds(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    /// Returns the API versions, such as `apps/v1`, and `apps/v1/Deployment`, as Helm's
    /// `.Capabilities.APIVersions` holds them.
    pub fn api_versions(&self) -> Vec<String> {
        let mut versions: Vec<String> = Vec::new();
        for (api_version, kind) in self.resources.keys() {
            if versions
                .last()
                .is_none_or(|last| !last.starts_with(&format!("{api_version}/")))
            {
                versions.push(api_version.clone());
            }
            versions.push(format!("{api_version}/{kind}"));
        }
        versions
    }

    /// Adds a kind.
    pub fn insert(&mut self, resource: Resource) {
        let key = (resource.api_version.clone(), resource.kind.clone());
        self.resources.insert(key, resource);
    }

    /// Adds what one aggregated discovery document tells.
    pub(super) fn extend(&mut self, document: GroupList) {
        for group in document.items {
            let name = group.metadata.name;
            for version in group.versions {
                let api_version = if name.is_empty() {
                    version.version.clone()
                } else {
                    format!("{name}/{}", version.version)
                };
                for entry in version.resources {
                    let Some(kind) = entry.response_kind.map(|kind| kind.kind) else {
                        continue;
                    };
                    self.insert(Resource {
                        api_version: api_version.clone(),
                        kind,
                        plural: entry.resource,
                        namespaced: entry.scope == "Namespaced",
                        watchable: entry.verbs.iter().any(|verb| verb == "watch"),
                    });
                }
            }
        }
    }
}

/// `APIGroupDiscoveryList` of `apidiscovery.k8s.io/v2`.
#[derive(Debug, Deserialize)]
pub(super) struct GroupList {
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    resources: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    resource: String,
    response_kind: Option<Kind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discovery() -> Discovery {
        let document = serde_json::json!({"items": [
            {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [
                {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced",
                 "verbs": ["get", "watch"]}]}]},
            {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "resources": [
                {"resource": "deployments", "responseKind": {"kind": "Deployment"},
                 "scope": "Namespaced", "verbs": ["get"]}]}]}]});
        let mut discovery = Discovery::default();
        discovery.extend(serde_json::from_value(document).unwrap());
        discovery
    }

    #[test]
    fn paths_follow_group_scope_and_name() {
        let discovery = discovery();
        let pod = discovery.get("v1", "Pod").unwrap();
        assert_eq!(
            pod.path(Some("web"), Some("a")),
            "/api/v1/namespaces/web/pods/a"
        );
        assert!(pod.watchable);
        let deployment = discovery.get("apps/v1", "Deployment").unwrap();
        assert_eq!(deployment.path(None, None), "/apis/apps/v1/deployments");
        assert!(!deployment.watchable);
    }

    #[test]
    fn odd_names_are_escaped_in_paths() {
        let role = Resource {
            api_version: "rbac.authorization.k8s.io/v1".into(),
            kind: "ClusterRole".into(),
            plural: "clusterroles".into(),
            namespaced: false,
            watchable: true,
        };
        assert!(
            role.path(Some("x"), Some("system:a/b c"))
                .ends_with("/system:a%2Fb%20c")
        );
    }

    #[test]
    fn api_versions_are_those_of_helms_capabilities() {
        assert_eq!(
            discovery().api_versions(),
            ["apps/v1", "apps/v1/Deployment", "v1", "v1/Pod"]
        );
    }
}
