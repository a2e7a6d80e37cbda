//! What `helm template` prints: takes what rendering gave, gives one text; never renders and never
//! writes to a file or a terminal.

use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::manifest::{Manifest, documents_of};
use crate::pattern::shell_pattern;

/// One text that Helm prints below a `# Source:` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedText {
    /// The file it comes from, such as `chart/templates/service.yaml`.
    pub template: Arc<str>,
    /// The text.
    pub text: Arc<str>,
    /// Which part of the output it belongs to.
    pub part: Part,
}

/// A part of what Helm prints; they follow each other in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A file of `crds/`, whole.
    Crds,
    /// A document.
    Document,
    /// A hook other than a test.
    Hook,
    /// A test.
    Test,
}

impl PrintedText {
    /// Makes the text of one document.
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let part = match &manifest.hook {
            None => Part::Document,
            Some(hook) if hook.is_test() => Part::Test,
            Some(_) => Part::Hook,
        };
        Self {
            template: Arc::clone(&manifest.template),
            text: Arc::clone(&manifest.text),
            part,
        }
    }

    /// Returns the text with what Helm puts around it.
    pub fn with_source(&self) -> String {
        let mut text = String::new();
        self.add_to(&mut text);
        text
    }

    fn add_to(&self, all: &mut String) {
        for part in ["---\n# Source: ", &self.template, "\n", &self.text, "\n"] {
            all.push_str(part);
        }
    }
}

/// What is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrintOptions {
    /// Whether tests are left out (`--skip-tests`).
    pub skip_tests: bool,
    /// Whether hooks are left out, tests among them (`--no-hooks`).
    pub no_hooks: bool,
    /// Which files are printed, as patterns of paths below the chart (`--show-only`); all where
    /// there are none.
    pub show_only: Vec<String>,
}

/// A pattern of `--show-only` matches no file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not find template {pattern} in chart")]
pub struct ShowOnlyError {
    /// The pattern.
    pub pattern: String,
}

static SOURCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("# Source: [^/]+/(.+)").expect("the pattern is a constant"));

impl PrintOptions {
    /// Tells whether a part is printed.
    pub fn prints(&self, part: Part) -> bool {
        match part {
            Part::Crds | Part::Document => true,
            Part::Hook => !self.no_hooks,
            Part::Test => !self.no_hooks && !self.skip_tests,
        }
    }
}

/// Writes what `helm template` prints.
pub fn print(texts: &[PrintedText], options: &PrintOptions) -> Result<String, ShowOnlyError> {
    let length = texts
        .iter()
        .map(|one| one.template.len() + one.text.len() + 20);
    let mut all = String::with_capacity(length.sum());
    let is_plain = |one: &&PrintedText| matches!(one.part, Part::Crds | Part::Document);
    for text in texts.iter().filter(is_plain) {
        text.add_to(&mut all);
    }
    // Helm trims what is no hook, as a whole.
    let begin = all.len() - all.trim_start().len();
    all.drain(..begin);
    all.truncate(all.trim_end().len());
    all.push('\n');
    for text in texts.iter().filter(|one| !is_plain(one)) {
        if options.prints(text.part) {
            text.add_to(&mut all);
        }
    }
    if options.show_only.is_empty() {
        return Ok(all);
    }
    chosen(&all, &options.show_only)
}

/// Takes the documents whose `# Source:` fits one of the patterns, pattern by pattern.
fn chosen(all: &str, patterns: &[String]) -> Result<String, ShowOnlyError> {
    let documents = documents_of(all);
    let mut out = String::new();
    for pattern in patterns {
        let wanted = shell_pattern(pattern);
        let mut missing = true;
        for document in &documents {
            let path = SOURCE.captures(document).and_then(|found| found.get(1));
            let (Some(path), Ok(wanted)) = (path, &wanted) else {
                continue;
            };
            if wanted.is_match(path.as_str()) {
                missing = false;
                out.push_str("---\n");
                out.push_str(document);
                out.push('\n');
            }
        }
        if missing {
            return Err(ShowOnlyError {
                pattern: pattern.clone(),
            });
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::RenderedFiles;

    fn small() -> Vec<PrintedText> {
        let files = [
            (
                "c/templates/a.yaml",
                "\nkind: Service\n---\nkind: ServiceAccount\n\n",
            ),
            ("c/templates/b.yaml", "# nothing\n"),
            (
                "c/templates/tests/t.yaml",
                "kind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n",
            ),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let rendered = RenderedFiles {
            files: files.into(),
            ..RenderedFiles::default()
        };
        rendered.texts().unwrap()
    }

    #[test]
    fn documents_are_printed_by_kind_with_their_files() {
        let text = print(&small(), &PrintOptions::default()).unwrap();
        assert_eq!(
            text,
            "---\n# Source: c/templates/a.yaml\nkind: ServiceAccount\n\n\n\
             ---\n# Source: c/templates/a.yaml\nkind: Service\n\n\
             ---\n# Source: c/templates/b.yaml\n# nothing\n\
             ---\n# Source: c/templates/tests/t.yaml\n\
             kind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n\n"
        );
    }

    #[test]
    fn tests_and_hooks_are_left_out_on_demand() {
        for (no_hooks, skip_tests) in [(true, false), (false, true)] {
            let options = PrintOptions {
                skip_tests,
                no_hooks,
                ..PrintOptions::default()
            };
            let text = print(&small(), &options).unwrap();
            assert!(!text.contains("kind: Pod"), "{text}");
        }
    }

    #[test]
    fn patterns_choose_templates() {
        let only = |pattern: &str| {
            let options = PrintOptions {
                show_only: vec![pattern.to_owned()],
                ..PrintOptions::default()
            };
            print(&small(), &options).map_err(|error| error.pattern)
        };
        assert_eq!(
            only("templates/b.yaml").unwrap(),
            "---\n# Source: c/templates/b.yaml\n# nothing\n\n"
        );
        assert!(
            only("templates/?.yaml")
                .unwrap()
                .contains("kind: Service\n")
        );
        assert_eq!(only("templates/x.yaml").unwrap_err(), "templates/x.yaml");
        assert_eq!(only("[").unwrap_err(), "[");
    }
}
