//! What `helm template` prints: takes what rendering gave, gives one text; never renders and never
//! writes to a file or a terminal.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::excerpt::Excerpt;
use crate::manifest::{Manifest, documents_of};
use crate::pattern::shell_pattern;

/// One text that Helm prints below a `# Source:` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedText {
    /// The file it comes from, such as `chart/templates/service.yaml`.
    pub template: Arc<str>,
    /// The text.
    pub text: Excerpt,
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
            text: manifest.text.clone(),
            part,
        }
    }

    /// Returns the text with what Helm puts around it.
    pub fn with_source(&self) -> String {
        self.pieces().concat()
    }

    fn pieces(&self) -> [&str; 5] {
        ["---\n# Source: ", &self.template, "\n", &self.text, "\n"]
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

/// Gives what `helm template` prints, in pieces that follow each other.
pub fn print<'t>(
    texts: &'t [PrintedText],
    options: &PrintOptions,
) -> Result<Vec<Cow<'t, str>>, ShowOnlyError> {
    let is_plain = |one: &&PrintedText| matches!(one.part, Part::Crds | Part::Document);
    let plain = texts.iter().filter(is_plain);
    let mut all: Vec<&str> = plain.flat_map(PrintedText::pieces).collect();
    // Helm trims what is no hook, as a whole; it begins with hyphens.
    while let Some(last) = all.pop() {
        let trimmed = last.trim_end();
        if !trimmed.is_empty() {
            all.push(trimmed);
            break;
        }
    }
    all.push("\n");
    let hooks = texts.iter().filter(|one| !is_plain(one));
    let printed = hooks.filter(|one| options.prints(one.part));
    all.extend(printed.flat_map(PrintedText::pieces));
    if options.show_only.is_empty() {
        return Ok(all.into_iter().map(Cow::Borrowed).collect());
    }
    let chosen = chosen(&all.concat(), &options.show_only)?;
    Ok(vec![Cow::Owned(chosen)])
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
        let files = files.map(|(path, text)| (path.into(), Arc::new(text.to_owned())));
        let rendered = RenderedFiles {
            files: files.into(),
            ..RenderedFiles::default()
        };
        rendered.texts().unwrap()
    }

    #[test]
    fn documents_are_printed_by_kind_with_their_files() {
        let text = print(&small(), &PrintOptions::default()).unwrap().concat();
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
            let text = print(&small(), &options).unwrap().concat();
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
            let small = small();
            let printed = print(&small, &options);
            printed
                .map(|text| text.concat())
                .map_err(|error| error.pattern)
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
