//! A kustomization of the repository: takes its directory and what was fetched for it, gives its
//! manifests, never fetches.

use kustomize::{DiskFiles, Error, Options, Tools};

use crate::catalog::{Bases, Capabilities, ChartOutput, Charts, KustomizeOptions, Manifest};
use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use super::local_charts::LocalCharts;
use super::tools::BuildOptions;

/// One build.
pub(super) struct Build<'b> {
    /// Where the kustomization stands.
    pub(super) repository: &'b Repository,
    pub(super) path: &'b str,
    /// What the Application says.
    pub(super) options: &'b KustomizeOptions,
    /// What `argocd-cm` says.
    pub(super) settings: &'b BuildOptions,
    pub(super) capabilities: &'b Capabilities,
    /// What was fetched.
    pub(super) bases: &'b Bases,
    pub(super) charts: &'b Charts,
}

impl Build<'_> {
    /// Builds a kustomization.
    pub(super) fn run(&self) -> Result<ChartOutput, Problem> {
        let Self {
            repository,
            path,
            options,
            settings,
            ..
        } = self;
        if let Some(why) = &settings.refused {
            let help = "known are --enable-helm, --load-restrictor, --reorder, \
                        --enable-managedby-label, the options of Helm, and those of plugins";
            return Err(Problem::new(why).help(help));
        }
        let files = DiskFiles::new(repository.root())
            .map_err(|error| Problem::new(format!("cannot read the repository: {error}")))?;
        // What the Application says comes before what the cluster is.
        let version =
            (options.kubernetes_version.as_ref()).unwrap_or(&self.capabilities.kubernetes_version);
        let api_versions = match options.api_versions.as_slice() {
            [] => &self.capabilities.api_versions,
            _ => &options.api_versions,
        };
        let charts = LocalCharts::new(
            repository.root().to_owned(),
            version.clone(),
            api_versions.clone(),
            self.charts,
        );
        let tools = Tools {
            charts: settings.enable_helm.then_some(&charts as _),
            remotes: Some(self.bases),
        };
        let options = Options {
            unrestricted: settings.unrestricted,
            keep_order: settings.keep_order,
            managed_by_label: settings.managed_by_label,
            ..options.build.clone()
        };
        let resources = kustomize::build_with(&files, path, &options, tools)
            .map_err(|error| problem(path, &error))?;
        let manifests = resources.into_iter().map(|resource| Manifest {
            source: Source {
                column: None,
                ..place(&resource.source)
            },
            value: resource.manifest,
        });
        Ok(ChartOutput {
            manifests: manifests.collect(),
            asks_capabilities: charts.were_asked(),
            ..ChartOutput::default()
        })
    }
}

fn place(place: &kustomize::Place) -> Source {
    Source {
        file: place.file.clone(),
        line: (place.line > 0).then_some(place.line),
        column: (place.column > 0).then_some(place.column),
    }
}

/// Words why a kustomization could not be built.
pub(crate) fn problem(path: &str, error: &Error) -> Problem {
    let source = error.place().map_or_else(|| Source::file(path), place);
    // The place stands above the snippet, not in the sentence.
    let text = error.to_string();
    let prefix = error
        .place()
        .map(|place| format!("{place}: "))
        .unwrap_or_default();
    let message = text.strip_prefix(&prefix).unwrap_or(&text);
    let problem = Problem {
        hides_values: error.hides_values(),
        ..Problem::new(message).at(source)
    };
    match error {
        Error::Remote { .. } => {
            problem.help("put a copy of it beside the kustomization, and name its folder")
        }
        Error::Unsupported { name, .. } if name.contains("--enable-helm") => problem.help(
            "--enable-helm lets kustomizations have charts; in Argo CD it stands in \
             `kustomize.buildOptions` of argocd-cm",
        ),
        Error::Outside { .. } => problem.help(
            "move the file into the folder, or give its folder a kustomization and name that; \
             kustomize's option for it is --load-restrictor LoadRestrictionsNone",
        ),
        Error::NoKustomization { .. } => {
            problem.help("name a folder that has one, or a file of resources")
        }
        Error::UnknownField { name, known, .. } => {
            let nearest = crate::suggest::nearest(name, known.iter().map(String::as_str));
            let problem = Problem {
                message: format!("unknown field `{name}`"),
                ..problem
            };
            match nearest {
                Some(nearest) => problem.label(format!("did you mean `{nearest}`?")),
                None => problem,
            }
            .help(format!("known here: {}", known.join(", ")))
        }
        Error::Yaml { place, message } => Problem {
            message: format!("{} is not valid YAML", place.file),
            ..problem
        }
        .label(message.clone()),
        _ => problem,
    }
}
