//! Metadata as YAML: takes what was read from `Chart.yaml` or is to be locked, gives the text that
//! Helm writes for it (keys sorted, what is empty left out), never reads one.

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::metadata::{Dependency, Lock, Maintainer, Metadata};

/// Collects fields that are not empty.
#[derive(Default)]
struct Fields(Map<String, Json>);

impl Fields {
    fn text(mut self, name: &str, text: &str) -> Self {
        if !text.is_empty() {
            self.0.insert(name.to_owned(), text.into());
        }
        self
    }

    fn always(mut self, name: &str, text: &str) -> Self {
        self.0.insert(name.to_owned(), text.into());
        self
    }

    fn flag(mut self, name: &str, flag: bool) -> Self {
        if flag {
            self.0.insert(name.to_owned(), flag.into());
        }
        self
    }

    fn list(mut self, name: &str, items: impl Iterator<Item = Json>) -> Self {
        let items: Vec<Json> = items.collect();
        if !items.is_empty() {
            self.0.insert(name.to_owned(), items.into());
        }
        self
    }

    fn texts(self, name: &str, texts: &[String]) -> Self {
        self.list(name, texts.iter().map(|text| text.as_str().into()))
    }

    fn json(self) -> Json {
        Json::Object(self.0)
    }
}

impl Metadata {
    /// Returns what `helm show chart` prints.
    pub fn to_yaml(&self) -> String {
        let annotations = self.annotations.iter();
        let annotations: Map<String, Json> = annotations
            .map(|(key, text)| (key.clone(), text.as_str().into()))
            .collect();
        let mut fields = Fields::default()
            .text("name", &self.name)
            .text("home", &self.home)
            .texts("sources", &self.sources)
            .text("version", &self.version)
            .text("description", &self.description)
            .texts("keywords", &self.keywords)
            .list("maintainers", self.maintainers.iter().map(Maintainer::json))
            .text("icon", &self.icon)
            .text("apiVersion", &self.api_version)
            .text("condition", &self.condition)
            .text("tags", &self.tags)
            .text("appVersion", &self.app_version)
            .flag("deprecated", self.deprecated)
            .text("kubeVersion", &self.kube_version)
            .list(
                "dependencies",
                self.dependencies.iter().map(Dependency::json),
            )
            .text("type", &self.kind);
        if !annotations.is_empty() {
            fields
                .0
                .insert("annotations".to_owned(), annotations.into());
        }
        yaml(&fields.json())
    }
}

impl Maintainer {
    fn json(&self) -> Json {
        Fields::default()
            .text("name", &self.name)
            .text("email", &self.email)
            .text("url", &self.url)
            .json()
    }
}

impl Dependency {
    fn json(&self) -> Json {
        Fields::default()
            .always("name", &self.name)
            .text("version", &self.version)
            .always("repository", &self.repository)
            .text("condition", &self.condition)
            .texts("tags", &self.tags)
            .flag("enabled", self.enabled)
            .list("import-values", self.import_values.iter().cloned())
            .text("alias", &self.alias)
            .json()
    }
}

impl Lock {
    /// Returns a lock of these dependencies, made at this time.
    pub fn new(digest: String, dependencies: Vec<Dependency>, time: SystemTime) -> Self {
        let generated = Timestamp::try_from(time).map(|time| time.to_string());
        Self {
            // What lies outside of the calendar is no time at which a file is written.
            generated: generated.unwrap_or_default(),
            digest,
            dependencies,
        }
    }

    /// Returns the text of `Chart.lock`.
    pub fn to_yaml(&self) -> String {
        let dependencies: Vec<Json> = self.dependencies.iter().map(Dependency::json).collect();
        let mut fields = Fields::default()
            .always("generated", &self.generated)
            .always("digest", &self.digest);
        fields
            .0
            .insert("dependencies".to_owned(), dependencies.into());
        yaml(&fields.json())
    }
}

fn yaml(value: &Json) -> String {
    // Texts, flags and lists of them can always be written.
    goyaml::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_written_as_helm_writes_it() {
        let lock = Lock {
            generated: "2026-01-02T03:04:05Z".to_owned(),
            digest: "sha256:00".to_owned(),
            dependencies: vec![Dependency {
                name: "redis".to_owned(),
                version: "1.2.3".to_owned(),
                repository: "file://../redis".to_owned(),
                ..Dependency::default()
            }],
        };
        assert_eq!(
            lock.to_yaml(),
            "dependencies:\n- name: redis\n  repository: file://../redis\n  version: 1.2.3\n\
             digest: sha256:00\ngenerated: \"2026-01-02T03:04:05Z\"\n"
        );
    }

    #[test]
    fn metadata_leaves_out_what_is_empty() {
        let metadata = Metadata {
            name: "web".to_owned(),
            version: "1.0.0".to_owned(),
            api_version: "v2".to_owned(),
            kube_version: ">=1.20".to_owned(),
            ..Metadata::default()
        };
        assert_eq!(
            metadata.to_yaml(),
            "apiVersion: v2\nkubeVersion: '>=1.20'\nname: web\nversion: 1.0.0\n"
        );
    }
}
