//! An Application's options for Helm: takes `source.helm`, gives what the chart is rendered with, or
//! what is wrong with it; resolves paths, reads no chart.

use serde_json::{Map, Value};

use crate::definition::Repository;

use super::application::{Application, Interpreter, list, texts};
use super::fetch::git::{Checkout, same_repository};
use super::fields::{Type, mistakes};
use super::service::{HelmOptions, Parameter, ValueFile};
use super::source::{Reading, text_of};

/// The fields with their types.
///
/// Source: the schema of Argo CD's `Application`, `spec.source.helm`.
const FIELDS: &[(&str, Type)] = &[
    ("valueFiles", Type::Texts),
    ("values", Type::Text),
    ("valuesObject", Type::Map),
    ("parameters", Type::Maps),
    ("fileParameters", Type::Maps),
    ("releaseName", Type::Text),
    ("namespace", Type::Text),
    ("ignoreMissingValueFiles", Type::Truth),
    ("skipCrds", Type::Truth),
    ("skipTests", Type::Truth),
    ("skipSchemaValidation", Type::Truth),
    ("passCredentials", Type::Truth),
    ("version", Type::Text),
    ("kubeVersion", Type::Text),
    ("apiVersions", Type::Texts),
];

impl Interpreter<'_> {
    /// Reads `helm` of a source.
    pub(super) fn helm(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
    ) -> HelmOptions {
        let empty = Value::Null;
        let helm = reading.value.get("helm").unwrap_or(&empty);
        let at = format!("{}.helm", reading.at);
        self.mistakes(application, mistakes(&at, helm, FIELDS));
        let text = |key: &str| {
            let text = helm.get(key).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let truth = |key: &str| helm.get(key) == Some(&Value::Bool(true));
        if let Some(version) = text("version").filter(|version| version != "v3") {
            let what = format!("has spec{at}.version {version}");
            let hint = "Argo CD knows v3 alone".to_owned();
            self.problem(application, &what, Some(hint));
        }
        let kubernetes_version = text("kubeVersion").and_then(|version| {
            let read = kubernetes_version(&version);
            if read.is_none() {
                let what = format!("has spec{at}.kubeVersion {version}, which is no version");
                self.problem(application, &what, None);
            }
            read
        });
        let mut options = HelmOptions {
            release_name: text("releaseName"),
            namespace: text("namespace"),
            ignore_missing_value_files: truth("ignoreMissingValueFiles"),
            skip_crds: truth("skipCrds"),
            skip_schema_validation: truth("skipSchemaValidation"),
            kubernetes_version,
            api_versions: texts(helm.get("apiVersions")),
            values: self.inline_values(application, &at, helm),
            ..HelmOptions::default()
        };
        for file in texts(helm.get("valueFiles")) {
            let file = self.value_file(application, reading, &file);
            options.value_files.extend(file);
        }
        for parameter in list(helm.get("parameters")) {
            self.parameter(application, reading, parameter, &mut options.parameters);
        }
        for parameter in list(helm.get("fileParameters")) {
            let text = |key: &str| text_of(parameter, key);
            if let Some(file) = self.value_file(application, reading, text("path")) {
                // Argo CD keeps parameters by name: the last one counts.
                options
                    .file_parameters
                    .retain(|(name, _)| name != text("name"));
                options
                    .file_parameters
                    .push((text("name").to_owned(), file));
            }
        }
        options
    }

    fn parameter(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
        given: &Value,
        parameters: &mut Vec<Parameter>,
    ) {
        let parameter = Parameter {
            name: text_of(given, "name").to_owned(),
            value: self.substituted(application, reading, text_of(given, "value")),
            force_string: given.get("forceString") == Some(&Value::Bool(true)),
        };
        if has_open_index(&parameter.name) {
            let at = &reading.at;
            let what = format!(
                "has the parameter {} in spec{at}.helm.parameters, whose index is not closed",
                parameter.name
            );
            let help = "an item of a list is written as `list[0]`".to_owned();
            self.problem(application, &what, Some(help));
            return;
        }
        // Argo CD keeps parameters by name: the last one counts.
        parameters.retain(|other| {
            (&other.name, other.force_string) != (&parameter.name, parameter.force_string)
        });
        parameters.push(parameter);
    }

    /// Returns the file that a path of a source means: of the repository, of the source that it
    /// names (`$name/path`), or of the chart that is fetched.
    fn value_file(
        &mut self,
        application: &Application<'_>,
        reading: &Reading<'_>,
        given: &str,
    ) -> Option<ValueFile> {
        if let Some(references) = reading.references
            && let Some(rest) = given.strip_prefix('$')
        {
            let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
            let Some(lender) = references.get(name) else {
                let known: Vec<String> = references.keys().map(|name| format!("${name}")).collect();
                let what = format!("reads {given}, and no source has the ref {name}");
                let help = match known.as_slice() {
                    [] => "a source lends its files where it has a `ref`, and the Application \
                           several sources"
                        .to_owned(),
                    known => format!("known are {}", known.join(", ")),
                };
                self.problem(application, &what, Some(help));
                return None;
            };
            if super::source::is_set(lender.get("chart")) {
                let what = format!("reads {given} from a source that is a chart");
                let help = "Argo CD reads files of Git repositories only".to_owned();
                self.problem(application, &what, Some(help));
                return None;
            }
            let lent = self.files(application, lender)?;
            let root = lent.repository(self.repository).root().to_owned();
            let lent = lent.elsewhere();
            if !self.is_one_revision(reading, lender, lent.as_ref()) {
                let what = format!(
                    "reads {given} at another revision of the repository that it stands in"
                );
                let help = "Argo CD has one revision of a repository at a time".to_owned();
                self.problem(application, &what, Some(help));
            }
            let path = self.substituted(application, reading, path);
            let path = self.within(application, "", &path)?;
            return Some(ValueFile::Lent { root, path });
        }
        let file = self.substituted(application, reading, given);
        match &reading.path {
            Some(path) => self
                .within(application, path, &file)
                .map(ValueFile::Repository),
            None => self.within(application, "", &file).map(ValueFile::Chart),
        }
    }

    /// Tells whether a source and one that lends it files stand at one revision, where they stand in
    /// one repository: Argo CD has one revision of a repository at a time.
    fn is_one_revision(
        &self,
        reading: &Reading<'_>,
        lender: &Value,
        lent: Option<&Checkout>,
    ) -> bool {
        let commit = |checkout: Option<&Checkout>| match checkout {
            Some(checkout) => Some(checkout.commit.clone()),
            None => self.commit.clone(),
        };
        let own = reading.checkout.as_ref();
        reading.path.is_none()
            || !same_repository(text_of(lender, "repoURL"), reading.text("repoURL"))
            || (lent.is_none() && own.is_none())
            || commit(lent) == commit(own)
    }

    /// Returns where a path leads from a directory.
    fn within(&mut self, application: &Application<'_>, base: &str, path: &str) -> Option<String> {
        if path.contains("://") {
            let what = format!("reads {path}, which is not in the repository");
            self.problem(application, &what, None);
            return None;
        }
        let resolved = Repository::resolve(base, path).filter(|path| !path.is_empty());
        if resolved.is_none() {
            let what = format!("reads {path}, which leads out of the repository");
            self.problem(application, &what, None);
        }
        resolved
    }

    fn inline_values(
        &mut self,
        application: &Application<'_>,
        at: &str,
        helm: &Value,
    ) -> Map<String, Value> {
        // Argo CD takes the object where both are given.
        if let Some(Value::Object(values)) = helm.get("valuesObject") {
            return values.clone();
        }
        let Some(text) = helm.get("values").and_then(Value::as_str) else {
            return Map::new();
        };
        let what = match goyaml::parse(text).map(|node| node.to_json()) {
            Ok(Value::Object(values)) => return values,
            Ok(Value::Null) => return Map::new(),
            Ok(_) => format!("has spec{at}.values that are no map"),
            Err(error) => format!("has spec{at}.values that are not valid YAML: {error}"),
        };
        self.problem(application, &what, None);
        Map::new()
    }
}

