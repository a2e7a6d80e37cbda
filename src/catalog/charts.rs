//! Charts that do not stand in the repository: takes archives, gives charts by what was asked for,
//! and what a service still lacks; never fetches.

use std::collections::BTreeMap;

use chart::Chart;

use crate::definition::Repository;
use crate::problem::Problem;
use crate::source::Source;

use super::dependency;
use super::fetch::{ChartArchives, ChartRequest};
use super::lock::LockedChart;
use super::service::{Renderer, Service};

/// What has to be fetched, with the place that asks for it.
pub type Needs = BTreeMap<ChartRequest, Source>;

/// Fetched charts.
#[derive(Debug, Clone, Default)]
pub struct Charts {
    charts: BTreeMap<ChartRequest, (LockedChart, Chart)>,
}

impl PartialEq for Charts {
    fn eq(&self, other: &Self) -> bool {
        let chosen = |charts: &Self| -> Vec<(ChartRequest, LockedChart)> {
            let of = charts.charts.iter();
            of.map(|(request, (chosen, _))| (request.clone(), chosen.clone()))
                .collect()
        };
        chosen(self) == chosen(other)
    }
}

impl Charts {
    /// Loads archives, beside those that are there.
    pub fn load(&mut self, archives: &ChartArchives) -> Result<(), Problem> {
        for (request, archive) in archives {
            if self.charts.contains_key(request) {
                continue;
            }
            let chart = Chart::load_archive(&archive.bytes).map_err(|error| {
                Problem::new(format!("the chart {request} cannot be loaded: {error}"))
            })?;
            self.charts
                .insert(request.clone(), (archive.chosen.clone(), chart));
        }
        Ok(())
    }

    /// Returns a chart.
    pub fn get(&self, request: &ChartRequest) -> Option<&Chart> {
        self.charts.get(request).map(|(_, chart)| chart)
    }

    /// Puts the charts below a chart that it lacks. `path` is where it stands.
    pub fn complete(&self, chart: &mut Chart, path: &str) -> Result<(), Problem> {
        for request in dependency::missing(chart, path)? {
            let found = self.get(&request).ok_or_else(|| {
                Problem::new(format!("the chart {request} was not fetched")).at(Source::file(path))
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
        let options = chart::LoadOptions {
            boundary: Some(repository.root().to_owned()),
            ..chart::LoadOptions::default()
        };
        if let Ok(chart) = Chart::load_dir_with(&directory, &options) {
            self.add(
                &chart,
                path,
                &Source::file(format!("{path}/Chart.yaml")),
                needs,
            )?;
        }
        Ok(())
    }

    /// Adds what services lack: their charts, and what charts depend on.
    pub fn needs(
        &self,
        repository: &Repository,
        services: &[Service],
    ) -> Result<Needs, Vec<Problem>> {
        let (mut needs, mut problems) = (Needs::new(), Vec::new());
        let sources = services
            .iter()
            .flat_map(|service| service.sources.iter().map(move |source| (service, source)));
        for (service, source) in sources {
            let result = match (&source.chart, &source.renderer) {
                (Some(request), _) => {
                    if let Some(chart) = self.get(request) {
                        self.add(chart, &source.path, &service.source, &mut needs)
                    } else {
                        needs
                            .entry(request.clone())
                            .or_insert_with(|| service.source.clone());
                        Ok(())
                    }
                }
                (None, Renderer::Helm(_)) => {
                    self.needs_of(&source.repository(repository), &source.path, &mut needs)
                }
                (None, _) => Ok(()),
            };
            problems.extend(result.err().map(|problem| Problem {
                message: format!(
                    "the service {} cannot be rendered: {}",
                    service.name, problem.message
                ),
                ..problem
            }));
        }
        if problems.is_empty() {
            Ok(needs)
        } else {
            Err(problems)
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
