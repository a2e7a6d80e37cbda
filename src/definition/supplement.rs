//! `firstlight.yaml`, what Argo CD has no field for: takes the file, gives its rules or every problem
//! with its place, never looks at a manifest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use applicationset::GeneratorKind;

use crate::problem::Problem;
use crate::source::Source;

use super::document::{Located, SourceFile, Tree};
use super::field_path::FieldPath;
use super::layout::{Layout, layout};
use super::reader::{Reader, present};
use super::runtime::{Runtime, runtime};
use super::schema;
use super::suppression::{self, Suppression};

/// The file.
pub const SUPPLEMENT: &str = "firstlight.yaml";

/// The kind of a rule that is meant for all kinds of its group.
pub const EVERY_KIND: &str = "*";

/// What a repository says to firstlight alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Supplement {
    /// Where images stand in custom resources.
    pub images: Vec<ImageRule>,
    /// What renders the sources of config management plugins.
    pub plugins: Vec<PluginCommand>,
    /// What generators of `ApplicationSet`s would yield that ask a cluster or a service.
    pub generators: Vec<GeneratorAnswer>,
    /// How the repository is laid out, where that has to be said.
    pub layout: Option<Layout>,
    /// Findings that somebody lives with.
    pub suppressions: Vec<Suppression>,
    /// What happens while the platform runs.
    pub runtime: Runtime,
}

/// A file with what a generator of an `ApplicationSet` would yield.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratorAnswer {
    /// The name of the `ApplicationSet`.
    pub application_set: String,
    /// The kind of generator.
    pub generator: GeneratorKind,
    /// Which of them, where there are several of the kind: `spec.generators[0]`.
    pub at: Option<String>,
    /// The environment that it is for; all of them where none is named.
    pub environment: Option<String>,
    /// The file, relative to the repository.
    pub file: String,
    /// Where the rule stands.
    pub source: Source,
}

impl GeneratorAnswer {
    /// Returns whether it is meant for an `ApplicationSet` of an environment.
    pub fn is_for(&self, environment: &str, application_set: &str) -> bool {
        let named = self.environment.as_deref();
        self.application_set == application_set && named.is_none_or(|one| one == environment)
    }
}

/// The command that stands for a config management plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginCommand {
    /// The name by which Applications call the plugin.
    pub name: String,
    /// The program and its words. It writes manifests to its standard output.
    pub words: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// Where the entry stands.
    pub source: Source,
}

/// As long as Argo CD lets a plugin run where nobody says otherwise.
const PLUGIN_TIMEOUT: Duration = Duration::from_secs(90);

/// Where images stand in the objects of some kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRule {
    /// The API group, empty for the core group.
    pub api_group: String,
    /// The kinds, or [`EVERY_KIND`] alone.
    pub kinds: Vec<String>,
    /// Where names of images stand. None at all: these objects make nobody pull an image.
    pub paths: Vec<FieldPath>,
    /// Where pod templates stand: what has a `spec` with `containers`.
    pub pod_templates: Vec<FieldPath>,
    /// What makes an operator start pods with images of its own choosing.
    pub operator_chooses: Vec<FieldPath>,
    /// Where the rule stands.
    pub source: Source,
}

/// Reads the file; all problems in one go.
pub fn supplement(file: &Arc<SourceFile>) -> Result<Supplement, Vec<Problem>> {
    let tree = Located::read(file).map_err(|problem| vec![problem])?;
    let mut check = Check {
        reader: Reader::default(),
        seen: BTreeMap::new(),
    };
    check.reader.map(&tree, &file.path, schema::SUPPLEMENT);
    let images = check.images(tree.at(&["images"]));
    let plugins = check.plugins(tree.at(&["plugins"]));
    let generators = check.generators(tree.at(&["generators"]));
    let layout = layout(&mut check.reader, tree.at(&["layout"]));
    let suppressions = suppression::read(&mut check.reader, tree.at(&["suppress"]));
    let runtime = runtime(&mut check.reader, &tree);
    if check.reader.problems.is_empty() {
        Ok(Supplement {
            images,
            plugins,
            generators,
            layout,
            suppressions,
            runtime,
        })
    } else {
        Err(check.reader.problems)
    }
}

struct Check {
    reader: Reader,
    /// The groups and kinds that have a rule, with its line.
    seen: BTreeMap<(String, String), u32>,
}

impl Check {
    fn images(&mut self, value: Option<&Located>) -> Vec<ImageRule> {
        let Some(value) = present(value) else {
            return Vec::new();
        };
        let rules = self.reader.items(value, "images");
        rules.iter().filter_map(|rule| self.rule(rule)).collect()
    }

    fn generators(&mut self, value: Option<&Located>) -> Vec<GeneratorAnswer> {
        let Some(value) = present(value) else {
            return Vec::new();
        };
        let rules = self.reader.items(value, "generators");
        rules.iter().filter_map(|rule| self.answer(rule)).collect()
    }

