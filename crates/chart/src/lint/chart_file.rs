//! The rules about `Chart.yaml`: takes its text, tells what is wrong, never looks at other files.

use goyaml::{Entry, Kind, Node};

use super::addresses::{is_email, is_request_url, is_url};
use super::{EntryKind, LintMessage, LintSeverity, Linter, UnknownName};
use crate::go_path;
use crate::metadata::Metadata;
use crate::version::{Constraint, Version};

const FILE: &str = "Chart.yaml";

const FIELDS: &[&str] = &[
    "annotations",
    "apiVersion",
    "appVersion",
    "condition",
    "dependencies",
    "deprecated",
    "description",
    "home",
    "icon",
    "keywords",
    "kubeVersion",
    "maintainers",
    "name",
    "sources",
    "tags",
    "type",
    "version",
];
const MAINTAINER_FIELDS: &[&str] = &["email", "name", "url"];
const DEPENDENCY_FIELDS: &[&str] = &[
    "alias",
    "condition",
    "enabled",
    "import-values",
    "name",
    "repository",
    "tags",
    "version",
];

pub(super) fn check(linter: &mut Linter<'_>) {
    if linter.material.kind(FILE) == EntryKind::Directory {
        linter.error(
            "chart-file",
            FILE,
            None,
            "should be a file, not a directory",
        );
        return;
    }
    let Some(file) = linter.material.file(FILE) else {
        linter.error("chart-file", FILE, None, "cannot be read");
        return;
    };
    let text = file.text();
    let node = match goyaml::parse(&text) {
        Ok(node) => node,
        Err(error) => {
            let message = format!("unable to parse YAML: {error}");
            linter.error("chart-file", FILE, Some(error.line), message);
            return;
        }
    };
    let mut metadata = Metadata::default();
    if let Err(error) = metadata.read(&node.to_json()) {
        linter.error(
            "chart-file",
            FILE,
            None,
            format!("unable to parse YAML: {error}"),
        );
        return;
    }
    strict(linter, &text, &node);
    Fields {
        linter,
        node: &node,
        metadata: &metadata,
    }
    .check();
}

/// Tells of keys given twice and of fields that a chart does not have.
fn strict(linter: &mut Linter<'_>, text: &str, node: &Node) {
    if let Err(error) = goyaml::parse_strict(text) {
        linter.warning("duplicate-key", FILE, Some(error.line), error.to_string());
    }
    unknown_fields(linter, node, FIELDS, "a chart");
    for (list, known, owner) in [
        ("maintainers", MAINTAINER_FIELDS, "a maintainer"),
        ("dependencies", DEPENDENCY_FIELDS, "a dependency"),
    ] {
        let items = node.get(list).and_then(Node::as_sequence);
        for item in items.unwrap_or_default() {
            unknown_fields(linter, item, known, owner);
        }
    }
}

fn unknown_fields(
    linter: &mut Linter<'_>,
    node: &Node,
    known: &'static [&'static str],
    owner: &str,
) {
    for entry in node.as_mapping().unwrap_or_default() {
        // Go's JSON does not mind the case of letters.
        if !known
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&entry.key))
        {
            linter.messages.push(LintMessage {
                severity: LintSeverity::Warning,
                code: "unknown-field",
                file: FILE.to_owned(),
                line: Some(entry.key_span.line),
                message: format!("{owner} has no field {:?}", entry.key),
                unknown: Some(UnknownName {
                    name: entry.key.clone(),
                    known,
                }),
            });
        }
    }
}

struct Fields<'f, 'l> {
    linter: &'f mut Linter<'l>,
    node: &'f Node,
    metadata: &'f Metadata,
}

impl Fields<'_, '_> {
    fn check(&mut self) {
        self.name();
        self.api_version();
        self.is_text("version");
        self.version();
        self.is_text("appVersion");
        self.maintainers();
        for (at, source) in self.metadata.sources.iter().enumerate() {
            if !is_request_url(source) {
                let line = self.line_in("sources", at);
                self.error(
                    "chart-source",
                    line,
                    format!("invalid source URL {source:?}"),
                );
                break;
            }
        }
        if self.metadata.icon.is_empty() {
            self.linter
                .info("chart-icon", FILE, None, "icon is recommended");
        } else if !is_request_url(&self.metadata.icon) {
            let message = format!("invalid icon URL {:?}", self.metadata.icon);
            self.error("chart-icon", self.line("icon"), message);
        }
        self.second_version_only();
        if !is_strict(&self.metadata.version) {
            let line = self.line("version");
            let message = format!(
                "version {:?} is not a valid SemVerV2",
                self.metadata.version
            );
            self.linter.warning("chart-version", FILE, line, message);
        }
    }

