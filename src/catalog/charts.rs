//! Charts that do not stand in the repository: takes archives, gives charts by what was asked for,
//! and what a service still lacks; never fetches.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chart::{Chart, LoadError, LoadOptions};

use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use super::dependency;
use super::fetch::{ChartArchives, ChartRequest};
use super::load::Why;
use super::lock::LockedChart;
use super::service::{Renderer, Service, ServiceSource};

/// What has to be fetched, with the place that asks for it.
pub type Needs = BTreeMap<ChartRequest, Source>;

/// Fetched charts, and those of the repository that were loaded. Clones share the latter.
#[derive(Debug, Clone, Default)]
pub struct Charts {
    fetched: BTreeMap<ChartRequest, (LockedChart, Chart)>,
    /// What cannot be had, and why.
    failed: BTreeMap<ChartRequest, Problem>,
    shelf: Arc<Shelf>,
}

/// Charts that stand in directories, by these. What cannot be loaded is tried again, and told then.
#[derive(Debug, Default)]
struct Shelf(Mutex<BTreeMap<PathBuf, Place>>);

/// Filled by who comes first; others wait.
type Place = Arc<OnceLock<Option<Chart>>>;

impl Shelf {
    fn chart(&self, directory: &Path, options: &LoadOptions) -> Result<Chart, LoadError> {
        let place = {
            let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(places.entry(directory.to_owned()).or_default())
        };
        let load = || Chart::load_dir_with(directory, options).ok();
        match place.get_or_init(load) {
            Some(chart) => Ok(chart.clone()),
            None => Chart::load_dir_with(directory, options),
        }
    }
}

impl PartialEq for Charts {
    fn eq(&self, other: &Self) -> bool {
        let chosen = |charts: &Self| -> Vec<(ChartRequest, LockedChart)> {
            let of = charts.fetched.iter();
            of.map(|(request, (chosen, _))| (request.clone(), chosen.clone()))
                .collect()
        };
        chosen(self) == chosen(other)
    }
}

