//! What `helm template` prints: takes what rendering gave, gives one text; never renders and never
//! writes to a file or a terminal.

use std::sync::{Arc, LazyLock};

use regex::Regex;

use crate::manifest::{Manifest, Rendered, documents_of};
use crate::pattern::shell_pattern;

/// One text that Helm prints below a `# Source:` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedText {
    /// The file it comes from, such as `chart/templates/service.yaml`.
    pub template: String,
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
            template: manifest.template.clone(),
            text: Arc::clone(&manifest.text),
            part,
        }
    }

    /// Returns the text with what Helm puts around it.
    pub fn with_source(&self) -> String {
        format!("---\n# Source: {}\n{}\n", self.template, self.text)
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

impl Rendered {
    /// Writes what `helm template` prints.
    pub fn print(&self, options: &PrintOptions) -> Result<String, ShowOnlyError> {
        let mut plain = String::new();
        let mut hooks = String::new();
        for text in &self.texts {
            match text.part {
                Part::Crds | Part::Document => plain.push_str(&text.with_source()),
                Part::Hook if !options.no_hooks => hooks.push_str(&text.with_source()),
                Part::Test if !options.no_hooks && !options.skip_tests => {
                    hooks.push_str(&text.with_source());
                }
                Part::Hook | Part::Test => {}
            }
        }
        let all = format!("{}\n{hooks}", plain.trim());
        if options.show_only.is_empty() {
            return Ok(all);
        }
        chosen(&all, &options.show_only)
    }
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