/// Tells whether a bracket of a path of values is not closed: Helm 3 refuses that, Helm 4 does not.
fn has_open_index(name: &str) -> bool {
    let mut open = false;
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '[' => open = true,
            ']' => open = false,
            _ => {}
        }
    }
    open
}

/// Returns a version of Kubernetes without what providers add to it; nothing for what is no version.
///
/// Source: `k8s.io/apimachinery/pkg/util/version`, `ParseGeneric`.
pub(super) fn kubernetes_version(text: &str) -> Option<String> {
    let text = text.trim_start();
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(text.len());
    let mut parts: Vec<String> = Vec::new();
    for part in text[..end].split('.') {
        if part.is_empty() {
            break;
        }
        parts.push(part.parse::<u32>().ok()?.to_string());
    }
    if parts.len() < 2 {
        return None;
    }
    // Helm 3 fills in what is left out.
    parts.resize(parts.len().max(3), "0".to_owned());
    Some(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::{has_open_index, kubernetes_version};

    #[test]
    fn indices_are_closed() {
        assert!(has_open_index("a[0].b["));
        assert!(!has_open_index(r"a[0].b\["));
    }

    #[test]
    fn versions_lose_what_providers_add() {
        for (given, expected) in [
            ("1.29.3", Some("1.29.3")),
            ("v1.28.5-gke.1200+x", Some("1.28.5")),
            ("1.27", Some("1.27.0")),
            ("1", None),
            ("new", None),
        ] {
            assert_eq!(kubernetes_version(given).as_deref(), expected, "{given}");
        }
    }
}