    fn answer(&mut self, rule: &Located) -> Option<GeneratorAnswer> {
        let keys = schema::GENERATOR_ANSWER;
        self.reader.map(rule, "a rule for generators", keys);
        let mut required = |key: &str| {
            let given = rule.at(&[key]);
            if present(given).is_none() {
                let label = format!("expected the key `{key}` here");
                let message = format!("`{key}` is missing");
                self.reader.problem(&rule.place, message, label, None);
            }
            self.reader.text(given, key)
        };
        let application_set = required("applicationSet");
        let name = required("generator");
        let file = required("file");
        let at = self.reader.text(rule.at(&["at"]), "at");
        let environment = self.reader.text(rule.at(&["environment"]), "environment");
        let name = name?;
        let known = GeneratorKind::ANSWERABLE;
        let generator = known.into_iter().find(|kind| kind.name() == name);
        if generator.is_none() {
            let place = rule
                .at(&["generator"])
                .map_or(&rule.place, |one| &one.place);
            let known = known.map(GeneratorKind::name);
            let what = "generator that asks a cluster or a service";
            self.reader.unknown(place, what, &name, known);
        }
        Some(GeneratorAnswer {
            application_set: application_set?,
            generator: generator?,
            at,
            environment,
            file: file?,
            source: rule.place.source(),
        })
    }

    fn rule(&mut self, rule: &Located) -> Option<ImageRule> {
        if !matches!(rule.tree, Tree::Map(_)) {
            let label = format!("expected a map, but it is {}", rule.kind_name());
            let help = "a rule has `apiGroup`, `kind` and `paths`".to_owned();
            self.reader
                .problem(&rule.place, "this is no rule for images", label, Some(help));
            return None;
        }
        self.reader
            .map(rule, "a rule for images", schema::IMAGE_RULE);
        let api_group = self.group(rule);
        let kinds = self.kinds(rule, &api_group);
        let places = ["paths", "podTemplates", "operatorChooses"];
        if places.iter().all(|key| rule.field(key).is_none()) {
            self.reader.problem(
                &rule.place,
                "this rule does not say where images stand",
                "expected `paths` or `podTemplates`",
                Some("where the kind has none, say so: `paths: []`".to_owned()),
            );
        }
        Some(ImageRule {
            api_group,
            kinds,
            paths: self.paths(rule.at(&["paths"]), "paths"),
            pod_templates: self.paths(rule.at(&["podTemplates"]), "podTemplates"),
            operator_chooses: self.paths(rule.at(&["operatorChooses"]), "operatorChooses"),
            source: rule.place.source(),
        })
    }

    fn plugins(&mut self, value: Option<&Located>) -> Vec<PluginCommand> {
        let Some(value) = present(value) else {
            return Vec::new();
        };
        let entries = self.reader.items(value, "plugins");
        let plugins = entries.iter().filter_map(|entry| self.plugin(entry));
        plugins.collect()
    }

    fn plugin(&mut self, entry: &Located) -> Option<PluginCommand> {
        let before = self.reader.problems.len();
        self.reader.map(entry, "a plugin", schema::PLUGIN);
        let name = self.reader.text(entry.at(&["name"]), "name");
        let words = self.reader.texts(entry.at(&["command"]), "command");
        let timeout = self.reader.duration(entry.at(&["timeout"]), "timeout");
        let missing = match (&name, words.is_empty()) {
            (None, _) => Some("name"),
            (_, true) => Some("command"),
            _ => None,
        };
        if let Some(key) = missing.filter(|_| self.reader.problems.len() == before) {
            let label = format!("expected the key `{key}` here");
            let help = "a plugin has a `name` and a `command`, a list of words".to_owned();
            let message = format!("`{key}` is missing");
            self.reader
                .problem(&entry.place, message, label, Some(help));
        }
        Some(PluginCommand {
            name: name?,
            words: words.into_iter().map(|(word, _)| word).collect(),
            timeout: timeout.unwrap_or(PLUGIN_TIMEOUT),
            source: entry.place.source(),
        })
    }

    fn group(&mut self, rule: &Located) -> String {
        let given = rule.at(&["apiGroup"]);
        let group = self.reader.text(given, "apiGroup").unwrap_or_default();
        if let (Some((alone, _)), Some(given)) = (group.split_once('/'), given) {
            let help = Some("a rule holds for every version of the group".to_owned());
            let label = format!("expected `{alone}`");
            self.reader
                .problem(&given.place, "apiGroup has a version", label, help);
        }
        group
    }

    fn kinds(&mut self, rule: &Located, group: &str) -> Vec<String> {
        let Some(given) = present(rule.at(&["kind"])) else {
            self.reader.problem(
                &rule.place,
                "`kind` is missing",
                "expected the key `kind` here",
                None,
            );
            return Vec::new();
        };
        let kinds = match given.tree {
            Tree::List(_) => self.reader.texts(Some(given), "kind"),
            _ => (self.reader.text(Some(given), "kind").into_iter())
                .map(|kind| (kind, given.place.clone()))
                .collect(),
        };
        for (kind, place) in &kinds {
            let line = place.line;
            if let Some(before) = self.seen.insert((group.to_owned(), kind.clone()), line) {
                self.reader.problem(
                    place,
                    format!("there are two rules for the images of {kind}"),
                    format!("the other one is in line {before}"),
                    None,
                );
            }
        }
        kinds.into_iter().map(|(kind, _)| kind).collect()
    }

