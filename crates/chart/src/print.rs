//! Manifests as text: takes rendered files, gives what `helm template` prints, never parses
//! templates and never writes.

use std::fmt::Write;

use crate::error::RenderError;
use crate::manifest::{self, Manifest};
use crate::pattern::shell_pattern;
use crate::render::RenderedFiles;

/// What is printed beside the plain manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintOptions {
    /// Whether hooks are.
    pub hooks: bool,
    /// Whether tests are, which are hooks too.
    pub tests: bool,
}

impl Default for PrintOptions {
    fn default() -> Self {
        Self {
            hooks: true,
            tests: true,
        }
    }
}

/// One document, or one file of `crds/`, with the file it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedFile {
    /// The file, such as `chart/templates/service.yaml`.
    pub path: String,
    /// The text.
    pub text: String,
}

/// What `helm template` prints, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printed {
    /// The files of `crds/`.
    pub crds: Vec<PrintedFile>,
    /// The documents that are no hooks.
    pub manifests: Vec<PrintedFile>,
    /// The hooks.
    pub hooks: Vec<PrintedFile>,
}

impl RenderedFiles {
    /// Takes the files apart and puts their documents into Helm's order.
    pub fn print(&self, options: PrintOptions) -> Result<Printed, RenderError> {
        let mut printed = Printed {
            crds: self
                .crds
                .iter()
                .map(|file| PrintedFile {
                    path: file.path.clone(),
                    text: file.text().into_owned(),
                })
                .collect(),
            ..Printed::default()
        };
        for manifest in manifest::documents(&self.files, &|_| None)? {
            let wanted = manifest
                .hook
                .as_ref()
                .is_none_or(|hook| options.hooks && (options.tests || !hook.is_test()));
            if !wanted {
                continue;
            }
            let is_hook = manifest.hook.is_some();
            let Manifest { template, text, .. } = manifest;
            let file = PrintedFile {
                path: template,
                text,
            };
            if is_hook {
                printed.hooks.push(file);
            } else {
                printed.manifests.push(file);
            }
        }
        Ok(printed)
    }

    /// Returns the files as they are: what `helm template --debug` shows where one of them is no
    /// YAML.
    pub fn unparsed_text(&self) -> String {
        let mut text = String::new();
        for (path, content) in &self.files {
            if !content.trim().is_empty() {
                section(&mut text, path, content);
            }
        }
        format!("{}\n", text.trim())
    }
}

impl Printed {
    /// Returns the whole text.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.length());
        for file in self.crds.iter().chain(&self.manifests) {
            section(&mut text, &file.path, &file.text);
        }
        // Helm trims what is no hook, as a whole.
        let begin = text.len() - text.trim_start().len();
        text.drain(..begin);
        text.truncate(text.trim_end().len());
        text.push('\n');
        for file in &self.hooks {
            section(&mut text, &file.path, &file.text);
        }
        text
    }

    /// Returns the documents of the templates that a pattern such as `templates/*.yaml` names, in
    /// the order of the patterns.
    ///
    /// # Errors
    ///
    /// The first pattern that names none.
    pub fn text_of<'p>(&self, patterns: &'p [String]) -> Result<String, &'p str> {
        let whole = self.text();
        let documents: Vec<(&str, &str)> = manifest::split(&whole)
            .into_iter()
            .filter_map(|(_, document)| Some((path_in_chart(document)?, document)))
            .collect();
        let mut text = String::new();
        for pattern in patterns {
            let matcher = shell_pattern(pattern).ok();
            let mut found = false;
            for (path, document) in &documents {
                if matcher.as_ref().is_some_and(|one| one.is_match(path)) {
                    found = true;
                    let _ = writeln!(text, "---\n{document}");
                }
            }
            if !found {
                return Err(pattern);
            }
        }
        Ok(text)
    }

    /// Returns all files and documents in the order in which Helm writes them to a directory.
    pub fn files(&self) -> impl Iterator<Item = &PrintedFile> {
        self.crds.iter().chain(&self.manifests).chain(&self.hooks)
    }

    fn length(&self) -> usize {
        self.files()
            .map(|file| file.path.len() + file.text.len() + "---\n# Source: \n\n".len())
            .sum()
    }
}

impl PrintedFile {
    /// Returns the text with its heading.
    pub fn section(&self) -> String {
        let mut text = String::new();
        section(&mut text, &self.path, &self.text);
        text
    }
}

fn section(text: &mut String, path: &str, content: &str) {
    for part in ["---\n# Source: ", path, "\n", content, "\n"] {
        text.push_str(part);
    }
}

/// Returns the path behind the chart's name in the first comment that tells a source.
fn path_in_chart(document: &str) -> Option<&str> {
    document.match_indices("# Source: ").find_map(|(at, mark)| {
        let (chart, rest) = document[at + mark.len()..].split_once('/')?;
        let path = rest.split('\n').next().unwrap_or_default();
        (!chart.is_empty() && !path.is_empty()).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(files: &[(&str, &str)]) -> RenderedFiles {
        RenderedFiles {
            files: files
                .iter()
                .map(|&(path, text)| (path.to_owned(), text.to_owned()))
                .collect(),
            ..RenderedFiles::default()
        }
    }

    fn small() -> RenderedFiles {
        rendered(&[
            (
                "c/templates/a.yaml",
                "\nkind: Service\n---\nkind: ServiceAccount\n\n",
            ),
            ("c/templates/b.yaml", "# nothing\n"),
            (
                "c/templates/tests/t.yaml",
                "kind: Pod\nmetadata: {annotations: {helm.sh/hook: test}}\n",
            ),
        ])
    }

    #[test]
    fn documents_are_printed_by_kind_with_their_files() {
        let text = small().print(PrintOptions::default()).unwrap().text();
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
        for (hooks, tests) in [(true, false), (false, true)] {
            let text = small().print(PrintOptions { hooks, tests }).unwrap().text();
            assert!(!text.contains("kind: Pod"), "{text}");
        }
    }

    #[test]
    fn patterns_choose_templates() {
        let printed = small().print(PrintOptions::default()).unwrap();
        let only = |pattern: &str| {
            printed
                .text_of(&[pattern.to_owned()])
                .map_err(str::to_owned)
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
