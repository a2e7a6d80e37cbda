//! A chart in memory: takes files, gives metadata, values, templates and the charts below it,
//! never renders and never reaches the network.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use gotemplate::FrozenMap;
use serde_json::{Map, Value as Json};

use crate::files::{self, Budget, File, FilesError, LoadLimits};
use crate::known_documents::{CrdFile, KnownDocuments};
use crate::layout::Layout;
use crate::metadata::{Dependency, Lock, Metadata, MetadataError};
use crate::schema::Schema;
use crate::values::{self, ValuesError};
use crate::version;

/// Why a chart could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Its files could not be read.
    #[error("{path}: {source}", path = path.display())]
    Files {
        /// The chart.
        path: PathBuf,
        /// Why.
        source: FilesError,
    },
    /// There is no `Chart.yaml`.
    #[error("Chart.yaml file is missing")]
    NoMetadata,
    /// A file of the chart is no YAML.
    #[error("cannot load {file}: error converting YAML to JSON: {source}")]
    Yaml {
        /// The file within the chart.
        file: &'static str,
        /// What is wrong, with its line.
        source: goyaml::Error,
    },
    /// A file of the chart has fields of the wrong type or with values that cannot be.
    #[error("cannot load {file}: {source}")]
    Metadata {
        /// The file within the chart.
        file: &'static str,
        /// Where in it, counted from 1; 0 where that is not known.
        line: u32,
        /// The column in characters, counted from 1; 0 where that is not known.
        column: u32,
        /// What is wrong.
        source: MetadataError,
    },
    /// The fields of `Chart.yaml` have values that no chart can have.
    #[error("{source}")]
    Invalid {
        /// The line in `Chart.yaml`, counted from 1; 0 where that is not known.
        line: u32,
        /// The column in characters, counted from 1; 0 where that is not known.
        column: u32,
        /// What is wrong.
        source: MetadataError,
    },
    /// The chart is of a kind that this Helm does not install.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The chart's own values cannot be used.
    #[error("cannot load values.yaml: {}", without_file(.0))]
    Values(#[source] ValuesError),
    /// A chart below it could not be loaded.
    #[error("error unpacking subchart {name} in {parent}: {source}")]
    Subchart {
        /// The directory or archive in `charts/`.
        name: String,
        /// The chart that has it.
        parent: String,
        /// Why.
        source: Box<LoadError>,
    },
    /// A dependency with a `file://` repository could not be loaded.
    #[error("dependency {name} of {parent} ({repository}): {source}")]
    Local {
        /// The dependency.
        name: String,
        /// The chart that has it.
        parent: String,
        /// Where it should be.
        repository: String,
        /// Why.
        source: Box<LoadError>,
    },
    /// A dependency with a `file://` repository has a version outside the range.
    #[error(
        "can't get a valid version for dependency {name} of {parent}: {found} is not in {range}"
    )]
    LocalVersion {
        /// The dependency.
        name: String,
        /// The chart that has it.
        parent: String,
        /// The version found.
        found: String,
        /// The range that is asked for.
        range: String,
    },
    /// Charts stand below charts without end.
    #[error("charts are nested more than {limit} deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
}

/// The file of a chart's own values.
const VALUES: &str = "values.yaml";

/// Words what is wrong with a chart's own values, whose file is told before.
fn without_file(error: &ValuesError) -> String {
    let text = error.to_string();
    let begin = format!("failed to parse {VALUES}: ");
    text.strip_prefix(&begin)
        .map_or(text.clone(), str::to_owned)
}

/// How a chart is loaded.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// What symbolic links and `file://` dependencies may not leave. Without it, links stay within
    /// the chart and charts beside it, and `file://` may lead anywhere.
    pub boundary: Option<PathBuf>,
    /// How much is read at the most.
    pub limits: LoadLimits,
    /// Whether only what stands in `charts/` counts, as for `helm template`. Otherwise `file://`
    /// dependencies are loaded from where they are, as after `helm dependency build`.
    pub bundled_only: bool,
}