    fn error(&mut self, code: &'static str, line: Option<u32>, message: impl Into<String>) {
        self.linter.error(code, FILE, line, message);
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let entries = self.node.as_mapping().unwrap_or_default();
        entries
            .iter()
            .find(|entry| entry.key.eq_ignore_ascii_case(name))
    }

    fn line(&self, name: &str) -> Option<u32> {
        self.entry(name).map(|entry| entry.key_span.line)
    }

    fn line_in(&self, list: &str, at: usize) -> Option<u32> {
        let item = self.entry(list)?.value.as_sequence()?.get(at)?;
        Some(item.span.line)
    }

    fn name(&mut self) {
        let name = &self.metadata.name;
        if name.is_empty() {
            self.error("chart-name", None, "name is required");
        } else if go_path::base(name) != name {
            let message = format!("chart name {name:?} is invalid");
            self.error("chart-name", self.line("name"), message);
        }
    }

    fn api_version(&mut self) {
        let found = &self.metadata.api_version;
        if found.is_empty() {
            let message = "apiVersion is required: \"v1\" or \"v2\"";
            self.error("chart-api-version", None, message);
        } else if !matches!(found.as_str(), "v1" | "v2") {
            let message = format!("apiVersion {found:?} is not valid: it is \"v1\" or \"v2\"");
            self.error("chart-api-version", self.line("apiVersion"), message);
        }
    }

    fn is_text(&mut self, name: &'static str) {
        let found = match self.node.get(name).map(|value| &value.kind) {
            None | Some(Kind::String(_)) => return,
            Some(Kind::Null) => "nothing",
            Some(Kind::Bool(_)) => "a truth value",
            Some(Kind::Integer(_) | Kind::Unsigned(_) | Kind::Float(_)) => "a number",
            Some(Kind::Sequence(_)) => "a list",
            Some(Kind::Mapping(_)) => "a map",
        };
        let line = self.line(name);
        let message = format!("{name} should be a string but it is {found}: put it in quotes");
        self.error("chart-field-type", line, message);
    }

    fn version(&mut self) {
        let text = &self.metadata.version;
        let line = self.line("version");
        if text.is_empty() {
            self.error("chart-version", None, "version is required");
            return;
        }
        let Ok(version) = Version::parse(text) else {
            let message = format!("version {text:?} is not a valid SemVer");
            self.error("chart-version", line, message);
            return;
        };
        let counts = Constraint::parse(">0.0.0-0").is_ok_and(|range| range.check(&version));
        if !counts {
            let message = format!("version {text} is not greater than 0.0.0-0");
            self.error("chart-version", line, message);
        }
    }

    fn maintainers(&mut self) {
        for (at, maintainer) in self.metadata.maintainers.iter().enumerate() {
            let (name, email, url) = (&maintainer.name, &maintainer.email, &maintainer.url);
            let message = if name.is_empty() {
                "each maintainer requires a name".to_owned()
            } else if !email.is_empty() && !is_email(email) {
                format!("invalid email {email:?} for maintainer {name:?}")
            } else if !url.is_empty() && !is_url(url) {
                format!("invalid url {url:?} for maintainer {name:?}")
            } else {
                continue;
            };
            let line = self.line_in("maintainers", at);
            self.error("chart-maintainer", line, message);
            return;
        }
    }

    /// Tells of fields that charts of `apiVersion` v1 do not have.
    fn second_version_only(&mut self) {
        let found = &self.metadata.api_version;
        if found == "v2" {
            return;
        }
        if !self.metadata.kind.is_empty() {
            let message =
                format!("the field type is not valid in apiVersion {found:?}, but in \"v2\"");
            self.error("chart-type", self.line("type"), message);
        }
        if !self.metadata.dependencies.is_empty() {
            let message = format!(
                "dependencies are not valid in Chart.yaml with apiVersion {found:?}, but with \"v2\""
            );
            self.error("chart-dependencies", self.line("dependencies"), message);
        }
    }
}

/// Tells whether a text is a version with all its parts and nothing else.
fn is_strict(text: &str) -> bool {
    Version::parse(text).is_ok_and(|version| {
        let mut whole = format!("{}.{}.{}", version.major, version.minor, version.patch);
        for (mark, part) in [("-", &version.prerelease), ("+", &version.metadata)] {
            if !part.is_empty() {
                whole.push_str(mark);
                whole.push_str(part);
            }
        }
        whole == text
    })
}

#[cfg(test)]
mod tests {
    use super::is_strict;

    #[test]
    fn strict_versions_have_all_parts() {
        for good in ["1.2.3", "0.1.0-rc.1", "1.0.0-a+b.1"] {
            assert!(is_strict(good), "{good}");
        }
        for bad in ["1", "1.2", "v1.2.3", "01.2.3", "x", ""] {
            assert!(!is_strict(bad), "{bad}");
        }
    }
}