    fn paths(&mut self, value: Option<&Located>, what: &str) -> Vec<FieldPath> {
        let mut paths = Vec::new();
        for (text, place) in self.reader.texts(value, what) {
            match FieldPath::parse(&text) {
                Ok(path) => paths.push(path),
                Err(cause) => self.reader.problem(
                    &place,
                    format!("`{text}` is no path of keys"),
                    cause,
                    Some("write a path as in `spec.image` or `spec.tasks[*].image`".to_owned()),
                ),
            }
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Supplement, Vec<String>> {
        let file = Arc::new(SourceFile {
            path: SUPPLEMENT.to_owned(),
            text: text.to_owned(),
        });
        supplement(&file).map_err(|problems| {
            let told = |problem: &Problem| {
                let place = problem.source.as_ref().map(ToString::to_string);
                let label = problem.label.as_deref().unwrap_or_default();
                format!("{} {}: {label}", place.unwrap_or_default(), problem.message)
            };
            problems.iter().map(told).collect()
        })
    }

    #[test]
    fn a_file_without_anything_is_no_mistake() {
        assert_eq!(read("# nothing yet\n"), Ok(Supplement::default()));
        assert_eq!(read("images:\n"), Ok(Supplement::default()));
    }

    #[test]
    fn commands_of_plugins_are_read() {
        let text = "plugins:\n  - {name: tool-v1, command: [sh, -c, cat *.txt], timeout: 5s}\n";
        let plugin = &read(text).expect("a good file").plugins[0];
        assert_eq!(plugin.words, ["sh", "-c", "cat *.txt"]);
        assert_eq!(plugin.timeout, Duration::from_secs(5));
        assert_eq!(
            read("plugins: [{name: a}]\n").expect_err("a mistake"),
            ["firstlight.yaml:1:11 `command` is missing: expected the key `command` here"]
        );
    }

    #[test]
    fn answers_for_generators_are_read() {
        let good = read(
            "generators:\n  - {applicationSet: a, generator: plugin, file: a.yaml, at: 'spec.generators[1]'}\n",
        );
        let rule = &good.expect("a good file").generators[0];
        assert_eq!(rule.generator, GeneratorKind::Plugin);
        assert_eq!(rule.at.as_deref(), Some("spec.generators[1]"));
        assert!(rule.is_for("kind", "a") && !rule.is_for("kind", "b"));
        let told = read("generators:\n  - {generator: git, fil: x}\n");
        assert_eq!(
            told.expect_err("three mistakes"),
            [
                "firstlight.yaml:2:22 unknown key `fil`: did you mean `file`?",
                "firstlight.yaml:2:5 `applicationSet` is missing: expected the key \
                 `applicationSet` here",
                "firstlight.yaml:2:5 `file` is missing: expected the key `file` here",
                "firstlight.yaml:2:17 unknown generator that asks a cluster or a service `git`: not \
                 a known generator that asks a cluster or a service",
            ]
        );
    }

    #[test]
    fn a_rule_is_read() {
        let read = read(
            "images:\n  - apiGroup: example.org\n    kind: [Runner, Job]\n    paths: [spec.image]\n",
        );
        let rule = &read.expect("a good file").images[0];
        assert_eq!(rule.api_group, "example.org");
        assert_eq!(rule.kinds, ["Runner", "Job"]);
        assert_eq!(rule.paths[0].to_string(), "spec.image");
        assert_eq!(rule.source.to_string(), "firstlight.yaml:2:5");
    }

    #[test]
    fn all_mistakes_are_told_in_one_go() {
        let problems = read(
            "image: []
images:
  - text
  - {kind: A, apigroup: x.org, paths: [spec..image]}
  - {kind: B, apiGroup: x.org/v1}
  - {apiGroup: x.org, paths: [spec.image]}
  - {apiGroup: x.org, kind: [C, C], paths: spec.image}
",
        );
        assert_eq!(
            problems.expect_err("mistakes"),
            [
                "firstlight.yaml:1:1 unknown key `image`: did you mean `images`?",
                "firstlight.yaml:3:5 this is no rule for images: expected a map, but it is a text",
                "firstlight.yaml:4:15 unknown key `apigroup`: did you mean `apiGroup`?",
                "firstlight.yaml:4:40 `spec..image` is no path of keys: there is nothing between \
                 two dots",
                "firstlight.yaml:5:25 apiGroup has a version: expected `x.org`",
                "firstlight.yaml:5:5 this rule does not say where images stand: expected `paths` \
                 or `podTemplates`",
                "firstlight.yaml:6:5 `kind` is missing: expected the key `kind` here",
                "firstlight.yaml:7:33 there are two rules for the images of C: the other one is in \
                 line 7",
                "firstlight.yaml:7:44 paths must be a list, but is a text: expected a list",
            ]
        );
    }
}