/// A Helm chart. Clones share its files; it can be rendered by several threads at once.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What `Chart.yaml` says.
    pub metadata: Metadata,
    /// The charts below it, from `charts/` and from `file://` dependencies.
    pub subcharts: Vec<Chart>,
    pub(crate) content: Arc<Content>,
}

/// What never changes once a chart is loaded.
#[derive(Debug)]
pub(crate) struct Content {
    /// Tells this chart's content from all others of the program.
    pub(crate) id: u64,
    pub(crate) lock: Option<Lock>,
    pub(crate) values: Map<String, Json>,
    /// The text that `values` was read from.
    pub(crate) values_text: Option<String>,
    pub(crate) schema: Option<Schema>,
    pub(crate) templates: Vec<File>,
    /// The texts of the templates, made once for all renderings.
    texts: OnceLock<Vec<Arc<str>>>,
    pub(crate) files: Vec<File>,
    crds: OnceLock<Vec<Arc<CrdFile>>>,
    frozen_values: OnceLock<Arc<FrozenMap>>,
    file_places: OnceLock<BTreeMap<String, usize>>,
    /// What was parsed of renderings whose outermost chart this is.
    pub(crate) known_documents: Arc<KnownDocuments>,
    /// The parsed templates of all, by the charts that take part in a rendering.
    pub(crate) layouts: Mutex<BTreeMap<String, Arc<Layout>>>,
}

impl Content {
    /// Returns the templates with their texts.
    pub(crate) fn templates_with_texts(&self) -> impl Iterator<Item = (&File, &Arc<str>)> {
        let text = |file: &File| file.raw_text().into();
        let texts = self
            .texts
            .get_or_init(|| self.templates.iter().map(text).collect());
        self.templates.iter().zip(texts)
    }

    /// Returns the places of the files by path; of several of one path the last.
    pub(crate) fn file_places(&self) -> &BTreeMap<String, usize> {
        let places = || self.files.iter().enumerate();
        let places = || places().map(|(at, file)| (file.path.clone(), at)).collect();
        self.file_places.get_or_init(places)
    }

    /// Returns the chart's own values for templates.
    pub(crate) fn frozen_values(&self) -> &Arc<FrozenMap> {
        self.frozen_values
            .get_or_init(|| crate::tree::frozen(&self.values))
    }

