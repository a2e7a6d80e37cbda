//! Where resources come from, as `buildMetadata` asks for it: takes files and plugins, gives
//! annotations in Kustomize's form, never keeps credentials of a remote base.

use std::fmt::Write;

use crate::remote::{Remote, without_credentials};
use crate::resource::Resource;
use crate::set::ResourceSet;

/// The annotation with the origin.
pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
/// The annotation with the steps that a resource went through.
pub(crate) const STEPS: &str = "alpha.config.kubernetes.io/transformations";

/// Where a resource or a step comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    path: String,
    repository: String,
    revision: String,
    configured_in: String,
    /// API version, kind, name and namespace.
    configured_by: [String; 4],
}

impl Origin {
    /// Returns the origin of what a path, as it is written, leads to.
    pub(crate) fn at(&self, path: &str) -> Self {
        let mut origin = self.clone();
        let mut path = path.to_owned();
        if let Some(remote) = Remote::parse(&path) {
            origin.repository = without_credentials(&remote.repository);
            origin.revision = remote.revision;
            origin.path = String::new();
            path = remote.folder;
        }
        origin.path = clean(&origin.path, &path);
        origin
    }

    /// Returns the origin of what a kustomization file itself holds.
    pub(crate) fn at_file(&self, file: &str) -> Self {
        self.at(file.rsplit('/').next().unwrap_or_default())
    }

    /// Returns the origin of what a field of a kustomization file makes.
    pub(crate) fn configured(&self, file: &str, kind: &str) -> Self {
        let file = file.rsplit('/').next().unwrap_or_default();
        Self {
            path: String::new(),
            configured_in: clean(&self.path, file),
            configured_by: [
                "builtin".to_owned(),
                kind.to_owned(),
                String::new(),
                String::new(),
            ],
            ..self.clone()
        }
    }

    /// Writes the origin to a resource.
    pub(crate) fn write(&self, resource: &mut Resource) {
        set_annotation(resource, ORIGIN, self.text(""));
    }

    /// Returns the YAML that Kustomize writes; all lines but the first get the indentation.
    fn text(&self, indent: &str) -> String {
        let mut lines = Vec::new();
        for (key, value) in [
            ("path", &self.path),
            ("repo", &self.repository),
            ("ref", &self.revision),
            ("configuredIn", &self.configured_in),
        ] {
            if !value.is_empty() {
                lines.push(format!("{key}: {}", scalar(value)));
            }
        }
        if self.configured_by.iter().any(|text| !text.is_empty()) {
            lines.push("configuredBy:".to_owned());
            for (key, value) in ["apiVersion", "kind", "name", "namespace"]
                .into_iter()
                .zip(&self.configured_by)
            {
                if !value.is_empty() {
                    lines.push(format!("  {key}: {}", scalar(value)));
                }
            }
        }
        let mut text = lines.join(&format!("\n{indent}"));
        text.push('\n');
        text
    }
}

/// Returns a text as YAML writes it.
fn scalar(text: &str) -> String {
    goyaml::to_string(&serde_json::Value::from(text))
        .map_or_else(|_| text.to_owned(), |written| written.trim_end().to_owned())
}

/// Joins two paths and takes out what cancels itself.
fn clean(front: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in front.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn set_annotation(resource: &mut Resource, name: &str, text: String) {
    let mut annotations = resource.string_map(&["metadata", "annotations"]);
    annotations.insert(name.to_owned(), text);
    resource.set_string_map("annotations", annotations);
}

fn annotation(resource: &Resource, name: &str) -> Option<String> {
    resource
        .string_map(&["metadata", "annotations"])
        .remove(name)
}

/// Notes the origin of a generated resource that has none yet.
pub(crate) fn note_if_none(resource: &mut Resource, origin: &Origin) {
    if annotation(resource, ORIGIN).is_none() {
        origin.write(resource);
    }
}

/// Notes a step on all resources.
pub(crate) fn note_step(set: &mut ResourceSet, origin: &Origin) {
    for resource in set.items.iter_mut().filter(|it| !it.is_empty()) {
        if annotation(resource, ORIGIN).is_none() {
            origin.write(resource);
            continue;
        }
        let mut text = annotation(resource, STEPS).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = write!(text, "- {}", origin.text("  "));
        set_annotation(resource, STEPS, text);
    }
}

/// Takes away the notes that are not asked for.
pub(crate) fn clean_up(set: &mut ResourceSet, wanted: &[String]) {
    for (option, name) in [
        ("originAnnotations", ORIGIN),
        ("transformerAnnotations", STEPS),
    ] {
        if wanted.iter().any(|wanted| wanted == option) {
            continue;
        }
        for resource in &mut set.items {
            resource.remove_annotation(name);
        }
    }
}

/// Returns the origin of what a plugin makes, where that of the plugin was noted.
pub(crate) fn of_plugin(plugin: &Resource) -> Option<Origin> {
    let text = annotation(plugin, ORIGIN)?;
    let node = goyaml::parse(&text).ok()?;
    let field = |name: &str| {
        let value = node.get(name).and_then(goyaml::Node::as_str);
        value.unwrap_or_default().to_owned()
    };
    Some(Origin {
        path: String::new(),
        repository: field("repo"),
        revision: field("ref"),
        configured_in: field("path"),
        configured_by: [
            plugin.api_version(),
            plugin.kind(),
            plugin.name(),
            plugin.namespace(),
        ],
    })
}