impl Charts {
    /// Loads archives, beside those that are there. What cannot be loaded is returned, and counts as
    /// what cannot be had.
    pub fn load(&mut self, archives: &ChartArchives) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (request, archive) in archives {
            if self.fetched.contains_key(request) {
                continue;
            }
            match Chart::load_archive(&archive.bytes) {
                Ok(chart) => {
                    let chosen = archive.chosen.clone();
                    self.fetched.insert(request.clone(), (chosen, chart));
                }
                Err(error) => {
                    let message = format!("the chart {request} cannot be loaded: {error}");
                    problems.push(Problem::new(&message));
                    self.fail(request.clone(), Problem::new(message));
                }
            }
        }
        problems
    }

    /// Notes that a chart cannot be had.
    pub fn fail(&mut self, request: ChartRequest, problem: Problem) {
        self.failed.insert(request, problem);
    }

    /// Takes charts over from others, and what cannot be had of them.
    pub fn take_over<'r>(
        &mut self,
        others: &Self,
        requests: impl IntoIterator<Item = &'r ChartRequest>,
    ) {
        for request in requests {
            if let Some(chart) = others.fetched.get(request) {
                self.fetched.insert(request.clone(), chart.clone());
            } else if let Some(problem) = others.failed.get(request) {
                self.fail(request.clone(), problem.clone());
            }
        }
    }

    /// Tells whether a chart is here, or cannot be had.
    pub fn knows(&self, request: &ChartRequest) -> bool {
        self.fetched.contains_key(request) || self.failed.contains_key(request)
    }

    /// Returns why a chart is not here.
    pub(super) fn lack_of(&self, request: &ChartRequest) -> Problem {
        let unknown = || Problem::new(format!("the chart {request} was not fetched"));
        self.failed.get(request).cloned().unwrap_or_else(unknown)
    }

    /// Returns the chart in a directory of a repository, with what stands beside it.
    pub fn local(&self, repository: &Repository, path: &str) -> Result<Chart, LoadError> {
        let root = repository.root();
        let options = LoadOptions {
            boundary: Some(root.to_owned()),
            ..LoadOptions::default()
        };
        self.shelf.chart(&root.join(path), &options)
    }

    /// Returns a chart.
    pub fn get(&self, request: &ChartRequest) -> Option<&Chart> {
        self.fetched.get(request).map(|(_, chart)| chart)
    }

    /// Puts the charts below a chart that it lacks. `path` is where it stands.
    pub fn complete(&self, chart: &mut Chart, path: &str) -> Result<(), Problem> {
        for request in dependency::missing(chart, path)? {
            let found = self.get(&request).ok_or_else(|| {
                let lack = self.lack_of(&request);
                let source = lack.source.clone().unwrap_or_else(|| Source::file(path));
                lack.at(source)
            })?;
            chart.add_subchart(found.clone());
        }
        Ok(())
    }

    /// Adds what a chart of the repository lacks. What is wrong with the chart is told when it is
    /// rendered.
    pub fn needs_of(
        &self,
        repository: &Repository,
        path: &str,
        needs: &mut Needs,
    ) -> Result<(), Problem> {
        let directory = repository.root().join(path);
        let lacks = ["Chart.yaml", "requirements.yaml"]
            .iter()
            .any(|file| asks_remotely(&directory.join(file)));
        if !lacks {
            return Ok(());
        }
        if let Ok(chart) = self.local(repository, path) {
            self.add(
                &chart,
                path,
                &Source::file(format!("{path}/Chart.yaml")),
                needs,
            )?;
        }
        Ok(())
    }

    /// Returns what services lack: their charts, and what charts depend on; and the services that
    /// lack what cannot be had, each with the reason.
    pub fn needs(
        &self,
        repository: &Repository,
        services: &[Service],
    ) -> (Needs, Vec<(String, Why, Problem)>) {
        let (mut needs, mut refused) = (Needs::new(), Vec::new());
        for service in services {
            let mut own = Needs::new();
            for source in &service.sources {
                let result = self.needs_of_source(repository, service, source, &mut own);
                refused.extend(result.err().map(|problem| {
                    let message = format!(
                        "the service {} cannot be rendered: {}",
                        service.name, problem.message
                    );
                    let problem = Problem { message, ..problem };
                    (service.name.clone(), Why::Application, problem)
                }));
            }
            let failed = own.keys().find_map(|request| self.failed.get(request));
            match failed {
                Some(problem) => {
                    refused.push((service.name.clone(), Why::Chart, problem.clone()));
                }
                None => {
                    for (request, source) in own {
                        needs.entry(request).or_insert(source);
                    }
                }
            }
        }
        (needs, refused)
    }

    fn needs_of_source(
        &self,
        repository: &Repository,
        service: &Service,
        source: &ServiceSource,
        needs: &mut Needs,
    ) -> Result<(), Problem> {
        match (&source.chart, &source.renderer) {
            (Some(request), _) => {
                if let Some(chart) = self.get(request) {
                    return self.add(chart, &source.path, &service.source, needs);
                }
                needs
                    .entry(request.clone())
                    .or_insert_with(|| service.source.clone());
                Ok(())
            }
            (None, Renderer::Helm(_)) => {
                self.needs_of(&source.repository(repository), &source.path, needs)
            }
            (None, _) => Ok(()),
        }
    }

    fn add(
        &self,
        chart: &Chart,
        path: &str,
        source: &Source,
        needs: &mut Needs,
    ) -> Result<(), Problem> {
        for request in dependency::missing(chart, path)? {
            if self.get(&request).is_none() {
                needs.entry(request).or_insert_with(|| source.clone());
            }
        }
        Ok(())
    }
}

/// Tells whether a file names a repository that is none of files: most charts name none, and need
/// not be loaded to know it.
fn asks_remotely(path: &std::path::Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|text| {
        text.lines()
            .any(|line| line.contains("repository") && !line.contains("file://"))
    })
}