    /// Returns the custom resource definitions.
    pub(crate) fn crds(&self) -> &[Arc<CrdFile>] {
        let files = || crds_of(&self.files).map(|file| Arc::new(CrdFile::new(file)));
        self.crds.get_or_init(|| files().collect())
    }
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Chart {
    /// Loads a chart from a directory or from a packed chart (`.tgz`).
    pub fn load(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, LoadError> {
        let path = path.as_ref();
        if path.is_dir() {
            return Self::load_dir_with(path, options);
        }
        let bytes = files::read_file(path).map_err(|source| LoadError::Files {
            path: path.to_owned(),
            source,
        })?;
        Self::load_archive_with(&bytes, &options.limits)
    }

    /// Loads a chart from a directory, with its `file://` dependencies.
    pub fn load_dir(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::load_dir_with(path, &LoadOptions::default())
    }

    /// Loads a chart from a directory, with its `file://` dependencies, within bounds.
    pub fn load_dir_with(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let mut chart = Self::load_dir_alone(path, options)?;
        if !options.bundled_only {
            chart.add_local_dependencies(path, options)?;
        }
        Ok(chart)
    }

    /// Loads a packed chart (`.tgz`).
    pub fn load_archive(bytes: &[u8]) -> Result<Self, LoadError> {
        Self::load_archive_with(bytes, &LoadLimits::default())
    }

    /// Loads a packed chart (`.tgz`) within limits.
    pub fn load_archive_with(bytes: &[u8], limits: &LoadLimits) -> Result<Self, LoadError> {
        let chart = Self::from_archive(bytes, &Budget::new(limits), 0)?;
        chart.check_version()?;
        Ok(chart)
    }

    /// Makes a chart of files whose paths are relative to it.
    pub fn from_files(files: Vec<File>) -> Result<Self, LoadError> {
        Self::assemble(files, &Budget::new(&LoadLimits::DEFAULT), 0)
    }

    /// Returns the chart's name.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Returns whether the chart only lends templates to others.
    pub fn is_library(&self) -> bool {
        self.metadata.kind.eq_ignore_ascii_case("library")
    }

    /// Returns `Chart.lock`, if there is one.
    pub fn lock(&self) -> Option<&Lock> {
        self.content.lock.as_ref()
    }

    /// Returns the chart's own values; see [`crate::Values`] for their numbers.
    pub fn values(&self) -> &Map<String, Json> {
        &self.content.values
    }

    /// Returns the text of the chart's own `values.yaml`, if there is one.
    pub fn values_text(&self) -> Option<&str> {
        self.content.values_text.as_deref()
    }

    /// Returns the text of `values.schema.json`.
    pub fn schema(&self) -> Option<&[u8]> {
        let schema = self.content.schema.as_ref();
        schema.map(|schema| schema.text.as_slice())
    }

    /// Returns the templates; their paths begin with `templates/`.
    pub fn templates(&self) -> &[File] {
        &self.content.templates
    }

    /// Returns the files that `.Files` gives, `crds/` among them.
    pub fn files(&self) -> &[File] {
        &self.content.files
    }

    /// Returns the chart's own custom resource definitions, in file order.
    pub fn crds(&self) -> impl Iterator<Item = &File> {
        crds_of(&self.content.files)
    }

    /// Returns the dependencies that `Chart.yaml` names and that are not there: what has to be
    /// fetched, and then given to [`Self::add_subchart`].
    pub fn missing_dependencies(&self) -> Vec<&Dependency> {
        let there = |name: &str| self.subcharts.iter().any(|chart| chart.name() == name);
        self.metadata
            .dependencies
            .iter()
            .filter(|wanted| !there(&wanted.name))
            .collect()
    }

    /// Puts a chart below this one, as if it stood in `charts/`.
    pub fn add_subchart(&mut self, chart: Chart) {
        self.subcharts.push(chart);
    }

    fn load_dir_alone(path: &Path, options: &LoadOptions) -> Result<Self, LoadError> {
        let boundary = options.boundary.as_deref().unwrap_or(path);
        let files = files::read_directory(path, boundary, &options.limits).map_err(|source| {
            LoadError::Files {
                path: path.to_owned(),
                source,
            }
        })?;
        let chart = Self::assemble(files, &Budget::new(&options.limits), 0)?;
        chart.check_version()?;
        Ok(chart)
    }

    /// The outermost chart must be of a version that this Helm knows; those below need not.
    fn check_version(&self) -> Result<(), LoadError> {
        match self.metadata.api_version.as_str() {
            "v1" | "v2" => Ok(()),
            "v3" => Err(LoadError::Unsupported("invalid chart apiVersion")),
            _ => Err(LoadError::Unsupported("unsupported chart version")),
        }
    }

    /// As Helm's `dependency build`, this looks at the outermost chart only.
    fn add_local_dependencies(
        &mut self,
        path: &Path,
        options: &LoadOptions,
    ) -> Result<(), LoadError> {
        let wanted: Vec<Dependency> = self.missing_dependencies().into_iter().cloned().collect();
        for dependency in wanted {
            let Some(place) = dependency.repository.strip_prefix("file://") else {
                continue;
            };
            if self
                .subcharts
                .iter()
                .any(|chart| chart.name() == dependency.name)
            {
                continue;
            }
            let local = |source| LoadError::Local {
                name: dependency.name.clone(),
                parent: self.metadata.name.clone(),
                repository: dependency.repository.clone(),
                source: Box::new(source),
            };
            let place = path.join(place);
            if let Some(boundary) = &options.boundary {
                within(&place, boundary).map_err(local)?;
            }
            let chart = Self::load_dir_alone(&place, options).map_err(local)?;
            if !version::is_compatible(&dependency.version, &chart.metadata.version) {
                return Err(LoadError::LocalVersion {
                    name: dependency.name,
                    parent: self.metadata.name.clone(),
                    found: chart.metadata.version,
                    range: dependency.version,
                });
            }
            self.subcharts.push(chart);
        }
        Ok(())
    }

    fn from_archive(bytes: &[u8], budget: &Budget<'_>, depth: usize) -> Result<Self, LoadError> {
        let files = files::read_archive(bytes, budget.limits)
            .and_then(|files| budget.take(&files).map(|()| files))
            .map_err(|source| LoadError::Files {
                path: PathBuf::from("archive"),
                source,
            })?;
        Self::assemble(files, budget, depth)
    }

    fn assemble(all: Vec<File>, budget: &Budget<'_>, depth: usize) -> Result<Self, LoadError> {
        let limit = budget.limits.depth;
        if depth > limit {
            return Err(LoadError::TooDeep { limit });
        }
        let mut metadata = None;
        for file in all.iter().filter(|file| file.path == "Chart.yaml") {
            let found: &mut Metadata = metadata.get_or_insert_default();
            read_metadata("Chart.yaml", file, found)?;
            if found.api_version.is_empty() {
                "v1".clone_into(&mut found.api_version);
            }
        }
        let mut content = Content {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            lock: None,
            values: Map::new(),
            values_text: None,
            schema: None,
            templates: Vec::new(),
            texts: OnceLock::new(),
            files: Vec::new(),
            crds: OnceLock::new(),
            frozen_values: OnceLock::new(),
            file_places: OnceLock::new(),
            known_documents: Arc::default(),
            layouts: Mutex::default(),
        };
        let mut below: BTreeMap<String, Vec<File>> = BTreeMap::new();
        let mut chart_file = None;
        let first_version = metadata
            .as_ref()
            .is_some_and(|metadata: &Metadata| metadata.api_version == "v1");
        for file in all {
            match file.path.as_str() {
                "Chart.yaml" => chart_file = Some(file),
                "Chart.lock" => content.lock = Some(read_lock("Chart.lock", &file)?),
                "values.yaml" => {
                    let text = values::decoded(VALUES, &file.data)
                        .map_err(LoadError::Values)?
                        .into_owned();
                    content.values = values::read_yaml(VALUES, &text).map_err(LoadError::Values)?;
                    content.values_text = Some(text);
                }
                "values.schema.json" => content.schema = Some(Schema::new(file.data)),
                "requirements.yaml" => {
                    read_metadata("requirements.yaml", &file, metadata.get_or_insert_default())?;
                    if first_version {
                        content.files.push(file);
                    }
                }
                "requirements.lock" => {
                    content.lock = Some(read_lock("requirements.lock", &file)?);
                    if first_version {
                        content.files.push(file);
                    }
                }
                path if path.starts_with("templates/") => content.templates.push(file),
                path if path.starts_with("charts/")
                    && crate::go_path::extension(path) != ".prov" =>
                {
                    let path = path["charts/".len()..].to_owned();
                    let name = path.split('/').next().unwrap_or_default().to_owned();
                    below.entry(name).or_default().push(File {
                        path,
                        data: file.data,
                    });
                }
                _ => content.files.push(file),
            }
        }
        let mut metadata = metadata.ok_or(LoadError::NoMetadata)?;
        metadata
            .validate()
            .map_err(|source| invalid(source, chart_file.as_ref()))?;
        let mut subcharts = Vec::new();
        for (name, files) in below {
            if name.starts_with(['_', '.']) {
                continue;
            }
            let chart = subchart(&name, files, budget, depth + 1).map_err(|source| {
                LoadError::Subchart {
                    name,
                    parent: metadata.name.clone(),
                    source: Box::new(source),
                }
            })?;
            subcharts.push(chart);
        }
        Ok(Self {
            metadata,
            subcharts,
            content: Arc::new(content),
        })
    }
}

/// Returns the custom resource definitions among a chart's files.
fn crds_of(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| {
        let extension = crate::go_path::extension(&file.path).to_ascii_lowercase();
        file.path.starts_with("crds/") && matches!(extension.as_str(), ".yaml" | ".yml" | ".json")
    })
}

fn subchart(
    name: &str,
    files: Vec<File>,
    budget: &Budget<'_>,
    depth: usize,
) -> Result<Chart, LoadError> {
    if crate::go_path::extension(name) == ".tgz" {
        let data = files
            .into_iter()
            .next()
            .map(|file| file.data)
            .unwrap_or_default();
        return Chart::from_archive(&data, budget, depth);
    }
    let files = files
        .into_iter()
        .filter_map(|file| {
            let path = file.path.split_once('/')?.1.to_owned();
            Some(File {
                path,
                data: file.data,
            })
        })
        .collect();
    Chart::assemble(files, budget, depth)
}

fn within(place: &Path, boundary: &Path) -> Result<(), LoadError> {
    let resolve = |path: &Path| {
        path.canonicalize().map_err(|source| LoadError::Files {
            path: path.to_owned(),
            source: FilesError::Read {
                path: path.to_owned(),
                source,
            },
        })
    };
    if resolve(place)?.starts_with(resolve(boundary)?) {
        return Ok(());
    }
    let (path, boundary) = (place.to_owned(), boundary.to_owned());
    let source = FilesError::LinkOut {
        path: path.clone(),
        boundary,
    };
    Err(LoadError::Files { path, source })
}

fn read_metadata(
    name: &'static str,
    file: &File,
    metadata: &mut Metadata,
) -> Result<(), LoadError> {
    let node = goyaml::text_of(&file.data)
        .and_then(|text| goyaml::parse(&text))
        .map_err(|source| LoadError::Yaml { file: name, source })?;
    metadata
        .read(&node.to_json())
        .map_err(|source| unfit(name, &node, source))
}

fn read_lock(name: &'static str, file: &File) -> Result<Lock, LoadError> {
    let node = goyaml::text_of(&file.data)
        .and_then(|text| goyaml::parse(&text))
        .map_err(|source| LoadError::Yaml { file: name, source })?;
    Lock::read(&node.to_json()).map_err(|source| unfit(name, &node, source))
}

/// Adds to an error about a field where the field stands.
fn unfit(file: &'static str, node: &goyaml::Node, source: MetadataError) -> LoadError {
    let (line, column) = source
        .field()
        .and_then(|field| place_of(node, &field))
        .unwrap_or_default();
    LoadError::Metadata {
        file,
        line,
        column,
        source,
    }
}

fn invalid(source: MetadataError, file: Option<&File>) -> LoadError {
    let node = file.and_then(|file| {
        let text = goyaml::text_of(&file.data).ok()?;
        goyaml::parse(&text).ok()
    });
    let place = node.and_then(|node| place_of(&node, &source.field()?));
    let (line, column) = place.unwrap_or_default();
    LoadError::Invalid {
        line,
        column,
        source,
    }
}

/// Returns where a field stands, be it in a list such as the dependencies.
fn place_of(node: &goyaml::Node, field: &str) -> Option<(u32, u32)> {
    if let Some(entry) = node.entry(field) {
        return Some((entry.key_span.line, entry.key_span.column));
    }
    let lists = ["dependencies", "maintainers"];
    let items = lists
        .iter()
        .filter_map(|list| node.get(list)?.as_sequence());
    let mut entries = items.flatten().filter_map(|item| item.entry(field));
    let wrong = entries
        .find(|entry| entry.value.as_mapping().is_some() || entry.value.as_sequence().is_some())?;
    Some((wrong.key_span.line, wrong.key_span.column))
}
