//! What is wrong with a chart by Helm's rules: takes a directory or an archive and values, gives
//! messages with their files and lines, never renders for a cluster and never writes.
//!
//! The rules and their severities are those of `helm lint` 4.3. What Helm says several times (a
//! chart that cannot be loaded) is said once; where Helm stops at the first unknown field, all are
//! told.

mod addresses;
mod chart_file;
mod definitions;
mod dependencies;
mod deprecation;
mod names;
mod templates;
mod values;

use std::path::{Path, PathBuf};

use crate::capabilities::KubeVersion;
use crate::chart::{Chart, LoadError, LoadOptions};
use crate::files::{self, File, FilesError};
use crate::values::Values;

/// How bad a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LintSeverity {
    /// Worth knowing.
    Info,
    /// Against convention, but it will likely work.
    Warning,
    /// It will likely not work.
    Error,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintMessage {
    /// How bad it is.
    pub severity: LintSeverity,
    /// The rule, in kebab case.
    pub code: &'static str,
    /// The file or directory within the chart; empty where the whole chart is meant.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// A name that is not known.
    pub unknown: Option<UnknownName>,
}

/// A name that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// The names that are known.
    pub known: &'static [&'static str],
}

/// How a chart is looked at.
#[derive(Debug, Clone)]
pub struct LintOptions {
    /// The namespace that the chart is told.
    pub namespace: String,
    /// The version of Kubernetes that the chart is told and that deprecations are held against.
    pub kube_version: KubeVersion,
    /// Whether values may break `values.schema.json`.
    pub skip_schema_validation: bool,
    /// How the chart is loaded.
    pub load: LoadOptions,
}

/// Looks at a chart; the error tells that there is none.
pub fn lint(
    path: &Path,
    given: &Values,
    options: &LintOptions,
) -> Result<Vec<LintMessage>, LoadError> {
    let material = Material::read(path, &options.load)?;
    if material.kind("Chart.yaml") == EntryKind::Missing {
        return Err(LoadError::NoMetadata);
    }
    let mut linter = Linter {
        material: &material,
        messages: Vec::new(),
    };
    chart_file::check(&mut linter);
    let in_metadata = linter.has_errors();
    values::check(&mut linter);
    let chart = Chart::load(
        path,
        &LoadOptions {
            bundled_only: true,
            ..options.load.clone()
        },
    );
    match chart {
        Ok(chart) => {
            templates::check(&mut linter, &chart, given, options);
            dependencies::check(&mut linter, &chart);
            definitions::check(&mut linter, &chart);
        }
        // What is wrong with Chart.yaml or values.yaml has been told with more precision.
        Err(LoadError::Metadata { .. } | LoadError::NoMetadata) if in_metadata => {}
        Err(LoadError::Yaml { .. } | LoadError::Values(_)) if linter.has_errors() => {}
        Err(error) => linter.error("chart-not-loadable", "", None, error.to_string()),
    }
    Ok(linter.messages)
}

/// What stands at a path of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    Missing,
    File,
    Directory,
}

/// The chart as it stands, before it is loaded.
struct Material {
    /// The directory; an archive has none.
    directory: Option<PathBuf>,
    files: Vec<File>,
}

impl Material {
    fn read(path: &Path, options: &LoadOptions) -> Result<Self, LoadError> {
        let failed = |source: FilesError| LoadError::Files {
            path: path.to_owned(),
            source,
        };
        if path.is_dir() {
            let boundary = options.boundary.as_deref().unwrap_or(path);
            // A chart whose Chart.yaml is a directory is to be told so.
            let files = files::read_directory(path, boundary, &options.limits).map_err(failed)?;
            return Ok(Self {
                directory: Some(path.to_owned()),
                files,
            });
        }
        let bytes = files::read_file(path).map_err(failed)?;
        Ok(Self {
            directory: None,
            files: files::read_archive(&bytes, &options.limits).map_err(failed)?,
        })
    }

    fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    fn kind(&self, path: &str) -> EntryKind {
        if let Some(directory) = &self.directory {
            return match std::fs::metadata(directory.join(path)) {
                Ok(metadata) if metadata.is_dir() => EntryKind::Directory,
                Ok(_) => EntryKind::File,
                Err(_) => EntryKind::Missing,
            };
        }
        let below = format!("{path}/");
        if self.file(path).is_some() {
            EntryKind::File
        } else if self.files.iter().any(|file| file.path.starts_with(&below)) {
            EntryKind::Directory
        } else {
            EntryKind::Missing
        }
    }
}

/// Collects messages.
struct Linter<'l> {
    material: &'l Material,
    messages: Vec<LintMessage>,
}

impl Linter<'_> {
    fn tell(
        &mut self,
        severity: LintSeverity,
        code: &'static str,
        (file, line): (&str, Option<u32>),
        message: String,
    ) {
        self.messages.push(LintMessage {
            severity,
            code,
            file: file.to_owned(),
            line: line.filter(|&line| line > 0),
            message,
            unknown: None,
        });
    }

    fn error(
        &mut self,
        code: &'static str,
        file: &str,
        line: Option<u32>,
        message: impl Into<String>,
    ) {
        self.tell(LintSeverity::Error, code, (file, line), message.into());
    }

    fn warning(
        &mut self,
        code: &'static str,
        file: &str,
        line: Option<u32>,
        message: impl Into<String>,
    ) {
        self.tell(LintSeverity::Warning, code, (file, line), message.into());
    }

    fn info(
        &mut self,
        code: &'static str,
        file: &str,
        line: Option<u32>,
        message: impl Into<String>,
    ) {
        self.tell(LintSeverity::Info, code, (file, line), message.into());
    }

    fn has_errors(&self) -> bool {
        self.messages
            .iter()
            .any(|message| message.severity == LintSeverity::Error)
    }
}
